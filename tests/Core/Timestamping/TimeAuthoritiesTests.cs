using Mode = Notary.Servers.TimestampAuthorityMode;

namespace Notary.Timestamping.Tests;

[TestClass]
public sealed class TimeAuthoritiesTests
{
    /// <summary>More than the probe interval of these tests.</summary>
    private static readonly TimeSpan AWhile = TimeSpan.FromMilliseconds(150);

    [TestMethod]
    public async Task Both_tokens_come_at_once_and_health_is_ok()
    {
        await using var both = await Authorities.StartAsync();
        Assert.AreEqual(TimeState.Ok, both.Time.Health.State);

        var result = await both.StampAsync();

        Assert.IsTrue(result.Complete);
        Assert.IsNull(result.Fault);
        CollectionAssert.AreEqual(new[] { "first", "second" }, result.Tokens.Select(t => t.Authority).ToArray());
        AssertValid(both, result.Tokens);
        var health = both.Time.Health;
        Assert.AreEqual(TimeState.Ok, health.State);
        Assert.IsTrue(health.Authorities.All(a => a is { Ok: true, LastToken: not null } && a.Drift == TimeSpan.Zero));
    }

    [TestMethod]
    public async Task Only_what_is_missing_is_fetched()
    {
        await using var both = await Authorities.StartAsync();
        both.Second.Mode = Mode.ServerError;
        var partial = await both.StampAsync();
        Assert.AreEqual(Fault.TsaUnreachable, partial.Fault);
        CollectionAssert.AreEqual(new[] { "second" }, partial.Missing.ToArray());
        Assert.AreEqual("first", partial.Tokens.Single().Authority);
        Assert.AreEqual(TimeState.Degraded, both.Time.Health.State);
        StringAssert.Contains(both.Time.Health.Reason, "second");

        both.Second.Mode = Mode.Honest;
        var asked = both.First.Requests;
        var rest = await both.StampAsync(partial.Tokens);
        Assert.IsTrue(rest.Complete);
        Assert.AreEqual("second", rest.Tokens.Single().Authority);
        Assert.AreEqual(asked, both.First.Requests);
        Assert.AreEqual(TimeState.Ok, both.Time.Health.State);

        var nothing = await both.StampAsync([.. partial.Tokens, .. rest.Tokens]);
        Assert.IsTrue(nothing is { Complete: true, Tokens: [] });
        Assert.AreEqual(asked, both.First.Requests);
    }

    [TestMethod]
    [DataRow(Mode.ServerError, Fault.TsaUnreachable)]
    [DataRow(Mode.Rejected, Fault.TsaRefused)]
    [DataRow(Mode.FlippedSignature, Fault.TokenInvalid)]
    [DataRow(Mode.FiveYearsBehind, Fault.TokenInvalid)]
    public async Task One_bad_authority_delays_and_the_other_still_stamps(Mode mode, Fault fault)
    {
        await using var both = await Authorities.StartAsync();
        both.First.Mode = mode;
        var result = await both.StampAsync();
        Assert.AreEqual(fault, result.Fault);
        Assert.AreEqual("second", result.Tokens.Single().Authority);
        AssertValid(both, result.Tokens);
        Assert.AreEqual(TimeState.Degraded, both.Time.Health.State);
        Assert.IsFalse(both.Time.Health.Authorities[0].Ok);
        Assert.IsTrue(both.Time.Health.Authorities[1].Ok);
    }

    [TestMethod]
    [DataRow(Mode.HourAhead)]
    [DataRow(Mode.HourBehind)]
    public async Task An_authority_off_the_bound_stops_time_and_its_return_resumes_it(Mode mode)
    {
        await using var both = await Authorities.StartAsync();
        both.Second.Mode = mode;

        await AssertStoppedAsync(both);
        StringAssert.Contains(both.Time.Health.Reason, "second");

        await Task.Delay(AWhile);
        await AssertStoppedAsync(both); // probed, and still wrong

        both.Second.Mode = Mode.Honest;
        await Task.Delay(AWhile);
        var result = await both.StampAsync();
        Assert.IsTrue(result.Complete, result.Reason);
        AssertValid(both, result.Tokens);
        Assert.AreEqual(TimeState.Ok, both.Time.Health.State);
    }

    [TestMethod]
    [DataRow(60 * 60)]
    [DataRow(-60 * 60)]
    [DataRow(5 * 365 * 24 * 60 * 60)]
    [DataRow(-5 * 365 * 24 * 60 * 60)]
    public async Task Our_own_wrong_clock_stops_time_and_its_correction_resumes_it(int seconds)
    {
        await using var both = await Authorities.StartAsync();
        Assert.IsTrue((await both.StampAsync()).Complete);

        both.Clock.Offset = TimeSpan.FromSeconds(seconds);
        await AssertStoppedAsync(both);
        Assert.AreEqual(-seconds, both.Time.Health.Authorities[0].Drift!.Value.TotalSeconds, 5);

        both.Clock.Offset = TimeSpan.Zero;
        await Task.Delay(AWhile);
        Assert.IsTrue((await both.StampAsync()).Complete);
    }

    [TestMethod]
    public async Task Authorities_within_our_bound_but_not_each_others_stop_time()
    {
        await using var both = await Authorities.StartAsync();
        both.First.TimeOffset = TimeSpan.FromSeconds(25);
        both.Second.TimeOffset = TimeSpan.FromSeconds(-25);
        await AssertStoppedAsync(both);
        StringAssert.Contains(both.Time.Health.Reason, "apart");

        both.First.TimeOffset = both.Second.TimeOffset = TimeSpan.FromSeconds(25); // agreeing, and near enough to us
        await Task.Delay(AWhile);
        Assert.IsTrue((await both.StampAsync()).Complete);
    }

