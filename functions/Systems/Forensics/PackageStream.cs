using System.IO.Compression;
using System.IO.Pipelines;
using Notary.Forensics.Desktops;

namespace Notary.Forensics;

/// <summary>A recording as a zip that is made while it is read: the same bytes each time.</summary>
internal static class PackageStream
{
    /// <summary>Of every member: when files were written here is no evidence, and would make another package of each try.</summary>
    private static readonly DateTimeOffset Written = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The recording's files in the order of their names, stored: video is packed already.</summary>
    public static Stream Of(IRecording recording)
    {
        var pipe = new Pipe();
        var writing = Task.Run(() => WriteAsync(recording, pipe.Writer));
        _ = writing;
        return pipe.Reader.AsStream();
    }

    private static async Task WriteAsync(IRecording recording, PipeWriter writer)
    {
        try
        {
            var names = await recording.NamesAsync(CancellationToken.None).ConfigureAwait(false);
            var output = writer.AsStream(leaveOpen: true);
            await using (output.ConfigureAwait(false))
            {
                await using var zip = new ZipArchive(output, ZipArchiveMode.Create, leaveOpen: true);
                foreach (var name in names.Order(StringComparer.Ordinal))
                {
                    var entry = zip.CreateEntry(name, CompressionLevel.NoCompression);
                    entry.LastWriteTime = Written;
                    await using var member = await entry.OpenAsync().ConfigureAwait(false);
                    await using var file = await recording.DemandAsync(name, CancellationToken.None).ConfigureAwait(false);
                    await file.CopyToAsync(member).ConfigureAwait(false);
                }
            }

            await writer.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // The reader throws it.
            await writer.CompleteAsync(e).ConfigureAwait(false);
        }
    }
}
