using Notary.Evidence.Forensics;
using Notary.Servers.Forensics;
using Notary.Verification.Forensics;
using static Notary.Evidence.Forensics.ForensicsFormat;

namespace Notary.Verification.Tests.Forensics;

/// <summary>What whoever holds the recorder's key may seal that no honest recorder does: judged for itself, beside the heads that then differ.</summary>
[TestClass]
public sealed class KeyHolderTests
{
    private static RecordingBed bed = null!;

    private static Recording Honest => bed.Honest;

    [ClassInitialize]
    public static async Task MakeAsync(TestContext _) => bed = await RecordingBed.MakeAsync();

    [ClassCleanup]
    public static async Task EndAsync() => await bed.DisposeAsync();

    [TestMethod]
    public void Each_is_found_by_both_judges()
    {
        var end = Honest.Links[^1].N;
        var foreign = new CleanlinessReport(DepositId.New(TimeProvider.System), TimeProvider.System.GetUtcNow(), []).ToBytes();
        byte[] keys = [.. Encoding.UTF8.GetBytes("""{"at":"2026-01-02T03:04:05.678Z","down":true,"elapsed":1,"key":"a","type":"key"}"""), (byte)'\n'];
        (SortedDictionary<string, byte[]> Files, ForensicsRung Rung, string Code)[] forged =
        [
            (Sealed<LinkBody.Close>((l, _) => l with { Written = l.Written with { Elapsed = l.Written.Elapsed + 60_000_000 } }),
                ForensicsRung.Continuity, "tail"),
            (Sealed<LinkBody.Close>((l, b) => l with { Body = b with { Frames = 121 } }), ForensicsRung.Close, "count"),
            (Sealed<LinkBody.Close>((l, b) => l with { Body = b with { Gaps = 0 } }), ForensicsRung.Close, "count"),
            (Honest.With((ChainFile, [.. Honest.Files[ChainFile], .. "more"u8])), ForensicsRung.Close, "after-end"),
            (Sealed<LinkBody.Mark>((l, _) => l with { Body = new LinkBody.Cleanliness(new Part(1, default), true) }),
                ForensicsRung.Cleanliness, "measured-twice"),
            (Sealed<LinkBody.Cleanliness>((l, _) => l with { Body = new LinkBody.Mark("none", null) }), ForensicsRung.Cleanliness, "input-unmeasured"),
            (Sealed<LinkBody.Cleanliness>((l, b) => l with { Body = b with { Clean = false } }), ForensicsRung.Cleanliness, "verdict-differs"),
            (Sealed<LinkBody.Cleanliness>(
                (l, b) => l with { Body = b with { Report = new Part(foreign.Length, Digest.Of(foreign)) } }, (Cleanliness, foreign)),
                ForensicsRung.Cleanliness, "report-foreign"),
            (Sealed<LinkBody.Segment>((l, b) => l with { Body = b with { Number = b.Number + 1 } }), ForensicsRung.Segments, "segment-order"),
            (Sealed<LinkBody.Segment>((l, b) => l with { Body = b with { Frames = b.Frames with { Count = 39 } } }),
                ForensicsRung.Frames, "frames-differ"),
            (Sealed<LinkBody.Segment>((l, b) => l with { Body = b with { Events = b.Events with { Count = 3 } } }), ForensicsRung.Segments, "events-differ"),
            (Honest.With((Events(1), keys)), ForensicsRung.Segments, "event-malformed"),
            (Sealed<LinkBody.Open>((l, b) => l with { Body = b with { Screen = b.Screen with { Width = 640 } } }), ForensicsRung.Frames, "video-differs"),
            (Sealed<LinkBody.Gap>((l, b) => l with { Body = b with { Length = b.Length - 1 } }), ForensicsRung.Continuity, "gap-invented"),
            (Honest.With((Statement(4), Honest.Files[Statement(end)]), (Proof(4), Honest.Files[Proof(end)])), ForensicsRung.Heads, "head-misnamed"),
            (Honest.With((ChainFile, Recording.OfLines(Honest.Lines[..^1]))), ForensicsRung.Heads, "head-beyond"),
            (Honest.With((Proof(end), Honest.Files[Proof(1)])), ForensicsRung.Heads, "not-included"),
        ];
        foreach (var (files, rung, code) in forged)
        {
            var report = bed.Judge(files);
            Assert.IsTrue(report.Findings.Any(f => f.Mark == Mark.Fail && f.Rung == rung && f.Code == code), $"{rung} {code}:\n{RecordingBed.Text(report)}");
            CollectionAssert.Contains(bed.Independent.Ask(files), rung.ToString().ToLowerInvariant(), code);
        }
    }

    [TestMethod]
    public void A_chain_of_thousands_of_bad_lines_has_a_short_report()
    {
        var report = bed.Judge(Honest.With((ChainFile, [.. Honest.Files[ChainFile], .. Enumerable.Repeat((byte)'\n', 5000)])));
        Assert.IsLessThan(200, report.Findings.Count);
        Assert.IsTrue(report.Findings.Any(f => f.Code == "more" && f.Reason.StartsWith("4900 ", StringComparison.Ordinal)), RecordingBed.Text(report));
    }

    /// <summary>The honest recording, with the first link of that kind changed and the whole chain signed again.</summary>
    private static SortedDictionary<string, byte[]> Sealed<T>(Func<Link, T, Link> change, params (string Name, byte[]? Bytes)[] files) where T : LinkBody
    {
        var changed = false;
        var links = Honest.Links.Select(l => l.Body is T body && !changed && (changed = true) ? change(l, body) : l).ToList();
        return Honest.With([.. files, (ChainFile, Recording.Resign(links, Honest.Key))]);
    }
}
