using Notary.Evidence;

namespace Notary.Host.Http;

/// <summary>Content-Digest (RFC 9530 §2): a structured-field dictionary of byte sequences, <c>sha-256=:…:</c>.</summary>
internal static class ContentDigest
{
    public const string Header = "Content-Digest";

    // A dozen algorithms' worth; the real header has one or two.
    private const int MaxLength = 1024;

    /// <summary>The announced SHA-256, or null when nothing is announced.</summary>
    /// <exception cref="FaultException">Malformed; also when only algorithms are named that are not checked here, since silence would look like a check.</exception>
    public static Digest? Of(HttpRequest request)
    {
        var sent = request.Headers[Header];
        if (sent.Count == 0)
        {
            return null;
        }

        var text = sent.ToString();
        if (text.Length > MaxLength)
        {
            throw Wrong();
        }

        Digest? found = null;
        foreach (var member in text.Split(','))
        {
            var parts = member.Trim().Split('=', 2);
            if (parts.Length != 2 || parts[1] is not [':', .., ':'] || parts[1].Length < 2)
            {
                throw Wrong();
            }

            var bytes = new byte[MaxLength];
            if (!Convert.TryFromBase64String(parts[1][1..^1], bytes, out var length))
            {
                throw Wrong();
            }

            if (parts[0] == "sha-256")
            {
                found = length == Digest.Size && found is null ? new Digest(bytes.AsSpan(0, length)) : throw Wrong();
            }
        }

        return found ?? throw Wrong();
    }

    /// <summary>The header's value for a digest.</summary>
    public static string Format(Digest digest) => $"sha-256=:{Convert.ToBase64String(digest.ToArray())}:";

    private static FaultException Wrong() => new(Fault.Malformed, $"{Header} is not sha-256=:base64: (RFC 9530)");
}
