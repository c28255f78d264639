namespace Notary.Verification.Letters;

/// <summary>What the character codes of a font mean: a CMap of single mappings (ISO 32000-1 §9.10.3), as letters have them.</summary>
internal sealed class ToUnicode
{
    /// <summary>Maps kept for the process: those of the subset that all letters of one version share.</summary>
    private const int MaxRemembered = 64;

    /// <summary>Bytes of a map that is kept, and of any map: some thousand characters.</summary>
    private const int MaxKept = 64 * 1024;
    private const int MaxBytes = 2 << 20;

    private static readonly ConcurrentDictionary<Digest, ToUnicode> Remembered = new();

    private readonly Dictionary<int, int> points = [];

    private ToUnicode(ReadOnlySpan<byte> map)
    {
        if (map.Length > MaxBytes || map.IndexOf("bfrange"u8) >= 0 || map.IndexOf("usecmap"u8) >= 0)
            throw PdfObjects.Bad("a font's characters are not told as a letter tells them");

        for (var next = map.IndexOf("beginbfchar\n"u8); next >= 0; next = map.IndexOf("beginbfchar\n"u8))
        {
            map = map[(next + 12)..];
            while (map.Length > 0 && map[0] == '<')
            {
                var line = map[..Math.Max(0, map.IndexOf((byte)'\n'))];
                if (line.Length is not (13 or 17) || !line[5..8].SequenceEqual("> <"u8) || line[^1] != '>'
                    || !points.TryAdd(Hex16(line[1..]), line.Length == 13 ? Hex16(line[8..]) : Pair(Hex16(line[8..]), Hex16(line[12..]))))
                    throw PdfObjects.Bad("a font's characters are not told as a letter tells them");

                map = map[(line.Length + 1)..];
            }
        }
    }

    /// <summary>The map in a stream, unpacked only when it is not one that was read before.</summary>
    public static ToUnicode Of(ReadOnlyMemory<byte> stream, Func<ReadOnlyMemory<byte>, byte[]> inflate)
    {
        var digest = Digest.Of(stream.Span);
        if (Remembered.TryGetValue(digest, out var known))
            return known;

        var bytes = inflate(stream);
        var map = new ToUnicode(bytes);
        if (bytes.Length <= MaxKept)
        {
            // Every letter brings a small map of its own besides: whoever fills this only makes it start afresh.
            if (Remembered.Count >= MaxRemembered)
                Remembered.Clear();

            Remembered[digest] = map;
        }

        return map;
    }

    /// <summary>Adds what a string of two-byte codes shows, without its white space.</summary>
    public void Append(ReadOnlySpan<byte> hex, StringBuilder to)
    {
        if (hex.Length % 4 != 0)
            throw PdfObjects.Bad("a page shows half a character");

        for (; hex.Length > 0; hex = hex[4..])
        {
            if (!points.TryGetValue(Hex16(hex), out var point))
                throw PdfObjects.Bad("a page shows a character that its font does not explain");

            if (point >= 0x10000)
                to.Append(char.ConvertFromUtf32(point));
            else if (!char.IsWhiteSpace((char)point))
                to.Append((char)point);
        }
    }

    private static int Pair(int high, int low)
        => char.IsSurrogatePair((char)high, (char)low) ? char.ConvertToUtf32((char)high, (char)low) : throw PdfObjects.Bad("a font's characters are no text");

    private static int Hex16(ReadOnlySpan<byte> hex)
        => System.Buffers.Text.Utf8Parser.TryParse(hex[..4], out int value, out var used, 'x') && used == 4
            ? value : throw PdfObjects.Bad("a font's characters are not told as a letter tells them");
}
