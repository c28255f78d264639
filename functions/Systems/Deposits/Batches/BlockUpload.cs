using Azure.Storage.Blobs.Specialized;

namespace Notary.Deposits;

/// <summary>Writes a blob as it comes, in blocks, one under way while the next is filled. Nothing is there before <see cref="CommitAsync"/>: what is
/// never committed the service drops after a week.</summary>
internal sealed class BlockUpload(BlockBlobClient blob) : IDisposable
{
    /// <summary>Bytes of a block: a million items take some fifty, and four requests together hold 64 MiB of them.</summary>
    private const int BlockBytes = 4 * 1024 * 1024;

    private readonly List<string> blocks = [];
    private byte[] filling = ArrayPool<byte>.Shared.Rent(BlockBytes), staging = ArrayPool<byte>.Shared.Rent(BlockBytes);
    private Task underWay = Task.CompletedTask;
    private int filled;

    /// <summary>Bytes so far.</summary>
    public long Length { get; private set; }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        while (!bytes.IsEmpty)
        {
            var take = Math.Min(bytes.Length, BlockBytes - filled);
            bytes.Span[..take].CopyTo(filling.AsSpan(filled));
            bytes = bytes[take..];
            filled += take;
            Length += take;
            if (filled == BlockBytes)
                await StageAsync(cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Makes the blob whole. Its name is nobody else's, so that to write it twice is to write it once.</summary>
    public async Task CommitAsync(string owner, CancellationToken cancel)
    {
        if (filled > 0)
            await StageAsync(cancel).ConfigureAwait(false);

        await underWay.ConfigureAwait(false);
        await blob.CommitBlockListAsync(blocks, metadata: new Dictionary<string, string> { [OriginalStore.OwnerMetadata] = owner },
            cancellationToken: cancel).ConfigureAwait(false);
    }

    /// <summary>Waits for what is under way: its bytes are not to be another's meanwhile.</summary>
    public async ValueTask SettleAsync() => await underWay.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(filling);
        ArrayPool<byte>.Shared.Return(staging);
        (filling, staging) = ([], []);
    }

    private async Task StageAsync(CancellationToken cancel)
    {
        await underWay.ConfigureAwait(false);
        (filling, staging) = (staging, filling);
        var id = Convert.ToBase64String(Encoding.ASCII.GetBytes(blocks.Count.ToString("D8", CultureInfo.InvariantCulture)));
        blocks.Add(id);
        underWay = blob.StageBlockAsync(id, new MemoryStream(staging, 0, filled, writable: false), cancellationToken: cancel);
        filled = 0;
    }
}
