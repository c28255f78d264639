using Notary.Evidence.Forensics;

namespace Notary.Verification.Forensics;

/// <summary>No time is missing but what a gap says, frames pass as fast as the recorder's clock, and that clock and the wall's move together.</summary>
internal static class ContinuityJudge
{
    private const ForensicsRung Rung = ForensicsRung.Continuity;

    /// <param name="chain">As read.</param>
    /// <param name="segments">In the chain's order, with what their bytes show.</param>
    /// <param name="findings">Takes what is found.</param>
    public static void Judge(ReadChain chain, IReadOnlyList<(Link Link, LinkBody.Segment Body, JudgedSegment Judged)> segments, Findings findings)
    {
        if (chain.Open is not { } open)
        {
            findings.Unknown(Rung, default, "no-screen", "there is no first link that says how many frames a second there are");
            return;
        }

        Gaps(chain, segments, ForensicsFormat.Interval(open.Screen.FramesPerSecond), findings);
        Speed(segments, findings);
        Clock(chain, segments, findings);
        Tail(chain, segments, findings);
        if (findings.Clear(Rung) && segments.Count > 0)
            findings.Pass(Rung, default, "no frame is late without a gap that says so, and frames, clock and wall clock pass alike");
    }

    private static void Gaps(
        ReadChain chain, IReadOnlyList<(Link Link, LinkBody.Segment Body, JudgedSegment Judged)> segments, long interval, Findings findings)
    {
        var said = chain.Of<LinkBody.Gap>().Where(g => g.Body.Reason != GapReason.ClockJump).ToList();
        var (times, shown) = (said.Select(g => (g.Body.From, g.Body.To)).ToHashSet(), new HashSet<(long, long)>());
        var frames = 0L;
        LinkBody.Segment? before = null;
        foreach (var (link, body, judged) in segments)
        {
            var place = new Place(link.N, body.Number);
            if (before is not null && (body.First <= before.Last || body.First - before.Last > ForensicsFormat.GapIntervals * interval))
                Leap(new Leap(frames, before.Last, body.First), place);

            var missing = 0L;
            foreach (var leap in judged.Leaps ?? [])
            {
                Leap(leap, place);
                missing += Math.Max(0, leap.To - leap.From);
            }

            if (judged.Leaps is not null && body.Last - body.First - missing > ForensicsFormat.MaxSegment)
                findings.Fail(Rung, place, "segment-long",
                    $"the segment has {Seconds(body.Last - body.First)} s, more than {Seconds(ForensicsFormat.MaxSegment)}");

            frames += body.Frames.Count;
            before = body;
        }

        foreach (var (link, gap) in said)
        {
            // Where it broke off, or ended broken, the frames after the gap were not sealed any more.
            if (chain.Close is null or { Reason: CloseReason.Broken } && gap.From >= (before?.Last ?? 0))
                continue;

            // Of a segment that cannot be read nobody knows what its frames would show.
            if (shown.Contains((gap.From, gap.To)) && gap.Length == gap.To - gap.From)
                findings.Pass(Rung, new Place(link.N), $"a gap of {Seconds(gap.Length)} s after {Seconds(gap.From)} s ({Word(gap.Reason)}), sealed as one");
            else if (shown.Contains((gap.From, gap.To)) || !segments.Any(s => s.Judged.Leaps is null && gap.From >= s.Body.First && gap.To <= s.Body.Last))
                findings.Fail(Rung, new Place(link.N), "gap-invented",
                    $"a gap of {gap.Length} µs from {gap.From} to {gap.To} is sealed, and the frames show none");
        }

        void Leap(Leap leap, Place place)
        {
            if (leap.To <= leap.From)
                findings.Fail(Rung, place with { Frame = leap.Frame }, "time-back", $"frame {leap.Frame} is not later than the one before");
            else if (!shown.Add((leap.From, leap.To)) || !times.Contains((leap.From, leap.To)))
                findings.Fail(Rung, place with { Frame = leap.Frame }, "gap-silent",
                    $"{Seconds(leap.To - leap.From)} s are missing before frame {leap.Frame}, and no gap was sealed");
        }
    }

