namespace Notary.Verification.Tests;

/// <summary>Tokens that other people's programs made, in the varieties the RFCs leave open.</summary>
[TestClass]
public sealed class ForeignTokenTests
{
    private const string TstInfoType = "1.2.840.113549.1.9.16.1.4";
    private const string SigningCertificateV2 = "1.2.840.113549.1.9.16.2.47";

    /// <summary>ESSCertID is version 1 with SHA-1 and version 2 with anything else; "chain" adds the issuers to it.</summary>
    [TestMethod]
    [DataRow(TestKey.P256, "sha256", "sha1", "no", "")]
    [DataRow(TestKey.P256, "sha384", "sha256", "yes", "")]
    [DataRow(TestKey.Rsa3072, "sha512", "sha512", "no", "clock_precision_digits = 3\naccuracy = secs:1, millisecs:500, microsecs:100\n")]
    [DataRow(TestKey.Rsa3072, "sha256", "sha256", "yes", "ordering = yes\ntsa_name = yes\n")]
    public async Task Openssl_issues_and_we_accept(TestKey key, string digest, string ess, string chain, string more)
    {
        using var root = TestCertificates.CreateRoot("Root", key);
        using var signer = TestCertificates.IssueTimestamper(root, "TSA", key);
        using var openssl = new OpenSsl();
        var token = await IssueAsync(openssl, root, signer, digest, ess, chain, more);

        var check = new TokenVerifier([root], "2.999.5").Check(token, Digest.Of(Asked.Data));

        Assert.IsTrue(check.Ok, check.Reason);
        Assert.AreEqual("2a", check.SerialHex);
        Assert.AreEqual(more.Contains("accuracy", StringComparison.Ordinal) ? TimeSpan.FromMicroseconds(1_500_100) : null, check.Accuracy);
    }

    [TestMethod]
    public async Task A_token_of_openssl_with_a_weak_digest_is_refused()
    {
        using var root = TestCertificates.CreateRoot("Root");
        using var signer = TestCertificates.IssueTimestamper(root, "TSA");
        using var openssl = new OpenSsl();
        var token = await IssueAsync(openssl, root, signer, "sha1", "sha256", "no", "");
        Assert.AreEqual(TokenCodes.Algorithm, new TokenVerifier([root]).Check(token, Digest.Of(Asked.Data)).Code);
    }

    [TestMethod]
    [DataRow(SubjectIdentifierType.IssuerAndSerialNumber)]
    [DataRow(SubjectIdentifierType.SubjectKeyIdentifier)]
    public async Task The_platforms_cms_signs_and_we_accept(SubjectIdentifierType naming)
    {
        using var root = TestCertificates.CreateRoot("Root");
        using var signer = TestCertificates.IssueTimestamper(root, "TSA");
        var token = Issue(signer, naming, TimeProvider.System.GetUtcNow());
        var check = new TokenVerifier([root]).Check(token, Digest.Of(Asked.Data));
        Assert.IsTrue(check.Ok, check.Reason);

        using var openssl = new OpenSsl();
        openssl.Write("root.pem", root);
        openssl.Write("data", Asked.Data);
        openssl.Write("token.tsr", TokenResponse.Wrap(token));
        Assert.AreEqual(check.BeyondOpenSsl is null,
            (await openssl.RunAsync("ts", "-verify", "-in", "token.tsr", "-data", "data", "-CAfile", "root.pem")).ExitCode == 0);
    }

    [TestMethod]
    public void An_intermediate_must_be_in_the_token_whatever_was_judged_before()
    {
        using var root = TestCertificates.CreateRoot("Root");
        using var middle = TestCertificates.IssueIntermediate(root, "Issuing CA");
        using var signer = TestCertificates.IssueTimestamper(middle, "TSA");
        var verifier = new TokenVerifier([root]);
        var now = TimeProvider.System.GetUtcNow();

        Assert.AreEqual(TokenCodes.Untrusted, verifier.Check(Issue(signer, SubjectIdentifierType.IssuerAndSerialNumber, now), Digest.Of(Asked.Data)).Code);
        var check = verifier.Check(Issue(signer, SubjectIdentifierType.IssuerAndSerialNumber, now, middle, root), Digest.Of(Asked.Data));
        Assert.IsTrue(check.Ok, check.Reason);

        // The chain is known by now, but a stranger who gets only this token could not build it.
        Assert.AreEqual(TokenCodes.Untrusted, verifier.Check(Issue(signer, SubjectIdentifierType.IssuerAndSerialNumber, now), Digest.Of(Asked.Data)).Code);
        Assert.IsTrue(verifier.Check(Issue(signer, SubjectIdentifierType.IssuerAndSerialNumber, now, middle), Digest.Of(Asked.Data)).Ok);
    }

    [TestMethod]
    public void An_intermediate_may_be_pinned_beside_its_root_but_is_no_root_itself()
    {
        using var root = TestCertificates.CreateRoot("Root");
        using var middle = TestCertificates.IssueIntermediate(root, "Issuing CA");
        using var signer = TestCertificates.IssueTimestamper(middle, "TSA");
        var token = Issue(signer, SubjectIdentifierType.IssuerAndSerialNumber, TimeProvider.System.GetUtcNow());

        Assert.IsTrue(new TokenVerifier([root, middle]).Check(token, Digest.Of(Asked.Data)).Ok);
        Assert.AreEqual(TokenCodes.Untrusted, new TokenVerifier([root]).Check(token, Digest.Of(Asked.Data)).Code);
        Assert.AreEqual(TokenCodes.Untrusted, new TokenVerifier([middle]).Check(token, Digest.Of(Asked.Data)).Code);
    }

