namespace Notary.Lotteries;

/// <summary>Reads and writes the table <c>draws</c>. Every change is under the version that was read: false means that another was first, or that this
/// one was and the answer was lost. Read again.</summary>
internal sealed class DrawTable(StorageAccount storage)
{
    private readonly TableClient table = storage.Table(Names.Draws);

    /// <summary>A tenant's draw; null for a stranger's as for none.</summary>
    public async Task<DrawRow?> FindAsync(string tenant, Digest id, CancellationToken cancel)
    {
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {DrawKeys.Partition(id)} and RowKey eq {DrawKeys.Main} and Tenant eq {tenant}");
        return await table.QueryAsync(filter, cancel: cancel).FirstOrDefaultAsync(cancel).ConfigureAwait(false) is { } found ? DrawRow.From(found) : null;
    }

    /// <summary>Any draw: for the office, the orchestration, and what is published.</summary>
    public async Task<DrawRow?> FindAsync(Digest id, CancellationToken cancel)
        => await table.GetEntityIfExistsAsync(DrawKeys.Partition(id), DrawKeys.Main, cancel: cancel).ConfigureAwait(false)
            is { HasValue: true, Value: { } found } ? DrawRow.From(found) : null;

    /// <summary>Makes a draft: the tenant's pointer and idempotency key first, so that a draw that is there is in the list.</summary>
    /// <returns>Null, or what the key was used for before.</returns>
    public async Task<(Digest Id, string Fingerprint, DateTimeOffset CreatedAt)?> InsertAsync(
        DrawRow row, string? key, string fingerprint, CancellationToken cancel)
    {
        var partition = DrawKeys.Tenant(row.Tenant);
        var pointer = new TableEntity(partition, DrawKeys.Newest(row.CreatedAt, row.DrawId));
        try
        {
            await table.SubmitTransactionAsync(
            [
                new(TableTransactionActionType.UpsertReplace, pointer),
                .. key is null ? [] : (TableTransactionAction[])[new(TableTransactionActionType.Add, new TableEntity(partition, DrawKeys.Idempotency(key))
                {
                    ["Draw"] = row.Id,
                    ["Fingerprint"] = fingerprint,
                    ["CreatedAt"] = row.CreatedAt,
                })],
            ], cancel).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (StorageFailure.IsConflict(e))
        {
            var first = (await table.GetEntityAsync(partition, DrawKeys.Idempotency(key!), cancel: cancel).ConfigureAwait(false)).Value;
            return (Digest.Parse(first.GetString("Draw")!), first.GetString("Fingerprint")!, first.GetDateTimeOffset("CreatedAt")!.Value);
        }

        await AddAsync(row, cancel).ConfigureAwait(false);
        return null;
    }

    /// <summary>Makes a draft whose key is known and that is not there, with its pointer.</summary>
    public async Task ReviveAsync(DrawRow row, CancellationToken cancel)
    {
        var pointer = new TableEntity(DrawKeys.Tenant(row.Tenant), DrawKeys.Newest(row.CreatedAt, row.DrawId));
        await table.UpsertEntityAsync(pointer, TableUpdateMode.Replace, cancel).ConfigureAwait(false);
        await AddAsync(row, cancel).ConfigureAwait(false);
    }

    private async Task AddAsync(DrawRow row, CancellationToken cancel)
    {
        try
        {
            await table.AddEntityAsync(row.ToEntity(), cancel).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (StorageFailure.IsConflict(e))
        {
            // By an earlier try of ours: nobody else has this id.
        }
    }

    /// <summary>Replaces the row, together with what else is of this draw.</summary>
    public async Task<bool> SwapAsync(DrawRow next, IEnumerable<TableTransactionAction> also, CancellationToken cancel)
    {
        try
        {
            await table.SubmitTransactionAsync(
                [new(TableTransactionActionType.UpdateReplace, next.ToEntity(), next.ETag), .. also], cancel).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 404 or 409 or 412)
        {
            return false;
        }
    }

    /// <summary>Deletes a draft and its pointer.</summary>
    public async Task<bool> DeleteAsync(DrawRow row, CancellationToken cancel)
    {
        try
        {
            var rows = await table.QueryAsync(TableClient.CreateQueryFilter($"PartitionKey eq {DrawKeys.Partition(row.DrawId)}"),
                select: [], cancel: cancel).ToListAsync(cancel).ConfigureAwait(false);
            await table.SubmitTransactionAsync(rows.Select(each => new TableTransactionAction(TableTransactionActionType.Delete, each,
                each.RowKey == DrawKeys.Main ? row.ETag : ETag.All)), cancel).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.Status is 404 or 409 or 412)
        {
            return false;
        }

        await table.DeleteEntityAsync(DrawKeys.Tenant(row.Tenant), DrawKeys.Newest(row.CreatedAt, row.DrawId), ETag.All, cancel).ConfigureAwait(false);
        return true;
    }

    /// <summary>Rows of the draw's partition whose keys begin so, in order.</summary>
    public Task<List<TableEntity>> UnderAsync(Digest id, string prefix, CancellationToken cancel)
        => table.QueryAsync(DrawKeys.Under(DrawKeys.Partition(id), prefix), cancel: cancel).ToListAsync(cancel).AsTask();

    /// <summary>A page of pointers; the rows behind them where <paramref name="wanted"/>.</summary>
    public async Task<(IReadOnlyList<DrawRow> Rows, string? Next)> ListAsync(
        string partition, Func<DrawRow, bool> wanted, int limit, string? after, CancellationToken cancel)
    {
        if (limit is < 1 or > LotteryLimits.MaxPage)
            throw new FaultException(Fault.Malformed, $"limit is 1 to {LotteryLimits.MaxPage}");

        if (after is not null && !DrawKeys.IsNewest(after))
            throw new FaultException(Fault.Malformed, "the continuation is not one that a page gave");

        var from = after ?? "at-";
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey gt {from} and RowKey lt {"at."}");
        var keys = await table.QueryAsync(filter, limit + 1, select: [], cancel: cancel).Take(limit + 1).Select(e => e.RowKey)
            .ToListAsync(cancel).ConfigureAwait(false);
        var rows = await Task.WhenAll(keys.Take(limit).Select(key => FindAsync(DrawKeys.ParseNewest(key), cancel))).ConfigureAwait(false);
        return ([.. rows.OfType<DrawRow>().Where(wanted)], keys.Count > limit ? keys[limit - 1] : null);
    }

    /// <summary>Points to a draw that is published. Safe to repeat.</summary>
    public Task ListPublishedAsync(DrawRow row, CancellationToken cancel)
        => table.UpsertEntityAsync(new TableEntity(DrawKeys.Published, DrawKeys.Newest(row.PublishedAt!.Value, row.DrawId)), TableUpdateMode.Replace, cancel);

    /// <summary>Says that an orchestration must be at work on the draw.</summary>
    public Task ActivateAsync(Digest id, CancellationToken cancel)
        => table.UpsertEntityAsync(new TableEntity(DrawKeys.Active, id.ToString()), TableUpdateMode.Replace, cancel);

    /// <summary>Says that none need be any more, unless that was said anew since <paramref name="version"/>.</summary>
    public async Task DeactivateAsync(Digest id, ETag version, CancellationToken cancel)
    {
        try
        {
            await table.DeleteEntityAsync(DrawKeys.Active, id.ToString(), version, cancel).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (StorageFailure.IsConflict(e))
        {
            // A draft that is being published just now.
        }
    }

    /// <summary>Draws that an orchestration must be at work on.</summary>
    public async Task<IReadOnlyList<(Digest Id, DateTimeOffset Since, ETag Version)>> ActiveAsync(CancellationToken cancel)
        => await table.QueryAsync(TableClient.CreateQueryFilter($"PartitionKey eq {DrawKeys.Active}"), cancel: cancel).Take(LotteryLimits.MaxSwept)
            .Select(e => (Digest.Parse(e.RowKey), e.Timestamp ?? DateTimeOffset.MinValue, e.ETag)).ToListAsync(cancel).ConfigureAwait(false);

    /// <summary>Points to a draft that was submitted. Safe to repeat.</summary>
    public Task PointSubmittedAsync(Digest id, CancellationToken cancel)
        => table.UpsertEntityAsync(new TableEntity(DrawKeys.Submitted, id.ToString()), TableUpdateMode.Replace, cancel);

    /// <summary>Drafts that were submitted at some time.</summary>
    public async Task<IReadOnlyList<(Digest Id, ETag Version)>> SubmittedAsync(CancellationToken cancel)
        => await table.QueryAsync(TableClient.CreateQueryFilter($"PartitionKey eq {DrawKeys.Submitted}"), cancel: cancel).Take(LotteryLimits.MaxSwept)
            .Select(e => (Digest.Parse(e.RowKey), e.ETag)).ToListAsync(cancel).ConfigureAwait(false);

    /// <summary>Forgets one that waits no more, unless it was submitted anew since <paramref name="version"/>.</summary>
    public async Task DropSubmittedAsync(Digest id, ETag version, CancellationToken cancel)
    {
        try
        {
            await table.DeleteEntityAsync(DrawKeys.Submitted, id.ToString(), version, cancel).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (StorageFailure.IsConflict(e))
        {
            // Submitted anew just now.
        }
    }
}
