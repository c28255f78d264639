namespace Notary.Letters.Fonts;

/// <summary>One subset as PDF objects: Type0 font with Identity-H, CIDFontType2, descriptor, font file, ToUnicode (ISO 32000-1 §9.7).</summary>
/// <remarks>Made once and written many times: compressing the outlines is most of the work of a letter.</remarks>
internal sealed class Typeface
{
    // A CMap block holds at most 100 mappings (Adobe Technical Note 5014).
    private const int MappingsPerBlock = 100;

    private readonly byte[] file;
    private readonly byte[] length1;
    private readonly byte[] toUnicode;
    private readonly byte[] widths;
    private readonly byte[] descriptor;
    private readonly string name;

    public Typeface(FontSubset subset, CompressionLevel level)
    {
        var outlines = subset.ToTrueType();
        length1 = [.. "/Length1 "u8, .. Encoding.ASCII.GetBytes(outlines.Length.ToString(CultureInfo.InvariantCulture))];
        file = PdfWriter.Deflate(outlines, level);
        toUnicode = PdfWriter.Deflate(ToUnicode(subset.CodePoints), level);
        name = $"{Tag(outlines)}+NotoSansSC-Regular";
        var font = subset.Font;
        descriptor = new PdfBuffer(256).Add(" /Flags 4 /ItalicAngle 0 /StemV 80 /FontBBox ["u8)
            .Int(font.Bounds.Left).Add(" "u8).Int(font.Bounds.Bottom).Add(" "u8).Int(font.Bounds.Right).Add(" "u8).Int(font.Bounds.Top)
            .Add("] /Ascent "u8).Int(font.Ascent).Add(" /Descent "u8).Int(font.Descent).Add(" /CapHeight "u8).Int(font.CapHeight).ToArray();
        widths = Widths(subset);
    }

    /// <summary>Writes the font's objects; <paramref name="number"/> is the Type0 font's.</summary>
    public void Write(PdfWriter pdf, int number)
    {
        var (descendant, describes, program, unicode) = (pdf.Reserve(), pdf.Reserve(), pdf.Reserve(), pdf.Reserve());
        pdf.Open(number).Add("<< /Type /Font /Subtype /Type0 /Encoding /Identity-H /BaseFont /"u8).Ascii(name)
            .Add(" /DescendantFonts ["u8).Ref(descendant).Add("] /ToUnicode "u8).Ref(unicode).Add(" >>"u8);
        pdf.Close();
        pdf.Open(descendant).Add("<< /Type /Font /Subtype /CIDFontType2 /CIDToGIDMap /Identity /BaseFont /"u8).Ascii(name)
            .Add(" /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor "u8).Ref(describes)
            .Add(" /DW 1000 /W "u8).Add(widths).Add(" >>"u8);
        pdf.Close();
        pdf.Open(describes).Add("<< /Type /FontDescriptor /FontName /"u8).Ascii(name).Add(descriptor)
            .Add(" /FontFile2 "u8).Ref(program).Add(" >>"u8);
        pdf.Close();
        pdf.Deflated(program, length1, file);
        pdf.Deflated(unicode, default, toUnicode);
    }

    // §9.6.4: six letters that differ between subsets. Drawn from the outlines, so equal subsets get equal names.
    private static string Tag(byte[] outlines)
    {
        var hash = SHA256.HashData(outlines);
        return string.Create(6, hash, (tag, bytes) =>
        {
            for (var i = 0; i < tag.Length; i++)
                tag[i] = (char)('A' + (bytes[i] % 26));
        });
    }

    private static byte[] Widths(FontSubset subset)
    {
        var array = new PdfBuffer(1024).Add("[0 ["u8);
        for (var code = 0; code <= subset.CodePoints.Count; code++)
            array.Int(subset.Width(code)).Add(" "u8);

        return array.Add("]]"u8).ToArray();
    }

    private static ReadOnlySpan<byte> ToUnicode(IReadOnlyList<int> points)
    {
        var map = new PdfBuffer(4096).Add("""
            /CIDInit /ProcSet findresource begin
            12 dict begin
            begincmap
            /CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
            /CMapName /Adobe-Identity-UCS def
            /CMapType 2 def
            1 begincodespacerange
            <0000> <ffff>
            endcodespacerange

            """u8);
        for (var first = 0; first < points.Count; first += MappingsPerBlock)
        {
            var block = Math.Min(MappingsPerBlock, points.Count - first);
            map.Int(block).Add(" beginbfchar\n"u8);
            for (var i = first; i < first + block; i++)
            {
                map.Add("<"u8).Hex16(i + 1).Add("> <"u8);
                foreach (var unit in new Rune(points[i]).ToString())
                    map.Hex16(unit);

                map.Add(">\n"u8);
            }

            map.Add("endbfchar\n"u8);
        }

        return map.Add("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"u8).Span;
    }
}
