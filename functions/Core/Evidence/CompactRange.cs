namespace Notary.Evidence;

/// <summary>The right edge of a tree: the roots of its perfect subtrees, largest first. Enough to append to the tree and to know its root.</summary>
public sealed class CompactRange
{
    private readonly Digest[] roots;

    private CompactRange(long size, Digest[] roots) => (Size, this.roots) = (size, roots);

    /// <summary>The edge of the tree without leaves.</summary>
    public static CompactRange Empty { get; } = new(0, []);

    /// <summary>Number of leaves.</summary>
    public long Size { get; }

    /// <summary>Reads what <see cref="ToBytes"/> wrote for a tree of <paramref name="size"/> leaves.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>: not one hash for each bit of the size.</exception>
    public static CompactRange Parse(long size, ReadOnlySpan<byte> bytes)
    {
        if (size < 0 || bytes.Length != BitOperations.PopCount((ulong)size) * Digest.Size)
            throw new FaultException(Fault.Malformed, "a tree's right edge has one hash for each bit of its size");

        var roots = new Digest[bytes.Length / Digest.Size];
        for (var i = 0; i < roots.Length; i++)
            roots[i] = new Digest(bytes.Slice(i * Digest.Size, Digest.Size));

        return new CompactRange(size, roots);
    }

    /// <summary>The edge of the tree over <paramref name="leafHashes"/>.</summary>
    public static CompactRange Of(IReadOnlyList<Digest> leafHashes) => Empty.Append(leafHashes);

    /// <summary>The tree's root (RFC 6962 §2.1): the subtrees folded from the right.</summary>
    public Digest Root()
    {
        if (roots.Length == 0)
            return Merkle.EmptyRoot;

        var root = roots[^1];
        for (var i = roots.Length - 2; i >= 0; i--)
            root = Merkle.NodeHash(roots[i], root);

        return root;
    }

    /// <summary>The subtrees' roots, 32 bytes each, largest first: at most 63.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[roots.Length * Digest.Size];
        for (var i = 0; i < roots.Length; i++)
            roots[i].CopyTo(bytes.AsSpan(i * Digest.Size));

        return bytes;
    }

    /// <summary>The edge after appending leaf hashes; this one is unchanged.</summary>
    public CompactRange Append(IReadOnlyList<Digest> leafHashes)
    {
        var rest = Spans.Of(leafHashes);
        var stack = new List<Digest>(roots);
        var size = Size;
        while (!rest.IsEmpty)
        {
            // The largest perfect subtree that starts here and is wholly among the new leaves.
            var fits = 1L << (63 - BitOperations.LeadingZeroCount((ulong)rest.Length));
            var count = size == 0 ? fits : Math.Min(fits, size & -size);
            stack.Add(Merkle.Root(rest[..(int)count]));
            rest = rest[(int)count..];

            // Equal neighbours merge, as carries do when a number is counted up.
            for (var bit = count; (size & bit) != 0; bit <<= 1)
            {
                stack[^2] = Merkle.NodeHash(stack[^2], stack[^1]);
                stack.RemoveAt(stack.Count - 1);
            }

            size += count;
        }

        return new CompactRange(size, [.. stack]);
    }
}
