namespace Notary.Cli;

/// <summary>A head that somebody fixed: the hash of the entry with a number.</summary>
/// <param name="At">When it was deposited; null for one that the auditor brings himself.</param>
internal sealed record TrailHead(string Where, long Number, string Hash, DateTimeOffset? At);

/// <summary>The chain of entries, walked over once in either direction, and the heads that were fixed of it.</summary>
internal sealed class TrailChain(IReadOnlyList<TrailHead> heads, Findings findings)
{
    /// <summary>How long an entry may be in no deposited head: a day, and one more for an outage.</summary>
    private static readonly TimeSpan MaxUncovered = TimeSpan.FromDays(2);

    private readonly ILookup<long, TrailHead> byNumber = heads.ToLookup(h => h.Number);
    private readonly HashSet<TrailHead> met = [];
    private readonly long covered = heads.Where(h => h.At is not null).Select(h => h.Number).DefaultIfEmpty(0).Max();
    private TrailLine? oldest, newest, uncovered, last;

    /// <summary>The newest entry that was met.</summary>
    public TrailLine? Newest => newest;

    /// <summary>The next entry of the walk, newest first or oldest first throughout.</summary>
    public void Add(TrailLine line, bool newestFirst)
    {
        if (last is { } before)
            Link(newestFirst ? line : before, newestFirst ? before : line);

        last = line;
        newest = newest is null || line.Number > newest.Number ? line : newest;
        oldest = oldest is null || line.Number < oldest.Number ? line : oldest;
        if (line.Number > covered && (uncovered is null || line.Number < uncovered.Number))
            uncovered = line;

        foreach (var head in byNumber[line.Number])
        {
            met.Add(head);
            if (head.Hash != line.Hash.ToString())
                findings.Add("T3", line.Where, "head-differs", $"entry {line.Number} is not the one whose hash was fixed by {head.Where}");
        }
    }

    /// <summary>What only the whole walk tells.</summary>
    /// <param name="fromTheFirst">Whether the walk had to begin with the first entry.</param>
    /// <param name="now">The auditor's clock; null when nothing newer can be expected.</param>
    public void End(bool fromTheFirst, DateTimeOffset? now)
    {
        if (fromTheFirst && oldest is not null && (oldest.Number != 1 || oldest.Previous != TrailLine.None))
            findings.Add("T2", oldest.Where, "beginning-missing", $"the trail begins with entry {oldest.Number}, not with the first");

        foreach (var head in heads.Where(h => !met.Contains(h) && (fromTheFirst || h.Number >= (oldest?.Number ?? 0))))
        {
            var beyond = head.Number > (newest?.Number ?? 0);
            findings.Add("T3", head.Where, beyond ? "tail-missing" : "entry-missing",
                beyond ? $"entry {head.Number} was there, and the trail ends with {newest?.Number ?? 0}" : $"entry {head.Number} was there and is not");
        }

        if (now is { } time && uncovered is { } open && time - open.At > MaxUncovered)
            findings.Add("T4", open.Where, "head-overdue", $"entry {open.Number} is older than two days, and no head that covers it was deposited");
    }

    private void Link(TrailLine older, TrailLine newer)
    {
        if (newer.Number != older.Number + 1)
            findings.Add("T2", newer.Where, "number-gap", $"after entry {older.Number} comes {newer.Number}");
        else if (newer.Previous != older.Hash.ToString())
            findings.Add("T2", newer.Where, "chain-broken", $"entry {newer.Number} does not follow entry {older.Number} as it is now");
    }
}
