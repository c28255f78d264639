using System.IO.Compression;
using System.IO.Pipelines;

namespace Notary.Forensics;

/// <summary>A recording's folder as a zip that is made while it is read: the same bytes each time.</summary>
internal static class PackageStream
{
    /// <summary>Of every member: when files were written here is no evidence, and would make another package of each try.</summary>
    private static readonly DateTimeOffset Written = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The folder's files in the order of their names, stored: video is packed already.</summary>
    public static Stream Of(string folder)
    {
        var pipe = new Pipe();
        var writing = Task.Run(() => WriteAsync(folder, pipe.Writer));
        _ = writing;
        return pipe.Reader.AsStream();
    }

    private static async Task WriteAsync(string folder, PipeWriter writer)
    {
        try
        {
            var files = new DirectoryInfo(folder).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
                .Where(file => (file.Attributes & FileAttributes.ReparsePoint) == 0)
                .Select(file => (Name: Path.GetRelativePath(folder, file.FullName).Replace(Path.DirectorySeparatorChar, '/'), file.FullName))
                .OrderBy(file => file.Name, StringComparer.Ordinal);
            var output = writer.AsStream(leaveOpen: true);
            await using (output.ConfigureAwait(false))
            {
                await using var zip = new ZipArchive(output, ZipArchiveMode.Create, leaveOpen: true);
                foreach (var (name, path) in files)
                {
                    var entry = zip.CreateEntry(name, CompressionLevel.NoCompression);
                    entry.LastWriteTime = Written;
                    await using var member = await entry.OpenAsync().ConfigureAwait(false);
                    await using var file = File.OpenRead(path);
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
