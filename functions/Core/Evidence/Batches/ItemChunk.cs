namespace Notary.Evidence.Batches;

/// <summary>Consecutive items, read from one block of what was sent. Holds arrays of the shared pool until it is disposed of.</summary>
public sealed class ItemChunk : IDisposable
{
    private byte[] lines = ArrayPool<byte>.Shared.Rent(FirstBytes);
    private Digest[] leaves = ArrayPool<Digest>.Shared.Rent(FirstItems);

    /// <summary>What 256 KiB of bare digests become, so that nearly no block needs more.</summary>
    private const int FirstBytes = 1 << 20, FirstItems = 4096;

    /// <summary>The items' canonical bytes, each with a line feed behind it.</summary>
    public ReadOnlyMemory<byte> Lines => lines.AsMemory(1, Length);

    /// <summary>Of each item.</summary>
    public ReadOnlySpan<Digest> Leaves => leaves.AsSpan(0, Count);

    /// <summary>Items.</summary>
    public int Count { get; private set; }

    /// <summary>Where in <see cref="Lines"/> those items begin whose number is a multiple of <see cref="BatchFormat.Group"/>.</summary>
    public List<int> Groups { get; } = [];

    /// <summary>SHA-256 of the block as it was sent. Where blocks end follows from what is sent alone.</summary>
    public Digest Sent { get; internal set; }

    /// <summary>The first lines that are refused.</summary>
    public IReadOnlyList<BatchRefusal> Refusals => refusals;

    private readonly List<BatchRefusal> refusals = [];

    private int Length { get; set; }

    internal void Refuse(long line, string code) => refusals.Add(new BatchRefusal(line, code));

    /// <summary>Appends item <paramref name="number"/> and hashes it.</summary>
    internal void Add(long number, ReadOnlySpan<byte> item)
    {
        Reserve(item.Length + 1);
        if (number % BatchFormat.Group == 0)
            Groups.Add(Length);

        // RFC 6962 §2.1 hashes a zero before the leaf: for that time it stands where the line before has its end.
        var slot = lines.AsSpan(Length, item.Length + 2);
        item.CopyTo(slot[1..]);
        var end = slot[0];
        slot[0] = 0;
        leaves[Count++] = Digest.Of(slot[..^1]);
        slot[0] = end;
        slot[^1] = (byte)'\n';
        Length += item.Length + 1;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(lines);
        ArrayPool<Digest>.Shared.Return(leaves);
        (lines, leaves, Count, Length) = ([], [], 0, 0);
    }

    private void Reserve(int bytes)
    {
        if (Count == leaves.Length)
            leaves = Larger(leaves, Count, Count * 2);

        if (Length + 1 + bytes > lines.Length)
            lines = Larger(lines, Length + 1, (lines.Length * 2) + bytes);
    }

    private static T[] Larger<T>(T[] array, int used, int size)
    {
        var larger = ArrayPool<T>.Shared.Rent(size);
        array.AsSpan(0, used).CopyTo(larger);
        ArrayPool<T>.Shared.Return(array);
        return larger;
    }
}
