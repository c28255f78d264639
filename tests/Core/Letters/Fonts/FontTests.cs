using System.Buffers.Binary;
using Notary.Letters.Fonts;

namespace Notary.Letters.Tests.Fonts;

[TestClass]
public sealed class FontTests
{
    private static readonly TrueTypeFont Font = new(
        File.ReadAllBytes(Path.Combine(Repository.Root, "functions", "Core", "Letters", "Fonts", "NotoSansSC-Regular.ttf")));

    [TestMethod]
    public void The_font_is_the_published_one()
    {
        var published = Path.Combine(Repository.Root, "scripts", "node_modules",
            "@expo-google-fonts", "noto-sans-sc", "400Regular", "NotoSansSC_400Regular.ttf");
        CollectionAssert.AreEqual(File.ReadAllBytes(published),
            File.ReadAllBytes(Path.Combine(Repository.Root, "functions", "Core", "Letters", "Fonts", "NotoSansSC-Regular.ttf")));
    }

    [TestMethod]
    public void Metrics_are_the_tables()
    {
        Assert.AreEqual(1000, Font.UnitsPerEm);
        Assert.AreEqual((880, -120, 733), (Font.Ascent, Font.Descent, Font.CapHeight));
        Assert.AreEqual(1000, Font.Advance(Font.Glyph('存')));
        Assert.AreEqual(0, Font.Glyph(0x1F600), "no emoji");
        Assert.AreNotEqual(0, Font.Glyph(0x20164), "but some characters beyond the basic plane");
    }

    [TestMethod]
    public void A_subset_draws_the_same_outlines_at_the_same_widths()
    {
        var subset = new FontSubset(Font);
        const string text = "存证函 Letter 0123 ，。";
        var codes = text.EnumerateRunes().Select(r => subset.Code(r.Value, Font)).ToArray();
        CollectionAssert.AreEqual(codes, text.EnumerateRunes().Select(r => subset.Code(r.Value, Font)).ToArray(), "a code never changes");

        // The subset has no cmap, which PDF does not need, so its tables are read by hand.
        var file = subset.ToTrueType();
        var glyf = Table(file, "glyf");
        var loca = Table(file, "loca");
        var hmtx = Table(file, "hmtx");
        var maxp = Table(file, "maxp");
        Assert.AreEqual(subset.CodePoints.Count + 1, BinaryPrimitives.ReadUInt16BigEndian(maxp[4..]));
        foreach (var (rune, code) in text.EnumerateRunes().Zip(codes))
        {
            var (start, end) = (BinaryPrimitives.ReadInt32BigEndian(loca[(4 * code)..]), BinaryPrimitives.ReadInt32BigEndian(loca[((4 * code) + 4)..]));
            var outline = Font.Outline(Font.Glyph(rune.Value));
            Assert.IsTrue(glyf[start..end].StartsWith(outline), rune.ToString());
            Assert.AreEqual(Font.Advance(Font.Glyph(rune.Value)), BinaryPrimitives.ReadUInt16BigEndian(hmtx[(4 * code)..]));
            Assert.AreEqual(subset.Width(code), Font.Advance(Font.Glyph(rune.Value)));
        }
    }

    [TestMethod]
    public void A_subset_sums_to_the_magic_number()
    {
        var subset = new FontSubset(Font);
        subset.Code('存', Font);
        var file = subset.ToTrueType();
        var sum = 0u;
        for (var i = 0; i < file.Length; i += 4)
            sum += BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(i));

        Assert.AreEqual(0xB1B0AFBA, sum);
    }

    [TestMethod]
    public void Characters_drawn_alike_keep_their_own_codes()
    {
        // U+2126 ohm and U+03A9 omega, U+00B5 micro and U+03BC mu: often one glyph, never one character.
        var subset = new FontSubset(Font);
        Assert.HasCount(4, ((int[])[0x2126, 0x3A9, 0xB5, 0x3BC]).Select(point => subset.Code(point, Font)).Distinct().ToArray());
    }

    [TestMethod]
    [DataRow("a", Face.Shared)]
    [DataRow("存", Face.Shared)]
    [DataRow("龘", Face.Own)]
    [DataRow("\u3000", Face.Own)]
    [DataRow("𠮷", Face.Own)]
    [DataRow("한", Face.Own)]
    [DataRow("ệ", Face.Own)]
    [DataRow("\U0001F600", Face.Framed)]
    [DataRow("\u202E", Face.Framed)]
    [DataRow("\u0301", Face.Framed)]
    [DataRow("\u00A0", Face.Framed)]
    [DataRow("\u00AD", Face.Framed)]
    [DataRow("\u0007", Face.Framed)]
    [DataRow("\uFE0F", Face.Framed)]
    [DataRow("\u05D0", Face.Own)]
    [DataRow("\u07CA", Face.Framed)]
    public void Only_what_is_seen_as_itself_is_drawn_as_itself(string text, object face)
    {
        var glyph = new DocumentFonts().Shape(text).Single();
        Assert.AreEqual((Face)face, glyph.Face);
        Assert.IsGreaterThan(0, glyph.Width);
    }

    [TestMethod]
    public void Half_a_character_is_framed() => Assert.AreEqual(Face.Framed, new DocumentFonts().Shape("\uD800").Single().Face);

    [TestMethod]
    public void No_code_point_is_dropped()
    {
        var fonts = new DocumentFonts();
        for (var point = 0; point <= 0x10FFFF; point += point < 0x3000 ? 1 : 37)
        {
            var text = point is >= 0xD800 and <= 0xDFFF ? ((char)point).ToString() : char.ConvertFromUtf32(point);
            Assert.AreEqual(point, fonts.Shape(text).Single().CodePoint);
        }
    }

    private static ReadOnlySpan<byte> Table(byte[] file, string tag)
    {
        for (var entry = 12; ; entry += 16)
        {
            if (System.Text.Encoding.ASCII.GetString(file, entry, 4) == tag)
                return file.AsSpan(BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(entry + 8)), BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(entry + 12)));
        }
    }
}
