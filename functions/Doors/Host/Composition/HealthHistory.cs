using Notary.Pages.Watching;

namespace Notary.Host.Composition;

/// <summary>The history of the dependencies' states, in one partition of a table.</summary>
/// <remarks>
/// 1. The record (one row) says how each stands and since when. A look replaces it under its ETag: one write a minute.
/// 2. What has ended (down, or unknown) is a row of its own, in the same transaction, so that no instance adds it twice.
/// 3. Whoever lost the race reads again; a look that is not newer, or says the same within <see cref="Fresh"/>, is not written.
/// 4. While tables are down looks wait in memory, and are taken up in their order when they are back.
/// </remarks>
internal sealed partial class HealthHistory(TableClient table, TimeProvider clock, ILogger<HealthHistory> log) : IDisposable
{
    /// <summary>What the pages show.</summary>
    public static readonly TimeSpan Shown = TimeSpan.FromDays(30);

    /// <summary>Rows read for them: past it the history begins later, and the page says so.</summary>
    private const int MaxRows = 5000;

    private static readonly TimeSpan Kept = TimeSpan.FromDays(35);

    // Another instance has just looked.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(30);

    // A day of looks: a few hundred KiB. Of a longer outage of tables the beginning is unknown.
    private const int MaxWaiting = 1440;
    private const int MaxReasonLength = 200;
    private const string Partition = "health";
    private const string RecordRow = "record";

    private readonly SemaphoreSlim one = new(1, 1);
    private readonly Queue<HealthSample> waiting = new();
    private (HealthRecord? Record, ETag ETag)? known;
    private DateTimeOffset prunedAt;

    /// <summary>Takes up a look; never throws for storage's fault.</summary>
    public async Task AddAsync(IReadOnlyList<HealthReading> readings, CancellationToken cancel)
    {
        await one.WaitAsync(cancel);
        try
        {
            if (waiting.Count == MaxWaiting)
                waiting.Dequeue();

            waiting.Enqueue(new HealthSample(clock.GetUtcNow(),
                [.. readings.Select(r => r with { Reason = r.Reason.Length > MaxReasonLength ? r.Reason[..MaxReasonLength] : r.Reason })]));
            while (waiting.Count > 0)
                await WriteAsync(cancel);

            await PruneAsync(cancel);
        }
        catch (Exception e) when (StorageFailure.Is(e, cancel) || e is RequestFailedException)
        {
            known = null;
            Log.NotWritten(log, waiting.Count, e.Message.Split('\n')[0]);
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>The record, what has ended within <see cref="Shown"/>, newest first, and from when on that is all.</summary>
    public async Task<(HealthRecord? Record, IReadOnlyList<Outage> Ended, DateTimeOffset Known)> ReadAsync(CancellationToken cancel)
    {
        var from = clock.GetUtcNow() - Shown;
        var (record, _) = await FindAsync(cancel);
        var ended = await table.QueryAsync($"PartitionKey eq '{Partition}' and RowKey ge 'o|' and RowKey lt '{Row(from)}'", 1000, cancel: cancel)
            .Take(MaxRows).Select(Read).ToListAsync(cancel);
        return (record, ended, ended.Count == MaxRows ? ended[^1].Until : from);
    }

    public void Dispose() => one.Dispose();

    private async Task WriteAsync(CancellationToken cancel)
    {
        var (record, etag) = known ??= await FindAsync(cancel);
        var (next, ended, taken) = (record, new List<Outage>(), 0);
        foreach (var sample in waiting)
        {
            var (taking, more) = HealthRecord.Take(next, sample);
            if (ended.Count + more.Count >= TableRows.MaxTransactionActions)
                break;

            (next, taken) = (taking, taken + 1);
            ended.AddRange(more);
        }

        if (next != record && !(record is not null && ended.Count == 0 && Same(record, next!) && next!.Seen - record.Seen < Fresh))
        {
            try
            {
                var answers = await table.SubmitTransactionAsync([Write(next!, etag), .. ended.Select(Add)], cancel);
                known = answers.Value[0].Headers.ETag is { } written ? (next, written) : null;
            }
            catch (RequestFailedException e) when (e.Status is 409 or 412)
            {
                // Another instance's look, or ours whose answer was lost: the next turn reads it.
                known = null;
                return;
            }
        }

        for (; taken > 0; taken--)
            waiting.Dequeue();
    }

    private async Task<(HealthRecord? Record, ETag ETag)> FindAsync(CancellationToken cancel)
    {
        var found = await table.GetEntityIfExistsAsync(Partition, RecordRow, cancel: cancel);
        return found.HasValue
            ? (new HealthRecord(found.Value!.GetDateTimeOffset("Seen")!.Value,
                JsonSerializer.Deserialize<Dictionary<string, HealthSince>>(found.Value.GetBinary("States"))!), found.Value.ETag)
            : (null, default);
    }

    private async Task PruneAsync(CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        if (now - prunedAt < TimeSpan.FromDays(1))
            return;

        var old = await table.QueryAsync($"PartitionKey eq '{Partition}' and RowKey gt '{Row(now - Kept)}' and RowKey lt 'o}}'",
            TableRows.MaxTransactionActions, ["PartitionKey", "RowKey"], cancel).Take(TableRows.MaxTransactionActions).ToListAsync(cancel);
        if (old.Count > 0)
            await table.SubmitTransactionAsync(old.Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row, ETag.All)), cancel);

        prunedAt = old.Count == TableRows.MaxTransactionActions ? prunedAt : now;
    }

    private static bool Same(HealthRecord one, HealthRecord other)
        => one.States.Count == other.States.Count && one.States.All(state => other.States.GetValueOrDefault(state.Key) == state.Value);

    private static TableTransactionAction Write(HealthRecord record, ETag etag) => new(
        etag == default ? TableTransactionActionType.Add : TableTransactionActionType.UpdateReplace,
        new TableEntity(Partition, RecordRow) { ["Seen"] = record.Seen, ["States"] = JsonSerializer.SerializeToUtf8Bytes(record.States) }, etag);

    private static TableTransactionAction Add(Outage outage) => new(TableTransactionActionType.UpsertReplace,
        new TableEntity(Partition, $"{Row(outage.Until)}|{Convert.ToHexStringLower(Encoding.UTF8.GetBytes(outage.Name))}")
        {
            ["Name"] = outage.Name,
            ["State"] = outage.State.ToString(),
            ["From"] = outage.From,
            ["Until"] = outage.Until,
            ["Reason"] = outage.Reason,
        });

    private static Outage Read(TableEntity row) => new(row.GetString("Name")!, Enum.Parse<HealthState>(row.GetString("State")!),
        row.GetDateTimeOffset("From")!.Value, row.GetDateTimeOffset("Until")!.Value, row.GetString("Reason") ?? "");

    // By its end, the newest first.
    private static string Row(DateTimeOffset until) => $"o|{DateTimeOffset.MaxValue.UtcTicks - until.UtcTicks:D19}";

    private static partial class Log
    {
        [LoggerMessage(35, LogLevel.Warning, "{Count} looks at the dependencies are not written yet: {Reason}")]
        public static partial void NotWritten(ILogger log, int count, string reason);
    }
}
