using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Notary.Cli;

/// <summary>The platform's HTTP API as far as this tool calls it.</summary>
internal sealed class ApiClient : IDisposable
{
    /// <summary>Bytes of a JSON answer; more is no answer of ours.</summary>
    private const int MaxAnswer = 1024 * 1024;

    private readonly HttpClient http;

    public ApiClient(Uri url, string key)
    {
        // An API key in clear text is everybody's; loopback is for trying things out.
        if (url.Scheme != Uri.UriSchemeHttps && !(url.Scheme == Uri.UriSchemeHttp && url.IsLoopback))
        {
            throw new CliException("--url must be https, or http on this machine");
        }

        http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false })
        {
            BaseAddress = url.AbsoluteUri.EndsWith('/') ? url : new Uri(url.AbsoluteUri + "/"),
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MaxAnswer,
        };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public Task<JsonNode> GetAsync(string path, CancellationToken c) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path), c);

    public Task<JsonNode> PostAsync(string path, JsonNode body, CancellationToken c)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        return SendAsync(request, c);
    }

    public Task DeleteAsync(string path, CancellationToken c) => SendAsync(new HttpRequestMessage(HttpMethod.Delete, path), c);

    public async Task<JsonNode> SendAsync(HttpRequestMessage request, CancellationToken c)
    {
        using (request)
        {
            using var response = await http.SendAsync(request, c);
            await RefuseAsync(response, c);
            var text = await response.Content.ReadAsStringAsync(c);
            try
            {
                return (text.Length == 0 ? null : JsonNode.Parse(text)) ?? new JsonObject();
            }
            catch (JsonException e)
            {
                throw new CliException("the server answered something that is not JSON", e);
            }
        }
    }

    public async Task DownloadAsync(string path, Stream to, CancellationToken c)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, c);
        await RefuseAsync(response, c);
        await response.Content.CopyToAsync(to, c);
    }

    public void Dispose() => http.Dispose();

    /// <summary>RFC 9457: the problem's code and detail are the sentence.</summary>
    private static async Task RefuseAsync(HttpResponseMessage response, CancellationToken c)
    {
        if (response.IsSuccessStatusCode)
        {
            return;
        }

        var (code, detail) = ("", response.ReasonPhrase);
        try
        {
            var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync(c));
            (code, detail) = ((string?)problem?["code"], (string?)problem?["detail"] ?? (string?)problem?["title"]);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or HttpRequestException)
        {
            // The status is all there is to say.
        }

        throw new CliException($"the server answered {(int)response.StatusCode} {code}: {detail}");
    }
}
