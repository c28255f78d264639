using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Notary.Evidence;

/// <summary>One lane: no vectors. The same kernel, so the same bits.</summary>
internal readonly struct Lanes1(uint v) : ILanes<Lanes1>
{
    private readonly uint v = v;

    public static int Count => 1;

    public static Lanes1 All(uint value) => new(value);

    public static Lanes1 Load(ref uint from) => new(from);

    public static void Store(Lanes1 value, ref uint to) => to = value.v;

    public static Lanes1 Add(Lanes1 x, Lanes1 y) => new(x.v + y.v);

    public static Lanes1 Xor3(Lanes1 x, Lanes1 y, Lanes1 z) => new(x.v ^ y.v ^ z.v);

    public static Lanes1 Ch(Lanes1 x, Lanes1 y, Lanes1 z) => new(z.v ^ (x.v & (y.v ^ z.v)));

    public static Lanes1 Maj(Lanes1 x, Lanes1 y, Lanes1 z) => new((x.v & y.v) | (z.v & (x.v | y.v)));

    public static Lanes1 Rotate(Lanes1 x, [ConstantExpected] byte right) => new(BitOperations.RotateRight(x.v, right));

    public static Lanes1 Shift(Lanes1 x, byte right) => new(x.v >>> right);

    public static Lanes1 Join(Lanes1 x, Lanes1 y, byte left) => new((x.v << left) | (y.v >>> (32 - left)));

    public static (Lanes1 Even, Lanes1 Odd) Pairs(ref uint from) => (new(from), new(Unsafe.Add(ref from, 1)));
}

/// <summary>SHA-256 of many short messages at once, one per lane, all behind the same first blocks.</summary>
internal static class ShaMany
{
    /// <summary>Bytes of a block, and how many of a message's last ones are not its own at least.</summary>
    public const int Block = 64, Padding = 9;

    /// <summary>The widest that this processor has.</summary>
    public static int Widest { get; } = Avx512F.IsSupported ? 16 : Avx2.IsSupported ? 8 : 1;

    /// <summary>State before the first block.</summary>
    public static uint[] Start { get; } = Sha256Constants.Initial.ToArray();

    /// <summary>State after one block more.</summary>
    public static uint[] After(uint[] state, ReadOnlySpan<byte> block)
    {
        Span<Lanes1> s = stackalloc Lanes1[8];
        Span<Lanes1> w = stackalloc Lanes1[16];
        for (var i = 0; i < 8; i++)
            s[i] = new(state[i]);

        for (var i = 0; i < 16; i++)
            w[i] = new(BinaryPrimitives.ReadUInt32BigEndian(block[(4 * i)..]));

        ShaLanes<Lanes1>.Compress(s, w);
        return MemoryMarshal.Cast<Lanes1, uint>(s).ToArray();
    }

    /// <summary>Hashes message i, which lies at i × <paramref name="stride"/>. Writes the padding behind it.</summary>
    /// <param name="messages">Slots of <paramref name="stride"/> bytes, a multiple of 64 with room for the padding.</param>
    /// <param name="stride">Bytes of a slot.</param>
    /// <param name="lengths">Of the messages; as many as there are.</param>
    /// <param name="state">After the blocks before.</param>
    /// <param name="before">Bytes of these blocks.</param>
    /// <param name="hashes">One for each message.</param>
    /// <param name="lanes">16, 8 or 1.</param>
    public static void Hash(Span<byte> messages, int stride, ReadOnlySpan<int> lengths, uint[] state, int before, Span<Digest> hashes, int lanes)
    {
        for (var i = 0; i < lengths.Length; i++)
        {
            var slot = messages.Slice(i * stride, stride);
            var length = lengths[i];
            var end = Blocks(length) * Block;
            slot[length] = 0x80;
            slot[(length + 1)..(end - 4)].Clear();
            BinaryPrimitives.WriteInt32BigEndian(slot[(end - 4)..], (before + length) * 8);
        }

        if (lanes == 16)
            Run<Lanes16>(messages, stride, lengths, state, hashes);
        else if (lanes == 8)
            Run<Lanes8>(messages, stride, lengths, state, hashes);
        else
            Run<Lanes1>(messages, stride, lengths, state, hashes);
    }

    private static int Blocks(int length) => (length + Padding + Block - 1) / Block;

    private static void Run<T>(ReadOnlySpan<byte> messages, int stride, ReadOnlySpan<int> lengths, uint[] state, Span<Digest> hashes)
        where T : unmanaged, ILanes<T>
    {
        Span<T> w = stackalloc T[16];
        Span<T> s = stackalloc T[8];
        var words = MemoryMarshal.Cast<T, uint>(w);
        var states = MemoryMarshal.Cast<T, uint>(s);
        for (var first = 0; first < lengths.Length; first += T.Count)
        {
            var group = lengths[first..Math.Min(first + T.Count, lengths.Length)];
            for (var i = 0; i < 8; i++)
                s[i] = T.All(state[i]);

            var most = 0;
            foreach (var length in group)
                most = Math.Max(most, Blocks(length));

            for (var block = 0; block < most; block++)
            {
                for (var lane = 0; lane < group.Length; lane++)
                {
                    // A shorter message's lane goes on over whatever its slot holds; its hash was taken before.
                    var from = messages.Slice(((first + lane) * stride) + (block * Block), Block);
                    for (var i = 0; i < 16; i++)
                        words[(i * T.Count) + lane] = BinaryPrimitives.ReadUInt32BigEndian(from[(4 * i)..]);
                }

                ShaLanes<T>.Compress(s, w);
                for (var lane = 0; lane < group.Length; lane++)
                {
                    if (Blocks(group[lane]) == block + 1)
                        hashes[first + lane] = Take(states, T.Count, lane);
                }
            }
        }
    }

    private static Digest Take(ReadOnlySpan<uint> states, int lanes, int lane) => new(
        Pair(states[lane], states[lanes + lane]),
        Pair(states[(2 * lanes) + lane], states[(3 * lanes) + lane]),
        Pair(states[(4 * lanes) + lane], states[(5 * lanes) + lane]),
        Pair(states[(6 * lanes) + lane], states[(7 * lanes) + lane]));

    private static ulong Pair(uint high, uint low) => ((ulong)high << 32) | low;
}
