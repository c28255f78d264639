namespace Notary.Evidence;

/// <summary>Computes the files by which a tiled log grows.</summary>
internal static class TileGrowth
{
    public static async Task<IReadOnlyDictionary<string, byte[]>> GrowAsync(
        long oldSize, IReadOnlyList<byte[]> entries, Func<string, CancellationToken, Task<byte[]>> read, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(oldSize);
        var source = new TileSource(read, cancel);
        var files = new Dictionary<string, byte[]>();
        if (entries.Count == 0)
            return files;

        var (oldIndex, oldWidth) = (oldSize / Tiles.FullWidth, (int)(oldSize % Tiles.FullWidth));
        IReadOnlyList<byte[]> bundled = oldWidth == 0 ? entries : [.. await source.EntriesAsync(oldIndex, oldWidth), .. entries];
        for (var at = 0; at < bundled.Count; at += Tiles.FullWidth)
        {
            var chunk = bundled.Skip(at).Take(Tiles.FullWidth).ToList();
            files.Add(Tiles.EntriesPath(oldIndex + (at / Tiles.FullWidth), chunk.Count), Tiles.FormatEntries(chunk));
        }

        var fresh = LeafHashes(entries);
        for (var level = 0; fresh.Length > 0; level++)
            fresh = await LevelAsync(level, oldSize >> (Tiles.Height * level), fresh, source, files);

        return files;
    }

    /// <summary>Writes one level's tiles and returns the roots of those that became full: the next level's new hashes.</summary>
    private static async Task<Digest[]> LevelAsync(int level, long oldCount, Digest[] fresh, TileSource source, Dictionary<string, byte[]> files)
    {
        var (index, oldWidth) = (oldCount / Tiles.FullWidth, (int)(oldCount % Tiles.FullWidth));
        Digest[] all = oldWidth == 0 ? fresh : [.. (await source.HashesAsync(level, index, oldWidth))[..oldWidth], .. fresh];
        var full = new List<Digest>();
        for (var at = 0; at < all.Length; at += Tiles.FullWidth, index++)
        {
            var tile = all.AsSpan(at, Math.Min(Tiles.FullWidth, all.Length - at));
            var bytes = new byte[tile.Length * Digest.Size];
            for (var i = 0; i < tile.Length; i++)
                tile[i].CopyTo(bytes.AsSpan(i * Digest.Size));

            files.Add(Tiles.TilePath(level, index, tile.Length), bytes);
            if (tile.Length == Tiles.FullWidth)
                full.Add(Merkle.Root(tile));
        }

        return [.. full];
    }

    private static Digest[] LeafHashes(IReadOnlyList<byte[]> entries)
    {
        if (entries.All(e => e.Length == Digest.Size))
            return Merkle.LeafHashes([.. entries.Select(e => new Digest(e))]);

        return [.. entries.Select(e => Merkle.LeafHash(e))];
    }
}
