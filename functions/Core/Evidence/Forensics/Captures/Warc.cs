using System.IO.Compression;
using System.Text;

namespace Notary.Evidence.Forensics.Captures;

/// <summary>What was asked and answered over HTTP: as it came, but for what <see cref="WarcWriter"/> says.</summary>
/// <param name="Method">Such as <c>GET</c>.</param>
/// <param name="Asked">The request's header fields.</param>
/// <param name="Status">The answer's code.</param>
/// <param name="Reason">Its phrase; HTTP/2 has none.</param>
/// <param name="Answered">Its header fields.</param>
/// <param name="Body">Without transfer and content coding.</param>
public sealed record Exchange(
    string Address, DateTimeOffset At, string Method, IReadOnlyList<(string Name, string Value)> Asked,
    int Status, string Reason, IReadOnlyList<(string Name, string Value)> Answered, ReadOnlyMemory<byte> Body);

/// <summary>Where a response stands in a WARC, for an index.</summary>
public sealed record WarcPlace(Exchange Exchange, Digest Payload, long Offset, long Length);

/// <summary>Writes WARC 1.1 (ISO 28500:2017), a gzip member for each record. The same exchanges give the same bytes.</summary>
/// <remarks>Bodies have no coding any more, so the fields that say one are kept under another name, as web archives do. Cookies and credentials are left
/// out: they would let whoever reads the archive in.</remarks>
public sealed class WarcWriter
{
    private const string Kept = "x-orig-";

    private static readonly string[] Secret = ["cookie", "set-cookie", "set-cookie2", "authorization", "proxy-authorization"];

    private static readonly string[] Coding = ["content-encoding", "transfer-encoding", "content-length"];

    private readonly Stream stream;
    private long offset;

    /// <param name="stream">Written to; stays the caller's.</param>
    /// <param name="software">Who writes.</param>
    /// <param name="at">When.</param>
    public WarcWriter(Stream stream, string software, DateTimeOffset at)
    {
        this.stream = stream;
        Record("warcinfo", at, [("Content-Type", "application/warc-fields")],
            Encoding.UTF8.GetBytes($"software: {software}\r\nformat: WARC File Format 1.1\r\n"));
    }

    /// <summary>Appends request and response.</summary>
    public WarcPlace Append(Exchange exchange)
    {
        var (target, payload) = (("WARC-Target-URI", exchange.Address), Digest.Of(exchange.Body.Span));
        var begin = offset;
        byte[] answer =
        [
            .. Head($"HTTP/1.1 {exchange.Status.ToString(CultureInfo.InvariantCulture)} {OneLine(exchange.Reason)}".TrimEnd(), exchange.Answered,
                ("content-length", exchange.Body.Length.ToString(CultureInfo.InvariantCulture))),
            .. exchange.Body.Span,
        ];
        var response = Record("response", exchange.At,
            [target, ("Content-Type", "application/http; msgtype=response"), ("WARC-Payload-Digest", $"sha-256:{payload}")], answer);
        var place = new WarcPlace(exchange, payload, begin, offset - begin);
        var uri = Uri.TryCreate(exchange.Address, UriKind.Absolute, out var parsed) ? parsed : null;
        Record("request", exchange.At, [target, ("Content-Type", "application/http; msgtype=request"), ("WARC-Concurrent-To", response)],
            Head($"{OneLine(exchange.Method)} {uri?.PathAndQuery ?? "/"} HTTP/1.1", exchange.Asked, ("host", uri?.Authority ?? "")));
        return place;
    }

    private string Record(string type, DateTimeOffset at, IEnumerable<(string Name, string Value)> fields, byte[] block)
    {
        // An id of the record's own content: whoever writes the same again writes the same.
        Span<byte> hash = stackalloc byte[Digest.Size];
        SHA256.HashData([.. Encoding.UTF8.GetBytes($"{offset} {type} "), .. SHA256.HashData(block)], hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        var id = $"<urn:uuid:{new Guid(hash[..16], bigEndian: true)}>";
        var head = new StringBuilder("WARC/1.1\r\n").Append(CultureInfo.InvariantCulture, $"WARC-Type: {type}\r\nWARC-Record-ID: {id}\r\n")
            .Append(CultureInfo.InvariantCulture, $"WARC-Date: {ForensicsJson.Time(at)}\r\n");
        foreach (var (name, value) in fields)
            head.Append(CultureInfo.InvariantCulture, $"{name}: {OneLine(value)}\r\n");

        head.Append(CultureInfo.InvariantCulture, $"WARC-Block-Digest: sha-256:{Digest.Of(block)}\r\nContent-Length: {block.Length}\r\n\r\n");
        using var member = new MemoryStream();
        using (var zip = new GZipStream(member, CompressionLevel.Optimal, leaveOpen: true))
        {
            zip.Write(Encoding.UTF8.GetBytes(head.ToString()));
            zip.Write(block);
            zip.Write("\r\n\r\n"u8);
        }

        member.WriteTo(stream);
        offset += member.Length;
        return id;
    }

    private static byte[] Head(string first, IReadOnlyList<(string Name, string Value)> fields, (string Name, string Value) own)
    {
        var head = new StringBuilder(first).Append("\r\n");
        foreach (var (name, value) in fields.Where(f => !Is(f.Name, Secret) && !f.Name.StartsWith(':')))
        {
            var kept = Is(name, Coding) ? Kept + name : name;
            if (!name.Equals(own.Name, StringComparison.OrdinalIgnoreCase) || own.Name == "content-length")
                head.Append(CultureInfo.InvariantCulture, $"{OneLine(kept)}: {OneLine(value)}\r\n");
        }

        return Encoding.UTF8.GetBytes(head.Append(CultureInfo.InvariantCulture, $"{own.Name}: {own.Value}\r\n\r\n").ToString());
    }

    private static bool Is(string name, string[] among) => among.Contains(name, StringComparer.OrdinalIgnoreCase);

    // A field's value must not begin another field.
    private static string OneLine(string value) => value.Replace('\r', ' ').Replace('\n', ' ');
}
