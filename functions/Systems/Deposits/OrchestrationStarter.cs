namespace Notary.Deposits;

/// <summary>Starts what follows a batch, or a request for a letter. Every start is idempotent, because a batch may be finished more than once.</summary>
public sealed class OrchestrationStarter(StorageAccount storage, DurableDoor door)
{
    private readonly LetterTable letters = new(storage);

    /// <summary>Stamp, anchor and letters of one checkpoint.</summary>
    internal Task<bool> StartCheckpointAsync(long size, CancellationToken cancel)
        => door.StartAsync(DepositTasks.Checkpoint, DepositTasks.CheckpointInstance(size), new Journey<long>(CheckpointOrchestrator.First, size), cancel);

    /// <summary>The way to a letter that was not wanted at first. Once asked for it comes, whatever happens to this call: the row says so.</summary>
    internal async Task RequestLetterAsync(string tenant, Evidence.DepositId id, CancellationToken cancel)
    {
        if (await letters.RequestAsync(tenant, id, cancel).ConfigureAwait(false) && !await StartLettersAsync(cancel).ConfigureAwait(false))
            await door.Client.RaiseEventAsync(DepositTasks.LettersInstance, StepOrchestrator<string>.Look, null, cancel).ConfigureAwait(false);
    }

    internal Task<bool> StartLettersAsync(CancellationToken cancel)
        => door.StartAsync(DepositTasks.Letters, DepositTasks.LettersInstance, new Journey<string>(LettersOrchestrator.First, "requested"), cancel);
}
