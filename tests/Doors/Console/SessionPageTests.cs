using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Notary.Pages.Tests;

/// <summary>A tenant's recorded desktops in a real browser; a program in the agent's place leaves real recordings and shows no screen.</summary>
[TestClass]
public sealed class SessionPageTests
{
    /// <summary>Where the stand-in says that its desktop is; nobody listens there.</summary>
    private static readonly Uri Desktop = new("http://127.0.0.1:9/");

    [TestMethod]
    public async Task FromTheRequestToADeposit()
    {
        var site = await Fixture.DrawsAsync();
        await using var person = await Person.VisitAsync(site.Url, besides: Desktop);
        await person.JoinAsync(await site.InviteAsync(), "Zhang San");
        var page = person.Page;
        await person.Visit.GoAsync("/desktops");
        await JudgeAsync(person.Visit, "desktops-empty");
        await page.GetByRole(AriaRole.Link, new() { Name = "Ask for a desktop" }).PressAsync("Enter");
        await page.EvalOnSelectorAsync("main form", "form => { form.noValidate = true; }");
        await page.Locator("input[name=page]").FillAsync("file:///etc/passwd");
        await page.Locator("input[name=page]").PressAsync("Enter");
        await Expect(page.Locator(".field-error")).ToContainTextAsync("https://");
        await JudgeAsync(person.Visit, "desktop-new-errors");
        await page.Locator("input[name=page]").FillAsync("https://site.example/film?a=1&b=<b>");
        await page.Locator("input[name=label]").FillAsync("取证 <b>一</b>");
        await page.Locator("input[name=label]").PressAsync("Enter");

        // By itself, as it goes on.
        await Expect(page.Locator("h1")).ToHaveTextAsync("取证 <b>一</b>");
        var state = page.Locator("[data-part=state]");
        await Expect(state).ToHaveAttributeAsync("data-state", "Active");
        await JudgeAsync(person.Visit, "desktop-active");
        var path = new Uri(page.Url).AbsolutePath;
        await InOtherLooksAsync(site, person, path, "desktop-active");

        // A look at it burns no link; the form does, and shows what it opens and nothing else.
        await Expect(page.Locator("iframe")).ToHaveCountAsync(0);
        var entered = await page.RunAndWaitForResponseAsync(
            () => page.GetByRole(AriaRole.Button, new() { Name = "Enter the desktop" }).PressAsync("Enter"), answer => answer.Request.Method == "POST");
        StringAssert.Contains(entered.Headers["content-security-policy"], "frame-src http://127.0.0.1:9;");
        Assert.AreEqual("no-store", entered.Headers["cache-control"]);
        await Expect(page.Locator("iframe.desktop")).ToHaveAttributeAsync("src", new Regex("^http://127.0.0.1:9/#[0-9a-f]{32}$"));
        await JudgeAsync(person.Visit, "desktop-entered");

        // A mark leaves the desktop where it is.
        await page.Locator("input[name=note]").FillAsync("此处重要 <i>here</i>");
        await page.Locator("input[name=note]").PressAsync("Enter");
        await Expect(page.Locator("[data-mark] [data-said]")).ToContainTextAsync("Marked: 此处重要 <i>here</i>");
        await page.Locator("input[name=note]").FillAsync("a\u0007b");
        await page.GetByRole(AriaRole.Button, new() { Name = "Mark", Exact = true }).ClickAsync();
        await Expect(page.Locator("[data-mark] [data-said]")).ToContainTextAsync("Not marked");
        await TakeFilesAsync(person);
        await Expect(page.Locator("iframe.desktop")).ToHaveCountAsync(1);

        await page.GetByRole(AriaRole.Button, new() { Name = "End and deposit" }).PressAsync("Enter");
        await Expect(state).ToHaveAttributeAsync("data-state", "Deposited");
        await Expect(page.Locator("dl")).ToContainTextAsync("it was ended");
        await JudgeAsync(person.Visit, "desktop-deposited");
        await InOtherLooksAsync(site, person, path, "desktop-deposited");
        await PlayAsync(person, site, path);
        await person.Visit.GoAsync(path);
        await page.GetByRole(AriaRole.Link, new() { Name = "Deposit and letter" }).ClickAsync();
        await Expect(page.Locator("main")).ToContainTextAsync("chain.ndjson");
        Assert.AreEqual("", string.Join('\n', person.Visit.Findings));
        await OthersAsync(site, path);
    }