    [TestMethod]
    public void A_remembered_chain_holds_only_while_all_its_certificates_are_valid()
    {
        using var root = TestCertificates.CreateRoot("Root");
        var now = TimeProvider.System.GetUtcNow();
        using var signer = TestCertificates.IssueTimestamper(root, "TSA", from: now.AddHours(-2), lifetime: TimeSpan.FromHours(1));
        var verifier = new TokenVerifier([root]);

        Assert.IsTrue(verifier.Check(Issue(signer, SubjectIdentifierType.IssuerAndSerialNumber, now.AddMinutes(-90)), Digest.Of(Asked.Data)).Ok);
        Assert.AreEqual(TokenCodes.Expired, verifier.Check(Issue(signer, SubjectIdentifierType.IssuerAndSerialNumber, now), Digest.Of(Asked.Data)).Code);
        Assert.AreEqual(TokenCodes.Expired,
            verifier.Check(Issue(signer, SubjectIdentifierType.IssuerAndSerialNumber, now.AddHours(-3)), Digest.Of(Asked.Data)).Code);
        Assert.IsTrue(verifier.Check(Issue(signer, SubjectIdentifierType.IssuerAndSerialNumber, now.AddMinutes(-61)), Digest.Of(Asked.Data)).Ok);
    }

    /// <summary>The recipe of docs/trusted-time.md for the years after the authority's certificate has run out.</summary>
    [TestMethod]
    public async Task Openssl_accepts_an_old_token_at_its_own_time()
    {
        using var root = TestCertificates.CreateRoot("Root");
        var genTime = TimeProvider.System.GetUtcNow().AddMinutes(-90);
        using var signer = TestCertificates.IssueTimestamper(root, "TSA", from: genTime.AddMinutes(-30), lifetime: TimeSpan.FromHours(1));
        var token = Issue(signer, SubjectIdentifierType.IssuerAndSerialNumber, genTime);
        using var openssl = new OpenSsl();
        openssl.Write("root.pem", root);
        openssl.Write("data", Asked.Data);
        openssl.Write("old.tsr", TokenResponse.Wrap(token));

        Assert.IsTrue(new TokenVerifier([root]).Check(token, Digest.Of(Asked.Data)).Ok);
        string[] verify = ["ts", "-verify", "-in", "old.tsr", "-data", "data", "-CAfile", "root.pem"];
        Assert.AreNotEqual(0, (await openssl.RunAsync(verify)).ExitCode);
        await openssl.MustAsync([.. verify, "-attime", $"{genTime.ToUnixTimeSeconds()}"]);
    }

    [TestMethod]
    public void A_token_can_be_judged_on_many_threads_at_once()
    {
        using var root = TestCertificates.CreateRoot("Root");
        using var signer = TestCertificates.IssueTimestamper(root, "TSA");
        var good = Issue(signer, SubjectIdentifierType.IssuerAndSerialNumber, TimeProvider.System.GetUtcNow());
        var bad = good.ToArray();
        bad[^1] ^= 1;
        var verifier = new TokenVerifier([root]);
        Parallel.For(0, 2000, i => Assert.AreEqual(i % 2 == 0, verifier.Check(i % 2 == 0 ? good : bad, Digest.Of(Asked.Data)).Ok));
    }

    private static async Task<byte[]> IssueAsync(
        OpenSsl openssl, X509Certificate2 root, X509Certificate2 signer, string digest, string ess, string chain, string more)
    {
        openssl.Write("data", Asked.Data);
        openssl.Write("root.pem", root);
        openssl.Write("signer.pem", signer);
        openssl.Write("serial", "29\n");
        using (AsymmetricAlgorithm key = (AsymmetricAlgorithm?)signer.GetRSAPrivateKey() ?? signer.GetECDsaPrivateKey()!)
        {
            openssl.Write("signer.key", key.ExportPkcs8PrivateKeyPem());
        }

        openssl.Write("ts.cnf", $"""
            [ts]
            serial = serial
            crypto_device = builtin
            signer_cert = signer.pem
            signer_key = signer.key
            certs = root.pem
            default_policy = 2.999.5
            digests = sha256
            signer_digest = {digest}
            ess_cert_id_alg = {ess}
            ess_cert_id_chain = {chain}
            {more}
            """);
        await openssl.MustAsync("ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "query.tsq");
        await openssl.MustAsync("ts", "-reply", "-queryfile", "query.tsq", "-config", "ts.cnf", "-section", "ts", "-out", "token.tsr");
        Assert.IsTrue(TokenResponse.TryParse(openssl.Read("token.tsr"), out var response, out var why), why);
        Assert.IsTrue(response.IsGranted, response.Describe());
        return response.Token!.Value.ToArray();
    }

    private static byte[] Issue(X509Certificate2 signer, SubjectIdentifierType naming, DateTimeOffset genTime, params X509Certificate2[] more)
    {
        var info = new Rfc3161TimestampTokenInfo(new Oid("2.999.5"), new Oid("2.16.840.1.101.3.4.2.1"), SHA256.HashData(Asked.Data), new byte[] { 1 }, genTime);
        var cms = new SignedCms(new ContentInfo(new Oid(TstInfoType), info.Encode()));
        var who = new CmsSigner(naming, signer) { IncludeOption = X509IncludeOption.EndCertOnly };
        who.SignedAttributes.Add(new AsnEncodedData(new Oid(SigningCertificateV2), EssV2(signer)));
        who.Certificates.AddRange(more);
        cms.ComputeSignature(who);
        return cms.Encode();
    }

    private static byte[] EssV2(X509Certificate2 signer)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence())
        using (writer.PushSequence())
        {
            writer.WriteOctetString(SHA256.HashData(signer.RawData));
        }

        return writer.Encode();
    }
}
