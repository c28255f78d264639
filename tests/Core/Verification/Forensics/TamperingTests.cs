using Notary.Evidence.Forensics;
using Notary.Servers.Forensics;
using Notary.Verification.Forensics;
using static Notary.Evidence.Forensics.ForensicsFormat;

namespace Notary.Verification.Tests.Forensics;

/// <summary>What somebody may do to a recording, without its key and with it: each is found, and where.</summary>
[TestClass]
public sealed partial class TamperingTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "forensics-format.md"));

    private static RecordingBed bed = null!;

    private static Recording Honest => bed.Honest;

    [ClassInitialize]
    public static async Task MakeAsync(TestContext _) => bed = await RecordingBed.MakeAsync();

    [ClassCleanup]
    public static async Task EndAsync() => await bed.DisposeAsync();

    [TestMethod]
    public void An_honest_recording_is_verified()
    {
        var report = bed.Judge(Honest.Files);
        Assert.AreEqual(Outcome.Verified, report.Outcome, RecordingBed.Text(report));
        Assert.AreEqual((3L, 120L), (report.Segments, report.Frames));
        Assert.HasCount(1, report.Gaps);
        Assert.IsEmpty(bed.Independent.Ask(Honest.Files));
        Assert.IsTrue(report.Longest is { Stamped: true, Length: > 4_000_000 and < 10_000_000 }, $"{report.Longest}");
        foreach (var rung in Enum.GetValues<ForensicsRung>())
            Assert.IsTrue(report.Findings.Any(f => f.Rung == rung && f.Mark == Mark.Pass), $"{rung}");
    }

    [TestMethod]
    public void A_segment_deleted()
    {
        var gone = Honest.With((Video(1), null), (FrameList(1), null), (Events(1), null));
        Found(gone, ForensicsRung.Segments, "video-missing", segment: 1);

        var lines = Honest.Lines;
        lines.RemoveAt((int)bed.LinkOf(1).N);
        gone[ChainFile] = Recording.OfLines(lines);
        Found(gone, ForensicsRung.Chain, "link-missing", link: bed.LinkOf(1).N);
    }

    [TestMethod]
    public void A_segment_doubled()
    {
        var lines = Honest.Lines;
        lines.Insert((int)bed.LinkOf(1).N, lines[(int)bed.LinkOf(1).N]);
        Found(Honest.With((ChainFile, Recording.OfLines(lines))), ForensicsRung.Chain, "link-order", link: bed.LinkOf(1).N);
        var twice = Honest.With((Video(2), Honest.Files[Video(1)]), (FrameList(2), Honest.Files[FrameList(1)]), (Events(2), Honest.Files[Events(1)]));
        Found(twice, ForensicsRung.Segments, "video-changed", segment: 2);
        Found(twice, ForensicsRung.Frames, "frame-differs", segment: 2, frame: 80);
        var added = Honest.With((Video(3), Honest.Files[Video(1)]));
        Assert.IsTrue(Failing(added, ForensicsRung.Package, "member-unknown").Any(f => f.Place.File == Video(3)));
    }

    [TestMethod]
    public void Two_segments_swapped()
    {
        var swapped = Honest.With((Video(0), Honest.Files[Video(1)]), (Video(1), Honest.Files[Video(0)]));
        Found(swapped, ForensicsRung.Segments, "video-changed", segment: 0);
        Found(swapped, ForensicsRung.Segments, "video-changed", segment: 1);
        var lines = Honest.Lines;
        var (a, b) = ((int)bed.LinkOf(0).N, (int)bed.LinkOf(1).N);
        (lines[a], lines[b]) = (lines[b], lines[a]);
        Found(Honest.With((ChainFile, Recording.OfLines(lines))), ForensicsRung.Chain, "link-order", link: a);
    }

    [TestMethod]
    public async Task A_segment_encoded_again()
    {
        var shape = new RecordingShape { Session = Session(Honest) };
        var other = await bed.RecordAsync(shape, bed.Other);
        Found(Honest.With((Video(1), other.Files[Video(1)])), ForensicsRung.Segments, "video-changed", segment: 1);

        // With its list: then only the link tells. With the link signed by the recorder's own key: then only the head in the log does.
        var both = Honest.With((Video(1), other.Files[Video(1)]), (FrameList(1), other.Files[FrameList(1)]));
        Found(both, ForensicsRung.Segments, "frames-changed", segment: 1);
        var forged = (LinkBody.Segment)other.Links.First(l => l.Body is LinkBody.Segment { Number: 1 }).Body;
        both[ChainFile] = Recording.Resign(Honest.Links.Select(l => l.Body is LinkBody.Segment { Number: 1 } s
            ? l with { Body = s with { Video = forged.Video, Frames = forged.Frames } } : l), Honest.Key);
        Found(both, ForensicsRung.Heads, "head-differs", link: bed.LinkOf(1).N);
        Assert.IsEmpty(bed.Judge(both).Findings.Where(f => f.Mark != Mark.Pass && f.Rung is not (ForensicsRung.Heads or ForensicsRung.Times)));
    }

    [TestMethod]
    public async Task A_segment_that_passes_faster()
    {
        var busy = await bed.RecordAsync(new RecordingShape { Backlog = (1, 3_000_000) });
        var report = bed.Judge(busy.Files);
        Assert.AreEqual(Outcome.Verified, report.Outcome, RecordingBed.Text(report));
        Assert.IsEmpty(bed.Independent.Ask(busy.Files));

        var fast = await bed.RecordAsync(new RecordingShape { Faster = (1, 4), Pauses = [] });
        Found(fast.Files, ForensicsRung.Continuity, "speed", segment: 1);
        Assert.IsTrue(bed.Judge(fast.Files).Findings.All(f => f.Mark == Mark.Pass || f.Rung == ForensicsRung.Continuity));
        Found(Honest.With((Video(0), fast.Files[Video(1)]), (FrameList(0), fast.Files[FrameList(1)])), ForensicsRung.Segments, "video-changed", segment: 0);
    }

    [TestMethod]
    public async Task A_segment_of_another_session()
    {
        var other = await bed.RecordAsync(new RecordingShape());
        var spliced = Honest.With((Video(2), other.Files[Video(2)]), (FrameList(2), other.Files[FrameList(2)]), (Events(2), other.Files[Events(2)]));
        var lines = Honest.Lines;
        var at = (int)bed.LinkOf(2).N;
        lines[at] = other.Lines[at];
        spliced[ChainFile] = Recording.OfLines(lines);
        Found(spliced, ForensicsRung.Signatures, "signature", link: at);
        Found(spliced, ForensicsRung.Chain, "link-differs", link: at);
    }

    [TestMethod]
    public void A_frame_replaced()
    {
        // The picture's bytes, of the same length, in the middle of the segment's 20th frame.
        var video = Honest.Files[Video(1)].ToArray();
        var at = 0;
        for (var frame = 40; frame <= 59; frame++)
            at += video.AsSpan(at).IndexOf("mdat"u8) + 4;

        video[at + 20] ^= 1;
        Found(Honest.With((Video(1), video)), ForensicsRung.Frames, "frame-differs", segment: 1, frame: 59);
        Found(Honest.With((Video(1), video)), ForensicsRung.Segments, "video-changed", segment: 1);
    }

    [TestMethod]
    public void An_event_removed()
    {
        var events = Encoding.UTF8.GetString(Honest.Files[Events(2)]).Split('\n');
        var without = Encoding.UTF8.GetBytes(events[0] + "\n");
        Found(Honest.With((Events(2), without)), ForensicsRung.Segments, "events-changed", segment: 2);
        Found(Honest.With((Events(2), without)), ForensicsRung.Segments, "events-differ", segment: 2);
    }

    [TestMethod]
    public async Task A_gap_removed_or_invented()
    {
        var silent = await bed.RecordAsync(new RecordingShape { Pauses = [new Pause(60, 3_000_000, null)] });
        Found(silent.Files, ForensicsRung.Continuity, "gap-silent", segment: 1, frame: 60);
        var between = await bed.RecordAsync(new RecordingShape { Pauses = [new Pause(80, 3_000_000, null)] });
        Found(between.Files, ForensicsRung.Continuity, "gap-silent", segment: 2, frame: 80);
        var invented = await bed.RecordAsync(new RecordingShape { Invented = new LinkBody.Gap(GapReason.Restarted, 4_000_000, 9_000_000, 5_000_000) });
        Found(invented.Files, ForensicsRung.Continuity, "gap-invented", link: invented.Links.Last(l => l.Body is LinkBody.Gap).N);
    }

    [TestMethod]
    public async Task A_clock_that_jumps()
    {
        var said = await bed.RecordAsync(new RecordingShape { Jump = (1, -2_000_000, true) });
        var report = bed.Judge(said.Files);
        Assert.AreEqual(Outcome.Verified, report.Outcome, RecordingBed.Text(report));
        Assert.IsEmpty(bed.Independent.Ask(said.Files));
        var silent = await bed.RecordAsync(new RecordingShape { Jump = (1, 2_000_000, false) });
        Found(silent.Files, ForensicsRung.Continuity, "clock", link: silent.Links.First(l => l.Body is LinkBody.Segment { Number: 1 }).N);
        var jump = new LinkBody.Gap(GapReason.ClockJump, 1_000_000, 1_000_000, 2_000_000);
        Found((await bed.RecordAsync(new RecordingShape { Invented = jump })).Files, ForensicsRung.Continuity, "clock");
    }

    [TestMethod]
    public void A_link_removed_moved_or_edited()
    {
        var mark = Honest.Links.Single(l => l.Body is LinkBody.Mark);
        var lines = Honest.Lines;
        lines.RemoveAt((int)mark.N);
        Found(Honest.With((ChainFile, Recording.OfLines(lines))), ForensicsRung.Chain, "link-missing", link: mark.N);

        lines = Honest.Lines;
        (lines[(int)mark.N], lines[(int)mark.N + 1]) = (lines[(int)mark.N + 1], lines[(int)mark.N]);
        Found(Honest.With((ChainFile, Recording.OfLines(lines))), ForensicsRung.Chain, "link-order", link: mark.N);

        lines = Honest.Lines;
        lines[(int)mark.N] = lines[(int)mark.N].Replace("matters", "mutters", StringComparison.Ordinal);
        var edited = Honest.With((ChainFile, Recording.OfLines(lines)));
        Found(edited, ForensicsRung.Signatures, "signature", link: mark.N);
        Found(edited, ForensicsRung.Chain, "link-differs", link: mark.N + 1);

        // Signed again by another key; and by another key that the first link names.
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var links = Honest.Links.Select(l => l.Body is LinkBody.Mark m ? l with { Body = m with { Note = "it mutters" } } : l).ToList();
        Found(Honest.With((ChainFile, Recording.Resign(links, key))), ForensicsRung.Signatures, "signature", link: 0);
        var open = (LinkBody.Open)links[0].Body;
        links[0] = links[0] with { Body = open with { Key = key.ExportSubjectPublicKeyInfo() } };
        Found(Honest.With((ChainFile, Recording.Resign(links, key))), ForensicsRung.Heads, "head-differs", link: 1);
    }

    [TestMethod]
    public async Task A_gap_is_judged_up_to_the_last_sealed_frame()
    {
        // 120 frames, a tenth of a second apart: the last at 11.9 s.
        foreach (var (from, close, invented) in ((long, CloseReason?, bool)[])[(11_900_000, null, false), (12_500_000, null, false),
            (11_900_000, CloseReason.Exit, true), (11_900_000, CloseReason.Broken, false), (11_800_000, CloseReason.Broken, true),
            (11_800_000, null, true), (4_000_000, null, true)])
        {
            var gapped = new LinkBody.Gap(GapReason.FramesDropped, from, from + 3_000_000, 3_000_000);
            var shape = new RecordingShape { Close = close ?? CloseReason.Exit, Pauses = [], Invented = gapped };
            var recording = await bed.RecordAsync(shape);
            var (gap, end) = (recording.Links.Single(l => l.Body is LinkBody.Gap).N, recording.Links[^1].N);
            var files = close is not null ? recording.Files : recording.With((ChainFile, Recording.OfLines(recording.Lines[..^1])), (Statement(end), null),
                (Proof(end), null), (Token(end, 1), null), (Token(end, 2), null));
            if (invented)
            {
                Found(files, ForensicsRung.Continuity, "gap-invented", link: gap);
                continue;
            }

            var report = bed.Judge(files);
            Assert.AreEqual(close is null ? Outcome.Unjudged : Outcome.Verified, report.Outcome, RecordingBed.Text(report));
            Assert.IsEmpty(bed.Independent.Ask(files));
        }
    }

    [TestMethod]
    public async Task Cleanliness_exchanged_refused_or_too_late()
    {
        var other = await bed.RecordAsync(new RecordingShape());
        Found(Honest.With((Cleanliness, other.Files[Cleanliness])), ForensicsRung.Cleanliness, "report-changed", link: 1);
        Found(Honest.With((Cleanliness, null)), ForensicsRung.Cleanliness, "report-missing", link: 1);
        var late = await bed.RecordAsync(new RecordingShape { InputFirst = true });
        Found(late.Files, ForensicsRung.Cleanliness, "input-before", link: 1);
        foreach (var verdict in (CheckVerdict[])[CheckVerdict.Fail, CheckVerdict.Unknown])
        {
            var dirty = await bed.RecordAsync(new RecordingShape { Hosts = verdict });
            Found(dirty.Files, ForensicsRung.Cleanliness, "input-refused", link: 2);
            Found(dirty.Files, ForensicsRung.Cleanliness, "not-clean", link: 1);
        }

        // The input right after the measurement, whose head was logged only later.
        var n = 1;
        var unlogged = Honest.With((Statement(n), null), (Proof(n), null), (Token(n, 1), null), (Token(n, 2), null));
        Found(unlogged, ForensicsRung.Heads, "clean-unlogged", link: 2);
    }

    [TestMethod]
    public void Files_exchanged_and_pictures_removed()
    {
        Found(Honest.With(("files/0001", [4, 5, 7])), ForensicsRung.Files, "file-changed", link: Honest.Links.Single(l => l.Body is LinkBody.File).N);
        Found(Honest.With((Picture("0001.png"), null)), ForensicsRung.Files, "file-missing", link: Honest.Links.Single(l => l.Body is LinkBody.Mark).N);
    }

    private static void Found(
        IEnumerable<KeyValuePair<string, byte[]>> files, ForensicsRung rung, string code, long? link = null, long? segment = null, long? frame = null)
    {
        if (rung != ForensicsRung.Times)
            CollectionAssert.Contains(bed.Independent.Ask(files), rung.ToString().ToLowerInvariant(), code);

        Assert.IsTrue(Document.Contains($"`{code}`", StringComparison.Ordinal), $"{code} is not in docs/forensics-format.md");
        Assert.IsTrue(
            Failing(files, rung, code).Any(f => (link is null || f.Place.Link == link) && (segment is null || f.Place.Segment == segment)
                && (frame is null || f.Place.Frame == frame)),
            $"{rung} {code} at link {link}, segment {segment}, frame {frame} is not among\n{RecordingBed.Text(bed.Judge(files))}");
    }

    private static List<ForensicsFinding> Failing(IEnumerable<KeyValuePair<string, byte[]>> files, ForensicsRung rung, string code)
        => [.. bed.Judge(files).Findings.Where(f => f.Mark == Mark.Fail && f.Rung == rung && f.Code == code)];

    private static DepositId Session(Recording recording) => ((LinkBody.Open)recording.Links[0].Body).Session;
}
