using Notary.Recorder.Desktop;
using Notary.Recorder.Recording;

namespace Notary.Recorder.Session;

/// <summary>Copies what the browser has downloaded out of the desktop into the session's folder, and seals it. Its user finds it in the file manager.</summary>
internal sealed class Downloads(LocalDesktop desktop, ScreenRecording recording, string folder, Func<string> path)
{
    /// <summary>Files of one session: a bound on what a site can make the recorder write.</summary>
    public const int Most = 1000;

    /// <summary>Bytes of one file: as much as the desktop itself can hold.</summary>
    private const long MostBytes = 2L << 30;

    /// <summary>Bytes that stay in the desktop for its user to look at: a quarter of what it can hold, so that there is room for the next. What is beyond
    /// is in the evidence alone.</summary>
    private const long MostKept = 512L << 20;

    /// <summary>Characters of a name and of an address that a link can hold.</summary>
    private const int MaxName = 255, MaxAddress = 8192;

    private long kept;

    public async Task TakeAsync(ChannelReader<Download> downloads)
    {
        await foreach (var download in downloads.ReadAllAsync())
        {
            var at = path();
            try
            {
                await TakeAsync(download, at);
            }
            catch (IOException e)
            {
                recording.Emit("download", new JsonObject { ["name"] = Cut(download.Name, MaxName), ["failed"] = e.Message });
            }
        }
    }

    private async Task TakeAsync(Download download, string at)
    {
        Directory.CreateDirectory(Path.Combine(folder, "files"));
        var (name, address) = (Cut(download.Name, MaxName), download.Address.Length <= MaxAddress ? download.Address : null);
        long size;
        Digest digest;
        try
        {
            await using var file = new FileStream(Path.Combine(folder, at), FileMode.CreateNew);
            (size, digest) = await desktop.TakeAsync(download.Path, file, MostBytes, CancellationToken.None);
        }
        catch (IOException)
        {
            // What no link speaks of is not in the package (docs/forensics-format.md §1).
            File.Delete(Path.Combine(folder, at));
            throw;
        }

        var members = new JsonObject { ["name"] = name, ["address"] = address, ["size"] = size, ["digest"] = digest.ToString() };
        recording.Emit("download", members);
        await recording.SealFileAsync(name, at, FileOrigin.Download, address);
        if (kept + size > MostKept)
        {
            await desktop.RemoveAsync(download.Path, CancellationToken.None);
            return;
        }

        kept += size;
        await desktop.RenameAsync(download.Path, $"{BrowserWatch.Downloads}/{Path.GetFileName(at)} {Uploads.Named(name)}", CancellationToken.None);
    }

    private static string Cut(string text, int most) => text.Length <= most ? text : text[..most];
}
