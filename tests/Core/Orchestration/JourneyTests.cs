using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Notary.Servers;
using Notary.Storage;

[assembly: Parallelize(Workers = 2, Scope = ExecutionScope.MethodLevel)]

namespace Notary.Orchestration.Tests;

/// <summary>Journeys of steps in the one-machine engine, on a real task hub.</summary>
[TestClass]
public sealed class JourneyTests
{
    private static Azurite azurite = null!;

    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Cancel => TestContext.CancellationToken;

    [ClassInitialize]
    public static async Task StartAsync(TestContext context) => azurite = await Azurite.StartAsync(cancel: context.CancellationToken);

    [ClassCleanup]
    public static async Task StopAsync() => await azurite.DisposeAsync();

    [TestMethod]
    public async Task AStepThatFailsAFewTimesIsTakenAgain()
    {
        var calls = 0;
        await using var hub = await HubAsync(() => Interlocked.Increment(ref calls) <= 2 ? new Step("not-yet", "later") : new Step());
        Assert.IsTrue(await hub.Door.StartAsync("trip", "trip-1", new Journey<int>("go", 30), Cancel));
        var end = await hub.UntilAsync("trip-1", found => found.RuntimeStatus == OrchestrationRuntimeStatus.Completed);
        Assert.AreEqual(Journey<int>.End, end.ReadOutputAs<Journey<int>>()!.At);
        Assert.AreEqual(2 + 30, calls, "two tries for nothing, then thirty steps over two generations");
    }

    [TestMethod]
    public async Task WhatNoWaitingMendsIsParkedUntilSomebodyResumesIt()
    {
        var mended = false;
        await using var hub = await HubAsync(() => Volatile.Read(ref mended) ? new Step() : new Step("evidence-invalid", "a person must look", Person: true));
        Assert.IsTrue(await hub.Door.StartAsync("trip", "trip-2", new Journey<int>("go", 1), Cancel));
        var parked = await hub.UntilAsync("trip-2", found => found.SerializedCustomStatus?.Contains("\"parked\":true", StringComparison.Ordinal) == true);
        using var status = JsonDocument.Parse(parked.SerializedCustomStatus!);
        Assert.AreEqual("go evidence-invalid a person must look",
            string.Join(' ', new[] { "step", "code", "reason" }.Select(m => status.RootElement.GetProperty(m).GetString())));

        Volatile.Write(ref mended, true);
        await hub.Door.Client.RaiseEventAsync("trip-2", StepOrchestrator<int>.Resume, null, Cancel);
        await hub.UntilAsync("trip-2", found => found.RuntimeStatus == OrchestrationRuntimeStatus.Completed);
    }

    [TestMethod]
    public async Task AnActivityThatThrowsIsCalledAgain()
    {
        var calls = 0;
        await using var hub = await HubAsync(
            () => Interlocked.Increment(ref calls) == 1 ? throw new InvalidOperationException("as when a worker dies") : new Step());
        await hub.Door.StartAsync("trip", "trip-3", new Journey<int>("go", 1), Cancel);
        await hub.UntilAsync("trip-3", found => found.RuntimeStatus == OrchestrationRuntimeStatus.Completed);
        Assert.AreEqual(2, calls);
    }

    [TestMethod]
    public async Task StartingTwiceIsStartingOnceAndAnEndedOneBeginsAnew()
    {
        await using var hub = await HubAsync(() => new Step());
        Assert.IsTrue(await hub.Door.StartAsync("waits", "waits-1", 0, Cancel));
        await hub.UntilAsync("waits-1", found => found.RuntimeStatus == OrchestrationRuntimeStatus.Running);
        Assert.IsFalse(await hub.Door.StartAsync("waits", "waits-1", 0, Cancel));
        Assert.IsTrue(await hub.Door.IsLiveAsync("waits-1", Cancel));
        await hub.Door.Client.TerminateInstanceAsync("waits-1", Cancel);
        await hub.UntilAsync("waits-1", found => found.RuntimeStatus == OrchestrationRuntimeStatus.Terminated);
        Assert.IsFalse(await hub.Door.IsLiveAsync("waits-1", Cancel));
        Assert.IsTrue(await hub.Door.StartAsync("waits", "waits-1", 0, Cancel));
        await hub.UntilAsync("waits-1", found => found.RuntimeStatus == OrchestrationRuntimeStatus.Running);
    }