    [TestMethod]
    public async Task WithoutScriptsADesktopIsMarkedAndAbortedAndARefusalIsATable()
    {
        var site = await Fixture.DrawsAsync();
        await using var door = await Person.VisitAsync(site.Url);
        await site.AddTenantAsync("recorders");
        await door.JoinAsync(await site.InviteAsync("recorders"), "Li Si");
        await using var visit = await door.AgainAsync(site.Url, new Look { Chinese = false, Scripts = false });
        var page = visit.Page;
        await AskAsync(visit, "https://site.example/film");
        await UntilAsync(visit, "Active");
        await page.Locator("input[name=note]").FillAsync("a note");
        await page.GetByRole(AriaRole.Button, new() { Name = "Mark", Exact = true }).ClickAsync();
        await Expect(page.Locator(".notice-ok")).ToContainTextAsync("Marked.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Capture the page" }).ClickAsync();
        await Expect(page.Locator(".notice-ok")).ToContainTextAsync("It is being captured.");
        await page.Locator("details summary").ClickAsync();
        await page.Locator("input[name=confirmed]").CheckAsync();
        await page.Locator("button.danger").ClickAsync();
        await UntilAsync(visit, "Deposited");
        await Expect(page.Locator("dl")).ToContainTextAsync("it was aborted");
        await Expect(page.Locator("main form")).ToHaveCountAsync(0);

