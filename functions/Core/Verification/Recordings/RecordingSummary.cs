using Notary.Evidence.Forensics;
using Notary.Evidence.Forensics.Captures;
using Notary.Verification.Forensics;

namespace Notary.Verification.Recordings;

/// <summary>The first of many, and how many there are.</summary>
public sealed record Listing<T>(IReadOnlyList<T> Listed, long Total)
{
    internal bool IsWhole => Total >= Listed.Count;
}

/// <summary>Frames that are missing, or a step of the clock.</summary>
/// <param name="Reason">As the format spells it.</param>
/// <param name="From">Microseconds since the first frame; of a clock's step since the first link.</param>
/// <param name="Length">Microseconds.</param>
public sealed record GapLine(string Reason, long From, long Length);

/// <summary>An authority's time over a head's checkpoint.</summary>
public sealed record HeadTime(string Authority, DateTimeOffset At);

/// <summary>A head that is in the log.</summary>
public sealed record HeadLine(long Link, Digest Head, IReadOnlyList<HeadTime> Times);

/// <summary>The longest stretch that stood before its head was in the log.</summary>
public sealed record ExposureLine(long Segment, long Length, bool Stamped);

/// <summary>A check of the desktop's cleanliness; long texts are cut, cleanliness.json has them whole.</summary>
public sealed record CheckLine(string Name, string Expected, string Found, string Verdict);

/// <summary>A file that was downloaded or brought in.</summary>
public sealed record FileLine(string Name, string Origin, string? Address, DateTimeOffset At, long Size, Digest Digest);

/// <summary>A mark. <paramref name="Picture"/> is the sealed picture's digest, <paramref name="Shown"/> that of its small copy on the letter's page.</summary>
public sealed record MarkLine(string Note, DateTimeOffset At, Digest? Picture, Digest? Shown);

/// <summary>What two views of a captured page do not have in common; kinds as docs/forensics-format.md §10 has them.</summary>
public sealed record DifferenceLine(string Kind, string Text);

/// <summary>How a captured page's views agree: agrees, differs, unknown; or unjudged, where the capture itself was not found good.</summary>
public sealed record ComparisonLine(string Verdict, Listing<DifferenceLine> Differences);

