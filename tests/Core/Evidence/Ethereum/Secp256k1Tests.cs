namespace Notary.Evidence.Tests.Ethereum;

[TestClass]
public sealed class Secp256k1Tests
{
    private static readonly BigInteger Order = BigInteger.Parse("0FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141",
        NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    [TestMethod]
    public void Signatures_by_dotnets_ecdsa_give_their_key_back()
    {
        for (var i = 0; i < 40; i++)
        {
            using var key = ECDsa.Create(ECCurve.CreateFromValue("1.3.132.0.10"));
            var hash = RandomNumberGenerator.GetBytes(32);
            var signature = key.SignHash(hash);
            var q = key.ExportParameters(false).Q;
            byte[] publicKey = [.. q.X!, .. q.Y!];

            var low = NethereumPeer.LowS(signature);
            Assert.IsTrue(Secp256k1.IsLowS(low));
            Assert.IsTrue(key.VerifyHash(hash, low), "the low s is as good a signature");
            Assert.AreEqual(1, Recovered(hash, low).Count(k => k == Convert.ToHexString(publicKey)));

            hash[5] ^= 1;
            CollectionAssert.DoesNotContain(Recovered(hash, low), Convert.ToHexString(publicKey));
        }
    }

    [TestMethod]
    public void Dotnet_agrees_on_tampered_signatures()
    {
        using var key = ECDsa.Create(ECCurve.CreateFromValue("1.3.132.0.10"));
        var hash = RandomNumberGenerator.GetBytes(32);
        var signature = key.SignHash(hash);
        var q = key.ExportParameters(false).Q;
        byte[] publicKey = [.. q.X!, .. q.Y!];
        for (var i = 0; i < signature.Length; i++)
        {
            var tampered = signature.ToArray();
            tampered[i] ^= 0x10;
            Assert.AreEqual(key.VerifyHash(hash, tampered), Recovered(hash, tampered).Contains(Convert.ToHexString(publicKey)), $"byte {i}");
        }

        CollectionAssert.Contains(Recovered(hash, signature), Convert.ToHexString(publicKey));
    }

    private static string[] Recovered(byte[] hash, byte[] signature)
        => [.. new[] { false, true }.Select(parity => Secp256k1.Recover(hash, signature, parity)).OfType<byte[]>().Select(Convert.ToHexString)];

    [TestMethod]
    public void Out_of_range_r_and_s_are_refused()
    {
        var hash = new byte[32];
        byte[] one = [.. new byte[31], 1];
        var order = Order.ToByteArray(isUnsigned: true, isBigEndian: true);
        foreach (var bad in new byte[][] { [.. new byte[32], .. one], [.. one, .. new byte[32]], [.. order, .. one], [.. one, .. order], new byte[63] })
        {
            Assert.IsNull(Secp256k1.Recover(hash, bad, false));
            Assert.IsFalse(Secp256k1.IsLowS(bad));
        }
    }

    /// <summary>k1 + k2·λ is k again, each half fits 128 bits, and so do the digits that it is written in.</summary>
    [TestMethod]
    public void Scalars_split_into_halves_and_digits_and_come_together_again()
    {
        var random = new Random(5);
        BigInteger[] edges = [0, 1, 2, Order - 1, Order - 2, Order / 2, (Order / 2) + 1, SplitScalar.Lambda,
            Order - SplitScalar.Lambda, BigInteger.Pow(2, 128), BigInteger.Pow(2, 128) - 1, BigInteger.Pow(2, 255)];
        Span<sbyte> digits = stackalloc sbyte[SignedDigits.Length];
        for (var i = 0; i < 3_000; i++)
        {
            var k = i < edges.Length ? edges[i] : Number(random) % Order;
            var split = SplitScalar.Of(k);
            Assert.AreEqual(k, (((split.K1 + (split.K2 * SplitScalar.Lambda)) % Order) + Order) % Order);
            foreach (var half in new[] { split.K1, split.K2 })
            {
                Assert.IsLessThanOrEqualTo(128, (int)BigInteger.Abs(half).GetBitLength());
                foreach (var width in new[] { 5, 8 })
                {
                    SignedDigits.Write((UInt128)BigInteger.Abs(half), half.Sign < 0, width, digits);
                    Assert.AreEqual(half, Sum(digits, width));
                }
            }
        }

        foreach (var extreme in new[] { UInt128.MaxValue, UInt128.MaxValue - 1, UInt128.One << 127, UInt128.Zero, UInt128.One })
        {
            SignedDigits.Write(extreme, false, 8, digits);
            Assert.AreEqual((BigInteger)extreme, Sum(digits, 8));
        }
    }

    private static BigInteger Sum(ReadOnlySpan<sbyte> digits, int width)
    {
        var sum = BigInteger.Zero;
        for (var i = digits.Length - 1; i >= 0; i--)
        {
            sum = (sum * 2) + digits[i];
            Assert.IsTrue(digits[i] == 0 || (digits[i] % 2 != 0 && Math.Abs(digits[i]) < 1 << (width - 1)));
        }

        return sum;
    }

    [TestMethod]
    public void Field_arithmetic_agrees_with_big_integers()
    {
        var p = BigInteger.Pow(2, 256) - BigInteger.Pow(2, 32) - 977;
        var random = new Random(3);
        var edges = new BigInteger[] { 0, 1, 2, p - 1, p - 2, BigInteger.Pow(2, 64),
            BigInteger.Pow(2, 64) - 1, BigInteger.Pow(2, 255), BigInteger.Pow(2, 32) + 977 };
        for (var i = 0; i < 3_000; i++)
        {
            var x = i < 81 ? edges[i / 9] : Number(random) % p;
            var y = i < 81 ? edges[i % 9] : Number(random) % p;
            var (a, b) = (Field(x), Field(y));
            Assert.AreEqual((x + y) % p, Number(a + b));
            Assert.AreEqual((((x - y) % p) + p) % p, Number(a - b));
            Assert.AreEqual(x * y % p, Number(a * b));
            Assert.AreEqual((p - x) % p, Number(-a));
            Assert.AreEqual(x * x % p, Number(a.Squared()));
            if (i % 50 == 0)
            {
                Assert.AreEqual(BigInteger.ModPow(x, p - 2, p), Number(a.Inverse()));
                Assert.AreEqual(x.IsZero || BigInteger.ModPow(x, (p - 1) / 2, p).IsOne, a.TrySquareRoot(out var root));
                Assert.AreEqual(BigInteger.ModPow(x, (p + 1) / 4, p), Number(root));
            }
        }

        Assert.AreEqual(BigInteger.One, Number(Field(12345) * Field(12345).Inverse()));
        Assert.IsFalse(FieldElement.TryRead(p.ToByteArray(isUnsigned: true, isBigEndian: true), out _), "p itself is no element");
    }

    private static BigInteger Number(Random random)
    {
        var bytes = new byte[32];
        random.NextBytes(bytes);
        return new BigInteger(bytes, isUnsigned: true);
    }

    private static FieldElement Field(BigInteger value)
    {
        var bytes = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        Assert.IsTrue(FieldElement.TryRead([.. new byte[32 - bytes.Length], .. bytes], out var element));
        return element;
    }

    private static BigInteger Number(FieldElement element)
    {
        var bytes = new byte[32];
        element.Write(bytes);
        return new BigInteger(bytes, isUnsigned: true, isBigEndian: true);
    }
}
