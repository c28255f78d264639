namespace Notary.Cli;

/// <summary>
/// One partition of deposits: 1. what waits for the log, 2. the deposits, 3. the rows beside them. Joined by prints, not by
/// rows kept; whatever the join misses is looked up again by its key before it is said, since the platform goes on working.
/// </summary>
internal sealed class ShardAudit(Audit audit, DepositAudit deposits, BatchAudit batches, string partition)
{
    private readonly PrintSet pending = new();
    private readonly PrintSet index = new();

    public async Task RunAsync(CancellationToken c)
    {
        // 1. First: a row that waits has its deposit already.
        await foreach (var row in RowsAsync("p|", c))
        {
            audit.Secrets(row, Names.Deposits);
            pending.Add(audit.Prints.Of(row.RowKey[2..]));
        }

        // 2.
        pending.Seal();
        await Parallel.ForEachAsync(RowsAsync("d|", c), Audit.Parallel(c), async (row, token) => await DepositAsync(RawTables.Deposit(row), token));

        // 3.
        index.Seal();
        deposits.Ids.Seal();
        await PendingAsync(c);
        await foreach (var row in RowsAsync("i|", c))
        {
            audit.Secrets(row, Names.Deposits);
            await KeyAsync(row, c);
        }

        await foreach (var row in RowsAsync("u|", c))
            await UploadAsync(row, c);

        await foreach (var row in RowsAsync("t|", c, []))
            await TicketAsync(row.RowKey, c);

        await batches.RowsAsync(partition, c);
        await new DueAudit(audit, deposits, partition).RunAsync(c);
        await new WebhookAudit(audit).ToldAsync(deposits, partition, c);
        await foreach (var row in RowsAsync("x|", c))
            await IndexAsync(row.RowKey, c);

        await UnindexedAsync(c);
    }

    private IAsyncEnumerable<TableEntity> RowsAsync(string kind, CancellationToken c, params string[] columns)
        => audit.Tables.RangeAsync(Names.Deposits, partition, kind, c, columns);

    private string Where(string row) => $"{Names.Deposits}/{partition}/{row}";

    private async Task DepositAsync(DepositRecord row, CancellationToken c)
    {
        var manifest = await deposits.RunAsync(row, c);
        if (manifest is not null)
            batches.Add(row, manifest);

        foreach (var item in manifest?.Items ?? [])
            index.Add(audit.Prints.Of(IndexRow(row, item)));

        var waits = pending.Mark(audit.Prints.Of(row.Id));
        if (row.Index is not null && waits && await WaitsAsync(row.Id, c))
            audit.Findings.Add("I2", row.Where, "still-pending", "the deposit has an index and still waits for one");
        else if (row is { Index: null, Fault: null } && !waits && !await WaitsAsync(row.Id, c)
            && await audit.Tables.DepositAsync(partition, row.Tenant, row.Id, c) is { Index: null })
            audit.Findings.Add("I8", row.Where, "never-sequenced", "the deposit has no index and does not wait for one");
        else if (row.Index is null && DepositId.TryParse(row.Id, out var id))
            Waiting(row.Where, id);
    }

    private void Waiting(string where, DepositId id)
    {
        if (audit.IsOld(Audit.TimeOf(id)))
            audit.Findings.Add("I8", where, "pending-stuck", "the deposit has waited for the log for more than a day");
        else
            audit.Findings.Note("I8", where, "pending", "the deposit waits for the log");
    }

    private async Task<bool> WaitsAsync(string id, CancellationToken c) => await audit.Tables.FindAsync(Names.Deposits, partition, $"p|{id}", c) is not null;

    private static string IndexRow(DepositRecord row, ManifestItem item) => $"x|{row.Tenant}|{item.Sha256}|{row.Id}";

    /// <summary>What waits and belongs to no deposit.</summary>
    private async Task PendingAsync(CancellationToken c)
    {
        if (pending.Unmarked() is not { Count: > 0 } orphans)
            return;

        await foreach (var row in RowsAsync("p|", c, []))
        {
            if (orphans.Contains(audit.Prints.Of(row.RowKey[2..])))
                audit.Findings.Add("I8", Where(row.RowKey), "pending-orphan", "this waits for the log and is no deposit");
        }
    }

