namespace Notary.Evidence.Ethereum;

/// <summary>ECDSA over secp256k1 as Ethereum uses it (SEC 1 §4.1, EIP-2 for the low s): recovery only, signing is the vault's.</summary>
public static class Secp256k1
{
    /// <summary>Length of a signature r‖s in bytes (IEEE P1363).</summary>
    public const int SignatureSize = 64;

    internal static readonly BigInteger Order = new(
        Convert.FromHexString("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"), isUnsigned: true, isBigEndian: true);

    private static readonly BigInteger HalfOrder = Order / 2;

    /// <summary>The public key x‖y (64 bytes) that made the signature, or null when there is none.</summary>
    /// <param name="hash">The 32 bytes that were signed.</param>
    /// <param name="signature">r‖s, 64 bytes.</param>
    /// <param name="yParity">Whether y of the nonce point was odd.</param>
    public static byte[]? Recover(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature, bool yParity)
    {
        if (hash.Length != 32 || !TrySplit(signature, out var r, out var s) || CurvePoint.Lift(signature[..32], yParity) is not { } point)
            return null;

        var inverse = Inverse(r);
        var key = point.CombineWithGenerator(Reduced(-Number(hash) * inverse), Reduced(s * inverse));
        return key.IsInfinity ? null : key.ToArray();
    }

    /// <summary>Whether s is in the lower half: of the two signatures anyone can make from one, the only one Ethereum accepts (EIP-2).</summary>
    public static bool IsLowS(ReadOnlySpan<byte> signature) => TrySplit(signature, out _, out var s) && s <= HalfOrder;

    private static bool TrySplit(ReadOnlySpan<byte> signature, out BigInteger r, out BigInteger s)
    {
        r = s = BigInteger.Zero;
        if (signature.Length != SignatureSize)
            return false;

        r = Number(signature[..32]);
        s = Number(signature[32..]);
        return r.Sign > 0 && s.Sign > 0 && r < Order && s < Order;
    }

    /// <summary>The inverse modulo the order, by Euclid: five times as fast as by Fermat. The value is between 1 and the order, which is prime.</summary>
    private static BigInteger Inverse(BigInteger value)
    {
        var (a, b) = (Order, value);
        var (x, y) = (BigInteger.Zero, BigInteger.One);
        while (!b.IsOne)
        {
            var quotient = BigInteger.DivRem(a, b, out var rest);
            (a, b) = (b, rest);
            (x, y) = (y, x - (quotient * y));
        }

        return y;
    }

    private static BigInteger Number(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    private static BigInteger Reduced(BigInteger value)
    {
        var reduced = BigInteger.Remainder(value, Order);
        return reduced.Sign < 0 ? reduced + Order : reduced;
    }
}
