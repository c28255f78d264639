namespace Notary.Deposits;

/// <summary>The deposits table. The tenant is in every key, so another's deposit cannot be found, only a random id's absence.</summary>
internal sealed class DepositTable(StorageAccount storage)
{
    private readonly TableClient table = storage.Table(Names.Deposits);

    public async Task<DepositRow?> FindAsync(string tenant, DepositId id, CancellationToken cancel)
    {
        var found = await table.GetEntityIfExistsAsync(DepositKeys.Shard(tenant), DepositKeys.Deposit(tenant, id), cancel: cancel).ConfigureAwait(false);
        return found.HasValue ? DepositRow.From(found.Value!) : null;
    }

    public async Task<(string Fingerprint, DepositId Id)?> FindKeyAsync(string tenant, string key, CancellationToken cancel)
    {
        var found = await table.GetEntityIfExistsAsync(DepositKeys.Shard(tenant), DepositKeys.Idempotency(tenant, key), cancel: cancel).ConfigureAwait(false);
        return found.HasValue ? (found.Value!.GetString("Fingerprint")!, DepositId.Parse(found.Value.GetString("Id")!)) : null;
    }

    /// <summary>Makes the deposit durable in one transaction: row, pending row, idempotency key, index by digest.</summary>
    /// <param name="row">The deposit.</param>
    /// <param name="items">What its manifest holds: reading them back out of it would cost as much as writing it.</param>
    /// <param name="key">The idempotency key, if there is one.</param>
    /// <param name="fingerprint">Of the request that owns the key.</param>
    /// <param name="correlationId">Of the request, for the log of what follows from it.</param>
    /// <param name="cancel">Stops waiting; the deposit may still be made.</param>
    /// <param name="beside">Rows that are added with it.</param>
    /// <returns>False when the idempotency key belongs to an earlier deposit; nothing was written.</returns>
    public async Task<bool> InsertAsync(
        DepositRow row, IReadOnlyList<DigestItem> items, string? key, string fingerprint, string? correlationId, CancellationToken cancel,
        IReadOnlyList<TableEntity>? beside = null)
    {
        var shard = DepositKeys.Shard(row.Tenant);
        var index = items.Select(item => item.Sha256).Distinct()
            .Select(sha256 => Add(shard, DepositKeys.ByDigest(row.Tenant, sha256, row.Id))).ToList();

        // A transaction takes 100 rows. Index rows that do not fit go first: one that points to no deposit is skipped by readers.
        // Beside them goes a row that names them, which the deposit takes away: it stays where no deposit comes.
        var room = MaxTransactionRows - (key is null ? 2 : 3) - (beside?.Count ?? 0);
        var ahead = index.Count > room ? Ahead(row, [.. index[(room - 1)..].Select(action => action.Entity.RowKey)]) : null;
        if (ahead is not null)
            await table.SubmitTransactionAsync([new(TableTransactionActionType.UpsertReplace, ahead), .. index[(room - 1)..].Select(
                action => new TableTransactionAction(TableTransactionActionType.UpsertReplace, action.Entity))], cancel).ConfigureAwait(false);

        List<TableTransactionAction> actions = [new(TableTransactionActionType.Add, row.ToEntity()),
            Pending(row, correlationId), .. index.Take(ahead is null ? room : room - 1)];
        if (ahead is not null)
            actions.Add(new(TableTransactionActionType.Delete, ahead));

        foreach (var entity in beside ?? [])
            actions.Add(new(TableTransactionActionType.Add, entity));

        if (key is not null)
            actions.Add(Owner(row.Tenant, key, fingerprint, row.Id));

        try
        {
            await table.SubmitTransactionAsync(actions, cancel).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            // Either another request owns the key, or our own first try happened unseen: the row tells.
            if (await FindAsync(row.Tenant, row.Id, cancel).ConfigureAwait(false) is not null)
                return true;

            if (ahead is not null)
                await DropAheadAsync(ahead, cancel).ConfigureAwait(false);

            return false;
        }
    }

