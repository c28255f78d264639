using DurableTask.Core.Exceptions;

namespace Notary.Orchestration;

/// <summary>The task hub's client, whichever host there is: on one machine the app's own, in Functions the one that came with the newest invocation.</summary>
public sealed class DurableDoor
{
    /// <summary>Statuses under which an instance goes on by itself or waits for a person: starting it again would change nothing.</summary>
    private static readonly string[] Live =
    [
        nameof(OrchestrationRuntimeStatus.Pending), nameof(OrchestrationRuntimeStatus.Running), nameof(OrchestrationRuntimeStatus.Suspended),
    ];

    private volatile DurableTaskClient? client;

    /// <summary>Whether there is a client yet.</summary>
    public bool IsOpen => client is not null;

    /// <exception cref="FaultException"><see cref="Fault.StorageUnavailable"/> before the hub is open, or before the first invocation.</exception>
    public DurableTaskClient Client => client ?? throw new FaultException(Fault.StorageUnavailable, "the task hub is not open yet; try again");

    /// <summary>Takes a client; the newest is as good as any other.</summary>
    public void Offer(DurableTaskClient offered) => client = offered;

    /// <summary>Starts an instance unless it is under way: starting twice is starting once.</summary>
    /// <returns>False when it was there already.</returns>
    public async Task<bool> StartAsync(TaskName name, string instanceId, object input, CancellationToken cancel)
    {
        var hub = Client;
        try
        {
            await hub.ScheduleNewOrchestrationInstanceAsync(name, input,
                new StartOrchestrationOptions(instanceId) { DedupeStatuses = Live }, cancel).ConfigureAwait(false);
            return true;
        }
        catch (OrchestrationAlreadyExistsException)
        {
            return false; // Under way when it was asked; it may have ended by now.
        }
        catch (Exception e) when (!cancel.IsCancellationRequested && e is not FaultException)
        {
            // The hosts say "there already" by different exceptions; the instance itself says it in both.
            if (IsLive(await hub.GetInstanceAsync(instanceId, cancel).ConfigureAwait(false)))
                return false;

            throw;
        }
    }

    /// <summary>Whether an instance goes on by itself, or stands until a person acts.</summary>
    public async Task<bool> IsLiveAsync(string instanceId, CancellationToken cancel)
        => IsLive(await Client.GetInstanceAsync(instanceId, cancel).ConfigureAwait(false));

    private static bool IsLive(OrchestrationMetadata? instance)
        => instance?.RuntimeStatus is OrchestrationRuntimeStatus.Pending or OrchestrationRuntimeStatus.Running or OrchestrationRuntimeStatus.Suspended;
}
