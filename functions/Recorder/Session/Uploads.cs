using Notary.Recorder.Desktop;
using Notary.Recorder.Recording;

namespace Notary.Recorder.Session;

/// <summary>Takes what its user brings in from outside: 1 into the session's folder, 2 sealed, 3 into the desktop, where he finds it.</summary>
/// <remarks>Only files beside the session's folder are taken: whoever runs this has put them there.</remarks>
internal sealed class Uploads(LocalDesktop desktop, ScreenRecording recording, string folder)
{
    /// <summary>Where the desktop's user finds them.</summary>
    public const string Place = Sandbox.Home + "/Uploads";

    /// <summary>Bytes of a name that file systems take (NAME_MAX), less those of the number before it.</summary>
    private const int MaxNameBytes = 250;

    /// <returns>What is said of it.</returns>
    public async Task<JsonObject> TakeAsync(string file, string name, string path, CancellationToken cancel)
    {
        var (from, into) = (Path.Combine(Path.GetDirectoryName(folder)!, file), Path.Combine(folder, path));
        try
        {
            // 1
            Directory.CreateDirectory(Path.GetDirectoryName(into)!);
            File.Copy(from, into);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Delete(into);
            return new JsonObject { ["kind"] = "uploaded", ["file"] = file, ["refused"] = e.Message };
        }

        // 2
        var link = (LinkBody.File)(await recording.SealFileAsync(name, path, FileOrigin.Upload, null)).Link.Body;
        var (size, digest) = (link.Content.Part.Size, link.Content.Part.Digest.ToString());
        try
        {
            // 3
            await desktop.PutAsync(into, $"{Place}/{Path.GetFileName(path)} {Named(name)}", cancel);
            recording.Emit("upload", new JsonObject { ["name"] = name, ["size"] = size, ["digest"] = digest });
        }
        catch (IOException e)
        {
            // It is in the evidence all the same.
            recording.Emit("upload", new JsonObject { ["name"] = name, ["failed"] = e.Message });
        }

        return new JsonObject { ["kind"] = "uploaded", ["file"] = file, ["size"] = size, ["digest"] = digest };
    }

    /// <summary>As a file system takes it.</summary>
    internal static string Named(string name)
    {
        name = name.Replace('/', '_');
        while (Encoding.UTF8.GetByteCount(name) > MaxNameBytes)
            name = name[..^(char.IsLowSurrogate(name[^1]) ? 2 : 1)];

        return name;
    }
}
