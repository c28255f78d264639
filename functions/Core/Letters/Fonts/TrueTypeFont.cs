using System.Buffers.Binary;

namespace Notary.Letters.Fonts;

/// <summary>
/// The tables of one TrueType font (OpenType 1.9, tables cmap, glyf, head, hhea, hmtx, loca, maxp, OS/2) that setting
/// and subsetting need. Immutable, so every letter shares it.
/// </summary>
internal sealed class TrueTypeFont
{
    private readonly byte[] data;
    private readonly Dictionary<uint, (int Offset, int Length)> tables = [];
    private readonly int characters;
    private readonly int groups;
    private readonly int glyf;
    private readonly int loca;
    private readonly bool longOffsets;
    private readonly int hmtx;
    private readonly int metrics;

    /// <param name="data">A font or a collection of fonts.</param>
    /// <param name="at">Where in it this font starts.</param>
    public TrueTypeFont(byte[] data, int at = 0)
    {
        this.data = data;
        var count = U16(at + 4);
        for (var i = 0; i < count; i++)
        {
            var entry = at + 12 + (16 * i);
            tables[U32(entry)] = ((int)U32(entry + 8), (int)U32(entry + 12));
        }

        var head = Offset("head");
        var hhea = Offset("hhea");
        var os2 = Offset("OS/2");
        UnitsPerEm = U16(head + 18);
        Bounds = (I16(head + 36), I16(head + 38), I16(head + 40), I16(head + 42));
        longOffsets = I16(head + 50) == 1;
        Ascent = I16(os2 + 68);
        Descent = I16(os2 + 70);
        CapHeight = I16(os2 + 88);
        GlyphCount = U16(Offset("maxp") + 4);
        metrics = U16(hhea + 34);
        (glyf, loca, hmtx) = (Offset("glyf"), Offset("loca"), Offset("hmtx"));
        characters = CharacterMap(Offset("cmap"));
        groups = (int)U32(characters + 12);
    }

    public int UnitsPerEm { get; }

    public (int Left, int Bottom, int Right, int Top) Bounds { get; }

    public int Ascent { get; }

    public int Descent { get; }

    public int CapHeight { get; }

    public int GlyphCount { get; }

    /// <summary>The glyph of a code point; 0 when the font has none.</summary>
    public int Glyph(int codePoint)
    {
        for (int low = 0, high = groups - 1; low <= high;)
        {
            var middle = (low + high) / 2;
            var group = characters + 16 + (12 * middle);
            if (codePoint < U32(group))
                high = middle - 1;
            else if (codePoint > U32(group + 4))
                low = middle + 1;
            else
                return (int)(U32(group + 8) + codePoint - U32(group));
        }

        return 0;
    }

    /// <summary>Advance width in font units.</summary>
    public int Advance(int glyph) => U16(hmtx + (4 * Math.Min(glyph, metrics - 1)));

    /// <summary>Left side bearing in font units.</summary>
    public int Bearing(int glyph)
        => glyph < metrics ? I16(hmtx + (4 * glyph) + 2) : I16(hmtx + (4 * metrics) + (2 * (glyph - metrics)));

    /// <summary>The outline as stored in table glyf; empty for a space.</summary>
    public ReadOnlySpan<byte> Outline(int glyph)
    {
        var (start, end) = longOffsets
            ? ((int)U32(loca + (4 * glyph)), (int)U32(loca + (4 * glyph) + 4))
            : (2 * U16(loca + (2 * glyph)), 2 * U16(loca + (2 * glyph) + 2));
        return data.AsSpan(glyf + start, end - start);
    }

    /// <summary>A whole table; empty when the font has none of that name.</summary>
    public ReadOnlySpan<byte> Table(string tag)
        => tables.TryGetValue(Tag(tag), out var found) ? data.AsSpan(found.Offset, found.Length) : default;

    private int CharacterMap(int cmap)
    {
        var count = U16(cmap + 2);
        for (var i = 0; i < count; i++)
        {
            if (cmap + (int)U32(cmap + 4 + (8 * i) + 4) is var at && U16(at) == 12)
                return at;
        }

        throw new InvalidDataException("the font has no cmap of format 12");
    }

    private int Offset(string tag)
        => tables.TryGetValue(Tag(tag), out var found) ? found.Offset : throw new InvalidDataException($"the font has no table {tag}");

    private static uint Tag(string tag) => BinaryPrimitives.ReadUInt32BigEndian(Encoding.ASCII.GetBytes(tag));

    private ushort U16(int at) => BinaryPrimitives.ReadUInt16BigEndian(data.AsSpan(at));

    private short I16(int at) => BinaryPrimitives.ReadInt16BigEndian(data.AsSpan(at));

    private uint U32(int at) => BinaryPrimitives.ReadUInt32BigEndian(data.AsSpan(at));
}
