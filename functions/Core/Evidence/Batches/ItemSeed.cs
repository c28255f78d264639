namespace Notary.Evidence.Batches;

/// <summary>What a batch's salts are derived from. It lives as long as the request: whoever had it could undo the erasure of an item
/// (docs/decisions/0006), so no salt can be derived again, and one tells nothing of another.</summary>
public sealed class ItemSeed
{
    private readonly byte[] seed = RandomNumberGenerator.GetBytes(Digest.Size);

    /// <summary>Bytes of what a salt is the hash of: the seed and the item's number, big-endian in 8, both of one length, so that nothing can
    /// be appended.</summary>
    internal const int MessageBytes = Digest.Size + sizeof(long);

    internal void WriteMessage(long number, Span<byte> message)
    {
        seed.CopyTo(message);
        BinaryPrimitives.WriteInt64BigEndian(message[Digest.Size..], number);
    }
}

/// <summary>The salts of consecutive items, some at a time. One for each thread.</summary>
internal sealed class ItemSalts(ItemSeed seed)
{
    private const int Size = 64;

    private readonly byte[] slots = new byte[Size * ShaMany.Block];
    private readonly int[] lengths = [.. Enumerable.Repeat(ItemSeed.MessageBytes, Size)];
    private readonly Digest[] salts = new Digest[Size];
    private long first = long.MinValue;

    /// <summary>An item's salt.</summary>
    public Digest Of(long number)
    {
        if (number < first || number >= first + Size)
        {
            first = number;
            for (var i = 0; i < Size; i++)
                seed.WriteMessage(number + i, slots.AsSpan(i * ShaMany.Block, ItemSeed.MessageBytes));

            ShaMany.Hash(slots, ShaMany.Block, lengths, ShaMany.Start, 0, salts, ShaMany.Widest);
        }

        return salts[number - first];
    }
}
