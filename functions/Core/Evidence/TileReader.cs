namespace Notary.Evidence;

/// <summary>Proofs from tiles, in the recursive words of RFC 6962 §2.1.1 and §2.1.2.</summary>
internal sealed class TileReader(long size, Func<string, CancellationToken, Task<byte[]>> read, CancellationToken cancel)
{
    private readonly TileSource source = new(read, cancel);

    public Task<Digest> RootAsync() => size == 0 ? Task.FromResult(Merkle.EmptyRoot) : RangeAsync(0, size);

    public async Task<IReadOnlyList<Digest>> InclusionAsync(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var proof = new List<Digest>();
        var (start, end) = (0L, size);
        while (end - start > 1)
        {
            var middle = start + Merkle.SplitAt(end - start);
            if (index < middle)
            {
                proof.Add(await RangeAsync(middle, end));
                end = middle;
            }
            else
            {
                proof.Add(await RangeAsync(start, middle));
                start = middle;
            }
        }

        proof.Reverse();
        return proof;
    }

    public async Task<IReadOnlyList<Digest>> ConsistencyAsync(long from)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(from, size);
        var proof = new List<Digest>();
        if (from == 0 || from == size)
            return proof;

        // SUBPROOF(m, D[n], b): walk down to the old tree's last subtree, keeping what lies beside the way.
        var (start, end) = (0L, size);
        while (from != end)
        {
            var middle = start + Merkle.SplitAt(end - start);
            if (from <= middle)
            {
                proof.Add(await RangeAsync(middle, end));
                end = middle;
            }
            else
            {
                proof.Add(await RangeAsync(start, middle));
                start = middle;
            }
        }

        // b is false as soon as the walk turned right once: then the old tree's root alone does not give this subtree.
        if (start != 0)
            proof.Add(await RangeAsync(start, end));

        proof.Reverse();
        return proof;
    }

    /// <summary>Hash of leaves start..end, where start is a multiple of the largest power of two in the range.</summary>
    private async Task<Digest> RangeAsync(long start, long end)
    {
        if (BitOperations.IsPow2(end - start))
            return await NodeAsync(BitOperations.TrailingZeroCount(end - start), start);

        var middle = start + Merkle.SplitAt(end - start);
        return Merkle.NodeHash(await RangeAsync(start, middle), await RangeAsync(middle, end));
    }

    private async Task<Digest> NodeAsync(int height, long start)
    {
        var level = height / Tiles.Height;
        var first = start >> (Tiles.Height * level);
        var index = first / Tiles.FullWidth;
        var width = (int)Math.Min(Tiles.FullWidth, (size >> (Tiles.Height * level)) - (index * Tiles.FullWidth));
        var hashes = await source.HashesAsync(level, index, width);
        return Merkle.Root(hashes.AsSpan((int)(first % Tiles.FullWidth), 1 << (height % Tiles.Height)));
    }
}
