using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Azure;
using Notary.Evidence;
using Notary.Storage;

namespace Notary.Processes;

/// <summary>A process to create.</summary>
/// <param name="Kind">Which steps it takes.</param>
/// <param name="Id">Unique within its kind.</param>
/// <param name="Step">Name of the first step.</param>
/// <param name="State">What it starts from.</param>
/// <param name="Due">Not before; null for at once.</param>
public sealed record NewProcess(string Kind, string Id, string Step, JsonObject State, DateTimeOffset? Due = null);

/// <summary>Which processes to list; null means any.</summary>
public sealed record ProcessQuery(string? Kind = null, RuntimeStatus? Status = null, bool? Parked = null);

/// <summary>Some processes, and where to go on (null at the end).</summary>
public sealed record ProcessPage(IReadOnlyList<ProcessRecord> Processes, string? Continuation);

/// <summary>The table of processes: creates, finds, and lets people and events act on them.</summary>
/// <remarks>
/// A record and its row in the due index change in one transaction under the record's ETag. Each write carries a name of
/// its own: whatever the storage answers (lost answer, 409 or 412 to its own retry, time-out), re-reading the record tells
/// whether the write happened. What is durable: a method that returned has written; one that threw StorageUnavailable
/// may have, and is safe to repeat.
/// </remarks>
public sealed class ProcessStore(TableClient processes, TimeProvider clock)
{
    /// <summary>Writes under contention before a control action gives up.</summary>
    private const int MaxRaces = 20;

    /// <summary>Processes of one creating transaction: each is a record and a due row, of 100 rows a transaction.</summary>
    private const int MaxPerTransaction = TableClient.MaxTransactionActions / 2;

    /// <summary>State bytes of one creating transaction; base64 and both copies must stay below the service's 4 MiB.</summary>
    private const int MaxTransactionStateBytes = 1024 * 1024;

    /// <summary>Most records of a page.</summary>
    private const int MaxPage = 1000;

    /// <summary>Told when a process became due by an act of this store, so that a runner in this process need not poll for it.</summary>
    internal event Action? BecameDue;

    /// <summary>Creates a process unless one of this kind and id exists.</summary>
    /// <returns>Whether this call created it. False is success too: it is there.</returns>
    /// <exception cref="FaultException">TooLarge: the state; StorageUnavailable.</exception>
    public async Task<bool> CreateAsync(string kind, string id, string step, JsonObject state, DateTimeOffset? due = null, CancellationToken cancel = default)
    {
        var created = await CreateOneAsync(New(new(kind, id, step, state, due)), cancel);
        BecameDue?.Invoke();
        return created;
    }

    /// <summary>Creates many, up to fifty a transaction; those that exist stay as they are.</summary>
    /// <exception cref="FaultException">TooLarge: a state; StorageUnavailable, with some perhaps created: repeat.</exception>
    public async Task CreateManyAsync(IEnumerable<NewProcess> batch, CancellationToken cancel = default)
    {
        foreach (var shard in batch.Select(New).DistinctBy(r => (r.Kind, r.Id)).GroupBy(r => ProcessKeys.Shard(r.Kind, r.Id)))
        {
            foreach (var chunk in Chunks(shard))
            {
                try
                {
                    await processes.SubmitTransactionAsync(chunk.SelectMany(Inserts), cancel);
                }
                catch (Exception failure) when (StorageFailure.Is(failure, cancel))
                {
                    // Some exist, or the answer was lost: one by one each finds out for itself.
                    foreach (var record in chunk)
                    {
                        await CreateOneAsync(record, cancel);
                    }
                }
            }
        }

        BecameDue?.Invoke();
    }

    /// <summary>The process, or null.</summary>
    public async Task<ProcessRecord?> GetAsync(string kind, string id, CancellationToken cancel = default)
    {
        ProcessKeys.Check(kind, id);
        try
        {
            var row = await processes.GetEntityIfExistsAsync(ProcessKeys.Shard(kind, id), ProcessKeys.Row(kind, id), cancel: cancel);
            return row.HasValue ? ProcessRow.Read(row.Value!) : null;
        }
        catch (Exception failure) when (StorageFailure.Is(failure, cancel))
        {
            throw Unavailable(failure);
        }
    }

