using System.Buffers.Binary;
using System.Runtime.CompilerServices;

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
        {
            return a;
        }

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

        // The upper half is worth Fold times as much below.
        c = 0;
        p0 = Accumulate(p0, p4, Fold, ref c);
        p1 = Accumulate(p1, p5, Fold, ref c);
        p2 = Accumulate(p2, p6, Fold, ref c);
        p3 = Accumulate(p3, p7, Fold, ref c);
        return Reduce(p0, p1, p2, p3, c);
    }

    public FieldElement Squared() => this * this;

    /// <summary>The inverse by Fermat: a^(p−2).</summary>
    public FieldElement Inverse() => Power(new FieldElement(P0 - 2, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue));

    /// <summary>A square root, a^((p+1)/4), since p ≡ 3 (mod 4); false when there is none.</summary>
    public bool TrySquareRoot(out FieldElement root)
    {
        root = Power(new FieldElement(0xFFFF_FFFF_BFFF_FF0C, ulong.MaxValue, ulong.MaxValue, 0x3FFF_FFFF_FFFF_FFFF));
        return root.Squared().Equals(this);
    }

    public bool Equals(FieldElement other) => w0 == other.w0 && w1 == other.w1 && w2 == other.w2 && w3 == other.w3;

    public override bool Equals(object? obj) => obj is FieldElement other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(w0, w1, w2, w3);

    private bool ExceedsP => w3 == ulong.MaxValue && w2 == ulong.MaxValue && w1 == ulong.MaxValue && w0 >= P0;

    private FieldElement Power(FieldElement exponent)
    {
        // Four bits of the exponent a step: its bits are nearly all ones.
        Span<FieldElement> powers = stackalloc FieldElement[16];
        powers[0] = One;
        for (var i = 1; i < powers.Length; i++)
        {
            powers[i] = powers[i - 1] * this;
        }

        var result = One;
        Span<ulong> limbs = [exponent.w0, exponent.w1, exponent.w2, exponent.w3];
        for (var bit = 252; bit >= 0; bit -= 4)
        {
            result = result.Squared().Squared().Squared().Squared();
            result *= powers[(int)((limbs[bit / 64] >> (bit % 64)) & 15)];
        }

        return result;
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
