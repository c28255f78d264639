namespace Notary.Verification.Tests;

[TestClass]
public sealed class HonestTokenTests
{
    [TestMethod]
    public async Task Serial_numbers_have_up_to_160_bits()
    {
        byte[] most = [0x7f, .. Enumerable.Repeat((byte)0xff, 19)], signed = [0, .. Enumerable.Repeat((byte)0xff, 20)];
        byte[] one = [1, .. new byte[20]], seven = [0x7f, .. Enumerable.Repeat((byte)0xff, 20)];
        foreach (var (serial, ok) in new[] { (most, true), (signed, true), (one, false), (seven, false) })
        {
            await using var authority = await TimestampAuthority.StartAsync(new() { Serial = () => serial });
            var check = new TokenVerifier([authority.Root], authority.PolicyOid).CheckResponse(authority.Answer(Asked.New().Query), Digest.Of(Asked.Data));
            Assert.AreEqual(ok ? TokenCodes.Ok : TokenCodes.Malformed, check.Code, $"{serial.Length}: {check.Reason}");
        }
    }

    [TestMethod]
    [DataRow(TestKey.P256, false)]
    [DataRow(TestKey.Rsa3072, false)]
    [DataRow(TestKey.Rsa3072, true)]
    public async Task An_honest_token_is_accepted_with_its_facts(TestKey key, bool pss)
    {
        await using var authority = await TimestampAuthority.StartAsync(new() { Key = key, Pss = pss, Serial = () => [0, 0xab, 0xcd] });
        var asked = Asked.New();
        var before = TimeProvider.System.GetUtcNow();

        var check = new TokenVerifier([authority.Root], authority.PolicyOid).Check(asked.Token(authority), asked.Imprint, asked.Nonce);

        Assert.IsTrue(check.Ok, check.Reason);
        Assert.AreEqual("ok", check.Code);
        Assert.AreEqual("abcd", check.SerialHex);
        Assert.AreEqual(authority.PolicyOid, check.PolicyOid);
        Assert.AreEqual(authority.Certificate.Subject, check.Subject);
        Assert.AreEqual(TimeSpan.FromSeconds(1), check.Accuracy);
        Assert.IsTrue((check.GenTime!.Value - before).Duration() < TimeSpan.FromMinutes(1));
        Assert.AreEqual(TimeSpan.Zero, check.GenTime.Value.Offset);
    }

    [TestMethod]
    public void A_time_is_read_to_the_last_digit()
    {
        var second = new DateTimeOffset(2026, 11, 22, 11, 26, 56, TimeSpan.Zero);
        for (var ticks = 0L; ticks < TimeSpan.TicksPerSecond; ticks += ticks < 10_000 ? 1 : 1_000)
        {
            var der = new AsnWriter(AsnEncodingRules.DER);
            der.WriteGeneralizedTime(second.AddTicks(ticks));
            Assert.AreEqual(second.AddTicks(ticks), TstInfo.ReadGenTime(new AsnReader(der.Encode(), AsnEncodingRules.DER)));
        }

        // Rounding would end in the next second.
        var nines = "20261122112656.99999999999999999999Z"u8.ToArray();
        Assert.AreEqual(second.AddTicks(9_999_999),
            TstInfo.ReadGenTime(new AsnReader(new byte[] { 0x18, (byte)nines.Length }.Concat(nines).ToArray(), AsnEncodingRules.DER)));
    }

    [TestMethod]
    [DataRow(TestKey.P256, false)]
    [DataRow(TestKey.Rsa3072, false)]
    [DataRow(TestKey.Rsa3072, true)]
    public async Task The_platforms_own_rfc_3161_reader_agrees(TestKey key, bool pss)
    {
        await using var authority = await TimestampAuthority.StartAsync(new() { Key = key, Pss = pss });
        var asked = Asked.New();

        Assert.IsTrue(Rfc3161TimestampToken.TryDecode(asked.Token(authority), out var token, out _));
        Assert.IsTrue(token.VerifySignatureForData(Asked.Data, out var signer));
        Assert.AreEqual(authority.Certificate.Thumbprint, signer.Thumbprint);
        Assert.IsTrue(token.TokenInfo.GetNonce()!.Value.Span.SequenceEqual(asked.Nonce));
    }