    /// <summary>Takes back index rows that were written ahead of deposits that never came, of one shard. Returns how many deposits it was.</summary>
    public async Task<int> SweepAheadAsync(string shard, DateTimeOffset before, int limit, CancellationToken cancel)
    {
        var swept = 0;
        await foreach (var entity in RangeAsync(shard, DepositKeys.AheadFrom, DepositKeys.AheadTo, limit, cancel).Take(limit).ConfigureAwait(false))
        {
            var (tenant, id) = DepositKeys.ParseAhead(entity.RowKey);
            if (entity.Timestamp < before && await FindAsync(tenant, id, cancel).ConfigureAwait(false) is null)
            {
                await DropAheadAsync(entity, cancel).ConfigureAwait(false);
                swept++;
            }
        }

        return swept;
    }

    private static TableEntity Ahead(DepositRow row, IReadOnlyList<string> index)
        => new(DepositKeys.Shard(row.Tenant), DepositKeys.Ahead(row.Tenant, row.Id)) { ["Rows"] = string.Join('\n', index) };

    private async Task DropAheadAsync(TableEntity ahead, CancellationToken cancel)
    {
        try
        {
            await table.SubmitTransactionAsync(
                [new(TableTransactionActionType.Delete, ahead, ahead.ETag), .. ahead.GetString("Rows")!.Split('\n')
                    .Select(key => new TableTransactionAction(TableTransactionActionType.Delete, new TableEntity(ahead.PartitionKey, key)))],
                cancel).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.Status is 404 or 412)
        {
            // Another instance was faster.
        }
    }

    /// <summary>Makes up to <see cref="GroupSize"/> deposits of one item each durable in one transaction, with the idempotency key when they are the
    /// first of its request.</summary>
    /// <returns>False when they, or the key, are there already; nothing was written. They may be ours, by a try whose answer was lost.</returns>
    public async Task<bool> InsertGroupAsync(
        IReadOnlyList<(DepositRow Row, Digest Sha256)> group, TableTransactionAction? owner, string? correlationId, CancellationToken cancel)
    {
        List<TableTransactionAction> actions = owner is null ? [] : [owner];
        foreach (var (row, sha256) in group)
        {
            actions.Add(new(TableTransactionActionType.Add, row.ToEntity()));
            actions.Add(Pending(row, correlationId));
            actions.Add(Add(DepositKeys.Shard(row.Tenant), DepositKeys.ByDigest(row.Tenant, sha256, row.Id)));
        }

        try
        {
            await table.SubmitTransactionAsync(actions, cancel).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            return false;
        }
    }

    /// <summary>Those deposits of a series that are there, in its order.</summary>
    public async Task<IReadOnlyList<DepositRow>> SeriesAsync(string tenant, DepositId first, int count, CancellationToken cancel)
    {
        var rows = new List<DepositRow>(count);
        await foreach (var entity in RangeAsync(DepositKeys.Shard(tenant), DepositKeys.Deposit(tenant, first),
            DepositKeys.Deposit(tenant, first.Plus(count)), count, cancel).ConfigureAwait(false))
            rows.Add(DepositRow.From(entity));

        return rows;
    }

    /// <summary>Makes an idempotency key its tenant's own, and <paramref name="id"/> the answer to it.</summary>
    public static TableTransactionAction Owner(string tenant, string key, string fingerprint, DepositId id)
    {
        var owner = new TableEntity(DepositKeys.Shard(tenant), DepositKeys.Idempotency(tenant, key)) { ["Fingerprint"] = fingerprint, ["Id"] = id.ToString() };
        return new(TableTransactionActionType.Add, owner);
    }

    /// <summary>Adds columns to a deposit. Writing the same columns twice is harmless.</summary>
    public Task MergeAsync(string tenant, DepositId id, IReadOnlyDictionary<string, object> columns, ETag ifMatch, CancellationToken cancel)
    {
        var entity = new TableEntity(DepositKeys.Shard(tenant), DepositKeys.Deposit(tenant, id));
        foreach (var (name, value) in columns)
            entity[name] = value;

        return table.UpdateEntityAsync(entity, ifMatch, TableUpdateMode.Merge, cancel);
    }

