using Notary.Letters.Fonts;
using Notary.Letters.Layout;

namespace Notary.Letters.Tests.Fonts;

[TestClass]
public sealed class ScriptTests
{
    /// <summary>A name of every script that is shaped, and of those that stand with others.</summary>
    internal static readonly string[] Names =
    [
        "عقد 2026.pdf", "合同-عقد-v2.pdf", "سَلام (نسخة).pdf", "ئۇيغۇرچە توختامنامە.docx", "قرارداد می\u200Cخواهم ۱۴۰۴.pdf",
        "معاہدہ ٹھیکہ.pdf", "שלום.docx", "בְּרֵאשִׁית (א).txt",
        "བོད་ཡིག.pdf", "བསྒྲུབས་པའི་གན་རྒྱ།.pdf", "ᠮᠣᠩᠭᠣᠯ.txt", "ᠮᠣᠩᠭᠣᠯ\u202Fᠤᠨ.txt", "ᠭᠡᠷᠡᠲᠦ ᠪᠢᠴᠢᠭ.pdf",
        "हिन्दी.pdf", "अनुबन्ध पत्र क्षेत्र.pdf", "ภาษาไทย.pdf", "สัญญาเช่าน้ำปั้ม.pdf", "চুক্তিপত্র.pdf", "ਇਕਰਾਰਨਾਮਾ.pdf", "કરારપત્ર.pdf",
        "ଚୁକ୍ତିପତ୍ର.pdf", "ஒப்பந்தம்.pdf", "ఒప్పందం.pdf", "ಒಪ್ಪಂದ.pdf", "കരാർ.pdf", "ගිවිසුම ශ්\u200Dරී.pdf", "ສັນຍາ.pdf", "စာချုပ်.pdf",
        "កិច្ចសន្យា.pdf", "ꆈꌠꁱꂷ.pdf", "ᥖᥭᥰᥖᥬᥳ.pdf", "ውል.pdf", "ხელშეკრულება.pdf", "պայմանագիր.pdf",
    ];

    [TestMethod]
    public async Task Every_reader_finds_the_names_as_they_were_typed()
    {
        var letter = Samples.Letter([.. Names.Select(n => Samples.Item(n))]);
        var pdf = LetterRenderer.Render(letter);
        var (code, mutool) = await Tool.RunAsync(pdf, "mutool", "draw", "-q", "-F", "txt", "{}");
        Assert.AreEqual(0, code, mutool);
        var (_, poppler) = await Tool.RunAsync(pdf, "pdftotext", "-enc", "UTF-8", "{}", "-");
        (mutool, poppler) = (Bare(mutool), Bare(poppler));
        foreach (var name in Names)
        {
            // Poppler puts the parts of a line in the order in which they stand on paper, and what is read from right to left between marks.
            StringAssert.Contains(mutool, Bare(name));
            foreach (var part in name.Split(' ', '-', '.', '(', ')'))
                StringAssert.Contains(poppler, Bare(part), name);
        }

        await using var office = await Office.OpenAsync();
        var signed = await office.SignAsync(pdf);
        Assert.IsTrue(office.Verifier.Check(signed).Ok, office.Verifier.Check(signed).Reason);
        await ToolJudges.AcceptAsync(pdf);
        CollectionAssert.AreEqual(pdf, LetterRenderer.Render(letter));
    }

    [TestMethod]
    public void Nothing_in_the_names_is_a_box()
    {
        foreach (var name in Names)
            Assert.AreEqual("", Framed(name), name);
    }

    [TestMethod]
    [DataRow("ببب", "Arabic beh")]
    [DataRow("ئئئ", "Uyghur hamza")]
    [DataRow("ᠨᠨᠨ", "Mongolian na")]
    public void Letters_join(string word, string what)
    {
        var codes = Shape(word + " " + word[0]).Where(g => g.CodePoint == word[0]).Select(g => g.Code);
        Assert.HasCount(4, codes.Distinct().ToArray(), $"{what}: first, middle, last, alone");
    }

