using static Notary.Timestamping.Tests.TimeWatchTests.Said;

namespace Notary.Timestamping.Tests;

/// <summary>The state controller alone: what leads into each state and, above all, out of Stopped.</summary>
[TestClass]
public sealed class TimeWatchTests
{
    internal enum Said
    {
        Good,
        Ahead,
        Silent,
    }

    private readonly ShiftedClock clock = new();
    private readonly TimeHealthOptions options = new();

    [TestMethod]
    public void A_round_begun_before_the_stop_does_not_lead_out()
    {
        var watch = Watch();
        var early = clock.GetTimestamp();
        clock.Passed += TimeSpan.FromSeconds(1);
        Assert.AreEqual(TimeState.Stopped, Note(watch, clock.GetTimestamp(), Good, Ahead));
        Assert.AreEqual(TimeState.Stopped, Note(watch, early, Good, Good));
        clock.Passed += TimeSpan.FromSeconds(1);
        Assert.AreEqual(TimeState.Ok, Note(watch, clock.GetTimestamp(), Good, Good));
    }

    [TestMethod]
    public void Silence_does_not_lead_out_however_long_it_lasts()
    {
        var watch = Watch();
        Assert.AreEqual(TimeState.Stopped, Note(watch, clock.GetTimestamp(), Good, Ahead));
        clock.Passed += options.DriftLifetime * 2; // the wrong drift is forgotten, the stop is not
        Assert.AreEqual(TimeState.Stopped, Note(watch, clock.GetTimestamp(), Good, Silent));
        Assert.AreEqual(TimeState.Stopped, watch.Note([("a", Reply(Good))], clock.GetTimestamp()));
        StringAssert.Contains(watch.Health.Reason, "b");
        Assert.AreEqual(TimeState.Ok, Note(watch, clock.GetTimestamp(), Good, Good));
    }

    [TestMethod]
    public void A_stale_drift_accuses_nobody()
    {
        var watch = Watch();
        Assert.AreEqual(TimeState.Ok, watch.Note([("a", Drifted(-25))], clock.GetTimestamp()));
        clock.Passed += options.DriftLifetime + TimeSpan.FromSeconds(1);
        Assert.AreEqual(TimeState.Ok, watch.Note([("b", Drifted(25))], clock.GetTimestamp()));
        Assert.AreEqual(TimeState.Stopped, watch.Note([("a", Drifted(-25))], clock.GetTimestamp()));
    }

    [TestMethod]
    public void Since_is_when_the_state_began_not_when_it_was_last_confirmed()
    {
        var watch = Watch();
        Note(watch, clock.GetTimestamp(), Good, Silent);
        var since = watch.Health.Since;
        clock.Offset += TimeSpan.FromMinutes(3);
        Note(watch, clock.GetTimestamp(), Good, Silent);
        Assert.AreEqual(TimeState.Degraded, watch.Health.State);
        Assert.AreEqual(since, watch.Health.Since);
    }

    [TestMethod]
    public void One_probe_is_allowed_per_interval_and_the_first_an_interval_after_the_stop()
    {
        var watch = Watch();
        clock.Passed += options.ProbeInterval;
        Note(watch, clock.GetTimestamp(), Good, Ahead);
        Assert.IsFalse(watch.TryBeginProbe());
        clock.Passed += options.ProbeInterval;
        Assert.IsTrue(watch.TryBeginProbe());
        Assert.IsFalse(watch.TryBeginProbe());
        clock.Passed += options.ProbeInterval;
        Assert.IsTrue(watch.TryBeginProbe());
    }

    private TimeWatch Watch() => new(["a", "b"], options, clock);

    private static TimeState Note(TimeWatch watch, long begun, Said a, Said b) => watch.Note([("a", Reply(a)), ("b", Reply(b))], begun);

    private static TsaReply.Granted Drifted(int seconds) => new(new StampedToken("x", [], default), TimeSpan.FromSeconds(seconds));

    private static TsaReply Reply(Said said) => said switch
    {
        Good => Drifted(0),
        Ahead => new TsaReply.OffTime(TimeSpan.FromHours(1), "ahead"),
        Silent => new TsaReply.Unreachable("silent"),
        _ => throw new ArgumentOutOfRangeException(nameof(said)),
    };
}
