namespace Notary.Webhooks;

/// <summary>Takes away what has had its day: events, attempts and deliveries older than <see cref="WebhookLimits.Keep"/>,
/// and what waits for endpoints that are gone.</summary>
public sealed class WebhookHousekeeper(StorageAccount storage, Listeners listeners, TimeProvider clock)
{
    /// <summary>Rows of one kind of one tenant that one run takes away.</summary>
    private const int MaxRows = 5000;

    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    private readonly TableClient table = storage.Table(Names.Webhooks);
    private DateTimeOffset ranAt;

    /// <summary>One round, an hour after the last.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        if (now - ranAt < Every)
            return;

        await foreach (var tenant in table.QueryAsync($"PartitionKey eq '{WebhookKeys.Listeners}'", cancel: cancel).ConfigureAwait(false))
            await RunAsync(tenant, now - WebhookLimits.Keep, cancel).ConfigureAwait(false);

        ranAt = now;
    }

    private async Task RunAsync(TableEntity listener, DateTimeOffset before, CancellationToken cancel)
    {
        var tenant = listener.RowKey;
        var endpoints = (await EventSink.EndpointsAsync(table, tenant, cancel).ConfigureAwait(false)).Select(e => e.Id).ToHashSet(StringComparer.Ordinal);
        var left = await DropAsync(tenant, WebhookKeys.TimesFrom, WebhookKeys.TimesTo, row => string.CompareOrdinal(row, WebhookKeys.TimeFrom(before)) < 0,
            row => [row, WebhookKeys.Event(WebhookKeys.EventOf(row))], cancel).ConfigureAwait(false);
        left |= await DropAsync(tenant, WebhookKeys.DeliveriesFrom, WebhookKeys.DeliveriesTo,
            row => !endpoints.Contains(row.Split('|')[1]) || WebhookKeys.DueOf(row) < before, row => [row], cancel).ConfigureAwait(false);
        left |= await DropAsync(tenant, WebhookKeys.AttemptsFrom, WebhookKeys.AttemptsTo,
            row => !endpoints.Contains(row.Split('|')[1]) || WebhookKeys.AttemptedAt(row) < before, row => [row], cancel).ConfigureAwait(false);
        if (endpoints.Count == 0 && !left)
            await listeners.RemoveAsync(tenant, listener.ETag, cancel).ConfigureAwait(false);
    }

    /// <summary>Deletes rows of a range; true when some are left.</summary>
    private async Task<bool> DropAsync(
        string tenant, string from, string to, Func<string, bool> old, Func<string, string[]> with, CancellationToken cancel)
    {
        var left = false;
        var drop = new List<string>();
        await foreach (var row in table.QueryAsync(EventSink.Range(tenant, from, to), 1000, ["RowKey"], cancel).Take(MaxRows).ConfigureAwait(false))
        {
            if (old(row.RowKey))
                drop.Add(row.RowKey);
            else
                left = true;
        }

        foreach (var row in drop.SelectMany(with))
            await table.DeleteEntityAsync(tenant, row, ETag.All, cancel).ConfigureAwait(false);

        return left || drop.Count == MaxRows;
    }
}
