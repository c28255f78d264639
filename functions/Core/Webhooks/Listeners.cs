namespace Notary.Webhooks;

/// <summary>The tenants that have an endpoint: only what happens to theirs is written down for telling.</summary>
public sealed class Listeners(StorageAccount storage, TimeProvider clock)
{
    /// <summary>How old the answer may be, and so how long a tenant's first endpoint takes to make: by then every instance knows him.</summary>
    public static readonly TimeSpan Remember = TimeSpan.FromSeconds(2);

    private readonly TableClient table = storage.Table(Names.Webhooks);
    private volatile Known? known;
    private int changes;

    private sealed record Known(IReadOnlySet<string> Tenants, long At);

    /// <summary>Whose things are told.</summary>
    public async ValueTask<IReadOnlySet<string>> NowAsync(CancellationToken cancel)
    {
        if (known is { } fresh && clock.GetElapsedTime(fresh.At) < Remember)
            return fresh.Tenants;

        var (at, before) = (clock.GetTimestamp(), Volatile.Read(ref changes));
        var tenants = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var row in table.QueryAsync($"PartitionKey eq '{WebhookKeys.Listeners}'", select: ["RowKey"], cancel: cancel).ConfigureAwait(false))
            tenants.Add(row.RowKey);

        // What was read while this instance changed it may be the old.
        if (Volatile.Read(ref changes) == before)
            known = new Known(tenants, at);

        return tenants;
    }

    /// <summary>A tenant gets an endpoint. Before the endpoint is there: whoever is told of nothing costs a row.</summary>
    /// <remarks>Returns when what happens to him from now on is told, whichever instance does it.</remarks>
    internal async Task AddAsync(string tenant, CancellationToken cancel)
    {
        var age = TimeSpan.Zero;
        try
        {
            await table.AddEntityAsync(new TableEntity(WebhookKeys.Listeners, tenant) { ["At"] = clock.GetUtcNow() }, cancel).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            // Merged, so that a housekeeper who has seen it before does not take it away.
            var row = new TableEntity(WebhookKeys.Listeners, tenant) { ["Renewed"] = clock.GetUtcNow() };
            await table.UpsertEntityAsync(row, TableUpdateMode.Merge, cancel).ConfigureAwait(false);
            var found = await table.GetEntityAsync<TableEntity>(WebhookKeys.Listeners, tenant, ["At"], cancel).ConfigureAwait(false);
            age = clock.GetUtcNow() - (found.Value.GetDateTimeOffset("At") ?? clock.GetUtcNow());
        }

        Changed();
        if (age < Remember)
            await Task.Delay(age < TimeSpan.Zero ? Remember : Remember - age, clock, cancel).ConfigureAwait(false);
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

        Changed();
    }

    private void Changed()
    {
        Interlocked.Increment(ref changes);
        known = null;
    }
}
