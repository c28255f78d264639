namespace Notary.Deposits;

/// <summary>A tenant's tickets whose uploads are neither deposited, nor refused, nor given up, nor expired.</summary>
/// <param name="Count">Of them.</param>
/// <param name="Bytes">That they announced together.</param>
public sealed record OpenTickets(long Count, long Bytes);

public sealed partial class Uploads
{
    /// <summary>Column of the upload: bytes that its sender announced.</summary>
    internal const string AnnouncedColumn = "Announced";

    /// <summary>Column of the upload: whether its row among the open ones is there. Rows of earlier releases have none.</summary>
    internal const string OpenColumn = "Open";

    private const string SizeColumn = "Size";

    /// <summary>Bytes that may still be kept for a tenant, those that tickets announced not taken off; absent: any number.</summary>
    public Func<string, CancellationToken, Task<long>>? LeftBytes { get; init; }

    /// <summary>Open tickets of a tenant but one, as storage has them now.</summary>
    private async Task<OpenTickets> OpenTicketsAsync(string tenant, DepositId? except, CancellationToken cancel)
    {
        var (shard, from, to) = (DepositKeys.Shard(tenant), DepositKeys.OpenFrom(tenant), DepositKeys.OpenTo(tenant));
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {shard} and RowKey ge {from} and RowKey lt {to} and ExpiresAt gt {clock.GetUtcNow()}");
        var (count, bytes, but) = (0L, 0L, except is { } id ? DepositKeys.Open(tenant, id) : null);
        await foreach (var row in table.QueryAsync(filter, null, ["RowKey", SizeColumn], cancel).Where(row => row.RowKey != but).ConfigureAwait(false))
            (count, bytes) = (count + 1, bytes + (row.GetInt64(SizeColumn) ?? 0));

        return new OpenTickets(count, bytes);
    }

    /// <summary>What was announced was held against the tenant's quota when the ticket was made; what is more is held against it here.</summary>
    /// <exception cref="FaultException"><see cref="Fault.QuotaExceeded"/>.</exception>
    private async Task DemandRoomAsync(string tenant, TableEntity row, long size, CancellationToken cancel)
    {
        var announced = row.GetInt64(AnnouncedColumn) ?? 0;
        if (LeftBytes is null || size <= announced)
            return;

        var others = await OpenTicketsAsync(tenant, DepositKeys.ParseUpload(row.RowKey).Id, cancel).ConfigureAwait(false);
        var left = await LeftBytes(tenant, cancel).ConfigureAwait(false) - others.Bytes;
        if (size > left)
            throw new FaultException(Fault.QuotaExceeded,
                $"it has {size} bytes, {announced} of them announced, and {Math.Max(0, left)} may still be kept for the tenant; the office can raise it");
    }

    private static TableEntity OpenRow(Tenant tenant, DepositId id, long? announced, DateTimeOffset expires)
        => new(DepositKeys.Shard(tenant.Id), DepositKeys.Open(tenant.Id, id)) { [SizeColumn] = announced ?? 0, ["ExpiresAt"] = expires };

    /// <summary>What an upload's end writes, and its row among the open ones gone with it.</summary>
    /// <returns>False when another has changed the row since, or it is gone.</returns>
    private async Task<bool> EndAsync(TableEntity end, TableEntity row, ETag expected, CancellationToken cancel)
    {
        if (row.GetBoolean(OpenColumn) != true)
            return await MergeAsync(end, expected, cancel).ConfigureAwait(false);

        var (tenant, id) = DepositKeys.ParseUpload(row.RowKey);
        var closed = new TableEntity(end) { PartitionKey = row.PartitionKey, RowKey = row.RowKey, [OpenColumn] = false };
        try
        {
            await table.SubmitTransactionAsync(
                [
                    new(TableTransactionActionType.UpdateMerge, closed, expected),
                    new(TableTransactionActionType.Delete, new TableEntity(row.PartitionKey, DepositKeys.Open(tenant, id)), ETag.All),
                ], cancel).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException e) when (e.Status == 412)
        {
            return false;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            // One of both is gone: another ended it, or our own first try happened unseen.
            return await MergeAsync(closed, expected, cancel).ConfigureAwait(false);
        }
    }
}
