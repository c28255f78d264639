namespace Notary.Verification.Tests;

/// <summary>What a token's signature does not cover: algorithm identifiers, certificates, revocation lists, unsigned attributes (docs/trusted-time.md,
/// "What nothing in a token signs").</summary>
[TestClass]
public sealed class UnsignedPartsTests
{
    // ContentInfo → [0] → SignedData, and in it.
    private static readonly int[] Digests = [1, 0, 1, 0];
    private static readonly int[] Certificates = [1, 0, 3];
    private static readonly int[] Signer = [1, 0, 4, 0];
    private static readonly int[] SignerDigest = [1, 0, 4, 0, 2];
    private static readonly int[] SignerAlgorithm = [1, 0, 4, 0, 4];

    private static readonly byte[] Null = [0x05, 0x00];

    private static TimestampAuthority rsa = null!;
    private static TimestampAuthority pss = null!;
    private static TimestampAuthority p256 = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext context)
    {
        rsa = await TimestampAuthority.StartAsync(new() { Name = "rsa", Key = TestKey.Rsa3072 });
        pss = await TimestampAuthority.StartAsync(new() { Name = "pss", Key = TestKey.Rsa3072, Pss = true });
        p256 = await TimestampAuthority.StartAsync(new() { Name = "p256" });
    }

    [ClassCleanup]
    public static async Task StopAsync()
    {
        await rsa.DisposeAsync();
        await pss.DisposeAsync();
        await p256.DisposeAsync();
    }

    /// <summary>RSA PKCS #1 with SHA-256 has two spellings (RFC 5754 §3.2), which say the same. No other algorithm in its place passes.</summary>
    [TestMethod]
    public void A_signature_algorithm_that_is_put_in_anothers_place_is_refused()
    {
        string[] two = [TimeOids.Rsa, TimeOids.Sha256Rsa];
        string[] others =
        [
            "1.2.840.113549.1.1.2", "1.2.840.113549.1.1.4", "1.2.840.113549.1.1.5", "1.2.840.113549.1.1.14", "1.3.14.3.2.29", "1.2.840.113549.1.1.7",
            TimeOids.RsaPss, TimeOids.Sha384Rsa, TimeOids.Sha512Rsa, TimeOids.Sha256Ecdsa,
            TimeOids.Sha384Ecdsa, "1.2.840.10045.4.1", "1.2.840.10045.2.1", TimeOids.Sha256,
        ];
        foreach (var oid in two.Concat(others))
        {
            foreach (var parameters in new[] { Null, [] })
            {
                var check = Check(rsa, SignerAlgorithm, _ => Algorithm(oid, parameters));
                Assert.AreEqual(two.Contains(oid), check.Ok, $"{oid}: {check.Code}");
                Assert.IsTrue(check.Code is TokenCodes.Ok or TokenCodes.Algorithm or TokenCodes.Malformed or TokenCodes.Signature, $"{oid}: {check.Code}");
            }
        }

        Assert.AreEqual(TokenCodes.Malformed, Check(rsa, SignerAlgorithm, _ => Algorithm(TimeOids.Sha256Rsa, [0x02, 0x01, 0x00])).Code);
        Assert.AreEqual(TokenCodes.Malformed, Check(rsa, SignerAlgorithm, _ => Algorithm(TimeOids.Sha256Rsa, [.. Null, .. Null])).Code);
        Assert.AreEqual(TokenCodes.Algorithm, Check(rsa, SignerAlgorithm, _ => Algorithm("1.2.840.113549.1.1.5", Null)).Code, "sha1WithRSAEncryption");
    }

    [TestMethod]
    public void A_digest_algorithm_that_is_put_in_anothers_place_is_refused()
    {
        foreach (var authority in new[] { rsa, pss, p256 })
        {
            foreach (var oid in new[] { TimeOids.Sha384, TimeOids.Sha512, "1.3.14.3.2.26",
                "2.16.840.1.101.3.4.2.4", "1.2.840.113549.2.5", "1.2.156.10197.1.401" })
            {
                var token = Asked.New().Token(authority);
                var one = DerTree.Replace(token, SignerDigest, _ => Algorithm(oid, Null));
                Assert.AreEqual(TokenCodes.Malformed, Judge(authority, one).Code, "not among the algorithms that the token lists");
                foreach (var signature in new[] { TimeOids.Rsa, TimeOids.Sha384Rsa, TimeOids.Sha512Rsa, TimeOids.Sha384Ecdsa })
                {
                    var all = DerTree.Replace(DerTree.Replace(one, Digests, _ => Algorithm(oid, Null)), SignerAlgorithm, _ => Algorithm(signature, Null));
                    var code = Judge(authority, all).Code;
                    Assert.IsTrue(code is TokenCodes.Algorithm or TokenCodes.MessageDigest, $"{oid} {signature}: {code}");
                }
            }
        }
    }

    /// <summary>RFC 4055 §3.1: hash, mask hash and salt length are all written out and all of the signer's digest; trailer field left out.</summary>
    [TestMethod]
    public void Pss_parameters_other_than_the_signers_digest_are_refused()
    {
        static byte[] Tagged(int tag, params byte[] content) => DerTree.Wrap((byte)(0xa0 + tag), content);
        static byte[] Hash(string oid) => Algorithm(oid, Null);
        static byte[] Mask(string oid, string mgf = TimeOids.Mgf1) => Algorithm(mgf, Hash(oid));
        static byte[] Salt(byte length) => [0x02, 0x01, length];
        byte[] Pss(params byte[][] parts) => Algorithm(TimeOids.RsaPss, DerTree.Wrap(0x30, [.. parts.SelectMany(p => p)]));

        byte[] hash = Tagged(0, Hash(TimeOids.Sha256)), mask = Tagged(1, Mask(TimeOids.Sha256)), salt = Tagged(2, Salt(32));
        Assert.IsTrue(Check(pss, SignerAlgorithm, _ => Pss(hash, mask, salt)).Ok);
        byte[][] bad =
        [
            Pss(), Pss(hash), Pss(hash, mask), Pss(mask, salt), Pss(hash, salt), Algorithm(TimeOids.RsaPss, []), Algorithm(TimeOids.RsaPss, Null),
            Pss(hash, mask, Tagged(2, Salt(20))), Pss(hash, mask, Tagged(2, Salt(0))),
            Pss(hash, mask, Tagged(2, Salt(0xe0))), Pss(hash, mask, Tagged(2, Salt(64))),
            Pss(Tagged(0, Hash("1.3.14.3.2.26")), mask, salt), Pss(hash, Tagged(1, Mask("1.3.14.3.2.26")),
                salt), Pss(hash, Tagged(1, Mask(TimeOids.Sha256, "1.2.840.113549.1.1.9")), salt),
            Pss(Tagged(0, Hash(TimeOids.Sha512)), mask, salt), Pss(hash, Tagged(1, Mask(TimeOids.Sha512)), salt),
            Pss(hash, mask, salt, Tagged(3, [0x02, 0x01, 0x01])), Pss(hash, mask, salt,
                Tagged(3, [0x02, 0x01, 0x02])), Pss(hash, mask, salt, salt), Pss(mask, hash, salt),
        ];
        for (var i = 0; i < bad.Length; i++)
        {
            var code = Check(pss, SignerAlgorithm, _ => bad[i]).Code;
            Assert.IsTrue(code is TokenCodes.Algorithm or TokenCodes.Malformed, $"case {i}: {code}");
        }

        // Each padding in the other's place.
        Assert.AreEqual(TokenCodes.Signature, Check(rsa, SignerAlgorithm, _ => Pss(hash, mask, salt)).Code);
        Assert.AreEqual(TokenCodes.Signature, Check(pss, SignerAlgorithm, _ => Algorithm(TimeOids.Rsa, Null)).Code);
    }

    /// <summary>RFC 6211: a signer who says which algorithms he used is taken at his word, so the two spellings of RSA cannot be exchanged any more.</summary>
    [TestMethod]
    public void A_signers_own_word_on_his_algorithms_must_fit()
    {
        using var root = TestCertificates.CreateRoot("Root", TestKey.Rsa3072);
        using var signer = TestCertificates.IssueTimestamper(root, "TSA", TestKey.Rsa3072);
        byte[] hash = Algorithm(TimeOids.Sha256, Null), bare = Algorithm(TimeOids.Sha256, []);
        byte[] rsaSpelling = Algorithm(TimeOids.Rsa, Null), sha256Spelling = Algorithm(TimeOids.Sha256Rsa, Null);
        (string Code, byte[] Protection)[] cases =
        [
            (TokenCodes.Ok, Protection(hash, rsaSpelling)),
            (TokenCodes.Ok, Protection(bare, rsaSpelling)),
            (TokenCodes.Algorithm, Protection(hash, sha256Spelling)),
            (TokenCodes.Algorithm, Protection(Algorithm(TimeOids.Sha512, Null), rsaSpelling)),
            (TokenCodes.Algorithm, Protection(hash, Algorithm(TimeOids.Sha256Ecdsa, []))),
            (TokenCodes.Algorithm, Protection(hash, Algorithm("1.2.840.113549.1.1.5", Null))),
            (TokenCodes.Algorithm, DerTree.Wrap(0x30, hash)),
            (TokenCodes.Algorithm, DerTree.Wrap(0x30, [.. hash, 0xa2, .. rsaSpelling[1..]])),
            (TokenCodes.Malformed, DerTree.Wrap(0x30, [.. hash, 0xa1, .. rsaSpelling[1..], .. Null])),
        ];
        foreach (var (code, protection) in cases)
        {
            var token = Protected(signer, protection);
            var check = new TokenVerifier([root]).Check(token, Digest.Of(Asked.Data));
            Assert.AreEqual(code, check.Code, $"{Convert.ToHexString(protection)}: {check.Reason}");
        }

        var swapped = DerTree.Replace(Protected(signer, Protection(hash, rsaSpelling)), SignerAlgorithm, _ => sha256Spelling);
        Assert.AreEqual(TokenCodes.Algorithm, new TokenVerifier([root]).Check(swapped, Digest.Of(Asked.Data)).Code);
    }

    /// <summary>RFC 5652 §5.1 lets them come along and RFC 3161 does not forbid them: read past, and neither they nor what was judged before changes
    /// the verdict. openssl agrees.</summary>
    [TestMethod]
    public async Task Certificates_lists_and_attributes_that_nobody_signed_change_nothing()
    {
        using var stranger = TestCertificates.CreateRoot("Stranger");
        byte[] crl = DerTree.Wrap(0x30,
            [.. DerTree.Wrap(0x30, [.. Algorithm(TimeOids.Sha256Ecdsa, []), .. stranger.SubjectName.RawData,
                .. DerTree.Wrap(0x17, "260101000000Z"u8.ToArray())]), .. Algorithm(TimeOids.Sha256Ecdsa, []), 0x03, 0x01, 0x00]);
        byte[] attribute = DerTree.Wrap(0xa1, DerTree.Wrap(0x30, [0x06, 0x03, 0x88, 0x37, 0x01, 0x31, 0x02, 0x05, 0x00]));
        (string What, bool Openssl, Func<byte[], byte[]> Add)[] parts =
        [
            ("a stranger's certificate before the signer's", true,
                t => DerTree.Replace(t, Certificates, c => DerTree.Wrap(0xa0, [.. stranger.RawData, .. Content(c)]))),
            ("a stranger's certificate after it", true, t => DerTree.Replace(t, Certificates, c => DerTree.Wrap(0xa0, [.. Content(c), .. stranger.RawData]))),
            ("the signer's twice", true, t => DerTree.Replace(t, Certificates, c => DerTree.Wrap(0xa0, [.. Content(c), .. Content(c)]))),
            ("no certificate at all before it", false, t => DerTree.Replace(t, Certificates, c => DerTree.Wrap(0xa0, [0x30, 0x00, .. Content(c)]))),
            ("no certificate at all after it", false,
                t => DerTree.Replace(t, Certificates, c => DerTree.Wrap(0xa0, [.. Content(c), 0x30, 0x03, 0x02, 0x01, 0x05]))),
            ("a revocation list", true, t => DerTree.Replace(t, Certificates, c => [.. c, .. DerTree.Wrap(0xa1, crl)])),
            ("an unsigned attribute", true, t => DerTree.Replace(t, Signer, s => DerTree.Wrap(0x30, [.. Content(s), .. attribute]))),
        ];
        foreach (var authority in new[] { rsa, p256 })
        {
            var asked = Asked.New();
            var token = asked.Token(authority);
            using var openssl = new OpenSsl();
            openssl.Write("root.pem", authority.Root);
            openssl.Write("query.tsq", asked.Query);
            foreach (var (what, agrees, add) in parts)
            {
                // First with nothing remembered of this signer, which a new root forces, then with its chain known.
                await using var fresh = await TimestampAuthority.StartAsync(new() { Name = "fresh" });
                var other = Asked.New();
                Assert.AreEqual(TokenCodes.Ok, new TokenVerifier([fresh.Root]).Check(add(other.Token(fresh)), other.Imprint).Code, $"{what}, unknown signer");
                Assert.IsTrue(new TokenVerifier([authority.Root]).Check(token, asked.Imprint).Ok);
                Assert.AreEqual(TokenCodes.Ok, new TokenVerifier([authority.Root]).Check(add(token), asked.Imprint).Code, $"{what}, known signer");
                if (agrees)
                {
                    openssl.Write("token.tsr", TokenResponse.Wrap(add(token)));
                    await openssl.MustAsync("ts", "-verify", "-in", "token.tsr", "-queryfile", "query.tsq", "-CAfile", "root.pem");
                }
            }

            Assert.AreEqual(TokenCodes.Malformed, Judge(authority, DerTree.Replace(token,
                Certificates, c => DerTree.Wrap(0xa0, [.. Enumerable.Repeat(Content(c), 17).SelectMany(x => x)]))).Code, "more certificates than are read");
            Assert.AreEqual(TokenCodes.Malformed,
                Judge(authority, DerTree.Replace(token, Certificates, c => DerTree.Wrap(0xa0, [.. Content(c), 0x04, 0x00]))).Code, "not even a SEQUENCE");
            Assert.AreEqual(TokenCodes.CertificateMissing,
                Judge(authority, DerTree.Replace(token, Certificates, _ => DerTree.Wrap(0xa0, stranger.RawData))).Code);
        }
    }

    /// <summary>Every value of every byte but the certificate's and the signature's: one change passes, and it says the same.</summary>
    [TestMethod]
    public void Nothing_in_an_RSA_token_can_be_respelt_but_the_algorithm()
    {
        var asked = Asked.New();
        var token = asked.Token(rsa);
        var verifier = new TokenVerifier([rsa.Root]);
        var honest = verifier.Check(token, asked.Imprint);
        var certificate = token.AsSpan().IndexOf(rsa.Certificate.RawData);
        var respelt = new List<string>();
        for (var at = 0; at < token.Length - 384; at++)
        {
            if (at > certificate && at < certificate + rsa.Certificate.RawData.Length)
            {
                continue; // ESSCertIDv2 has its hash; TokenFuzzTests changes it too
            }

            for (var flip = 1; flip < 256; flip++)
            {
                var changed = token.ToArray();
                changed[at] ^= (byte)flip;
                var check = verifier.Check(changed, asked.Imprint);
                if (check.Ok)
                {
                    Assert.AreEqual(honest, check);
                    respelt.Add($"{Convert.ToHexStringLower(changed.AsSpan(at - 8, 9))} for {token[at]:x2}");
                }
            }
        }

        CollectionAssert.AreEqual(new[] { "2a864886f70d010101 for 0b" }, respelt);
    }

    private static TokenCheck Check(TimestampAuthority authority, int[] path, Func<byte[], byte[]> change)
        => Judge(authority, DerTree.Replace(Asked.New().Token(authority), path, change));

    private static TokenCheck Judge(TimestampAuthority authority, byte[] token) => new TokenVerifier([authority.Root]).Check(token, Digest.Of(Asked.Data));

    private static byte[] Algorithm(string oid, byte[] parameters)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteObjectIdentifier(oid);
        return DerTree.Wrap(0x30, [.. writer.Encode(), .. parameters]);
    }

    private static byte[] Protection(byte[] digest, byte[] signature) => DerTree.Wrap(0x30, [.. digest, 0xa1, .. signature[1..]]);

    private static byte[] Content(byte[] der)
    {
        AsnDecoder.ReadEncodedValue(der, AsnEncodingRules.DER, out var start, out var length, out _);
        return der[start..(start + length)];
    }

    private static byte[] Protected(X509Certificate2 signer, byte[] protection)
    {
        var info = new Rfc3161TimestampTokenInfo(new Oid("2.999.5"), new Oid(TimeOids.Sha256),
            SHA256.HashData(Asked.Data), new byte[] { 1 }, TimeProvider.System.GetUtcNow());
        var cms = new SignedCms(new ContentInfo(new Oid(TimeOids.TstInfo), info.Encode()));
        var who = new CmsSigner(SubjectIdentifierType.IssuerAndSerialNumber, signer)
        {
            IncludeOption = X509IncludeOption.EndCertOnly,
            DigestAlgorithm = new Oid(TimeOids.Sha256)
        };
        who.SignedAttributes.Add(new AsnEncodedData(new Oid(TimeOids.SigningCertificateV2),
            DerTree.Wrap(0x30, DerTree.Wrap(0x30, DerTree.Wrap(0x30, DerTree.Wrap(0x04, SHA256.HashData(signer.RawData)))))));
        who.SignedAttributes.Add(new AsnEncodedData(new Oid("1.2.840.113549.1.9.52"), protection));
        cms.ComputeSignature(who);
        return cms.Encode();
    }
}
