using System.Diagnostics;

namespace Notary.Pages.Tests;

/// <summary>What people come for, from beginning to end, on a phone and at a desk, without a mouse.</summary>
/// <remarks><c>NOTARY_PICTURES</c> keeps a picture of each step.</remarks>
[TestClass]
public sealed class StoryTests
{
    private const string Employee = "employee";
    private const string Stranger = "stranger";

    private static AccountSite site = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _) => site = await AccountSite.StartAsync();

    [ClassCleanup]
    public static async Task StopAsync() => await site.DisposeAsync();

    [TestMethod]
    [DataRow(360)]
    [DataRow(1280)]
    public async Task TheEmployeeFromInvitationToLetter(int width)
    {
        await using var person = await Person.VisitAsync(site.Url, new Look { Chinese = false, Width = width });
        var page = person.Page;
        await person.Visit.GoAsync(await site.InviteAsync());
        await page.TypeAsync(page.Locator("input[name=name]"), "Wang Wu");
        await StepAsync(person.Visit, Employee, 1, width);
        await page.PressAsync(page.Locator("form[data-passkey] button"));
        await Assertions.Expect(page.Locator("form[action='/sign-out']")).ToBeVisibleAsync();
        await StepAsync(person.Visit, Employee, 2, width);
        await page.PressAsync(page.Locator("a[href='/deposits/new']"));
        await Assertions.Expect(page.Locator("form[data-deposit]")).ToBeVisibleAsync();
        await StepAsync(person.Visit, Employee, 3, width);
        await page.ChooseAsync(page.Locator("[data-pick]"),
            new FilePayload { Name = "contract 合同.txt", MimeType = "text/plain", Buffer = Encoding.UTF8.GetBytes($"We agree. {width}") });
        await Assertions.Expect(page.Locator("[data-summary]")).ToHaveTextAsync("1 of 1 received");
        await StepAsync(person.Visit, Employee, 4, width);
        await page.PressAsync(page.Locator("[data-list] tbody a"));
        await Assertions.Expect(page.Locator(".state-line li.done")).ToHaveCountAsync(5);
        await StepAsync(person.Visit, Employee, 5, width);
        var letter = page.GetByRole(AriaRole.Link, new() { Name = "Storage letter (PDF)" });
        await page.ReachAsync(letter);
        var download = await page.RunAndWaitForDownloadAsync(() => page.Keyboard.PressAsync("Enter"));
        Assert.AreEqual("%PDF-", Encoding.ASCII.GetString((await File.ReadAllBytesAsync((await download.PathAsync())!))[..5]));
    }

    [TestMethod]
    [DataRow(360)]
    [DataRow(1280)]
    public async Task TheStrangerFromALetterOnPaperToAVerifiedBundle(int width)
    {
        var evidence = await Fixture.EvidenceAsync();
        var address = new Uri(await ReadCodeAsync(evidence.Letter));
        await using var visit = await (await Fixture.BrowserAsync()).VisitAsync(evidence.App.Url, new Look { Chinese = false, Width = width });
        var page = visit.Page;

        // The letter names the office's public address; here it answers on a port.
        await visit.GoAsync(address.PathAndQuery);
        await Assertions.Expect(page.Locator(".notice-ok")).ToBeVisibleAsync();
        await StepAsync(visit, Stranger, 1, width);
        await page.PressAsync(page.Locator("main a[href='/verify']"));
        await Assertions.Expect(page.Locator("#file")).ToBeEnabledAsync();
        await page.ChooseAsync(page.Locator("#file"), Zip("true.evidence.zip", evidence.Bundle));
        await Assertions.Expect(page.Locator("#result[data-kind=bundle] h2")).ToHaveTextAsync("true.evidence.zip");
        await Assertions.Expect(page.Locator("#result .notice-ok")).ToBeVisibleAsync();
        await StepAsync(visit, Stranger, 2, width);

        // Beside it one in which a byte is another.
        byte[] forged = [.. evidence.Bundle];
        forged[Array.LastIndexOf(forged, (byte)'D') - 40_000] ^= 1;
        await page.ChooseAsync(page.Locator("#file"), Zip("forged.evidence.zip", forged));
        await Assertions.Expect(page.Locator("#result[data-kind=bundle] h2")).ToHaveTextAsync("forged.evidence.zip");
        await Assertions.Expect(page.Locator("#result .notice-bad")).ToBeVisibleAsync();
        await StepAsync(visit, Stranger, 3, width);
    }

    private static FilePayload Zip(string name, byte[] bytes) => new() { Name = name, MimeType = "application/zip", Buffer = bytes };

    private static async Task StepAsync(Visit visit, string who, int step, int width)
    {
        Assert.AreEqual("", string.Join('\n', await visit.JudgeAsync()), $"{who} {step}");
        await visit.PictureAsync($"story-{who}-{width}-{step}");
    }

    /// <summary>The address on a letter, from its picture: printed, and read by a telephone's means.</summary>
    private static async Task<string> ReadCodeAsync(byte[] letter)
    {
        var folder = Directory.CreateTempSubdirectory("notary");
        try
        {
            var pdf = Path.Combine(folder.FullName, "letter.pdf");
            await File.WriteAllBytesAsync(pdf, letter);
            await RunAsync("pdftoppm", "-r", "150", "-gray", "-f", "1", "-l", "1", "-singlefile", pdf, Path.Combine(folder.FullName, "page"));
            var reader = Path.Combine(Repository.Root, "tests", "Doors", "Console", "qr.mjs");
            return (await RunAsync("node", reader, Path.Combine(folder.FullName, "page.pgm"))).Trim();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<string> RunAsync(string tool, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.AreEqual(0, process.ExitCode, await error);
        return await output;
    }
}
