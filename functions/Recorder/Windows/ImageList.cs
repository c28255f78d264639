using System.Runtime.Versioning;

namespace Notary.Recorder.Windows;

/// <summary>What the machine's image holds, as the same looks found it when the image was made: lines by check. The file is named by its SHA-256.</summary>
[SupportedOSPlatform("windows")]
internal sealed class ImageList
{
    /// <summary>Bytes: some ten thousand programs with their digests take two million.</summary>
    private const long MostBytes = 64 << 20;

    private readonly Dictionary<string, HashSet<string>> lines;

    private ImageList(Digest digest, Dictionary<string, HashSet<string>> lines) => (Digest, this.lines) = (digest, lines);

    public Digest Digest { get; }

    /// <summary>Beside the recorder, where only administrators write.</summary>
    public static string Place { get; } = Path.Combine(AppContext.BaseDirectory, "image.json");

    public IReadOnlySet<string> Of(string check) => lines.GetValueOrDefault(check) ?? [];

    /// <summary>Looks at the machine as it is, and writes that down.</summary>
    public static async Task<Digest> WriteAsync(CancellationToken cancel)
    {
        var found = new JsonObject();
        foreach (var (name, look) in MachineLooks.All)
            found[name] = new JsonArray([.. look().Order(StringComparer.Ordinal).Select(line => (JsonNode?)line)]);

        var bytes = Encoding.UTF8.GetBytes(found.ToJsonString());
        await File.WriteAllBytesAsync(Place, bytes, cancel);
        return Digest.Of(bytes);
    }

    /// <exception cref="IOException">There is none.</exception>
    public static ImageList Read()
    {
        if (new FileInfo(Place) is not { Exists: true, Length: < MostBytes })
            throw new IOException("the image has no list of what it holds: notary-recorder image writes it when the image is made");

        var bytes = File.ReadAllBytes(Place);
        var all = JsonNode.Parse(bytes) as JsonObject ?? throw new IOException("the image's list is none");
        return new ImageList(Digest.Of(bytes), all.ToDictionary(p => p.Key,
            p => p.Value!.AsArray().Select(line => line!.GetValue<string>()).ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal));
    }
}
