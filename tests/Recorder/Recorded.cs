using System.Globalization;
using Notary.Verification;
using Notary.Verification.Forensics;

namespace Notary.Recorder.Tests;

/// <summary>What a recorder left.</summary>
internal sealed class Recorded(string folder)
{
    private static readonly ForensicsRung[] NeedsMore = [ForensicsRung.Cleanliness, ForensicsRung.Heads, ForensicsRung.Times];

    public IReadOnlyList<Link> Links { get; } =
    [
        .. File.ReadAllText(Path.Combine(folder, ForensicsFormat.ChainFile)).Split('\n')[..^1].Select(
            line => ChainLine.TryRead(Encoding.UTF8.GetBytes(line), out var link, out _) ? Link.Parse(link) : throw new AssertFailedException(line)),
    ];

    public IReadOnlyList<LinkBody.Segment> Segments => [.. Of<LinkBody.Segment>()];

    public IEnumerable<T> Of<T>() where T : LinkBody => Links.Select(l => l.Body).OfType<T>();

    /// <summary>Times of the frames of all sealed segments, as listed.</summary>
    public IReadOnlyList<long> Times => [.. Segments.SelectMany(s => Frames(s.Number)).Select(f => long.Parse(f[1], CultureInfo.InvariantCulture))];

    public IReadOnlyList<string[]> Frames(long segment)
        => [.. File.ReadAllLines(Path.Combine(folder, ForensicsFormat.FrameList(segment))).Select(l => l.Split(' '))];

    public IReadOnlyList<JsonObject> Events(string type) =>
    [
        .. Segments.SelectMany(s => File.ReadAllLines(Path.Combine(folder, ForensicsFormat.Events(s.Number))))
            .Select(line => JsonNode.Parse(line)!.AsObject()).Where(e => (string)e["type"]! == type),
    ];

    /// <summary>What was measured.</summary>
    public CleanlinessReport Report() => CleanlinessReport.Parse(File.ReadAllBytes(Path.Combine(folder, ForensicsFormat.Cleanliness)));

    /// <summary>The verifier's judgement.</summary>
    public ForensicsReport Judge()
    {
        using var package = new RecordingPackage(folder);
        using var verifier = new ForensicsVerifier(null);
        return verifier.Verify(package, null, default);
    }

    /// <summary>Whatever a recording alone can show is shown: nothing failed, and only what a platform adds is not judged.</summary>
    public ForensicsReport JudgeWhole()
    {
        var report = Judge();
        Assert.AreEqual("", string.Join('\n', report.Findings.Where(f => f.Mark != Mark.Pass && !(f.Mark == Mark.Unknown && NeedsMore.Contains(f.Rung)))));
        return report;
    }
}
