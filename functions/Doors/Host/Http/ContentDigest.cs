namespace Notary.Host.Http;

/// <summary>Content-Digest (RFC 9530 §2): a structured-field dictionary of byte sequences, <c>sha-256=:…:</c>, <c>sha-512=:…:</c> or both.</summary>
internal sealed record ContentDigest(Digest? Sha256, byte[]? Sha512)
{
    public const string Header = "Content-Digest";

    // A dozen algorithms' worth; the real header has one or two.
    private const int MaxLength = 1024;

    private static readonly ContentDigest None = new(null, null);

    /// <summary>What is announced; nothing when the header is absent.</summary>
    /// <exception cref="FaultException">Malformed; also when only algorithms are named that are not checked here,
    /// since silence would look like a check.</exception>
    public static ContentDigest Of(HttpRequest request)
    {
        var sent = request.Headers[Header];
        if (sent.Count == 0)
            return None;

        var text = sent.ToString();
        if (text.Length > MaxLength)
            throw Wrong();

        var found = None;
        foreach (var member in text.Split(','))
        {
            var parts = member.Trim().Split('=', 2);
            if (parts.Length != 2 || parts[1] is not [':', .., ':'] || parts[1].Length < 2)
                throw Wrong();

            var buffer = new byte[MaxLength];
            if (!Convert.TryFromBase64String(parts[1][1..^1], buffer, out var length))
                throw Wrong();

            found = parts[0] switch
            {
                "sha-256" => length == SHA256.HashSizeInBytes && found.Sha256 is null
                    ? found with { Sha256 = new Digest(buffer.AsSpan(0, length)) } : throw Wrong(),
                "sha-512" => length == SHA512.HashSizeInBytes && found.Sha512 is null ? found with { Sha512 = buffer[..length] } : throw Wrong(),
                _ => found,
            };
        }

        return found != None ? found : throw Wrong();
    }

    /// <summary>The body, which throws DigestMismatch at its end when it is another than announced.</summary>
    /// <param name="body">The request's.</param>
    /// <param name="alsoSha256">False where the reader computes and compares the SHA-256 himself.</param>
    public Stream Guard(Stream body, bool alsoSha256)
    {
        body = Sha512 is null ? body : new DigestGuard(body, HashAlgorithmName.SHA512, Sha512);
        return alsoSha256 && Sha256 is { } sha256 ? new DigestGuard(body, HashAlgorithmName.SHA256, sha256.ToArray()) : body;
    }

    /// <summary>The header's value for a digest.</summary>
    public static string Format(Digest digest) => $"sha-256=:{Convert.ToBase64String(digest.ToArray())}:";

    private static FaultException Wrong() => new(Fault.Malformed, $"{Header} is not sha-256=:base64: or sha-512=:base64: (RFC 9530)");
}
