using Notary.Evidence;
using Notary.Servers;
using Notary.Storage;

namespace Notary.Processes.Tests;

/// <summary>Each write of a process's life fails in each way: it didn't happen, it happened unseen, it is unknown.</summary>
[TestClass]
public sealed class FaultTests
{
    private const string Transaction = "batch$";

    private readonly ManualClock clock = new();
    private FaultProxy proxy = null!;

    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Cancel => TestContext.CancellationToken;

    [TestCleanup]
    public async Task StopAsync() => await proxy.DisposeAsync();

    [TestMethod]
    // The writes: create, claim, first step's commit, second step's commit.
    [DataRow(1), DataRow(2), DataRow(3), DataRow(4)]
    public async Task A_lost_answer_changes_nothing(int nth)
    {
        foreach (var (kind, point) in new[] { (FaultKind.Drop, FaultPoint.AfterEffect), (FaultKind.Status, FaultPoint.AfterEffect), (FaultKind.Drop, FaultPoint.Before) })
        {
            var (store, steps, runner) = await NewAsync();
            var rule = proxy.Add(new(Transaction, kind, point) { Method = "POST", Nth = nth, Status = 503 });
            Assert.IsTrue(await store.CreateAsync("test", "a", "first", Steps.State(0), null, Cancel));
            Assert.AreEqual(1, await runner.RunDueAsync(Cancel));
            var record = (await store.GetAsync("test", "a", Cancel))!;
            Assert.AreEqual((RuntimeStatus.Completed, 2, 1), (record.Status, steps.Calls, rule.Strikes), $"{kind} {point}");
            await proxy.DisposeAsync();
        }
    }

    [TestMethod]
    [DataRow(1), DataRow(2), DataRow(3), DataRow(4)]
    public async Task Storage_that_does_it_but_always_reports_failure_loses_and_doubles_nothing(int nth)
    {
        var (store, steps, runner) = await NewAsync();
        var rule = proxy.Add(new(Transaction, FaultKind.Status, FaultPoint.AfterEffect) { Method = "POST", Nth = nth, Times = int.MaxValue, Status = 500 });
        Assert.IsTrue(await store.CreateAsync("test", "a", "first", Steps.State(0), null, Cancel));
        await runner.RunDueAsync(Cancel);
        Assert.AreEqual((RuntimeStatus.Completed, 2), ((await store.GetAsync("test", "a", Cancel))!.Status, steps.Calls));
        Assert.IsTrue(rule.Strikes > 0);
    }

    [TestMethod]
    [DataRow(2), DataRow(3), DataRow(4)]
    public async Task Storage_that_goes_away_is_a_fault_and_the_process_goes_on_later(int nth)
    {
        var (store, steps, runner) = await NewAsync();
        await store.CreateAsync("test", "a", "first", Steps.State(0), null, Cancel);
        proxy.Add(new(Transaction, FaultKind.Status) { Method = "POST", Nth = nth - 1, Times = int.MaxValue });
        var failure = await Assert.ThrowsExactlyAsync<FaultException>(() => runner.RunDueAsync(Cancel));
        Assert.AreEqual(Fault.StorageUnavailable, failure.Fault);
        proxy.Clear();
        clock.Advance(TimeSpan.FromSeconds(31));
        Assert.AreEqual(1, await runner.RunDueAsync(Cancel));
        Assert.AreEqual(RuntimeStatus.Completed, (await store.GetAsync("test", "a", Cancel))!.Status);
        // A step whose commit was refused runs again, and only that one.
        Assert.AreEqual(nth == 2 ? 2 : 3, steps.Calls);
    }

    [TestMethod]
    public async Task A_runner_paused_past_its_claim_changes_nothing()
    {
        var (store, _, _) = await NewAsync();
        var paused = new TaskCompletionSource();
        var reached = new TaskCompletionSource();
        var slow = new Steps(async (p, _) =>
        {
            reached.TrySetResult();
            await paused.Task;
            return new StepResult.Complete(Steps.State(-1));
        });
        var quick = new Steps(_ => new StepResult.Complete(Steps.State(1)));
        await store.CreateAsync("test", "a", "only", Steps.State(0), null, Cancel);
        var first = Shared.Runner(store, clock, slow).RunDueAsync(Cancel);
        await reached.Task;
        clock.Advance(TimeSpan.FromSeconds(31));
        Assert.AreEqual(1, await Shared.Runner(store, clock, quick).RunDueAsync(Cancel));
        paused.SetResult();
        await first;
        Assert.AreEqual(1, (int)(await store.GetAsync("test", "a", Cancel))!.State["n"]!);
    }

    [TestMethod]
    public async Task Creating_many_with_lost_answers_creates_each_once()
    {
        var (store, _, runner) = await NewAsync();
        proxy.Add(new(Transaction, FaultKind.Drop, FaultPoint.AfterEffect) { Method = "POST", Times = 3 });
        await store.CreateManyAsync(Enumerable.Range(0, 40).Select(i => new NewProcess("test", $"p{i}", "second", Steps.State(i))), Cancel);
        Assert.AreEqual(40, (await store.ListAsync(new(), cancel: Cancel)).Processes.Count);
        Assert.AreEqual(40, await runner.RunDueAsync(Cancel));
        Assert.AreEqual(0, await runner.RunDueAsync(Cancel));
    }

    private async Task<(ProcessStore Store, Steps Steps, ProcessRunner Runner)> NewAsync()
    {
        proxy = await FaultProxy.StartAsync(Shared.Azurite.TableEndpoint, cancel: Cancel);
        var options = new TableClientOptions();
        options.Retry.Delay = TimeSpan.FromMilliseconds(5);
        options.Retry.MaxRetries = 2;
        var table = new TableClient(Shared.Azurite.ConnectionStringFor(Shared.Azurite.NewAccount(), table: proxy.Url), Names.Processes, options);
        await table.CreateIfNotExistsAsync(Cancel);
        proxy.Clear();
        var store = new ProcessStore(table, clock);
        var steps = new Steps(p => p.Step == "first" ? new StepResult.Advance("second", Steps.State(1)) : new StepResult.Complete(Steps.State(2)));
        return (store, steps, Shared.Runner(store, clock, steps));
    }
}
