using Notary.Evidence.Forensics;
using Notary.Servers.Forensics;
using Notary.Verification.Forensics;
using static Notary.Evidence.Forensics.ForensicsFormat;

namespace Notary.Verification.Tests.Forensics;

/// <summary>What may be done about heads and what dates them, and what only looks like it.</summary>
public sealed partial class TamperingTests
{
    [TestMethod]
    public async Task A_head_withheld_or_of_another_session()
    {
        var minute = await bed.RecordAsync(new RecordingShape
        {
            Pauses = [new Pause(40, 60_000_000, GapReason.Paused), new Pause(80, 60_000_000, GapReason.Paused)],
        });
        var report = bed.Judge(minute.Files);
        Assert.AreEqual(Outcome.Verified, report.Outcome, RecordingBed.Text(report));
        Assert.IsEmpty(bed.Independent.Ask(minute.Files));
        var n = minute.Links.First(l => l.Body is LinkBody.Segment { Number: 1 }).N;
        var withheld = minute.With((Statement(n), null), (Proof(n), null), (Token(n, 1), null), (Token(n, 2), null));
        Found(withheld, ForensicsRung.Heads, "head-skipped", link: minute.Links.First(l => l.Body is LinkBody.Segment { Number: 2 }).N);
        Assert.IsTrue(bed.Judge(withheld).Findings.Any(f => (f.Mark, f.Code, f.Place.Segment) == (Mark.Unknown, "head-late", 1)));

        n = bed.LinkOf(1).N;
        Found(Honest.With((Proof(n), null)), ForensicsRung.Heads, "proof-missing", link: n);
        Found(Honest.With((Token(n, 2), null)), ForensicsRung.Times, "token-missing", link: n);
        Found(Honest.With((Token(n, 2), Honest.Files[Token(n, 1)])), ForensicsRung.Times, "authority-single", link: n);
        Found(Honest.With((Token(n, 1), Honest.Files[Token(1, 1)])), ForensicsRung.Times, "token-invalid", link: n);
        var end = Honest.Links[^1].N;
        var endless = Honest.With((Statement(end), null), (Proof(end), null), (Token(end, 1), null), (Token(end, 2), null));
        Found(endless, ForensicsRung.Heads, "head-missing", link: end);

        // The one after it is in time, and continues another.
        var skipped = Honest.With((Statement(n), null), (Proof(n), null), (Token(n, 1), null), (Token(n, 2), null));
        Found(skipped, ForensicsRung.Heads, "head-skipped", link: bed.LinkOf(2).N);

        var other = await bed.RecordAsync(new RecordingShape());
        (string, byte[]?)[] theirs = [.. new[] { Statement(n), Proof(n), Token(n, 1), Token(n, 2) }.Select(f => (f, (byte[]?)other.Files[f]))];
        Assert.IsTrue(Failing(Honest.With(theirs), ForensicsRung.Heads, "head-foreign").Any(f => f.Place.File == Statement(n)));
    }

    [TestMethod]
    public async Task A_sandboxs_recording_verifies_and_says_first_that_it_is_a_test()
    {
        var report = bed.Judge((await bed.RecordAsync(new RecordingShape { Test = true })).Files);
        Assert.AreEqual(Outcome.Verified, report.Outcome, RecordingBed.Text(report));
        Assert.AreEqual((ForensicsRung.Heads, Mark.Warn, BundleCodes.TestDeposit), (report.Findings[0].Rung, report.Findings[0].Mark, report.Findings[0].Code));
        Assert.AreEqual(1, report.Findings.Count(f => f.Mark == Mark.Warn));
    }

    [TestMethod]
    public async Task A_stretch_that_stood_alone_for_long_is_not_verified_and_fails_by_the_readers_bound()
    {
        // Two minutes from a segment's first frame to its head: as an outage of the log leaves it, and as who withholds heads would.
        var outage = await bed.RecordAsync(new RecordingShape { Pauses = [new Pause(60, 120_000_000, GapReason.Paused)] });
        var report = bed.Judge(outage.Files);
        Assert.AreEqual(Outcome.Unjudged, report.Outcome, RecordingBed.Text(report));
        var late = report.Findings.Single(f => f.Mark != Mark.Pass);
        Assert.AreEqual((Mark.Unknown, "head-late", 1), (late.Mark, late.Code, late.Place.Segment));
        CollectionAssert.AreEqual((string[])["heads?"], bed.Independent.Ask(outage.Files));
        var first = (LinkBody.Segment)outage.Links.First(l => l.Body is LinkBody.Segment { Number: 1 }).Body;
        Assert.AreEqual((1, true, first.FirstArrival.At), (report.Longest!.Segment, report.Longest.Length > 120_000_000, report.Longest.From));
        StringAssert.Contains(late.Reason, first.FirstArrival.At.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture));

        foreach (var (bound, exposed) in ((TimeSpan, bool)[])[(TimeSpan.FromSeconds(60), true), (TimeSpan.FromMicroseconds(report.Longest.Length), false)])
            Assert.AreEqual(exposed, bed.JudgeBounded(outage.Files, bound).Findings.Any(f => (f.Mark, f.Code) == (Mark.Fail, "exposed")), $"{bound}");

        // Nor is it a way round the bound to have no heads at all.
        var bare = await bed.RecordAsync(new RecordingShape { Logged = false });
        Assert.AreEqual((Outcome.Unjudged, Outcome.Failed),
            (bed.Judge(bare.Files).Outcome, bed.JudgeBounded(bare.Files, TimeSpan.FromDays(1)).Outcome));
        Assert.IsTrue(Document.Contains("`exposed`", StringComparison.Ordinal));
    }

    [TestMethod]
    public async Task Heads_that_are_dated_at_another_time()
    {
        var later = await bed.RecordAsync(new RecordingShape { Stamped = TimeSpan.FromHours(2) });
        var report = bed.Judge(later.Files);
        Assert.AreEqual((Outcome.Unjudged, "dated-late"), (report.Outcome, report.Findings.Single(f => f.Mark != Mark.Pass && f.Place.Link == 1).Code));
        Assert.IsTrue(report.Longest is { Length: > 7_200_000_000 } longest && longest.To - longest.From > TimeSpan.FromHours(2), $"{report.Longest}");

        // What is late is still by two authorities, or it fails.
        var n = later.Links[^1].N;
        Found(later.With((Token(n, 2), later.Files[Token(n, 1)])), ForensicsRung.Times, "authority-single", link: n);
        var earlier = await bed.RecordAsync(new RecordingShape { Stamped = TimeSpan.FromSeconds(-20) });
        Found(earlier.Files, ForensicsRung.Times, "time-early", link: 1);
    }
}