    public async Task<(IReadOnlyList<DepositRow> Rows, string? Continuation)> ListAsync(string tenant, int limit, string? after, CancellationToken cancel)
    {
        var from = after is null ? DepositKeys.DepositsFrom(tenant) : DepositKeys.Deposit(tenant, DepositId.Parse(after)) + "!";
        var rows = new List<DepositRow>();
        await foreach (var entity in RangeAsync(DepositKeys.Shard(tenant), from, DepositKeys.DepositsTo(tenant), limit + 1, cancel).ConfigureAwait(false))
        {
            rows.Add(DepositRow.From(entity));
            if (rows.Count > limit)
                break;
        }

        return rows.Count > limit ? (rows[..limit], rows[limit - 1].Id.ToString()) : (rows, null);
    }

    /// <summary>Up to <paramref name="most"/> deposits and one more, oldest first, ids from <paramref name="from"/> to below <paramref name="to"/>.</summary>
    public async Task<IReadOnlyList<DepositRow>> BandAsync(string tenant, string from, string? to, int most, CancellationToken cancel)
        => await RangeAsync(DepositKeys.Shard(tenant), DepositKeys.DepositsFrom(tenant) + from,
            to is null ? DepositKeys.DepositsTo(tenant) : DepositKeys.DepositsFrom(tenant) + to, most + 1, cancel)
            .Take(most + 1).Select(DepositRow.From).ToListAsync(cancel).ConfigureAwait(false);

    public async Task<(IReadOnlyList<DepositRow> Rows, string? Continuation)> ListByDigestAsync(
        string tenant, Digest sha256, int limit, string? after, CancellationToken cancel)
    {
        var from = after is null ? DepositKeys.ByDigestFrom(tenant, sha256) : DepositKeys.ByDigest(tenant, sha256, DepositId.Parse(after)) + "!";
        var ids = new List<DepositId>();
        await foreach (var entity in RangeAsync(DepositKeys.Shard(tenant), from,
            DepositKeys.ByDigestTo(tenant, sha256), limit + 1, cancel).ConfigureAwait(false))
        {
            ids.Add(DepositId.Parse(entity.RowKey[(entity.RowKey.LastIndexOf('|') + 1)..]));
            if (ids.Count > limit)
                break;
        }

        var rows = await Task.WhenAll(ids.Take(limit).Select(id => FindAsync(tenant, id, cancel))).ConfigureAwait(false);
        return ([.. rows.OfType<DepositRow>()], ids.Count > limit ? ids[limit - 1].ToString() : null);
    }

    /// <summary>Deposits of one shard that wait for the sequencer, oldest first.</summary>
    public async Task<IReadOnlyList<PendingRow>> PendingAsync(string shard, int limit, CancellationToken cancel)
    {
        var rows = new List<PendingRow>();
        await foreach (var entity in RangeAsync(shard, DepositKeys.PendingFrom, DepositKeys.PendingTo, limit, cancel).ConfigureAwait(false))
        {
            rows.Add(new PendingRow(entity.GetString("Tenant")!, DepositId.Parse(entity.RowKey[2..]),
                Digest.Parse(entity.GetString("Leaf")!), entity.GetBoolean("LetterOnRequest") ?? false, entity.GetString("CorrelationId")));
            if (rows.Count == limit)
                break;
        }

        return rows;
    }

