using Notary.Pages.Watching;

namespace Notary.Host.Api;

/// <summary>What people did to processes and why. An engine's history ends with each generation; this does not.</summary>
internal sealed class MendingTable(TableClient table)
{
    /// <summary>Shown of one process: nobody reads more, and a page stays a page.</summary>
    private const int MaxShown = 200;

    public Task AddAsync(string instanceId, Mending mending, ReadOnlySpan<byte> seed, CancellationToken cancel)
        => table.UpsertEntityAsync(
            new TableEntity(Partition(instanceId), $"{mending.At.UtcTicks:D19}|{Convert.ToHexStringLower(seed[..8])}")
            {
                ["At"] = mending.At,
                ["Act"] = mending.Act.ToString(),
                ["Who"] = mending.Who,
                ["Name"] = mending.Name,
                ["Reason"] = mending.Reason,
            },
            TableUpdateMode.Replace, cancel);

    public async Task<IReadOnlyList<Mending>> ListAsync(string instanceId, CancellationToken cancel)
        => await table.QueryAsync(TableClient.CreateQueryFilter($"PartitionKey eq {Partition(instanceId)}"), MaxShown, cancel: cancel)
            .Take(MaxShown)
            .Select(row => new Mending(row.GetDateTimeOffset("At")!.Value, Enum.Parse<ProcessAct>(row.GetString("Act")!),
                row.GetString("Who")!, row.GetString("Name")!, row.GetString("Reason")))
            .ToListAsync(cancel);

    // An instance's id has no character that a key may not have.
    private static string Partition(string instanceId) => $"process|{instanceId}";
}
