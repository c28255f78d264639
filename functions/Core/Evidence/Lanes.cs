using System.Diagnostics.CodeAnalysis;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Notary.Evidence;

/// <summary>Sixteen lanes: AVX-512F.</summary>
internal readonly struct Lanes16(Vector512<uint> v) : ILanes<Lanes16>
{
    // Truth tables of VPTERNLOG: x⊕y⊕z, x ? y : z, majority.
    private const byte Parity = 0x96;
    private const byte Choose = 0xca;
    private const byte Majority = 0xe8;

    private static readonly Vector512<uint> EvenIndex = Vector512.Create(0u, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    private static readonly Vector512<uint> OddIndex = Vector512.Create(1u, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);

    private readonly Vector512<uint> v = v;

    public static int Count => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 All(uint value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Load(ref uint from) => new(Vector512.LoadUnsafe(ref from));

    public static void Store(Lanes16 value, ref uint to) => value.v.StoreUnsafe(ref to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Add(Lanes16 x, Lanes16 y) => new(x.v + y.v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Xor3(Lanes16 x, Lanes16 y, Lanes16 z) => new(Avx512F.TernaryLogic(x.v, y.v, z.v, Parity));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Ch(Lanes16 x, Lanes16 y, Lanes16 z) => new(Avx512F.TernaryLogic(x.v, y.v, z.v, Choose));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Maj(Lanes16 x, Lanes16 y, Lanes16 z) => new(Avx512F.TernaryLogic(x.v, y.v, z.v, Majority));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Rotate(Lanes16 x, [ConstantExpected] byte right) => new(Avx512F.RotateRight(x.v, right));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Shift(Lanes16 x, byte right) => new(x.v >>> right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Join(Lanes16 x, Lanes16 y, byte left) => new((x.v << left) | (y.v >>> (32 - left)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Lanes16 Even, Lanes16 Odd) Pairs(ref uint from)
    {
        var (low, high) = (Vector512.LoadUnsafe(ref from), Vector512.LoadUnsafe(ref from, 16));
        return (new(Avx512F.PermuteVar16x32x2(low, EvenIndex, high)), new(Avx512F.PermuteVar16x32x2(low, OddIndex, high)));
    }
}

/// <summary>Eight lanes: AVX2.</summary>
internal readonly struct Lanes8(Vector256<uint> v) : ILanes<Lanes8>
{
    private readonly Vector256<uint> v = v;

    public static int Count => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 All(uint value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Load(ref uint from) => new(Vector256.LoadUnsafe(ref from));

    public static void Store(Lanes8 value, ref uint to) => value.v.StoreUnsafe(ref to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Add(Lanes8 x, Lanes8 y) => new(x.v + y.v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Xor3(Lanes8 x, Lanes8 y, Lanes8 z) => new(x.v ^ y.v ^ z.v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Ch(Lanes8 x, Lanes8 y, Lanes8 z) => new(z.v ^ (x.v & (y.v ^ z.v)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Maj(Lanes8 x, Lanes8 y, Lanes8 z) => new((x.v & y.v) | (z.v & (x.v | y.v)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Rotate(Lanes8 x, [ConstantExpected] byte right) => new((x.v >>> right) | (x.v << (32 - right)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Shift(Lanes8 x, byte right) => new(x.v >>> right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Join(Lanes8 x, Lanes8 y, byte left) => new((x.v << left) | (y.v >>> (32 - left)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Lanes8 Even, Lanes8 Odd) Pairs(ref uint from)
    {
        var (low, high) = (Vector256.LoadUnsafe(ref from).AsSingle(), Vector256.LoadUnsafe(ref from, 8).AsSingle());

        // The shuffle works within 128-bit halves; the permutation puts the quarters in order.
        const byte Even = 0x88, Odd = 0xdd, Quarters = 0xd8;
        return (
            new(Avx2.Permute4x64(Avx.Shuffle(low, high, Even).AsUInt64(), Quarters).AsUInt32()),
            new(Avx2.Permute4x64(Avx.Shuffle(low, high, Odd).AsUInt64(), Quarters).AsUInt32()));
    }
}
