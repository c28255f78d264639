namespace Notary.Evidence;

/// <summary>The hash tree of RFC 6962 §2.1 (RFC 9162 §2.1): leaf = H(0x00‖data), node = H(0x01‖left‖right), split at the largest power of two.</summary>
public static class Merkle
{
    /// <summary>Longest proof of a tree whose size is a positive 64-bit number.</summary>
    public const int MaxProof = 63;

    /// <summary>Root of the tree without leaves: H("").</summary>
    public static Digest EmptyRoot { get; } = Digest.Of([]);

    /// <summary>H(0x00‖data).</summary>
    public static Digest LeafHash(ReadOnlySpan<byte> data)
    {
        const int OnStack = 256;
        if (data.Length < OnStack)
        {
            Span<byte> buffer = stackalloc byte[OnStack];
            buffer[0] = 0;
            data.CopyTo(buffer[1..]);
            return Digest.Of(buffer[..(data.Length + 1)]);
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([0]);
        hash.AppendData(data);
        return new Digest(hash.GetHashAndReset());
    }

    /// <summary>H(0x01‖left‖right).</summary>
    public static Digest NodeHash(Digest left, Digest right)
    {
        Span<byte> buffer = stackalloc byte[1 + (2 * Digest.Size)];
        buffer[0] = 1;
        left.CopyTo(buffer[1..]);
        right.CopyTo(buffer[(1 + Digest.Size)..]);
        return Digest.Of(buffer);
    }

    /// <summary>Leaf hashes of entries that are digests (as ours are), many at a time on wide vector units.</summary>
    public static Digest[] LeafHashes(IReadOnlyList<Digest> entries) => MerkleEngine.LeafHashes(Spans.Of(entries));

    /// <summary>The tree's root. Takes leaf hashes, not data.</summary>
    public static Digest Root(IReadOnlyList<Digest> leafHashes) => Root(Spans.Of(leafHashes));

    /// <inheritdoc cref="Root(IReadOnlyList{Digest})"/>
    public static Digest Root(ReadOnlySpan<Digest> leafHashes) => leafHashes.IsEmpty ? EmptyRoot : MerkleEngine.Root(leafHashes);

    /// <summary>The audit path of RFC 6962 §2.1.1 for leaf <paramref name="index"/> among <paramref name="leafHashes"/>, from sibling to root.</summary>
    public static IReadOnlyList<Digest> InclusionProof(long index, IReadOnlyList<Digest> leafHashes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, leafHashes.Count);
        var all = Spans.Of(leafHashes);
        var proof = new List<Digest>();
        var at = (int)index;
        while (all.Length > 1)
        {
            var k = (int)SplitAt(all.Length);
            var left = at < k;
            proof.Add(Root(left ? all[k..] : all[..k]));
            all = left ? all[..k] : all[k..];
            at -= left ? 0 : k;
        }

        proof.Reverse();
        return proof;
    }

    /// <summary>RFC 9162 §2.1.3.2. False for a proof of the wrong length, also with a right prefix.</summary>
    public static bool VerifyInclusion(Digest leafHash, long index, long size, IReadOnlyList<Digest> proof, Digest root)
    {
        if (index < 0 || index >= size || proof.Count > MaxProof)
            return false;

        var (fn, sn) = (index, size - 1);
        var r = leafHash;
        foreach (var p in proof)
        {
            if (sn == 0)
                return false;

            if ((fn & 1) == 1 || fn == sn)
            {
                r = NodeHash(p, r);
                if ((fn & 1) == 0)
                {
                    // fn = sn > 0 here, so there is a bit to stop at.
                    var zeros = BitOperations.TrailingZeroCount(fn);
                    (fn, sn) = (fn >> zeros, sn >> zeros);
                }
            }
            else
            {
                r = NodeHash(r, p);
            }

            (fn, sn) = (fn >> 1, sn >> 1);
        }

        return sn == 0 && r == root;
    }

    /// <summary>RFC 9162 §2.1.4.2. Of two trees of equal size the roots must be equal and the proof empty; the empty tree is consistent with every tree,
    /// by the empty proof.</summary>
    public static bool VerifyConsistency(long size1, Digest root1, long size2, Digest root2, IReadOnlyList<Digest> proof)
    {
        if (size1 < 0 || size1 > size2 || proof.Count > MaxProof + 1)
            return false;

        if (size1 == size2)
            return proof.Count == 0 && root1 == root2 && (size1 != 0 || root1 == EmptyRoot);

        if (size1 == 0)
            return proof.Count == 0 && root1 == EmptyRoot;

        // Step 2: a tree whose size is a power of two is itself the first node of the path.
        var position = 0;
        if (!BitOperations.IsPow2(size1))
        {
            if (proof.Count == 0)
                return false;

            position = 1;
        }

        var (fr, sr) = position == 0 ? (root1, root1) : (proof[0], proof[0]);
        var shift = BitOperations.TrailingZeroCount(~(size1 - 1));
        var (fn, sn) = ((size1 - 1) >> shift, (size2 - 1) >> shift);
        for (; position < proof.Count; position++)
        {
            if (sn == 0)
                return false;

            var c = proof[position];
            if ((fn & 1) == 1 || fn == sn)
            {
                fr = NodeHash(c, fr);
                sr = NodeHash(c, sr);
                if ((fn & 1) == 0)
                {
                    var zeros = BitOperations.TrailingZeroCount(fn);
                    (fn, sn) = (fn >> zeros, sn >> zeros);
                }
            }
            else
            {
                sr = NodeHash(sr, c);
            }

            (fn, sn) = (fn >> 1, sn >> 1);
        }

        return sn == 0 && fr == root1 && sr == root2;
    }

    /// <summary>The largest power of two smaller than <paramref name="size"/> (RFC 6962's k); size ≥ 2.</summary>
    internal static long SplitAt(long size) => 1L << (63 - BitOperations.LeadingZeroCount((ulong)(size - 1)));
}
