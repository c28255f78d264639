namespace Notary.Cli;

/// <summary>When the log had grown beyond an index, was stamped there, and was in a block: for I5 of every deposit. 32 bytes a checkpoint.</summary>
internal sealed class Timeline
{
    /// <summary>Times in ticks; 0 where there is none.</summary>
    private readonly List<(long Size, long At, long Stamped, long Block)> points = [];

    /// <param name="stamped">The earliest genTime of its tokens, once all are there.</param>
    /// <param name="block">The time of the block that holds its anchor.</param>
    public void Add(long size, DateTimeOffset? at, DateTimeOffset? stamped, DateTimeOffset? block)
        => points.Add((size, at?.UtcTicks ?? 0, stamped?.UtcTicks ?? 0, block?.UtcTicks ?? 0));

    /// <summary>A deposit is covered by the first point beyond it that has what is asked for: fill each from its successor.</summary>
    public void Seal()
    {
        for (var i = points.Count - 2; i >= 0; i--)
        {
            var (size, at, stamped, block) = points[i];
            points[i] = (size, at, stamped == 0 ? points[i + 1].Stamped : stamped, block == 0 ? points[i + 1].Block : block);
        }
    }

    /// <summary>Which of the times that cover an index is earlier than <paramref name="time"/> by more than the skew, in words; null when none is.</summary>
    public string? Before(long index, DateTimeOffset time)
    {
        var at = points.BinarySearch((index + 1, 0, 0, 0));
        at = at < 0 ? ~at : at;
        if (at == points.Count)
            return null;

        var least = (time - Audit.MaxSkew).UtcTicks;
        var (_, logged, stamped, block) = points[at];
        return logged != 0 && logged < least ? "the log held the deposit before it was received"
            : stamped != 0 && stamped < least ? "the log that holds the deposit was stamped before it was received"
            : block != 0 && block < least ? "the block that holds the deposit's root is older than the deposit"
            : null;
    }
}
