namespace Notary.Evidence.Batches;

/// <summary>Where an item stands in its batch, and the way from its leaf to the batch's root.</summary>
/// <param name="Index">The item's number, from 0.</param>
/// <param name="Path">From the leaf's sibling to the root's child.</param>
public sealed record ItemProof(long Index, IReadOnlyList<Digest> Path)
{
    /// <summary>Characters of a whole proof.</summary>
    public const int MaxLength = 1024;

    /// <summary>Whether it leads from an item to the root that a batch's manifest states.</summary>
    public bool Holds(ReadOnlySpan<byte> item, Manifest batch)
        => batch is { ItemCount: { } count, ItemsRoot: { } root } && Merkle.VerifyInclusion(BatchItem.Leaf(item), Index, count, Path, root);

    /// <summary>The text: the format, the index, a hash a line.</summary>
    public string ToText()
        => $"{BatchFormat.Proof}\nindex {Index.ToString(CultureInfo.InvariantCulture)}\n"
            + string.Concat(Path.Select(p => Convert.ToBase64String(p.ToArray()) + "\n"));

    /// <summary>Reads the text in its one spelling.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    public static ItemProof Parse(string text)
    {
        if (text.Length > MaxLength || text.Split('\n') is not [BatchFormat.Proof, var index, .. var hashes, ""]
            || !index.StartsWith("index ", StringComparison.Ordinal) || hashes.Length > BatchFormat.MaxPath
            || !int.TryParse(index.AsSpan("index ".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            throw Malformed();
        }

        var proof = new ItemProof(number,
            [.. hashes.Select(h => Base64.TryDecode(h, out var hash) && hash.Length == Digest.Size ? new Digest(hash) : throw Malformed())]);
        return proof.ToText() == text ? proof : throw Malformed();
    }

    private static FaultException Malformed() => new(Fault.Malformed, "not a path of an item");
}
