using System.Runtime.Versioning;
using System.Security.Principal;
using Notary.Recorder.Recording;

namespace Notary.Recorder.Windows;

/// <summary>Files of the user's folders, read and written as the user, so that none of his links leads SYSTEM to a file of the machine: what came into
/// <c>Downloads</c> is sealed, once it is whole; what is brought in is sealed and put into <c>Uploads</c>.</summary>
[SupportedOSPlatform("windows")]
internal sealed class UserFiles(UserSession user, ScreenRecording recording, string folder)
{
    /// <summary>Files of one session, and bytes of one: bounds on what a site can make the recorder write.</summary>
    private const int Most = 1000;

    private const long MostBytes = 2L << 30;

    private const int MaxName = 255;

    private static readonly string[] Unfinished = [".crdownload", ".partial", ".tmp"];

    private readonly HashSet<string> taken = new(StringComparer.OrdinalIgnoreCase);
    private int number;

    /// <summary>Seals what has come.</summary>
    public async Task TakeAsync(CancellationToken cancel)
    {
        foreach (var (path, name) in As(Finished))
        {
            if (taken.Count >= Most || !taken.Add(path))
                continue;

            var at = Next();
            try
            {
                await CopyAsync(() => As(() => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read)), at, cancel);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                File.Delete(Path.Combine(folder, at));
                recording.Emit("download", new JsonObject { ["name"] = name, ["failed"] = e.Message });
                continue;
            }

            var part = ((LinkBody.File)(await recording.SealFileAsync(name, at, FileOrigin.Download, null)).Link.Body).Content.Part;
            recording.Emit("download", new JsonObject { ["name"] = name, ["size"] = part.Size, ["digest"] = part.Digest.ToString() });
        }
    }

    /// <summary>Seals a file that stands beside the session's folder, and gives it to the user.</summary>
    /// <returns>What is said of it.</returns>
    public async Task<JsonObject> UploadAsync(string file, string name, CancellationToken cancel)
    {
        var at = Next();
        try
        {
            await CopyAsync(() => File.OpenRead(Path.Combine(Path.GetDirectoryName(folder)!, file)), at, cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Delete(Path.Combine(folder, at));
            return new JsonObject { ["kind"] = "uploaded", ["file"] = file, ["refused"] = e.Message };
        }

        var part = ((LinkBody.File)(await recording.SealFileAsync(name, at, FileOrigin.Upload, null)).Link.Body).Content.Part;
        try
        {
            await using var from = File.OpenRead(Path.Combine(folder, at));
            await using var to = As(() =>
            {
                var place = Path.Combine(user.Profile, "Uploads");
                Directory.CreateDirectory(place);
                return new FileStream(Path.Combine(place, $"{Path.GetFileName(at)} {Named(name)}"), FileMode.CreateNew);
            });
            await from.CopyToAsync(to, cancel);
            recording.Emit("upload", new JsonObject { ["name"] = name, ["size"] = part.Size, ["digest"] = part.Digest.ToString() });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is in the evidence all the same.
            recording.Emit("upload", new JsonObject { ["name"] = name, ["failed"] = e.Message });
        }

        return new JsonObject { ["kind"] = "uploaded", ["file"] = file, ["size"] = part.Size, ["digest"] = part.Digest.ToString() };
    }

    private static string Named(string name) => string.Concat(name.Select(letter => Path.GetInvalidFileNameChars().Contains(letter) ? '_' : letter));

    private string Next() => string.Create(CultureInfo.InvariantCulture, $"files/{++number:D4}");

    // Nobody writes to it any more, and its browser has given it its name.
    private List<(string Path, string Name)> Finished()
    {
        var found = new List<(string, string)>();
        var place = new DirectoryInfo(Path.Combine(user.Profile, "Downloads"));
        foreach (var file in place.Exists ? place.EnumerateFiles() : [])
        {
            if (file.Name == "desktop.ini" || file.Attributes.HasFlag(FileAttributes.ReparsePoint) || taken.Contains(file.FullName) || file.Length > MostBytes
                || Unfinished.Contains(file.Extension.ToLowerInvariant()))
                continue;

            try
            {
                using (file.Open(FileMode.Open, FileAccess.Read, FileShare.Read))
                    found.Add((file.FullName, file.Name.Length <= MaxName ? file.Name : file.Name[..MaxName]));
            }
            catch (IOException)
            {
                // Looked at again with the next look.
            }
        }

        return found;
    }

    private async Task CopyAsync(Func<FileStream> open, string at, CancellationToken cancel)
    {
        Directory.CreateDirectory(Path.Combine(folder, "files"));
        await using var from = open();
        await using var into = new FileStream(Path.Combine(folder, at), FileMode.CreateNew);
        await from.CopyToAsync(into, cancel);
    }

    private T As<T>(Func<T> work)
    {
        using var token = user.User();
        return WindowsIdentity.RunImpersonated(token, work);
    }
}
