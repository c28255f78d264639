namespace Notary.Deposits;

/// <summary>A checkpoint's root, and the largest stamped size if this was stamped just now.</summary>
public sealed record StampStep(Digest Root, long? Newest) : Step;

/// <summary>How far a checkpoint has come on its way to its letters.</summary>
public sealed record AnchorStep : Step
{
    /// <summary>The step it is at. Null from an earlier release, whose activities took one step each.</summary>
    public string? At { get; init; }

    /// <summary>Another checkpoint covers it, and takes both to the chain.</summary>
    public bool Covered { get; init; }

    /// <summary>Not before then, unless the one under way is told final earlier.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>It is final.</summary>
    public bool Final { get; init; }

    /// <summary>A newer checkpoint that is stamped already and waits for this anchor.</summary>
    public long? Next { get; init; }

    /// <summary>What it waits for.</summary>
    public string? Waiting { get; init; }

    /// <summary>The first letters, when they are issued already, and the ranges of the others.</summary>
    public LetterStep? Letters { get; init; }
}

/// <summary>Which letters to issue: those of one anchor, or of a range of rows in one shard.</summary>
/// <param name="Size">The anchor.</param>
/// <param name="Again">Also those that failed before: a person has resumed it.</param>
public sealed record LetterTask(long Size, LetterRange? Range, bool Again);

/// <summary>Due letters of one shard, by row key, both ends included.</summary>
public sealed record LetterRange(string Shard, string First, string Last);

/// <summary>What became of letters.</summary>
public sealed record LetterStep : Step
{
    /// <summary>Ranges that others are to issue.</summary>
    public IReadOnlyList<LetterRange> Rest { get; init; } = [];

    /// <summary>Rows that are still due or watched.</summary>
    public int Left { get; init; }

    /// <summary>Letters that were issued now.</summary>
    public int Issued { get; init; }
}

/// <summary>How deep an anchor lies.</summary>
public sealed record SettleStep : Step
{
    /// <summary>Deeper than any reorganisation that is watched for.</summary>
    public bool Settled { get; init; }

    /// <summary>A reorganisation took it away.</summary>
    public bool Moved { get; init; }

    /// <summary>Look again then.</summary>
    public DateTimeOffset Until { get; init; }

    /// <summary>Deposits whose evidence did not hold.</summary>
    public int Failed { get; init; }
}
