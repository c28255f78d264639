using Notary.Evidence.Forensics;
using Notary.Evidence.Forensics.Captures;

namespace Notary.Verification.Forensics;

/// <summary>The package's other files: those that links seal, and that there is none besides; and the chain's end.</summary>
internal static class ContentJudge
{
    /// <summary>Downloads, captures and pictures are those that were sealed.</summary>
    public static void Files(ReadChain chain, RecordingPackage package, Findings findings)
    {
        var count = 0;
        foreach (var (n, file) in Sealed(chain))
        {
            var place = new Place(n, File: file.Name);
            if (!package.Has(file.Name))
                findings.Fail(ForensicsRung.Files, place, "file-missing", $"{file.Name} is missing");
            else if (package.Measure(file.Name, file.Part.Size) != file.Part)
                findings.Fail(ForensicsRung.Files, place, "file-changed", $"{file.Name} is not the file that link {n} sealed");

            count++;
        }

        if (findings.Clear(ForensicsRung.Files))
            findings.Pass(ForensicsRung.Files, default,
                count == 0 ? "no file, capture or picture was sealed" : $"{count} sealed file(s) are as they were sealed");
    }

    /// <summary>Nothing is in the package that no link speaks of.</summary>
    public static void Names(ReadChain chain, RecordingPackage package, Findings findings)
    {
        foreach (var (name, why) in package.Odd)
            findings.Fail(ForensicsRung.Package, new Place(File: name), "member-odd", $"{name} {why}");

        var known = new HashSet<string>([ForensicsFormat.ChainFile], StringComparer.Ordinal);
        if (chain.Of<LinkBody.Cleanliness>().Any())
            known.Add(ForensicsFormat.Cleanliness);

        var next = 0L;
        foreach (var (_, segment) in chain.Of<LinkBody.Segment>())
        {
            known.UnionWith(Three(segment.Number));
            next = Math.Max(next, segment.Number + 1);
        }

        var capture = CaptureFormat.File(chain.Of<LinkBody.Capture>().Count() + 1, "");
        known.UnionWith(Sealed(chain).Select(f => f.File.Name));
        foreach (var link in package.Names.Where(n => n.EndsWith(".json", StringComparison.Ordinal)).Select(StatedLink).OfType<long>().ToList())
            known.UnionWith([ForensicsFormat.Statement(link), ForensicsFormat.Proof(link), ForensicsFormat.Token(link, 1), ForensicsFormat.Token(link, 2)]);

        foreach (var name in package.Names.Where(n => !known.Contains(n)).Order(StringComparer.Ordinal))
        {
            // One segment may be written while the one before is being made durable, and a capture before its link.
            if (chain.Close is null or { Reason: CloseReason.Broken }
                && (Three(next).Concat(Three(next + 1)).Contains(name) || name.StartsWith(capture, StringComparison.Ordinal)))
                findings.Unknown(ForensicsRung.Package, new Place(Segment: next, File: name), "unsealed",
                    $"{name} was being written when the recording broke off");
            else
                findings.Fail(ForensicsRung.Package, new Place(File: name), "member-unknown", $"no link speaks of {name}");
        }

        if (findings.Clear(ForensicsRung.Package))
            findings.Pass(ForensicsRung.Package, default, $"every one of {package.Names.Count()} files is spoken of");
    }

    /// <summary>The end counts what there is.</summary>
    public static void Close(ReadChain chain, Findings findings)
    {
        var segments = chain.Of<LinkBody.Segment>().Select(s => s.Body).ToList();
        var last = chain.Links.Count > 0 ? new Place(chain.Links[^1].Link.N, segments.Count > 0 ? segments[^1].Number : null) : default;
        if (chain.Close is not { } close)
        {
            findings.Unknown(ForensicsRung.Close, last, "broken-off",
                chain.Torn ? "the recording broke off within a link: what was sealed before is judged" : "the recording broke off: what was sealed is judged");
            return;
        }

        var (frames, gaps) = (segments.Sum(s => s.Frames.Count), chain.Of<LinkBody.Gap>().Count());
        if (chain.Torn)
            findings.Fail(ForensicsRung.Close, last, "after-end", "something follows the chain's end");

        if ((close.Segments, close.Frames, close.Gaps) != (segments.Count, frames, gaps))
            findings.Fail(ForensicsRung.Close, last, "count",
                $"the end counts {close.Segments} segments, {close.Frames} frames, {close.Gaps} gaps; there are {segments.Count}, {frames}, {gaps}");
        else if (findings.Clear(ForensicsRung.Close))
            findings.Pass(ForensicsRung.Close, last,
                $"ended by “{ContinuityJudge.Word(close.Reason)}” after {segments.Count} segments, {frames} frames, {gaps} gaps");
    }

    private static IEnumerable<(long N, NamedPart File)> Sealed(ReadChain chain) => chain.Links.SelectMany(l => l.Link.Body switch
    {
        LinkBody.File f => [(l.Link.N, f.Content)],
        LinkBody.Capture c => c.Files.Select(f => (l.Link.N, f)),
        LinkBody.Mark { Picture: { } p } => [(l.Link.N, p with { Name = ForensicsFormat.Picture(p.Name) })],
        _ => Enumerable.Empty<(long, NamedPart)>(),
    });

    private static string[] Three(long segment) => [ForensicsFormat.Video(segment), ForensicsFormat.FrameList(segment), ForensicsFormat.Events(segment)];

    private static long? StatedLink(string name)
        => name.StartsWith("heads/", StringComparison.Ordinal) && long.TryParse(name["heads/".Length..^".json".Length], NumberStyles.None, null, out var link)
            && ForensicsFormat.Statement(link) == name ? link : null;
}
