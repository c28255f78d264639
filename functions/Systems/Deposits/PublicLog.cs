namespace Notary.Deposits;

/// <summary>What anyone may read: the checkpoint and the tiles under it (C2SP tlog-tiles).</summary>
public sealed class PublicLog(StorageAccount storage)
{
    private readonly BlobContainerClient log = storage.Container(Names.Log);
    private readonly BlobContainerClient staging = storage.Container(Names.Staging);

    /// <summary>Reads <c>checkpoint</c>, <c>tile/…</c> or <c>tile/entries/…</c>; null when there is none.</summary>
    public async Task<LogFile?> ReadAsync(string path, CancellationToken cancel)
    {
        try
        {
            if (path == Names.CheckpointBlob)
            {
                var note = await staging.GetBlobClient(path).DownloadContentAsync(cancel).ConfigureAwait(false);
                return new LogFile(note.Value.Content.ToArray(), "text/plain; charset=utf-8", Immutable: false)
                {
                    WrittenAt = note.Value.Details.LastModified,
                };
            }

            return Tiles.TryParsePath(path, out _)
                ? new LogFile(await ReadTileAsync(path, cancel).ConfigureAwait(false), "application/octet-stream", Immutable: true) : null;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>A tile's bytes, for <see cref="Tiles"/>.</summary>
    /// <exception cref="FileNotFoundException">There is no such tile.</exception>
    internal async Task<byte[]> ReadTileAsync(string path, CancellationToken cancel)
    {
        try
        {
            return (await log.GetBlobClient(path).DownloadContentAsync(cancel).ConfigureAwait(false)).Value.Content.ToArray();
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            throw new FileNotFoundException("no such tile", path, e);
        }
    }
}

/// <summary>One public file of the log.</summary>
public sealed record LogFile(byte[] Bytes, string MediaType, bool Immutable)
{
    /// <summary>Of the checkpoint: when it was signed, by storage's clock.</summary>
    public DateTimeOffset? WrittenAt { get; init; }
}
