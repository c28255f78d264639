namespace Notary.Forensics;

/// <summary>Reads and writes the table <c>sessions</c>. Every change is under the version that was read: false means that another was first, or that
/// this one was and the answer was lost. Read again.</summary>
internal sealed class SessionTable(StorageAccount storage)
{
    private const string Ids = "Ids";

    private readonly TableClient table = storage.Table(Names.Sessions);

    /// <summary>A tenant's session; null for a stranger's as for none.</summary>
    public async Task<SessionRow?> FindAsync(string tenant, DepositId id, CancellationToken cancel)
        => await table.GetEntityIfExistsAsync(SessionKeys.Partition(tenant), SessionKeys.Session(id), cancel: cancel).ConfigureAwait(false)
            is { HasValue: true, Value: { } found } ? SessionRow.From(found) : null;

    /// <summary>Makes a session if the tenant may have one more, with its key and its place among those that run.</summary>
    /// <returns>The session; the one that the key was used for before.</returns>
    /// <exception cref="FaultException"><see cref="Fault.DesktopQuota"/>; <see cref="Fault.IdempotencyConflict"/>.</exception>
    public async Task<SessionRow> InsertAsync(SessionRow row, string? key, string fingerprint, int atOnce, CancellationToken cancel)
    {
        var partition = SessionKeys.Partition(row.Tenant);
        await ActivateAsync(row, cancel).ConfigureAwait(false);
        for (var attempt = 0; attempt < SessionLimits.MaxAttempts; attempt++)
        {
            if (key is not null && await FirstAsync(row.Tenant, key, fingerprint, cancel).ConfigureAwait(false) is { } first)
                return first;

            var (live, version) = await LiveAsync(row.Tenant, cancel).ConfigureAwait(false);
            if (live.Contains(row.Id))
                return row;

            if (live.Count >= atOnce)
                throw new FaultException(Fault.DesktopQuota, $"at most {atOnce} desktops run at once; end one first");

            try
            {
                await table.SubmitTransactionAsync(
                [
                    new(TableTransactionActionType.Add, row.ToEntity()),
                    LiveAction(row.Tenant, [.. live, row.Id], version),
                    .. key is null ? [] : (TableTransactionAction[])[new(TableTransactionActionType.Add,
                        new TableEntity(partition, SessionKeys.Idempotency(key)) { ["Session"] = row.Id, ["Fingerprint"] = fingerprint })],
                ], cancel).ConfigureAwait(false);
                return row;
            }
            catch (RequestFailedException e) when (e.Status is 409 or 412)
            {
                // Another was first, or this one was and the answer was lost: both are seen above.
            }
        }

        throw Contested();
    }

    /// <summary>Replaces the row, together with what else is the tenant's.</summary>
    public async Task<bool> SwapAsync(SessionRow next, IEnumerable<TableTransactionAction> also, CancellationToken cancel)
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

    /// <summary>Takes the session from those that run; nothing when it is not among them.</summary>
    public async Task<IReadOnlyList<TableTransactionAction>> FreeAsync(SessionRow row, CancellationToken cancel)
    {
        var (live, version) = await LiveAsync(row.Tenant, cancel).ConfigureAwait(false);
        return live.Contains(row.Id) ? [LiveAction(row.Tenant, [.. live.Where(id => id != row.Id)], version)] : [];
    }

    /// <summary>A head that is deposited.</summary>
    public static TableTransactionAction Add(SessionRow row, HeadRow head) => new(TableTransactionActionType.UpsertReplace,
        new TableEntity(SessionKeys.Partition(row.Tenant), SessionKeys.Head(row.SessionId, head.Link))
        {
            [nameof(head.Link)] = head.Link,
            [nameof(head.Deposit)] = head.Deposit,
            [nameof(head.Manifest)] = head.Manifest,
        });

    /// <summary>A session's heads, in order.</summary>
    public async Task<IReadOnlyList<HeadRow>> HeadsAsync(SessionRow row, CancellationToken cancel)
        => await table.QueryAsync(SessionKeys.Under(SessionKeys.Partition(row.Tenant), SessionKeys.Heads(row.SessionId)), cancel: cancel)
            .Select(e => new HeadRow(e.GetInt64(nameof(HeadRow.Link))!.Value, e.GetString(nameof(HeadRow.Deposit))!, e.GetString(nameof(HeadRow.Manifest))!))
            .ToListAsync(cancel).ConfigureAwait(false);

