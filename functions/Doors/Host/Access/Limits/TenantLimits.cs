namespace Notary.Host.Access.Limits;

/// <summary>What a tenant may do, over all instances together.</summary>
/// <param name="RequestsPerMinute">Requests.</param>
/// <param name="ItemsPerMinute">Items deposited.</param>
/// <param name="BytesPerMinute">Bytes of bodies that deposit something.</param>
/// <param name="UploadsAtOnce">Such bodies under way at once.</param>
/// <param name="StoredBytes">Bytes kept for him in all.</param>
public sealed record TenantLimits(long RequestsPerMinute, long ItemsPerMinute, long BytesPerMinute, long UploadsAtOnce, long StoredBytes);

/// <summary>What the operator set for one tenant; absent: as for all.</summary>
public sealed record OwnLimits(
    long? RequestsPerMinute = null, long? ItemsPerMinute = null, long? BytesPerMinute = null, long? UploadsAtOnce = null, long? StoredBytes = null)
{
    /// <summary>No limit is larger: numbers of JSON are exact up to 2⁵³ − 1.</summary>
    public const long Most = (1L << 53) - 1;

    /// <summary>These where they are set, the others elsewhere.</summary>
    public TenantLimits Over(TenantLimits all) => new(RequestsPerMinute ?? all.RequestsPerMinute, ItemsPerMinute ?? all.ItemsPerMinute,
        BytesPerMinute ?? all.BytesPerMinute, UploadsAtOnce ?? all.UploadsAtOnce, StoredBytes ?? all.StoredBytes);

    /// <exception cref="FaultException">Malformed.</exception>
    public void Demand()
    {
        if (new[] { RequestsPerMinute, ItemsPerMinute, BytesPerMinute, UploadsAtOnce, StoredBytes }.Any(limit => limit is < 1 or > Most))
            throw new FaultException(Fault.Malformed, $"each limit is 1 to {Most}, or absent");
    }
}

/// <summary>A tenant's limits as the operator sees them.</summary>
/// <param name="Own">What he set.</param>
/// <param name="InForce">What counts.</param>
public sealed record LimitsView(OwnLimits Own, TenantLimits InForce);

/// <summary>What the operator set: rows of the table <c>tenants</c> in a partition of their own.</summary>
internal sealed class LimitsTable(TableClient table)
{
    private const string Partition = "limits";

    // A partition of overrides is read whole: past this the rest are not felt until their tenant is seen anew.
    private const int MaxRead = 10_000;

    public async Task<OwnLimits> FindAsync(string tenant, CancellationToken cancel)
        => await table.GetEntityIfExistsAsync(Partition, tenant, cancel: cancel) is { HasValue: true, Value: { } row } ? Read(row) : new OwnLimits();

    public Task SetAsync(string tenant, OwnLimits limits, CancellationToken cancel)
        => table.UpsertEntityAsync(new TableEntity(Partition, tenant)
        {
            ["RequestsPerMinute"] = limits.RequestsPerMinute,
            ["ItemsPerMinute"] = limits.ItemsPerMinute,
            ["BytesPerMinute"] = limits.BytesPerMinute,
            ["UploadsAtOnce"] = limits.UploadsAtOnce,
            ["StoredBytes"] = limits.StoredBytes,
        }, TableUpdateMode.Replace, cancel);

    public async Task<IReadOnlyDictionary<string, OwnLimits>> AllAsync(CancellationToken cancel)
        => await table.QueryAsync(TableClient.CreateQueryFilter($"PartitionKey eq {Partition}"), cancel: cancel).Take(MaxRead)
            .ToDictionaryAsync(row => row.RowKey, Read, cancellationToken: cancel);

    private static OwnLimits Read(TableEntity row) => new(row.GetInt64("RequestsPerMinute"), row.GetInt64("ItemsPerMinute"), row.GetInt64("BytesPerMinute"),
        row.GetInt64("UploadsAtOnce"), row.GetInt64("StoredBytes"));
}
