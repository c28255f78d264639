namespace Notary.Webhooks;

/// <summary>The row that says that an endpoint has work, leased by one instance at a time.</summary>
internal sealed class LaneWork(TableClient table, TimeProvider clock, string instance, string tenant, string endpointId)
{
    /// <summary>How long a lane is one instance's: longer than a delivery, short enough that after a kill nobody waits long.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(15);

    private TableEntity row = null!;
    private DateTimeOffset renewed;

    /// <summary>Whether the lease is to be renewed.</summary>
    public bool IsAging => clock.GetUtcNow() - renewed > Renewal;

    /// <summary>When something was announced last.</summary>
    public DateTimeOffset Announced => row.GetDateTimeOffset("Announced") ?? DateTimeOffset.UnixEpoch;

    /// <summary>Takes or renews the lease; false when there is no work, or another instance has it.</summary>
    public async Task<bool> LeaseAsync(CancellationToken cancel)
    {
        while (true)
        {
            var found = await table.GetEntityIfExistsAsync(WebhookKeys.Work, WebhookKeys.WorkOf(tenant, endpointId), cancel: cancel).ConfigureAwait(false);
            if (!found.HasValue)
                return false;

            (row, var now) = (found.Value!, clock.GetUtcNow());
            if (row.GetString("Holder") is { } holder && holder != instance && row.GetDateTimeOffset("Until") > now)
                return false;

            var update = new TableEntity(row.PartitionKey, row.RowKey)
                { ["Due"] = now, ["Announced"] = Announced, ["Holder"] = instance, ["Until"] = now + Lease };
            try
            {
                var replaced = (await table.UpdateEntityAsync(update, row.ETag, TableUpdateMode.Replace, cancel).ConfigureAwait(false)).Headers.ETag!.Value;
                (update.ETag, row, renewed) = (replaced, update, now);
                return true;
            }
            catch (RequestFailedException e) when (e.Status == 412)
            {
                // Announced again, or another instance was faster: the row tells.
            }
            catch (RequestFailedException e) when (e.Status == 404)
            {
                return false;
            }
        }
    }

    /// <summary>Leaves it until a time. False when something was announced meanwhile, and the lease goes on.</summary>
    public Task<bool> LeaveAsync(DateTimeOffset next, CancellationToken cancel) => EndAsync(() => table.UpdateEntityAsync(
        new TableEntity(row.PartitionKey, row.RowKey) { ["Due"] = next, ["Announced"] = Announced }, row.ETag, TableUpdateMode.Replace, cancel), cancel);

    /// <summary>Takes it away: there is none. False as above.</summary>
    public Task<bool> DropAsync(CancellationToken cancel)
        => EndAsync(() => table.DeleteEntityAsync(row.PartitionKey, row.RowKey, row.ETag, cancel), cancel);

    private async Task<bool> EndAsync(Func<Task> end, CancellationToken cancel)
    {
        try
        {
            await end().ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 404 or 412)
        {
            return !await LeaseAsync(cancel).ConfigureAwait(false);
        }
    }
}
