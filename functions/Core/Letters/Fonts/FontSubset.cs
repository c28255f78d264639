using System.Buffers.Binary;

namespace Notary.Letters.Fonts;

/// <summary>
/// The part of a font that one document shows. Every distinct code point gets its own character code, in order of first
/// use and counted from 1, so that text copied from the document is exactly the text that went in, even where the font
/// draws two characters alike. A code point that is drawn in several ways has a code for each. Characters may come from several fonts of one
/// size of em; the first gives the tables that describe all.
/// </summary>
internal sealed class FontSubset(TrueTypeFont font)
{
    private readonly Dictionary<int, int> codes = [];
    private readonly Dictionary<(int Point, TrueTypeFont Font, string Pieces, int Advance), int> shaped = [];
    private readonly List<int> points = [];
    private readonly List<Outline> outlines = [new(font, [new(0, 0, 0)], font.Advance(0))];

    private sealed record Outline(TrueTypeFont Font, Piece[] Pieces, int Advance)
    {
        /// <summary>The font's own glyph, where the font has it.</summary>
        public int? Glyph => Pieces is [{ X: 0, Y: 0 } only] ? only.Glyph : null;
    }

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
            var glyph = from.Glyph(codePoint);
            code = Add(codePoint, new Outline(from, [new Piece(glyph, 0, 0)], from.Advance(glyph)));
            codes.Add(codePoint, code);
        }

        return code;
    }

    /// <summary>The character code of a code point that is drawn as its neighbours ask, added to the subset when new.</summary>
    /// <param name="codePoint">What is to be shown.</param>
    /// <param name="from">The font of the glyphs.</param>
    /// <param name="pieces">What is drawn; nothing where a neighbour's outline draws this one too.</param>
    /// <param name="advance">Its width in font units.</param>
    public int Code(int codePoint, TrueTypeFont from, Piece[] pieces, int advance)
    {
        var key = (codePoint, from, string.Join(' ', pieces), advance);
        if (!shaped.TryGetValue(key, out var code))
        {
            code = Add(codePoint, new Outline(from, pieces, advance));
            shaped.Add(key, code);
        }

        return code;
    }

    /// <summary>Advance of a character code in thousandths of the font size.</summary>
    public int Width(int code) => outlines[code].Advance * 1000 / font.UnitsPerEm;

    /// <summary>A TrueType file with the glyphs of codes 0…n only, its tables as ISO 32000-1 §9.9 asks of an embedded CIDFontType2.</summary>
    public byte[] ToTrueType()
    {
        var all = new List<Outline>(outlines);
        var program = Program(all);
        var count = all.Count;
        var offsets = new int[count + 1];
        for (var code = 0; code < count; code++)
            offsets[code + 1] = Align(offsets[code] + program[code].Length);

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
            Fill(tag, table, offsets, all, program);
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

    private int Add(int codePoint, Outline outline)
    {
        points.Add(codePoint);
        outlines.Add(outline);
        return points.Count;
    }

    private void Fill(string tag, Span<byte> table, int[] offsets, List<Outline> all, List<byte[]> program)
    {
        switch (tag)
        {
            case "glyf":
                for (var code = 0; code < program.Count; code++)
                    program[code].CopyTo(table[offsets[code]..]);

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
                for (var code = 0; code < all.Count; code++)
                {
                    // Where an outline that is put together starts is its left side bearing, so that nobody moves it.
                    BinaryPrimitives.WriteUInt16BigEndian(table[(4 * code)..], (ushort)all[code].Advance);
                    var bearing = all[code].Glyph is { } glyph ? (short)all[code].Font.Bearing(glyph)
                        : program[code].Length > 0 ? BinaryPrimitives.ReadInt16BigEndian(program[code].AsSpan(2)) : (short)0;
                    BinaryPrimitives.WriteInt16BigEndian(table[((4 * code) + 2)..], bearing);
                }

                break;
            case "loca":
                for (var code = 0; code < offsets.Length; code++)
                    BinaryPrimitives.WriteInt32BigEndian(table[(4 * code)..], offsets[code]);

                break;
            default:
                // Points, contours and the like: as many as any of the fonts may have in one glyph.
                foreach (var used in all.Select(g => g.Font).Distinct())
                {
                    for (var at = 0; at < 32; at += 2)
                    {
                        var most = Math.Max(BinaryPrimitives.ReadUInt16BigEndian(table[at..]), BinaryPrimitives.ReadUInt16BigEndian(used.Table("maxp")[at..]));
                        BinaryPrimitives.WriteUInt16BigEndian(table[at..], most);
                    }
                }

                BinaryPrimitives.WriteUInt16BigEndian(table[4..], (ushort)all.Count);
                if (outlines.Where(o => o.Glyph is null).Select(o => o.Pieces.Length).DefaultIfEmpty().Max() is > 0 and var parts)
                {
                    // Points, contours, parts, depth of outlines that are put together: not above these.
                    foreach (var (of, single) in (ReadOnlySpan<(int, int)>)[(10, 6), (12, 8)])
                    {
                        var most = parts * BinaryPrimitives.ReadUInt16BigEndian(table[single..]);
                        BinaryPrimitives.WriteUInt16BigEndian(table[of..], (ushort)Math.Min(ushort.MaxValue, most));
                    }

                    BinaryPrimitives.WriteUInt16BigEndian(table[28..], (ushort)parts);
                    BinaryPrimitives.WriteUInt16BigEndian(table[30..], 1);
                }

                break;
        }
    }

    /// <summary>The outlines in their order; the parts of those that are put together are added behind them.</summary>
    private static List<byte[]> Program(List<Outline> all)
    {
        var program = new List<byte[]>();
        var numbers = new Dictionary<(TrueTypeFont, int), int>();
        for (var i = 0; i < all.Count; i++)
        {
            var outline = all[i];
            program.Add(outline.Glyph is { } glyph ? Simple(outline.Font, glyph) : outline.Pieces.Length == 0 ? [] : Composite(outline, p =>
            {
                if (!numbers.TryGetValue((outline.Font, p), out var number))
                {
                    numbers.Add((outline.Font, p), number = all.Count);
                    all.Add(new Outline(outline.Font, [new Piece(p, 0, 0)], outline.Font.Advance(p)));
                }

                return number;
            }));
        }

        return program;
    }

    /// <summary>An outline made of others (OpenType 1.9, table glyf, composite glyph description).</summary>
    private static byte[] Composite(Outline outline, Func<int, int> number)
    {
        const int wordsThatAreDistances = 3;
        const int more = 0x20;
        var bytes = new byte[10 + (8 * outline.Pieces.Length)];
        Span<short> box = [short.MaxValue, short.MaxValue, short.MinValue, short.MinValue];
        for (var i = 0; i < outline.Pieces.Length; i++)
        {
            var piece = outline.Pieces[i];
            var simple = outline.Font.Outline(piece.Glyph);
            for (var side = 0; side < 4; side++)
            {
                var value = (short)(BinaryPrimitives.ReadInt16BigEndian(simple[(2 + (2 * side))..]) + (side % 2 == 0 ? piece.X : piece.Y));
                box[side] = side < 2 ? Math.Min(box[side], value) : Math.Max(box[side], value);
            }

            var part = bytes.AsSpan(10 + (8 * i));
            BinaryPrimitives.WriteInt16BigEndian(part, (short)(i + 1 < outline.Pieces.Length ? wordsThatAreDistances + more : wordsThatAreDistances));
            BinaryPrimitives.WriteUInt16BigEndian(part[2..], (ushort)number(piece.Glyph));
            BinaryPrimitives.WriteInt16BigEndian(part[4..], (short)piece.X);
            BinaryPrimitives.WriteInt16BigEndian(part[6..], (short)piece.Y);
        }

        BinaryPrimitives.WriteInt16BigEndian(bytes, -1); // contours: of others
        for (var side = 0; side < 4; side++)
            BinaryPrimitives.WriteInt16BigEndian(bytes.AsSpan(2 + (2 * side)), box[side]);

        return bytes;
    }

    // A composite outline names other glyphs by number, which a renumbered subset would break. None of our fonts has any.
    private static byte[] Simple(TrueTypeFont of, int glyph)
    {
        var outline = of.Outline(glyph);
        return outline.IsEmpty || BinaryPrimitives.ReadInt16BigEndian(outline) >= 0
            ? outline.ToArray()
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
