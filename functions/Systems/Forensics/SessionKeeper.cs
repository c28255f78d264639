using Microsoft.DurableTask.Client;
using Notary.Forensics.Desktops;

namespace Notary.Forensics;

/// <summary>Starts again, from the rows, the sessions that no orchestration takes on any more, and takes down desktops that are nobody's.</summary>
public sealed partial class SessionKeeper(
    StorageAccount storage, IDesktopProvider desktops, SessionStarter starter, DurableDoor door, TimeProvider clock, ILogger<SessionKeeper> log)
{
    /// <summary>A pointer that is younger may be ahead of the row that it announces.</summary>
    private static readonly TimeSpan Young = TimeSpan.FromMinutes(1);

    /// <summary>An instance looks every few seconds; one that does not has lost its timer with the hub's messages.</summary>
    private static readonly TimeSpan Still = TimeSpan.FromMinutes(1);

    private readonly SessionTable table = new(storage);

    /// <summary>One look at every session under way. An instance that a person terminated stays so.</summary>
    public async Task SweepAsync(CancellationToken cancel)
    {
        // Desktops before rows: what is begun in between has a row.
        var known = await desktops.KnownAsync(cancel).ConfigureAwait(false);
        var active = await table.ActiveAsync(cancel).ConfigureAwait(false);
        foreach (var (tenant, id, since) in active)
        {
            if (await table.FindAsync(tenant, id, cancel).ConfigureAwait(false) is null)
            {
                // Announced and not made: its race was lost.
                if (since < clock.GetUtcNow() - Young)
                    await table.DeactivateAsync(id, cancel).ConfigureAwait(false);

                continue;
            }

            var instance = await door.Client.GetInstanceAsync(SessionTasks.Instance(id), cancel).ConfigureAwait(false);
            if (instance?.RuntimeStatus is null or OrchestrationRuntimeStatus.Completed or OrchestrationRuntimeStatus.Failed
                && await starter.StartAsync(tenant, id, cancel).ConfigureAwait(false))
                Log.Started(log, id, instance?.RuntimeStatus.ToString() ?? "missing");
            else if (instance?.LastUpdatedAt < clock.GetUtcNow() - Still)
                await starter.WakeAsync(id, cancel).ConfigureAwait(false);
        }

        if (active.Count == SessionLimits.MaxSwept)
            return;

        foreach (var id in known.Except(active.Select(a => a.Id)).Where(id => id.Time < clock.GetUtcNow() - Young))
        {
            await desktops.EndAsync(id, cancel).ConfigureAwait(false);
            if (await desktops.ForgetAsync(id, cancel).ConfigureAwait(false))
                Log.Forgotten(log, id);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(96, LogLevel.Warning, "session {Session} was {Status} with work left, and is started again")]
        public static partial void Started(ILogger log, DepositId session, string status);

        [LoggerMessage(97, LogLevel.Warning, "a desktop of session {Session}, which has ended, was still there and is taken down")]
        public static partial void Forgotten(ILogger log, DepositId session);
    }
}
