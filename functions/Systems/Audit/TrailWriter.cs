namespace Notary.Audit;

/// <summary>
/// Makes entries durable, in one order for all instances.
///  1. What is waiting goes together: one transaction, however many requests there are.
///  2. The head: the last entry that we wrote ourselves; read anew when another instance has been writing.
///  3. The entries that follow it are added. The first number that is taken refuses them all.
///  4. Refused or without an answer: what lies there now says whether it was us.
/// </summary>
/// <remarks>One call for an instance that writes alone, two where others write too, and four for the one write that finds that out.</remarks>
public sealed class TrailWriter(StorageAccount storage, TimeProvider clock)
{
    /// <summary>Requests that wait to be recorded: more than the staff of an office can send, so something is wrong.</summary>
    private const int MaxWaiting = 1000;

    /// <summary>Lost races in a row: each has another writer's success behind it, so ten mean that something else is wrong.</summary>
    private const int MaxTries = 10;

    /// <summary>How long a request waits for its entry before it is refused.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly TrailTable table = new(storage);
    private readonly Lock gate = new();
    private readonly Queue<Waiting> waiting = new();
    private bool writing;
    private TrailEntry? head;
    private bool alone;

    private sealed record Waiting(TrailEvent Event, TaskCompletionSource Done);

    /// <summary>Returns when the entry is durable.</summary>
    /// <exception cref="FaultException"><see cref="Fault.StorageUnavailable"/>: it may be there or not; whoever asked must get no answer.</exception>
    public Task WriteAsync(TrailEvent what)
    {
        var one = new Waiting(what, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (gate)
        {
            if (waiting.Count == MaxWaiting)
                throw new FaultException(Fault.StorageUnavailable, "too much waits to be recorded");

            waiting.Enqueue(one);
            if (writing)
                return one.Done.Task;

            writing = true;
        }

        _ = Task.Run(WriteWaitingAsync);
        return one.Done.Task;
    }

    private async Task WriteWaitingAsync()
    {
        while (Take() is { Count: > 0 } batch)
        {
            // 1.
            Exception? failure = null;
            try
            {
                await CommitAsync([.. batch.Select(one => one.Event)]).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                failure = e as FaultException ?? StorageFailure.ToFault(e);
            }

            foreach (var one in batch)
            {
                if (failure is null)
                    one.Done.SetResult();
                else
                    one.Done.SetException(failure);
            }
        }
    }

    private List<Waiting> Take()
    {
        lock (gate)
        {
            var batch = new List<Waiting>();
            while (batch.Count < TableRows.MaxTransactionActions && waiting.TryDequeue(out var one))
                batch.Add(one);

            writing = batch.Count > 0;
            return batch;
        }
    }

    private async Task CommitAsync(IReadOnlyList<TrailEvent> events)
    {
        using var patience = new CancellationTokenSource(Patience, clock);
        for (var tries = 1; ; tries++)
        {
            // 2.
            if (head is null || !alone)
            {
                var (before, found) = (head, await table.HeadAsync(patience.Token).ConfigureAwait(false));
                alone = found is null || found.Number == before?.Number;
                head = found;
            }

            // 3.
            var entries = new List<TrailEntry>(events.Count);
            foreach (var what in events)
                entries.Add(TrailEntry.After(entries is [.., var last] ? last : head, what));

            try
            {
                await table.AddAsync(entries, patience.Token).ConfigureAwait(false);
                head = entries[^1];
                return;
            }
            catch (Exception e) when (StorageFailure.Is(e, CancellationToken.None))
            {
                // 4.
                (head, alone) = (null, false);
                if (await AreThereAsync(entries).ConfigureAwait(false))
                    return;

                if (!StorageFailure.IsConflict(e) || tries == MaxTries)
                    throw StorageFailure.ToFault(e);
            }
        }
    }

    /// <summary>Whether the last of our entries lies at its place: then all do.</summary>
    private async Task<bool> AreThereAsync(List<TrailEntry> entries)
    {
        using var patience = new CancellationTokenSource(Patience, clock);
        var (number, bytes) = (entries[^1].Number, entries[^1].Bytes);
        await foreach (var there in table.ReadAsync(number, number + 1, null, null, patience.Token).ConfigureAwait(false))
            return there.Bytes.AsSpan().SequenceEqual(bytes);

        return false;
    }
}
