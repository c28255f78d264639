using Notary.Evidence;
using Notary.Evidence.Forensics;
using Notary.Evidence.Forensics.Captures;

namespace Notary.Servers.Forensics;

/// <summary>A captured page of a desktop that has no browser: a made-up document, and a test picture of it.</summary>
internal static class StandInCapture
{
    private const string Page = "<!doctype html><html><head><title>Offer</title></head><body><h1>Offer</h1><p>The price is 100.</p></body></html>";

    public static async Task<LinkBody.Capture> MakeAsync(string folder, int number, string address)
    {
        Directory.CreateDirectory(Path.Combine(folder, CaptureFormat.Folder(number)));
        string[] picture = ["-f", "lavfi", "-i", "testsrc=size=1280x800:rate=1", "-frames:v", "1"];
        return new LinkBody.Capture(number, address,
        [
            Put(CaptureFormat.Picture, await Clip.FfmpegAsync([], [.. picture, "-c:v", "png", "-f", "image2pipe", "pipe:1"])),
            Put(CaptureFormat.Thumbnail, await Clip.FfmpegAsync([], [.. picture, "-vf", "scale=480:-2", "-c:v", "mjpeg", "-f", "image2pipe", "pipe:1"])),
            Put(CaptureFormat.Dom, Encoding.UTF8.GetBytes(Page)),
        ]);

        NamedPart Put(string name, byte[] bytes)
        {
            var path = CaptureFormat.File(number, name);
            File.WriteAllBytes(Path.Combine(folder, path), bytes);
            return new NamedPart(path, new Part(bytes.Length, Digest.Of(bytes)));
        }
    }
}
