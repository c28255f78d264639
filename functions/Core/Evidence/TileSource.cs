namespace Notary.Evidence;

/// <summary>Reads tiles of a tree of a known size, each once.</summary>
internal sealed class TileSource(Func<string, CancellationToken, Task<byte[]>> read, CancellationToken cancel)
{
    private readonly Dictionary<(int Level, long Index), Digest[]> seen = [];

    /// <summary>The first <paramref name="width"/> hashes of a tile.</summary>
    public async Task<Digest[]> HashesAsync(int level, long index, int width)
    {
        if (seen.TryGetValue((level, index), out var known) && known.Length >= width)
            return known;

        var bytes = await WiderAsync(new TileName(level, index, width));
        if (bytes.Length % Digest.Size != 0 || bytes.Length < width * Digest.Size)
            throw new FaultException(Fault.EvidenceInvalid, $"tile/{level} number {index} is shorter than the log's size says");

        var hashes = new Digest[width];
        for (var i = 0; i < width; i++)
            hashes[i] = new Digest(bytes.AsSpan(i * Digest.Size, Digest.Size));

        return seen[(level, index)] = hashes;
    }

    /// <summary>The first <paramref name="width"/> entries of a bundle.</summary>
    public async Task<IReadOnlyList<byte[]>> EntriesAsync(long index, int width)
    {
        var entries = Tiles.ParseEntries(await WiderAsync(new TileName(Tiles.EntriesLevel, index, width)));
        return entries.Count >= width
            ? [.. entries.Take(width)]
            : throw new FaultException(Fault.EvidenceInvalid, $"entry bundle {index} is shorter than the log's size says");
    }

    // tlog-tiles, "Partial Tiles": a partial tile may be gone once the full one exists.
    private async Task<byte[]> WiderAsync(TileName tile)
    {
        try
        {
            return await read(tile.ToString(), cancel);
        }
        catch (FileNotFoundException) when (!tile.IsFull)
        {
            return await read((tile with { Width = Tiles.FullWidth }).ToString(), cancel);
        }
    }
}
