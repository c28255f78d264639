using System.Diagnostics;
using System.Formats.Asn1;
using Mode = Notary.Servers.TimestampAuthorityMode;

namespace Notary.Timestamping.Tests;

[TestClass]
public sealed class TsaClientTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(800);

    private static Authorities both = null!;

    /// <summary>Every mode that must end in something other than a token.</summary>
    public static IEnumerable<object[]> Bad => Enum.GetValues<Mode>().Where(m => m is not (Mode.Honest or Mode.Replay)).Select(m => new object[] { m });

    [ClassInitialize]
    public static async Task StartAsync(TestContext context) => both = await Authorities.StartAsync(secondKey: TestKey.Rsa3072);

    [ClassCleanup]
    public static async Task StopAsync() => await both.DisposeAsync();

    [TestInitialize]
    public void Calm() => both.First.Mode = both.Second.Mode = Mode.Honest;

    [TestMethod]
    public async Task An_honest_token_is_granted_and_openssl_accepts_it()
    {
        foreach (var authority in new[] { both.First, both.Second })
        {
            var reply = await both.Client(authority, Long).StampAsync(Digest.Of("data"u8), CancellationToken.None);

            var granted = Assert.IsInstanceOfType<TsaReply.Granted>(reply);
            Assert.AreEqual(authority.Name, granted.Token.Authority);
            Assert.AreEqual(TimeSpan.Zero, granted.Drift);
            using var openssl = new OpenSsl();
            openssl.Write("root.pem", authority.Root);
            openssl.Write("data", "data"u8);
            openssl.Write("token.tsr", TokenResponse.Wrap(granted.Token.Token));
            await openssl.MustAsync("ts", "-verify", "-in", "token.tsr", "-data", "data", "-CAfile", "root.pem");
        }
    }

    [TestMethod]
    public async Task The_query_is_what_the_standard_asks_for()
    {
        var nonces = new HashSet<string>();
        for (var i = 0; i < 20; i++)
        {
            await both.Client(both.First, Long).StampAsync(Authorities.Imprint, CancellationToken.None);
            var request = new AsnReader(both.First.LastQuery, AsnEncodingRules.DER).ReadSequence();
            Assert.AreEqual(1, (int)request.ReadInteger());
            var imprint = request.ReadSequence();
            Assert.AreEqual("2.16.840.1.101.3.4.2.1", imprint.ReadSequence().ReadObjectIdentifier());
            CollectionAssert.AreEqual(Authorities.Imprint.ToArray(), imprint.ReadOctetString());
            Assert.AreEqual(both.First.PolicyOid, request.ReadObjectIdentifier());
            var nonce = request.ReadInteger();
            Assert.IsTrue(nonce.Sign > 0 && nonce.GetBitLength() >= 64, $"{nonce}");
            Assert.IsTrue(nonces.Add(nonce.ToString()));
            Assert.IsTrue(request.ReadBoolean());
            Assert.IsFalse(request.HasData);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Bad))]
    public async Task A_bad_answer_brings_no_token(Mode mode)
    {
        foreach (var authority in new[] { both.First, both.Second })
        {
            authority.Mode = mode;
            var patience = mode is Mode.Silent or Mode.Slow ? Short : Long;
            var watch = Stopwatch.StartNew();

            var reply = await both.Client(authority, patience).StampAsync(Authorities.Imprint, CancellationToken.None);

            if (mode is Mode.Silent or Mode.Slow or Mode.Huge or Mode.HugeUnannounced)
                Assert.IsTrue(watch.Elapsed < TimeSpan.FromSeconds(8), $"took {watch.Elapsed}");

            var kind = Kind(mode);
            Assert.AreEqual(kind, reply.GetType(), reply.ToString());
            if (reply is TsaReply.Invalid invalid && Code(mode) is { } code)
                Assert.AreEqual(code, invalid.Code, invalid.Why);
        }
    }

    [TestMethod]
    public async Task A_valid_token_that_openssl_does_not_take_is_refused()
    {
        await using var authority = await TimestampAuthority.StartAsync(new() { Key = TestKey.Rsa3072, Pss = true });
        var reply = await both.Client(authority, Long).StampAsync(Digest.Of("data"u8), CancellationToken.None);

        Assert.AreEqual(TokenCodes.Recipe, Assert.IsInstanceOfType<TsaReply.Invalid>(reply).Code);
        using var openssl = new OpenSsl();
        openssl.Write("root.pem", authority.Root);
        openssl.Write("data", "data"u8);
        await openssl.MustAsync("ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "query.tsq");
        using var http = new HttpClient();
        using var answer = await http.PostAsync(authority.Url,
            new ByteArrayContent(openssl.Read("query.tsq")) { Headers = { ContentType = new("application/timestamp-query") } });
        openssl.Write("token.tsr", await answer.Content.ReadAsByteArrayAsync());
        Assert.AreNotEqual(0, (await openssl.RunAsync("ts", "-verify", "-in", "token.tsr", "-queryfile", "query.tsq", "-CAfile", "root.pem")).ExitCode,
            "then it need not be refused");
    }

    [TestMethod]
    public async Task An_earlier_answer_given_again_is_refused()
    {
        Assert.IsInstanceOfType<TsaReply.Granted>(await both.Client(both.First, Long).StampAsync(Authorities.Imprint, CancellationToken.None));
        both.First.Mode = Mode.Replay;

        // The same imprint, or the nonce would not be what stops it.
        var reply = await both.Client(both.First, Long).StampAsync(Authorities.Imprint, CancellationToken.None);
        Assert.IsTrue(reply is TsaReply.Invalid { Code: TokenCodes.Nonce or TokenCodes.Imprint }, reply.ToString());
    }

    [TestMethod]
    public async Task A_followed_redirect_is_noticed()
    {
        both.First.Mode = Mode.Redirect;
        using var follows = new HttpClient();
        var reply = await both.Client(both.First, Long, follows).StampAsync(Authorities.Imprint, CancellationToken.None);
        Assert.IsInstanceOfType<TsaReply.Refused>(reply);
    }

    [TestMethod]
    public async Task A_closed_port_is_unreachable_and_the_callers_cancellation_is_his_own()
    {
        var gone = await TimestampAuthority.StartAsync();
        var client = both.Client(gone, Long);
        await gone.DisposeAsync();
        Assert.IsInstanceOfType<TsaReply.Unreachable>(await client.StampAsync(Authorities.Imprint, CancellationToken.None));

        both.First.Mode = Mode.Silent;
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAsync<OperationCanceledException>(() => both.Client(both.First, Long).StampAsync(Authorities.Imprint, cancel.Token));
    }

    [TestMethod]
    public async Task A_refusals_words_cannot_forge_a_log_line()
    {
        both.First.Mode = Mode.Rejected;
        var reply = await both.Client(both.First, Long).StampAsync(Authorities.Imprint, CancellationToken.None);
        var refused = Assert.IsInstanceOfType<TsaReply.Refused>(reply);
        StringAssert.Contains(refused.Why, "not today");
        StringAssert.Contains(refused.Why, "systemFailure");
        Assert.IsFalse(refused.Why.Any(char.IsControl));
    }

    [TestMethod]
    public async Task Drift_is_measured_in_both_directions_and_bounded()
    {
        try
        {
            both.First.TimeOffset = TimeSpan.FromSeconds(-20);
            var behind = Assert.IsInstanceOfType<TsaReply.Granted>(await both.Client(both.First, Long).StampAsync(Authorities.Imprint, CancellationToken.None));
            Assert.AreEqual(-19.5, behind.Drift.TotalSeconds, 0.6);

            both.First.TimeOffset = TimeSpan.FromSeconds(20);
            var ahead = Assert.IsInstanceOfType<TsaReply.Granted>(await both.Client(both.First, Long).StampAsync(Authorities.Imprint, CancellationToken.None));
            Assert.AreEqual(19.5, ahead.Drift.TotalSeconds, 0.6);

            both.First.TimeOffset = TimeSpan.FromSeconds(70);
            Assert.IsInstanceOfType<TsaReply.OffTime>(await both.Client(both.First, Long).StampAsync(Authorities.Imprint, CancellationToken.None));
        }
        finally
        {
            both.First.TimeOffset = TimeSpan.Zero;
        }
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(-1)]
    public async Task Our_clock_being_set_during_the_exchange_is_noticed(int hours)
    {
        var ours = new ShiftedClock();
        await using var authority = await TimestampAuthority.StartAsync(new() { Clock = new Meddler(() => ours.Offset = TimeSpan.FromHours(hours)) });
        using var http = TsaClient.CreateHttpClient();
        var client = new TsaClient(http, new TsaOptions { Name = "a", Url = authority.Url, Roots = [authority.Root], Timeout = Long }, ours);
        var off = Assert.IsInstanceOfType<TsaReply.OffTime>(await client.StampAsync(Authorities.Imprint, CancellationToken.None));
        Assert.AreEqual(-3600 * hours, off.Drift.TotalSeconds, 30);
    }

    [TestMethod]
    public void Settings_out_of_range_are_named()
    {
        TsaClient Make(string name = "a", string url = "http://127.0.0.1/", int timeout = 1000, long bytes = 4096, int skew = 60)
            => new(new HttpClient(), new TsaOptions
            {
                Name = name,
                Url = new Uri(url),
                Roots = [both.First.Root],
                Timeout = TimeSpan.FromMilliseconds(timeout),
                MaxReplyBytes = bytes,
                MaxSkew = TimeSpan.FromSeconds(skew)
            }, TimeProvider.System);

        Make();
        Assert.AreEqual("Name", Assert.ThrowsExactly<ArgumentException>(() => Make(name: "A b")).ParamName);
        Assert.AreEqual("Url", Assert.ThrowsExactly<ArgumentException>(() => Make(url: "ftp://127.0.0.1/")).ParamName);
        Assert.AreEqual("Timeout", Assert.ThrowsExactly<ArgumentException>(() => Make(timeout: 0)).ParamName);
        Assert.AreEqual("MaxReplyBytes", Assert.ThrowsExactly<ArgumentException>(() => Make(bytes: 1L << 40)).ParamName);
        Assert.AreEqual("MaxSkew", Assert.ThrowsExactly<ArgumentException>(() => Make(skew: 0)).ParamName);
    }

    /// <summary>A right clock; being read is when something happens elsewhere.</summary>
    private sealed class Meddler(Action meddle) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow()
        {
            meddle();
            return System.GetUtcNow();
        }
    }

    private static Type Kind(Mode mode) => mode switch
    {
        Mode.Silent or Mode.Slow or Mode.ServerError or Mode.Broken => typeof(TsaReply.Unreachable),
        Mode.NotFound or Mode.Redirect or Mode.Rejected or Mode.RejectedWithToken or Mode.Waiting => typeof(TsaReply.Refused),
        Mode.HourAhead or Mode.HourBehind => typeof(TsaReply.OffTime),
        _ => typeof(TsaReply.Invalid),
    };

    private static string? Code(Mode mode) => mode switch
    {
        Mode.Garbage or Mode.Empty or Mode.Truncated => TokenCodes.Malformed,
        Mode.Huge or Mode.HugeUnannounced => TokenCodes.TooLarge,
        Mode.WrongMediaType => "media-type",
        _ => null, // Notary.Verification's tests name the others
    };
}
