namespace Notary.Evidence.Batches;

/// <summary>Hashes items' leaves (RFC 6962 §2.1) some at a time, one in each lane of the processor. One for each thread.</summary>
internal sealed class LeafLanes
{
    /// <summary>Items of a turn: their bytes stay in a core's own cache.</summary>
    private const int Size = 64;

    /// <summary>What a bare digest with a reference and a name fits in. The few that do not are hashed alone.</summary>
    private const int Slot = 6 * ShaMany.Block;

    private readonly byte[] slots = new byte[Size * Slot];
    private readonly int[] lengths = new int[Size];
    private readonly int[] places = new int[Size];
    private readonly Digest[] hashes = new Digest[Size];
    private int count;

    /// <summary>Takes an item whose leaf is to stand at a place.</summary>
    public void Add(ReadOnlySpan<byte> item, int place, Span<Digest> leaves)
    {
        if (item.Length + 1 > Slot - ShaMany.Padding)
        {
            leaves[place] = BatchItem.Leaf(item);
            return;
        }

        var slot = slots.AsSpan(count * Slot, Slot);
        slot[0] = 0;
        item.CopyTo(slot[1..]);
        (lengths[count], places[count]) = (item.Length + 1, place);
        if (++count == Size)
            Take(leaves);
    }

    /// <summary>Puts the leaves of what was added since the last time in their places.</summary>
    public void Take(Span<Digest> leaves)
    {
        ShaMany.Hash(slots, Slot, lengths.AsSpan(0, count), ShaMany.Start, 0, hashes, ShaMany.Widest);
        for (var i = 0; i < count; i++)
            leaves[places[i]] = hashes[i];

        count = 0;
    }
}
