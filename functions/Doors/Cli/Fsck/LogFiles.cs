using Azure.Storage.Blobs;

namespace Notary.Cli;

/// <summary>The log's files by C2SP tlog-tiles, read raw.</summary>
internal sealed class LogFiles(StorageAccount storage)
{
    public const int Width = EdgeTree.Width;

    /// <summary>An entry: two bytes of length (always 32) and the manifest's digest.</summary>
    public const int EntryBytes = 2 + Digest.Size;

    private readonly BlobContainerClient log = storage.Container(Names.Log);

    public IAsyncEnumerable<Azure.Storage.Blobs.Models.BlobItem> AllAsync(CancellationToken c) => log.GetBlobsAsync(cancellationToken: c);

    public async Task<byte[]?> ReadAsync(string path, CancellationToken c)
    {
        try
        {
            return (await log.GetBlobClient(path).DownloadContentAsync(c)).Value.Content.ToArray();
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    /// <summary>A bundle with at least <paramref name="want"/> entries: the partial one of that width, or the full one; null when neither is there.</summary>
    public async Task<(string Path, byte[] Bytes)?> BundleAsync(long index, int want, CancellationToken c)
    {
        foreach (var width in want == Width ? [Width] : new[] { want, Width })
        {
            if (await ReadAsync(Path("entries", index, width), c) is { } bytes)
                return (Path("entries", index, width), bytes);
        }

        return null;
    }

    public static string Path(string level, long index, int width)
    {
        var text = (index % 1000).ToString("d3", CultureInfo.InvariantCulture);
        for (index /= 1000; index > 0; index /= 1000)
            text = $"x{(index % 1000).ToString("d3", CultureInfo.InvariantCulture)}/{text}";

        return $"tile/{level}/{text}{(width == Width ? "" : $".p/{width.ToString(CultureInfo.InvariantCulture)}")}";
    }
}
