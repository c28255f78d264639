using System.Text.RegularExpressions;

namespace Notary.Forensics.Agents;

/// <summary>Names that an agent may give files, with the bytes that each may have (docs/forensics-format.md §2). All else of a recording is ours.</summary>
internal static partial class RecordingNames
{
    /// <summary>Bytes of a mark's picture, of a captured page or of a downloaded file: what a segment's video may have.</summary>
    private const int MaxOther = ForensicsFormat.MaxVideo;

    /// <summary>The bound; null for no such name.</summary>
    public static int? BoundOf(string name) => name switch
    {
        ForensicsFormat.Cleanliness => ForensicsFormat.MaxCleanliness,
        _ when Segment().Match(name) is { Success: true, Groups: var groups } => groups[1].Value switch
        {
            "mp4" => ForensicsFormat.MaxVideo,
            "frames" => ForensicsFormat.MaxFrameList,
            _ => ForensicsFormat.MaxEvents,
        },
        _ when Other().IsMatch(name) => MaxOther,
        _ => null,
    };

    [GeneratedRegex(@"^segments/[0-9]{8}\.(mp4|frames|events)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Segment();

    // No part begins with a dot: no name leads out of its folder.
    [GeneratedRegex(@"^(marks|files|captures)(/[0-9A-Za-z_-][0-9A-Za-z._-]{0,199}){1,3}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Other();
}
