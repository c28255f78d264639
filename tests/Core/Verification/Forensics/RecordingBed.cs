using Notary.Evidence.Forensics;
using Notary.Servers.Forensics;
using Notary.Verification.Forensics;

namespace Notary.Verification.Tests.Forensics;

/// <summary>One log, one clip and one honest recording for all who judge recordings.</summary>
internal sealed class RecordingBed : IAsyncDisposable
{
    private RecordingBed(SampleEvidence platform, byte[] video, byte[] other, Recording honest)
    {
        (Platform, Video, Other, Honest) = (platform, video, other, honest);
        (verifier, browser, Independent) = (new ForensicsVerifier(platform.Trust), new BrowserJudge(platform.Trust), new IndependentJudge(platform.Trust));
    }

    private readonly ForensicsVerifier verifier;
    private readonly BrowserJudge browser;

    public SampleEvidence Platform { get; }

    /// <summary>Written after the document alone.</summary>
    public IndependentJudge Independent { get; }

    public byte[] Video { get; }

    /// <summary>As long, of other pictures.</summary>
    public byte[] Other { get; }

    /// <summary>Three segments, a sealed pause of three seconds in the second.</summary>
    public Recording Honest { get; }

    public static async Task<RecordingBed> MakeAsync()
    {
        var platform = await SampleEvidence.CreateAsync();
        var video = await Clip.MakeAsync(12);
        return new RecordingBed(platform, video, await Clip.MakeAsync(12, from: 30), await Recording.MakeAsync(platform, video, new RecordingShape()));
    }

    public Task<Recording> RecordAsync(RecordingShape shape, byte[]? video = null) => Recording.MakeAsync(Platform, video ?? Video, shape);

    /// <summary>Judged by the command's verifier, and by the browser's, which has to find the same.</summary>
    public ForensicsReport Judge(IEnumerable<KeyValuePair<string, byte[]>> files)
    {
        var zip = files.ToList();
        var report = JudgeAlone(zip);
        Assert.AreEqual(BrowserJudge.Line(report), browser.Ask(zip));
        return report;
    }

    /// <summary>By the command's alone: the browser's leaves captured pages to it.</summary>
    public ForensicsReport JudgeAlone(IEnumerable<KeyValuePair<string, byte[]>> files)
    {
        using var package = new RecordingPackage(new MemoryStream(Recording.Zip(files)));
        return verifier.Verify(package, null, CancellationToken.None);
    }

    /// <summary>By a reader who takes no longer exposure.</summary>
    public ForensicsReport JudgeBounded(IEnumerable<KeyValuePair<string, byte[]>> files, TimeSpan mostExposed)
    {
        using var bounded = new ForensicsVerifier(Platform.Trust, mostExposed);
        using var package = new RecordingPackage(new MemoryStream(Recording.Zip(files)));
        return bounded.Verify(package, null, CancellationToken.None);
    }

    public ForensicsReport JudgeFolder(string folder)
    {
        using var package = new RecordingPackage(folder);
        return verifier.Verify(package, null, CancellationToken.None);
    }

    /// <summary>The first segment's link of that number.</summary>
    public Link LinkOf(int segment) => Honest.Links.First(l => l.Body is LinkBody.Segment s && s.Number == segment);

    public static string Text(ForensicsReport report)
        => string.Join('\n', report.Findings.Select(f => $"{f.Mark} {f.Rung} {f.Place}: {f.Reason} [{f.Code}]"));

    public async ValueTask DisposeAsync()
    {
        verifier.Dispose();
        browser.Dispose();
        Independent.Dispose();
        await Platform.DisposeAsync();
    }
}
