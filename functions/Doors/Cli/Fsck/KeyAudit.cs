namespace Notary.Cli;

/// <summary>I10: tenants and their API keys, of which only hashes are kept.</summary>
internal sealed class KeyAudit(Audit audit)
{
    /// <summary>Bytes of SHA-256.</summary>
    private const int HashBytes = 32;

    // The last four are the client's own, among the columns of every row.
    private static readonly HashSet<string> Columns = new(
        ["Tenant", "Hash", "Label", "Scopes", "CreatedAt", "ExpiresAt", "RevokedAt", "UsedAt",
            "PartitionKey", "RowKey", "Timestamp", "odata.etag"], StringComparer.Ordinal);

    public async Task RunAsync(CancellationToken c)
    {
        await foreach (var row in audit.Tables.AllAsync(Names.Tenants, c))
            audit.Secrets(row, Names.Tenants);

        await foreach (var row in audit.Tables.AllAsync(Names.ApiKeys, c))
        {
            audit.Secrets(row, Names.ApiKeys);
            if (row.RowKey == "key")
            {
                audit.Findings.Count("API keys");
                await KeyAsync(row, c);
            }
        }
    }

    private static bool HasScopes(TableEntity row) => row["Scopes"] is "Write" or "Read" or "Write Read" or "Read Write";

    private async Task KeyAsync(TableEntity row, CancellationToken c)
    {
        var where = RawTables.Where(Names.ApiKeys, row);
        if (row["Hash"] is not byte[] { Length: HashBytes } || row["Tenant"] is not string tenant || !HasScopes(row) || row.Keys.Any(k => !Columns.Contains(k)))
            audit.Findings.Add("I10", where, "key-row", "the row of an API key has no hash, has scopes that none has, or holds more than a key's row may");
        else if (await audit.Tables.FindAsync(Names.ApiKeys, $"tenant-{tenant}", row.PartitionKey, c) is null
            || await audit.Tables.FindAsync(Names.Tenants, "tenant", tenant, c) is null)
            audit.Findings.Add("I10", where, "key-unlisted", "the key opens a tenant's deposits, and no list shows it to the operator");
    }
}
