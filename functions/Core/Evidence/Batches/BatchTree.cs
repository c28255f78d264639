namespace Notary.Evidence.Batches;

/// <summary>Grows a batch's tree leaf by leaf, in memory for one hash of 256.</summary>
public sealed class BatchTree
{
    private readonly Digest[] tail = new Digest[Tiles.FullWidth];
    private readonly List<Digest> firsts = [];
    private int waiting;

    /// <summary>Leaves so far.</summary>
    public long Count => ((long)firsts.Count * Tiles.FullWidth) + waiting;

    /// <summary>Appends leaf hashes.</summary>
    public void Append(ReadOnlySpan<Digest> leaves)
    {
        while (!leaves.IsEmpty)
        {
            var take = Math.Min(leaves.Length, tail.Length - waiting);
            leaves[..take].CopyTo(tail.AsSpan(waiting));
            leaves = leaves[take..];
            waiting += take;
            if (waiting < tail.Length)
                return;

            firsts.Add(Merkle.Root(tail.AsSpan()));
            waiting = 0;
        }
    }

    /// <summary>The root (RFC 6962 §2.1): whole tiles are leaves of a tree of their own, whose right edge goes on in the last tile's.</summary>
    public Digest Root()
        => CompactRange.Parse(Count, [.. CompactRange.Of(firsts).ToBytes(), .. CompactRange.Of(tail[..waiting]).ToBytes()]).Root();

    /// <summary>What lies behind the leaves in <see cref="BatchLayout"/>: the hashes of whole tiles, and of those again.</summary>
    public byte[] UpperLevels()
    {
        var seconds = firsts.Chunk(Tiles.FullWidth).Where(c => c.Length == Tiles.FullWidth).Select(c => Merkle.Root(c.AsSpan()));
        var bytes = new List<byte>((firsts.Count + 16) * Digest.Size);
        foreach (var hash in firsts.Concat(seconds))
            bytes.AddRange(hash.ToArray());

        return [.. bytes];
    }
}

/// <summary>Where things lie in the two blobs of a batch: its lines, and its tree with the offsets of the lines.</summary>
/// <param name="count">Items of the batch.</param>
public readonly struct BatchLayout(long count)
{
    /// <summary>Bytes of an entry of the offset table.</summary>
    public const int OffsetBytes = sizeof(long);

    /// <summary>Levels of the tree that are kept: a third begins at 16,777,216 items.</summary>
    private const int Levels = 3;

    /// <summary>Entries of the offset table: where each group of lines begins, and where the last ends.</summary>
    public long Offsets => ((count + BatchFormat.Group - 1) / BatchFormat.Group) + 1;

    /// <summary>Where the table begins.</summary>
    public long OffsetsAt => LevelAt(Levels);

    /// <summary>Bytes of the tree's blob.</summary>
    public long Length => OffsetsAt + (Offsets * OffsetBytes);

    /// <summary>Where the hashes of a tile lie that a path of C2SP tlog-tiles names.</summary>
    /// <exception cref="FileNotFoundException">Not of this tree.</exception>
    public (long Offset, int Length) Tile(string path)
    {
        if (!Tiles.TryParsePath(path, out var tile) || tile.Level is < 0 or >= Levels
            || (tile.Index * Tiles.FullWidth) + tile.Width > count >> (Tiles.Height * tile.Level))
        {
            throw new FileNotFoundException("no such tile in the batch", path);
        }

        return (LevelAt(tile.Level) + (tile.Index * Tiles.FullTileBytes), tile.Width * Digest.Size);
    }

    private long LevelAt(int level)
    {
        var at = 0L;
        for (var below = 0; below < level; below++)
            at += (count >> (Tiles.Height * below)) * Digest.Size;

        return at;
    }
}
