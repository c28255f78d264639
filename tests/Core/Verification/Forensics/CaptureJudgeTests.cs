using FsCheck;
using FsCheck.Fluent;
using Notary.Evidence.Forensics;
using Notary.Evidence.Forensics.Captures;
using Notary.Servers.Forensics;
using Notary.Verification.Forensics;

namespace Notary.Verification.Tests.Forensics;

/// <summary>Captured pages in a recording: what agrees and what differs is said by both judges alike, and a report that lies fails.</summary>
[TestClass]
public sealed class CaptureJudgeTests
{
    /// <summary>Made-up pages, and damaged captures, that are judged.</summary>
    private const int Pages = 100, Damages = 100;

    private const string Address = "https://site.example/offer";

    /// <summary>What pages are made of where parsers disagree.</summary>
    private static readonly string[] Crumbs =
    [
        "<", ">", "</", "<b>", "<p title='a>b'>", "<i x=\"", "\"", "'", "=", "<!--", "-->", "<script>", "</script>", "<STYLE>", "</style >",
        "<title>", "</title>", "&amp;", "&#65;", "&#x4e2d;", "&nbsp;", "&eacute;", "&unknown;", "&", ";", "\\u0041", "\\u{1F600}", "\\x41", "\\n",
        "\\", "\\2014 ", "100", "price", "中", "文", " ", "\n", "\u3000", "\u200b", "\u00ad", "😀", "\ud800", "a", "Z9", "，",
    ];

    private static readonly StandInCapture Honest = new() { Number = 1, Address = Address };

    private static RecordingBed bed = null!;

    [ClassInitialize]
    public static async Task MakeAsync(TestContext _) => bed = await RecordingBed.MakeAsync();

    [ClassCleanup]
    public static async Task EndAsync() => await bed.DisposeAsync();

    [TestMethod]
    public async Task What_views_say_of_each_other_is_judged_and_is_no_failure()
    {
        var forged = StandInCapture.Document("The price is 900.");
        SeenText[] seen = [new(SeenOrigin.Text, "Offer"), new(SeenOrigin.Text, "The price is 900.")];
        foreach (var (capture, verdict) in ((StandInCapture, string)[])[(Honest, "agrees"), (Honest with { Dom = forged, Seen = seen }, "differs"),
            (Honest with { Served = forged, Dom = forged, Seen = seen }, "differs"), (Honest with { Again = forged }, "differs"),
            (Honest with { Dom = StandInCapture.Document("") }, "differs"), (Honest with { Seen = [], Dom = StandInCapture.Document("") }, "unknown")])
        {
            var files = await capture.FilesAsync();
            var finding = Judge(files, capture.Body(files)).Single();
            Assert.AreEqual((Mark.Pass, verdict), (finding.Mark, finding.Code), finding.Reason);
        }
    }

    [TestMethod]
    public async Task A_report_that_lies_is_found_by_both_judges()
    {
        var honest = await Honest.FilesAsync();
        var report = CaptureReport.Parse(honest[File(CaptureFormat.Report)]);
        (CaptureReport Lie, string Code)[] lies =
        [
            (report with { Reconciliation = report.Reconciliation with { Served = 2 } }, "comparison-differs"),
            (report with { Reconciliation = report.Reconciliation with { Verdict = CaptureVerdict.Unknown } }, "comparison-differs"),
            (report with { Number = 2 }, "capture-differs"),
            (report with { Address = Address + "?" }, "capture-differs"),
            (report with { Main = null }, "comparison-differs"),
            (report with { Responses = 2 }, "wire-differs"),
            (report with { Second = report.Second with { Status = 404 } }, "second-differs"),
            (report with { Second = report.Second with { Outcome = SecondOutcome.Failed } }, "comparison-differs"),
            (report with { Files = [.. report.Files.Skip(1)] }, "capture-files"),
            (report with { Tls = new CaptureTls("TLS 1.3", "AES_128_GCM", "Authority", Digest.Of("certificate"u8)) }, "tls-differs"),
        ];
        foreach (var (lie, code) in lies)
        {
            var files = new SortedDictionary<string, byte[]>(honest, StringComparer.Ordinal) { [File(CaptureFormat.Report)] = lie.ToBytes() };
            Fails(files, Honest.Body(files), code);
        }

        Fails(honest, Honest.Body(honest) with { Number = 2 }, "capture-order");
        var spaced = new SortedDictionary<string, byte[]>(honest, StringComparer.Ordinal) { [File(CaptureFormat.Report)] = [.. report.ToBytes(), (byte)' '] };
        Fails(spaced, Honest.Body(spaced), "capture-malformed");
        var without = new SortedDictionary<string, byte[]>(honest, StringComparer.Ordinal);
        without.Remove(File(CaptureFormat.Report));
        Fails(without, Honest.Body(without), "capture-files");
    }

