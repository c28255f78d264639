namespace Notary.Cli;

/// <summary>Webhooks (I7): what is to be told is of a deposit and is told; an event's rows belong together; what waits has somebody who sees to it.</summary>
internal sealed class WebhookAudit(Audit audit)
{
    private const string Work = "_work", Listeners = "_listeners";

    /// <summary>What of one partition's deposits waits to be told.</summary>
    public async Task ToldAsync(DepositAudit deposits, string partition, CancellationToken c)
    {
        await foreach (var row in audit.Tables.RangeAsync(Names.Deposits, partition, "w|", c))
        {
            audit.Findings.Count("states to be told");
            var where = RawTables.Where(Names.Deposits, row);
            var parts = row.RowKey.Split('|');
            if (parts is not ([_, "0" or "1" or "2", { Length: 20 }, _, _] or [_, "9", _, _, _]))
            {
                audit.Findings.Add("I8", where, "row-unknown", "nobody reads such a row");
                continue;
            }

            var (tenant, id) = parts[1] == "9" ? (parts[2], parts[3]) : (parts[3], parts[4]);
            if (!(deposits.Ids.Find(audit.Prints.Of(id)) is { } value && deposits.IsTenant(value, tenant))
                && await audit.Tables.DepositAsync(partition, tenant, id, c) is null)
            {
                audit.Findings.Add("I7", where, "told-orphan", "an event is due about a deposit that is missing");
            }
            else if (parts[1] is "0" or "9" && audit.IsOld(row.Timestamp))
            {
                audit.Findings.Add("I7", where, "told-stuck", "a state has waited to be told for more than a day");
            }
        }
    }

    /// <summary>The tenants' events and deliveries.</summary>
    public async Task RunAsync(CancellationToken c)
    {
        var work = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var row in audit.Tables.PartitionAsync(Names.Webhooks, Work, c))
            work.Add(row.RowKey);

        await foreach (var listener in audit.Tables.PartitionAsync(Names.Webhooks, Listeners, c))
            await TenantAsync(listener.RowKey, work, c);
    }

    private async Task TenantAsync(string tenant, HashSet<string> work, CancellationToken c)
    {
        var enabled = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var row in audit.Tables.RangeAsync(Names.Webhooks, tenant, "e|", c))
        {
            audit.Findings.Count("endpoints");
            audit.Secrets(row, Names.Webhooks);
            if (row["Secrets"] is byte[] secrets && Encoding.UTF8.GetString(secrets).Contains("whsec_", StringComparison.Ordinal))
                audit.Findings.Add("I10", RawTables.Where(Names.Webhooks, row), "secret-in-clear", "an endpoint's secret stands here in clear");

            if (row["Reason"] is "")
                enabled.Add(row.RowKey[2..]);
        }

        await foreach (var row in audit.Tables.RangeAsync(Names.Webhooks, tenant, "i|", c))
            await EventAsync(tenant, row, c);

        await foreach (var row in audit.Tables.RangeAsync(Names.Webhooks, tenant, "d|", c))
        {
            audit.Findings.Count("deliveries that wait");
            var endpoint = row.RowKey.Split('|')[1];
            if (enabled.Contains(endpoint) && !work.Contains($"{tenant}|{endpoint}")
                && await audit.Tables.FindAsync(Names.Webhooks, Work, $"{tenant}|{endpoint}", c) is null
                && await audit.Tables.FindAsync(Names.Webhooks, tenant, row.RowKey, c) is not null)
            {
                audit.Findings.Add("I7", RawTables.Where(Names.Webhooks, row), "delivery-idle", "a delivery waits, and nobody sees to it that it goes");
            }
        }
    }

    /// <summary>An event's body is what its row says, and it has its place in time.</summary>
    private async Task EventAsync(string tenant, TableEntity row, CancellationToken c)
    {
        audit.Findings.Count("events");
        var where = RawTables.Where(Names.Webhooks, row);
        try
        {
            using var body = JsonDocument.Parse(row.GetBinary("Body"));
            var time = row.GetDateTimeOffset("Time")!.Value;
            if (body.RootElement.GetProperty("id").GetString() != row.RowKey[2..] || body.RootElement.GetProperty("type").GetString() != row.GetString("Type")
                || body.RootElement.GetProperty("time").GetDateTimeOffset() != time)
            {
                audit.Findings.Add("I7", where, "event-differs", "the event's body is not of its row");
            }
            else if (await audit.Tables.FindAsync(Names.Webhooks, tenant, $"t|{time.ToUnixTimeMilliseconds():D15}|{row.RowKey[2..]}", c) is null
                && await audit.Tables.FindAsync(Names.Webhooks, tenant, row.RowKey, c) is not null)
            {
                audit.Findings.Add("I7", where, "event-unlisted", "the event has no place in time, so that no list shows it");
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentNullException)
        {
            audit.Findings.Add("I7", where, "event-row", "the event cannot be read");
        }
    }
}
