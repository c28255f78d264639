namespace Notary.Evidence.Ethereum;

/// <summary>A number modulo p = 2^256 − 2^32 − 977, the field of secp256k1, always fully reduced.</summary>
/// <remarks>Not constant-time: only public values (signatures, public keys) ever pass through here; the private key stays in the vault.</remarks>
internal readonly struct FieldElement(ulong w0, ulong w1, ulong w2, ulong w3) : IEquatable<FieldElement>
{
    // 2^256 mod p, by which the upper half of a product is folded into the lower.
    private const ulong Fold = 0x1_0000_03D1;

    private const ulong P0 = 0xFFFF_FFFE_FFFF_FC2F;

    private readonly ulong w0 = w0;
    private readonly ulong w1 = w1;
    private readonly ulong w2 = w2;
    private readonly ulong w3 = w3;

    public static FieldElement One => new(1, 0, 0, 0);

    public static FieldElement Seven => new(7, 0, 0, 0);

    public bool IsZero => (w0 | w1 | w2 | w3) == 0;

    public bool IsOdd => (w0 & 1) == 1;

    /// <summary>Reads 32 big-endian bytes; false when they are not below p.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out FieldElement value)
    {
        value = new FieldElement(
            BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes));
        return !value.ExceedsP;
    }

    public void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteUInt64BigEndian(to, w3);
        BinaryPrimitives.WriteUInt64BigEndian(to[8..], w2);
        BinaryPrimitives.WriteUInt64BigEndian(to[16..], w1);
        BinaryPrimitives.WriteUInt64BigEndian(to[24..], w0);
    }

    public static FieldElement operator +(FieldElement a, FieldElement b)
    {
        ulong c = 0;
        var r0 = Add(a.w0, b.w0, ref c);
        var r1 = Add(a.w1, b.w1, ref c);
        var r2 = Add(a.w2, b.w2, ref c);
        var r3 = Add(a.w3, b.w3, ref c);
        return Reduce(r0, r1, r2, r3, c);
    }

    public static FieldElement operator -(FieldElement a, FieldElement b) => a + -b;

    public static FieldElement operator -(FieldElement a)
    {
        if (a.IsZero)
            return a;

        // p − a: the upper three limbs of p are all ones, so only the lowest can borrow.
        var r0 = P0 - a.w0;
        var borrow = P0 < a.w0 ? 1UL : 0;
        var r1 = ~a.w1 - borrow;
        borrow = borrow == 1 && ~a.w1 == 0 ? 1UL : 0;
        var r2 = ~a.w2 - borrow;
        borrow = borrow == 1 && ~a.w2 == 0 ? 1UL : 0;
        return new FieldElement(r0, r1, r2, ~a.w3 - borrow);
    }

    public static FieldElement operator *(FieldElement a, FieldElement b)
    {
        // Row by row: the product's eight limbs.
        ulong c = 0;
        var p0 = Accumulate(0, a.w0, b.w0, ref c);
        var p1 = Accumulate(0, a.w0, b.w1, ref c);
        var p2 = Accumulate(0, a.w0, b.w2, ref c);
        var p3 = Accumulate(0, a.w0, b.w3, ref c);
        var p4 = c;
        c = 0;
        p1 = Accumulate(p1, a.w1, b.w0, ref c);
        p2 = Accumulate(p2, a.w1, b.w1, ref c);
        p3 = Accumulate(p3, a.w1, b.w2, ref c);
        p4 = Accumulate(p4, a.w1, b.w3, ref c);
        var p5 = c;
        c = 0;
        p2 = Accumulate(p2, a.w2, b.w0, ref c);
        p3 = Accumulate(p3, a.w2, b.w1, ref c);
        p4 = Accumulate(p4, a.w2, b.w2, ref c);
        p5 = Accumulate(p5, a.w2, b.w3, ref c);
        var p6 = c;
        c = 0;
        p3 = Accumulate(p3, a.w3, b.w0, ref c);
        p4 = Accumulate(p4, a.w3, b.w1, ref c);
        p5 = Accumulate(p5, a.w3, b.w2, ref c);
        p6 = Accumulate(p6, a.w3, b.w3, ref c);
        var p7 = c;

        return Folded(p0, p1, p2, p3, p4, p5, p6, p7);
    }

    /// <summary>The square: each product of two different limbs is made once and doubled.</summary>
    public FieldElement Squared()
    {
        ulong c = 0;
        var p1 = Accumulate(0, w0, w1, ref c);
        var p2 = Accumulate(0, w0, w2, ref c);
        var p3 = Accumulate(0, w0, w3, ref c);
        var p4 = c;
        c = 0;
        p3 = Accumulate(p3, w1, w2, ref c);
        p4 = Accumulate(p4, w1, w3, ref c);
        var p5 = c;
        c = 0;
        p5 = Accumulate(p5, w2, w3, ref c);
        var p6 = c;

        var p7 = p6 >> 63;
        p6 = (p6 << 1) | (p5 >> 63);
        p5 = (p5 << 1) | (p4 >> 63);
        p4 = (p4 << 1) | (p3 >> 63);
        p3 = (p3 << 1) | (p2 >> 63);
        p2 = (p2 << 1) | (p1 >> 63);
        p1 <<= 1;

        c = 0;
        var high = Math.BigMul(w0, w0, out var p0);
        p1 = Add(p1, high, ref c);
        high = Math.BigMul(w1, w1, out var low);
        p2 = Add(p2, low, ref c);
        p3 = Add(p3, high, ref c);
        high = Math.BigMul(w2, w2, out low);
        p4 = Add(p4, low, ref c);
        p5 = Add(p5, high, ref c);
        high = Math.BigMul(w3, w3, out low);
        p6 = Add(p6, low, ref c);
        p7 = Add(p7, high, ref c);
        return Folded(p0, p1, p2, p3, p4, p5, p6, p7);
    }

    /// <summary>The inverse by Fermat: a^(p−2).</summary>
    public FieldElement Inverse()
    {
        // p − 2 in binary: 223 ones, 0, 22 ones, 0000101101.
        var ones = Ones(out var two, out var twentyTwo);
        return ((((ones.Squared(23) * twentyTwo).Squared(5) * this).Squared(3) * two).Squared(2)) * this;
    }

    /// <summary>A square root, a^((p+1)/4), since p ≡ 3 (mod 4); false when there is none.</summary>
    public bool TrySquareRoot(out FieldElement root)
    {
        // (p + 1) / 4 in binary: 223 ones, 0, 22 ones, 00001100.
        var ones = Ones(out var two, out var twentyTwo);
        root = ((ones.Squared(23) * twentyTwo).Squared(6) * two).Squared(2);
        return root.Squared().Equals(this);
    }

    public bool Equals(FieldElement other) => w0 == other.w0 && w1 == other.w1 && w2 == other.w2 && w3 == other.w3;

    public override bool Equals(object? obj) => obj is FieldElement other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(w0, w1, w2, w3);

    private bool ExceedsP => w3 == ulong.MaxValue && w2 == ulong.MaxValue && w1 == ulong.MaxValue && w0 >= P0;

    private FieldElement Squared(int times)
    {
        var result = this;
        for (; times > 0; times--)
            result = result.Squared();

        return result;
    }

    /// <summary>This to the power of 2²²³ − 1, and on the way of 2² − 1 and of 2²² − 1: numbers whose bits are all ones.</summary>
    private FieldElement Ones(out FieldElement two, out FieldElement twentyTwo)
    {
        two = Squared() * this;
        var three = two.Squared() * this;
        var six = three.Squared(3) * three;
        var eleven = (six.Squared(3) * three).Squared(2) * two;
        twentyTwo = eleven.Squared(11) * eleven;
        var fortyFour = twentyTwo.Squared(22) * twentyTwo;
        var eightyEight = fortyFour.Squared(44) * fortyFour;
        return ((eightyEight.Squared(88) * eightyEight).Squared(44) * fortyFour).Squared(3) * three;
    }

    // The upper half of a product is worth Fold times as much below.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FieldElement Folded(ulong p0, ulong p1, ulong p2, ulong p3, ulong p4, ulong p5, ulong p6, ulong p7)
    {
        ulong c = 0;
        p0 = Accumulate(p0, p4, Fold, ref c);
        p1 = Accumulate(p1, p5, Fold, ref c);
        p2 = Accumulate(p2, p6, Fold, ref c);
        p3 = Accumulate(p3, p7, Fold, ref c);
        return Reduce(p0, p1, p2, p3, c);
    }

    // sum + x·y + carry: the low limb, the high one being the next carry. It cannot overflow 128 bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Accumulate(ulong sum, ulong x, ulong y, ref ulong carry)
    {
        var high = Math.BigMul(x, y, out var low);
        low += sum;
        high += low < sum ? 1UL : 0;
        low += carry;
        high += low < carry ? 1UL : 0;
        carry = high;
        return low;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Add(ulong x, ulong y, ref ulong carry)
    {
        var sum = x + y;
        var over = sum < x ? 1UL : 0;
        sum += carry;
        carry = over + (sum < carry ? 1UL : 0);
        return sum;
    }

    // Folds the fifth limb until none is left (at most twice), then takes p off once if needed.
    private static FieldElement Reduce(ulong r0, ulong r1, ulong r2, ulong r3, ulong over)
    {
        while (over != 0)
        {
            var high = Math.BigMul(over, Fold, out var low);
            ulong c = 0;
            r0 = Add(r0, low, ref c);
            r1 = Add(r1, high, ref c);
            r2 = Add(r2, 0, ref c);
            r3 = Add(r3, 0, ref c);
            over = c;
        }

        var value = new FieldElement(r0, r1, r2, r3);
        return value.ExceedsP ? new FieldElement(r0 - P0, 0, 0, 0) : value;
    }
}
