using System.Globalization;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace Notary.Pages.Tests;

/// <summary>The staff's pages in a real browser: a clerk finds a deposit by whatever somebody brings along, an auditor reads what the clerk did.</summary>
[TestClass]
public sealed class StaffPageTests
{
    private const string FileName = "绝密合同.txt";
    private static readonly byte[] Content = Encoding.UTF8.GetBytes("甲方与乙方的合同");

    private static AccountSite site = null!;
    private static JsonElement deposit;

    /// <summary>One deposit that has come to its letter.</summary>
    [ClassInitialize]
    public static async Task StartAsync(TestContext _)
    {
        site = await AccountSite.StartAsync();
        using var http = new HttpClient { BaseAddress = site.Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", site.Key);
        using var body = new ByteArrayContent(Content);
        body.Headers.ContentType = new MediaTypeHeaderValue("text/plain");
        using var made = await http.PostAsync(new Uri($"v1/deposits/file?name={Uri.EscapeDataString(FileName)}&note.secret=A-17", UriKind.Relative), body);
        Assert.AreEqual(201, (int)made.StatusCode, await made.Content.ReadAsStringAsync());
        for (var start = TimeProvider.System.GetTimestamp(); ; await Task.Delay(300))
        {
            deposit = JsonDocument.Parse(await http.GetStringAsync(made.Headers.Location)).RootElement;
            if (deposit.GetProperty("state").GetString() is "certified" or "Certified")
                return;

            Assert.IsLessThan(TimeSpan.FromMinutes(4), TimeProvider.System.GetElapsedTime(start), deposit.ToString());
        }
    }

    [ClassCleanup]
    public static async Task StopAsync() => await site.DisposeAsync();

    [TestMethod]
    public async Task AClerkFindsADepositByWhateverHeHolds()
    {
        await using var clerk = await ComeAsync("clerk");
        var (id, manifest) = (Text("id"), Text("manifestDigest"));
        var file = Convert.ToHexStringLower(SHA256.HashData(Content));
        var n = (deposit.GetProperty("index").GetInt64() + 1).ToString(CultureInfo.InvariantCulture);
        await clerk.Visit.GoAsync($"/office/deposits/firm/{id}");
        var letter = await clerk.Page.Locator(".facts div", new() { HasText = "Letter number" }).Locator("dd").InnerTextAsync();
        StringAssert.Matches(letter, new Regex($"^〔\\d{{4}}〕.+电存字第{n}号$"));
        foreach (var held in new[]
        {
            letter, letter.Replace("第", " 第 ", StringComparison.Ordinal), n, id, id.ToUpperInvariant(), manifest, file,
            string.Join(' ', file.ToUpperInvariant().Chunk(8).Select(c => new string(c))),
        })
        {
            await clerk.Visit.GoAsync("/office");
            await clerk.Page.Locator("input[name=q]").FillAsync(held);
            await clerk.Page.Locator("main button").ClickAsync();
            await Expect(clerk.Page.Locator("tbody tr")).ToHaveCountAsync(1);
            await clerk.Page.Locator("tbody a").ClickAsync();
            await Expect(clerk.Page).ToHaveURLAsync($"{site.Url}office/deposits/firm/{id}");
        }

        // What proves it is there; what the tenant wrote is not.
        var main = clerk.Page.Locator("main");
        await Expect(main.Locator(".state-line li.done")).ToHaveCountAsync(5);
        await Expect(main).ToContainTextAsync("甲公司 Firm A");
        await Expect(main.Locator("a[href^='/office/processes/checkpoint/']")).ToHaveCountAsync(1);
        var text = await clerk.Page.ContentAsync();
        Assert.DoesNotContain(FileName, text);
        Assert.DoesNotContain("A-17", text);
        Assert.DoesNotContain("/v1/deposits/", text);

        foreach (var nothing in new[] { letter.Replace("〔20", "〔19", StringComparison.Ordinal), "999999", new string('0', 64), "no such tenant", "<b>'\"" })
        {
            await clerk.Visit.GoAsync("/office?q=" + Uri.EscapeDataString(nothing));
            await Expect(clerk.Page.Locator(".empty")).ToBeVisibleAsync();
        }

        await clerk.Visit.GoAsync("/office?q=firm");
        await Expect(clerk.Page.Locator("tbody tr")).ToHaveCountAsync(2);
        Assert.AreEqual(404, (await clerk.Visit.GoAsync($"/office/deposits/other/{id}")).Status);
        Assert.AreEqual(403, (await clerk.Visit.GoAsync("/office/trail")).Status);
    }

    [TestMethod]
    public async Task AnAuditorReadsWhatTheClerkDid()
    {
        await using var clerk = await ComeAsync("notary");
        await clerk.Visit.GoAsync("/office?q=" + Uri.EscapeDataString("谁的 <合同>"));
        await clerk.Visit.GoAsync($"/office/deposits/firm/{Text("id")}");
        await using var auditor = await ComeAsync("auditor");
        await auditor.Page.GetByRole(AriaRole.Link, new() { Name = "Audit trail" }).ClickAsync();
        await auditor.Page.GetByLabel("Person").SelectOptionAsync(new SelectOptionValue { Label = "示范公证员 Notary · notary" });
        await auditor.Page.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
        await Expect(auditor.Page.Locator("tbody tr").First).ToContainTextAsync($"GET /office/deposits/firm/{Text("id")}");
        await Expect(auditor.Page.Locator("tbody tr").Nth(1)).ToContainTextAsync("q: 谁的 <合同>");
        await Expect(auditor.Page.Locator("tbody")).Not.ToContainTextAsync("operator's key");

        // The file holds every entry as it is hashed.
        var download = await auditor.Page.RunAndWaitForDownloadAsync(() => auditor.Page.GetByRole(AriaRole.Link, new() { Name = "Download all" }).ClickAsync());
        var lines = await File.ReadAllLinesAsync(await download.PathAsync());
        Assert.AreEqual("trail.ndjson", download.SuggestedFilename);
        Assert.AreEqual(lines.Length, JsonDocument.Parse(lines[^1]).RootElement.GetProperty("number").GetInt32());
        Assert.AreEqual(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines[^2]))),
            JsonDocument.Parse(lines[^1]).RootElement.GetProperty("previous").GetString());

        // His reading is there too.
        await auditor.Visit.GoAsync("/office/trail");
        await Expect(auditor.Page.Locator("tbody")).ToContainTextAsync("GET /office/trail/export");
    }

    public static IEnumerable<object[]> Looks => Look.All.Select(look => new object[] { look });

    [TestMethod]
    [DynamicData(nameof(Looks))]
    public async Task EveryPageIsAccessibleAndFits(object look)
    {
        var how = (Look)look;
        await using (var clerk = await ComeAsync("clerk", how))
        {
            await JudgeAsync(clerk, how, "office", "/office");
            await JudgeAsync(clerk, how, "office-found", "/office?q=" + Text("manifestDigest"));
            await JudgeAsync(clerk, how, "office-tenants", "/office?q=firm");
            await JudgeAsync(clerk, how, "office-nothing", "/office?q=" + new string('0', 64));
            await JudgeAsync(clerk, how, "office-deposit", $"/office/deposits/firm/{Text("id")}");
            await clerk.Visit.PrintAsync($"office-deposit-{how}");
        }

        await using var auditor = await ComeAsync("auditor", how);
        await JudgeAsync(auditor, how, "trail", "/office/trail");
        await JudgeAsync(auditor, how, "trail-empty", "/office/trail?day=2020-01-01");
        await JudgeAsync(auditor, how, "trail-wrong", "/office/trail?day=yesterday", 400);
    }

    private static Task<Person> ComeAsync(string account, Look? look = null) => ComeAsync(site, account, look);

    /// <summary>One of the staff at his start.</summary>
    internal static async Task<Person> ComeAsync(AccountSite site, string account, Look? look = null)
    {
        var person = await OfficeSite.ComeAsync(site, account, look);
        await person.Visit.GoAsync("/office");
        return person;
    }

    private static async Task JudgeAsync(Person person, Look look, string name, string path, int status = 200)
    {
        Assert.AreEqual(status, (await person.Visit.GoAsync(path)).Status, path);
        await person.Visit.PictureAsync($"{name}-{look}");
        Assert.AreEqual("", string.Join('\n', await person.Visit.JudgeAsync()), $"{name} {look}");
    }

    private static string Text(string name) => deposit.GetProperty(name).GetString()!;

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);

    private static IPageAssertions Expect(IPage page) => Assertions.Expect(page);
}
