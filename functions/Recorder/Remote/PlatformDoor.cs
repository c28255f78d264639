using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Notary.Recorder.Remote;

/// <summary>The platform's door for this session's agent (docs/api.md). While the platform is away everything waits and is sent again.</summary>
internal sealed class PlatformDoor : IDisposable
{
    private const int FirstPause = 500, LongestPause = 10_000;

    /// <summary>What one request may take: a question for commands is held for a quarter of a minute, a large file takes minutes.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = Patience };
    private readonly string root;
    private readonly Terminal terminal;

    public PlatformDoor(Uri root, string key, Terminal terminal)
    {
        (this.root, this.terminal) = (root.AbsoluteUri, terminal);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    /// <exception cref="GoneException">The session has ended, or is none of ours.</exception>
    public Task<JsonObject> OrderAsync(CancellationToken cancel) => AskAsync(() => new HttpRequestMessage(HttpMethod.Get, root), cancel);

    public Task<JsonObject> CommandsAsync(long after, CancellationToken cancel)
        => AskAsync(() => new HttpRequestMessage(HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"{root}/commands?after={after}")), cancel);

    public Task PutAsync(string name, string path, CancellationToken cancel) => AskAsync(() =>
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var digest = SHA256.HashData(file);
        file.Position = 0;
        var content = new StreamContent(file);
        content.Headers.ContentLength = file.Length;
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        content.Headers.Add("Content-Digest", $"sha-256=:{Convert.ToBase64String(digest)}:");
        return new HttpRequestMessage(HttpMethod.Put, $"{root}/files/{name}") { Content = content };
    }, cancel);

    /// <summary>Fetches a file that is to be sealed.</summary>
    /// <returns>Why there is no room for it here; null when it is there.</returns>
    public Task<string?> FetchAsync(string name, string path, CancellationToken cancel)
        => AskAsync<string?>(() => new HttpRequestMessage(HttpMethod.Get, $"{root}/uploads/{name}"), async answer =>
        {
            try
            {
                await using var file = new FileStream(path, FileMode.Create);
                await answer.Content.CopyToAsync(file, cancel);
                return null;
            }
            catch (Exception e) when (e is UnauthorizedAccessException or (IOException and not HttpIOException))
            {
                return e.Message;
            }
        }, cancel);

    /// <summary>Says what became of it.</summary>
    public Task AnswerAsync(string name, JsonObject answer, CancellationToken cancel) => AskAsync(() => new HttpRequestMessage(
        HttpMethod.Post, $"{root}/uploads/{name}") { Content = new StringContent(answer.ToJsonString(), Encoding.UTF8, "application/json") }, cancel);

    public Task AppendAsync(long offset, byte[] lines, CancellationToken cancel) => AskAsync(() =>
    {
        var content = new ByteArrayContent(lines);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        return new HttpRequestMessage(HttpMethod.Post, string.Create(CultureInfo.InvariantCulture, $"{root}/chain?offset={offset}")) { Content = content };
    }, cancel);

    public void Dispose() => http.Dispose();

    private Task<JsonObject> AskAsync(Func<HttpRequestMessage> make, CancellationToken cancel) => AskAsync(make, async answer =>
    {
        var text = await answer.Content.ReadAsStringAsync(cancel);
        return text.Length == 0 ? [] : JsonNode.Parse(text) as JsonObject ?? [];
    }, cancel);

    private async Task<T> AskAsync<T>(Func<HttpRequestMessage> make, Func<HttpResponseMessage, Task<T>> read, CancellationToken cancel)
    {
        for (var pause = FirstPause; ; pause = Math.Min(2 * pause, LongestPause))
        {
            try
            {
                using var request = make();
                using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
                if (answer.IsSuccessStatusCode)
                    return await read(answer);

                var status = (int)answer.StatusCode;
                if (status is not (408 or 429 or >= 500))
                    throw new GoneException($"the platform answered {status} to {request.Method} {request.RequestUri!.AbsolutePath}");

                await terminal.Error.WriteLineAsync($"notary-recorder: the platform answered {status}; again");
            }
            catch (Exception e) when (!cancel.IsCancellationRequested && e is HttpRequestException or HttpIOException or TaskCanceledException or JsonException)
            {
                await terminal.Error.WriteLineAsync($"notary-recorder: the platform does not answer ({e.GetType().Name}); again");
            }

            await Task.Delay(pause, cancel);
        }
    }
}

/// <summary>Nothing more of this session is taken, whatever is done.</summary>
internal sealed class GoneException(string why) : Exception(why);