    /// <summary>I3: an idempotency key's row belongs to one deposit, or to one upload, of its tenant.</summary>
    private async Task KeyAsync(TableEntity row, CancellationToken c)
    {
        audit.Findings.Count("idempotency keys");
        if (row.RowKey.Split('|') is not [_, var tenant, var hash] || !Digest.TryParse(hash, out _)
            || !Digest.TryParse(row["Fingerprint"] as string, out _) || !DepositId.TryParse(row["Id"] as string, out var parsed))
        {
            audit.Findings.Add("I3", Where(row.RowKey), "idempotency-row", "the row of an idempotency key cannot be read");
            return;
        }

        var (id, print) = (parsed.ToString(), audit.Prints.Of(parsed.ToString()));
        if (deposits.Ids.Find(print) is { } value && deposits.IsTenant(value, tenant))
        {
            if (!deposits.Ids.Set(print, DepositAudit.Keyed))
                audit.Findings.Add("I3", Where(row.RowKey), "idempotency-repeated", "another idempotency key owns the same deposit");
        }
        else if (await audit.Tables.DepositAsync(partition, tenant, id, c) is null
            && await audit.Tables.FindAsync(Names.Deposits, partition, $"u|{tenant}|{id}", c) is null)
        {
            audit.Findings.Add("I3", Where(row.RowKey), "idempotency-orphan", "this idempotency key belongs to no deposit");
        }
    }

    /// <summary>An upload that says it was deposited was.</summary>
    private async Task UploadAsync(TableEntity row, CancellationToken c)
    {
        audit.Findings.Count("uploads");
        if (row["Fault"] is string fault)
            audit.Findings.Note("I8", Where(row.RowKey), "upload-refused", $"{fault}: {row["Reason"]}");

        if (row["DepositId"] is string id && row.RowKey.Split('|') is [_, var tenant, _]
            && !(deposits.Ids.Find(audit.Prints.Of(id)) is { } value && deposits.IsTenant(value, tenant))
            && await audit.Tables.DepositAsync(partition, tenant, id, c) is null)
        {
            audit.Findings.Add("I1", Where(row.RowKey), "upload-deposit-missing", "the upload was acknowledged as a deposit that is missing");
        }
    }

    /// <summary>What counts as an open upload against its tenant's limits is one. Both rows change in one transaction; what went meanwhile is none.</summary>
    private async Task TicketAsync(string key, CancellationToken c)
    {
        var open = (await audit.Tables.FindAsync(Names.Deposits, partition, $"u{key[1..]}", c))?["Open"] is true;
        if (!open && await audit.Tables.FindAsync(Names.Deposits, partition, key, c) is not null)
            audit.Findings.Add("I8", Where(key), "ticket-orphan", "this counts as an open upload against its tenant's limits, and is none");
    }

    private async Task IndexAsync(string key, CancellationToken c)
    {
        audit.Findings.Count("index rows");
        if (index.Mark(audit.Prints.Of(key)))
            return;

        if (key.Split('|') is not [_, var tenant, _, var id] || !DepositId.TryParse(id, out var parsed))
            audit.Findings.Add("I8", Where(key), "row-unknown", "nobody reads such a row");
        else if (deposits.Ids.Find(audit.Prints.Of(id)) is { } value && deposits.IsTenant(value, tenant))
            audit.Findings.Add("I1", Where(key), "index-wrong", "the index names a deposit for a digest that it does not hold");
        else if (await audit.Tables.DepositAsync(partition, tenant, id, c) is not null)
            audit.Findings.Count("index rows newer than the audit");
        else if (audit.IsOld(Audit.TimeOf(parsed)))
            audit.Findings.Add("I8", Where(key), "index-orphan", "the index names a deposit that was never made");
        else
            audit.Findings.Note("I8", Where(key), "index-under-way", "the index names a deposit that is not made yet");
    }

    /// <summary>Names the deposits whose index rows were not met.</summary>
    private async Task UnindexedAsync(CancellationToken c)
    {
        if (index.Unmarked() is not { Count: > 0 } missing)
            return;

        await foreach (var entity in RowsAsync("d|", c))
        {
            var row = RawTables.Deposit(entity);
            foreach (var item in Items(row).Where(item => missing.Contains(audit.Prints.Of(IndexRow(row, item)))))
            {
                if (await audit.Tables.FindAsync(Names.Deposits, partition, IndexRow(row, item), c) is null)
                {
                    audit.Findings.Add("I1", row.Where, "index-missing", "the deposit cannot be found by an item's digest");
                    break;
                }
            }
        }
    }

    private static IReadOnlyList<ManifestItem> Items(DepositRecord row)
    {
        try
        {
            return Manifest.Parse(row.Manifest).Items;
        }
        catch (FaultException)
        {
            return [];
        }
    }
}