    [TestMethod]
    public void Both_judges_read_any_page_alike()
    {
        var text = Gen.Elements(Crumbs).ArrayOf(40).Select(string.Concat);
        var page = text.SelectMany(_ => text, (served, dom) => (Served: served, Dom: dom)).SelectMany(_ => text, (p, seen) => (p.Served, p.Dom, Seen: seen));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Pages), Prop.ForAll(page.ToArbitrary(), p =>
        {
            var capture = Honest with
            {
                Served = p.Served,
                Dom = p.Dom,
                Again = p.Dom,
                Seen =
                [
                    new(SeenOrigin.Text, Whole(p.Seen)), new(SeenOrigin.Field, Whole(p.Served)), new(SeenOrigin.Style, Whole(p.Dom)),
                    new(SeenOrigin.Text, "100"),
                ],
            };
            var files = capture.FilesAsync().GetAwaiter().GetResult();
            return Judge(files, capture.Body(files)).Single().Mark == Mark.Pass;
        }));
    }

    [TestMethod]
    public async Task Damaged_captures_get_an_answer()
    {
        var honest = await Honest.FilesAsync();
        string[] names = [CaptureFormat.Report, CaptureFormat.Seen, CaptureFormat.Archive, CaptureFormat.Second];
        var report = CaptureReport.Parse(honest[File(CaptureFormat.Report)]);
        var places = Gen.Elements(names).SelectMany(n => Gen.Choose(0, honest[File(n)].Length - 1), (n, at) => (Name: File(n), At: at));
        var changes = places.SelectMany(_ => Gen.Choose(1, 255), (place, change) => (place.Name, place.At, Change: change)).ToArbitrary();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Damages), Prop.ForAll(changes, c =>
        {
            var files = new SortedDictionary<string, byte[]>(honest, StringComparer.Ordinal) { [c.Name] = [.. honest[c.Name]] };
            files[c.Name][c.At] ^= (byte)c.Change;

            // Sealed as it is, and named so by the report where that can still be read.
            if (c.Name != File(CaptureFormat.Report))
                files[File(CaptureFormat.Report)] = (report with { Files = Listed(files) }).ToBytes();

            return Captures(files, Honest.Body(files)).Count > 0;
        }));
    }

    private static void Fails(SortedDictionary<string, byte[]> files, LinkBody.Capture capture, string code)
    {
        var finding = Judge(files, capture).Single();
        Assert.AreEqual((Mark.Fail, code), (finding.Mark, finding.Code), finding.Reason);
    }

    /// <summary>What both judges say; where one fails it, the other does.</summary>
    private static IReadOnlyList<ForensicsFinding> Judge(SortedDictionary<string, byte[]> files, LinkBody.Capture capture)
    {
        var findings = Captures(files, capture);
        Assert.AreEqual(findings.Any(f => f.Mark == Mark.Fail), bed.Independent.Ask(Package(files, capture)).Contains("captures"), findings[0].Reason);
        return findings;
    }

    private static IReadOnlyList<ForensicsFinding> Captures(SortedDictionary<string, byte[]> files, LinkBody.Capture capture)
        => [.. bed.JudgeAlone(Package(files, capture)).Findings.Where(f => f.Rung == ForensicsRung.Captures)];

    /// <summary>The honest recording with a capture in its mark's place.</summary>
    private static SortedDictionary<string, byte[]> Package(SortedDictionary<string, byte[]> files, LinkBody.Capture capture)
    {
        var links = bed.Honest.Links.Select(l => l.Body is LinkBody.Mark ? l with { Body = capture } : l);
        return bed.Honest.With([.. files.Select(f => (f.Key, (byte[]?)f.Value)), (ForensicsFormat.ChainFile, Recording.Resign(links, bed.Honest.Key))]);
    }

    private static List<NamedPart> Listed(SortedDictionary<string, byte[]> files)
        => [.. files.Where(f => f.Key != File(CaptureFormat.Report))
            .Select(f => new NamedPart(f.Key.Split('/')[^1], new Part(f.Value.Length, Digest.Of(f.Value))))];

    private static string File(string name) => CaptureFormat.File(1, name);

    // Halves of surrogate pairs are in documents, but no JSON holds one.
    private static string Whole(string text) => string.Concat(text.EnumerateRunes());
}
