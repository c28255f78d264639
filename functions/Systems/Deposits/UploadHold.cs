namespace Notary.Deposits;

/// <summary>Another takes the same upload, or its sender gave it up: what is begun here is not gone on with.</summary>
internal sealed class LostHoldException : Exception;

/// <summary>The hold of a take on its upload's row: every save is conditional on the one before, so of two takes one goes on.</summary>
internal sealed class UploadHold(TableClient table, TableEntity row, TimeProvider clock)
{
    /// <summary>Column of the upload: how far the taking has come (<see cref="OriginalStore.OpenPiecesAsync"/>); empty when it would begin anew.</summary>
    internal const string ProgressColumn = "Progress";

    /// <summary>Column of the upload: when that was saved, or its reading begun, by a take that has not ended.</summary>
    internal const string SavedColumn = "SavedAt";

    private ETag expected = row.ETag;
    private bool holds;

    /// <summary>What was saved last.</summary>
    public byte[]? Progress { get; private set; } = row.GetBinary(ProgressColumn) is { Length: > 0 } saved ? saved : null;

    /// <summary>Pieces that were saved by this take.</summary>
    public int Saved { get; private set; }

    /// <summary>Whether it waits for others that hold memory: that says nothing about its size.</summary>
    public bool IsWaiting { get; set; }

    /// <summary>Counts the take before it works.</summary>
    /// <returns>False when another was faster.</returns>
    public Task<bool> BeginAsync(int begun, CancellationToken cancel)
        => WriteAsync(new TableEntity(row.PartitionKey, row.RowKey) { [Uploads.BegunColumn] = begun }, cancel);

    /// <summary>Now it is read: whoever comes meanwhile leaves it alone, and whoever began before and waited finds that he has it no more.</summary>
    /// <exception cref="LostHoldException">Another has the upload.</exception>
    public async Task HoldAsync(CancellationToken cancel)
    {
        IsWaiting = false;
        holds = await WriteAsync(new TableEntity(row.PartitionKey, row.RowKey) { [SavedColumn] = clock.GetUtcNow() }, cancel).ConfigureAwait(false);
        if (!holds)
            throw new LostHoldException();
    }

    /// <summary>Keeps how far it has come. What ends the process from here on is counted anew.</summary>
    /// <exception cref="LostHoldException">Another has the upload.</exception>
    public async Task SaveAsync(byte[] progress, CancellationToken cancel)
    {
        Progress = progress;
        var change = new TableEntity(row.PartitionKey, row.RowKey)
        {
            [ProgressColumn] = progress, [SavedColumn] = clock.GetUtcNow(), [Uploads.BegunColumn] = 1,
        };
        if (!await WriteAsync(change, cancel).ConfigureAwait(false))
            throw new LostHoldException();

        Saved++;
    }

    /// <summary>Lets go: the next take may begin at once.</summary>
    /// <param name="outcome">The take's last write.</param>
    /// <param name="all">Also forgets how far it came.</param>
    public void End(TableEntity outcome, bool all)
    {
        if (!holds && Progress is null)
            return;

        outcome[SavedColumn] = DateTimeOffset.UnixEpoch;
        if (all)
            outcome[ProgressColumn] = Array.Empty<byte>();
    }

    private async Task<bool> WriteAsync(TableEntity change, CancellationToken cancel)
    {
        try
        {
            var answer = await table.UpdateEntityAsync(change, expected, TableUpdateMode.Merge, cancel).ConfigureAwait(false);
            expected = answer.Headers.ETag ?? throw new InvalidOperationException("storage gave no ETag");
            return true;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return false;
        }
        catch (RequestFailedException e) when (e.Status == 412)
        {
            // Another's write, or our own that happened unseen and was sent again.
            var now = await table.GetEntityIfExistsAsync(row.PartitionKey, row.RowKey, cancel: cancel).ConfigureAwait(false);
            if (!now.HasValue || change.GetDateTimeOffset(SavedColumn) is not { } ours || now.Value!.GetDateTimeOffset(SavedColumn) != ours
                || (change.GetBinary(ProgressColumn) is { } progress && !progress.AsSpan().SequenceEqual(now.Value.GetBinary(ProgressColumn))))
                return false;

            expected = now.Value.ETag;
            return true;
        }
    }
}
