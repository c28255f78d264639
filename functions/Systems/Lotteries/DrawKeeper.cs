namespace Notary.Lotteries;

/// <summary>Starts again, from the rows, the draws that no orchestration takes on any more: the rows are the truth, a task hub may be lost.</summary>
public sealed partial class DrawKeeper(StorageAccount storage, DrawStarter starter, DurableDoor door, TimeProvider clock, ILogger<DrawKeeper> log)
{
    /// <summary>A pointer that is younger may be ahead of the row that it announces.</summary>
    private static readonly TimeSpan Young = TimeSpan.FromMinutes(1);

    /// <summary>An instance that has work to do moves within seconds; one that does not has lost its timer with the hub's messages.</summary>
    private static readonly TimeSpan Still = TimeSpan.FromMinutes(2);

    private readonly DrawTable table = new(storage);

    /// <summary>One look at every draw under way. An instance that a person terminated stays so.</summary>
    public async Task SweepAsync(CancellationToken cancel)
    {
        foreach (var (id, since, version) in await table.ActiveAsync(cancel).ConfigureAwait(false))
        {
            var row = await table.FindAsync(id, cancel).ConfigureAwait(false);
            if (row is null or { State: DrawState.Draft } or { Step: Steps.End })
            {
                // Announced and not published: its race was lost. A later try announces it again.
                if (since < clock.GetUtcNow() - Young)
                    await table.DeactivateAsync(id, version, cancel).ConfigureAwait(false);

                continue;
            }

            var instance = await door.Client.GetInstanceAsync(DrawTasks.Instance(id), cancel).ConfigureAwait(false);
            if (instance?.RuntimeStatus is null or Microsoft.DurableTask.Client.OrchestrationRuntimeStatus.Completed
                or Microsoft.DurableTask.Client.OrchestrationRuntimeStatus.Failed && await starter.StartAsync(id, cancel).ConfigureAwait(false))
                Log.Started(log, id, instance?.RuntimeStatus.ToString() ?? "missing");
            else if (instance?.LastUpdatedAt < clock.GetUtcNow() - Still && IsDue(row, clock.GetUtcNow()))
                await starter.WakeAsync(id, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Whether the draw waits for no person and for no time to come.</summary>
    private static bool IsDue(DrawRow row, DateTimeOffset now) => row.Step switch
    {
        Steps.Freeze => now >= row.Plan.Schedule.ObjectionsUntil,
        Steps.CommitApprovals or Steps.ResultApprovals => false,
        Steps.Commits => now >= row.Plan.Schedule.CommitsUntil,
        Steps.Seed => now >= row.Plan.Schedule.RevealsUntil,
        _ => true,
    };

    private static partial class Log
    {
        [LoggerMessage(91, LogLevel.Warning, "draw {Draw} was {Status} with work left, and is started again")]
        public static partial void Started(ILogger log, Digest draw, string status);
    }
}