    // Frames come late while a machine is busy, and catch up. That they come earlier than ever, or stay later, means that they pass more slowly
    // than the clock, or faster.
    private static void Speed(IReadOnlyList<(Link Link, LinkBody.Segment Body, JudgedSegment Judged)> segments, Findings findings)
    {
        var frames = segments.SelectMany(s => ((long N, long Segment, long Time, long Elapsed)[])[
            (s.Link.N, s.Body.Number, s.Body.First, s.Body.FirstArrival.Elapsed), (s.Link.N, s.Body.Number, s.Body.Last, s.Body.LastArrival.Elapsed)]).ToList();
        var later = new long[frames.Count + 1];
        later[^1] = long.MaxValue;
        for (var i = frames.Count - 1; i >= 0; i--)
            later[i] = Math.Min(later[i + 1], frames[i].Elapsed - frames[i].Time - Drift(frames[i].Elapsed));

        var (least, soonest) = (long.MaxValue / 2, long.MaxValue / 2);
        for (var i = 0; i < frames.Count; i++)
        {
            var (n, segment, time, elapsed) = frames[i];
            var (late, drift) = (elapsed - time, Drift(elapsed));
            if (i > 0 && (soonest - late - drift > ForensicsFormat.SpeedTolerance || later[i] - least > ForensicsFormat.SpeedTolerance))
            {
                findings.Fail(Rung, new Place(n, segment), "speed",
                    $"the frame at {Seconds(time)} s came when the clock said {Seconds(elapsed)}: frames pass faster or more slowly than it");
                (least, soonest) = (long.MaxValue / 2, long.MaxValue / 2);
            }

            (least, soonest) = (Math.Min(least, late - drift), Math.Min(soonest, late + drift));
        }
    }

    private static long Drift(long elapsed) => elapsed / ForensicsFormat.Second * ForensicsFormat.DriftPerMillion;

    private static void Clock(ReadChain chain, IReadOnlyList<(Link Link, LinkBody.Segment Body, JudgedSegment Judged)> segments, Findings findings)
    {
        var jumps = chain.Of<LinkBody.Gap>().Select(g => g.Body).Where(g => g.Reason == GapReason.ClockJump).OrderBy(g => g.To).ToList();
        var looks = chain.Links.Select(l => (l.Link.N, l.Link.Written))
            .Concat(segments.SelectMany(s => ((long, Arrival)[])[(s.Link.N, s.Body.FirstArrival), (s.Link.N, s.Body.LastArrival)]))
            .OrderBy(l => l.Item2.Elapsed).ToList();
        var (passed, jumped, before) = (0, 0L, (Offset: 0L, Elapsed: 0L));
        for (var i = 0; i < looks.Count; i++)
        {
            var (n, look) = looks[i];
            for (; passed < jumps.Count && jumps[passed].To <= look.Elapsed; passed++)
                jumped += jumps[passed].Length;

            // While a jump is on, it may have happened or not.
            var offset = (look.At.UtcTicks / TimeSpan.TicksPerMicrosecond) - look.Elapsed - jumped;
            var during = jumps.Skip(passed).Where(j => j.From <= look.Elapsed).Sum(j => j.Length);
            if (i > 0 && Math.Abs(offset - during - before.Offset) < Math.Abs(offset - before.Offset))
                offset -= during;

            var may = ForensicsFormat.ClockTolerance + Drift(look.Elapsed - before.Elapsed);
            if (i > 0 && Math.Abs(offset - before.Offset) > may)
                findings.Fail(Rung, new Place(n), "clock",
                    $"the wall clock moved by {Seconds(offset - before.Offset)} s against the elapsed time, and no gap says so");

            before = (offset, look.Elapsed);
        }

        foreach (var jump in jumps)
            findings.Pass(Rung, default, $"the wall clock jumped by {Seconds(jump.Length)} s after {Seconds(jump.From)} s, sealed as a gap");
    }

    private static void Tail(ReadChain chain, IReadOnlyList<(Link Link, LinkBody.Segment Body, JudgedSegment Judged)> segments, Findings findings)
    {
        if (segments.Count == 0 || chain.Close is not { Reason: not CloseReason.Broken })
            return;

        var (tail, last) = (chain.Links[^1].Link.Written.Elapsed - segments[^1].Body.LastArrival.Elapsed, segments[^1]);
        if (tail > ForensicsFormat.MaxTail)
            findings.Fail(Rung, new Place(last.Link.N, last.Body.Number), "tail", $"the session went on for {Seconds(tail)} s after its last frame");
    }

    internal static string Seconds(long microseconds) => (microseconds / 1e6).ToString("0.0##", CultureInfo.InvariantCulture);

    internal static string Word<T>(T value) where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}
