using System.Collections.Concurrent;

namespace Notary.Deposits;

/// <summary>What covers the deposits of one chunk: the same anchor, checkpoint and tiles for nearly all of them, read once.</summary>
internal sealed class CoverCache(CheckpointTable checkpoints, PublicLog log) : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<Task<byte[]>>> tiles = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<long, Lazy<Task<CheckpointRow?>>> rows = new();
    private readonly SemaphoreSlim one = new(1, 1);
    private readonly List<(long From, AnchorRow Anchor)> anchors = [];

    /// <summary>The first final anchor that covers an index. The first of one index is that of every later one beneath its size.</summary>
    public async Task<AnchorRow?> FirstFinalAnchorAsync(long index, CancellationToken cancel)
    {
        await one.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (anchors.Find(known => known.From <= index && index < known.Anchor.Size).Anchor is { } anchor)
                return anchor;

            var found = await checkpoints.FirstFinalAnchorAsync(index, cancel).ConfigureAwait(false);
            if (found is not null)
                anchors.Add((index, found));

            return found;
        }
        finally
        {
            one.Release();
        }
    }

    public void Dispose() => one.Dispose();

    public Task<CheckpointRow?> CheckpointAsync(long size, CancellationToken cancel)
        => rows.GetOrAdd(size, s => new(() => checkpoints.FindAsync(s, cancel))).Value;

    public Task<byte[]> TileAsync(string path, CancellationToken cancel)
        => tiles.GetOrAdd(path, p => new(() => log.ReadTileAsync(p, cancel))).Value;
}
