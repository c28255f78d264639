namespace Notary.Evidence.Ethereum;

/// <summary>
/// A scalar k as k1 + k2·λ with halves of 128 bits (Gallant, Lambert, Vanstone 2001; the basis is that of SEC 2's curve, found
/// by Euclid's algorithm as in Guide to Elliptic Curve Cryptography §3.5). λ times a point costs one multiplication, so half of
/// the doublings are saved.
/// </summary>
internal readonly record struct SplitScalar(BigInteger K1, BigInteger K2)
{
    /// <summary>A cube root of one modulo the order.</summary>
    internal static readonly BigInteger Lambda = Number("5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72");

    // Two short vectors (x, y) with x + y·λ ≡ 0: (a1, −b1) and (a2, a1).
    private static readonly BigInteger A1 = Number("3086d221a7d46bcde86c90e49284eb15");
    private static readonly BigInteger B1 = Number("e4437ed6010e88286f547fa90abfe4c3");
    private static readonly BigInteger A2 = Number("0114ca50f7a8e2f3f657c1108d9d44cfd8");

    /// <param name="scalar">From 0 to below the order.</param>
    public static SplitScalar Of(BigInteger scalar)
    {
        // The nearest lattice point, rounded in each direction.
        var c1 = Rounded(A1 * scalar);
        var c2 = Rounded(B1 * scalar);
        return new SplitScalar(scalar - (c1 * A1) - (c2 * A2), (c1 * B1) - (c2 * A1));
    }

    private static BigInteger Rounded(BigInteger dividend) => (dividend + (Secp256k1.Order >> 1)) / Secp256k1.Order;

    private static BigInteger Number(string hex) => new(Convert.FromHexString(hex), isUnsigned: true, isBigEndian: true);
}
