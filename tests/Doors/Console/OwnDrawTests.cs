using System.Text.Json.Nodes;
using Notary.Evidence.Draws;

namespace Notary.Pages.Tests;

/// <summary>An organiser's draws in a real browser: from a draft to what everybody sees, and to an abort.</summary>
[TestClass]
public sealed class OwnDrawTests
{
    private const string List = "id,name,group\n1001,张三,A\n1002,李四,B\n\"x,3\",Ann,B\n";

    [TestMethod]
    public async Task FromADraftToAPublicRehearsalAndItsAbort()
    {
        var site = await Fixture.DrawsAsync();
        await using var person = await Person.VisitAsync(site.Url);
        await person.JoinAsync(await site.InviteAsync(), "Zhang San");
        var page = person.Page;
        await person.Visit.GoAsync("/my-draws");
        await JudgeAsync(person, "own-draws-empty");
        await page.GetByRole(AriaRole.Link, new() { Name = "New draw" }).PressAsync("Enter");
        await Expect(page.Locator("h1")).ToHaveTextAsync("New draw");
        await JudgeAsync(person, "own-draft");

        // Enter in a field saves, and what is missing is said beside its field.
        await page.EvalOnSelectorAsync("main form", "form => { form.noValidate = true; }");
        await page.Locator("input[name=title]").FillAsync("幼儿园招生派位 <b>Places</b>");
        await page.Locator("input[name=quota-1]").FillAsync("no number");
        await page.Locator("input[name=groups-1]").FillAsync("C");
        await page.Locator("input[name=title]").PressAsync("Enter");
        await Expect(page.Locator(".field-error")).ToHaveCountAsync(6);
        await JudgeAsync(person, "own-draft-errors");
        await page.SetViewportSizeAsync(360, 800);
        await JudgeAsync(person, "phone-own-draft-errors");
        await page.SetViewportSizeAsync(1280, 900);

        await page.Locator("input[name=kind][value=rehearsal]").CheckAsync();
        await page.Locator("textarea[name=groups]").FillAsync("B\nA\n");
        await page.Locator("input[name=quota-1]").FillAsync("1");
        await page.Locator("input[name=groups-1]").FillAsync("A");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a round" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a round" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove round 2" }).ClickAsync();
        await Expect(page.Locator("input[name=quota-3]")).ToHaveCountAsync(0);
        await page.Locator("input[name=quota-2]").FillAsync("1");
        await page.Locator("input[name=reserves-2]").FillAsync("1");
        await page.Locator("input[name=groups-2]").FillAsync("B，A");
        await page.Locator("input[name=weights-2]").CheckAsync();
        foreach (var (name, hours) in ((string, int)[])[("objections-until", 2), ("commits-until", 4), ("reveals-until", 6)])
            await page.Locator($"input[name={name}]").FillAsync(At(hours));

        await page.Locator("textarea[name=parties]").FillAsync("0x00000000000000000000000000000000000000AA");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save the draft" }).ClickAsync();
        await Expect(page.Locator("main strong").First).ToHaveTextAsync("Upload the list");
        var id = new Uri(page.Url).Segments[^1];
        using var http = new HttpClient { BaseAddress = site.Url };
        http.DefaultRequestHeaders.Authorization = new("Bearer", site.Key);
        var made = JsonNode.Parse(await http.GetStringAsync(new Uri($"v1/draws/{id}", UriKind.Relative)))!;
        Assert.AreEqual("rehearsal", (string?)made["kind"]);
        Assert.AreEqual(
            """{"groups":["A","B"],"rounds":[{"quota":1,"reserves":0,"groups":["A"],"earlierWinners":false,"weights":false},"""
            + """{"quota":1,"reserves":1,"groups":["A","B"],"earlierWinners":false,"weights":true}]}""", made["rules"]!.ToJsonString());
        Assert.AreEqual("""["0x00000000000000000000000000000000000000aa"]""", made["parties"]!.ToJsonString());

        // Another encoding than was chosen; then a row of a group that is not there; then as it should be.
        await UploadAsync(page, "list.csv", Encoding.Latin1.GetBytes("id,name,group\n1,é,A\n"));
        await Expect(page.Locator("tr[data-code=row-encoding]")).ToContainTextAsync("2");
        await UploadAsync(page, "list.csv", Encoding.UTF8.GetBytes("id,name,group\n1001,张三,A\n1002,李四,C\n1001,王五,A\n"));
        await Expect(page.Locator("tr[data-code=group-unknown]")).ToContainTextAsync("3");
        await Expect(page.Locator("tr[data-code=id-repeated]")).ToContainTextAsync("the id of line 2 again");
        await JudgeAsync(person, "own-list-refused");
        await UploadAsync(page, "list.csv", Encoding.UTF8.GetBytes(List));
        await Expect(page.Locator(".notice-ok")).ToContainTextAsync("3 candidates");
        await JudgeAsync(person, "own-draw-listed");

        await LinksAsync(page, http, site.Url, id);
        await JudgeAsync(person, "own-draw-links");

        await page.GetByRole(AriaRole.Button, new() { Name = "Submit and publish the rehearsal" }).PressAsync("Enter");
        await page.GetByRole(AriaRole.Link, new() { Name = "Public page" }).ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("Rehearsal: 幼儿园招生派位 <b>Places</b>");
        await Expect(page.Locator(".notice").First).ToContainTextAsync("A rehearsal, not a draw");

        using (var objection = await http.PostAsync(new Uri($"v1/public/draws/{id}/objections", UriKind.Relative),
            new StringContent("""{"text":"第二组少了一人 One is missing","contact":"a@example.com"}""", null, "application/json")))
            Assert.AreEqual(201, (int)objection.StatusCode);

        await person.Visit.GoAsync("/my-draws");
        await Expect(page.Locator("td strong")).ToHaveTextAsync("Answer 1 objection");
        await JudgeAsync(person, "own-draws");
        await page.SetViewportSizeAsync(360, 800);
        await JudgeAsync(person, "phone-own-draws");
        await InOtherLooksAsync(site, person, id);
        await page.Locator($"a[href='/my-draws/{id}']").ClickAsync();
        await page.Locator("textarea[name=text]").FillAsync("已核对，名单无误。\nIt was looked at.");
        await JudgeAsync(person, "phone-own-draw");
        await page.GetByRole(AriaRole.Button, new() { Name = "Answer" }).ClickAsync();
        await Expect(page.Locator("article")).ToContainTextAsync("It was looked at.");
        await Expect(page.Locator("main strong").First).ToContainTextAsync("On view");
        await page.SetViewportSizeAsync(1280, 900);

        await page.Locator("#end ~ details summary").ClickAsync();
        await page.Locator("input[name=reason]").FillAsync("演练到此为止");
        await page.Locator("input[name=confirmed]").CheckAsync();
        await page.Locator("button.danger").ClickAsync();
        await Expect(page.Locator(".notice-bad")).ToContainTextAsync("演练到此为止");
        await JudgeAsync(person, "own-draw-aborted");
        Assert.AreEqual("", string.Join('\n', person.Visit.Findings));
        await OthersAsync(site, id);
    }

