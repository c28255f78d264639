using Notary.Letters.Fonts;
using Notary.Letters.Layout;

namespace Notary.Letters.Tests.Layout;

[TestClass]
public sealed class LinesTests
{
    [TestMethod]
    [DataRow("", 100, "")]
    [DataRow("one two three", 45, "one two |three")]
    [DataRow("存证函存证函", 30, "存证函|存证函")]
    [DataRow("存证函，存证", 30, "存证|函，存|证")]
    [DataRow("存证（函）存证", 30, "存证|（函）|存证")]
    [DataRow("abcdefghijklmnop", 30, "abcde|fghijkl|mnop")]
    [DataRow("https://example/path", 60, "https://|example/|path")]
    [DataRow("บบบเช่าบ", 25, "บบบ|เช่าบ")]
    [DataRow("བོད་ཡིག་", 30, "བོད་|ཡིག་")]
    public void Lines_break_where_readers_expect(string text, double width, string expected)
    {
        var glyphs = new DocumentFonts().Shape(text);
        var lines = Lines.Break(glyphs, 10, width).Select(l => text[l]).ToArray();
        Assert.AreEqual(expected, string.Join('|', lines));
    }

    [TestMethod]
    public void No_character_is_lost_and_no_line_is_too_wide()
    {
        var random = new Random(3);
        var fonts = new DocumentFonts();
        const string alphabet = "存证函，。（） ab-/_.WWW0";
        for (var run = 0; run < 2000; run++)
        {
            var text = new string(random.GetItems(alphabet.AsSpan(), random.Next(200)));
            var glyphs = fonts.Shape(text);
            var at = 0;
            foreach (var line in Lines.Break(glyphs, 10, 40))
            {
                Assert.AreEqual(at, line.Start.Value);
                at = line.End.Value;
                Assert.IsLessThanOrEqualTo(40.0, Lines.Width(glyphs.AsSpan(line), 10));
            }

            Assert.AreEqual(glyphs.Length, at);
        }
    }
}
