namespace Notary.Evidence;

/// <summary>Where a tile lies in the tree.</summary>
/// <param name="Level">0 for leaf hashes; <see cref="Tiles.EntriesLevel"/> for an entry bundle.</param>
/// <param name="Index">The tile's number within its level.</param>
/// <param name="Width">Hashes or entries in it, 1 to 256.</param>
public readonly record struct TileName(int Level, long Index, int Width)
{
    public bool IsFull => Width == Tiles.FullWidth;

    /// <summary>The path under the log's prefix, such as <c>tile/0/x001/067.p/7</c>.</summary>
    public override string ToString() => Level == Tiles.EntriesLevel ? Tiles.EntriesPath(Index, Width) : Tiles.TilePath(Level, Index, Width);
}

/// <summary>C2SP tlog-tiles: a log as immutable files of 256 hashes or 256 entries.</summary>
public static class Tiles
{
    /// <summary>Hashes in a full tile: tiles have height 8.</summary>
    public const int FullWidth = 256;

    /// <summary>Stands for "entries" where a level is asked for.</summary>
    public const int EntriesLevel = -1;

    /// <summary>Bytes of a full hash tile.</summary>
    public const int FullTileBytes = FullWidth * Digest.Size;

    /// <summary>Bytes of an entry of ours in a bundle: a big-endian 16-bit length and a digest.</summary>
    public const int EntryBytes = 2 + Digest.Size;

    internal const int Height = 8;

    /// <summary>Highest level a path may name (tlog-tiles, "Merkle Tree").</summary>
    private const int MaxLevel = 63;

    /// <summary><c>tile/&lt;L&gt;/&lt;N&gt;[.p/&lt;W&gt;]</c>; a width of 256 means full.</summary>
    public static string TilePath(int level, long index, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(level);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(level, MaxLevel);
        return $"tile/{level.ToString(CultureInfo.InvariantCulture)}/{Number(index)}{Suffix(width)}";
    }

    /// <summary><c>tile/entries/&lt;N&gt;[.p/&lt;W&gt;]</c>.</summary>
    public static string EntriesPath(long index, int width) => $"tile/entries/{Number(index)}{Suffix(width)}";

    /// <summary>Reads a path in its one spelling: three-digit elements, all but the last after an <c>x</c>, no needless zero element,
    /// width 1–255 when partial.</summary>
    public static bool TryParsePath(string path, out TileName tile) => TilePaths.TryParse(path, out tile);

    /// <summary>All tiles and entry bundles, full and partial, that a tree has to write to grow from <paramref name="oldSize"/>
    /// by <paramref name="entries"/>.</summary>
    /// <param name="read">Gives the bytes of a path under the log's prefix; throws <see cref="FileNotFoundException"/> when there is no such file,
    /// upon which the full tile is asked for instead of a partial one. Only the old tree's right edge is read.</param>
    /// <exception cref="FaultException"><see cref="Fault.EvidenceInvalid"/>: what was read is not a tile of that width.</exception>
    public static Task<IReadOnlyDictionary<string, byte[]>> GrowAsync(
        long oldSize, IReadOnlyList<byte[]> entries, Func<string, CancellationToken, Task<byte[]>> read, CancellationToken c)
        => TileGrowth.GrowAsync(oldSize, entries, read, c);

    /// <summary>The audit path of leaf <paramref name="index"/> in the tree of <paramref name="size"/>, from sibling to root (RFC 6962 §2.1.1).</summary>
    /// <param name="read">As for <see cref="GrowAsync"/>.</param>
    public static Task<IReadOnlyList<Digest>> InclusionProofAsync(
        long index, long size, Func<string, CancellationToken, Task<byte[]>> read, CancellationToken c)
        => new TileReader(size, read, c).InclusionAsync(index);

    /// <summary>The consistency proof between the trees of two sizes (RFC 6962 §2.1.2); empty when they are equal or the first is 0.</summary>
    /// <param name="read">As for <see cref="GrowAsync"/>.</param>
    public static Task<IReadOnlyList<Digest>> ConsistencyProofAsync(
        long from, long to, Func<string, CancellationToken, Task<byte[]>> read, CancellationToken c)
        => new TileReader(to, read, c).ConsistencyAsync(from);

    /// <summary>The root of the tree of <paramref name="size"/>, from its tiles.</summary>
    /// <param name="read">As for <see cref="GrowAsync"/>.</param>
    public static Task<Digest> RootAsync(long size, Func<string, CancellationToken, Task<byte[]>> read, CancellationToken c)
        => new TileReader(size, read, c).RootAsync();

    /// <summary>An entry bundle: each entry after its big-endian 16-bit length.</summary>
    public static byte[] FormatEntries(IReadOnlyList<byte[]> entries)
    {
        var bytes = new byte[entries.Sum(e => 2 + e.Length)];
        var at = 0;
        foreach (var entry in entries)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(at), checked((ushort)entry.Length));
            entry.CopyTo(bytes, at + 2);
            at += 2 + entry.Length;
        }

        return bytes;
    }

    /// <summary>The entries of a bundle.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>: cut off, or more than 256 entries.</exception>
    public static IReadOnlyList<byte[]> ParseEntries(ReadOnlySpan<byte> bundle)
    {
        var entries = new List<byte[]>();
        while (!bundle.IsEmpty)
        {
            if (bundle.Length < 2 || entries.Count == FullWidth || BinaryPrimitives.ReadUInt16BigEndian(bundle) is var length && bundle.Length < 2 + length)
                throw new FaultException(Fault.Malformed, "not an entry bundle");

            entries.Add(bundle.Slice(2, length).ToArray());
            bundle = bundle[(2 + length)..];
        }

        return entries;
    }

    private static string Suffix(int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, FullWidth);
        return width == FullWidth ? "" : $".p/{width.ToString(CultureInfo.InvariantCulture)}";
    }

    private static string Number(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        var text = (index % 1000).ToString("d3", CultureInfo.InvariantCulture);
        for (index /= 1000; index > 0; index /= 1000)
            text = $"x{(index % 1000).ToString("d3", CultureInfo.InvariantCulture)}/{text}";

        return text;
    }
}
