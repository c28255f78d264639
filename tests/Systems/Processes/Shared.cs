using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Notary.Servers;
using Notary.Storage;

namespace Notary.Processes.Tests;

/// <summary>One Azurite for this assembly; each test takes an account of its own.</summary>
[TestClass]
public static class Shared
{
    private static Azurite? azurite;

    public static Azurite Azurite => azurite ?? throw new InvalidOperationException("not started");

    [AssemblyInitialize]
    public static async Task StartAsync(TestContext context) => azurite = await Azurite.StartAsync(cancel: context.CancellationToken);

    [AssemblyCleanup]
    public static async Task StopAsync() => await Azurite.DisposeAsync();

    public static async Task<TableClient> NewTableAsync(CancellationToken cancel)
    {
        var table = StorageAccount.Open(new() { ConnectionString = Azurite.ConnectionStringFor(Azurite.NewAccount()) }).Table(Names.Processes);
        await table.CreateIfNotExistsAsync(cancel);
        return table;
    }

    public static ProcessRunner Runner(ProcessStore store, TimeProvider clock, IProcessKind kind, RunnerOptions? options = null)
        => new(store, [kind], options ?? new(), clock, NullLogger<ProcessRunner>.Instance);
}

/// <summary>A clock that a test moves. Timers run in real time: only the records' times are simulated.</summary>
public sealed class ManualClock : TimeProvider
{
    private DateTimeOffset now = new(2026, 11, 22, 5, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => now;

    public void Advance(TimeSpan by) => now += by;
}

/// <summary>Steps given as a function; counts its calls.</summary>
public sealed class Steps(Func<ProcessRecord, CancellationToken, Task<StepResult>> step) : IProcessKind
{
    private int calls;

    public Steps(Func<ProcessRecord, StepResult> step)
        : this((process, _) => Task.FromResult(step(process)))
    {
    }

    public string Kind => "test";

    public int Calls => calls;

    public Task<StepResult> StepAsync(ProcessRecord process, CancellationToken cancel)
    {
        Interlocked.Increment(ref calls);
        return step(process, cancel);
    }

    public static JsonObject State(int n) => new() { ["n"] = n };
}