    [TestMethod]
    public async Task WithoutScriptsADraftIsWrittenChangedAndDeleted()
    {
        var site = await Fixture.DrawsAsync();
        await using var door = await Person.VisitAsync(site.Url);
        await door.JoinAsync(await site.InviteAsync(), "Li Si");
        await using var visit = await door.AgainAsync(site.Url, new Look { Chinese = false, Scripts = false });
        var page = visit.Page;
        await visit.GoAsync("/my-draws/new");
        await page.Locator("input[name=title]").FillAsync("A draw without scripts");
        await page.Locator("input[name=kind][value=draw]").CheckAsync();
        await page.Locator("input[name=quota-1]").FillAsync("2");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a round" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove round 2" }).ClickAsync();
        foreach (var (name, hours) in ((string, int)[])[("objections-until", 2), ("commits-until", 4), ("reveals-until", 6)])
            await page.Locator($"input[name={name}]").FillAsync(At(hours));

        await page.Locator("input[name=beacon][value=block]").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Save the draft" }).ClickAsync();
        await Expect(page.Locator("#submit ~ p")).ToContainTextAsync("once it has a list");
        await page.GetByRole(AriaRole.Link, new() { Name = "Change the plan" }).ClickAsync();
        await Expect(page.Locator("input[name=beacon][value=block]")).ToBeCheckedAsync();
        await page.Locator("input[name=title]").FillAsync("Another title");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save the draft" }).ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("Another title");
        var path = new Uri(page.Url).AbsolutePath;
        await page.Locator("#end ~ details summary").ClickAsync();
        await page.Locator("input[name=confirmed]").CheckAsync();
        await page.Locator("button.danger").ClickAsync();
        await Expect(page).ToHaveURLAsync($"{site.Url}my-draws");
        Assert.AreEqual(404, (await visit.GoAsync(path)).Status);
    }

    /// <summary>What is new about draws, in Chinese: dark on a phone, light in a hall, and on paper.</summary>
    private static async Task InOtherLooksAsync(AccountSite site, Person person, string id)
    {
        foreach (var look in (Look[])[new() { Width = 360, Height = 740, Dark = true }, new() { Width = 1920, Height = 1080 }])
        {
            await using var visit = await person.AgainAsync(site.Url, look);
            foreach (var (name, path) in ((string, string)[])[("own-draws", "/my-draws"), ("own-draft", "/my-draws/new"), ("own-draw", $"/my-draws/{id}"),
                ("draw-party", $"/draws/{id}/party"), ("draw-signers", "/draws/signers")])
            {
                await visit.GoAsync(path);
                await visit.PictureAsync($"{name}-{look}");
                Assert.AreEqual("", string.Join('\n', await visit.JudgeAsync()), $"{name} {look}");
                await visit.PrintAsync($"{name}-{look}");
            }
        }
    }

    /// <summary>A viewer reads it all and changes nothing; another tenant has no such draw.</summary>
    private static async Task OthersAsync(AccountSite site, string id)
    {
        await using var stranger = await Person.VisitAsync(site.Url);
        await stranger.JoinAsync(await site.InviteAsync("other"), "Wang Wu");
        Assert.AreEqual(404, (await stranger.Visit.GoAsync($"/my-draws/{id}")).Status);
        await stranger.Visit.GoAsync("/my-draws");
        await Expect(stranger.Page.Locator($"a[href='/my-draws/{id}']")).ToHaveCountAsync(0);

        using var http = new HttpClient { BaseAddress = site.Url };
        http.DefaultRequestHeaders.Authorization = new("Bearer", site.Platform.OperatorKey);
        using var invited = await http.PostAsync(new Uri("v1/operator/tenants/firm/invitations", UriKind.Relative),
            new StringContent("""{"address":"v@example.com","role":"viewer"}""", null, "application/json"));
        await using var viewer = await Person.VisitAsync(site.Url);
        await viewer.JoinAsync((string)JsonNode.Parse(await invited.Content.ReadAsStringAsync())!["url"]!, "Viewer");
        await viewer.Visit.GoAsync($"/my-draws/{id}");
        await Expect(viewer.Page.Locator("h1")).ToContainTextAsync("Rehearsal");
        await Expect(viewer.Page.Locator("main form, main [data-links]")).ToHaveCountAsync(0);
    }

    /// <summary>Links from a file that stays in the browser: each has the salt that the platform computes for its candidate.</summary>
    private static async Task LinksAsync(IPage page, HttpClient http, Uri url, string id)
    {
        async Task MakeAsync(string list)
        {
            var file = new FilePayload { Name = "mine.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes(list) };
            await page.Locator("#links-file").SetInputFilesAsync(file);
            await page.GetByRole(AriaRole.Button, new() { Name = "Make links in this browser" }).ClickAsync();
        }

        await MakeAsync("id\n1001\n");
        await Expect(page.Locator("[data-make] .notice-bad")).ToContainTextAsync("the file has 1 candidates, the list 3");
        await MakeAsync("id,name\n\"1001,a\n");
        await Expect(page.Locator("[data-make] .notice-bad")).ToContainTextAsync("Line 2: a quote");
        var download = await page.RunAndWaitForDownloadAsync(() => MakeAsync(List.Replace("\n", "\r\n", StringComparison.Ordinal)));
        await using var saved = await download.CreateReadStreamAsync();
        using var reader = new StreamReader(saved);
        var secret = JsonNode.Parse(await http.GetStringAsync(new Uri($"v1/draws/{id}/list-secret", UriKind.Relative)))!["secret"]!.GetValue<string>();
        var own = new ListSecret(Convert.FromHexString(secret));
        string Line(string shown, string candidate) => $"{shown},{url}draws/{id}/mine#salt={own.Salt(candidate)}\n";
        Assert.AreEqual("id,link\n" + Line("1001", "1001") + Line("1002", "1002") + Line("\"x,3\"", "x,3"), await reader.ReadToEndAsync());
        await Expect(page.Locator("[data-make] .notice-ok")).ToContainTextAsync("3 links");
    }

    private static async Task UploadAsync(IPage page, string name, byte[] bytes)
    {
        await page.Locator("#list-file").SetInputFilesAsync(new FilePayload { Name = name, MimeType = "text/csv", Buffer = bytes });
        await page.GetByRole(AriaRole.Button, new() { Name = "Upload the list" }).ClickAsync();
    }

    /// <summary>A time as a field takes it, by the office's clock.</summary>
    private static string At(int hours) => TimeProvider.System.GetUtcNow().AddHours(8 + hours).ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture);

    private static ILocatorAssertions Expect(ILocator part) => Assertions.Expect(part);

    private static IPageAssertions Expect(IPage page) => Assertions.Expect(page);

    private static async Task JudgeAsync(Person person, string picture)
    {
        await person.Visit.PictureAsync(picture);
        Assert.AreEqual("", string.Join('\n', await person.Visit.JudgeAsync()), picture);
    }
}
