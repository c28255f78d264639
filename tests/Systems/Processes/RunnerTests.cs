using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Notary.Evidence;
using Notary.Storage;

namespace Notary.Processes.Tests;

[TestClass]
public sealed class RunnerTests
{
    private readonly ManualClock clock = new();

    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Cancel => TestContext.CancellationToken;

    private async Task<ProcessStore> NewStoreAsync() => new(await Shared.NewTableAsync(Cancel), clock);

    private async Task<ProcessRecord> GetAsync(ProcessStore store, string id = "a") => (await store.GetAsync("test", id, Cancel))!;

    [TestMethod]
    public async Task Steps_follow_each_other_to_the_end()
    {
        var store = await NewStoreAsync();
        var kind = new Steps(p => p.Step == "third"
            ? new StepResult.Complete(Steps.State(3), "done")
            : new StepResult.Advance(p.Step == "first" ? "second" : "third", Steps.State((int)p.State["n"]! + 1)));
        Assert.IsTrue(await store.CreateAsync("test", "a", "first", Steps.State(0), null, Cancel));
        Assert.IsFalse(await store.CreateAsync("test", "a", "other", Steps.State(9), null, Cancel));
        Assert.AreEqual(RuntimeStatus.Pending, (await GetAsync(store)).Status);

        Assert.AreEqual(1, await Shared.Runner(store, clock, kind).RunDueAsync(Cancel));

        var record = await GetAsync(store);
        Assert.AreEqual((RuntimeStatus.Completed, 3, 3), (record.Status, (int)record.State["n"]!, kind.Calls));
        CollectionAssert.AreEqual(new[] { "Created", "Advanced", "Advanced", "Completed" }, record.History.Select(h => h.Event).ToArray());
        Assert.AreEqual(0, await Shared.Runner(store, clock, kind).RunDueAsync(Cancel));
        var status = record.ToStatus(showHistory: true);
        Assert.AreEqual(("test", "a", "Completed", 0, 3), (status.Name, status.InstanceId, status.RuntimeStatus, (int)status.Input!["n"]!, (int)status.Output!["n"]!));
    }

    [TestMethod]
    public async Task Each_step_is_a_span_that_says_how_it_ended()
    {
        var id = Guid.NewGuid().ToString();
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Notary.Processes",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        var store = await NewStoreAsync();
        var kind = new Steps(p => p.Step == "first" ? new StepResult.Advance("second", Steps.State(1)) : throw new FaultException(Fault.ChainUnreachable, "no node answers"));
        await store.CreateAsync("test", id, "first", Steps.State(0), null, Cancel);
        await Shared.Runner(store, clock, kind).RunDueAsync(Cancel);

        var mine = spans.Where(s => (string?)s.GetTagItem("notary.process.id") == id)
            .Select(s => (s.DisplayName, s.GetTagItem("notary.process.outcome"), s.GetTagItem("notary.fault"), s.Status)).ToArray();
        CollectionAssert.AreEqual(
            new (string, object?, object?, ActivityStatusCode)[] { ("test first", "Advance", null, ActivityStatusCode.Unset), ("test second", "Retry", "chain-unreachable", ActivityStatusCode.Error) }, mine);
    }

    [TestMethod]
    public async Task A_failing_step_backs_off_is_parked_and_resumes()
    {
        var store = await NewStoreAsync();
        var broken = true;
        var kind = new Steps(_ => broken ? throw new FaultException(Fault.ChainUnreachable, "no node answers") : new StepResult.Complete(Steps.State(1)));
        var options = new RunnerOptions { MaxAttempts = 4, BackoffBase = TimeSpan.FromSeconds(1), BackoffMax = TimeSpan.FromSeconds(3) };
        var runner = Shared.Runner(store, clock, kind, options);
        await store.CreateAsync("test", "a", "only", Steps.State(0), null, Cancel);
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            await runner.RunDueAsync(Cancel);
            var failed = await GetAsync(store);
            Assert.AreEqual((attempt, Fault.ChainUnreachable, RuntimeStatus.Running), (failed.Attempt, failed.Fault!.Value, failed.Status));
            var wait = failed.Due!.Value - clock.GetUtcNow();
            var full = TimeSpan.FromSeconds(Math.Min(3, Math.Pow(2, attempt - 1)));
            Assert.IsTrue(wait >= full / 2 && wait <= full, $"{attempt}: {wait}");
            Assert.AreEqual(0, await runner.RunDueAsync(Cancel));
            clock.Advance(full);
        }

