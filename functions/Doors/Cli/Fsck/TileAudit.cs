namespace Notary.Cli;

/// <summary>Every file of the log: tiles have the bytes that the entries give, full ones are all there, and nothing else is.</summary>
internal sealed partial class TileAudit(Audit audit, LogFacts facts)
{
    private const int Width = LogFiles.Width;

    /// <summary>Tiles compared at once, all of one place in the log.</summary>
    private const int MaxGroup = 2 * Width;

    private readonly LogFiles files = new(audit.Storage);
    private readonly Dictionary<string, BitArray> full = new(StringComparer.Ordinal);
    private (long Index, string Path, byte[] Bytes)? source;
    private long seen;

    public async Task RunAsync(CancellationToken c)
    {
        for (var (level, count) = (0, facts.Tree.Size / Width); count > 0; level++, count /= Width)
            full[level.ToString(CultureInfo.InvariantCulture)] = new BitArray((int)count);

        full["entries"] = new BitArray((int)(facts.Tree.Size / Width));
        var group = new List<(string Path, int Width)>();
        (string Level, long Index) place = ("", -1);
        await foreach (var blob in files.AllAsync(c))
        {
            if (TilePath().Match(blob.Name) is not { Success: true } match || !TryNumber(match.Groups["n"].Value, out var index))
            {
                audit.Findings.Add("I2", $"log/{blob.Name}", "blob-unknown", "no such file belongs to a log");
                continue;
            }

            audit.Progress.At("tiles", ++seen, 0);
            if (place != (match.Groups["l"].Value, index) || group.Count == MaxGroup)
            {
                await GroupAsync(place.Level, place.Index, group, c);
                group.Clear();
                place = (match.Groups["l"].Value, index);
            }

            group.Add((blob.Name, match.Groups["w"].Success ? int.Parse(match.Groups["w"].Value, CultureInfo.InvariantCulture) : Width));
        }

        await GroupAsync(place.Level, place.Index, group, c);
        audit.Findings.Count("tiles", seen);
        foreach (var (level, there) in full)
        {
            for (var i = 0; i < there.Count; i++)
            {
                if (!there[i])
                    audit.Findings.Add("I2", $"log/{LogFiles.Path(level, i, Width)}", "tile-missing", "a full tile of the log is missing");
            }
        }
    }

    /// <summary>The full and partial tiles of one place: each is the beginning of the same bytes.</summary>
    private async Task GroupAsync(string level, long index, List<(string Path, int Width)> group, CancellationToken c)
    {
        if (group.Any(t => t.Width == Width) && full.TryGetValue(level, out var there) && index < there.Count)
            there[(int)index] = true;

        // Tiles of a batch that is being published lie beyond what was read; the next audit sees them.
        var (unit, expected) = group.Count == 0 ? (1, [])
            : level == "entries" ? (LogFiles.EntryBytes, await EntriesAsync(index, c)) : (32, await HashesAsync(level, index, c));
        await Parallel.ForEachAsync(group.Where(t => t.Width * unit <= expected.Length), Audit.Parallel(c), async (tile, token) =>
        {
            // Gone again means that it was never there: tiles are written once.
            var bytes = await files.ReadAsync(tile.Path, token) ?? [];
            if (!bytes.AsSpan().SequenceEqual(expected.AsSpan(0, tile.Width * unit)))
            {
                audit.Findings.Add("I2", $"log/{tile.Path}", "tile-differs", "the tile is not what the log's entries give");

                // Hashes that differ under a signed root that does not follow from the entries: it is the entries that were changed.
                if (level == "0" && !facts.RootsHold)
                    audit.Findings.Add("I2", $"log/{source!.Value.Path}", "entries-differ",
                        "the entries are not those whose hashes the log has, nor those of the signed root");
            }
        });
    }

    /// <summary>The entries of a bundle that the walk took its entries from, as far as the walk went.</summary>
    private async Task<byte[]> EntriesAsync(long index, CancellationToken c)
    {
        var want = (int)Math.Clamp(facts.Tree.Size - (index * Width), 0, Width);
        if (want == 0)
            return [];

        if (source is not { } kept || kept.Index != index)
        {
            // The walk found it and complained if it did not.
            source = await files.BundleAsync(index, want, c) is { } found ? (index, found.Path, found.Bytes) : (index, "", []);
        }

        return source.Value.Bytes[..Math.Min(source.Value.Bytes.Length, want * LogFiles.EntryBytes)];
    }

    private async Task<byte[]> HashesAsync(string level, long index, CancellationToken c)
    {
        var hashes = new List<byte>(Width * 32);
        if (level == "0")
        {
            foreach (var entry in (await EntriesAsync(index, c)).Chunk(LogFiles.EntryBytes).Where(e => e.Length == LogFiles.EntryBytes))
                hashes.AddRange(EdgeTree.LeafHash(new(entry.AsSpan(2))).ToArray());
        }
        else
        {
            for (var i = 0; i < Width && facts.Tree.Subtree(int.Parse(level, CultureInfo.InvariantCulture), (index * Width) + i) is { } hash; i++)
                hashes.AddRange(hash.ToArray());
        }

        return [.. hashes];
    }

    private static bool TryNumber(string path, out long number)
        => long.TryParse(path.Replace("x", "", StringComparison.Ordinal).Replace("/", "", StringComparison.Ordinal),
            NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && number < long.MaxValue / (Width * Width);

    [GeneratedRegex("^tile/(?<l>entries|0|[1-9][0-9]?)/(?<n>(x[0-9]{3}/){0,5}[0-9]{3})(\\.p/(?<w>[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5]))?\\z")]
    private static partial Regex TilePath();
}
