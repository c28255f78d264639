using Mode = Notary.Servers.TimestampAuthorityMode;

namespace Notary.Verification.Tests;

/// <summary>Every wrong that lies in the bytes is refused, under the code that names it, by authorities with either kind of key.</summary>
[TestClass]
public sealed class BadTokenTests
{
    private static readonly Dictionary<Mode, string> Expected = new()
    {
        [Mode.Rejected] = TokenCodes.Status,
        [Mode.RejectedWithToken] = TokenCodes.Status,
        [Mode.Waiting] = TokenCodes.Status,
        [Mode.UnknownStatus] = TokenCodes.Malformed,
        [Mode.GrantedWithoutToken] = TokenCodes.TokenMissing,
        [Mode.TrailingBytes] = TokenCodes.Malformed,
        [Mode.TrailingBytesInToken] = TokenCodes.Malformed,
        [Mode.IndefiniteLength] = TokenCodes.Malformed,
        [Mode.IndefiniteLengthToken] = TokenCodes.Malformed,
        [Mode.LongFormLength] = TokenCodes.Malformed,
        [Mode.UnsortedAttributes] = TokenCodes.Malformed,
        [Mode.WrongNonce] = TokenCodes.Nonce,
        [Mode.MissingNonce] = TokenCodes.NonceMissing,
        [Mode.NegatedNonce] = TokenCodes.Nonce,
        [Mode.WrongImprint] = TokenCodes.Imprint,
        [Mode.WrongHashAlgorithm] = TokenCodes.ImprintAlgorithm,
        [Mode.OtherHashAlgorithm] = TokenCodes.ImprintAlgorithm,
        [Mode.WrongPolicy] = TokenCodes.Policy,
        [Mode.WrongVersion] = TokenCodes.Version,
        [Mode.WrongContentType] = TokenCodes.ContentType,
        [Mode.WrongContentTypeAttribute] = TokenCodes.ContentType,
        [Mode.CriticalExtension] = TokenCodes.CriticalExtension,
        [Mode.NegativeSerial] = TokenCodes.Malformed,
        [Mode.OversizedSerial] = TokenCodes.Malformed,
        [Mode.NameOfOther] = TokenCodes.TsaName,
        [Mode.GenTimeWithoutSeconds] = TokenCodes.GenTime,
        [Mode.GenTimeNotUtc] = TokenCodes.GenTime,
        [Mode.GenTimeTrailingZero] = TokenCodes.GenTime,
        [Mode.FiveYearsAhead] = TokenCodes.Expired,
        [Mode.FiveYearsBehind] = TokenCodes.Expired,
        [Mode.FlippedSignature] = TokenCodes.Signature,
        [Mode.OtherSigner] = TokenCodes.Signature,
        [Mode.WeakDigest] = TokenCodes.Algorithm,
        [Mode.MissingMessageDigest] = TokenCodes.Attributes,
        [Mode.WrongMessageDigest] = TokenCodes.MessageDigest,
        [Mode.NoSignedAttributes] = TokenCodes.Attributes,
        [Mode.RepeatedAttribute] = TokenCodes.Attributes,
        [Mode.EssMissing] = TokenCodes.EssMissing,
        [Mode.EssOfOther] = TokenCodes.EssMismatch,
        [Mode.EssOfOtherIssuer] = TokenCodes.EssMismatch,
        [Mode.NoSigner] = TokenCodes.SignerCount,
        [Mode.TwoSigners] = TokenCodes.SignerCount,
        [Mode.NoCertificate] = TokenCodes.CertificateMissing,
        [Mode.UsageMissing] = TokenCodes.KeyUsage,
        [Mode.UsageNotCritical] = TokenCodes.KeyUsage,
        [Mode.UsageAdditional] = TokenCodes.KeyUsage,
        [Mode.UsageOther] = TokenCodes.KeyUsage,
        [Mode.KeyUsageOther] = TokenCodes.KeyUsage,
        [Mode.WeakKey] = TokenCodes.Algorithm,
        [Mode.ExpiredCertificate] = TokenCodes.Expired,
        [Mode.FutureCertificate] = TokenCodes.Expired,
        [Mode.UntrustedRoot] = TokenCodes.Untrusted,
        [Mode.ImpostorRoot] = TokenCodes.Untrusted,
        [Mode.SelfSigned] = TokenCodes.Untrusted,
    };