    /// <summary>A page of processes, in no promised order.</summary>
    /// <param name="query">Which ones.</param>
    /// <param name="limit">1 to 1000. A page may hold fewer and still not be the last.</param>
    /// <param name="continuation">From the page before; null for the first.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<ProcessPage> ListAsync(ProcessQuery query, int limit = 100, string? continuation = null, CancellationToken cancel = default)
    {
        var (from, to) = ProcessKeys.Records(query.Kind);
        var filter = TableFilter.Create($"RowKey ge {from} and RowKey lt {to}");
        filter += query.Status is { } status ? TableFilter.Create($" and Status eq {status.ToString()}") : "";
        filter += query.Parked is { } parked ? TableFilter.Create($" and Parked eq {parked}") : "";
        try
        {
            await foreach (var page in processes.QueryAsync(filter, Math.Clamp(limit, 1, MaxPage), null, cancel).AsPages(continuation))
            {
                return new([.. page.Values.Select(ProcessRow.Read)], page.ContinuationToken);
            }
        }
        catch (Exception failure) when (StorageFailure.Is(failure, cancel))
        {
            throw Unavailable(failure);
        }

        return new([], null);
    }

    /// <summary>Tells a process something. It is kept until a step that waited for the name has taken it.</summary>
    /// <param name="kind">The process's kind.</param>
    /// <param name="id">The process's id.</param>
    /// <param name="name">The event's name.</param>
    /// <param name="payload">Its content, small: all events together have 60 KiB.</param>
    /// <param name="act">Makes this and every other way to act idempotent: the same one again changes nothing, also when the process has gone on or ended since.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="FaultException">NotFound; Gone: the process has ended; Conflict: too many events wait; IdempotencyConflict: the act's key was used for another request; StorageUnavailable.</exception>
    public Task<ProcessRecord> RaiseEventAsync(string kind, string id, string name, JsonNode? payload = null, ProcessAct? act = null, CancellationToken cancel = default)
    {
        var raised = new ProcessEvent(act?.Key ?? Guid.NewGuid().ToString("N"), name, payload, clock.GetUtcNow());
        return ActAsync(kind, id, act, (record, now) => Transitions.Raise(record, raised, now), cancel);
    }

    /// <summary>Ends a process for good. A step in progress finishes, its result is dropped.</summary>
    /// <exception cref="FaultException">NotFound; Gone: it has ended already; StorageUnavailable.</exception>
    public Task<ProcessRecord> TerminateAsync(string kind, string id, string? why = null, ProcessAct? act = null, CancellationToken cancel = default)
        => ActAsync(kind, id, act, (record, now) => Transitions.Terminate(record, why, now), cancel);

    /// <summary>Holds a process. A step in progress finishes and counts; no other starts.</summary>
    /// <exception cref="FaultException">NotFound; Gone: it has ended or failed; StorageUnavailable.</exception>
    public Task<ProcessRecord> SuspendAsync(string kind, string id, string? why = null, ProcessAct? act = null, CancellationToken cancel = default)
        => ActAsync(kind, id, act, (record, now) => Transitions.Suspend(record, why, now), cancel);

    /// <summary>Continues a suspended process, or a parked one with fresh attempts. An active one is left alone.</summary>
    /// <exception cref="FaultException">NotFound; Gone: it has ended, or was stopped (rewind it); StorageUnavailable.</exception>
    public Task<ProcessRecord> ResumeAsync(string kind, string id, string? why = null, ProcessAct? act = null, CancellationToken cancel = default)
        => ActAsync(kind, id, act, (record, now) => Transitions.Resume(record, why, now), cancel);

    /// <summary>Tries a failed process's last step again.</summary>
    /// <exception cref="FaultException">NotFound; Conflict: it has not failed; StorageUnavailable.</exception>
    public Task<ProcessRecord> RewindAsync(string kind, string id, string? why = null, ProcessAct? act = null, CancellationToken cancel = default)
        => ActAsync(kind, id, act, (record, now) => Transitions.Rewind(record, why, now), cancel);

