namespace Notary.Host.Access.Limits;

/// <summary>What an instance has told.</summary>
/// <param name="Instance">Which.</param>
/// <param name="Version">Another one at each telling.</param>
/// <param name="At">When, by storage's clock.</param>
/// <param name="Shares">By tenant: what it has let in, and how much of that within the minute before.</param>
internal sealed record ToldShares(
    string Instance, ETag Version, DateTimeOffset At, IReadOnlyDictionary<string, (TenantShare Share, TenantShare Recent)> Shares);

/// <summary>A row of the table <c>usage</c> for each instance, in a partition that no tenant has.</summary>
internal sealed class SharesTable(TableClient table)
{
    // No tenant's id has it.
    private const string Partition = "~shares";

    // Nobody writes it any more; a row that is dropped too early is written anew.
    private static readonly TimeSpan Dead = TimeSpan.FromHours(1);

    // A property takes 64 KiB and a row a MiB: of more tenants than fit the least busy are not told.
    private const int MaxTenants = 500;

    public Task TellAsync(string instance, IEnumerable<(string Tenant, TenantShare Share, TenantShare Recent)> shares, CancellationToken cancel)
    {
        var most = shares.OrderByDescending(one => one.Share.Uploads).ThenByDescending(one => one.Recent.Requests + one.Recent.Items).Take(MaxTenants)
            .ToDictionary(one => one.Tenant, one => new[] { Numbers(one.Share), Numbers(one.Recent) });
        return table.UpsertEntityAsync(new TableEntity(Partition, instance) { ["Shares"] = JsonSerializer.SerializeToUtf8Bytes(most) },
            TableUpdateMode.Replace, cancel);
    }

    /// <summary>What all but one have told.</summary>
    public async Task<IReadOnlyList<ToldShares>> OthersAsync(string instance, DateTimeOffset now, CancellationToken cancel)
    {
        var told = new List<ToldShares>();
        await foreach (var row in table.QueryAsync(TableClient.CreateQueryFilter($"PartitionKey eq {Partition} and RowKey ne {instance}"), cancel: cancel))
        {
            if (now - row.Timestamp > Dead)
                await DropAsync(row, cancel);
            else
                told.Add(new ToldShares(row.RowKey, row.ETag, row.Timestamp!.Value,
                    JsonSerializer.Deserialize<Dictionary<string, long[][]>>(row.GetBinary("Shares"))!
                        .ToDictionary(one => one.Key, one => (ShareOf(one.Value[0]), ShareOf(one.Value[1])))));
        }

        return told;
    }

    /// <summary>At an instance's end.</summary>
    public Task ForgetAsync(string instance, CancellationToken cancel) => table.DeleteEntityAsync(Partition, instance, ETag.All, cancel);

    private static long[] Numbers(TenantShare share) => [share.Requests, share.Items, share.Bytes, share.Stored, share.Uploads];

    private static TenantShare ShareOf(long[] numbers) => new(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]);

    private async Task DropAsync(TableEntity row, CancellationToken cancel)
    {
        try
        {
            await table.DeleteEntityAsync(row.PartitionKey, row.RowKey, row.ETag, cancel);
        }
        catch (RequestFailedException e) when (e.Status is 404 or 412)
        {
        }
    }
}
