using System.IO.Compression;
using Notary.Evidence.Forensics.Captures;
using Notary.Recorder.Desktop;

namespace Notary.Recorder.Tests.Captures;

/// <summary>Opens a captured page again from its archive alone, as Webrecorder's library reads it: nothing else answers.</summary>
internal sealed class Replay
{
    private readonly Dictionary<string, JsonNode> responses;

    private Replay(Dictionary<string, JsonNode> responses) => this.responses = responses;

    /// <summary>Addresses that were asked for and are not in the archive.</summary>
    public ConcurrentQueue<string> Missed { get; } = new();

    /// <param name="folder">With a capture's files.</param>
    /// <param name="cancel">Ends it.</param>
    public static async Task<Replay> ReadAsync(string folder, CancellationToken cancel)
    {
        var warc = Path.Combine(folder, "data.warc.gz");
        using (var zip = ZipFile.OpenRead(Path.Combine(folder, CaptureFormat.Archive)))
            zip.GetEntry(CaptureFormat.Warc)!.ExtractToFile(warc);

        var script = Path.Combine(Repository.Root, "tests", "Recorder", "Captures", "warc.mjs");
        var lines = await Child.RunAsync("node", [script, warc], new Dictionary<string, string>(), cancel);
        return new Replay(lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToDictionary(r => (string)r["url"]!));
    }

    /// <summary>Answers what the browser asks in a session from now on.</summary>
    public void Answer(BrowserPipe pipe, BrowserEvent e)
    {
        if (e.Method != "Fetch.requestPaused")
            return;

        var (id, url) = (e.Parameters["requestId"]!.DeepClone(), (string)e.Parameters["request"]!["url"]!);
        if (responses.TryGetValue(url, out var known))
        {
            _ = pipe.SendAsync("Fetch.fulfillRequest", new JsonObject
            {
                ["requestId"] = id,
                ["responseCode"] = known["status"]!.DeepClone(),
                ["responseHeaders"] = new JsonArray(new JsonObject { ["name"] = "content-type", ["value"] = known["type"]!.DeepClone() }),
                ["body"] = known["body"]!.DeepClone(),
            }, e.Session);
            return;
        }

        Missed.Enqueue(url);
        _ = pipe.SendAsync("Fetch.failRequest", new JsonObject { ["requestId"] = id, ["errorReason"] = "AddressUnreachable" }, e.Session);
    }

    /// <summary>How many pixels two pictures do not have in common, in thousandths.</summary>
    public static async Task<int> DifferenceAsync(string one, string other, CancellationToken cancel)
    {
        var (a, b) = (await PixelsAsync(one, cancel), await PixelsAsync(other, cancel));
        return a.Length != b.Length ? 1000 : (int)(a.Zip(b).Count(p => Math.Abs(p.First - p.Second) > 8) * 1000L / a.Length);
    }

    private static async Task<byte[]> PixelsAsync(string picture, CancellationToken cancel)
    {
        var raw = picture + ".raw";
        await Child.RunAsync("ffmpeg", ["-v", "error", "-i", picture, "-f", "rawvideo", "-pix_fmt", "rgb24", raw], new Dictionary<string, string>(), cancel);
        return await File.ReadAllBytesAsync(raw, cancel);
    }
}
