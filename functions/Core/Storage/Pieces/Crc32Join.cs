namespace Notary.Storage;

/// <summary>The CRC-32 of two texts one after the other, from each one's: so that it goes on in another process.</summary>
/// <remarks>CRC-32 is the remainder modulo P(x); appending n bytes multiplies by x^(8n). Bits are reflected, as in zip: bit 31 is x^0.</remarks>
internal static class Crc32Join
{
    /// <summary>P(x) without x^32, reflected.</summary>
    private const uint Polynomial = 0xEDB88320;

    private const uint One = 1u << 31, EightOfX = 1u << 23;

    /// <param name="first">Of the first.</param>
    /// <param name="second">Of the second.</param>
    /// <param name="length">Bytes of the second.</param>
    public static uint Join(uint first, uint second, long length)
    {
        var (power, square) = (One, EightOfX);
        for (; length > 0; length >>= 1, square = Multiply(square, square))
        {
            if ((length & 1) != 0)
                power = Multiply(power, square);
        }

        return Multiply(power, first) ^ second;
    }

    private static uint Multiply(uint left, uint right)
    {
        uint product = 0;
        for (var bit = One; bit != 0; bit >>= 1)
        {
            if ((left & bit) != 0)
                product ^= right;

            right = (right >> 1) ^ ((right & 1) != 0 ? Polynomial : 0);
        }

        return product;
    }
}
