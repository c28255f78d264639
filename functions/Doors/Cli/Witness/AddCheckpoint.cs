namespace Notary.Cli;

/// <summary>The body of <c>add-checkpoint</c> (C2SP tlog-witness).</summary>
/// <param name="Old">Size of the checkpoint that the proof begins at.</param>
/// <param name="Proof">RFC 6962 §2.1.2.</param>
/// <param name="Note">The signed checkpoint.</param>
internal sealed record AddCheckpoint(long Old, IReadOnlyList<Digest> Proof, string Note)
{
    /// <summary>Bytes of a body: the longest note, 63 lines of 45 and the first line.</summary>
    public const int MaxBytes = SignedNote.MaxBytes + 4096;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a body in its one spelling; null when it is none.</summary>
    public static AddCheckpoint? Parse(ReadOnlySpan<byte> body)
    {
        string text;
        try
        {
            text = Strict.GetString(body);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }

        // The proof has no empty line: the first one ends it.
        var end = text.IndexOf("\n\n", StringComparison.Ordinal);
        var lines = end < 0 ? [] : text[..end].Split('\n');
        if (lines.Length is 0 or > 1 + Merkle.MaxProof || !lines[0].StartsWith("old ", StringComparison.Ordinal)
            || !long.TryParse(lines[0][4..], NumberStyles.None, CultureInfo.InvariantCulture, out var old)
            || old.ToString(CultureInfo.InvariantCulture) != lines[0][4..])
            return null;

        var proof = new List<Digest>();
        foreach (var line in lines[1..])
        {
            var bytes = new byte[Digest.Size];
            if (!Convert.TryFromBase64String(line, bytes, out var length) || length != Digest.Size || Convert.ToBase64String(bytes) != line)
                return null;

            proof.Add(new Digest(bytes));
        }

        return new AddCheckpoint(old, proof, text[(end + 2)..]);
    }
}