    [TestMethod]
    public async Task Disagreement_is_found_also_when_only_one_token_is_missing()
    {
        await using var both = await Authorities.StartAsync();
        var tokens = (await both.StampAsync()).Tokens;
        both.Second.TimeOffset = TimeSpan.FromSeconds(50);
        await AssertStoppedAsync(both, tokens.Where(t => t.Authority == "first").ToArray());
    }

    [TestMethod]
    public async Task A_stopped_time_resumes_only_when_everyone_is_heard_again()
    {
        await using var both = await Authorities.StartAsync();
        both.Second.Mode = Mode.HourAhead;
        await AssertStoppedAsync(both);

        both.Second.Mode = Mode.ServerError; // the liar falls silent: nobody knows his clock
        await Task.Delay(AWhile);
        await AssertStoppedAsync(both);

        both.Second.Mode = Mode.Honest;
        await Task.Delay(AWhile);
        Assert.IsTrue((await both.StampAsync()).Complete);
    }

    [TestMethod]
    public async Task While_stopped_many_callers_make_one_probe()
    {
        await using var both = await Authorities.StartAsync(probeInterval: TimeSpan.FromSeconds(1));
        both.Second.Mode = Mode.HourAhead;
        await AssertStoppedAsync(both);
        var asked = both.First.Requests;
        await Task.Delay(TimeSpan.FromSeconds(1.1));

        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => both.StampAsync()));

        Assert.IsTrue(results.All(r => r is { Fault: Fault.TimeDisagreement, Tokens: [] }));
        Assert.AreEqual(asked + 1, both.First.Requests);
    }

    [TestMethod]
    public async Task An_idle_platform_recovers_through_its_probes()
    {
        await using var both = await Authorities.StartAsync();
        both.Second.Mode = Mode.HourAhead;
        using var stop = new CancellationTokenSource();
        var probes = both.Time.RunProbesAsync(stop.Token);
        await UntilAsync(() => both.Time.Health.State == TimeState.Stopped);
        both.Second.Mode = Mode.ServerError;
        await Task.Delay(AWhile);
        Assert.AreEqual(TimeState.Stopped, both.Time.Health.State);
        both.Second.Mode = Mode.Honest;
        await UntilAsync(() => both.Time.Health.State == TimeState.Ok);
        await stop.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => probes);
    }

    [TestMethod]
    public async Task One_token_comes_from_whichever_authority_grants_it()
    {
        await using var both = await Authorities.StartAsync();
        Assert.AreEqual("first", (await both.Time.StampOneAsync(Authorities.Imprint, CancellationToken.None)).Authority);

        both.First.Mode = Mode.Garbage;
        Assert.AreEqual("second", (await both.Time.StampOneAsync(Authorities.Imprint, CancellationToken.None)).Authority);

        both.Second.Mode = Mode.ServerError;
        var none = await Assert.ThrowsExactlyAsync<FaultException>(() => both.Time.StampOneAsync(Authorities.Imprint, CancellationToken.None));
        Assert.AreEqual(Fault.TsaUnreachable, none.Fault);

        both.First.Mode = Mode.HourAhead;
        both.Second.Mode = Mode.Honest;
        var stopped = await Assert.ThrowsExactlyAsync<FaultException>(() => both.Time.StampOneAsync(Authorities.Imprint, CancellationToken.None));
        Assert.AreEqual(Fault.TimeDisagreement, stopped.Fault);
        stopped = await Assert.ThrowsExactlyAsync<FaultException>(() => both.Time.StampOneAsync(Authorities.Imprint, CancellationToken.None));
        Assert.AreEqual(Fault.TimeDisagreement, stopped.Fault);
    }

    [TestMethod]
    public async Task Authorities_must_be_two_and_independent()
    {
        await using var both = await Authorities.StartAsync();
        var first = both.Client(both.First, TimeSpan.FromSeconds(1));
        var options = new TimeHealthOptions();
        Assert.ThrowsExactly<ArgumentException>(() => new TimeAuthorities([first], options, both.Clock));
        Assert.ThrowsExactly<ArgumentException>(() => new TimeAuthorities([first, first], options, both.Clock));
        using var http = new HttpClient();
        var alias = new TsaClient(http, new TsaOptions { Name = "alias", Url = both.Second.Url, Roots = [both.First.Root] }, both.Clock);
        Assert.ThrowsExactly<ArgumentException>(() => new TimeAuthorities([first, alias], options, both.Clock));
        Assert.ThrowsExactly<ArgumentException>(() => new TimeAuthorities([first, both.Client(both.Second, TimeSpan.FromSeconds(1))],
            new TimeHealthOptions { MaxDisagreement = TimeSpan.Zero }, both.Clock));
    }

    private static async Task AssertStoppedAsync(Authorities both, params StampedToken[] have)
    {
        var result = await both.StampAsync(have);
        Assert.AreEqual(Fault.TimeDisagreement, result.Fault, result.Reason);
        Assert.IsEmpty(result.Tokens);
        Assert.IsNotEmpty(result.Missing);
        Assert.AreEqual(TimeState.Stopped, both.Time.Health.State);
    }

    private static void AssertValid(Authorities both, IEnumerable<StampedToken> tokens)
    {
        foreach (var token in tokens)
        {
            var authority = token.Authority == "first" ? both.First : both.Second;
            var check = new TokenVerifier([authority.Root], authority.PolicyOid).Check(token.Token, Authorities.Imprint);
            Assert.IsTrue(check.Ok, check.Reason);
            Assert.AreEqual(check.GenTime, token.GenTime);
        }
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (!holds())
            await Task.Delay(20, patience.Token);
    }
}
