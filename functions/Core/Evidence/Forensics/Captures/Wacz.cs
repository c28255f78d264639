using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;

namespace Notary.Evidence.Forensics.Captures;

/// <summary>Writes a WACZ 1.1.1: a zip with a WARC, its index, the list of pages, and all their digests. The same exchanges give the same bytes.</summary>
public static class Wacz
{
    private const string Index = "indexes/index.cdx", Pages = "pages/pages.jsonl", Package = "datapackage.json", PackageDigest = "datapackage-digest.json";

    /// <summary>Members have no times of their own: the earliest that zip can say.</summary>
    private static readonly DateTimeOffset NoTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="output">Seekable; stays the caller's.</param>
    /// <param name="page">The page's main address, by which replay finds it.</param>
    /// <param name="title">The page's.</param>
    /// <param name="at">When it was captured.</param>
    /// <param name="software">Who writes.</param>
    /// <param name="exchanges">In the order of their requests.</param>
    public static void Write(Stream output, string page, string title, DateTimeOffset at, string software, IEnumerable<Exchange> exchanges)
    {
        using var zip = new ZipArchive(output, ZipArchiveMode.Create, leaveOpen: true);
        var (resources, places) = (new JsonArray(), new List<WarcPlace>());
        Put(CaptureFormat.Warc, stream =>
        {
            var warc = new WarcWriter(stream, software, at);
            places.AddRange(exchanges.Select(warc.Append));
        });
        Put(Index, stream => stream.Write(Lines(places.Select(Line).Order(StringComparer.Ordinal))));
        var (header, entry) = (new JsonObject { ["format"] = "json-pages-1.0", ["id"] = "pages", ["title"] = "All Pages" },
            new JsonObject { ["id"] = "page-1", ["url"] = page, ["ts"] = ForensicsJson.Time(at), ["title"] = title });
        Put(Pages, stream => stream.Write(Lines([Json(header), Json(entry)])));
        var package = Encoding.UTF8.GetBytes(Json(new JsonObject
        {
            ["profile"] = "data-package",
            ["wacz_version"] = "1.1.1",
            ["title"] = title,
            ["created"] = ForensicsJson.Time(at),
            ["software"] = software,
            ["mainPageUrl"] = page,
            ["mainPageDate"] = ForensicsJson.Time(at),
            ["resources"] = resources,
        }));
        Member(Package, package);
        Member(PackageDigest, Encoding.UTF8.GetBytes(Json(new JsonObject { ["path"] = Package, ["hash"] = $"sha256:{Digest.Of(package)}" })));

        void Put(string name, Action<Stream> write)
        {
            using var content = new MemoryStream();
            write(content);
            var bytes = content.GetBuffer().AsSpan(0, (int)content.Length);
            Member(name, bytes);
            resources.Add((JsonNode)new JsonObject
            {
                ["name"] = name.Split('/')[1],
                ["path"] = name,
                ["hash"] = $"sha256:{Digest.Of(bytes)}",
                ["bytes"] = bytes.Length,
            });
        }

        // Stored: replay reads single records out of the middle.
        void Member(string name, ReadOnlySpan<byte> bytes)
        {
            var member = zip.CreateEntry(name, CompressionLevel.NoCompression);
            member.LastWriteTime = NoTime;
            using var stream = member.Open();
            stream.Write(bytes);
        }
    }

    /// <summary>The responses in a WACZ, whose own digests are right.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    public static IReadOnlyList<WarcResponse> Read(Stream wacz)
    {
        try
        {
            using var zip = new ZipArchive(wacz, ZipArchiveMode.Read, leaveOpen: true);
            var members = zip.Entries.ToDictionary(e => e.FullName, StringComparer.Ordinal);
            var package = Bytes(members, Package);
            using var stated = JsonDocument.Parse(Bytes(members, PackageDigest));
            using var listed = JsonDocument.Parse(package);
            if (stated.RootElement.GetProperty("hash").GetString() != $"sha256:{Digest.Of(package)}")
                throw Bad("has another datapackage than it says");

            var resources = listed.RootElement.GetProperty("resources").EnumerateArray()
                .ToDictionary(r => r.GetProperty("path").GetString()!, r => r.GetProperty("hash").GetString(), StringComparer.Ordinal);
            if (!resources.Keys.Order(StringComparer.Ordinal).SequenceEqual([CaptureFormat.Warc, Index, Pages]) || members.Count != resources.Count + 2)
                throw Bad("has other members than its datapackage lists");

            foreach (var (name, hash) in resources)
            {
                if (hash != $"sha256:{Digest.Of(Bytes(members, name))}")
                    throw Bad($"has another {name} than its datapackage lists");
            }

            return WarcReader.Read(new MemoryStream(Bytes(members, CaptureFormat.Warc)));
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or JsonException or KeyNotFoundException or InvalidOperationException
            or ArgumentException or NotSupportedException)
        {
            throw Bad("cannot be read");
        }
    }

    private static byte[] Bytes(Dictionary<string, ZipArchiveEntry> members, string name)
    {
        var member = members.GetValueOrDefault(name) ?? throw Bad($"has no {name}");
        if (member.Length is < 0 or > CaptureFormat.MaxArchive)
            throw Bad($"has a {name} that is too long");

        // What a zip says of a member's length is a claim: no more than that is read.
        var bytes = new byte[member.Length];
        using var stream = member.Open();
        stream.ReadExactly(bytes);
        return stream.ReadByte() < 0 ? bytes : throw Bad($"has a {name} that is longer than it says");
    }

    // CDXJ: by which replay finds a response.
    private static string Line(WarcPlace place)
    {
        var mime = place.Exchange.Answered.FirstOrDefault(f => f.Name.Equals("content-type", StringComparison.OrdinalIgnoreCase)).Value ?? "";
        return $"{Key(place.Exchange.Address)} {place.Exchange.At.UtcDateTime.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture)} " + Json(new JsonObject
        {
            ["url"] = place.Exchange.Address,
            ["mime"] = mime.Split(';')[0].Trim(),
            ["status"] = place.Exchange.Status,
            ["digest"] = $"sha-256:{place.Payload}",
            ["length"] = place.Length,
            ["offset"] = place.Offset,
            ["filename"] = CaptureFormat.Warc.Split('/')[1],
        });
    }

    /// <summary>The address with its host's labels turned round (SURT), as indexes of web archives have it.</summary>
    private static string Key(string address)
    {
        if (!Uri.TryCreate(address.ToLowerInvariant(), UriKind.Absolute, out var uri))
            return address;

        var host = uri.Host.StartsWith("www.", StringComparison.Ordinal) ? uri.Host[4..] : uri.Host;
        var query = uri.Query.Length > 1 ? "?" + string.Join('&', uri.Query[1..].Split('&').Order(StringComparer.Ordinal)) : "";
        return $"{string.Join(',', host.Split('.').Reverse())}{(uri.IsDefaultPort ? "" : $":{uri.Port.ToString(CultureInfo.InvariantCulture)}")})"
            + $"{uri.AbsolutePath}{query}".Replace(" ", "%20", StringComparison.Ordinal);
    }

    private static string Json(JsonObject json) => json.ToJsonString(Plain);

    private static byte[] Lines(IEnumerable<string> lines) => Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => l + "\n")));

    private static FaultException Bad(string what) => new(Fault.Malformed, $"the WACZ {what}");
}
