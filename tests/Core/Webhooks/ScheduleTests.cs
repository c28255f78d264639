namespace Notary.Webhooks.Tests;

/// <summary>Pauses, and a week of them on a clock that is set ahead.</summary>
[TestClass]
public sealed class ScheduleTests
{
    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Cancel => TestContext.CancellationToken;

    [TestMethod]
    public void Pauses_grow_and_together_are_seven_days_at_least()
    {
        foreach (var random in new[] { 0, 0.5, 0.999999 })
        {
            var pauses = Enumerable.Range(1, RetrySchedule.Attempts - 1).Select(n => RetrySchedule.After(n, null, random)!.Value).ToList();
            Assert.IsTrue(pauses.Zip(pauses.Skip(1)).All(pair => pair.First <= pair.Second));
            Assert.IsGreaterThanOrEqualTo(TimeSpan.FromDays(7), pauses.Aggregate((a, b) => a + b));
            Assert.IsNull(RetrySchedule.After(RetrySchedule.Attempts, null, random));
        }

        // What the receiver asks for is given, up to a day, and never sooner than we would.
        Assert.AreEqual(TimeSpan.FromSeconds(77), RetrySchedule.After(1, TimeSpan.FromSeconds(77), 0.5));
        Assert.AreEqual(TimeSpan.FromDays(1), RetrySchedule.After(1, TimeSpan.FromDays(365), 0.5));
        Assert.AreEqual(RetrySchedule.After(9, null, 0.5), RetrySchedule.After(9, TimeSpan.FromSeconds(1), 0.5));
        Assert.IsNull(RetrySchedule.After(RetrySchedule.Attempts, TimeSpan.FromSeconds(1), 0.5));
    }

    [TestMethod]
    public async Task A_week_of_failures_is_tried_to_its_end_and_disables_the_endpoint()
    {
        var clock = new SetClock();
        await using var bed = await Bed.StartAsync(Cancel, clock, () => 0.5);
        var (dead, other) = (await bed.EndpointAsync("500", "week-dead", "deposit.*"), await bed.EndpointAsync("good", "week-other", "endpoint.*"));
        await bed.Sink.AppendAsync(Bed.Tenant, [Bed.Logged(1)], Cancel);
        for (var n = 1; n <= RetrySchedule.Attempts; n++)
        {
            var attempts = await Bed.UntilAsync(() => bed.AttemptsAsync(dead.Id), all => all.Count >= n, $"attempt {n}", Cancel);
            var (attempt, pause) = (attempts[0], RetrySchedule.After(n, null, 0.5));
            Assert.AreEqual((n, 500, "refused", "out of order"), (attempt.Number, attempt.Status, attempt.Outcome, attempt.Answer));
            Assert.AreEqual(Bed.Logged(1).Id(Bed.Tenant), attempt.Event);
            Assert.IsNotNull(attempt.Address);
            if (pause is null)
            {
                Assert.IsNull(attempt.NextAt);
                break;
            }

            Assert.IsGreaterThanOrEqualTo(attempt.At + pause.Value, attempt.NextAt!.Value);
            Assert.IsTrue((await bed.Desk.FindAsync(Bed.Tenant, dead.Id, Cancel))!.Enabled);
            clock.Advance(attempt.NextAt.Value - clock.GetUtcNow() + TimeSpan.FromMilliseconds(1));
            bed.Bell.Ring();
        }

        var all = await bed.AttemptsAsync(dead.Id);
        Assert.HasCount(RetrySchedule.Attempts, all);
        Assert.IsGreaterThanOrEqualTo(TimeSpan.FromDays(7), all[0].At - all[^1].At);
        var view = await bed.Desk.FindAsync(Bed.Tenant, dead.Id, Cancel);
        Assert.AreEqual((false, DisabledReason.Failing), (view!.Enabled, view.DisabledReason));

        // The tenant's other endpoint is told, by an event whose signature is of the clock's own time.
        var told = await Bed.UntilAsync(() => Shared.Receiver.GotAsync("week-other"), got => got.Count > 0, "endpoint.disabled", Cancel);
        var data = JsonDocument.Parse(told[0].Body).RootElement;
        Assert.AreEqual(EventTypes.EndpointDisabled, data.GetProperty("type").GetString());
        Assert.AreEqual(dead.Id, data.GetProperty("data").GetProperty("endpoint").GetString());
        Assert.HasCount(1, await Shared.Receiver.GotAsync("week-dead").ContinueWith(got => got.Result.Select(one => one.Id).Distinct().ToList(), Cancel));
        _ = other;
    }
}
