namespace Notary.Evidence.Ethereum;

/// <summary>A scalar as a sum of powers of two times odd digits of either sign, at most one in <c>width</c> of them not zero (wNAF).</summary>
internal static class SignedDigits
{
    /// <summary>Digits of a 128-bit scalar and its sign; the last takes the carry.</summary>
    public const int Length = 129;

    /// <summary>Absolute values that a digit other than zero can have.</summary>
    public static int OddValues(int width) => 1 << (width - 2);

    /// <param name="scalar">The absolute value.</param>
    /// <param name="negative">Turns every digit's sign.</param>
    /// <param name="width">At most 8: a digit is below 2^(width − 1).</param>
    /// <param name="digits"><see cref="Length"/> digits, the lowest first.</param>
    public static void Write(UInt128 scalar, bool negative, int width, Span<sbyte> digits)
    {
        digits.Clear();
        var carry = 0;
        for (var i = 0; i < Length;)
        {
            // Shifts of this type count modulo 128.
            var rest = i < 128 ? scalar >> i : 0;
            if (((int)rest & 1) == carry)
            {
                // The bit and the carry make an even number here: its half is the next carry.
                i++;
                continue;
            }

            var value = ((int)rest & ((1 << width) - 1)) + carry;
            carry = value >= 1 << (width - 1) ? 1 : 0;
            value -= carry << width;
            digits[i] = (sbyte)(negative ? -value : value);
            i += width;
        }
    }
}