        await runner.RunDueAsync(Cancel);
        var parked = await GetAsync(store);
        Assert.AreEqual((RuntimeStatus.Failed, true, 4), (parked.Status, parked.Parked, kind.Calls));
        Assert.AreEqual("chain-unreachable", (string?)parked.ToStatus().CustomStatus!["code"]);
        Assert.AreEqual(1, (await store.ListAsync(new(Parked: true), cancel: Cancel)).Processes.Count);
        Assert.AreEqual(3, parked.History.Single(h => h.Event == "Retried").Count);
        clock.Advance(TimeSpan.FromDays(1));
        Assert.AreEqual(0, await runner.RunDueAsync(Cancel));

        broken = false;
        await store.ResumeAsync("test", "a", "the node is back", cancel: Cancel);
        await runner.RunDueAsync(Cancel);
        Assert.AreEqual((RuntimeStatus.Completed, false), ((await GetAsync(store)).Status, (await GetAsync(store)).Parked));
    }

    [TestMethod]
    public async Task A_stopped_process_is_gone_until_rewound()
    {
        var store = await NewStoreAsync();
        var good = false;
        var kind = new Steps(_ => good ? new StepResult.Complete(Steps.State(1)) : new StepResult.Stop(Fault.TokenInvalid, "a bad token"));
        var runner = Shared.Runner(store, clock, kind);
        await store.CreateAsync("test", "a", "only", Steps.State(0), null, Cancel);
        await runner.RunDueAsync(Cancel);
        Assert.AreEqual((RuntimeStatus.Failed, false), ((await GetAsync(store)).Status, (await GetAsync(store)).Parked));
        Assert.AreEqual(Fault.Gone, (await Assert.ThrowsExactlyAsync<FaultException>(() => store.ResumeAsync("test", "a", null, cancel: Cancel))).Fault);
        good = true;
        await store.RewindAsync("test", "a", "mended", cancel: Cancel);
        await runner.RunDueAsync(Cancel);
        Assert.AreEqual(RuntimeStatus.Completed, (await GetAsync(store)).Status);
        Assert.AreEqual(Fault.Conflict, (await Assert.ThrowsExactlyAsync<FaultException>(() => store.RewindAsync("test", "a", null, cancel: Cancel))).Fault);
        Assert.AreEqual(Fault.Gone, (await Assert.ThrowsExactlyAsync<FaultException>(() => store.TerminateAsync("test", "a", null, cancel: Cancel))).Fault);
        Assert.AreEqual(Fault.NotFound, (await Assert.ThrowsExactlyAsync<FaultException>(() => store.TerminateAsync("test", "b", null, cancel: Cancel))).Fault);
    }

    [TestMethod]
    public async Task Waiting_ends_by_time_by_event_and_by_an_event_raised_earlier()
    {
        var store = await NewStoreAsync();
        var kind = new Steps(p => p.Events.FirstOrDefault(e => e.Name == "go") is { } go && p.WaitingFor == "go"
            ? new StepResult.Complete(new() { ["payload"] = go.Payload?.DeepClone() })
            : new StepResult.Wait(clock.GetUtcNow() + TimeSpan.FromHours(1), "go"));
        var runner = Shared.Runner(store, clock, kind);
        await store.CreateAsync("test", "a", "s", Steps.State(0), null, Cancel);
        await runner.RunDueAsync(Cancel);
        Assert.AreEqual(0, await runner.RunDueAsync(Cancel));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.AreEqual(1, await runner.RunDueAsync(Cancel));
        Assert.AreEqual(2, kind.Calls);
        await store.RaiseEventAsync("test", "a", "unrelated", null, null, Cancel);
        Assert.AreEqual(0, await runner.RunDueAsync(Cancel));
        await store.RaiseEventAsync("test", "a", "go", 42, new("e1", "go 42"), Cancel);
        await store.RaiseEventAsync("test", "a", "go", 42, new("e1", "go 42"), Cancel);
        Assert.AreEqual(1, await runner.RunDueAsync(Cancel));
        var done = await GetAsync(store);
        Assert.AreEqual((RuntimeStatus.Completed, 42), (done.Status, (int)done.State["payload"]!));
        CollectionAssert.AreEqual(new[] { "unrelated" }, done.Events.Select(e => e.Name).ToArray());

        // Its key is known after it was taken and the process ended; a new key finds it ended, another request under the old one is refused.
        Assert.AreEqual(done.Write, (await store.RaiseEventAsync("test", "a", "go", 42, new("e1", "go 42"), Cancel)).Write);
        Assert.AreEqual(Fault.IdempotencyConflict, (await Assert.ThrowsExactlyAsync<FaultException>(() => store.TerminateAsync("test", "a", null, new("e1", "terminate"), Cancel))).Fault);
        Assert.AreEqual(Fault.Gone, (await Assert.ThrowsExactlyAsync<FaultException>(() => store.RaiseEventAsync("test", "a", "go", 42, new("e2", "go 42"), Cancel))).Fault);

        await store.CreateAsync("test", "early", "s", Steps.State(0), clock.GetUtcNow(), Cancel);
        await store.RaiseEventAsync("test", "early", "go", "soon", null, Cancel);
        await runner.RunDueAsync(Cancel);
        Assert.AreEqual("soon", (string?)(await GetAsync(store, "early")).State["payload"]);
    }

    [TestMethod]
    public async Task A_person_acts_while_a_step_runs()
    {
        var store = await NewStoreAsync();
        Func<string, Task> meanwhile = _ => Task.CompletedTask;
        var kind = new Steps(async (p, _) =>
        {
            await meanwhile(p.Id);
            return new StepResult.Advance(p.Step == "one" ? "two" : "three", Steps.State(1), At: p.Step == "one" ? null : clock.GetUtcNow() + TimeSpan.FromDays(1));
        });
        var runner = Shared.Runner(store, clock, kind);

        meanwhile = id => store.SuspendAsync("test", id, null, cancel: Cancel);
        await store.CreateAsync("test", "held", "one", Steps.State(0), null, Cancel);
        await runner.RunDueAsync(Cancel);
        var held = await GetAsync(store, "held");
        Assert.AreEqual((RuntimeStatus.Suspended, "two", 1), (held.Status, held.Step, kind.Calls));
        Assert.AreEqual(0, await runner.RunDueAsync(Cancel));
        meanwhile = _ => Task.CompletedTask;
        await store.ResumeAsync("test", "held", null, cancel: Cancel);
        Assert.AreEqual(1, await runner.RunDueAsync(Cancel));
        Assert.AreEqual("three", (await GetAsync(store, "held")).Step);

        meanwhile = id => store.RaiseEventAsync("test", id, "e", null, null, Cancel);
        await store.CreateAsync("test", "told", "two", Steps.State(0), null, Cancel);
        await runner.RunDueAsync(Cancel);
        var told = await GetAsync(store, "told");
        Assert.AreEqual(("three", 1), (told.Step, told.Events.Count));

        meanwhile = id => store.TerminateAsync("test", id, "enough", cancel: Cancel);
        await store.CreateAsync("test", "ended", "one", Steps.State(0), null, Cancel);
        await runner.RunDueAsync(Cancel);
        var ended = await GetAsync(store, "ended");
        Assert.AreEqual((RuntimeStatus.Terminated, "one"), (ended.Status, ended.Step));
    }

    [TestMethod]
    public async Task Two_runners_take_each_process_once()
    {
        var store = await NewStoreAsync();
        var seen = new ConcurrentBag<string>();
        var kind = new Steps(async (p, stop) =>
        {
            seen.Add(p.Id);
            await Task.Delay(5, stop);
            return new StepResult.Complete(Steps.State(1));
        });
        await store.CreateManyAsync(Enumerable.Range(0, 120).Select(i => new NewProcess("test", $"p{i}", "s", Steps.State(i))), Cancel);
        // Creating again changes nothing.
        await store.CreateManyAsync(Enumerable.Range(100, 30).Select(i => new NewProcess("test", $"p{i}", "s", Steps.State(-1))), Cancel);
        var runners = Enumerable.Range(0, 2).Select(_ => Shared.Runner(store, clock, kind)).ToArray();

        await Task.WhenAll(runners.Select(async runner =>
        {
            while (await runner.RunDueAsync(Cancel) > 0)
            {
            }
        }));

        Assert.AreEqual(130, seen.Count);
        Assert.AreEqual(130, seen.Distinct().Count());
        var done = new List<ProcessRecord>();
        string? next = null;
        do
        {
            var page = await store.ListAsync(new(Status: RuntimeStatus.Completed), 50, next, Cancel);
            done.AddRange(page.Processes);
            next = page.Continuation;
        }
        while (next is not null);
        Assert.AreEqual(130, done.Count);
        Assert.IsTrue(done.Where(p => int.Parse(p.Id[1..], System.Globalization.CultureInfo.InvariantCulture) < 120).All(p => (int)p.Input["n"]! >= 0));
    }

    [TestMethod]
    public async Task A_crash_between_claim_and_commit_resumes_after_the_claim()
    {
        var store = await NewStoreAsync();
        var options = new RunnerOptions { ClaimDuration = TimeSpan.FromSeconds(30) };
        await store.CreateAsync("test", "a", "s", Steps.State(0), null, Cancel);
        // What a killed runner leaves behind: a claim that nobody works under.
        var record = await GetAsync(store);
        Assert.IsNotNull(await store.TryWriteAsync(record, Transitions.Claim(record, "dead", clock.GetUtcNow(), options.ClaimDuration), Cancel));

        var kind = new Steps(_ => new StepResult.Complete(Steps.State(1)));
        var runner = Shared.Runner(store, clock, kind, options);
        clock.Advance(TimeSpan.FromSeconds(29));
        Assert.AreEqual(0, await runner.RunDueAsync(Cancel));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.AreEqual(1, await runner.RunDueAsync(Cancel));
        Assert.AreEqual((RuntimeStatus.Completed, 1), ((await GetAsync(store)).Status, kind.Calls));
    }

    [TestMethod]
    public async Task What_a_clock_five_years_ahead_put_off_runs_when_the_clock_is_right()
    {
        var store = await NewStoreAsync();
        var ahead = TimeSpan.FromDays(5 * 365);
        await store.CreateAsync("test", "failed", "only", Steps.State(0), null, Cancel);

        // One is between two attempts when the clock is set right, the other was claimed by a runner that died.
        clock.Advance(ahead);
        await Shared.Runner(store, clock, new Steps(_ => new StepResult.Retry(Fault.TimeDisagreement, "the clock is wrong"))).RunDueAsync(Cancel);
        await store.CreateAsync("test", "claimed", "only", Steps.State(0), null, Cancel);
        var claimed = await GetAsync(store, "claimed");
        Assert.IsNotNull(await store.TryWriteAsync(claimed, Transitions.Claim(claimed, "dead", clock.GetUtcNow(), TimeSpan.FromSeconds(30)), Cancel));
        clock.Advance(-ahead);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var loop = Shared.Runner(store, clock, new Steps(_ => new StepResult.Complete(Steps.State(1)))).RunLoopAsync(stop.Token);
        foreach (var id in new[] { "failed", "claimed" })
        {
            while ((await GetAsync(store, id)).Status != RuntimeStatus.Completed)
            {
                await Task.Delay(20, Cancel);
            }
        }

        await stop.CancelAsync();
        await loop;
    }

    [TestMethod]
    public async Task A_process_that_waits_for_long_is_not_pulled_back()
    {
        var store = await NewStoreAsync();
        await store.CreateAsync("test", "a", "only", Steps.State(0), clock.GetUtcNow() + TimeSpan.FromDays(30), Cancel);
        for (var shard = 0; shard < ProcessKeys.Shards; shard++)
        {
            await store.PullBackAsync(shard, clock.GetUtcNow(), TimeSpan.FromMinutes(1), Cancel);
        }

        Assert.AreEqual(clock.GetUtcNow() + TimeSpan.FromDays(30), (await GetAsync(store)).Due);
    }

    [TestMethod]
    public async Task Shutdown_gives_the_claim_back()
    {
        var store = await NewStoreAsync();
        using var stop = new CancellationTokenSource();
        var kind = new Steps(async (_, cancel) =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, cancel);
            throw new InvalidOperationException("not reached");
        });
        await store.CreateAsync("test", "a", "s", Steps.State(0), null, Cancel);
        await Assert.ThrowsAsync<OperationCanceledException>(() => Shared.Runner(store, clock, kind).RunDueAsync(stop.Token));
        var record = await GetAsync(store);
        Assert.AreEqual((null, 0, clock.GetUtcNow()), (record.Owner, record.Attempt, record.Due!.Value));
    }

    [TestMethod]
    public async Task A_state_over_its_bound_stops_the_process_and_creates_none()
    {
        var store = await NewStoreAsync();
        var huge = new JsonObject { ["x"] = new string('x', ProcessRecord.MaxStateBytes) };
        var kind = new Steps(_ => new StepResult.Advance("next", huge));
        await store.CreateAsync("test", "a", "s", Steps.State(0), null, Cancel);
        await Shared.Runner(store, clock, kind).RunDueAsync(Cancel);
        Assert.AreEqual(RuntimeStatus.Failed, (await GetAsync(store)).Status);
        Assert.AreEqual(Fault.TooLarge, (await Assert.ThrowsExactlyAsync<FaultException>(() => store.CreateAsync("test", "b", "s", huge, null, Cancel))).Fault);
        var most = new JsonObject { ["x"] = new string('x', ProcessRecord.MaxStateBytes - 8) };
        await store.CreateManyAsync(Enumerable.Range(0, 30).Select(i => new NewProcess("test", $"big{i}", "s", (JsonObject)most.DeepClone())), Cancel);
        Assert.AreEqual(31, (await store.ListAsync(new(Kind: "test"), cancel: Cancel)).Processes.Count);
    }

    [TestMethod]
    public async Task The_loop_wakes_for_a_nudge_and_for_what_is_due()
    {
        var store = new ProcessStore(await Shared.NewTableAsync(Cancel), TimeProvider.System);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var retried = false;
        var done = new SemaphoreSlim(0);
        var kind = new Steps(_ =>
        {
            if (!retried)
            {
                retried = true;
                return new StepResult.Retry(Fault.TsaUnreachable, "later", TimeSpan.FromMilliseconds(300));
            }

            done.Release();
            return new StepResult.Complete(Steps.State(1));
        });
        var loop = Shared.Runner(store, TimeProvider.System, kind, new RunnerOptions { IdlePoll = TimeSpan.FromMinutes(1) }).RunLoopAsync(stop.Token);
        await Task.Delay(500, Cancel);
        await store.CreateAsync("test", "a", "s", Steps.State(0), null, Cancel);
        Assert.IsTrue(await done.WaitAsync(TimeSpan.FromSeconds(20), Cancel), "neither the nudge nor the retry's time woke the loop");
        await stop.CancelAsync();
        await loop;
    }
}
