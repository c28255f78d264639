namespace Notary.Host.Http;

/// <summary>The id that ties a request, its answer and every log line of it together.</summary>
internal static class CorrelationId
{
    public const string Header = "X-Correlation-Id";

    // The value enters logs: longer ones would let a stranger fill them, other characters would let him forge lines.
    private const int MaxLength = 64;
    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary>Takes the caller's id when it is well formed, else makes one; either way the answer carries it.</summary>
    public static string Begin(HttpContext http)
    {
        var sent = http.Request.Headers[Header];
        var id = sent is [{ Length: > 0 and <= MaxLength } one] && !one.AsSpan().ContainsAnyExcept(Allowed)
            ? one
            : Activity.Current?.TraceId.ToString() ?? Guid.NewGuid().ToString("N");
        http.TraceIdentifier = id;
        http.Response.Headers[Header] = id;
        Activity.Current?.SetTag("notary.correlation_id", id);
        Activity.Current?.AddBaggage("notary.correlation_id", id);
        return id;
    }

    public static string Of(HttpContext http) => http.TraceIdentifier;
}
