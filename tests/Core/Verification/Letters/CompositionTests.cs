using System.Diagnostics;

namespace Notary.Verification.Tests.Letters;

[TestClass]
public sealed class CompositionTests
{
    [TestMethod]
    [DataRow("", "")]
    [DataRow("plain.txt", "plain.txt")]
    [DataRow("e\u0301", "é")]
    [DataRow("Vie\u0323\u0302t", "Việt")]
    [DataRow("\u304B\u3099\u30CF\u309A", "がパ")]
    [DataRow("\u1112\u1161\u11AB\u1100\u1173\u11AF", "한글")]
    [DataRow("\u1112\u1161", "하")]
    [DataRow("\u11AB", "\u11AB")]
    [DataRow("x\u0301", "x\u0301")]
    [DataRow("\u0301e", "\u0301e")]
    [DataRow("\u0438\u0306", "й")]
    [DataRow("\uD842\uDFB7\u0301", "\uD842\uDFB7\u0301")]
    public void A_base_and_its_mark_become_one(string text, string shown) => Assert.AreEqual(shown, Composition.Compose(text));

    /// <summary>Another implementation knows all of Unicode: what it takes apart, this puts together, in the alphabets that it is for.</summary>
    [TestMethod]
    public void Every_letter_of_these_alphabets_comes_back()
    {
        const string Script = """
            const hex = text => [...text].map(c => c.codePointAt(0).toString(16).padStart(4, '0')).join('')
            for (const [from, to] of [[0x80, 0x500], [0x1e00, 0x2000], [0x3040, 0x3100], [0xac00, 0xd7a4]])
              for (let c = from; c < to; c++) {
                const one = String.fromCodePoint(c), apart = one.normalize('NFD')
                if (one.normalize('NFC') === one && apart !== one) console.log(hex(apart), hex(one))
              }
            """;
        using var node = Process.Start(new ProcessStartInfo("node", ["-e", Script]) { RedirectStandardOutput = true })!;
        var count = 0;
        while (node.StandardOutput.ReadLine() is { } line)
        {
            var parts = line.Split(' ');
            var apart = string.Concat(parts[0].Chunk(4).Select(hex => (char)Convert.ToInt32(new string(hex), 16)));
            Assert.AreEqual(parts[1], ((int)Composition.Compose(apart).Single()).ToString("x4", CultureInfo.InvariantCulture), line);
            count++;
        }

        Assert.IsGreaterThan(11_172 + 800, count);
    }
}
