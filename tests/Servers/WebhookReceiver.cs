namespace Notary.Servers;

/// <summary>What a receiver got.</summary>
/// <param name="At">Its own clock's milliseconds since 1970.</param>
/// <param name="Verified">Whether the published library took it.</param>
public sealed record ReceivedWebhook(string Id, long At, bool Verified, string? ContentType, string Timestamp, string Signature, string Body);

/// <summary>A receiver of webhooks that verifies with npm's standardwebhooks, good or bad in six kinds, by the address it is called at.</summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    /// <summary>The bad ones.</summary>
    public static readonly IReadOnlyList<string> BadKinds = ["hang", "reset", "500", "302", "410", "endless"];

    private readonly ChildProcess process;
    private readonly HttpClient http;

    private WebhookReceiver(ChildProcess process, Uri url)
    {
        (this.process, Url) = (process, url);
        http = new HttpClient { BaseAddress = url, Timeout = TimeSpan.FromMinutes(2) };
    }

    public Uri Url { get; }

    /// <summary>Starts it and waits until it listens.</summary>
    public static async Task<WebhookReceiver> StartAsync(CancellationToken cancel = default)
    {
        const string Listening = "listening ";
        var process = await ChildProcess.StartAsync(
            new ChildStart("node", Path.Combine(Repository.Root, "tests", "Servers", "webhook-receiver.mjs"), "0")
            {
                Ready = (child, _) => Task.FromResult(child.StandardOutput.Contains(Listening, StringComparison.Ordinal)),
            },
            cancel);
        var port = process.StandardOutput[(process.StandardOutput.IndexOf(Listening, StringComparison.Ordinal) + Listening.Length)..].Split('\n')[0].Trim();
        return new WebhookReceiver(process, new Uri($"http://127.0.0.1:{port}/"));
    }

    /// <summary>The address of an endpoint.</summary>
    /// <param name="kind">good, or one of <see cref="BadKinds"/>.</param>
    /// <param name="name">Tells one from another.</param>
    public Uri Endpoint(string kind, string name) => new(Url, $"{kind}/{name}");

    /// <summary>Tells it the secrets of an endpoint.</summary>
    public async Task KnowAsync(string name, params string[] secrets)
    {
        using var answer = await http.PutAsync(new Uri($"secret/{name}", UriKind.Relative), new StringContent(string.Join('\n', secrets)));
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Lets it answer otherwise for some times.</summary>
    public async Task AnswerAsync(string name, int status, int times, string? retryAfter = null)
    {
        var headers = new JsonObject();
        if (retryAfter is not null)
            headers["retry-after"] = retryAfter;

        using var answer = await http.PutAsync(new Uri($"answer/{name}", UriKind.Relative),
            new StringContent(new JsonObject { ["status"] = status, ["times"] = times, ["headers"] = headers }.ToJsonString()));
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Everything that came to an endpoint, in its order.</summary>
    public async Task<IReadOnlyList<ReceivedWebhook>> GotAsync(string name)
        => [.. (await http.GetStringAsync(new Uri($"got/{name}", UriKind.Relative))).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<ReceivedWebhook>(line, JsonSerializerOptions.Web)!)];

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await process.DisposeAsync();
    }
}
