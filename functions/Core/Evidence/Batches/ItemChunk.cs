namespace Notary.Evidence.Batches;

/// <summary>Consecutive items, read from one block of what was sent. Holds arrays of the shared pool until it is disposed of.</summary>
public sealed class ItemChunk : IDisposable
{
    private byte[] lines = ArrayPool<byte>.Shared.Rent(FirstBytes);
    private Digest[] leaves = ArrayPool<Digest>.Shared.Rent(FirstItems);

    /// <summary>What 256 KiB of bare digests become, so that nearly no block needs more.</summary>
    private const int FirstBytes = 1 << 20, FirstItems = 4096;

    /// <summary>The items' canonical bytes, each with a line feed behind it.</summary>
    public ReadOnlyMemory<byte> Lines => lines.AsMemory(0, Length);

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

    /// <summary>Appends item <paramref name="number"/>; its leaf comes with its turn.</summary>
    internal void Add(long number, ReadOnlySpan<byte> item, LeafLanes lanes)
    {
        Reserve(item.Length + 1);
        if (number % BatchFormat.Group == 0)
            Groups.Add(Length);

        item.CopyTo(lines.AsSpan(Length));
        Length += item.Length + 1;
        lines[Length - 1] = (byte)'\n';
        lanes.Add(item, Count++, leaves);
    }

    /// <summary>No item comes any more.</summary>
    internal void End(LeafLanes lanes) => lanes.Take(leaves);

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

        if (Length + bytes > lines.Length)
            lines = Larger(lines, Length, (lines.Length * 2) + bytes);
    }

    private static T[] Larger<T>(T[] array, int used, int size)
    {
        var larger = ArrayPool<T>.Shared.Rent(size);
        array.AsSpan(0, used).CopyTo(larger);
        ArrayPool<T>.Shared.Return(array);
        return larger;
    }
}
