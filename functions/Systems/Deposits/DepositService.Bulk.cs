namespace Notary.Deposits;

/// <summary>
/// Bulk intake: a deposit of its own for each of up to 10,000 digests.
///  1. Refuse what is malformed, and more while the log cannot keep up, before anything is written.
///  2. The first group of deposits with the idempotency key, one transaction: from here on the request has its ids.
///  3. The other groups, a transaction each. A group that is there was written by another try.
///  4. Tell the sequencer.
/// </summary>
/// <remarks>
/// A try that dies leaves whole groups, which are deposits like any other and go on. The same request again takes ids,
/// time and chain head from the first deposit and writes what is missing. Salts are random and stand in the manifests
/// alone: a seed that could give them again would undo the erasure of a manifest (docs/decisions/0006).
/// </remarks>
public sealed partial class DepositService
{
    /// <summary>Transactions in flight: one partition takes about 2,000 rows a second, which four of a hundred rows fill.</summary>
    private const int BulkParallelism = 4;

    /// <summary>Deposits a second that a bulk request is promised at: intake, log and stamp share a partition and two processors with others.</summary>
    private const int BulkPace = 200;

    /// <summary>A deposit that waits this long for the log means that the log stands still or falls behind: ten thousand more would wait longer.</summary>
    private static readonly TimeSpan MaxWaiting = TimeSpan.FromMinutes(1);

    /// <summary>Makes a deposit of each digest; letters only on request. Returns when all are durable.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>, <see cref="Fault.IdempotencyConflict"/>, <see cref="Fault.RateLimited"/>,
    /// <see cref="Fault.TimeDisagreement"/>: nothing was written. <see cref="Fault.Gone"/>: it was, and part of it has been erased since.</exception>
    public async Task<BulkReceipt> DepositBulkAsync(Tenant tenant, DepositOptions options, IReadOnlyList<DigestItem> items, CancellationToken cancel)
    {
        // 1.
        options = options with { LetterOnRequest = true };
        DepositRules.CheckBulk(options);
        DepositRules.Check(items, DepositLimits.MaxBulkItems);
        await DemandClockAsync(cancel).ConfigureAwait(false);
        await DemandPaceAsync(tenant, options, cancel).ConfigureAwait(false);

        // 2.
        var id = DepositId.NewSeries(clock);
        var first = Row(tenant, id, options, DigestKind, [items[0]], id.Time);
        var allowance = TimeSpan.FromSeconds(items.Count / BulkPace);
        first = first with { TimestampedBy = first.TimestampedBy + allowance, AnchoredBy = first.AnchoredBy + allowance };
        var made = new DepositRow?[items.Count];
        var model = first.Manifest;
        var groups = Enumerable.Range(0, items.Count).Chunk(DepositTable.GroupSize).ToList();
        var fingerprint = DepositRules.Fingerprint("bulk", options, items);
        if (!await WriteAsync(groups[0], DepositTable.Owner(tenant.Id, options.IdempotencyKey!, fingerprint, id), cancel).ConfigureAwait(false))
        {
            var known = await FirstAsync(tenant, options, cancel).ConfigureAwait(false)
                ?? throw new FaultException(Fault.StorageConflict, "nothing was written; send it again");
            DepositRules.CheckSame(known.Fingerprint, fingerprint);
            first = await FindRowAsync(tenant, known.Id, cancel).ConfigureAwait(false);
            model = first.Manifest;
            await ReadAsync(0, items.Count, cancel).ConfigureAwait(false);
        }

        // 3.
        var missing = groups.Where(group => made[group[0]] is null).ToList();
        var atOnce = new ParallelOptions { MaxDegreeOfParallelism = BulkParallelism, CancellationToken = cancel };
        await Parallel.ForEachAsync(missing, atOnce, async (group, token) =>
        {
            if (!await WriteAsync(group, null, token).ConfigureAwait(false))
                await ReadAsync(group[0], group.Length, token).ConfigureAwait(false);
        }).ConfigureAwait(false);
        if (made.Any(row => row is null))
            throw new FaultException(Fault.Gone, "some of this request's deposits are no longer there");

        // 4.
        sequencer.Nudge(tenant.Id);
        return new BulkReceipt(made!, Replayed: first.Id != id && missing.Count == 0);

        async Task<bool> WriteAsync(int[] group, TableTransactionAction? owner, CancellationToken token)
        {
            var rows = group.Select(i => (Row: One(first, model, i, items[i]), items[i].Sha256)).ToList();
            if (!await table.InsertGroupAsync(rows, owner, options.CorrelationId, token).ConfigureAwait(false))
                return false;

            Took(tenant, rows.Count, rows.Count, bytes: 0);
            for (var i = 0; i < group.Length; i++)
                made[group[i]] = rows[i].Row;

            return true;
        }

        async Task ReadAsync(int from, int count, CancellationToken token)
        {
            var there = (await table.SeriesAsync(tenant.Id, first.Id.Plus(from), count, token).ConfigureAwait(false)).ToDictionary(row => row.Id);
            for (var i = from; i < from + count; i++)
                made[i] = there.GetValueOrDefault(first.Id.Plus(i));
        }
    }

    /// <summary>The deposit at one place of a series: what the first one says, with an id, a salt and an item of its own.</summary>
    private static DepositRow One(DepositRow first, Manifest model, int place, DigestItem item)
    {
        var manifest = model with { Id = first.Id.Plus(place), Salt = RandomNumberGenerator.GetBytes(Manifest.SaltBytes), Items = [ItemOf(item)] };
        return new DepositRow(first.Tenant, manifest.Id, first.DepositorName, manifest.ToBytes(), LetterOnRequest: true, first.TimestampedBy, first.AnchoredBy);
    }

    private async Task DemandPaceAsync(Tenant tenant, DepositOptions options, CancellationToken cancel)
    {
        if (await table.PendingAsync(DepositKeys.Shard(tenant.Id), 1, cancel).ConfigureAwait(false) is [var oldest]
            && clock.GetUtcNow() - oldest.Id.Time > MaxWaiting
            && await FirstAsync(tenant, options, cancel).ConfigureAwait(false) is null)
        {
            throw new FaultException(Fault.RateLimited, "earlier deposits still wait for the log; send it again");
        }
    }
}