    /// <summary>Gives deposits their index, takes them off the queue and makes their letters due. Repeating it is harmless.</summary>
    /// <param name="size">Of the checkpoint.</param>
    /// <param name="at">When it was made.</param>
    /// <param name="stage">The batch.</param>
    /// <param name="listeners">Tenants whose deposits are told to webhooks.</param>
    /// <param name="cancel">Stops.</param>
    internal async Task ApplyAsync(long size, DateTimeOffset at, Stage stage, IReadOnlySet<string> listeners, CancellationToken cancel)
    {
        // Three actions an entry, four where it is told, 100 a transaction, one partition each;
        // in turn over the partitions, so that none is waited for while others rest.
        var batches = stage.Entries.Select((entry, i)
                => new Applied(entry, DepositId.Parse(entry.Id), stage.From + i, size, listeners.Contains(entry.Tenant) ? at : null))
            .GroupBy(applied => DepositKeys.Shard(applied.Entry.Tenant))
            .SelectMany(shard => shard.Chunk(MaxTransactionRows / (shard.Any(applied => applied.Told is not null) ? 4 : 3)).Index())
            .OrderBy(chunk => chunk.Index).Select(chunk => chunk.Item);
        var atOnce = new ParallelOptions { MaxDegreeOfParallelism = ApplyParallelism, CancellationToken = cancel };
        await Parallel.ForEachAsync(batches, atOnce, async (batch, token) =>
        {
            try
            {
                await table.SubmitTransactionAsync(batch.SelectMany(ApplyActions), token).ConfigureAwait(false);
            }
            catch (RequestFailedException e) when (e.Status == 404)
            {
                // Part of the batch was applied before a crash: the pending rows tell which, one by one.
                foreach (var entry in batch)
                    await ApplyOneAsync(entry, token).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
    }

    /// <summary>A deposit's place in the log, and the size of the checkpoint that it came with.</summary>
    /// <param name="Told">When, if it is told.</param>
    private sealed record Applied(StagedEntry Entry, DepositId Id, long Index, long Size, DateTimeOffset? Told);

    private async Task ApplyOneAsync(Applied entry, CancellationToken cancel)
    {
        try
        {
            await table.SubmitTransactionAsync(ApplyActions(entry), cancel).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            var row = await FindAsync(entry.Entry.Tenant, entry.Id, cancel).ConfigureAwait(false);
            if (row?.Index != entry.Index)
                throw new FaultException(Evidence.Fault.EvidenceInvalid, $"deposit {entry.Id} is at {row?.Index} and the log says {entry.Index}");
        }
    }

    private static IEnumerable<TableTransactionAction> ApplyActions(Applied entry)
    {
        var tenant = entry.Entry.Tenant;
        var shard = DepositKeys.Shard(tenant);
        if (!entry.Entry.LetterOnRequest)
            yield return new(TableTransactionActionType.UpsertReplace,
                new TableEntity(shard, DepositKeys.Letter(entry.Size, tenant, entry.Id)) { ["CorrelationId"] = entry.Entry.CorrelationId });

        if (entry.Told is { } at)
            yield return new(TableTransactionActionType.UpsertReplace,
                new TableEntity(shard, DepositKeys.Told(0, entry.Size, tenant, entry.Entry.Id)) { ["Index"] = entry.Index, ["At"] = at });

        yield return new(TableTransactionActionType.UpdateMerge,
            new TableEntity(shard, DepositKeys.Deposit(tenant, entry.Id)) { ["Index"] = entry.Index }, ETag.All);
        yield return new(TableTransactionActionType.Delete, new TableEntity(shard, DepositKeys.Pending(entry.Id)), ETag.All);
    }

    private static TableTransactionAction Pending(DepositRow row, string? correlationId)
    {
        var pending = new TableEntity(DepositKeys.Shard(row.Tenant), DepositKeys.Pending(row.Id))
        {
            ["Tenant"] = row.Tenant,
            ["Leaf"] = row.Leaf.ToString(),
            ["LetterOnRequest"] = row.LetterOnRequest,
            ["CorrelationId"] = correlationId,
        };
        return new(TableTransactionActionType.Add, pending);
    }

    private static TableTransactionAction Add(string partition, string row) => new(TableTransactionActionType.Add, new TableEntity(partition, row));

    private Azure.AsyncPageable<TableEntity> RangeAsync(string partition, string from, string to, int limit, CancellationToken cancel)
        => table.QueryAsync($"PartitionKey eq '{partition}' and RowKey ge '{from}' and RowKey lt '{to}'", Math.Min(limit, MaxQueryRows), cancel: cancel);

    /// <summary>Actions of one table transaction: the service's limit.</summary>
    private const int MaxTransactionRows = 100;

    /// <summary>Deposits of one item that fit a transaction, three rows each, beside an idempotency key.</summary>
    public const int GroupSize = (MaxTransactionRows - 1) / 3;

    /// <summary>Rows of one query page: the service's limit.</summary>
    private const int MaxQueryRows = 1000;

    /// <summary>Transactions in flight while a batch is applied: one partition takes about 2,000 rows a second, and there are sixteen.</summary>
    private const int ApplyParallelism = 16;
}

/// <summary>A deposit that waits for the sequencer.</summary>
internal sealed record PendingRow(string Tenant, DepositId Id, Digest Leaf, bool LetterOnRequest, string? CorrelationId);
