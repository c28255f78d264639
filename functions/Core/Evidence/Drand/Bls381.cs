namespace Notary.Evidence.Drand;

/// <summary>The spellings of BLS12-381's points, and the field elements that a message hashes to. No pairing: that is what nodes are asked for.</summary>
/// <remarks>
/// Compressed points as in ZCash's specification (pairing-friendly curves draft, appendix C): x, its top three bits saying compressed,
/// infinity, and the larger y. Whether a point is in the subgroup is not checked here; the pairing of EIP-2537 does.
/// </remarks>
public static class Bls381
{
    /// <summary>Bytes of a coordinate, and of a compressed point of G1.</summary>
    public const int FieldSize = 48;

    private const byte Compressed = 0x80;
    private const byte Infinity = 0x40;
    private const byte LargerRoot = 0x20;

    private static readonly BigInteger Prime = BigInteger.Parse(
        "01a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab",
        NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static readonly BigInteger Half = Prime >> 1;

    /// <summary>x and y, 48 bytes each, of a compressed point of G1's curve y² = x³ + 4; false for infinity and for any other bytes.</summary>
    public static bool TryExpandG1(ReadOnlySpan<byte> compressed, out byte[] point)
    {
        point = [];
        if (compressed.Length != FieldSize || !TryFlags(compressed[0], out var larger))
            return false;

        var x = Number(compressed, masked: true);
        if (x >= Prime || Root(BigInteger.ModPow(x, 3, Prime) + 4) is not { IsZero: false } y)
            return false;

        point = [.. Bytes(x), .. Bytes(y > Half == larger ? y : Prime - y)];
        return true;
    }

    /// <summary>The compressed spelling of x and y; false when they are no point of the curve.</summary>
    public static bool TryCompressG1(ReadOnlySpan<byte> point, out byte[] compressed)
    {
        compressed = point[..FieldSize].ToArray();
        compressed[0] |= (byte)(Compressed | (Number(point[FieldSize..]) > Half ? LargerRoot : 0));
        return TryExpandG1(compressed, out var same) && point.SequenceEqual(same);
    }

    /// <summary>x.c1, x.c0, y.c1, y.c0, 48 bytes each, of a compressed point of G2's curve y² = x³ + 4(1 + i); false for infinity and for any
    /// other bytes.</summary>
    public static bool TryExpandG2(ReadOnlySpan<byte> compressed, out byte[] point)
    {
        point = [];
        if (compressed.Length != 2 * FieldSize || !TryFlags(compressed[0], out var larger))
            return false;

        var x = new Square(Number(compressed[FieldSize..]), Number(compressed[..FieldSize], masked: true));
        if (x.C0 >= Prime || x.C1 >= Prime || ((x * x * x) + new Square(4, 4)).Root() is not { } y)
            return false;

        if ((y.C1.IsZero ? y.C0 > Half : y.C1 > Half) != larger)
            y = new Square(Positive(-y.C0), Positive(-y.C1));

        point = [.. Bytes(x.C1), .. Bytes(x.C0), .. Bytes(y.C1), .. Bytes(y.C0)];
        return true;
    }

    /// <summary>hash_to_field of RFC 9380 section 5.2 with two elements, expand_message_xmd and SHA-256; 48 bytes each.</summary>
    /// <param name="message">What is hashed; for drand already a digest.</param>
    /// <param name="tag">At most 255 bytes.</param>
    public static (byte[] First, byte[] Second) HashToField(ReadOnlySpan<byte> message, ReadOnlySpan<byte> tag)
    {
        const int blocks = 4;
        byte[] prime = [.. tag, checked((byte)tag.Length)];
        var first = SHA256.HashData([.. new byte[SHA256.HashSizeInBytes * 2], .. message, 0, blocks * SHA256.HashSizeInBytes, 0, .. prime]);
        var uniform = new byte[blocks * SHA256.HashSizeInBytes];
        var last = new byte[SHA256.HashSizeInBytes];
        for (byte i = 1; i <= blocks; i++)
        {
            last = SHA256.HashData([.. last.Zip(first, (a, b) => (byte)(a ^ b)), i, .. prime]);
            last.CopyTo(uniform, (i - 1) * SHA256.HashSizeInBytes);
        }

        return (Bytes(Number(uniform.AsSpan(0, 64)) % Prime), Bytes(Number(uniform.AsSpan(64)) % Prime));
    }

    private static bool TryFlags(byte first, out bool larger)
    {
        larger = (first & LargerRoot) != 0;
        return (first & (Compressed | Infinity)) == Compressed;
    }

    private static BigInteger Number(ReadOnlySpan<byte> bytes, bool masked = false)
    {
        var copy = bytes.ToArray();
        if (masked)
            copy[0] &= LargerRoot - 1;

        return new BigInteger(copy, isUnsigned: true, isBigEndian: true);
    }

    private static byte[] Bytes(BigInteger value)
    {
        var bytes = new byte[FieldSize];
        value.TryWriteBytes(bytes.AsSpan(FieldSize - value.GetByteCount(isUnsigned: true)), out _, isUnsigned: true, isBigEndian: true);
        return bytes;
    }

    private static BigInteger Positive(BigInteger value) => ((value % Prime) + Prime) % Prime;

    // The prime is 3 modulo 4.
    private static BigInteger? Root(BigInteger value)
    {
        var root = BigInteger.ModPow(Positive(value), (Prime + 1) / 4, Prime);
        return ((root * root) - value) % Prime == 0 ? root : null;
    }

    /// <summary>c0 + c1·i with i² = -1.</summary>
    private readonly record struct Square(BigInteger C0, BigInteger C1)
    {
        public static Square operator *(Square a, Square b)
            => new(Positive((a.C0 * b.C0) - (a.C1 * b.C1)), Positive((a.C0 * b.C1) + (a.C1 * b.C0)));

        public static Square operator +(Square a, Square b) => new((a.C0 + b.C0) % Prime, (a.C1 + b.C1) % Prime);

        // If the root is r0 + r1·i, the norm's root n gives r0² = (c0 ± n) / 2, and r1 = c1 / 2·r0.
        public Square? Root()
        {
            if (Bls381.Root((C0 * C0) + (C1 * C1)) is not { } norm)
                return null;

            var half = (Prime + 1) / 2;
            var r0 = Bls381.Root((C0 + norm) * half % Prime) ?? Bls381.Root(Positive((C0 - norm) * half));
            if (r0 is not { IsZero: false } real)
                return null;

            var root = new Square(real, Positive(C1 * BigInteger.ModPow(2 * real, Prime - 2, Prime)));
            return root * root == this ? root : null;
        }
    }
}
