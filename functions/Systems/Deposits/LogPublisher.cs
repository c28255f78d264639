namespace Notary.Deposits;

/// <summary>Puts the log where the public reads it. Every write may be repeated by whoever takes a batch up.</summary>
internal sealed class LogPublisher(StorageAccount storage)
{
    /// <summary>Writes in flight while tiles are published.</summary>
    private const int Parallelism = 16;

    private readonly BlobContainerClient log = storage.Container(Names.Log);
    private readonly BlobContainerClient staging = storage.Container(Names.Staging);

    /// <summary>Publishes tiles and entry bundles by their paths.</summary>
    public Task PublishAsync(IReadOnlyDictionary<string, byte[]> files, CancellationToken cancel)
        => Parallel.ForEachAsync(files, new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancel }, async (file, token) =>
            await PublishAsync(file.Key, file.Value, token).ConfigureAwait(false));

    /// <summary>Tiles are written once: their container may be under a retention policy that forbids more.</summary>
    private async Task PublishAsync(string path, byte[] content, CancellationToken cancel)
    {
        try
        {
            await log.GetBlobClient(path).UploadAsync(new BinaryData(content), overwrite: false, cancel).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            // Published by whoever began this batch, if that is what the answer means: only the blob tells, and a tile
            // that is missing or another would be found out when nothing can be mended any more.
            if (!(await ReadAsync(path, cancel).ConfigureAwait(false)).AsSpan().SequenceEqual(content))
                throw new FaultException(Fault.EvidenceInvalid, $"{path} is published with another content");
        }
    }

    /// <summary>A sequencer that was paused in its apply must not publish an older checkpoint over a newer one.</summary>
    public async Task PublishAsync(LogHead head, CancellationToken cancel)
    {
        var blob = staging.GetBlobClient(Names.CheckpointBlob);
        while (true)
        {
            var conditions = new BlobRequestConditions { IfNoneMatch = ETag.All };
            try
            {
                var current = await blob.DownloadContentAsync(cancel).ConfigureAwait(false);
                var text = current.Value.Content.ToString();
                if (Checkpoint.Parse(text[..(text.IndexOf("\n\n", StringComparison.Ordinal) + 1)]).Size >= head.Range.Size)
                    return;

                conditions = new BlobRequestConditions { IfMatch = current.Value.Details.ETag };
            }
            catch (RequestFailedException e) when (e.Status == 404)
            {
            }

            try
            {
                await blob.UploadAsync(BinaryData.FromString(head.Note), new BlobUploadOptions { Conditions = conditions }, cancel).ConfigureAwait(false);
                return;
            }
            catch (RequestFailedException e) when (e.Status is 409 or 412)
            {
            }
        }
    }

    /// <exception cref="FileNotFoundException">There is no such tile.</exception>
    public async Task<byte[]> ReadAsync(string path, CancellationToken cancel)
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
