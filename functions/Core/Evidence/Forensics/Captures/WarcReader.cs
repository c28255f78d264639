using System.IO.Compression;
using System.Text;

namespace Notary.Evidence.Forensics.Captures;

/// <summary>A response as a WARC has it.</summary>
/// <param name="Type">The content type without parameters, in lower case; empty when it says none.</param>
public sealed record WarcResponse(string Address, int Status, string Type, ReadOnlyMemory<byte> Body);

/// <summary>Reads the responses of a WARC 1.1 whose records are gzip members, within bounds: it may come from anybody.</summary>
public static class WarcReader
{
    /// <summary>Records: an information, and for each response its request.</summary>
    private const int MaxRecords = (2 * CaptureFormat.MaxResponses) + 1;

    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    public static IReadOnlyList<WarcResponse> Read(Stream warc)
    {
        var responses = new List<WarcResponse>();
        try
        {
            using var unzipped = new GZipStream(warc, CompressionMode.Decompress, leaveOpen: true);
            using var stream = new BufferedStream(unzipped, 1 << 16);
            var (records, left) = (0, (long)CaptureFormat.MaxArchive);
            while (Head(stream, ref left) is { } lines)
            {
                if (++records > MaxRecords || lines[0] != "WARC/1.1")
                    throw Bad("is none, or has too many records");

                if (!int.TryParse(Field(lines, "content-length"), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                    || length > CaptureFormat.MaxBody + CaptureFormat.MaxHead || (left -= length) < 0)
                    throw Bad("has a record that is too long");

                var block = new byte[length + 4];
                stream.ReadExactly(block);
                if (!block.AsSpan(length).SequenceEqual("\r\n\r\n"u8))
                    throw Bad("has a record without an end");

                if (Field(lines, "warc-type") == "response")
                    responses.Add(Response(Field(lines, "warc-target-uri"), block.AsMemory(0, length)));
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw Bad("is damaged");
        }

        return responses;
    }

    private static WarcResponse Response(string address, ReadOnlyMemory<byte> block)
    {
        var end = block.Span.IndexOf("\r\n\r\n"u8);
        if (end is < 0 or > CaptureFormat.MaxHead)
            throw Bad("has a response without a head");

        var lines = Encoding.UTF8.GetString(block.Span[..end]).Split("\r\n");
        if (lines[0].Split(' ') is not ["HTTP/1.1", var code, ..] || !int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var status))
            throw Bad("has a response without a status");

        return new WarcResponse(address, status, Field(lines, "content-type").Split(';')[0].Trim().ToLowerInvariant(), block[(end + 4)..]);
    }

    /// <summary>Lines up to an empty one; null at the end.</summary>
    private static string[]? Head(BufferedStream stream, ref long left)
    {
        var head = new List<byte>();
        while (stream.ReadByte() is >= 0 and var next)
        {
            head.Add((byte)next);
            if (head.Count >= 4 && head[^1] == '\n' && head[^2] == '\r' && head[^3] == '\n')
            {
                left -= head.Count;
                return Encoding.UTF8.GetString([.. head]).Split("\r\n")[..^2];
            }

            if (head.Count > CaptureFormat.MaxHead)
                throw Bad("has a head that is too long");
        }

        return head.Count == 0 ? null : throw Bad("breaks off");
    }

    private static string Field(string[] lines, string name)
        => lines.Skip(1).Select(l => l.Split(':', 2)).FirstOrDefault(f => f.Length == 2 && f[0].Equals(name, StringComparison.OrdinalIgnoreCase))
            is [_, var value] ? value.Trim() : "";

    private static FaultException Bad(string what) => new(Fault.Malformed, $"the WARC {what}");
}
