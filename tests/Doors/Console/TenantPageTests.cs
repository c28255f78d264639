using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Hosting;

namespace Notary.Pages.Tests;

/// <summary>The pages of a tenant's owner, and the login centre's, in a real browser: keys, applications, consent and what was allowed.</summary>
[TestClass]
public sealed class TenantPageTests
{
    private const string Long = "一个名字很长很长的合同归档与电子证据保全平台 A-rather-long-name-without-any-blank-in-it-at-all";
    private static AccountSite site = null!;
    private static WebApplication client = null!;

    public static IEnumerable<object[]> Looks => Look.All.Select(look => new object[] { look });

    private static string Callback => $"{client.Urls.Single()}/callback";

    [ClassInitialize]
    public static async Task StartAsync(TestContext _)
    {
        site = await AccountSite.StartAsync();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        client = builder.Build();
        client.MapGet("/callback", () => "the client's own page");
        await client.StartAsync();
    }

    [ClassCleanup]
    public static async Task StopAsync()
    {
        await client.DisposeAsync();
        await site.DisposeAsync();
    }

    /// <summary>From the registration to a code, a no, and the consent taken back.</summary>
    [TestMethod]
    public async Task AnApplicationAsksAndIsAllowedAndRefused()
    {
        await using var owner = await Person.VisitAsync(site.Url);
        await owner.JoinAsync(await site.InviteAsync(), "Zhang San");
        var page = owner.Page;
        var id = await RegisterAsync(owner, "Contract platform");
        await owner.Visit.GoAsync(Authorize(id, "openid+profile+read"));
        await Expect(page.Locator("dl.facts")).ToContainTextAsync("Contract platform");
        await Expect(page.Locator("dl.facts")).ToContainTextAsync("甲公司 Firm A");
        await Expect(page.Locator("dl.facts")).ToContainTextAsync(new Uri(Callback).Authority);
        await Expect(page.Locator(".plain-list li")).ToHaveCountAsync(3);

        // The same question in the other language, then no.
        await page.GetByRole(AriaRole.Link, new() { Name = "中文" }).ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("授权");
        await page.GetByRole(AriaRole.Button, new() { Name = "拒绝" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex(Regex.Escape(Callback) + "\\?error=access_denied&"));

        // Yes: the browser is let through to the client, under the page's policy.
        await owner.Visit.GoAsync(Authorize(id, "openid+profile+read") + "&lang=en");
        await page.GetByRole(AriaRole.Button, new() { Name = "Allow" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex(Regex.Escape(Callback) + "\\?code="));
        await Expect(page.GetByText("the client's own page")).ToBeVisibleAsync();
        await page.GotoAsync($"{site.Url}{Authorize(id, "openid").TrimStart('/')}");
        await Expect(page).ToHaveURLAsync(new Regex(Regex.Escape(Callback) + "\\?code="));

        await owner.Visit.GoAsync("/account");
        await Expect(page.Locator("section", new() { HasText = "What you allowed" })).ToContainTextAsync("Contract platform");
        await page.GetByRole(AriaRole.Button, new() { Name = "Take back" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Take back" })).ToHaveCountAsync(0);
        await owner.Visit.GoAsync(Authorize(id, "openid"));
        await Expect(page.Locator("h1")).ToHaveTextAsync("Consent");

        // A link of anybody's signs nobody out.
        await owner.Visit.GoAsync("/connect/logout");
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Expect(page.GetByText("You are still signed in.")).ToBeVisibleAsync();
        await owner.Visit.GoAsync("/connect/logout");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(page.GetByText("You are signed out.")).ToBeVisibleAsync();
        Assert.AreEqual("", Findings(owner));
    }

    [TestMethod]
    public async Task KeysAreMadeRotatedAndRevoked()
    {
        await using var owner = await Person.VisitAsync(site.Url);
        await owner.JoinAsync(await site.InviteAsync("other"), "Li Si");
        var page = owner.Page;
        await owner.Visit.GoAsync("/keys");
        await page.GetByLabel("Label").FillAsync("contract system");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make a key" }).ClickAsync();
        var key = await page.Locator("code.link").First.InnerTextAsync();
        StringAssert.Contains(await page.Locator("code.link").Last.InnerTextAsync(), key);
        using var http = new HttpClient { BaseAddress = site.Url };
        Assert.AreEqual(200, await OpensAsync(http, key));

        // Loading it again sends the form again, and makes none.
        await page.ReloadAsync();
        Assert.AreEqual(key, await page.Locator("code.link").First.InnerTextAsync());
        await owner.Visit.GoAsync("/keys");
        var row = page.Locator("tr", new() { HasText = "contract system" });
        await Expect(row).ToHaveCountAsync(1);
        await Expect(row).Not.ToContainTextAsync("never");
        await row.GetByText("Rotate or revoke").ClickAsync();
        await row.GetByRole(AriaRole.Button, new() { Name = "Make its successor" }).ClickAsync();
        var next = await page.Locator("code.link").First.InnerTextAsync();
        Assert.AreNotEqual(key, next);
        await Expect(page.GetByText("The key before works until")).ToBeVisibleAsync();

        var old = page.Locator("tr", new() { HasText = key.Split('_')[1] });
        await Expect(old).ToContainTextAsync("ends soon");
        await old.GetByText("Rotate or revoke").ClickAsync();
        await old.GetByRole(AriaRole.Button, new() { Name = "Revoke for good" }).ClickAsync();
        await Expect(page.Locator("tr", new() { HasText = key.Split('_')[1] })).ToContainTextAsync("revoked");
        while (await OpensAsync(http, key) == 200)
            await Task.Delay(100);

        Assert.AreEqual(200, await OpensAsync(http, next));
        Assert.AreEqual("", Findings(owner));
    }

    [TestMethod]
    public async Task TheFirstPageSaysHowItStands()
    {
        await using var person = await Person.VisitAsync(site.Url);
        await person.JoinAsync(await site.InviteAsync(), "Wang Wu");
        await Expect(person.Page).ToHaveURLAsync($"{site.Url}overview");
        await person.Visit.GoAsync("/deposits");
        await person.Page.EvaluateAsync(
            """
            async () => {
              const body = JSON.stringify({ items: [{ name: 'first page.txt', size: 5, digests: { 'sha-256': 'c'.repeat(64) } }] });
              const antiforgery = document.querySelector('[name=antiforgery]').value;
              await fetch('/v1/deposits', { method: 'POST', body, headers: { 'content-type': 'application/json', 'x-antiforgery': antiforgery } });
            }
            """);
        await person.Visit.GoAsync("/overview");
        while (await person.Page.GetByText("first page.txt").CountAsync() == 0)
            await person.Page.ReloadAsync();

        await Expect(person.Page.Locator(".tiles")).ToContainTextAsync("Certified");
        await Expect(person.Page.Locator("tfoot")).ToContainTextAsync("Together");
        Assert.AreEqual("", Findings(person));
    }

    [TestMethod]
    [DynamicData(nameof(Looks))]
    public async Task EveryPageIsAccessibleAndFits(object look)
    {
        var how = (Look)look;
        await using var person = await Person.VisitAsync(site.Url, how);
        await person.JoinAsync(await site.InviteAsync("other"), "欧阳娜娜 Nana Ouyang");
        await JudgeAsync(person, how, "overview", "/overview");
        await JudgeAsync(person, how, "keys", "/keys");
        await person.Page.Locator("input[name=label]").FillAsync(Long[..60]);
        await person.Page.Locator("select[name=days]").SelectOptionAsync("30");
        await person.Page.Locator("form[action='/keys'] button").ClickAsync();
        await person.Page.Locator("summary").First.ClickAsync();
        await JudgeAsync(person, how, "keys-shown", null);
        await JudgeAsync(person, how, "settings", "/settings?saved=yes");
        await JudgeAsync(person, how, "webhooks", "/webhooks");
        var hook = await AddAsync(person, new Uri("http://127.0.0.1:1/" + new string('a', 80)), Long);
        await JudgeAsync(person, how, "webhooks-shown", null);
        await person.Visit.GoAsync(hook);
        await person.Page.Locator($"form[action='{hook}/test'] button").ClickAsync();
        await UntilShownAsync(person, hook, ".tag.bad");
        await JudgeAsync(person, how, "webhook", null);
        await person.Page.Locator("summary").Last.ClickAsync();
        await person.Page.Locator($"form[action='{hook}/delete'] button").ClickAsync();
        await JudgeAsync(person, how, "clients", "/clients");
        var id = await RegisterAsync(person, Long);
        await JudgeAsync(person, how, "clients-shown", null);
        await JudgeAsync(person, how, "consent", Authorize(id, "openid+profile+offline_access+read+write"));
        await person.Page.Locator("button[value=allow]").ClickAsync();
        await Expect(person.Page).ToHaveURLAsync(new Regex("code="));
        await JudgeAsync(person, how, "account-consents", "/account");
        await JudgeAsync(person, how, "logout", "/connect/logout");
        await JudgeAsync(person, how, "login-refused", "/connect/authorize?client_id=nobody", 400);

        // For the page that lists what is many, and takes it away again.
        await person.Visit.GoAsync("/clients");
        await person.Page.Locator("summary").Last.ClickAsync();
        await person.Page.Locator($"form[action='/clients/{id}/remove'] button").ClickAsync();
        await Expect(person.Page.Locator($"form[action='/clients/{id}/remove']")).ToHaveCountAsync(0);
    }

    /// <summary>Late and failed ones, more than are counted, a key that ends: what a platform that works does not show.</summary>
    [TestMethod]
    [DynamicData(nameof(Looks))]
    public async Task AnOverviewWithEverythingOnItFits(object look)
    {
        var gallery = await Fixture.GalleryAsync();
        await using var visit = await (await Fixture.BrowserAsync()).VisitAsync(gallery.Url, (Look)look);
        await visit.GoAsync("/overview-full");
        await visit.PictureAsync($"overview-full-{look}");
        Assert.AreEqual("", string.Join('\n', await visit.JudgeAsync()), $"{look}");
    }

    /// <summary>An endpoint of the tenant's: added, tried, its event seen by the receiver and on the page, sent again, switched off.</summary>
    [TestMethod]
    public async Task AnEndpointIsAddedTriedAndSwitchedOff()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var owner = await Person.VisitAsync(site.Url);
        await owner.JoinAsync(await site.InviteAsync("other"), "Sun Qi");
        var page = owner.Page;
        var hook = await AddAsync(owner, receiver.Endpoint("good", "page"), "contract archive");
        await receiver.KnowAsync("page", await page.Locator(".notice-ok code.link").InnerTextAsync());
        await page.GetByRole(AriaRole.Link, new() { Name = "Send it a test" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Send a test" }).ClickAsync();
        await Expect(page.GetByText("On its way")).ToBeVisibleAsync();
        await UntilShownAsync(owner, hook, ".tag.ok >> nth=1");
        var test = (await receiver.GotAsync("page"))[0];
        Assert.IsTrue(test.Verified);
        await Expect(page.Locator("tr", new() { HasText = test.Id })).ToContainTextAsync("delivered");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send again" }).First.ClickAsync();
        await Expect(page.GetByText("1 events are in line again.")).ToBeVisibleAsync();
        while ((await receiver.GotAsync("page")).Count < 2)
            await Task.Delay(100);

        Assert.AreEqual(test.Body, (await receiver.GotAsync("page"))[1].Body, "the same event");

        // Only some events, then none.
        await page.GetByLabel("Only these").CheckAsync();
        await page.GetByLabel("batch.certified").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByText("Saved.")).ToBeVisibleAsync();
        await Expect(page.Locator("dl.facts")).ToContainTextAsync("batch.certified");
        await page.GetByRole(AriaRole.Button, new() { Name = "Switch off" }).ClickAsync();
        await Expect(page.Locator("dl.facts")).ToContainTextAsync("switched off");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Send a test" })).ToHaveCountAsync(0);
        Assert.AreEqual("", Findings(owner));
    }

    private static async Task<string> AddAsync(Person person, Uri url, string label)
    {
        await person.Visit.GoAsync("/webhooks");
        await person.Page.Locator("input[name=url]").FillAsync(url.AbsoluteUri);
        await person.Page.Locator("input[name=label]").FillAsync(label);
        await person.Page.Locator("form[action='/webhooks'] button").ClickAsync();
        return (await person.Page.Locator(".notice-ok a").GetAttributeAsync("href"))!;
    }

    private static async Task UntilShownAsync(Person person, string path, string what)
    {
        while (await person.Page.Locator(what).CountAsync() == 0)
            await person.Visit.GoAsync(path);
    }

    private static async Task<string> RegisterAsync(Person person, string name)
    {
        await person.Visit.GoAsync("/clients");
        await person.Page.Locator("input[name=name]").FillAsync(name);
        await person.Page.Locator("input[name=purpose]").FillAsync("合同归档 Archive signed contracts");
        foreach (var scope in new[] { "read", "write", "offline_access" })
            await person.Page.Locator($"input[name=scope-{scope}]").CheckAsync();

        await person.Page.Locator("form[action='/clients'] textarea[name=redirects]").FillAsync(Callback);
        await person.Page.Locator("form[action='/clients'] button").ClickAsync();
        await Expect(person.Page.Locator(".notice-ok code.link")).ToHaveCountAsync(2);
        return await person.Page.Locator(".notice-ok code.link").First.InnerTextAsync();
    }

    private static async Task JudgeAsync(Person person, Look look, string name, string? path, int status = 200)
    {
        if (path is not null)
            Assert.AreEqual(status, (await person.Visit.GoAsync(path)).Status, path);

        await person.Visit.PictureAsync($"{name}-{look}");
        Assert.AreEqual("", string.Join('\n', (await person.Visit.JudgeAsync()).Where(IsOurs)), $"{name} {look}");
    }

    // To the client is where the browser is meant to go.
    private static bool IsOurs(string finding) => !finding.Contains(Callback, StringComparison.Ordinal);

    private static string Findings(Person person) => string.Join('\n', person.Visit.Findings.Where(IsOurs));

    private static async Task<int> OpensAsync(HttpClient http, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "v1/deposits") { Headers = { Authorization = new("Bearer", key) } };
        using var answer = await http.SendAsync(request);
        return (int)answer.StatusCode;
    }

    // RFC 7636's own example of a challenge.
    private static string Authorize(string id, string scope)
        => $"/connect/authorize?client_id={id}&response_type=code&redirect_uri={Uri.EscapeDataString(Callback)}&scope={scope}&state=s"
            + "&code_challenge_method=S256&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);

    private static IPageAssertions Expect(IPage page) => Assertions.Expect(page);
}
