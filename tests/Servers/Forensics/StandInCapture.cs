using Notary.Evidence;
using Notary.Evidence.Forensics;
using Notary.Evidence.Forensics.Captures;

namespace Notary.Servers.Forensics;

/// <summary>A captured page without a browser: a made-up document with all that a capture has, and a test picture of it.</summary>
public sealed record StandInCapture
{
    private const string Software = "stand-in";

    private static readonly Lazy<Task<byte[]>> Picture = new(() => PaintAsync("-c:v", "png")),
        Thumbnail = new(() => PaintAsync("-vf", "scale=480:-2", "-c:v", "mjpeg"));

    /// <summary>From 1.</summary>
    public required int Number { get; init; }

    /// <summary>Of the page.</summary>
    public required string Address { get; init; }

    public DateTimeOffset At { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>What came over the wire, what stands in the DOM and is seen, and what the second fetch got.</summary>
    public string Served { get; init; } = Document("The price is 100.");

    public string Dom { get; init; } = Document("The price is 100.");

    public string Again { get; init; } = Document("The price is 100.");

    public IReadOnlyList<SeenText> Seen { get; init; } =
        [new(SeenOrigin.Text, "Offer"), new(SeenOrigin.Text, "The price is 100."), new(SeenOrigin.Text, "Valid \u201cuntil\u201d June")];

    public static string Document(string text)
        => $"<!doctype html><html><head><title>Offer</title></head><body><h1>Offer</h1><p>{text}</p><p>Valid &ldquo;until&rdquo; June</p></body></html>";

    /// <summary>Writes the files into a recording's folder.</summary>
    /// <returns>The link's body.</returns>
    public async Task<LinkBody.Capture> MakeAsync(string folder)
    {
        var files = await FilesAsync();
        Recording.Save(files, folder);
        return Body(files);
    }

    /// <summary>The link's body for these files.</summary>
    public LinkBody.Capture Body(IEnumerable<KeyValuePair<string, byte[]>> files)
        => new(Number, Address, [.. files.Select(f => new NamedPart(f.Key, new Part(f.Value.Length, Digest.Of(f.Value))))]);

    /// <summary>The files by their names in the package, with the report that an honest recorder writes of them.</summary>
    public async Task<SortedDictionary<string, byte[]>> FilesAsync()
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal)
        {
            [CaptureFormat.Picture] = await Picture.Value,
            [CaptureFormat.Thumbnail] = await Thumbnail.Value,
            [CaptureFormat.Dom] = Encoding.UTF8.GetBytes(Dom),
            [CaptureFormat.Seen] = SeenTexts.Write(Seen),
            [CaptureFormat.Archive] = Written(stream => Wacz.Write(stream, Address, "Offer", At, Software, [Exchange(Served)])),
            [CaptureFormat.Second] = Written(stream => new WarcWriter(stream, Software, At).Append(Exchange(Again))),
        };
        var second = WarcReader.Read(new MemoryStream(files[CaptureFormat.Second]))[^1];
        var wire = Wacz.Read(new MemoryStream(files[CaptureFormat.Archive]));
        var report = new CaptureReport(
            Number, At, Address, "Offer", new CaptureSize(1280, 800, 800, 700),
            [.. files.Select(f => new NamedPart(f.Key, new Part(f.Value.Length, Digest.Of(f.Value))))], null, Address, wire.Count, [], [],
            new SecondFetched(SecondOutcome.Fetched, Address, 200, "directly"), Reconciliation.Make(Seen, Dom, wire, Address, second));
        files[CaptureFormat.Report] = report.ToBytes();
        return new(files.ToDictionary(f => CaptureFormat.File(Number, f.Key), f => f.Value), StringComparer.Ordinal);
    }

    private static Task<byte[]> PaintAsync(params string[] how) => Clip.FfmpegAsync([],
        ["-f", "lavfi", "-i", "testsrc=size=1280x800:rate=1", "-frames:v", "1", .. how, "-f", "image2pipe", "pipe:1"]);

    private Exchange Exchange(string document)
        => new(Address, At, "GET", [], 200, "OK", [("Content-Type", "text/html; charset=utf-8")], Encoding.UTF8.GetBytes(document));

    private static byte[] Written(Action<Stream> write)
    {
        using var memory = new MemoryStream();
        write(memory);
        return memory.ToArray();
    }
}
