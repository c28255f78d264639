namespace Notary.Webhooks;

/// <summary>Standard Webhooks: HMAC-SHA-256 over <c>id.timestamp.body</c>, one signature for each secret that is good now.</summary>
public static class WebhookSignature
{
    /// <summary>The headers.</summary>
    public const string IdHeader = "webhook-id";
    public const string TimestampHeader = "webhook-timestamp";
    public const string SignatureHeader = "webhook-signature";

    /// <summary>The value of <c>webhook-signature</c>: <c>v1,base64</c>, separated by blanks.</summary>
    /// <param name="secrets">Newest first.</param>
    /// <param name="id">The event's: without a dot.</param>
    /// <param name="timestamp">Seconds since 1970, of this attempt.</param>
    /// <param name="body">The exact bytes that are sent.</param>
    public static string Sign(IEnumerable<byte[]> secrets, string id, long timestamp, ReadOnlySpan<byte> body)
    {
        byte[] signed = [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}.")), .. body];
        return string.Join(' ', secrets.Select(secret => "v1," + Convert.ToBase64String(HMACSHA256.HashData(secret, signed))));
    }
}
