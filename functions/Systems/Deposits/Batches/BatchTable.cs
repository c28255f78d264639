namespace Notary.Deposits;

/// <summary>A tenant's batch as its directory has it.</summary>
/// <param name="Id">Of the batch.</param>
/// <param name="Count">Items.</param>
/// <param name="References">Items with a reference; null until the batch is indexed.</param>
internal sealed record BatchRow(DepositId Id, int Count, int? References);

/// <summary>The directory of a tenant's batches, beside its deposits: a row for each, and one more until it is indexed. Both are written by the
/// transaction that makes the batch.</summary>
internal sealed class BatchTable(StorageAccount storage)
{
    private readonly TableClient table = storage.Table(Names.Deposits);

    /// <summary>What the batch's transaction also adds.</summary>
    public static IReadOnlyList<TableEntity> Beside(string tenant, DepositId id, int count)
    {
        var shard = DepositKeys.Shard(tenant);
        return [new(shard, DepositKeys.Batch(tenant, id)) { ["Count"] = count }, new(shard, DepositKeys.Unindexed(id)) { ["Tenant"] = tenant }];
    }

    public async Task<BatchRow?> FindAsync(string tenant, DepositId id, CancellationToken cancel)
    {
        var found = await table.GetEntityIfExistsAsync(DepositKeys.Shard(tenant), DepositKeys.Batch(tenant, id), cancel: cancel).ConfigureAwait(false);
        return found.HasValue ? From(found.Value!) : null;
    }

    /// <summary>A tenant's batches from one on, oldest first.</summary>
    public async Task<IReadOnlyList<BatchRow>> ListAsync(string tenant, DepositId? from, int limit, CancellationToken cancel)
    {
        var (shard, first, end) = (DepositKeys.Shard(tenant), from is { } id ? DepositKeys.Batch(tenant, id) : DepositKeys.BatchesFrom(tenant),
            DepositKeys.BatchesTo(tenant));
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {shard} and RowKey ge {first} and RowKey lt {end}");
        return await table.QueryAsync(filter, limit, cancel: cancel).Take(limit).Select(From).ToListAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>Which of a tenant's deposits are batches, with their numbers of items. One read for deposits that were made one after the other.</summary>
    public async Task<IReadOnlyDictionary<string, int>> AmongAsync(string tenant, IReadOnlyCollection<string> deposits, CancellationToken cancel)
    {
        var (shard, first, last) = (DepositKeys.Shard(tenant), DepositKeys.Batch(tenant, DepositId.Parse(deposits.Min(StringComparer.Ordinal)!)),
            DepositKeys.Batch(tenant, DepositId.Parse(deposits.Max(StringComparer.Ordinal)!)));
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {shard} and RowKey ge {first} and RowKey le {last}");
        return await table.QueryAsync(filter, cancel: cancel).Select(From).ToDictionaryAsync(batch => batch.Id.ToString(), batch => batch.Count,
            StringComparer.Ordinal, cancel).ConfigureAwait(false);
    }

    /// <summary>Batches of a shard that are not indexed yet.</summary>
    public async Task<IReadOnlyList<(string Tenant, DepositId Id)>> UnindexedAsync(string shard, int limit, CancellationToken cancel)
    {
        var (first, end) = (DepositKeys.UnindexedFrom, DepositKeys.UnindexedTo);
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {shard} and RowKey ge {first} and RowKey lt {end}");
        return await table.QueryAsync(filter, limit, cancel: cancel).Take(limit)
            .Select(row => (row.GetString("Tenant")!, DepositId.Parse(row.RowKey[DepositKeys.UnindexedFrom.Length..]))).ToListAsync(cancel)
                .ConfigureAwait(false);
    }

    /// <summary>Says that a batch is indexed. Whoever comes second finds it done.</summary>
    public async Task IndexedAsync(string tenant, DepositId id, int references, CancellationToken cancel)
    {
        var shard = DepositKeys.Shard(tenant);
        try
        {
            await table.SubmitTransactionAsync(
            [
                new(TableTransactionActionType.UpdateMerge, new TableEntity(shard, DepositKeys.Batch(tenant, id)) { ["References"] = references }, ETag.All),
                new(TableTransactionActionType.Delete, new TableEntity(shard, DepositKeys.Unindexed(id)), ETag.All),
            ], cancel).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
        }
    }

    private static BatchRow From(TableEntity row)
        => new(DepositId.Parse(row.RowKey[(row.RowKey.LastIndexOf('|') + 1)..]), row.GetInt32("Count")!.Value, row.GetInt32("References"));
}
