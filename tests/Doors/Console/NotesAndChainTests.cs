namespace Notary.Pages.Tests;

/// <summary>Several notes, and a deposit that continues another, in a real browser.</summary>
[TestClass]
public sealed class NotesAndChainTests
{
    private static AccountSite site = null!;

    public static IEnumerable<object[]> Looks => Look.All.Select(look => new object[] { look });

    [ClassInitialize]
    public static async Task StartAsync(TestContext _) => site = await AccountSite.StartAsync();

    [ClassCleanup]
    public static async Task StopAsync() => await site.DisposeAsync();

    [TestMethod]
    public async Task NotesAreAddedTakenAwayAndBounded()
    {
        await using var person = await Person.VisitAsync(site.Url);
        await person.JoinAsync(await site.InviteAsync(), "Zhang San");
        var page = person.Page;
        await person.Visit.GoAsync("/deposits/new");
        await page.GetByLabel("Digests alone").CheckAsync();
        await FillAsync(page, 0, "contractNo", "A-17 合同");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add another" }).ClickAsync();
        await FillAsync(page, 1, "contractNo", "again");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add another" }).ClickAsync();
        await FillAsync(page, 2, "", "without a name");

        // What cannot be sent is said, and nothing is.
        await PickAsync(page, "a.txt");
        await Expect(page.GetByText("Another note has this name.")).ToBeVisibleAsync();
        await FillAsync(page, 1, "__proto__", "taken as any name");
        await Expect(page.GetByText("Another note has this name.")).ToBeHiddenAsync();
        await PickAsync(page, "a.txt");
        await Expect(page.GetByText("This note has no name.")).ToBeVisibleAsync();
        await page.Locator("[data-note]").Nth(2).GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        await Expect(page.Locator("[data-note]")).ToHaveCountAsync(2);
        await FillAsync(page, 1, "long", new string('长', 3000));
        await PickAsync(page, "a.txt");
        await Expect(page.GetByText("The notes are too long together.")).ToBeVisibleAsync();
        Assert.IsFalse(person.Visit.Requests.Any(r => r.Url.EndsWith("/v1/deposits", StringComparison.Ordinal)), "nothing was sent");

        await FillAsync(page, 1, "matter", "<b>17</b> & more");
        await PickAsync(page, "a.txt");
        await page.GetByRole(AriaRole.Link, new() { Name = "Open" }).ClickAsync();
        await Expect(page.Locator("main")).ToContainTextAsync("A-17 合同");
        await Expect(page.Locator("main")).ToContainTextAsync("<b>17</b> & more");

        // As many as the API takes, and no more.
        await person.Visit.GoAsync("/deposits/new");
        var add = page.GetByRole(AriaRole.Button, new() { Name = "Add another" });
        for (var i = 1; i < 32; i++)
            await add.ClickAsync();

        await Expect(add).ToBeDisabledAsync();
        await Expect(page.Locator("[data-note]")).ToHaveCountAsync(32);
        await page.Locator("[data-note]").First.GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        await Expect(add).ToBeEnabledAsync();
        Assert.AreEqual("", string.Join('\n', person.Visit.Findings));
    }

    [TestMethod]
    public async Task ADepositContinuesAnother()
    {
        await using var person = await Person.VisitAsync(site.Url);
        await person.JoinAsync(await site.InviteAsync(), "Li Si");
        var page = person.Page;
        await HandInAsync(page, "first.txt", "/deposits/new");
        await page.GetByRole(AriaRole.Link, new() { Name = "Open" }).ClickAsync();
        var first = new Uri(page.Url).AbsolutePath.Split('/')[^1];
        await page.GetByRole(AriaRole.Link, new() { Name = "New deposit that continues this one" }).ClickAsync();
        await Expect(page.Locator(".notice-info", new() { HasText = "first.txt" })).ToBeVisibleAsync();
        await HandInAsync(page, "second.txt", null);
        await page.GetByRole(AriaRole.Link, new() { Name = "Open", Exact = true }).ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("second.txt");
        await page.Locator(".facts a").ClickAsync();
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(2);
        await page.GetByRole(AriaRole.Link, new() { Name = "first.txt" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Deposits that continue this one" }).ClickAsync();
        await Expect(page.Locator("tbody")).ToContainTextAsync("second.txt");

        // By its number, typed; and what is not there, or another tenant's, is no deposit.
        await person.Visit.GoAsync("/deposits/new");
        await page.GetByText("Continue an earlier deposit").ClickAsync();
        await page.GetByLabel("Its deposit id or manifest digest").FillAsync($" {first.ToUpperInvariant()} ");
        await page.GetByRole(AriaRole.Button, new() { Name = "Choose", Exact = true }).ClickAsync();
        await Expect(page.Locator(".notice-info")).ToContainTextAsync("first.txt");
        Assert.AreEqual(404, (await person.Visit.GoAsync($"/deposits/new?previous={new string('a', 64)}")).Status);
        await Expect(page.GetByText("There is no such deposit.")).ToBeVisibleAsync();
        Assert.AreEqual("", await page.Locator("input[name=previous][type=hidden]").InputValueAsync());
        await using var stranger = await Person.VisitAsync(site.Url);
        await stranger.JoinAsync(await site.InviteAsync("other"), "Zhao Liu");
        Assert.AreEqual(404, (await stranger.Visit.GoAsync($"/deposits/new?previous={first}")).Status);
        Assert.AreEqual("", string.Join('\n', person.Visit.Findings.Concat(stranger.Visit.Findings)));
    }

    [TestMethod]
    [DynamicData(nameof(Looks))]
    public async Task ThePageFits(object look)
    {
        await using var person = await Person.VisitAsync(site.Url, (Look)look);
        await person.JoinAsync(await site.InviteAsync("other"), "欧阳娜娜 Nana Ouyang");
        await HandInAsync(person.Page, "a-rather-long-name-without-any-blank-in-it-2026-11-29-final-final-signed.pdf", "/deposits/new");
        var id = (await person.Page.Locator("[data-part=link]").GetAttributeAsync("href"))!.Split('/')[^1];
        await person.Visit.GoAsync($"/deposits/new?previous={id}");
        await person.Page.Locator("[data-note-add]").ClickAsync();
        await FillAsync(person.Page, 0, "", "x");
        await person.Page.Locator("[data-pick]").First.SetInputFilesAsync(new FilePayload { Name = "a", MimeType = "text/plain", Buffer = [1] });
        await Expect(person.Page.Locator("[data-note-error=unnamed]")).ToBeVisibleAsync();
        await person.Visit.PictureAsync($"deposit-notes-{look}");
        Assert.AreEqual("", string.Join('\n', await person.Visit.JudgeAsync()), $"{look}");
    }

    private static async Task FillAsync(IPage page, int row, string name, string text)
    {
        var inputs = page.Locator("[data-note]").Nth(row).Locator("input");
        await inputs.Nth(0).FillAsync(name);
        await inputs.Nth(1).EvaluateAsync("(input, text) => { input.value = text; input.dispatchEvent(new Event('input', { bubbles: true })); }", text);
    }

    private static async Task HandInAsync(IPage page, string name, string? path)
    {
        if (path is not null)
            await page.GotoAsync(path);

        await page.Locator("input[value=digests]").CheckAsync();
        await PickAsync(page, name);
        await Expect(page.Locator("[data-part=link]:visible")).ToHaveCountAsync(1);
    }

    private static Task PickAsync(IPage page, string name) => page.Locator("[data-pick]").First.SetInputFilesAsync(
        new FilePayload { Name = name, MimeType = "text/plain", Buffer = Encoding.UTF8.GetBytes(name) });

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);
}
