using System.Runtime.Intrinsics.X86;

namespace Notary.Evidence;

/// <summary>Roots of large trees: several nodes at once, one per vector lane, and several subtrees at once, one per core.</summary>
/// <remarks>
/// A level is kept word-sliced (all first words, then all second words, …), so that one vector load fills a register with the
/// same word of neighbouring nodes. Pairing neighbours level by level, with an odd last node moved up unchanged, gives RFC 6962's tree.
/// </remarks>
internal static class MerkleEngine
{
    /// <summary>Leaves of one subtree: 128 KiB of hashes stay in a core's own cache.</summary>
    private const int Subtree = 4096;

    /// <summary>Below this many nodes a whole vector does more work than one hash after another.</summary>
    private const int FewestLanes = 4;

    /// <summary>Leaves from which waking other cores pays.</summary>
    private const int Parallel = 4 * Subtree;

    private static readonly int Lanes = Avx512F.IsSupported ? 16 : Avx2.IsSupported ? 8 : 1;

    /// <summary>Root of at least one leaf hash.</summary>
    public static Digest Root(ReadOnlySpan<Digest> leaves) => Root(leaves, Lanes);

    /// <summary>As <see cref="Root(ReadOnlySpan{Digest})"/> with a chosen vector width, for tests: 1, 8 or 16.</summary>
    internal static Digest Root(ReadOnlySpan<Digest> leaves, int lanes)
    {
        if (leaves.Length <= Subtree)
            return SubtreeRoot(leaves, lanes);

        var roots = new Digest[(leaves.Length + Subtree - 1) / Subtree];
        if (leaves.Length < Parallel)
        {
            for (var i = 0; i < roots.Length; i++)
                roots[i] = SubtreeRoot(Slice(leaves, i), lanes);
        }
        else
        {
            ParallelRoots(leaves, roots, lanes);
        }

        return Root(roots, lanes);
    }

    public static Digest[] LeafHashes(ReadOnlySpan<Digest> entries) => LeafHashes(entries, Lanes);

    internal static Digest[] LeafHashes(ReadOnlySpan<Digest> entries, int lanes)
    {
        var hashes = new Digest[entries.Length];
        if (lanes == 1 || entries.Length < FewestLanes)
        {
            Span<byte> data = stackalloc byte[Digest.Size];
            for (var i = 0; i < hashes.Length; i++)
            {
                entries[i].CopyTo(data);
                hashes[i] = Merkle.LeafHash(data);
            }

            return hashes;
        }

        using var words = new Slices(Math.Min(entries.Length, Subtree));
        for (var start = 0; start < entries.Length; start += Subtree)
        {
            var count = Math.Min(Subtree, entries.Length - start);
            words.Load(entries.Slice(start, count));
            if (lanes == 16)
                ShaLanes<Lanes16>.Leaves(words.Span, words.Stride, count);
            else
                ShaLanes<Lanes8>.Leaves(words.Span, words.Stride, count);

            words.Store(hashes.AsSpan(start, count));
        }

        return hashes;
    }

    private static ReadOnlySpan<Digest> Slice(ReadOnlySpan<Digest> leaves, int subtree)
        => leaves.Slice(subtree * Subtree, Math.Min(Subtree, leaves.Length - (subtree * Subtree)));

    private static unsafe void ParallelRoots(ReadOnlySpan<Digest> leaves, Digest[] roots, int lanes)
    {
        // A span cannot be captured; the pinned pointer lives until every worker has returned.
        fixed (Digest* first = leaves)
        {
            var (address, length) = ((nint)first, leaves.Length);
            System.Threading.Tasks.Parallel.For(0, roots.Length, i =>
                roots[i] = SubtreeRoot(Slice(new ReadOnlySpan<Digest>((void*)address, length), i), lanes));
        }
    }

    private static Digest SubtreeRoot(ReadOnlySpan<Digest> leaves, int lanes)
    {
        if (lanes == 1 || leaves.Length < 2 * FewestLanes)
            return Plain(leaves);

        using var words = new Slices(leaves.Length);
        words.Load(leaves);
        var count = leaves.Length;
        while (count >= 2 * FewestLanes)
        {
            // The odd last node is taken out first: the last vector writes beyond the last parent.
            var (parents, last) = (count / 2, words[count - 1]);
            if (lanes == 16)
                ShaLanes<Lanes16>.Nodes(words.Span, words.Stride, parents);
            else
                ShaLanes<Lanes8>.Nodes(words.Span, words.Stride, parents);

            if ((count & 1) == 1)
                words[parents++] = last;

            count = parents;
        }

        Span<Digest> top = stackalloc Digest[2 * FewestLanes];
        words.Store(top[..count]);
        return Plain(top[..count]);
    }

    private static Digest Plain(ReadOnlySpan<Digest> leaves)
    {
        if (leaves.Length == 1)
            return leaves[0];

        var k = (int)Merkle.SplitAt(leaves.Length);
        return Merkle.NodeHash(Plain(leaves[..k]), Plain(leaves[k..]));
    }

    /// <summary>Room for one level, word-sliced. Padded, because the last vector reads and writes beyond the last node.</summary>
    private readonly struct Slices : IDisposable
    {
        private const int Pad = 32;

        private readonly uint[] rented;

        public Slices(int nodes)
        {
            Stride = ((nodes + Pad - 1) / Pad * Pad) + Pad;
            rented = ArrayPool<uint>.Shared.Rent(8 * Stride);
        }

        public int Stride { get; }

        public Span<uint> Span => rented.AsSpan(0, 8 * Stride);

        public void Dispose() => ArrayPool<uint>.Shared.Return(rented);

        public Digest this[int node]
        {
            get
            {
                var words = Span[node..];
                return new Digest(
                    ((ulong)words[0] << 32) | words[Stride],
                    ((ulong)words[2 * Stride] << 32) | words[3 * Stride],
                    ((ulong)words[4 * Stride] << 32) | words[5 * Stride],
                    ((ulong)words[6 * Stride] << 32) | words[7 * Stride]);
            }

            set
            {
                var words = Span[node..];
                var (a, b, c, d) = value.Words;
                words[0] = (uint)(a >> 32);
                words[Stride] = (uint)a;
                words[2 * Stride] = (uint)(b >> 32);
                words[3 * Stride] = (uint)b;
                words[4 * Stride] = (uint)(c >> 32);
                words[5 * Stride] = (uint)c;
                words[6 * Stride] = (uint)(d >> 32);
                words[7 * Stride] = (uint)d;
            }
        }

        public void Load(ReadOnlySpan<Digest> nodes)
        {
            for (var i = 0; i < nodes.Length; i++)
                this[i] = nodes[i];
        }

        public void Store(Span<Digest> nodes)
        {
            for (var i = 0; i < nodes.Length; i++)
                nodes[i] = this[i];
        }
    }
}