    /// <summary>Partitions, for <see cref="PurgeAsync"/>.</summary>
    public const int Partitions = ProcessKeys.Shards;

    /// <summary>Deletes completed processes of one partition, a page of them.</summary>
    /// <param name="partition">0 to <see cref="Partitions"/> - 1.</param>
    /// <param name="before">Their last step, and storage's last write of them, lie before this.</param>
    /// <param name="mayGo">By kind and id.</param>
    /// <param name="continuation">From the page before; null for the first.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>How many went, and where to go on (null at the end).</returns>
    public async Task<(int Count, string? Continuation)> PurgeAsync(int partition, DateTimeOffset before, Func<string, string, bool> mayGo, string? continuation, CancellationToken cancel)
    {
        var (from, to) = ProcessKeys.Records(null);
        var filter = TableFilter.Create($"PartitionKey eq {ProcessKeys.Shard(partition)} and RowKey ge {from} and RowKey lt {to} and Status eq {RuntimeStatus.Completed.ToString()} and UpdatedAt lt {before}");
        try
        {
            var page = await processes.QueryAsync(filter, MaxPage, ["PartitionKey", "RowKey", "Timestamp"], cancel).AsPages(continuation).FirstAsync(cancel);
            var done = page.Values.Where(row => row.Timestamp < before && ProcessKeys.TryParseRecord(row.RowKey, out var kind, out var id) && mayGo(kind, id)).ToList();
            foreach (var row in done)
            {
                // Completed is final, so any version will do; that another instance was faster is no matter.
                await processes.DeleteEntityAsync(row.PartitionKey, row.RowKey, ETag.All, cancel);
            }

            return (done.Count, page.ContinuationToken);
        }
        catch (Exception failure) when (StorageFailure.Is(failure, cancel))
        {
            throw Unavailable(failure);
        }
    }

    /// <summary>Kind and id of what is due in one partition, the longest due first.</summary>
    internal async IAsyncEnumerable<(string Kind, string Id)> DueAsync(int shard, DateTimeOffset now, [EnumeratorCancellation] CancellationToken cancel)
    {
        var (from, to) = ProcessKeys.DueUntil(now);
        var filter = TableFilter.Create($"PartitionKey eq {ProcessKeys.Shard(shard)} and RowKey ge {from} and RowKey lt {to}");
        await foreach (var row in processes.QueryAsync(filter, null, [], cancel))
        {
            yield return ProcessKeys.Parse(row.RowKey);
        }
    }

    /// <summary>Makes due now what a clock that was ahead of ours has put off, of one partition.</summary>
    /// <remarks>A process that waits for long is left alone: what counts is when its record was last written.</remarks>
    internal async Task PullBackAsync(int shard, DateTimeOffset now, TimeSpan tolerance, CancellationToken cancel)
    {
        var (_, from) = ProcessKeys.DueUntil(now + tolerance);
        var (_, to) = ProcessKeys.DueUntil(DateTimeOffset.MaxValue.AddTicks(-1));
        var filter = TableFilter.Create($"PartitionKey eq {ProcessKeys.Shard(shard)} and RowKey ge {from} and RowKey lt {to}");
        await foreach (var row in processes.QueryAsync(filter, null, [], cancel))
        {
            var (kind, id) = ProcessKeys.Parse(row.RowKey);
            if (await GetAsync(kind, id, cancel) is { IsActive: true } record && record.UpdatedAt > now + tolerance)
            {
                await TryWriteAsync(record, Transitions.PullBack(record, now), cancel);
            }
        }
    }

