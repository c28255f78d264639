using Notary.Letters.Fonts;

namespace Notary.Letters.Tests.Fonts;

[TestClass]
public sealed class BidiTests
{
    [TestMethod]
    public void Levels_and_places_are_Unicodes()
    {
        var published = Path.Combine(Repository.Root, "tests", "Core", "Letters", "Fonts", "BidiCharacterTest.txt");
        var lines = File.ReadAllLines(published).Where(l => l[0] != '#').ToList();
        Assert.IsGreaterThan(300, lines.Count);
        foreach (var line in lines)
        {
            var fields = line.Split(';');
            int[] points = [.. fields[0].Split(' ').Select(p => int.Parse(p, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
            var levels = Bidi.Levels(points, new bool[points.Length]);
            Assert.AreEqual(fields[3], string.Join(' ', levels), line);
            Assert.AreEqual(fields[4], string.Join(' ', Bidi.Order(levels)), line);
        }
    }

    // As they stand on paper from left to right; a bracket that is read from right to left is drawn as its mirror.
    [TestMethod]
    [DataRow("عقد 2026.pdf", "2026 دقع.pdf")]
    [DataRow("合同-عقد-v2.pdf", "合同-دقع-v2.pdf")]
    [DataRow("שלום.docx", "םולש.docx")]
    [DataRow("עקד (טיוטה).pdf", "(הטויט) דקע.pdf")]
    [DataRow("אב«גד»", "דג»בא»")]
    [DataRow("חוזה 1,234.50 ₪ (v2)", "1,234.50 הזוח ₪ (v2)")]
    [DataRow("א\u202Eב", "ב\u202Eא")]
    [DataRow("abc", "abc")]
    public void A_name_stands_as_it_is_read(string typed, string seen)
    {
        int[] points = [.. typed.EnumerateRunes().Select(r => r.Value)];
        var levels = Bidi.Levels(points, [.. points.Select(p => p == 0x202E)]);
        var shown = Bidi.Order(levels).Select(i => char.ConvertFromUtf32(levels[i] % 2 == 0 ? points[i] : Bidi.Mirror(points[i])));
        Assert.AreEqual(seen, string.Concat(shown));
    }

    [TestMethod]
    public void A_mirror_of_a_mirror_is_itself()
    {
        for (var point = 0; point < 0x10000; point++)
            Assert.AreEqual(point, Bidi.Mirror(Bidi.Mirror(point)));
    }
}
