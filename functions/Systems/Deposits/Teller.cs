using Notary.Webhooks;

namespace Notary.Deposits;

/// <summary>
/// Makes events of what happened to deposits whose tenants have an endpoint.
///  1. Rows that wait for a state which has come, in their partitions.
///  2. Their events, each with an id that follows from deposit and type: told twice is told once.
///  3. Their rows go on to the next state, or away.
/// </summary>
/// <remarks>Several instances may do it at once. A kill between 2 and 3 repeats 2, which changes nothing.</remarks>
public sealed class Teller(StorageAccount storage, Telling telling, EventSink sink, Coverage coverage, TimeProvider clock, ILogger<Teller> logger)
{
    /// <summary>Whether a tenant is a sandbox, whose events say that they are about tests.</summary>
    public required Func<string, CancellationToken, Task<bool>> IsSandbox { get; init; }

    /// <summary>How often the coverage is looked at while somebody's deposit is under way: two reads. Nothing is read while none is.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    /// <summary>How late what another instance has done is seen: as by the sweep.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);

    /// <summary>Rows of one read: some thirty transactions of events.</summary>
    private const int Page = 500;

    /// <summary>Rows of one transaction: each is deleted and written anew.</summary>
    private const int MaxMoved = 50;

    private readonly TableClient table = storage.Table(Names.Deposits);
    private readonly CheckpointTable checkpoints = new(storage);
    private readonly BatchTable directory = new(storage);
    private readonly Dictionary<(bool Anchored, long Size), DateTimeOffset?> times = [];
    private int waiting;

    /// <summary>A row that waits to be told.</summary>
    /// <param name="State">Which state is the next to be told: 0 logged, 1 time-stamped, 2 anchored.</param>
    private sealed record ToldRow(string RowKey, int State, long Size, string Tenant, string Id, long Index, DateTimeOffset At);

