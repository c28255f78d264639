namespace Notary.Deposits;

/// <summary>An upload that cannot be a deposit.</summary>
/// <param name="Upload">tenant/id.</param>
/// <param name="Fault">The code that its tenant is shown.</param>
public sealed record RefusedUpload(string Upload, DateTimeOffset At, string Fault, string Reason);

/// <summary>Refused uploads by time, newest first: the tenant sees his own in the upload, the operator sees here that somebody has trouble.</summary>
internal sealed class RefusalTable(StorageAccount storage)
{
    /// <summary>Rows deleted at once: a transaction's most.</summary>
    private const int Batch = 100;

    private readonly TableClient table = storage.Table(Names.Checkpoints);

    public async Task AddAsync(RefusedUpload refused, CancellationToken cancel)
        => await table.UpsertEntityAsync(
            new TableEntity(DepositKeys.RefusedPartition, $"{Before(refused.At)}|{refused.Upload.Replace('/', '|')}")
            {
                ["Upload"] = refused.Upload,
                ["At"] = refused.At,
                ["Fault"] = refused.Fault,
                ["Reason"] = refused.Reason,
            },
            TableUpdateMode.Replace, cancel).ConfigureAwait(false);

    public async Task<IReadOnlyList<RefusedUpload>> NewestAsync(int count, CancellationToken cancel)
        => await table.QueryAsync($"PartitionKey eq '{DepositKeys.RefusedPartition}'", count, cancel: cancel).Take(count)
            .Select(row => new RefusedUpload(
                row.GetString("Upload"), row.GetDateTimeOffset("At")!.Value, row.GetString("Fault"), row.GetString("Reason")))
            .ToListAsync(cancel).ConfigureAwait(false);

    /// <summary>Deletes some of those that are older. True when there may be more.</summary>
    public async Task<bool> DropAsync(DateTimeOffset before, CancellationToken cancel)
    {
        var old = await table.QueryAsync(
            $"PartitionKey eq '{DepositKeys.RefusedPartition}' and RowKey gt '{Before(before)}'", Batch, ["PartitionKey", "RowKey"], cancel)
            .Take(Batch).ToListAsync(cancel).ConfigureAwait(false);
        try
        {
            if (old.Count > 0)
                await table.SubmitTransactionAsync(old.Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row)), cancel)
                    .ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            // Another instance was faster.
        }

        return old.Count == Batch;
    }

    /// <summary>Sorts the newest first.</summary>
    private static string Before(DateTimeOffset at) => $"{DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() - at.ToUnixTimeMilliseconds():D15}";
}
