using System.Net.Http.Headers;

namespace Notary.Pages.Tests;

/// <summary>Tenants and their keys on the staff's pages: the operator changes them, everybody else reads, and the trail has it.</summary>
[TestClass]
public sealed class StaffTenantTests
{
    private static AccountSite site = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _) => site = await AccountSite.StartAsync();

    [ClassCleanup]
    public static async Task StopAsync() => await site.DisposeAsync();

    [TestMethod]
    public async Task TheOperatorMakesATenantItsKeyAndItsOwnersLink()
    {
        await using var person = await StaffPageTests.ComeAsync(site, "operator");
        await person.Page.GetByRole(AriaRole.Link, new() { Name = "Tenants" }).ClickAsync();
        await Expect(person.Page.Locator("tbody")).ToContainTextAsync("乙公司 Firm B");
        await person.Page.Locator("input[name=name]").FillAsync("丙公司 <b>Firm C");
        await person.Page.Locator("input[name=id]").FillAsync("Not An Id");
        await PressAsync(person, "Create the tenant");
        await Expect(person.Page.Locator(".notice-bad")).ToBeVisibleAsync();
        await person.Page.Locator("input[name=id]").FillAsync("office-trail");
        await PressAsync(person, "Create the tenant");
        await Expect(person.Page.Locator(".notice-bad")).ToContainTextAsync("taken");
        await person.Page.Locator("input[name=id]").FillAsync("firm-c");
        await PressAsync(person, "Create the tenant");
        await Expect(person.Page.Locator("h1")).ToHaveTextAsync("丙公司 <b>Firm C");

        // A key that works, its successor, and the end of both; the page that is sent twice makes one.
        await person.Page.GetByLabel("Label").FillAsync("contract system");
        await PressAsync(person, "Make a key");
        var key = await person.Page.Locator(".notice-ok code.link").First.InnerTextAsync();
        Assert.AreEqual(200, await ListAsync(key));
        await person.Page.ReloadAsync();
        Assert.AreEqual(key, await person.Page.Locator(".notice-ok code.link").First.InnerTextAsync());
        await Expect(person.Page.Locator("section[aria-labelledby=keys] tbody tr")).ToHaveCountAsync(1);
        await person.Visit.GoAsync("/office/tenants/firm-c");
        await Expect(person.Page.Locator("main")).Not.ToContainTextAsync(key.Split('_')[2]);
        await person.Page.Locator("summary").ClickAsync();
        await PressAsync(person, "Make its successor");
        var next = await person.Page.Locator(".notice-ok code.link").First.InnerTextAsync();
        Assert.AreEqual(200, await ListAsync(next));
        await Expect(person.Page.Locator("section[aria-labelledby=keys] tbody tr")).ToHaveCountAsync(2);
        for (var live = 2; live > 0; live--)
        {
            await person.Visit.GoAsync("/office/tenants/firm-c");
            await person.Page.Locator("summary").First.ClickAsync();
            await person.Page.GetByRole(AriaRole.Button, new() { Name = "Revoke for good" }).First.ClickAsync();
            await Expect(person.Page.Locator("summary")).ToHaveCountAsync(live - 1);
        }

        // The link makes its owner.
        await person.Page.Locator("input[name=address]").FillAsync("owner@example.com");
        await PressAsync(person, "Make a one-time link");
        var link = await person.Page.Locator(".notice-ok code.link").InnerTextAsync();
        await using var owner = await Person.VisitAsync(site.Url);
        await owner.JoinAsync(link, "Wang Wu");
        await person.Visit.GoAsync("/office/tenants/firm-c");
        await Expect(person.Page.Locator(".facts").First).ToContainTextAsync("Wang Wu");

        // What he may use, and uses: the operator changes it here, and it is as the API has it; what is no number is refused.
        var usage = person.Page.Locator("section[aria-labelledby=limits]");
        await Expect(usage.Locator("tbody tr")).ToHaveCountAsync(1);
        await person.Page.Locator("input[name=uploadsAtOnce]").FillAsync("7");
        await person.Page.Locator("input[name=storedBytes]").FillAsync("1048576");
        await PressAsync(person, "Change the limits");
        await Expect(person.Page.Locator(".notice-ok")).ToBeVisibleAsync();
        await Expect(usage).ToContainTextAsync("0 B of 1 MiB");
        await Expect(person.Page.Locator("input[name=uploadsAtOnce]")).ToHaveValueAsync("7");
        await Expect(person.Page.Locator("input[name=itemsPerMinute]")).ToHaveValueAsync("");
        await owner.Visit.GoAsync("/settings");
        await Expect(owner.Page.Locator("section[aria-labelledby=limits]")).ToContainTextAsync("0 B of 1 MiB");
        await person.Page.Locator("input[name=uploadsAtOnce]").EvaluateAsync("input => { input.removeAttribute('pattern'); input.value = '-1'; }");
        await PressAsync(person, "Change the limits");
        await Expect(person.Page.Locator(".notice-bad")).ToBeVisibleAsync();
        await Expect(person.Page.Locator("input[name=uploadsAtOnce]")).ToHaveValueAsync("7");
        Assert.AreEqual(403, (await owner.Visit.GoAsync("/office/tenants")).Status);

        // The trail has each act, and none of the secrets.
        await person.Visit.GoAsync("/office/trail");
        var trail = await person.Page.Locator("tbody").InnerTextAsync();
        StringAssert.Contains(trail, "POST /office/tenants/firm-c/keys");
        StringAssert.Contains(trail, $"key: {next.Split('_')[1]}");
        StringAssert.Contains(trail, "address: owner@example.com");
        StringAssert.Contains(trail, "uploadsAtOnce: 7");
        Assert.DoesNotContain(key.Split('_')[2], trail);
        Assert.DoesNotContain(new Uri(link).AbsolutePath, trail);
    }

    [TestMethod]
    public async Task ASandboxIsMadeAsOneAndItsPeopleSeeItOnEveryPage()
    {
        await using var person = await StaffPageTests.ComeAsync(site, "operator");
        await person.Visit.GoAsync("/office/tenants");
        await person.Page.Locator("input[name=name]").FillAsync("试用单位 Trial");
        await person.Page.Locator("input[name=id]").FillAsync("trial");
        await person.Page.GetByLabel("A sandbox").CheckAsync();
        await LookAsync(person, "tenants-new");
        await PressAsync(person, "Create the tenant");
        await Expect(person.Page.Locator(".notice-info")).ToContainTextAsync("A sandbox");
        await PressAsync(person, "Make a key");
        var key = await person.Page.Locator(".notice-ok code.link").First.InnerTextAsync();
        await person.Visit.GoAsync("/office/tenants");
        await Expect(person.Page.Locator("tbody .tag.test")).ToHaveCountAsync(1);
        await Expect(person.Page.Locator("tbody tr", new() { HasText = "Trial" }).Locator(".tag.test")).ToHaveTextAsync("Sandbox");

        await using var owner = await Person.VisitAsync(site.Url);
        await owner.JoinAsync(await site.InviteAsync("trial"), "Zhao Liu");
        foreach (var path in new[] { "/overview", "/deposits", "/deposits/new", "/account", "/members", "/keys", "/clients", "/settings" })
        {
            await owner.Visit.GoAsync(path);
            await Expect(owner.Page.Locator("header .sandbox")).ToContainTextAsync("Everything here is a test");
        }

        using var http = new HttpClient { BaseAddress = site.Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var body = new ByteArrayContent([1, 2, 3]);
        using var made = await http.PostAsync(new Uri("v1/deposits/file?name=trial.pdf", UriKind.Relative), body);
        Assert.AreEqual(System.Net.HttpStatusCode.Created, made.StatusCode);
        await owner.Visit.GoAsync("/deposits");
        await Expect(owner.Page.Locator("tbody .tag.test")).ToHaveTextAsync("Test");
        await LookAsync(owner, "deposits");
        await owner.Page.Locator("tbody a").First.ClickAsync();
        await Expect(owner.Page.Locator(".notice-info").First).ToContainTextAsync("A test deposit");
        await LookAsync(owner, "deposit");

        // Nobody else's people read of it.
        await using var other = await Person.VisitAsync(site.Url);
        await other.JoinAsync(await site.InviteAsync("other"), "Qian Qi");
        await other.Visit.GoAsync("/deposits");
        await Expect(other.Page.Locator(".sandbox, .tag.test")).ToHaveCountAsync(0);
    }

    /// <summary>As a telephone and as a desk show it.</summary>
    private static async Task LookAsync(Person person, string name)
    {
        foreach (var (look, width) in new[] { ("phone", 390), ("desk", 1280) })
        {
            await person.Page.SetViewportSizeAsync(width, 900);
            Assert.AreEqual("", string.Join('\n', await person.Visit.JudgeAsync()), $"{name} {look}");
            await person.Visit.PictureAsync($"sandbox-{name}-{look}");
        }
    }

    [TestMethod]
    public async Task TheTrailsOwnTenantIsOnlyRead()
    {
        await using var person = await StaffPageTests.ComeAsync(site, "operator");
        await person.Visit.GoAsync("/office/tenants/office-trail");
        await PressAsync(person, "Make a key");
        await Expect(person.Page.Locator(".notice-bad")).ToContainTextAsync("only read");
        await person.Page.GetByLabel("Scopes").SelectOptionAsync("read");
        await PressAsync(person, "Make a key");
        Assert.AreEqual(200, await ListAsync(await person.Page.Locator(".notice-ok code.link").First.InnerTextAsync()));
        await person.Page.Locator("input[name=address]").FillAsync("owner@example.com");
        await PressAsync(person, "Make a one-time link");
        await Expect(person.Page.Locator(".notice-bad")).ToContainTextAsync("only read");
    }

    [TestMethod]
    public async Task TheOthersOfTheStaffRead()
    {
        foreach (var account in new[] { "clerk", "notary", "auditor" })
        {
            await using var person = await StaffPageTests.ComeAsync(site, account);
            await person.Visit.GoAsync("/office/tenants/firm");
            await Expect(person.Page.Locator("section[aria-labelledby=keys] tbody tr")).ToHaveCountAsync(1);
            await Expect(person.Page.Locator("main form")).ToHaveCountAsync(0);
            foreach (var path in new[] { "office/tenants", "office/tenants/firm/keys", "office/tenants/firm/invitations", "office/tenants/firm/limits" })
                Assert.AreEqual(403, await PostAsync(person, path), $"{account} {path}");
        }

        // The operator is let in, to be told that the form has no such field.
        await using var allowed = await StaffPageTests.ComeAsync(site, "operator");
        Assert.AreEqual(400, await PostAsync(allowed, "office/tenants"));
    }

    /// <summary>Sends an empty form with the session's own token.</summary>
    private static async Task<int> PostAsync(Person person, string path)
    {
        var token = await person.Page.Locator("form[action='/sign-out'] input[name=antiforgery]").InputValueAsync();
        var answer = await person.Page.Context.APIRequest.PostAsync(
            site.Url + path, new() { Headers = new Dictionary<string, string> { ["X-Antiforgery"] = token } });
        return answer.Status;
    }

    public static IEnumerable<object[]> Looks => Look.All.Select(look => new object[] { look });

    [TestMethod]
    [DynamicData(nameof(Looks))]
    public async Task EveryPageIsAccessibleAndFits(object look)
    {
        var how = (Look)look;
        await using var person = await StaffPageTests.ComeAsync(site, "operator", how);
        foreach (var (name, path) in new[] { ("tenants", "/office/tenants"), ("tenant", "/office/tenants/other") })
        {
            await person.Visit.GoAsync(path);
            await JudgeAsync(person, $"{name}-{how}");
        }

        await person.Page.Locator($"form[action='/office/tenants/other/keys'] button").ClickAsync();
        await Expect(person.Page.Locator(".notice-ok")).ToBeVisibleAsync();
        await JudgeAsync(person, $"tenant-key-{how}");
    }

    private static async Task JudgeAsync(Person person, string name)
    {
        await person.Visit.PictureAsync(name);
        Assert.AreEqual("", string.Join('\n', await person.Visit.JudgeAsync()), name);
    }

    private static async Task<int> ListAsync(string key)
    {
        using var http = new HttpClient { BaseAddress = site.Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var answer = await http.GetAsync(new Uri("v1/deposits", UriKind.Relative));
        return (int)answer.StatusCode;
    }

    private static Task PressAsync(Person person, string button) => person.Page.GetByRole(AriaRole.Button, new() { Name = button }).ClickAsync();

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);
}