    [TestMethod]
    [DataRow(TestKey.P256)]
    [DataRow(TestKey.Rsa3072)]
    public async Task Openssl_accepts_a_wrapped_token_over_the_data_and_over_the_query(TestKey key)
    {
        await using var authority = await TimestampAuthority.StartAsync(new() { Key = key });
        var asked = Asked.New();
        using var openssl = new OpenSsl();
        openssl.Write("root.pem", authority.Root);
        openssl.Write("data", Asked.Data);
        openssl.Write("query.tsq", asked.Query);
        openssl.Write("token.tsr", TokenResponse.Wrap(asked.Token(authority)));

        await openssl.MustAsync("ts", "-verify", "-in", "token.tsr", "-data", "data", "-CAfile", "root.pem");
        await openssl.MustAsync("ts", "-verify", "-in", "token.tsr", "-queryfile", "query.tsq", "-CAfile", "root.pem");

        openssl.Write("data", "other data"u8);
        Assert.AreNotEqual(0, (await openssl.RunAsync("ts", "-verify", "-in", "token.tsr", "-data", "data", "-CAfile", "root.pem")).ExitCode);
    }

    [TestMethod]
    public async Task The_nonce_is_demanded_only_when_one_was_sent_and_leading_zeros_do_not_count()
    {
        await using var authority = await TimestampAuthority.StartAsync();
        var verifier = new TokenVerifier([authority.Root]);
        var asked = Asked.New();
        var token = asked.Token(authority);

        Assert.IsTrue(verifier.Check(token, asked.Imprint).Ok);
        Assert.IsTrue(verifier.Check(token, asked.Imprint, [0, 0, .. asked.Nonce]).Ok);
        Assert.AreEqual(TokenCodes.Nonce, verifier.Check(token, asked.Imprint, [1, .. asked.Nonce]).Code);
        Assert.AreEqual(TokenCodes.Nonce, verifier.Check(token, asked.Imprint, []).Code);
    }

    [TestMethod]
    public async Task Another_authoritys_roots_policy_or_data_are_refused_though_the_token_was_accepted_before()
    {
        await using var one = await TimestampAuthority.StartAsync(new() { Name = "one" });
        await using var two = await TimestampAuthority.StartAsync(new() { Name = "two" });
        var asked = Asked.New();
        var token = asked.Token(one);

        Assert.IsTrue(new TokenVerifier([one.Root]).Check(token, asked.Imprint).Ok);
        Assert.IsTrue(new TokenVerifier([two.Root, one.Root]).Check(token, asked.Imprint).Ok);
        Assert.AreEqual(TokenCodes.Untrusted, new TokenVerifier([two.Root]).Check(token, asked.Imprint).Code);
        Assert.AreEqual(TokenCodes.Policy, new TokenVerifier([one.Root], "2.999.1").Check(token, asked.Imprint).Code);
        Assert.AreEqual(TokenCodes.Imprint, new TokenVerifier([one.Root]).Check(token, Digest.Of("other"u8)).Code);
    }

    [TestMethod]
    public void A_verifier_without_roots_cannot_be_made()
        => Assert.ThrowsExactly<ArgumentException>(() => new TokenVerifier(Array.Empty<X509Certificate2>()));

    [TestMethod]
    public async Task Identities_survive_a_restart()
    {
        var folder = Directory.CreateTempSubdirectory("notary-tsa-");
        try
        {
            var options = new TimestampAuthorityOptions { Folder = folder.FullName };
            var asked = Asked.New();
            await using var first = await TimestampAuthority.StartAsync(options);
            var token = asked.Token(first);
            await first.DisposeAsync();

            await using var second = await TimestampAuthority.StartAsync(options);
            Assert.IsTrue(new TokenVerifier([second.Root]).Check(token, asked.Imprint).Ok);
            Assert.IsTrue(new TokenVerifier([second.Root]).Check(asked.Token(second), asked.Imprint).Ok);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
