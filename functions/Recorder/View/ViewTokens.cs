namespace Notary.Recorder.View;

/// <summary>One-time tokens for the view: the newest counts, once, for a while.</summary>
internal sealed class ViewTokens(TimeProvider clock)
{
    /// <summary>As long as a desktop waits for its user.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    private const int TokenBytes = 32;

    private readonly Lock guard = new();
    private byte[]? digest;
    private DateTimeOffset until;

    /// <summary>A new token, base64url; the one before counts no more.</summary>
    public string New()
    {
        var token = System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));
        lock (guard)
            (digest, until) = (Hash(token), clock.GetUtcNow() + Lifetime);

        return token;
    }

    /// <summary>Whether it counts; then it counts no more.</summary>
    public bool Take(string token)
    {
        lock (guard)
        {
            if (digest is null || clock.GetUtcNow() >= until || !CryptographicOperations.FixedTimeEquals(digest, Hash(token)))
                return false;

            digest = null;
            return true;
        }
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