    /// <summary>A page of the tenant's sessions, newest first.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    public async Task<(IReadOnlyList<SessionRow> Rows, string? Next)> ListAsync(string tenant, int limit, string? after, CancellationToken cancel)
    {
        if (limit is < 1 or > SessionLimits.MaxPage)
            throw new FaultException(Fault.Malformed, $"limit is 1 to {SessionLimits.MaxPage}");

        DepositId last = default;
        if (after is not null && !DepositId.TryParse(after, out last))
            throw new FaultException(Fault.Malformed, "the continuation is not one that a page gave");

        var filter = SessionKeys.Under(SessionKeys.Partition(tenant), SessionKeys.Sessions, after is null ? null : SessionKeys.Session(last));
        var rows = await table.QueryAsync(filter, limit + 1, cancel: cancel).Take(limit + 1).Select(SessionRow.From).ToListAsync(cancel).ConfigureAwait(false);
        return rows.Count > limit ? (rows[..limit], rows[limit - 1].Id) : (rows, null);
    }

    /// <summary>Says that an orchestration must be at work on the session.</summary>
    private async Task ActivateAsync(SessionRow row, CancellationToken cancel)
        => await table.UpsertEntityAsync(new TableEntity(SessionKeys.Active, row.Id) { [nameof(row.Tenant)] = row.Tenant }, TableUpdateMode.Replace, cancel)
            .ConfigureAwait(false);

    /// <summary>Says that none need be any more.</summary>
    public Task DeactivateAsync(DepositId id, CancellationToken cancel)
        => table.DeleteEntityAsync(SessionKeys.Active, id.ToString(), ETag.All, cancel);

    /// <summary>Sessions that an orchestration must be at work on.</summary>
    public async Task<IReadOnlyList<(string Tenant, DepositId Id, DateTimeOffset Since)>> ActiveAsync(CancellationToken cancel)
        => await table.QueryAsync(TableClient.CreateQueryFilter($"PartitionKey eq {SessionKeys.Active}"), cancel: cancel).Take(SessionLimits.MaxSwept)
            .Select(e => (e.GetString(nameof(SessionRow.Tenant))!, DepositId.Parse(e.RowKey), e.Timestamp ?? DateTimeOffset.MinValue))
            .ToListAsync(cancel).ConfigureAwait(false);

    public static FaultException Contested() => new(Fault.StorageConflict, "others were first each time; send it again");

    private async Task<SessionRow?> FirstAsync(string tenant, string key, string fingerprint, CancellationToken cancel)
    {
        var found = await table.GetEntityIfExistsAsync(SessionKeys.Partition(tenant), SessionKeys.Idempotency(key), cancel: cancel).ConfigureAwait(false);
        if (!found.HasValue)
            return null;

        if (found.Value!.GetString("Fingerprint") != fingerprint)
            throw new FaultException(Fault.IdempotencyConflict, "this idempotency key was used for another session");

        return await FindAsync(tenant, DepositId.Parse(found.Value.GetString("Session")!), cancel).ConfigureAwait(false);
    }

    private async Task<(IReadOnlyList<string> Ids, ETag? Version)> LiveAsync(string tenant, CancellationToken cancel)
        => await table.GetEntityIfExistsAsync(SessionKeys.Partition(tenant), SessionKeys.Live, cancel: cancel).ConfigureAwait(false)
            is { HasValue: true, Value: { } found } ? (found.GetString(Ids)!.Split(' ', StringSplitOptions.RemoveEmptyEntries), found.ETag) : ([], null);

    private static TableTransactionAction LiveAction(string tenant, IEnumerable<string> ids, ETag? version)
    {
        var entity = new TableEntity(SessionKeys.Partition(tenant), SessionKeys.Live) { [Ids] = string.Join(' ', ids) };
        return version is { } read ? new(TableTransactionActionType.UpdateReplace, entity, read) : new(TableTransactionActionType.Add, entity);
    }
}