    /// <summary>Replaces <paramref name="before"/> by <paramref name="after"/>, index and all.</summary>
    /// <returns>What is stored now, or null when somebody else was first.</returns>
    /// <exception cref="FaultException">StorageUnavailable: it may or may not have happened.</exception>
    internal async Task<ProcessRecord?> TryWriteAsync(ProcessRecord before, ProcessRecord after, CancellationToken cancel)
    {
        after = after with { Write = Guid.NewGuid().ToString("N") };
        var actions = new List<TableTransactionAction> { new(TableTransactionActionType.UpdateReplace, ProcessRow.Write(after), before.ETag) };
        if (before.DueRow != after.DueRow)
        {
            var shard = ProcessKeys.Shard(after.Kind, after.Id);
            if (before.DueRow is { } old)
            {
                actions.Add(new(TableTransactionActionType.Delete, new(shard, old)));
            }

            if (after.DueRow is { } due)
            {
                actions.Add(new(TableTransactionActionType.Add, new(shard, due)));
            }
        }

        try
        {
            var etags = await processes.SubmitTransactionAsync(actions, cancel);
            // Without its ETag the next write would match any version.
            return etags[0] == default ? await GetAsync(after.Kind, after.Id, cancel) : after with { ETag = etags[0] };
        }
        catch (Exception failure) when (StorageFailure.Is(failure, cancel))
        {
            var stored = await GetAsync(after.Kind, after.Id, cancel);
            return stored?.Write == after.Write ? stored
                : IsLostRace(failure) ? null
                : throw Unavailable(failure);
        }
    }

    private static bool IsLostRace(Exception failure) => failure is RequestFailedException { Status: 404 or 409 or 412 };

    private static FaultException Unavailable(Exception cause) => new(Fault.StorageUnavailable, "the process table did not answer usefully", cause);

    private static IEnumerable<TableTransactionAction> Inserts(ProcessRecord record)
    {
        yield return new(TableTransactionActionType.Add, ProcessRow.Write(record));
        yield return new(TableTransactionActionType.Add, new(ProcessKeys.Shard(record.Kind, record.Id), record.DueRow!));
    }

    private static IEnumerable<List<ProcessRecord>> Chunks(IEnumerable<ProcessRecord> records)
    {
        var chunk = new List<ProcessRecord>();
        var bytes = 0;
        foreach (var record in records)
        {
            var size = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(record.State).Length;
            if (chunk.Count == MaxPerTransaction || (chunk.Count > 0 && bytes + size > MaxTransactionStateBytes))
            {
                yield return chunk;
                (chunk, bytes) = ([], 0);
            }

            chunk.Add(record);
            bytes += size;
        }

        if (chunk.Count > 0)
        {
            yield return chunk;
        }
    }

    private ProcessRecord New(NewProcess process)
    {
        ProcessKeys.Check(process.Kind, process.Id);
        var now = clock.GetUtcNow();
        var record = new ProcessRecord
        {
            Kind = process.Kind,
            Id = process.Id,
            Step = process.Step,
            State = process.State,
            Input = process.State,
            CreatedAt = now,
            UpdatedAt = now,
            Due = process.Due ?? now,
            Write = Guid.NewGuid().ToString("N"),
        };
        return record.Note(now, "Created");
    }

    private async Task<bool> CreateOneAsync(ProcessRecord record, CancellationToken cancel)
    {
        try
        {
            await processes.SubmitTransactionAsync(Inserts(record), cancel);
            return true;
        }
        catch (Exception failure) when (StorageFailure.Is(failure, cancel))
        {
            return await GetAsync(record.Kind, record.Id, cancel) is { } stored ? stored.Write == record.Write : throw Unavailable(failure);
        }
    }

    private async Task<ProcessRecord> ActAsync(string kind, string id, ProcessAct? act, Func<ProcessRecord, DateTimeOffset, ProcessRecord> change, CancellationToken cancel)
    {
        for (var race = 0; race < MaxRaces; race++)
        {
            var before = await GetAsync(kind, id, cancel) ?? throw new FaultException(Fault.NotFound, "no such process");
            if (act is not null && before.Acts.FirstOrDefault(done => done.Key == act.Key) is { } done)
            {
                return done == act ? before : throw new FaultException(Fault.IdempotencyConflict, "this idempotency key was used for another request");
            }

            var after = change(before, clock.GetUtcNow());
            after = act is null ? after : after with { Acts = [.. before.Acts.TakeLast(ProcessRecord.MaxActs - 1), act] };
            if (ReferenceEquals(before, after))
            {
                return before;
            }

            if (await TryWriteAsync(before, after, cancel) is { } written)
            {
                BecameDue?.Invoke();
                return written;
            }
        }

        throw new FaultException(Fault.StorageConflict, "the process changes too fast to act on it");
    }
}
