namespace Notary.Webhooks;

/// <summary>The tenants that have an endpoint: only what happens to theirs is written down for telling.</summary>
public sealed class Listeners(StorageAccount storage, TimeProvider clock)
{
    /// <summary>How old the answer may be: what happens to a tenant within this time after another instance
    /// has made his first endpoint may not be told.</summary>
    public static readonly TimeSpan Remember = TimeSpan.FromSeconds(5);

    private readonly TableClient table = storage.Table(Names.Webhooks);
    private volatile Known? known;

    private sealed record Known(IReadOnlySet<string> Tenants, long At);

    /// <summary>Whose things are told.</summary>
    public async ValueTask<IReadOnlySet<string>> NowAsync(CancellationToken cancel)
    {
        if (known is { } fresh && clock.GetElapsedTime(fresh.At) < Remember)
            return fresh.Tenants;

        var at = clock.GetTimestamp();
        var tenants = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var row in table.QueryAsync($"PartitionKey eq '{WebhookKeys.Listeners}'", select: ["RowKey"], cancel: cancel).ConfigureAwait(false))
            tenants.Add(row.RowKey);

        known = new Known(tenants, at);
        return tenants;
    }

    /// <summary>A tenant has its first endpoint. Before the endpoint is there: whoever is told of nothing costs a row.</summary>
    internal async Task AddAsync(string tenant, CancellationToken cancel)
    {
        await table.UpsertEntityAsync(new TableEntity(WebhookKeys.Listeners, tenant) { ["At"] = clock.GetUtcNow() },
            TableUpdateMode.Merge, cancel).ConfigureAwait(false);
        known = null;
    }

    /// <summary>A tenant has nothing left, unless he has begun again meanwhile.</summary>
    internal async Task RemoveAsync(string tenant, ETag seen, CancellationToken cancel)
    {
        try
        {
            await table.DeleteEntityAsync(WebhookKeys.Listeners, tenant, seen, cancel).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.Status is 404 or 412)
        {
            // He has.
        }

        known = null;
    }
}
