using System.Runtime.InteropServices;

namespace Notary.Evidence.Draws;

/// <summary>A list that grows without moving what it holds: doubling an array of ten million needs three times its memory.</summary>
internal sealed class Segments<T> where T : struct
{
    private const int Bits = 16;
    private const int Size = 1 << Bits;

    private readonly List<T[]> parts = [];

    public int Count { get; private set; }

    public T this[int index] => parts[index >> Bits][index & (Size - 1)];

    public void Add(List<T> more) => Add(CollectionsMarshal.AsSpan(more));

    public void Add(T one) => Add(new ReadOnlySpan<T>(in one));

    private void Add(ReadOnlySpan<T> rest)
    {
        while (!rest.IsEmpty)
        {
            var at = Count & (Size - 1);
            if (at == 0)
                parts.Add(new T[Size]);

            var taken = Math.Min(rest.Length, Size - at);
            rest[..taken].CopyTo(parts[^1].AsSpan(at));
            rest = rest[taken..];
            Count += taken;
        }
    }

    /// <summary>All, in another order. Leaves nothing here: both at once would be the most memory that a list ever takes.</summary>
    public T[] Take(int[] order)
    {
        var all = new T[order.Length];
        Parallel.For(0, parts.Count, part =>
        {
            for (var i = part * Size; i < Math.Min(all.Length, (part + 1) * Size); i++)
                all[i] = this[order[i]];
        });
        Clear();
        return all;
    }

    /// <summary>All, as they are.</summary>
    public T[] ToArray()
    {
        var all = new T[Count];
        for (var i = 0; i < parts.Count; i++)
            parts[i].AsSpan(0, Math.Min(Size, Count - (i * Size))).CopyTo(all.AsSpan(i * Size));

        return all;
    }

    public void Clear()
    {
        parts.Clear();
        Count = 0;
    }
}
