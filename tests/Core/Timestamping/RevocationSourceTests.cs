using System.Security.Cryptography.X509Certificates;

namespace Notary.Timestamping.Tests;

[TestClass]
public sealed class RevocationSourceTests
{
    [TestMethod]
    public async Task A_list_is_fetched_once_then_again_and_serves_while_its_publisher_is_down()
    {
        await using var authority = await TimestampAuthority.StartAsync();
        using var http = TsaClient.CreateHttpClient();
        var clock = new ShiftedClock();
        using var source = new RevocationSource(http, clock);
        var chain = Chain(authority);
        for (var i = 0; i < 5; i++)
            Assert.HasCount(1, await source.CollectAsync(chain, chain, default));

        Assert.AreEqual(1, authority.Revocations.Requests);
        clock.Offset = RevocationSource.Fresh;
        await source.CollectAsync(chain, [], default);
        Assert.AreEqual(2, authority.Revocations.Requests);

        authority.Revocations.Down = true;
        clock.Offset = 3 * RevocationSource.Fresh;
        for (var i = 0; i < 5; i++)
            Assert.HasCount(1, await source.CollectAsync(chain, [], default));

        Assert.AreEqual(3, authority.Revocations.Requests, "a publisher that is down is not asked for every letter");
        clock.Offset = TimeSpan.FromDays(8);
        await FailsAsync(source, chain, Fault.RevocationUnavailable, "HTTP status 503");
        authority.Revocations.Down = false;
        await FailsAsync(source, chain, Fault.RevocationUnavailable, "HTTP status 503");
        Assert.AreEqual(4, authority.Revocations.Requests, "and left alone for a moment");
    }

    [TestMethod]
    public async Task A_revoked_signer_is_told_and_one_that_signed_before_is_not()
    {
        await using var authority = await TimestampAuthority.StartAsync();
        using var http = TsaClient.CreateHttpClient();
        authority.Revocations.Revoke(authority.Certificate, TimeProvider.System.GetUtcNow().AddHours(-1), X509RevocationReason.Superseded);
        using var source = new RevocationSource(http, TimeProvider.System);
        await FailsAsync(source, Chain(authority), Fault.CertificateRevoked, "tsa TSA was revoked on");
        Assert.HasCount(1, await source.CollectAsync([], Chain(authority), default));
    }

    [TestMethod]
    public async Task What_is_no_list_of_this_issuer_is_not_taken()
    {
        await using var authority = await TimestampAuthority.StartAsync();
        await using var other = await TimestampAuthority.StartAsync();
        using var http = TsaClient.CreateHttpClient();
        foreach (var (wrong, why) in ((byte[], string)[])
            [([], "not the DER"), (other.Revocations.List(), "signature"),
                (authority.Revocations.List(TimeProvider.System.GetUtcNow().AddDays(-30)), "not of now"),
                (authority.Revocations.List(TimeProvider.System.GetUtcNow().AddDays(1)), "not of now"), (new byte[(1 << 20) + 1], "longer than")])
        {
            authority.Revocations.Instead = wrong;
            using var source = new RevocationSource(http, TimeProvider.System);
            await FailsAsync(source, Chain(authority), Fault.RevocationUnavailable, why);
        }
    }

    [TestMethod]
    public async Task Certificates_that_name_no_list_are_left_out()
    {
        using var root = TestCertificates.CreateRoot("Root");
        using var leaf = TestCertificates.IssueTimestamper(root, "TSA");
        using var http = TsaClient.CreateHttpClient();
        using var source = new RevocationSource(http, TimeProvider.System);
        Assert.IsEmpty(await source.CollectAsync([Link(leaf, root)], [], default));
    }

    [TestMethod]
    public async Task A_list_older_than_one_seen_before_is_not_taken_back()
    {
        await using var authority = await TimestampAuthority.StartAsync();
        using var http = TsaClient.CreateHttpClient();
        var clock = new ShiftedClock();
        using var source = new RevocationSource(http, clock);
        var old = authority.Revocations.List(TimeProvider.System.GetUtcNow().AddHours(-2));
        var newest = (await source.CollectAsync(Chain(authority), [], default))[0];
        authority.Revocations.Instead = old;
        clock.Offset = RevocationSource.Fresh;
        var again = (await source.CollectAsync(Chain(authority), [], default))[0];
        Assert.IsTrue(newest.Span.SequenceEqual(again.Span));
    }

    private static ChainLink[] Chain(TimestampAuthority authority) => [Link(authority.Certificate, authority.Root)];

    private static ChainLink Link(X509Certificate2 certificate, X509Certificate2 issuer)
        => new(certificate.RawData, issuer.RawData, certificate.SerialNumberBytes, certificate.NotAfter.ToUniversalTime());

    private static async Task FailsAsync(RevocationSource source, ChainLink[] signing, Fault fault, string why)
    {
        var thrown = await Assert.ThrowsExactlyAsync<FaultException>(() => source.CollectAsync(signing, [], default));
        Assert.AreEqual(fault, thrown.Fault, thrown.Message);
        StringAssert.Contains(thrown.Message, why);
    }
}
