using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Azure.Core;

namespace Notary.Forensics.VirtualDesktops;

/// <summary>What a service of Azure answered.</summary>
/// <param name="Status">Success, 404 or 409; all else is thrown.</param>
/// <param name="RetryAfter">When to ask again, where it said so.</param>
internal sealed record ResourceAnswer(int Status, JsonObject Body, TimeSpan? RetryAfter)
{
    public bool Found => Status != 404;

    /// <summary>Something else is at work on the resource.</summary>
    public bool Busy => Status == 409;
}

/// <summary>It does not answer, or not so that one could go on.</summary>
/// <param name="message">Never content: statuses and Azure's own codes.</param>
/// <param name="refused">The request itself is wrong: the same again is refused again.</param>
internal sealed class ResourceException(string message, bool refused = false, Exception? cause = null) : IOException(message, cause)
{
    public bool Refused => refused;
}

/// <summary>The resource manager, or Graph, by its REST protocol: a token of the broker's identity, and no call before it wants one.</summary>
/// <remarks>A 429 or 503 stops every call until its Retry-After: its bounds are of the subscription, not of a session.</remarks>
internal sealed class ResourceManager(HttpClient http, TokenCredential credential, Uri root, TimeProvider clock)
{
    /// <summary>Where it does not say how long: twice as long each time.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2), LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>Pages of a list: a group holds some hundred resources.</summary>
    private const int MaxPages = 50;

    // Asks for another token than the one that was not taken, whatever is cached.
    private const string AnotherToken = """{"access_token":{"nbf":{"essential":true}}}""";

    private readonly string scope = root.GetLeftPart(UriPartial.Authority) + "/.default";
    private readonly Lock gate = new();
    private DateTimeOffset notBefore;
    private int refusals;

    /// <param name="method">Of HTTP.</param>
    /// <param name="path">Under the root, with its api-version.</param>
    /// <param name="body">JSON.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="ResourceException">No success, 404 or 409.</exception>
    public async Task<ResourceAnswer> SendAsync(HttpMethod method, string path, JsonObject? body, CancellationToken cancel)
    {
        lock (gate)
        {
            if (clock.GetUtcNow() < notBefore)
                throw new ResourceException("the service asked for a pause that is not over");
        }

        for (string? claims = null; ; claims = AnotherToken)
        {
            using var answer = await AskAsync(method, path, body, claims, cancel).ConfigureAwait(false);
            if (answer.StatusCode == HttpStatusCode.Unauthorized && claims is null)
                continue;

            return await ReadAsync(answer, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>All pages of a list.</summary>
    /// <exception cref="ResourceException">As of <see cref="SendAsync"/>.</exception>
    public async Task<IReadOnlyList<JsonObject>> ListAsync(string path, CancellationToken cancel)
    {
        var all = new List<JsonObject>();
        for (var pages = 0; pages < MaxPages; pages++)
        {
            var page = await SendAsync(HttpMethod.Get, path, null, cancel).ConfigureAwait(false);
            if (!page.Found)
                return all;

            all.AddRange((page.Body["value"] as JsonArray ?? []).OfType<JsonObject>());
            if ((string?)(page.Body["nextLink"] ?? page.Body["@odata.nextLink"]) is not { Length: > 0 } next)
                return all;

            // Our token goes nowhere else.
            path = Uri.TryCreate(next, UriKind.Absolute, out var uri) && uri.GetLeftPart(UriPartial.Authority) == root.GetLeftPart(UriPartial.Authority)
                ? uri.PathAndQuery.TrimStart('/') : throw new ResourceException("a list goes on at another address");
        }

        throw new ResourceException("a list has no end");
    }

    private async Task<HttpResponseMessage> AskAsync(HttpMethod method, string path, JsonObject? body, string? claims, CancellationToken cancel)
    {
        try
        {
            var token = await credential.GetTokenAsync(new TokenRequestContext([scope], claims: claims), cancel).ConfigureAwait(false);
            using var request = new HttpRequestMessage(method, new Uri(root, path));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Token);
            if (body is not null)
                request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");

            return await http.SendAsync(request, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested && e is not ResourceException)
        {
            // The identity service, or the service itself: neither has an exception of its own for being away.
            throw new ResourceException($"no answer: {e.GetType().Name}", cause: e);
        }
    }

    private async Task<ResourceAnswer> ReadAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        var status = (int)answer.StatusCode;
        var after = answer.Headers.RetryAfter is not { } said ? null : said.Delta ?? said.Date - clock.GetUtcNow();
        if (status is 429 or 503)
        {
            Pause(after);
            throw new ResourceException($"{status}: asks for a pause");
        }

        refusals = 0;
        var body = await BodyAsync(answer, cancel).ConfigureAwait(false);
        return answer.IsSuccessStatusCode || status is 404 or 409 ? new ResourceAnswer(status, body, after)
            : throw new ResourceException($"{status} {CodeOf(body["error"])}", refused: status is 400 or 403 or 422);
    }

    /// <summary>Azure's own code of an error; one of its details where the error only says that there are some.</summary>
    public static string CodeOf(JsonNode? error)
        => error?["details"] is JsonArray { Count: > 0 } details && CodeOf(details[0]) is { Length: > 0 } inner ? inner
            : (string?)error?["code"] is { Length: <= 100 } code && code.All(char.IsAsciiLetterOrDigit) ? code : "";

    private void Pause(TimeSpan? after)
    {
        lock (gate)
        {
            var own = TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, FirstPause.Ticks << Math.Min(refusals++, 10)));
            notBefore = clock.GetUtcNow() + (after > TimeSpan.Zero ? after.Value : own);
        }
    }

    private static async Task<JsonObject> BodyAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        try
        {
            var text = await answer.Content.ReadAsStringAsync(cancel).ConfigureAwait(false);
            return text.Length == 0 ? [] : JsonNode.Parse(text) as JsonObject ?? [];
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            throw new ResourceException("an answer that cannot be read", cause: e);
        }
    }
}
