namespace Notary.Host.Access;

/// <summary>What a tenant's owner chose for his people: rows of the table <c>tenants</c> in a partition of their own.</summary>
/// <remarks>Not what letters say: a tenant's name and DID are evidence, and the operator's to set.</remarks>
internal sealed class TenantSettings(TableClient table)
{
    private const string Partition = "settings";
    private const string DigestsAlone = "DigestsAlone";

    /// <summary>Whether new deposits begin with the choice of digests alone.</summary>
    public async Task<bool> AreDigestsAloneAsync(string tenant, CancellationToken cancel)
        => await table.GetEntityIfExistsAsync(Partition, tenant, cancel: cancel) is { HasValue: true, Value: { } row } && row.GetBoolean(DigestsAlone) == true;

    /// <summary>Chooses.</summary>
    public Task SetDigestsAloneAsync(string tenant, bool alone, CancellationToken cancel)
        => table.UpsertEntityAsync(new TableEntity(Partition, tenant) { { DigestsAlone, alone } }, TableUpdateMode.Replace, cancel);
}
