namespace Notary.Deposits;

public sealed partial class Uploads
{
    /// <summary>Larger ones are taken in pieces of so many bytes, each saved: neither a kill nor the end of a take costs more than the last of them.</summary>
    internal long PieceBytes { get; init; } = OriginalStore.PieceBytes;

    /// <summary>Whoever takes one in pieces has it so long from its beginning and from each piece on. Longer, and after a kill it lies so much longer;
    /// shorter, and two take the same on a slow day, in vain and never wrong.</summary>
    internal static readonly TimeSpan Hold = TimeSpan.FromMinutes(1);

    /// <summary>Whether it was begun or a piece of it saved within this time by a take that has not ended.</summary>
    private bool IsAlive(TableEntity row, TimeSpan within)
        => row.GetDateTimeOffset(UploadHold.SavedColumn) is { } saved && clock.GetUtcNow() - saved < within;

    /// <returns>Null when there is nothing to take, or not yet.</returns>
    private async Task<DepositId?> IntakeAsync(TableEntity row, BlobClient blob, UploadHold hold, CancellationToken cancel)
    {
        var tenant = JsonSerializer.Deserialize<Tenant>(row.GetString("Tenant")!)!;
        var key = $"upload {DepositKeys.ParseUpload(row.RowKey).Id}";
        var options = JsonSerializer.Deserialize<UploadOptions>(row.GetBinary("Options")!)!.ToOptions(key);

        // Taken before, unseen: whatever lies there now was written afterwards.
        if (await new DepositTable(storage).FindKeyAsync(tenant.Id, key, cancel).ConfigureAwait(false) is { } first)
            return first.Id;

        // One read, which goes on only while the blob is the same: a write meanwhile ends it, and it begins anew.
        await using var found = await OpenAsync(blob, cancel).ConfigureAwait(false);
        if (found is null)
            return null;

        await DemandRoomAsync(tenant.Id, row, found.Size, cancel).ConfigureAwait(false);
        if (found.Size <= PieceBytes)
            return (await deposits.DepositFileAsync(tenant, options, found.Content, cancel).ConfigureAwait(false)).Id;

        hold.IsWaiting = true;
        var source = new PieceSource(found.Version.ToString(), found.Size, async (offset, stop) =>
        {
            await hold.HoldAsync(stop).ConfigureAwait(false);
            return await found.FromAsync(blob, offset, stop).ConfigureAwait(false);
        });
        return (await deposits.DepositPiecesAsync(tenant, options, source, hold.Progress, hold.SaveAsync, PieceBytes, cancel).ConfigureAwait(false)).Id;
    }

    /// <returns>Null when there is nothing, or it is still being copied there.</returns>
    /// <exception cref="FaultException"><see cref="Fault.UploadUnusable"/>.</exception>
    private static async Task<FoundUpload?> OpenAsync(BlobClient blob, CancellationToken cancel)
    {
        try
        {
            var found = (await blob.DownloadStreamingAsync(cancellationToken: cancel).ConfigureAwait(false)).Value;
            var unusable = found.Details switch
            {
                // Pages are padded with zeros, and what is appended is announced when it is still empty.
                { BlobType: not BlobType.Block } d => $"it is a blob of kind {d.BlobType}; only block blobs are taken",
                { ContentEncoding.Length: > 0 } => "it has a Content-Encoding; what is hashed are the stored bytes themselves",
                { CopyId: not null, CopyStatus: CopyStatus.Aborted or CopyStatus.Failed } => "copying it there failed",
                _ => null,
            };
            if (unusable is null && found.Details is not { CopyId: not null, CopyStatus: CopyStatus.Pending })
                return new FoundUpload(found.Content, found.Details.ETag, found.Details.ContentLength);

            await found.Content.DisposeAsync().ConfigureAwait(false);
            return unusable is null ? null : throw new FaultException(Fault.UploadUnusable, unusable);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            // The state into which its sender brought it: archived, or encrypted with a key of his own.
            throw new FaultException(Fault.UploadUnusable, $"storage does not give it out: {e.ErrorCode}", e);
        }
    }

    /// <summary>How a take ended.</summary>
    private enum Taken
    {
        /// <summary>There is nothing to take, or it failed.</summary>
        Not,

        /// <summary>Another has it.</summary>
        Elsewhere,

        /// <summary>It goes on from there.</summary>
        InPart,

        /// <summary>It is a deposit or refused, and is cleared away.</summary>
        Away,
    }

    /// <summary>What lies there, at its beginning.</summary>
    private sealed record FoundUpload(Stream Content, ETag Version, long Size) : IAsyncDisposable
    {
        /// <summary>The same bytes from a place on.</summary>
        public async Task<Stream> FromAsync(BlobClient blob, long offset, CancellationToken cancel)
        {
            if (offset == 0)
                return Content;

            await Content.DisposeAsync().ConfigureAwait(false);
            return (await blob.DownloadStreamingAsync(new BlobDownloadOptions
            {
                Range = new HttpRange(offset), Conditions = new BlobRequestConditions { IfMatch = Version },
            }, cancel).ConfigureAwait(false)).Value.Content;
        }

        public ValueTask DisposeAsync() => Content.DisposeAsync();
    }
}