    [TestMethod]
    [DataRow("لا", "a ligature")]
    [DataRow("بَ", "a mark")]
    [DataRow("हि", "a vowel that changes places")]
    [DataRow("ক্ত", "a conjunct")]
    [DataRow("སྒྲུ", "a stack")]
    [DataRow("น้ำ", "a vowel in two parts")]
    [DataRow("កិ", "a vowel above")]
    public void What_is_drawn_as_one_is_one(string cluster, string what)
    {
        var glyphs = Shape($"x{cluster}");
        Assert.HasCount(1 + cluster.Length, glyphs);
        Assert.IsTrue(glyphs[2..].All(g => g.Inside) && !glyphs[1].Inside, what);
        Assert.AreEqual(cluster, string.Concat(glyphs[1..].Select(g => char.ConvertFromUtf32(g.CodePoint))));
    }

    // What one would not see, or what would lie on other lines, is a box.
    [TestMethod]
    [DataRow("ا\u200Cب", "200C")]
    [DataRow("می\u200Cخ", "")]
    [DataRow("क\u200D", "200D")]
    [DataRow("क्\u200Dष", "")]
    [DataRow("ب\u200E", "200E")]
    [DataRow("\u064Eب", "064E")]
    [DataRow("a\u064E", "064E")]
    [DataRow("ᠨᠠ\u180B", "")]
    [DataRow("ᠰᠠᠷ\u180Eᠠ", "")]
    [DataRow("ᠰᠠᠷ\u180E", "180E")]
    [DataRow("ᠮᠣᠩᠭᠣᠯ\u202Fᠤᠨ", "")]
    [DataRow("ᠮᠣᠩᠭᠣᠯ\u202F", "202F")]
    [DataRow("ᠨᠠ\u180B\u180B", "180B 180B")]
    [DataRow("ب\u202Eب", "202E")]
    [DataRow("אִ", "")]
    [DataRow("אִִ", "05D0 05B4 05B4")]
    public void What_is_not_seen_is_framed(string text, string framed)
        => Assert.AreEqual(framed, Framed(text));

    [TestMethod]
    public void Marks_upon_marks_do_not_leave_their_line()
    {
        string[] piles = ["ب\u064B\u064C\u064E\u064F\u0651", "ب\u064D\u0650\u0655", "ก\u0E34\u0E48\u0E49", "བ\u0F71\u0F72\u0F74", "བ\u0F90\u0F91\u0F92"];
        foreach (var pile in piles)
            Assert.AreNotEqual("", Framed(pile + string.Concat(Enumerable.Repeat(pile[1..], 9))), pile);
    }

    [TestMethod]
    public void Lines_never_part_what_is_drawn_as_one()
    {
        foreach (var name in Names)
        {
            var glyphs = Shape(string.Concat(name, name).Replace(" ", "", StringComparison.Ordinal));
            for (var width = 20; width < 100; width += 7)
            {
                foreach (var line in Lines.Break(glyphs, 10, width))
                    Assert.IsFalse(glyphs[line][0].Inside, name);
            }
        }
    }

    [TestMethod]
    public void What_is_read_from_right_to_left_is_drawn_in_its_order_each_further_left()
    {
        var canvas = new PageCanvas();
        canvas.Text(Shape("ab שלום"), 100, 0, new Style(10, 12, Ink.Black));
        var places = System.Text.RegularExpressions.Regex.Matches(Encoding.ASCII.GetString(canvas.Content.Span), @"1 0 0 1 ([0-9.]+) 0 Tm")
            .Select(m => double.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)).ToArray();
        Assert.HasCount(5, places, "one string and four letters");
        CollectionAssert.AreEqual(places[1..].OrderDescending().ToArray(), places[1..]);
        Assert.IsGreaterThan(places[0], places[4]);
    }

    private static string Framed(string text)
        => string.Join(' ', Shape(text).Where(g => g.Face == Face.Framed).Select(g => g.CodePoint.ToString("X4", CultureInfo.InvariantCulture)));

    private static Glyph[] Shape(string text) => new DocumentFonts().Shape(text);

    private static string Bare(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c) && c is not ('\u202A' or '\u202B' or '\u202C')));
}
