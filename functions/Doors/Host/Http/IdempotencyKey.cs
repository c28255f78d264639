namespace Notary.Host.Http;

/// <summary>The Idempotency-Key header (draft-ietf-httpapi-idempotency-key-header): a structured-field string, whose quotes many clients leave out.</summary>
internal static class IdempotencyKey
{
    public const string Header = "Idempotency-Key";

    public static readonly Parameter Description = new(Header, "header",
        "1-255 printable ASCII characters. The same key and body give the same answer byte for byte; the same key with another body is a 409.");

    /// <summary>For routes that take no request without one.</summary>
    public static readonly Parameter Needed = Description with { Required = true };

    /// <exception cref="FaultException">Malformed when it is empty, too long, repeated or not printable ASCII.</exception>
    public static string? Of(HttpRequest request)
    {
        var sent = request.Headers[Header];
        if (sent.Count == 0)
            return null;

        var key = sent is [{ } one] ? one.Trim() : "";
        if (key is ['"', .., '"'] && key.Length >= 2)
            key = key[1..^1].Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal);

        return key.Length is > 0 and <= DepositLimits.MaxIdempotencyKeyLength && key.All(c => c is >= ' ' and <= '~')
            ? key
            : throw new FaultException(Fault.Malformed, $"{Header} has 1 to {DepositLimits.MaxIdempotencyKeyLength} printable ASCII characters");
    }
}
