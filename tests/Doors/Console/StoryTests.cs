using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace Notary.Pages.Tests;

/// <summary>What people come for, from beginning to end, on a phone and at a desk, without a mouse.</summary>
/// <remarks><c>NOTARY_PICTURES</c> keeps a picture of each step.</remarks>
[TestClass]
public sealed class StoryTests
{
    private const string Employee = "employee";
    private const string Stranger = "stranger";
    private const string Clerk = "clerk";
    private const int Phone = 360;

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

    /// <summary>One parked process does for both widths: each step is looked at on a phone and at a desk.</summary>
    [TestMethod]
    public async Task TheClerkFromWhatHeHoldsToWhatTheAuditorReads()
    {
        // A checkpoint's note was spoilt in storage after it was stamped: the letter is refused, and its process is parked.
        await using var own = await AccountSite.StartAsync();
        await own.MineAsync(false);
        var digest = await DepositAsync(own, "We agree.");
        var checkpoint = await own.UntilStampedAsync();
        var note = checkpoint.GetString("Note");
        await own.SetNoteAsync(checkpoint, Regex.Replace(note, "(?<=— \\S+ .{20}).", m => m.Value == "A" ? "B" : "A"));
        await own.MineAsync(true);

        await using var clerk = await own.ComeAsync("clerk", new Look { Chinese = false, Width = Phone });
        var page = clerk.Page;
        await clerk.UntilAsync("/office/processes", "#waiting ~ * tbody tr");
        await clerk.Visit.GoAsync("/office");
        await page.TypeAsync(page.Locator("[name=q]"), digest.Insert(32, " ").ToUpperInvariant());
        await BothAsync(clerk.Visit, 1);
        await page.Keyboard.PressAsync("Enter");
        var found = page.Locator("main a[href^='/office/deposits/firm/']");
        await Assertions.Expect(found.First).ToBeVisibleAsync();
        await BothAsync(clerk.Visit, 2);
        await page.PressAsync(found);
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("/office/deposits/firm/[0-9a-f-]{36}$"));
        var deposit = page.Url;
        await BothAsync(clerk.Visit, 3);
        await page.PressAsync(page.Locator("main a[href^='/office/processes/']"));
        await Assertions.Expect(page.Locator("[data-follow]")).ToContainTextAsync("parked");
        await BothAsync(clerk.Visit, 4);

        // What was spoilt is put back; he sends it on, and says why.
        await own.SetNoteAsync(checkpoint, note);
        await page.PressAsync(page.Locator("summary", new() { HasText = "Resume" }));
        await page.TypeAsync(page.Locator("form[action$='/resume'] [name=reason]"), "note restored from the backup");
        await BothAsync(clerk.Visit, 5);
        await page.PressAsync(page.Locator("form[action$='/resume'] button"));
        await Assertions.Expect(page.Locator("[data-follow]")).ToContainTextAsync("completed");
        await BothAsync(clerk.Visit, 6);
        await clerk.UntilAsync(deposit, ".state-line li.done:nth-of-type(5)");
        await BothAsync(clerk.Visit, 7);

        await using var auditor = await own.ComeAsync("auditor", new Look { Chinese = false, Width = Phone });
        await auditor.Visit.GoAsync("/office");
        await auditor.Page.PressAsync(auditor.Page.Locator("a[href='/office/trail']"));
        await Assertions.Expect(auditor.Page.Locator("main")).ToContainTextAsync("note restored from the backup");
        await BothAsync(auditor.Visit, 8);
    }

    private static async Task BothAsync(Visit visit, int step)
    {
        foreach (var width in (int[])[1280, Phone])
        {
            await visit.Page.SetViewportSizeAsync(width, 900);
            await StepAsync(visit, Clerk, step, width);
        }
    }

    /// <summary>The file's digest.</summary>
    private static async Task<string> DepositAsync(AccountSite site, string text)
    {
        using var http = new HttpClient { BaseAddress = site.Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", site.Key);
        using var body = new StringContent(text);
        using var made = await http.PostAsync(new Uri("v1/deposits/file?name=contract.txt", UriKind.Relative), body);
        made.EnsureSuccessStatusCode();
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    private static FilePayload Zip(string name, byte[] bytes) => new() { Name = name, MimeType = "application/zip", Buffer = bytes };

    private static async Task StepAsync(Visit visit, string who, int step, int width)
    {
        Assert.AreEqual("", string.Join('\n', await visit.JudgeAsync()), $"{who} {step}");
        await visit.PictureAsync($"story-{who}-{width}-{step}");
        await visit.PrintAsync($"story-{who}-{width}-{step}");
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