    /// <summary>Tells until cancelled.</summary>
    public async Task RunLoopAsync(CancellationToken cancel)
    {
        var (covered, all) = (new Covered(0, 0), clock.GetTimestamp() - clock.TimestampFrequency * (long)Longest.TotalSeconds);
        while (true)
        {
            var rung = await telling.WaitAsync(waiting != 0 ? Poll : clock.GetElapsedTime(all) < Longest ? Longest : TimeSpan.Zero,
                cancel).ConfigureAwait(false);
            try
            {
                var shards = rung;
                if (clock.GetElapsedTime(all) >= Longest)
                {
                    shards |= (await telling.NowAsync(cancel).ConfigureAwait(false)).Aggregate(0, (mask, tenant) => mask | DepositKeys.ShardBit(tenant));
                    all = clock.GetTimestamp();
                }

                if ((shards | waiting) == 0)
                    continue;

                var now = await coverage.NowAsync(cancel).ConfigureAwait(false);
                if (now != covered)
                    shards |= waiting;

                await RunAsync(shards, now, cancel).ConfigureAwait(false);
                covered = now;
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
            {
                logger.LogWarning(e, "what happened to deposits could not be told and is tried again");
                telling.Ring(rung | waiting);
                await Task.Delay(AfterFailure, clock, cancel).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Tells what can be told now in some partitions.</summary>
    internal async Task RunAsync(int shards, Covered covered, CancellationToken cancel)
    {
        times.Clear();
        for (var number = 0; number < DepositKeys.Shards; number++)
        {
            if ((shards & (1 << number)) == 0)
                continue;

            var shard = DepositKeys.Shard(number);
            foreach (var (from, to) in ((string, string)[])[(DepositKeys.ToldFrom(0, 0), DepositKeys.ToldFrom(1, 0)),
                (DepositKeys.ToldFrom(1, 0), DepositKeys.ToldFrom(1, covered.Stamped + 1)),
                (DepositKeys.ToldFrom(2, 0), DepositKeys.ToldFrom(2, covered.Anchored + 1))])
            {
                while (await RowsAsync(shard, from, to, cancel).ConfigureAwait(false) is { Count: > 0 } rows
                    && await TellAsync(shard, [.. rows.Select(Read)], covered, cancel).ConfigureAwait(false) && rows.Count == Page)
                {
                }
            }

            while (await RowsAsync(shard, DepositKeys.ToldEndsFrom, DepositKeys.ToldEndsTo, cancel).ConfigureAwait(false) is { Count: > 0 } ends)
                await TellEndsAsync(shard, ends, cancel).ConfigureAwait(false);

            var left = await table.QueryAsync(Range(shard, DepositKeys.ToldFrom(1, 0), DepositKeys.ToldFrom(3, 0)), 1, ["RowKey"], cancel)
                .AnyAsync(cancel).ConfigureAwait(false);
            waiting = left ? waiting | (1 << number) : waiting & ~(1 << number);
        }
    }

    /// <summary>True when every row got on.</summary>
    private async Task<bool> TellAsync(string shard, IReadOnlyList<ToldRow> rows, Covered covered, CancellationToken cancel)
    {
        var moved = new List<(ToldRow Row, int State)>();
        foreach (var tenant in rows.GroupBy(row => row.Tenant))
        {
            var events = new List<NewEvent>();
            var batches = await directory.AmongAsync(tenant.Key, [.. tenant.Select(row => row.Id)], cancel).ConfigureAwait(false);
            foreach (var row in tenant)
            {
                var state = row.State;
                if (state == 0)
                {
                    events.Add(Event(row, EventTypes.DepositLogged, DepositState.Logged, row.At, batches));
                    state++;
                }

                if (state == 1 && row.Size <= covered.Stamped && await TimeAsync(false, row.Size, cancel).ConfigureAwait(false) is { } stamped)
                {
                    events.Add(Event(row, EventTypes.DepositTimestamped, DepositState.Timestamped, stamped, batches));
                    state++;
                }

                if (state == 2 && row.Size <= covered.Anchored && await TimeAsync(true, row.Size, cancel).ConfigureAwait(false) is { } anchored)
                {
                    events.Add(Event(row, EventTypes.DepositAnchored, DepositState.Anchored, anchored, batches));
                    state++;
                }

                if (state != row.State)
                    moved.Add((row, state));
            }

            await AppendAsync(tenant.Key, events, cancel).ConfigureAwait(false);
        }

        foreach (var some in moved.Chunk(MaxMoved))
            await MoveAsync(shard, some, cancel).ConfigureAwait(false);

        return moved.Count == rows.Count;
    }

    private async Task AppendAsync(string tenant, List<NewEvent> events, CancellationToken cancel)
    {
        if (events.Count > 0 && await IsSandbox(tenant, cancel).ConfigureAwait(false))
            events = [.. events.Select(e => e with { Data = new Dictionary<string, object>(e.Data) { ["test"] = true } })];

        await sink.AppendAsync(tenant, events, cancel).ConfigureAwait(false);
    }

    private async Task MoveAsync(string shard, IReadOnlyList<(ToldRow Row, int State)> rows, CancellationToken cancel)
    {
        try
        {
            await table.SubmitTransactionAsync(rows.SelectMany(one => Move(shard, one.Row, one.State)), cancel).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.Status == 404 && rows.Count > 1)
        {
            // Another instance tells the same: one by one, and what has gone on has gone on.
            foreach (var one in rows)
                await MoveAsync(shard, [one], cancel).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
        }
    }

    private static IEnumerable<TableTransactionAction> Move(string shard, ToldRow row, int state)
    {
        yield return new(TableTransactionActionType.Delete, new TableEntity(shard, row.RowKey), ETag.All);
        if (state < 3)
            yield return new(TableTransactionActionType.UpsertReplace,
                new TableEntity(shard, DepositKeys.Told(state, row.Size, row.Tenant, row.Id)) { ["Index"] = row.Index, ["At"] = row.At });
    }

    private async Task TellEndsAsync(string shard, IReadOnlyList<TableEntity> rows, CancellationToken cancel)
    {
        foreach (var tenant in rows.GroupBy(row => DepositKeys.ParseToldEnd(row.RowKey).Tenant))
        {
            var batches = await directory.AmongAsync(tenant.Key, [.. tenant.Select(row => DepositKeys.ParseToldEnd(row.RowKey).Id)], cancel)
                .ConfigureAwait(false);
            await AppendAsync(tenant.Key, [.. tenant.Select(row => End(row, batches))], cancel).ConfigureAwait(false);
        }

        foreach (var row in rows)
            await table.DeleteEntityAsync(shard, row.RowKey, ETag.All, cancel).ConfigureAwait(false);
    }

    private static NewEvent End(TableEntity row, IReadOnlyDictionary<string, int> batches)
    {
        var (_, id, what) = DepositKeys.ParseToldEnd(row.RowKey);
        var at = row.GetDateTimeOffset("At")!.Value;
        return row.GetString("Fault") is { Length: > 0 } fault
            ? Event(EventTypes.DepositFailed, id, at, what, DepositState.Failed, ("fault", fault), batches)
            : Event(EventTypes.DepositCertified, id, at, what, DepositState.Certified, null, batches);
    }

    private static NewEvent Event(ToldRow row, string type, DepositState state, DateTimeOffset at, IReadOnlyDictionary<string, int> batches)
        => Event(type, row.Id, at, "", state, ("index", row.Index), batches);

    private static NewEvent Event(string type, string id, DateTimeOffset at, string what, DepositState state, (string Name, object Value)? more,
        IReadOnlyDictionary<string, int> batches)
    {
        var data = new Dictionary<string, object> { ["id"] = id, ["state"] = state.ToString() };
        if (more is { } member)
            data[member.Name] = member.Value;

        if (!batches.TryGetValue(id, out var items))
            return new NewEvent(type, id, at, what, data);

        data["items"] = items;
        return new NewEvent(EventTypes.OfBatch(type), id, at, what, data);
    }

    /// <summary>When a checkpoint's deposits were time-stamped, or anchored; null when a reorganisation has taken that back.</summary>
    private async Task<DateTimeOffset?> TimeAsync(bool anchored, long size, CancellationToken cancel)
    {
        if (times.TryGetValue((anchored, size), out var known))
            return known;

        return times[(anchored, size)] = anchored ? BlockTime(await checkpoints.FirstFinalAnchorAsync(size - 1, cancel).ConfigureAwait(false))
            : (await checkpoints.FirstStampedAsync(size - 1, cancel).ConfigureAwait(false))?.StampedAt;
    }

    private static DateTimeOffset? BlockTime(AnchorRow? anchor)
    {
        if (anchor is null)
            return null;

        using var json = JsonDocument.Parse(anchor.Proof);
        return AnchorProof.Parse(json.RootElement).BlockTime;
    }

    private Task<List<TableEntity>> RowsAsync(string shard, string from, string to, CancellationToken cancel)
        => table.QueryAsync(Range(shard, from, to), Page, null, cancel).Take(Page).ToListAsync(cancel).AsTask();

    private static string Range(string shard, string from, string to) => $"PartitionKey eq '{shard}' and RowKey ge '{from}' and RowKey lt '{to}'";

    private static ToldRow Read(TableEntity row)
    {
        var parts = row.RowKey.Split('|');
        return new ToldRow(row.RowKey, int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture),
            long.Parse(parts[2], System.Globalization.CultureInfo.InvariantCulture), parts[3], parts[4],
            row.GetInt64("Index")!.Value, row.GetDateTimeOffset("At")!.Value);
    }
}
