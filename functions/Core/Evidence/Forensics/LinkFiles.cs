namespace Notary.Evidence.Forensics;

/// <summary>Which files of a recording a link names.</summary>
public static class LinkFiles
{
    /// <summary>By their names in the package (docs/forensics-format.md §1).</summary>
    public static IEnumerable<string> Of(LinkBody body) => body switch
    {
        LinkBody.Cleanliness => [ForensicsFormat.Cleanliness],
        LinkBody.Segment segment => [ForensicsFormat.Video(segment.Number), ForensicsFormat.FrameList(segment.Number), ForensicsFormat.Events(segment.Number)],
        LinkBody.Mark { Picture: { } picture } => [ForensicsFormat.Picture(picture.Name)],
        LinkBody.File file => [file.Content.Name],
        LinkBody.Capture capture => capture.Files.Select(part => part.Name),
        _ => [],
    };
}
