using Microsoft.DurableTask.Client;

namespace Notary.Deposits;

/// <summary>Starts again, from the rows, what no orchestration takes on any more: the rows are the truth, a task hub may be lost.</summary>
/// <remarks>An instance that a person terminated stays so. One that failed, such as by a name that this build does not know,
/// is started under today's name.</remarks>
public sealed class Keeper(StorageAccount storage, OrchestrationStarter starter, DurableDoor door, ILogger<Keeper> logger)
{
    /// <summary>Younger checkpoints are on their way.</summary>
    private static readonly TimeSpan Young = TimeSpan.FromMinutes(1);

    /// <summary>Checkpoints one run looks at.</summary>
    private const int MaxCheckpoints = 500;

    /// <summary>Shards one run looks at for letters that were asked for; the first run looks at all.</summary>
    private const int ShardsAtOnce = 4;

    private readonly CheckpointTable checkpoints = new(storage);
    private readonly LetterTable letters = new(storage);
    private int nextShard;
    private bool looked;

    internal async Task RunAsync(DateTimeOffset now, CancellationToken cancel)
    {
        foreach (var size in await checkpoints.UnfinishedAsync(now - Young, MaxCheckpoints, cancel).ConfigureAwait(false))
        {
            await EnsureAsync(DepositTasks.CheckpointInstance(size), () => starter.StartCheckpointAsync(size, cancel), cancel).ConfigureAwait(false);
        }

        if (await AnyRequestedAsync(cancel).ConfigureAwait(false))
        {
            await EnsureAsync(DepositTasks.LettersInstance, () => starter.StartLettersAsync(cancel), cancel).ConfigureAwait(false);
        }
    }

    private async Task EnsureAsync(string instanceId, Func<Task<bool>> start, CancellationToken cancel)
    {
        var instance = await door.Client.GetInstanceAsync(instanceId, cancel).ConfigureAwait(false);
        if (instance?.RuntimeStatus is null or OrchestrationRuntimeStatus.Completed or OrchestrationRuntimeStatus.Failed && await start().ConfigureAwait(false))
            logger.LogWarning("{Instance} was {Status} with work left, and is started again", instanceId, instance?.RuntimeStatus.ToString() ?? "missing");
    }

    private async Task<bool> AnyRequestedAsync(CancellationToken cancel)
    {
        var count = looked ? ShardsAtOnce : DepositKeys.Shards;
        for (var i = 0; i < count; i++)
        {
            nextShard = (nextShard + 1) % DepositKeys.Shards;
            if ((await letters.DueAsync(DepositKeys.Shard(nextShard), DepositKeys.LettersFrom(0),
                DepositKeys.LettersFrom(1), 1, cancel).ConfigureAwait(false)).Count > 0)
                return true;
        }

        looked = true;
        return false;
    }
}
