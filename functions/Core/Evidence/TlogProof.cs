namespace Notary.Evidence;

/// <summary>C2SP tlog-proof: an inclusion proof and the checkpoint it leads to, in one text.</summary>
/// <param name="Index">The entry's index in the log, from 0.</param>
/// <param name="Path">From the leaf's sibling to the root's child.</param>
/// <param name="CheckpointNote">The signed checkpoint, verbatim.</param>
/// <param name="Extra">Opaque, not authenticated by anything; null for proofs of this platform.</param>
public sealed record TlogProof(long Index, IReadOnlyList<Digest> Path, string CheckpointNote, byte[]? Extra)
{
    private const string Magic = "c2sp.org/tlog-proof@v1";

    /// <summary>Characters of a whole proof: a note, 63 hashes and as much again of extra data.</summary>
    public const int MaxLength = 2 * SignedNote.MaxBytes;

    /// <summary>The text, to be stored as <c>.tlog-proof</c>.</summary>
    public string ToText()
    {
        var extra = Extra is null ? "" : $"extra {Convert.ToBase64String(Extra)}\n";
        var path = string.Concat(Path.Select(p => Convert.ToBase64String(p.ToArray()) + "\n"));
        return $"{Magic}\n{extra}index {Index.ToString(CultureInfo.InvariantCulture)}\n{path}\n{CheckpointNote}";
    }

    /// <summary>Reads the text in its one spelling. The checkpoint is not verified.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    public static TlogProof Parse(string text)
    {
        var blank = text.IndexOf("\n\n", StringComparison.Ordinal);
        if (text.Length > MaxLength || blank < 0)
            throw Malformed();

        var lines = text[..blank].Split('\n').AsSpan();
        byte[]? extra = null;
        if (lines[0] != Magic)
            throw Malformed();

        lines = lines[1..];
        if (lines.Length > 0 && lines[0].StartsWith("extra ", StringComparison.Ordinal))
        {
            extra = Base64.TryDecode(lines[0]["extra ".Length..], out var bytes) ? bytes : throw Malformed();
            lines = lines[1..];
        }

        if (lines.Length is 0 or > Merkle.MaxProof + 1 || !lines[0].StartsWith("index ", StringComparison.Ordinal)
            || !long.TryParse(lines[0].AsSpan("index ".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
        {
            throw Malformed();
        }

        var path = new List<Digest>();
        foreach (var line in lines[1..])
            path.Add(Base64.TryDecode(line, out var hash) && hash.Length == Digest.Size ? new Digest(hash) : throw Malformed());

        var proof = new TlogProof(index, path, text[(blank + 2)..], extra);
        return proof.ToText() == text ? proof : throw Malformed();
    }

    private static FaultException Malformed() => new(Fault.Malformed, "not a tlog-proof");
}
