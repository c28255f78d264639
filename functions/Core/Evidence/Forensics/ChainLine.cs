using System.Buffers.Text;

namespace Notary.Evidence.Forensics;

/// <summary>A line of chain.ndjson: a link and its signature, in the one spelling that RFC 8785 leaves.</summary>
public static class ChainLine
{
    /// <summary>Bytes of a signature: r and s of P-256 (IEEE P1363).</summary>
    public const int SignatureBytes = 64;

    private const int SignatureText = 86;

    private static ReadOnlySpan<byte> Before => "{\"link\":"u8;

    private static ReadOnlySpan<byte> Between => ",\"signature\":\""u8;

    private static ReadOnlySpan<byte> After => "\"}"u8;

    /// <summary>The line with its LF.</summary>
    /// <param name="link">Canonical bytes.</param>
    /// <param name="signature">64 bytes.</param>
    public static byte[] Write(ReadOnlySpan<byte> link, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != SignatureBytes)
            throw new ArgumentException($"a signature has {SignatureBytes} bytes, not {signature.Length}", nameof(signature));

        return [.. Before, .. link, .. Between, .. Base64Url.EncodeToUtf8(signature), .. After, (byte)'\n'];
    }

    /// <summary>Takes a line apart. Whether the link is one, and the signature its, is not looked at.</summary>
    /// <param name="line">Without its LF.</param>
    /// <param name="link">The bytes that were signed and hashed.</param>
    /// <param name="signature">64 bytes.</param>
    public static bool TryRead(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> link, out byte[] signature)
    {
        link = [];
        signature = [];
        var length = line.Length - Before.Length - Between.Length - SignatureText - After.Length;
        if (length <= 0 || line.Length > ForensicsFormat.MaxLine)
            return false;

        link = line.Slice(Before.Length, length);
        var text = line.Slice(Before.Length + length + Between.Length, SignatureText);
        if (!Base64Url.IsValid(text))
            return false;

        // The decoder lets stray low bits pass, so the whole line is written again.
        signature = Base64Url.DecodeFromUtf8(text);
        return signature.Length == SignatureBytes && Write(link, signature).AsSpan(0, line.Length).SequenceEqual(line);
    }
}