    /// <summary>As after a deployment that took a version out: visible, and nothing else is held up.</summary>
    [TestMethod]
    public async Task ANameThatThisBuildDoesNotKnowFailsAndHoldsUpNobody()
    {
        await using var hub = await HubAsync(() => new Step());
        await hub.Door.StartAsync("trip-of-before", "old-1", new Journey<int>("go", 1), Cancel);
        await hub.Door.StartAsync("trip", "trip-4", new Journey<int>("go", 1), Cancel);
        var failed = await hub.UntilAsync("old-1", found => found.RuntimeStatus == OrchestrationRuntimeStatus.Failed);
        StringAssert.Contains(failed.SerializedOutput, "trip-of-before");
        await hub.UntilAsync("trip-4", found => found.RuntimeStatus == OrchestrationRuntimeStatus.Completed);
        var history = await InstanceHistory.ReadAsync(hub.Door.Client, "trip-4", Cancel);
        Assert.AreEqual("take", history.First(line => line.Event == "TaskScheduled").Name);
    }

    /// <summary>What a generation waited for comes though a later one is at work without a break; once it lay about for as long as that went on.</summary>
    [TestMethod]
    public async Task TimersOfAnEarlierGenerationAreGoneWhileTheInstanceIsAtWork()
    {
        var storage = StorageAccount.Open(new StorageOptions { ConnectionString = azurite.ConnectionStringFor(azurite.NewAccount()) });
        await using var hub = await TestHub.StartAsync(storage, tasks => tasks.AddOrchestrator<Watch>("watch"));
        await hub.Door.StartAsync("watch", "watch-1", new Journey<int>("timed", 0), Cancel);
        var queues = Enumerable.Range(0, TaskHub.Partitions).Select(i => storage.Queue($"{TaskHub.Name}-control-{i:00}")).ToList();
        async Task<int> LeftAsync() => (await Task.WhenAll(queues.Select(q => q.GetPropertiesAsync(Cancel)))).Sum(q => q.Value.ApproximateMessagesCount);

        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        over.CancelAfter(TimeSpan.FromMinutes(5));
        var most = 0;
        for (var left = -1; left != 0 || most < 10;)
        {
            await hub.Door.Client.RaiseEventAsync("watch-1", Watch.Look, null, over.Token);
            await Task.Delay(TimeSpan.FromMilliseconds(300), over.Token);
            most = Math.Max(most, left = await LeftAsync());
        }
    }

    private static async Task<TestHub> HubAsync(Func<Step> take)
    {
        var storage = StorageAccount.Open(new StorageOptions { ConnectionString = azurite.ConnectionStringFor(azurite.NewAccount()) });
        return await TestHub.StartAsync(storage, tasks => tasks
            .AddOrchestrator<Trip>("trip")
            .AddOrchestratorFunc("waits", context => context.WaitForExternalEvent<object?>("never"))
            .AddActivityFunc<int, Step>("take", (_, _) => Task.FromResult(take())));
    }

    /// <summary>As many steps as it is about.</summary>
    private sealed class Trip : StepOrchestrator<int>
    {
        protected override async Task<Journey<int>> StepAsync(TaskOrchestrationContext context, Journey<int> journey)
        {
            var found = await CallAsync<Step>(context, "take", journey.Of);
            return !found.Taken ? await RetryAsync(context, journey, found)
                : journey.Of == 1 ? journey.Go(Journey<int>.End)
                : new Journey<int>(journey.At, journey.Of - 1);
        }
    }
    /// <summary>One generation waits with timers, all later ones without.</summary>
    private sealed class Watch : StepOrchestrator<int>
    {
        protected override async Task<Journey<int>> StepAsync(TaskOrchestrationContext context, Journey<int> journey)
        {
            if (journey.At == "timed")
                await WaitAsync(context, journey, "", new DateTimeOffset(context.CurrentUtcDateTime.AddSeconds(5), TimeSpan.Zero));
            else
                await context.WaitForExternalEvent<object?>(Look);

            return new Journey<int>(journey.Of < 24 ? "timed" : "untimed", journey.Of + 1);
        }
    }
}
