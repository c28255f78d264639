using System.Buffers.Binary;

namespace Notary.Bench;

/// <summary>Leaf hashes and root of 200,000 entries, against merkletreejs.</summary>
internal static class MerkleBench
{
    private const int Leaves = 200_000;

    public static async Task<IReadOnlyList<Figure>> RunAsync()
    {
        var entries = new Digest[Leaves];
        for (var i = 0; i < Leaves; i++)
        {
            var entry = new byte[Digest.Size];
            BinaryPrimitives.WriteInt32BigEndian(entry.AsSpan(Digest.Size - 4), i);
            entries[i] = new Digest(entry);
        }

        // The fast root must be the one that the plain definition gives.
        var expected = Plain(entries.AsSpan(0, 1000));
        if (Merkle.Root(Merkle.LeafHashes(entries[..1000])) != expected)
            throw new InvalidOperationException("the fast root is wrong");

        return [await Pairs.MeasureAsync(
            "Merkle leaves", "npm merkletreejs", 10, "leaves/s",
            () => Task.FromResult(Ours(entries)),
            () => NodePeer.RunAsync("merkle.cjs", $"{Leaves}"),
            $"leaf hashes and root of {Leaves:#,0} entries of 32 bytes, no proofs")];
    }

    private static double Ours(Digest[] entries)
    {
        var clock = Stopwatch.StartNew();
        var root = Merkle.Root(Merkle.LeafHashes(entries));
        var seconds = clock.Elapsed.TotalSeconds;
        return root == Merkle.EmptyRoot ? throw new InvalidOperationException() : entries.Length / seconds;
    }

    /// <summary>RFC 6962 section 2.1 as it is written.</summary>
    private static Digest Plain(ReadOnlySpan<Digest> entries)
    {
        if (entries.Length == 1)
            return Digest.Of([0, .. entries[0].ToArray()]);

        var split = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)entries.Length) / 2;
        return Digest.Of([1, .. Plain(entries[..split]).ToArray(), .. Plain(entries[split..]).ToArray()]);
    }
}