/// <summary>A captured page. <paramref name="Picture"/> is its sealed thumbnail's digest, <paramref name="Shown"/> that of what the letter's page
/// has. Letters from before they told of it have no <paramref name="Compared"/>.</summary>
public sealed record CaptureLine(
    long Number, string Address, DateTimeOffset At, long Files, Digest? Picture, Digest? Shown,
    [property: System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    ComparisonLine? Compared = null);

/// <summary>What a recording's package says, and how it was judged: as much of it as stands in a letter.</summary>
/// <param name="Session">Of the first link.</param>
/// <param name="Outcome">verified, failed or unjudged.</param>
/// <param name="Findings">Rung and code of what was not found good, each once.</param>
/// <param name="Head">SHA-256 of the last link.</param>
/// <param name="Links">Of the chain.</param>
/// <param name="Start">Of the recording.</param>
/// <param name="Connected">When the user's input first was; null for never.</param>
/// <param name="End">Of the recording: of its last link.</param>
/// <param name="Close">Why it ended; null when it was broken off.</param>
/// <param name="Screen">Width, height, frames a second.</param>
/// <param name="Segments">Sealed.</param>
/// <param name="Frames">Sealed.</param>
/// <param name="Length">Microseconds from the first frame to the last.</param>
/// <param name="Gaps">Which say so.</param>
/// <param name="Missing">Microseconds of all gaps that frames are missing in.</param>
/// <param name="Heads">In the log.</param>
/// <param name="FirstHead">The first.</param>
/// <param name="LastHead">The last.</param>
/// <param name="Longest">Null when no head could be judged.</param>
/// <param name="Measured">When the desktop was; null for never.</param>
/// <param name="Cleanliness">clean or refused.</param>
/// <param name="Checks">Of the report.</param>
/// <param name="Files">Downloaded or brought in.</param>
/// <param name="Marks">Of its user.</param>
/// <param name="Captures">Pages.</param>
public sealed record RecordingSummary(
    DepositId Session, string Outcome, IReadOnlyList<string> Findings, Digest Head, long Links, DateTimeOffset Start, DateTimeOffset? Connected,
    DateTimeOffset End, string? Close, string Screen, long Segments, long Frames, long Length, Listing<GapLine> Gaps, long Missing, long Heads,
    HeadLine? FirstHead, HeadLine? LastHead, ExposureLine? Longest, DateTimeOffset? Measured, string? Cleanliness, Listing<CheckLine> Checks,
    Listing<FileLine> Files, Listing<MarkLine> Marks, Listing<CaptureLine> Captures)
{
    /// <summary>Lines of a list: what a reader at a counter goes through; the package has all of them.</summary>
    private const int MaxGaps = 20, MaxFiles = 50, MaxPictures = 30, MaxFindings = 20, MaxDifferences = 10;

    /// <summary>Characters of a text in a table: a digest with its path, and an address as people still read it.</summary>
    private const int MaxText = 400;

    /// <summary>Reads a package that was judged.</summary>
    /// <param name="package">As it is.</param>
    /// <param name="report">What was found of it.</param>
    /// <param name="trust">Names the authorities.</param>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>: it has no first link.</exception>
    public static RecordingSummary Of(RecordingPackage package, ForensicsReport report, TrustRoots trust)
    {
        using var file = package.Read(ForensicsFormat.ChainFile, ForensicsFormat.MaxChain);
        var chain = ChainJudge.Read(file?.Bytes ?? default, new Findings());
        if (chain is not { First: { } first, Open: { } open })
            throw new FaultException(Fault.Malformed, "the recording has no first link");

        var (last, gaps, heads) = (chain.Links[^1], chain.Of<LinkBody.Gap>().Select(g => g.Body).ToList(), HeadsOf(package, chain));
        var checks = ChecksOf(package);
        using var dating = new Judges(trust);
        return new RecordingSummary(
            open.Session, Word(report.Outcome),
            [.. report.Findings.Where(f => f.Mark != Mark.Pass).Select(f => $"{Word(f.Rung)} {f.Code}").Distinct().Take(MaxFindings)],
            last.Head, chain.Links.Count, first.Written.At,
            chain.Of<LinkBody.Input>().FirstOrDefault(i => i.Body.Connected).Link?.Written.At, last.Link.Written.At,
            chain.Close is { } close ? Word(close.Reason) : null,
            string.Create(CultureInfo.InvariantCulture, $"{open.Screen.Width} × {open.Screen.Height}, {open.Screen.FramesPerSecond}"),
            report.Segments, report.Frames, report.Length,
            new([.. gaps.Take(MaxGaps).Select(g => new GapLine(Word(g.Reason), g.From, g.Length))], gaps.Count),
            gaps.Where(g => g.Reason != GapReason.ClockJump).Sum(g => g.Length),
            heads.Count, heads.Count > 0 ? Dated(package, heads[0], dating) : null, heads.Count > 0 ? Dated(package, heads[^1], dating) : null,
            report.Longest is { } longest ? new(longest.Segment, longest.Length, longest.Stamped) : null,
            chain.Of<LinkBody.Cleanliness>().FirstOrDefault().Link?.Written.At,
            chain.Of<LinkBody.Cleanliness>().FirstOrDefault().Body is { } measured ? measured.Clean ? "clean" : "refused" : null,
            new([.. checks.Select(c => new CheckLine(c.Name, Cut(c.Expected), Cut(c.Found), Word(c.Verdict)))], checks.Count),
            List(chain.Of<LinkBody.File>(), MaxFiles, (link, f) => new FileLine(
                f.Name, Word(f.Origin), f.Address is { } address ? Cut(address) : null, link.Written.At, f.Content.Part.Size, f.Content.Part.Digest)),
            List(chain.Of<LinkBody.Mark>(), MaxPictures, (link, m) => new MarkLine(m.Note, link.Written.At, m.Picture?.Part.Digest, null)),
            List(chain.Of<LinkBody.Capture>(), MaxPictures, (link, c) => new CaptureLine(
                c.Number, Cut(c.Address), link.Written.At, c.Files.Count, Thumbnail(c)?.Part.Digest, null, Compared(package, report, link, c))));
    }

    /// <summary>The small pictures that a letter may show, marks' first: by the digest that their links seal.</summary>
    /// <param name="package">Has them.</param>
    /// <param name="most">Bytes of one.</param>
    public static IEnumerable<(Digest Digest, byte[] Bytes)> PicturesOf(RecordingPackage package, int most)
    {
        using var file = package.Read(ForensicsFormat.ChainFile, ForensicsFormat.MaxChain);
        var chain = ChainJudge.Read(file?.Bytes ?? default, new Findings());
        var parts = chain.Of<LinkBody.Mark>().Take(MaxPictures)
            .Select(m => m.Body.Picture is { } picture ? picture with { Name = ForensicsFormat.Picture(picture.Name) } : null)
            .Concat(chain.Of<LinkBody.Capture>().Take(MaxPictures).Select(c => Thumbnail(c.Body))).OfType<NamedPart>();
        foreach (var part in parts)
        {
            using var picture = package.Read(part.Name, most);
            if (picture is not null && Digest.Of(picture.Bytes.Span) == part.Part.Digest)
                yield return (part.Part.Digest, picture.Bytes.ToArray());
        }
    }

    /// <summary>The same with the pictures that are shown.</summary>
    /// <param name="shown">Digests of what stands in the PDF, by those that links seal.</param>
    public RecordingSummary With(IReadOnlyDictionary<Digest, Digest> shown)
    {
        Digest? Of(Digest? picture) => picture is { } sealedOne && shown.TryGetValue(sealedOne, out var digest) ? digest : null;
        return this with
        {
            Marks = Marks with { Listed = [.. Marks.Listed.Select(m => m with { Shown = Of(m.Picture) })] },
            Captures = Captures with { Listed = [.. Captures.Listed.Select(c => c with { Shown = Of(c.Picture) })] },
        };
    }

    private static NamedPart? Thumbnail(LinkBody.Capture capture)
        => capture.Files.FirstOrDefault(f => f.Name.EndsWith("/thumbnail.jpg", StringComparison.Ordinal));

    /// <summary>By the capture's own report, if that was found to be the one that its files give.</summary>
    private static ComparisonLine Compared(RecordingPackage package, ForensicsReport judged, Link link, LinkBody.Capture capture)
    {
        var name = CaptureFormat.File(capture.Number, CaptureFormat.Report);
        using var file = package.Read(name, CaptureFormat.MaxReport);
        if (file is null || !judged.Findings.Any(f => (f.Rung, f.Mark, f.Place) == (ForensicsRung.Captures, Mark.Pass, new Place(link.N, File: name))))
            return new ComparisonLine("unjudged", new([], 0));

        var found = CaptureReport.Parse(file.Bytes.Span).Reconciliation;
        return new ComparisonLine(Word(found.Verdict), new(
            [.. found.Differences.Take(MaxDifferences).Select(d => new DifferenceLine(Word(d.Kind), Cut(d.Text)))], found.Differences.Count + found.More));
    }

    private static Listing<TLine> List<TBody, TLine>(IEnumerable<(Link Link, TBody Body)> all, int most, Func<Link, TBody, TLine> line)
    {
        var found = all.ToList();
        return new([.. found.Take(most).Select(f => line(f.Link, f.Body))], found.Count);
    }

    private static IReadOnlyList<CleanlinessCheck> ChecksOf(RecordingPackage package)
    {
        using var file = package.Read(ForensicsFormat.Cleanliness, ForensicsFormat.MaxCleanliness);
        try
        {
            return file is null ? [] : CleanlinessReport.Parse(file.Bytes.Span).Checks;
        }
        catch (FaultException)
        {
            // The judgement says so.
            return [];
        }
    }

    private static List<ReadLink> HeadsOf(RecordingPackage package, ReadChain chain)
        => [.. chain.Links.Where(l => package.Has(ForensicsFormat.Statement(l.Link.N)))];

    private static HeadLine Dated(RecordingPackage package, ReadLink head, Judges judges)
    {
        var times = new List<HeadTime>();
        using var proof = package.Read(ForensicsFormat.Proof(head.Link.N), TlogProof.MaxLength);
        try
        {
            var imprint = Digest.Of(Encoding.UTF8.GetBytes(TlogProof.Parse(Encoding.UTF8.GetString((proof?.Bytes ?? default).Span)).CheckpointNote));
            for (var number = 1; number <= 2; number++)
            {
                using var token = package.Read(ForensicsFormat.Token(head.Link.N, number), TokenResponse.MaxBytes);
                ReadOnlyMemory<byte> response = token?.Bytes.ToArray() ?? [];
                times.AddRange(judges.Authorities.Select(a => (a.Key, Check: a.Value.CheckResponse(response, imprint)))
                    .Where(a => a.Check.GenTime is not null).Take(1).Select(a => new HeadTime(a.Key, Milliseconds(a.Check.GenTime!.Value))));
            }
        }
        catch (FaultException)
        {
            // Likewise.
        }

        return new HeadLine(head.Link.N, head.Head, times);
    }

    // As far as facts have digits.
    private static DateTimeOffset Milliseconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());

    private static string Cut(string text)
        => text.Length <= MaxText ? text : string.Concat(text.AsSpan(0, MaxText - (char.IsHighSurrogate(text[MaxText - 1]) ? 1 : 0)), "…");

    private static string Word<T>(T value) where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}
