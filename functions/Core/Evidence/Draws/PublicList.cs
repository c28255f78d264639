namespace Notary.Evidence.Draws;

/// <summary>One candidate as strangers see him.</summary>
/// <param name="Handle">The salted name.</param>
/// <param name="Weight">1 to 100.</param>
/// <param name="Group">One of the rules', or empty.</param>
/// <param name="Masked">The masked name.</param>
public readonly record struct PublicCandidate(Digest Handle, int Weight, string Group, string Masked);

/// <summary>The public list (docs/draw-format.md §2), ordered by handle: enough to compute the whole draw. 43 bytes a candidate in memory.</summary>
public sealed class PublicList
{
    internal const string Header = "handle,weight,group,name";

    /// <summary>Leaves whose tree is computed at once; a power of two, so that the parts' roots are nodes of the whole tree.</summary>
    private const int Part = 1 << 14;

    /// <summary>Leaf data: 0x00, handle, weight, two texts with their lengths, padding.</summary>
    private const int LeafSlot = 128, LeafBatch = 128;

    private readonly byte[][] groupNames;
    private Digest[]? partRoots;

    internal PublicList(byte[][] groupNames, Digest[] handles, byte[] weights, ushort[] groups, ulong[] masked)
        => (this.groupNames, Handles, Weights, GroupIndexes, Masked) = (groupNames, handles, weights, groups, masked);

    /// <summary>Number of candidates.</summary>
    public int Count => Handles.Length;

    /// <summary>Sum of the weights.</summary>
    public long Tickets
    {
        get
        {
            var sum = 0L;
            foreach (var weight in Weights)
                sum += weight;

            return sum;
        }
    }

    /// <summary>Root of the tree over all leaves.</summary>
    public Digest Root() => Merkle.Root(PartRoots());

    /// <summary>What a draw commits to.</summary>
    public ListCommitment Commitment() => new(Root(), Count, Tickets);

    /// <summary>The candidate at a place of the order, from 0.</summary>
    public PublicCandidate this[int index] => new(Handles[index], Weights[index], GroupOf(index), Encoding.UTF8.GetString(MaskedOf(index, stackalloc byte[8])));

    /// <summary>His place, from 0, or a negative number.</summary>
    public int IndexOf(Digest handle) => Array.BinarySearch(Handles, handle);

    /// <summary>Proof that this candidate is in the list (RFC 6962 §2.1.1).</summary>
    public IReadOnlyList<Digest> Path(int index)
    {
        var part = index / Part;
        return [.. Merkle.InclusionProof(index % Part, LeafHashes(part, new LeafRoom()).ToArray()), .. Merkle.InclusionProof(part, PartRoots())];
    }

    /// <summary>Writes <c>public.csv</c>.</summary>
    public async Task WriteAsync(Stream output, CancellationToken cancel)
    {
        var rows = new CsvRows(output);
        rows.Text(Header);
        rows.End();
        for (var i = 0; i < Count; i++)
        {
            rows.Hex(Handles[i]);
            rows.Number(Weights[i]);
            rows.Bytes(groupNames[GroupIndexes[i]]);
            rows.Masked(Masked[i]);
            if (rows.End())
                await rows.FlushAsync(cancel);
        }

        await rows.FlushAsync(cancel);
    }

    internal Digest[] Handles { get; }

    internal byte[] Weights { get; }

    internal ushort[] GroupIndexes { get; }

    internal ulong[] Masked { get; }

    internal ReadOnlySpan<byte> GroupBytes(int index) => groupNames[GroupIndexes[index]];

    internal static ReadOnlySpan<byte> Unpack(ulong masked, Span<byte> into)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(into, masked);
        return into[..((71 - BitOperations.LeadingZeroCount(masked)) / 8)];
    }

    internal ReadOnlySpan<byte> MaskedOf(int index, Span<byte> into) => Unpack(Masked[index], into);

    private string GroupOf(int index) => Encoding.UTF8.GetString(GroupBytes(index));

    private Digest[] PartRoots()
    {
        if (partRoots is null)
        {
            var roots = new Digest[(Count + Part - 1) / Part];
            Parallel.For(0, roots.Length, () => new LeafRoom(), (i, _, room) =>
            {
                roots[i] = Merkle.Root(LeafHashes(i, room));
                return room;
            }, _ => { });
            partRoots = roots;
        }

        return partRoots;
    }

    private ReadOnlySpan<Digest> LeafHashes(int part, LeafRoom room)
    {
        var first = part * Part;
        var hashes = room.Hashes.AsSpan(0, Math.Min(Part, Count - first));
        var (slots, lengths) = (room.Slots, room.Lengths);
        for (var start = 0; start < hashes.Length; start += LeafBatch)
        {
            var count = Math.Min(LeafBatch, hashes.Length - start);
            for (var i = 0; i < count; i++)
                lengths[i] = Leaf(first + start + i, slots.AsSpan(i * LeafSlot, LeafSlot));

            ShaMany.Hash(slots, LeafSlot, lengths.AsSpan(0, count), ShaMany.Start, 0, hashes.Slice(start, count), ShaMany.Widest);
        }

        return hashes;
    }

    /// <summary>What one core works in.</summary>
    private sealed class LeafRoom
    {
        public Digest[] Hashes { get; } = new Digest[Part];

        public byte[] Slots { get; } = new byte[LeafBatch * LeafSlot];

        public int[] Lengths { get; } = new int[LeafBatch];
    }

    /// <summary>0x00 and the leaf, as it is hashed.</summary>
    private int Leaf(int index, Span<byte> into)
    {
        into[0] = 0;
        return 1 + LeafData(Handles[index], Weights[index], GroupBytes(index), MaskedOf(index, stackalloc byte[8]), into[1..]);
    }

    internal static int LeafData(Digest handle, int weight, ReadOnlySpan<byte> group, ReadOnlySpan<byte> masked, Span<byte> into)
    {
        handle.CopyTo(into);
        into[Digest.Size] = (byte)weight;
        into[Digest.Size + 1] = (byte)group.Length;
        group.CopyTo(into[(Digest.Size + 2)..]);
        into = into[(Digest.Size + 2 + group.Length)..];
        into[0] = (byte)masked.Length;
        masked.CopyTo(into[1..]);
        return Digest.Size + 3 + group.Length + masked.Length;
    }
}
