namespace Notary.Pages.Tests;

/// <summary>The letter as pictures: what the browser draws is what another reader of PDF draws, in Chinese too.</summary>
[TestClass]
public sealed class LetterPictureTests
{
    /// <summary>Pixels of a square whose ink is compared: finer than a character.</summary>
    private const int Square = 4;

    private static AccountSite site = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _) => site = await AccountSite.StartAsync();

    [ClassCleanup]
    public static async Task StopAsync() => await site.DisposeAsync();

    public static IEnumerable<object[]> Looks => [[new Look { Chinese = false }], [new Look { Width = 360, Height = 740, Chinese = false, Dark = true }]];

    [TestMethod]
    [DynamicData(nameof(Looks))]
    public async Task TheLetterIsDrawnAsItIs(object look)
    {
        await using var person = await Person.VisitAsync(site.Url, (Look)look);
        await person.JoinAsync(await site.InviteAsync(), "Zhang San");
        var page = person.Page;
        await person.Visit.GoAsync("/deposits/new");
        await page.Locator("[data-pick]").First.SetInputFilesAsync(
            new FilePayload { Name = "甲方与乙方的买卖合同.txt", MimeType = "text/plain", Buffer = Encoding.UTF8.GetBytes($"{look}") });
        await page.Locator("[data-part=link]").ClickAsync();

        // The page follows until there is one; nothing of the reader is loaded before it is wanted.
        var show = page.GetByRole(AriaRole.Button, new() { Name = "Show the letter here" });
        await Expect(show).ToBeVisibleAsync(new() { Timeout = 240_000 });
        Assert.IsFalse(person.Visit.Requests.Any(IsReader));
        await show.ClickAsync();
        await Expect(page.Locator("canvas[data-drawn]").First).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await Expect(page.Locator("canvas:not([data-drawn])")).ToHaveCountAsync(0);
        await Expect(page.GetByRole(AriaRole.Img, new() { Name = "The letter, page 1 of" })).ToBeVisibleAsync();
        Assert.AreEqual(2, person.Visit.Requests.Count(IsReader));

        var (width, height) = (await page.EvaluateAsync<int>("() => document.querySelector('canvas').width"),
            await page.EvaluateAsync<int>("() => document.querySelector('canvas').height"));
        var other = Convert.ToBase64String(await DrawAsync(await LetterAsync(page), width, height));
        var likeness = await page.EvaluateAsync<double[]>(
            """
            async ([png, square]) => {
              const ours = document.querySelector('canvas');
              const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(png), c => c.charCodeAt(0))], { type: 'image/png' }));
              const theirs = new OffscreenCanvas(ours.width, ours.height);
              theirs.getContext('2d').drawImage(bitmap, 0, 0, ours.width, ours.height);
              const ink = canvas => {
                const { data, width, height } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
                const across = Math.floor(width / square), sums = new Float64Array(across * Math.floor(height / square));
                for (let y = 0; y < Math.floor(height / square) * square; y++)
                  for (let x = 0; x < across * square; x++)
                    sums[Math.floor(y / square) * across + Math.floor(x / square)] += 255 - data[(y * width + x) * 4 + 1];
                return sums;
              };
              const like = (a, b) => {
                const mean = v => v.reduce((s, x) => s + x, 0) / v.length, [ma, mb] = [mean(a), mean(b)];
                let [ab, aa, bb] = [0, 0, 0];
                a.forEach((x, i) => { ab += (x - ma) * (b[i] - mb); aa += (x - ma) ** 2; bb += (b[i] - mb) ** 2; });
                return ab / Math.sqrt(aa * bb);
              };
              const [a, b] = [ink(ours), ink(theirs)];
              return [like(a, b), like(a, b.slice().reverse()), a.filter(x => x > 0).length / a.length];
            }
            """, new object[] { other, Square });
        Assert.IsGreaterThan(0.9, likeness[0], $"drawn as by another reader: {string.Join(' ', likeness)}");
        Assert.IsLessThan(0.5, likeness[1], "and the measure tells another picture");
        Assert.IsGreaterThan(0.02, likeness[2], "there is ink");
        await person.Visit.PictureAsync($"deposit-letter-{look}");
        Assert.AreEqual("", string.Join('\n', await person.Visit.JudgeAsync()), $"{look}");
    }

    private static bool IsReader(IRequest request) => request.Url.Contains("/assets/letter-", StringComparison.Ordinal)
        && !request.Url.Contains("letter-page", StringComparison.Ordinal);

    private static async Task<byte[]> LetterAsync(IPage page) => Convert.FromBase64String(await page.EvaluateAsync<string>(
        "async () => new Uint8Array(await (await fetch(document.querySelector('[data-letter-view]').dataset.letter)).arrayBuffer()).toBase64()"));

    private static async Task<byte[]> DrawAsync(byte[] pdf, int width, int height)
    {
        var folder = Directory.CreateTempSubdirectory("notary");
        var (from, to) = (Path.Combine(folder.FullName, "letter.pdf"), Path.Combine(folder.FullName, "page.png"));
        await File.WriteAllBytesAsync(from, pdf);
        using var mutool = System.Diagnostics.Process.Start(
            "mutool", ["draw", "-q", "-F", "png", "-w", $"{width}", "-h", $"{height}", "-f", "-o", to, from, "1"]);
        await mutool.WaitForExitAsync();
        Assert.AreEqual(0, mutool.ExitCode);
        var png = await File.ReadAllBytesAsync(to);
        folder.Delete(recursive: true);
        return png;
    }

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);
}
