using System.Net;
using System.Net.Http.Json;

namespace Notary.Cli;

/// <summary>The server is there and cannot do it now.</summary>
internal sealed class BusyException(string sentence, TimeSpan? after) : CliException(sentence)
{
    /// <summary>When it asked to be asked again.</summary>
    public TimeSpan? After { get; } = after;
}

/// <summary>The platform's HTTP API as far as this tool calls it.</summary>
internal sealed class ApiClient : IDisposable
{
    /// <summary>Bytes of a JSON answer; more is no answer of ours.</summary>
    private const int MaxAnswer = 1024 * 1024;

    /// <summary>Silence on a request that carries no file: a connection that is dead without saying so.</summary>
    private static readonly TimeSpan SmallCall = TimeSpan.FromSeconds(100);

    private readonly HttpClient http;
    private readonly Patience patience;

    /// <param name="patience">For the calls that carry no file; without, each is tried once.</param>
    public ApiClient(Uri url, string key, Patience? patience = null)
    {
        this.patience = patience ?? new Patience(0, TextWriter.Null);
        // An API key in clear text is everybody's; loopback is for trying things out.
        if (!IsSafe(url))
            throw new CliException("--url must be https, or http on this machine");

        // What a header cannot hold is no key of ours, and must not reach the exception that says so.
        if (key.Length == 0 || !key.All(c => c is > ' ' and <= '~'))
            throw new CliException("the API key is empty or not printable ASCII");

        http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false })
        {
            BaseAddress = url.AbsoluteUri.EndsWith('/') ? url : new Uri(url.AbsoluteUri + "/"),
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MaxAnswer,
        };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public static bool IsSafe(Uri url) => url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback);

    public async Task<JsonNode> GetAsync(string path, CancellationToken c)
        => Object(await SmallAsync(() => new HttpRequestMessage(HttpMethod.Get, path), c));

    public async Task<JsonNode> PostAsync(string path, JsonNode body, CancellationToken c, string? key = null)
    {
        key ??= Guid.NewGuid().ToString();
        return Object(await SmallAsync(
            () => new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body), Headers = { { "Idempotency-Key", key } } }, c));
    }

    public Task DeleteAsync(string path, CancellationToken c) => SmallAsync(() => new HttpRequestMessage(HttpMethod.Delete, path), c);

    /// <summary>The answer's bytes as they came, at most so many.</summary>
    public async Task<byte[]> SendAsync(HttpRequestMessage request, CancellationToken c, int most = MaxAnswer)
    {
        using (request)
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, c);
            await response.Content.LoadIntoBufferAsync(response.IsSuccessStatusCode ? most : MaxAnswer, c);
            await RefuseAsync(response, c);
            return await response.Content.ReadAsByteArrayAsync(c);
        }
    }

    public async Task DownloadAsync(string path, Stream to, CancellationToken c)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, c);
        await RefuseAsync(response, c);
        await response.Content.CopyToAsync(to, c);
    }

    public static JsonNode Json(byte[] answer)
    {
        try
        {
            return (answer.Length == 0 ? null : JsonNode.Parse(answer)) ?? new JsonObject();
        }
        catch (JsonException e)
        {
            throw new CliException("the server answered something that is not JSON", e);
        }
    }

    private static JsonObject Object(byte[] answer)
        => Json(answer) as JsonObject ?? throw new CliException("the server answered JSON that is no object");

    /// <summary>A member that is text; null for any other, as a server of another kind may answer.</summary>
    public static string? Text(JsonNode node, string member) => node[member] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    public void Dispose() => http.Dispose();

    private Task<byte[]> SmallAsync(Func<HttpRequestMessage> request, CancellationToken c)
        => patience.TryAsync(async () =>
        {
            using var bound = CancellationTokenSource.CreateLinkedTokenSource(c);
            bound.CancelAfter(SmallCall);
            try
            {
                return await SendAsync(request(), bound.Token);
            }
            catch (OperationCanceledException e) when (!c.IsCancellationRequested)
            {
                throw new HttpRequestException($"the server did not answer within {SmallCall.TotalSeconds:0} seconds", e);
            }
        }, c);

    /// <summary>RFC 9457: the problem's code and detail are the sentence.</summary>
    private static async Task RefuseAsync(HttpResponseMessage response, CancellationToken c)
    {
        if (response.IsSuccessStatusCode)
            return;

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

        var sentence = ReportPrinter.Printable($"the server answered {(int)response.StatusCode} {code}: {detail}");
        throw response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
            or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout
            ? new BusyException(sentence, response.Headers.RetryAfter?.Delta)
            : new CliException(sentence);
    }
}
