namespace Notary.Evidence;

/// <summary>C2SP tlog-checkpoint: the text that the log's key signs.</summary>
/// <param name="Origin">The log's name.</param>
/// <param name="Size">Number of leaves.</param>
/// <param name="Root">Root of the tree of that size.</param>
public sealed record Checkpoint(string Origin, long Size, Digest Root)
{
    /// <summary>Extension lines, each ended by a newline; empty for checkpoints of this platform.</summary>
    public string Extensions { get; init; } = "";

    /// <summary>The note text: origin, size and base64 root, each ended by a newline.</summary>
    public string ToBody() => $"{Origin}\n{Size.ToString(CultureInfo.InvariantCulture)}\n{Convert.ToBase64String(Root.ToArray())}\n{Extensions}";

    /// <summary>Reads a note text in its one spelling.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    public static Checkpoint Parse(string body)
    {
        var lines = body.Split('\n');
        if (lines.Length < 4 || lines[^1].Length != 0 || lines[..^1].Any(l => l.Length == 0)
            || !long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            || !Base64.TryDecode(lines[2], out var root) || root.Length != Digest.Size)
        {
            throw new FaultException(Fault.Malformed, "not a checkpoint");
        }

        var checkpoint = new Checkpoint(lines[0], size, new Digest(root)) { Extensions = string.Concat(lines[3..^1].Select(l => l + "\n")) };
        return checkpoint.ToBody() == body ? checkpoint : throw new FaultException(Fault.Malformed, "not a checkpoint in its one spelling");
    }
}
