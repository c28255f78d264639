using Azure.Storage.Blobs.Specialized;

namespace Notary.Lotteries;

/// <summary>The files of draws. Each is written under a new name; it counts when a row names it.</summary>
internal sealed class DrawFiles(StorageAccount storage)
{
    /// <summary>Bytes sent at once: a table of ten million winners in a hundred requests.</summary>
    private const int BlockBytes = 8 * 1024 * 1024;

    private readonly BlobContainerClient container = storage.Container(Names.DrawFiles);

    /// <summary>Writes front to back; visible only when all is there.</summary>
    public async Task<StoredFile> WriteAsync(Digest id, Func<Stream, Task> write, CancellationToken cancel)
    {
        var name = Names.DrawBlob(id, Guid.NewGuid());
        var upload = await container.GetBlockBlobClient(name).OpenWriteAsync(overwrite: true,
            new BlockBlobOpenWriteOptions { BufferSize = BlockBytes }, cancel).ConfigureAwait(false);
        using var digesting = new DigestingStream(upload);
        await write(digesting).ConfigureAwait(false);

        // Only closing it commits: what throws above leaves nothing that can be read.
        await upload.DisposeAsync().ConfigureAwait(false);
        return new StoredFile(name, digesting.Position, digesting.TakeDigest().ToString());
    }

    /// <summary>Writes what is in memory.</summary>
    public Task<StoredFile> WriteAsync(Digest id, byte[] bytes, CancellationToken cancel)
        => WriteAsync(id, stream => stream.WriteAsync(bytes, cancel).AsTask(), cancel);

    /// <summary>The bytes from <paramref name="offset"/> on.</summary>
    public async Task<Stream> OpenAsync(StoredFile file, long offset, long? length, CancellationToken cancel)
        => (await container.GetBlobClient(file.Blob).DownloadStreamingAsync(
            new BlobDownloadOptions { Range = new HttpRange(offset, length) }, cancel).ConfigureAwait(false)).Value.Content;

    /// <summary>A small file whole, found to be what the row says.</summary>
    public async Task<byte[]> ReadAsync(StoredFile file, CancellationToken cancel)
    {
        var bytes = (await container.GetBlobClient(file.Blob).DownloadContentAsync(cancel).ConfigureAwait(false)).Value.Content.ToArray();
        return Digest.Of(bytes).ToString() == file.Sha256
            ? bytes : throw new FaultException(Fault.EvidenceInvalid, "a file of a draw is not the one that its row names");
    }

    public Task DeleteAsync(StoredFile file, CancellationToken cancel)
        => container.GetBlobClient(file.Blob).DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancel);

    /// <summary>Deletes the draw's files that the row does not name: what was cut off or lost its race. For when nobody writes any more.</summary>
    public async Task SweepAsync(DrawRow row, CancellationToken cancel)
    {
        var kept = row.Files.Values.Append(row.List?.File).Select(f => f?.Blob).ToHashSet(StringComparer.Ordinal);
        await foreach (var blob in container.GetBlobsAsync(BlobTraits.None, BlobStates.None, Names.DrawPrefix(row.DrawId), cancel).ConfigureAwait(false))
        {
            if (!kept.Contains(blob.Name))
                await container.DeleteBlobIfExistsAsync(blob.Name, cancellationToken: cancel).ConfigureAwait(false);
        }
    }
}