        await AskAsync(visit, "https://site.example/dirty");
        await UntilAsync(visit, "Refused");
        await Expect(page.Locator("table tr").Last).ToContainTextAsync("127.0.0.1 site.example");
        await InOtherLooksAsync(site, door, new Uri(page.Url).AbsolutePath, "desktop-refused");
        await InOtherLooksAsync(site, door, "/desktops", "desktops");
        await InOtherLooksAsync(site, door, "/desktops/new", "desktop-new");
    }

    /// <summary>Chosen by keyboard, with an answer that is lost; dropped; too large. What is sealed is told by its digest.</summary>
    private static async Task TakeFilesAsync(Person person)
    {
        var (page, sent) = (person.Page, person.Page.Locator("[data-sent] li"));
        await page.RouteAsync("**/files?*", async route =>
        {
            await route.FetchAsync();
            await route.AbortAsync();
        }, new() { Times = 1 });
        var letter = new FilePayload { Name = "来函 <b>1</b>.txt", MimeType = "text/plain", Buffer = "a letter"u8.ToArray() };
        var chooser = await page.RunAndWaitForFileChooserAsync(() => page.Locator("[data-files] input").PressAsync("Enter"));
        await chooser.SetFilesAsync(letter);
        await Expect(sent).ToContainTextAsync("The connection was lost.");
        await JudgeAsync(person.Visit, "desktop-file-lost");
        await sent.GetByRole(AriaRole.Button, new() { Name = "Send again" }).PressAsync("Enter");
        await Expect(sent).ToContainTextAsync(Convert.ToHexStringLower(SHA256.HashData(letter.Buffer)));

        // Dropped, one of them 1 byte too large: that one never leaves.
        var files = await page.EvaluateHandleAsync("""
            most => {
                const files = new DataTransfer();
                files.items.add(new File(['dropped'], 'dropped.bin'));
                files.items.add(new File([new Uint8Array(most + 1)], 'large.bin'));
                return files;
            }
            """, Notary.Forensics.SessionLimits.MaxFile);
        await page.Locator("[data-files] .drop").DispatchEventAsync("drop", new { dataTransfer = files });
        await Expect(sent.Nth(1)).ToContainTextAsync(Convert.ToHexStringLower(SHA256.HashData("dropped"u8)));
        await Expect(sent.Nth(2)).ToContainTextAsync("Too large: not sent.");
        await JudgeAsync(person.Visit, "desktop-files");
    }

    /// <summary>The video is there, is moved by keyboard, and what happened stands beside it, in words and as a line.</summary>
    private static async Task PlayAsync(Person person, AccountSite site, string path)
    {
        var page = person.Page;
        await page.GetByRole(AriaRole.Link, new() { Name = "Play back" }).PressAsync("Enter");
        await Expect(page.Locator("[data-playback][data-ready][data-gathered]")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-list] [data-kind=mark]").Filter(new() { HasText = "此处重要 <i>here</i>" })).ToHaveCountAsync(1);
        await Expect(page.Locator("[data-list] [data-kind=file]").Filter(new() { HasText = "来函 <b>1</b>.txt" })).ToHaveCountAsync(1);
        await page.WaitForFunctionAsync("() => document.querySelector('video').readyState >= 2 && document.querySelector('video').videoWidth > 0");
        await page.Locator("input[type=range]").FocusAsync();
        await page.Keyboard.PressAsync("End");
        await page.WaitForFunctionAsync(
            "() => { const v = document.querySelector('video'); return !v.seeking && v.readyState >= 2 && v.currentTime > v.duration - 0.3; }");
        await page.Keyboard.PressAsync("Home");
        await Expect(page.Locator("[data-now]")).ToHaveTextAsync(new Regex("^0:00.0 / "));
        await page.Locator("[data-list] [data-kind=mark] button").Last.ClickAsync();
        await page.WaitForFunctionAsync("() => document.querySelector('video').currentTime > 1");
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "In the log" }).CheckAsync();
        await Expect(page.Locator("[data-list] [data-kind=head]").First).ToBeVisibleAsync();
        await JudgeAsync(person.Visit, "playback");
        await InOtherLooksAsync(site, person, path + "/playback", "playback");
    }

    private static async Task AskAsync(Visit visit, string address)
    {
        await visit.GoAsync("/desktops/new");
        await visit.Page.Locator("input[name=page]").FillAsync(address);
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Ask for it" }).ClickAsync();
        await Expect(visit.Page.Locator("h1")).ToHaveTextAsync(address);
    }

    /// <summary>As somebody without scripts finds it out: he loads the page again.</summary>
    private static async Task UntilAsync(Visit visit, string state)
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        while (await visit.Page.Locator("[data-part=state]").GetAttributeAsync("data-state") != state)
        {
            await Task.Delay(300, bound.Token);
            await visit.GoAsync(new Uri(visit.Page.Url).AbsolutePath);
        }
    }

    private static async Task InOtherLooksAsync(AccountSite site, Person person, string path, string name)
    {
        foreach (var look in (Look[])[new() { Width = 360, Height = 740, Dark = true }, new() { Width = 1280, Height = 900 }])
        {
            await using var visit = await person.AgainAsync(site.Url, look);
            await visit.GoAsync(path);
            await JudgeAsync(visit, $"{name}-{look}");
            await visit.PrintAsync($"{name}-{look}");
        }
    }

    /// <summary>Another tenant has no such session; a viewer reads it all and does nothing.</summary>
    private static async Task OthersAsync(AccountSite site, string path)
    {
        await using var stranger = await Person.VisitAsync(site.Url);
        await stranger.JoinAsync(await site.InviteAsync("other"), "Wang Wu");
        Assert.AreEqual(404, (await stranger.Visit.GoAsync(path)).Status);

        using var http = new HttpClient { BaseAddress = site.Url };
        http.DefaultRequestHeaders.Authorization = new("Bearer", site.Platform.OperatorKey);
        using var invited = await http.PostAsync(new Uri("v1/operator/tenants/firm/invitations", UriKind.Relative),
            new StringContent("""{"address":"v@example.com","role":"viewer"}""", null, "application/json"));
        await using var viewer = await Person.VisitAsync(site.Url);
        await viewer.JoinAsync((string)JsonNode.Parse(await invited.Content.ReadAsStringAsync())!["url"]!, "Viewer");
        await viewer.Visit.GoAsync(path);
        await Expect(viewer.Page.Locator("h1")).ToHaveTextAsync("取证 <b>一</b>");
        await Expect(viewer.Page.Locator("main form")).ToHaveCountAsync(0);
    }

    private static async Task JudgeAsync(Visit visit, string picture)
    {
        await visit.PictureAsync(picture);
        Assert.AreEqual("", string.Join('\n', await visit.JudgeAsync()), picture);
    }

    private static ILocatorAssertions Expect(ILocator part) => Assertions.Expect(part);
}
