using Notary.Evidence.Forensics;

namespace Notary.Verification.Forensics;

/// <summary>The rungs of a recording's ladder, in the order in which they are judged (docs/forensics-format.md §8).</summary>
public enum ForensicsRung
{
    /// <summary>The folder or zip itself: nothing extra, nothing twice.</summary>
    Package,

    /// <summary>Every link follows from the one before.</summary>
    Chain,

    /// <summary>The session's key signed every link.</summary>
    Signatures,

    /// <summary>Video, frames and events of every segment are those that were sealed.</summary>
    Segments,

    /// <summary>Every frame of the video is the one in the list.</summary>
    Frames,

    /// <summary>No time is missing but what a gap says, and none runs faster or slower.</summary>
    Continuity,

    /// <summary>The desktop was measured, clean, and this was sealed before its user could touch it.</summary>
    Cleanliness,

    /// <summary>The chain's heads are in the platform's log.</summary>
    Heads,

    /// <summary>Time-stamps over the log's checkpoints date the heads.</summary>
    Times,

    /// <summary>Files, captures and marks' pictures are those that were sealed.</summary>
    Files,

    /// <summary>Captured pages are what their reports say, and these say how their views agree.</summary>
    Captures,

    /// <summary>The chain has its end, and that counts what there is.</summary>
    Close,
}

/// <summary>Where something is wrong: as much of it as is known.</summary>
/// <param name="Link">Number of a link.</param>
/// <param name="Segment">Number of a segment.</param>
/// <param name="Frame">Number of a frame, through all segments.</param>
/// <param name="File">Name in the package.</param>
public readonly record struct Place(long? Link = null, long? Segment = null, long? Frame = null, string? File = null)
{
    public override string ToString()
    {
        string?[] parts = [Segment is { } s ? $"segment {s}" : null, Frame is { } f ? $"frame {f}" : null, Link is { } l ? $"link {l}" : null, File];
        return parts.Any(p => p is not null) ? string.Join(", ", parts.Where(p => p is not null)) : "recording";
    }
}

/// <summary>One judgement.</summary>
/// <param name="Rung">Of the ladder.</param>
/// <param name="Place">Where.</param>
/// <param name="Mark">How it ended.</param>
/// <param name="Code">Stable, in kebab case (docs/forensics-format.md §8).</param>
/// <param name="Reason">One sentence a lawyer can read.</param>
public sealed record ForensicsFinding(ForensicsRung Rung, Place Place, Mark Mark, string Code, string Reason);

/// <summary>A stretch of the recording from its first frame until the log held a head that covers it.</summary>
/// <param name="Segment">The stretch.</param>
/// <param name="Length">Microseconds.</param>
/// <param name="Stamped">Measured to an authority's time-stamp; else by the recorder's own clock, to the link that was logged.</param>
/// <param name="From">When it begins, by the recorder's clock.</param>
public sealed record Exposure(long Segment, long Length, bool Stamped, DateTimeOffset From)
{
    /// <summary>When it ends.</summary>
    public DateTimeOffset To => From.AddMicroseconds(Length);
}

/// <summary>All judgements of a recording, in the ladder's order.</summary>
public sealed record ForensicsReport(IReadOnlyList<ForensicsFinding> Findings)
{
    /// <summary>Null when no first link could be read.</summary>
    public DepositId? Session { get; init; }

    public long Segments { get; init; }

    public long Frames { get; init; }

    /// <summary>Microseconds from the first frame to the last.</summary>
    public long Length { get; init; }

    /// <summary>What is missing and says so.</summary>
    public IReadOnlyList<LinkBody.Gap> Gaps { get; init; } = [];

    /// <summary>The longest; null when no head could be judged.</summary>
    public Exposure? Longest { get; init; }

    public Outcome Outcome => Findings.Any(f => f.Mark == Mark.Fail) ? Outcome.Failed
        : Findings.Any(f => f.Mark == Mark.Unknown) ? Outcome.Unjudged : Outcome.Verified;
}

/// <summary>Judgements while they are made. One thread.</summary>
internal sealed class Findings
{
    /// <summary>Judgements of a rung that are kept one by one: a list of thousands tells nobody more, and fills memory.</summary>
    private const int MaxOfRung = 100;

    private readonly List<ForensicsFinding> all = [];
    private readonly Dictionary<ForensicsRung, int> listed = [], more = [];

    public void Pass(ForensicsRung rung, Place place, string reason) => Add(new(rung, place, Mark.Pass, "ok", reason));

    public void Warn(ForensicsRung rung, Place place, string code, string reason) => Add(new(rung, place, Mark.Warn, code, reason));

    public void Fail(ForensicsRung rung, Place place, string code, string reason) => Add(new(rung, place, Mark.Fail, code, reason));

    public void Unknown(ForensicsRung rung, Place place, string code, string reason) => Add(new(rung, place, Mark.Unknown, code, reason));

    public void Add(ForensicsFinding finding)
    {
        var full = listed.GetValueOrDefault(finding.Rung) >= MaxOfRung && (finding.Mark != Mark.Fail || Failed(finding.Rung));
        var counted = full ? more : listed;
        counted[finding.Rung] = counted.GetValueOrDefault(finding.Rung) + 1;
        if (!full)
            all.Add(finding);
    }

    public bool Failed(ForensicsRung rung) => all.Any(f => f.Rung == rung && f.Mark == Mark.Fail);

    /// <summary>Whether nothing of the rung is failed or unknown.</summary>
    public bool Clear(ForensicsRung rung) => all.All(f => f.Rung != rung || f.Mark is Mark.Pass or Mark.Warn);

    public IReadOnlyList<ForensicsFinding> InOrder()
    {
        foreach (var (rung, count) in more)
            all.Add(new(rung, default, Failed(rung) ? Mark.Fail : Mark.Unknown, "more", $"{count} judgements more of this rung are not listed"));

        return [.. all.OrderBy(f => f.Mark != Mark.Warn).ThenBy(f => f.Rung)];
    }
}
