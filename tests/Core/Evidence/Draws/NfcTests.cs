namespace Notary.Evidence.Tests.Draws;

/// <summary>Our normal form is that of a Unicode library.</summary>
[TestClass]
public sealed class NfcTests
{
    /// <summary>Code points whose normal form has rules of its own: accents, marks of many classes, Hangul, pairs, compatibility ideographs.</summary>
    private static readonly (int From, int To)[] Interesting =
    [
        (0x41, 0x7a), (0xc0, 0x17f), (0x1e0, 0x233), (0x300, 0x345), (0x340, 0x345), (0x591, 0x5c7), (0x610, 0x653), (0x915, 0x94d), (0x9c7, 0x9d7),
        (0xb47, 0xb57), (0xbc6, 0xbd7), (0xdd9, 0xddf), (0xf40, 0xf84), (0x1100, 0x1112), (0x1161, 0x1175), (0x11a7, 0x11c2), (0x1e00, 0x1eff),
        (0x1f00, 0x1fff), (0x2126, 0x212b), (0x2adc, 0x2adc), (0x304b, 0x309a), (0xac00, 0xac40), (0xd780, 0xd7a3), (0xf900, 0xfa6d), (0xfb1d, 0xfb4e),
        (0x11131, 0x11134), (0x114b9, 0x114be), (0x1d157, 0x1d165), (0x2f800, 0x2f81f), (0x16121, 0x16129),
    ];

    [TestMethod]
    public async Task EveryCodePointAndManySequences()
    {
        var random = new Random(17);
        var texts = new List<string>();
        for (var point = 0x80; point < 0x30000; point += 1)
        {
            // Each code point once, eight in a text; and each with marks around it.
            if (point % 8 == 0 && point is < 0xd800 or >= 0xe000)
                texts.Add(string.Concat(Enumerable.Range(point, 8).Select(p => char.ConvertFromUtf32(p) + "|")));
        }

        for (var i = 0; i < 20_000; i++)
        {
            texts.Add(string.Concat(Enumerable.Range(0, random.Next(1, 7)).Select(_ =>
            {
                var (from, to) = Interesting[random.Next(Interesting.Length)];
                return char.ConvertFromUtf32(random.Next(from, to + 1));
            })));
        }

        var answers = await NodePeer.AskAsync("draw.mjs", "nfc", [.. texts.Select(t => JsonSerializer.Serialize(new { text = t }))], "Draws/independent");
        var composed = 0;
        for (var i = 0; i < texts.Count; i++)
        {
            var wanted = JsonSerializer.Deserialize<string>(answers[i])!;
            var points = texts[i].EnumerateRunes().Select(r => r.Value).ToList();
            var plain = points.All(Nfc.IsPlain);
            Nfc.Compose(points);
            var ours = string.Concat(points.Select(char.ConvertFromUtf32));
            Assert.AreEqual(wanted, ours, JsonSerializer.Serialize(texts[i]));
            Assert.IsTrue(!plain || wanted == texts[i], $"{JsonSerializer.Serialize(texts[i])} is not plain");
            composed += wanted == texts[i] ? 0 : 1;
        }

        Assert.IsGreaterThan(5_000, composed);
    }
}
