namespace Notary.Deposits;

/// <summary>Takes over what an earlier release left in its table of processes: letters still to be issued or watched become due,
/// anchors learn where their deposits begin; everything else follows from the rows.</summary>
/// <remarks>Safe to repeat: the table goes last.</remarks>
public sealed class FormerProcesses(StorageAccount storage, ILogger<FormerProcesses> logger)
{
    /// <summary>The table of earlier releases.</summary>
    public const string Table = "processes";

    private const int Shards = 4;

    /// <summary>Does nothing where no such table is.</summary>
    public async Task TakeOverAsync(CancellationToken cancel)
    {
        var former = storage.Table(Table);
        var letters = new LetterTable(storage);
        var count = 0;
        try
        {
            for (var shard = 0; shard < Shards; shard++)
            {
                var filter = $"PartitionKey eq 's{shard}' and RowKey ge 'i~certificate~' "
                    + "and RowKey lt 'i~certificate~~' and Status ne 'Completed' and Status ne 'Terminated'";
                await foreach (var row in former.QueryAsync(filter, 1000, ["RowKey", "State"], cancel).ConfigureAwait(false))
                {
                    using var state = System.Text.Json.JsonDocument.Parse(row.GetBinary("State"));
                    await letters.RequestAsync(state.RootElement.GetProperty("tenant").GetString()!,
                        DepositId.Parse(row.RowKey.Split('~')[2]), cancel).ConfigureAwait(false);
                    count++;
                }
            }
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return;
        }

        await new CheckpointTable(storage).CompleteAnchorsAsync(cancel).ConfigureAwait(false);
        await former.DeleteAsync(cancel).ConfigureAwait(false);
        logger.LogInformation("{Count} letters of an earlier release are taken over", count);
    }
}
