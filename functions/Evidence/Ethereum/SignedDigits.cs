namespace Notary.Evidence.Ethereum;

/// <summary>A scalar as a sum of powers of two times odd digits between −15 and 15, at most one in five of them not zero (wNAF of width 5).</summary>
internal static class SignedDigits
{
    /// <summary>Digits of a 256-bit scalar; the last takes the carry.</summary>
    public const int Length = 257;

    /// <summary>Absolute values that a digit other than zero can have.</summary>
    public const int OddValues = 8;

    private const int Width = 5;

    /// <param name="scalar">32 bytes, big-endian.</param>
    /// <param name="digits"><see cref="Length"/> digits, the lowest first.</param>
    public static void Write(ReadOnlySpan<byte> scalar, Span<sbyte> digits)
    {
        digits.Clear();
        var carry = 0;
        for (var i = 0; i < Length;)
        {
            if (Bits(scalar, i, 1) == carry)
            {
                // The bit and the carry make an even number here: its half is the next carry.
                i++;
                continue;
            }

            var value = Bits(scalar, i, Width) + carry;
            carry = value >= 1 << (Width - 1) ? 1 : 0;
            digits[i] = (sbyte)(value - (carry << Width));
            i += Width;
        }
    }

    private static int Bits(ReadOnlySpan<byte> scalar, int from, int count)
    {
        var value = 0;
        for (var i = from + count - 1; i >= from; i--)
        {
            value = (value << 1) | (i < 256 ? (scalar[31 - (i / 8)] >> (i % 8)) & 1 : 0);
        }

        return value;
    }
}
