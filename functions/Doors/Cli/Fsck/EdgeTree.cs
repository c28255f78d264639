namespace Notary.Cli;

/// <summary>RFC 6962 §2.1 over entries as they are read: an auditor's own tree, not the one the log is written with. Keeps the right edge,
/// and one hash for each full tile.</summary>
internal sealed class EdgeTree
{
    /// <summary>Entries of a tile.</summary>
    public const int Width = 256;

    private readonly List<(long Size, Digest Hash)> edge = [];

    /// <summary>Roots of the full runs of 256 entries, in order: the leaves of all tiles above level 0.</summary>
    public List<Digest> Tiles { get; } = [];

    public long Size { get; private set; }

    public void Append(Digest entry)
    {
        var (size, hash) = (1L, LeafHash(entry));
        while (edge.Count > 0 && edge[^1].Size == size)
        {
            hash = Node(edge[^1].Hash, hash);
            size *= 2;
            edge.RemoveAt(edge.Count - 1);
            if (size == Width)
                Tiles.Add(hash);
        }

        edge.Add((size, hash));
        Size++;
    }

    /// <summary>MTH of what was appended: MTH(D[n]) = H(1, MTH(D[0:k]), MTH(D[k:n])), k the largest power of two below n.</summary>
    public Digest Root()
    {
        if (edge.Count == 0)
            return Digest.Of([]);

        var root = edge[^1].Hash;
        for (var i = edge.Count - 2; i >= 0; i--)
            root = Node(edge[i].Hash, root);

        return root;
    }

    /// <summary>Root of a full subtree of the level's height that begins at a multiple of its size; null when it reaches beyond what was read.</summary>
    /// <param name="height">In tiles, 1 or more: 256^height entries.</param>
    public Digest? Subtree(int height, long index)
    {
        // 256⁷ entries are more than any log has.
        if (height > 7)
            return null;

        var span = 1L;
        for (var i = 1; i < height; i++)
            span *= Width;

        return index < Tiles.Count / span ? Fold((int)(index * span), (int)span) : null;
    }

    public static Digest LeafHash(Digest entry)
    {
        Span<byte> bytes = stackalloc byte[1 + Digest.Size];
        entry.CopyTo(bytes[1..]);
        return Digest.Of(bytes);
    }

    private Digest Fold(int start, int length) => length == 1 ? Tiles[start] : Node(Fold(start, length / 2), Fold(start + (length / 2), length / 2));

    private static Digest Node(Digest left, Digest right)
    {
        Span<byte> bytes = stackalloc byte[1 + (2 * Digest.Size)];
        bytes[0] = 1;
        left.CopyTo(bytes[1..]);
        right.CopyTo(bytes[(1 + Digest.Size)..]);
        return Digest.Of(bytes);
    }
}
