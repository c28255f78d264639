using System.Buffers.Binary;

namespace Notary.Letters.Fonts;

/// <summary>
/// The part of a font that one document shows. Every distinct code point gets its own character code, in order of first
/// use and counted from 1, so that text copied from the document is exactly the text that went in, even where the font
/// draws two characters alike. Characters may come from several fonts of one size of em; the first gives the tables that describe all.
/// </summary>
internal sealed class FontSubset(TrueTypeFont font)
{
    private readonly Dictionary<int, int> codes = [];
    private readonly List<int> points = [];
    private readonly List<(TrueTypeFont Font, int Glyph)> glyphs = [(font, 0)];

    /// <summary>Code points in the order of their codes: the first has code 1, code 0 is the missing glyph.</summary>
    public IReadOnlyList<int> CodePoints => points;

    public TrueTypeFont Font => font;

    /// <summary>The character code of a code point, added to the subset when new.</summary>
    /// <param name="codePoint">What is to be shown.</param>
    /// <param name="from">A font that has it.</param>
    public int Code(int codePoint, TrueTypeFont from)
    {
        if (!codes.TryGetValue(codePoint, out var code))
        {
            points.Add(codePoint);
            glyphs.Add((from, from.Glyph(codePoint)));
            code = points.Count;
            codes.Add(codePoint, code);
        }

        return code;
    }

    /// <summary>Advance of a character code in thousandths of the font size.</summary>
    public int Width(int code) => Advance(code) * 1000 / font.UnitsPerEm;

    /// <summary>A TrueType file with the glyphs of codes 0…n only, its tables as ISO 32000-1 §9.9 asks of an embedded CIDFontType2.</summary>
    public byte[] ToTrueType()
    {
        var count = points.Count + 1;
        var offsets = new int[count + 1];
        for (var code = 0; code < count; code++)
            offsets[code + 1] = Align(offsets[code] + SimpleOutline(code).Length);

        (string Tag, int Length)[] layout =
        [
            ("glyf", offsets[count]), ("head", 54), ("hhea", 36), ("hmtx", 4 * count), ("loca", 4 * (count + 1)), ("maxp", 32),
        ];
        var file = new byte[12 + (16 * layout.Length) + layout.Sum(t => Align(t.Length))];
        WriteHeader(file, layout.Length);
        var at = 12 + (16 * layout.Length);
        for (var i = 0; i < layout.Length; i++)
        {
            var (tag, length) = layout[i];
            var table = file.AsSpan(at, Align(length));
            Fill(tag, table, offsets);
            var entry = file.AsSpan(12 + (16 * i));
            System.Text.Encoding.ASCII.GetBytes(tag, entry);
            BinaryPrimitives.WriteUInt32BigEndian(entry[4..], Checksum(table));
            BinaryPrimitives.WriteInt32BigEndian(entry[8..], at);
            BinaryPrimitives.WriteInt32BigEndian(entry[12..], length);
            at += table.Length;
        }

        var head = 12 + (16 * layout.Length) + Align(layout[0].Length);
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(head + 8), 0xB1B0AFBA - Checksum(file));
        return file;
    }

    private int Advance(int code) => glyphs[code].Font.Advance(glyphs[code].Glyph);

    private void Fill(string tag, Span<byte> table, int[] offsets)
    {
        switch (tag)
        {
            case "glyf":
                for (var code = 0; code < offsets.Length - 1; code++)
                    SimpleOutline(code).CopyTo(table[offsets[code]..]);

                break;
            case "head":
                font.Table("head")[..54].CopyTo(table);
                BinaryPrimitives.WriteUInt32BigEndian(table[8..], 0); // checkSumAdjustment: known when the file is whole
                BinaryPrimitives.WriteInt16BigEndian(table[50..], 1); // indexToLocFormat: 32-bit
                break;
            case "hhea":
                font.Table("hhea")[..36].CopyTo(table);
                BinaryPrimitives.WriteUInt16BigEndian(table[34..], (ushort)(offsets.Length - 1));
                break;
            case "hmtx":
                for (var code = 0; code < offsets.Length - 1; code++)
                {
                    BinaryPrimitives.WriteUInt16BigEndian(table[(4 * code)..], (ushort)Advance(code));
                    BinaryPrimitives.WriteInt16BigEndian(table[((4 * code) + 2)..], (short)glyphs[code].Font.Bearing(glyphs[code].Glyph));
                }

                break;
            case "loca":
                for (var code = 0; code < offsets.Length; code++)
                    BinaryPrimitives.WriteInt32BigEndian(table[(4 * code)..], offsets[code]);

                break;
            default:
                // Points, contours and the like: as many as any of the fonts may have in one glyph.
                foreach (var used in glyphs.Select(g => g.Font).Distinct())
                {
                    for (var at = 0; at < 32; at += 2)
                    {
                        var most = Math.Max(BinaryPrimitives.ReadUInt16BigEndian(table[at..]), BinaryPrimitives.ReadUInt16BigEndian(used.Table("maxp")[at..]));
                        BinaryPrimitives.WriteUInt16BigEndian(table[at..], most);
                    }
                }

                BinaryPrimitives.WriteUInt16BigEndian(table[4..], (ushort)(offsets.Length - 1));
                break;
        }
    }

    // A composite outline names other glyphs by number, which a renumbered subset would break. Neither of our fonts has any.
    private ReadOnlySpan<byte> SimpleOutline(int code)
    {
        var (of, glyph) = glyphs[code];
        var outline = of.Outline(glyph);
        return outline.IsEmpty || BinaryPrimitives.ReadInt16BigEndian(outline) >= 0
            ? outline
            : throw new NotSupportedException($"glyph {glyph} is composite");
    }

    private static void WriteHeader(Span<byte> file, int tables)
    {
        var power = System.Numerics.BitOperations.Log2((uint)tables);
        BinaryPrimitives.WriteUInt32BigEndian(file, 0x00010000);
        BinaryPrimitives.WriteUInt16BigEndian(file[4..], (ushort)tables);
        BinaryPrimitives.WriteUInt16BigEndian(file[6..], (ushort)(16 << power));
        BinaryPrimitives.WriteUInt16BigEndian(file[8..], (ushort)power);
        BinaryPrimitives.WriteUInt16BigEndian(file[10..], (ushort)((16 * tables) - (16 << power)));
    }

    private static int Align(int length) => (length + 3) & ~3;

    private static uint Checksum(ReadOnlySpan<byte> table)
    {
        var sum = 0u;
        for (; table.Length >= 4; table = table[4..])
            sum += BinaryPrimitives.ReadUInt32BigEndian(table);

        return sum;
    }
}
