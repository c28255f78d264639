using Notary.Evidence.Forensics;

namespace Notary.Verification.Forensics;

/// <summary>Judges recordings of desktops from their bytes and trust roots alone (docs/forensics-format.md §8). One instance for many.</summary>
/// <remarks>
/// 1. The chain and its signatures. 2. Every segment whole, on all processors. 3. What passes from one to the next. 4. Cleanliness.
/// 5. Heads and times. 6. Files, captured pages, and what nobody speaks of. 7. The end. Whatever a package holds, the answer is a report.
/// </remarks>
public sealed class ForensicsVerifier : IDisposable
{
    /// <summary>Segments in memory at once: each may have <see cref="ForensicsFormat.MaxVideo"/> bytes.</summary>
    private const int MaxAtOnce = 8;

    private readonly Judges? judges;
    private readonly TimeSpan? mostExposed;

    /// <param name="trust">The reader's own trust roots; null when he has none: then heads and times are not judged.</param>
    /// <param name="mostExposed">The longest that any of a recording may have stood before its head was in the log; null where the reader sets no
    /// bound.</param>
    public ForensicsVerifier(TrustRoots? trust, TimeSpan? mostExposed = null)
        => (judges, this.mostExposed) = (trust is null ? null : new Judges(trust), mostExposed);

    /// <param name="package">Must not change meanwhile.</param>
    /// <param name="progress">Told how many segments were judged; may be called on any thread.</param>
    /// <param name="cancel">Ends it.</param>
    public ForensicsReport Verify(RecordingPackage package, IProgress<(long Done, long Total)>? progress, CancellationToken cancel)
    {
        var findings = new Findings();

        // 1.
        var chain = Chain(package, findings);
        ChainJudge.Judge(chain, findings);
        ChainJudge.Signatures(chain, findings);

        // 2.
        var segments = Segments(chain, package, progress, findings, cancel);

        // 3 to 7.
        ContinuityJudge.Judge(chain, segments, findings);
        CleanlinessJudge.Judge(chain, package, findings);
        var longest = new HeadJudge(chain, package, judges, mostExposed, findings).Judge();
        ContentJudge.Files(chain, package, findings);
        CaptureJudge.Judge(chain, package, findings, cancel);
        ContentJudge.Names(chain, package, findings);
        ContentJudge.Close(chain, findings);
        return new ForensicsReport(findings.InOrder())
        {
            Session = chain.Open?.Session,
            Segments = segments.Count,
            Frames = segments.Sum(s => s.Body.Frames.Count),
            Length = segments.Count > 0 ? segments[^1].Body.Last - segments[0].Body.First : 0,
            Gaps = [.. chain.Of<LinkBody.Gap>().Select(g => g.Body)],
            Longest = longest,
        };
    }

    public void Dispose() => judges?.Dispose();

    private static ReadChain Chain(RecordingPackage package, Findings findings)
    {
        try
        {
            using var file = package.Read(ForensicsFormat.ChainFile, ForensicsFormat.MaxChain);
            return ChainJudge.Read(file?.Bytes ?? default, findings);
        }
        catch (InvalidDataException)
        {
            return new ReadChain([], false);
        }
    }

    private static IReadOnlyList<(Link Link, LinkBody.Segment Body, JudgedSegment Judged)> Segments(
        ReadChain chain, RecordingPackage package, IProgress<(long, long)>? progress, Findings findings, CancellationToken cancel)
    {
        var segments = chain.Of<LinkBody.Segment>().ToList();
        if (chain.Open is not { } open || segments.Count == 0)
        {
            findings.Unknown(ForensicsRung.Segments, default, "no-segments", "nothing was recorded, or it cannot be read");
            findings.Unknown(ForensicsRung.Frames, default, "no-segments", "nothing was recorded, or it cannot be read");
            return [];
        }

        var (starts, judged, judge, done) = (new long[segments.Count], new JudgedSegment[segments.Count], new SegmentJudge(package, open.Screen), 0L);
        for (var i = 1; i < segments.Count; i++)
            starts[i] = starts[i - 1] + segments[i - 1].Body.Frames.Count;

        // The first one's first frame is where all times begin.
        Judge(0, null);
        (long, uint)? first = judged[0] is { Origin: { } origin, Timescale: var timescale } ? (origin, timescale) : null;
        var options = new ParallelOptions { MaxDegreeOfParallelism = Math.Min(MaxAtOnce, Environment.ProcessorCount), CancellationToken = cancel };
        Parallel.For(1, segments.Count, options, i => Judge(i, first));

        var numbers = segments.Select((s, i) => (s.Link, s.Body, Expected: i)).Where(s => s.Body.Number != s.Expected).Take(1);
        foreach (var (link, body, expected) in numbers)
            findings.Fail(ForensicsRung.Segments, new Place(link.N, body.Number), "segment-order",
                $"segment {body.Number} is sealed where segment {expected} should be");

        foreach (var finding in judged.SelectMany(j => j.Findings))
            findings.Add(finding);

        var sound = judged.All(j => j.Leaps is not null) && findings.Clear(ForensicsRung.Frames);
        if (chain.Close is null && judge.JudgeUnsealed(segments[^1].Body.Number + 1, starts[^1] + segments[^1].Body.Frames.Count) is { } unsealed)
            findings.Add(unsealed);

        if (findings.Clear(ForensicsRung.Segments))
            findings.Pass(ForensicsRung.Segments, default,
                $"video, frames and events of all {segments.Count} segments are as they were sealed, {segments.Sum(s => s.Body.Video.Size)} bytes of video");

        if (sound)
            findings.Pass(ForensicsRung.Frames, default,
                $"each of {segments.Sum(s => s.Body.Frames.Count)} frames is the one in the list, and each segment begins with a key frame");
        else if (findings.Clear(ForensicsRung.Frames))
            findings.Unknown(ForensicsRung.Frames, default, "not-read", "the frames of a segment could not be read");

        return [.. segments.Select((s, i) => (s.Link, s.Body, judged[i]))];

        void Judge(int i, (long, uint)? first)
        {
            var (link, body) = segments[i];
            judged[i] = judge.Judge(link.N, link.Written.Elapsed, body, starts[i], first);
            progress?.Report((Interlocked.Increment(ref done), segments.Count));
        }
    }
}