    /// <summary>What only HTTP or a clock can show; Notary.Timestamping's tests have them.</summary>
    private static readonly Mode[] Elsewhere =
    [
        Mode.Honest, Mode.Garbage, Mode.Empty, Mode.Huge, Mode.HugeUnannounced, Mode.Silent, Mode.Slow, Mode.ServerError, Mode.NotFound,
        Mode.Redirect, Mode.WrongMediaType, Mode.Truncated, Mode.Broken, Mode.Replay, Mode.HourAhead, Mode.HourBehind,
    ];

    private static TimestampAuthority p256 = null!;
    private static TimestampAuthority rsa = null!;

    public static IEnumerable<object[]> Bad => Expected.Keys.Select(m => new object[] { m });

    [ClassInitialize]
    public static async Task StartAsync(TestContext context)
    {
        p256 = await TimestampAuthority.StartAsync();
        rsa = await TimestampAuthority.StartAsync(new() { Name = "rsa", Key = TestKey.Rsa3072 });
    }

    [ClassCleanup]
    public static async Task StopAsync()
    {
        await p256.DisposeAsync();
        await rsa.DisposeAsync();
    }

    [TestMethod]
    public void Every_mode_has_its_test()
        => CollectionAssert.AreEquivalent(Enum.GetValues<Mode>(), Elsewhere.Concat(Expected.Keys).ToArray());

    [TestMethod]
    [DynamicData(nameof(Bad))]
    public void A_bad_answer_is_refused_by_name(Mode mode)
    {
        foreach (var authority in new[] { p256, rsa })
        {
            var verifier = new TokenVerifier([authority.Root], authority.PolicyOid);
            var asked = Asked.New();
            Assert.IsTrue(verifier.CheckResponse(authority.Answer(asked.Query), asked.Imprint, asked.Nonce).Ok);

            var check = verifier.CheckResponse(authority.Answer(asked.Query, mode), asked.Imprint, asked.Nonce);

            Assert.IsFalse(check.Ok);
            Assert.AreEqual(Expected[mode], check.Code, check.Reason);
            Assert.IsNull(check.GenTime);
            Assert.IsNull(check.Subject);
        }
    }

    /// <summary>A second opinion: where openssl too checks, it refuses what we refuse, so the authority's wrong answers are really wrong.</summary>
    [TestMethod]
    [DataRow(Mode.Rejected)]
    [DataRow(Mode.GrantedWithoutToken)]
    [DataRow(Mode.WrongNonce)]
    [DataRow(Mode.MissingNonce)]
    [DataRow(Mode.WrongImprint)]
    [DataRow(Mode.OtherHashAlgorithm)]
    [DataRow(Mode.WrongVersion)]
    [DataRow(Mode.WrongContentType)]
    [DataRow(Mode.FlippedSignature)]
    [DataRow(Mode.OtherSigner)]
    [DataRow(Mode.WrongMessageDigest)]
    [DataRow(Mode.EssMissing)]
    [DataRow(Mode.EssOfOther)]
    [DataRow(Mode.NoSigner)]
    [DataRow(Mode.TwoSigners)]
    [DataRow(Mode.NoCertificate)]
    [DataRow(Mode.UsageMissing)]
    [DataRow(Mode.UsageNotCritical)]
    [DataRow(Mode.UsageAdditional)]
    [DataRow(Mode.ExpiredCertificate)]
    [DataRow(Mode.UntrustedRoot)]
    [DataRow(Mode.ImpostorRoot)]
    [DataRow(Mode.SelfSigned)]
    public async Task Openssl_refuses_it_too(Mode mode)
    {
        var asked = Asked.New();
        using var openssl = new OpenSsl();
        openssl.Write("root.pem", p256.Root);
        openssl.Write("query.tsq", asked.Query);
        openssl.Write("good.tsr", p256.Answer(asked.Query));
        openssl.Write("bad.tsr", p256.Answer(asked.Query, mode));

        await openssl.MustAsync("ts", "-verify", "-in", "good.tsr", "-queryfile", "query.tsq", "-CAfile", "root.pem");
        Assert.AreNotEqual(0, (await openssl.RunAsync("ts", "-verify", "-in", "bad.tsr", "-queryfile", "query.tsq", "-CAfile", "root.pem")).ExitCode);
    }
}
