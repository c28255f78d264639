namespace Notary.Pages.Tests;

/// <summary>Signing in and what belongs to it, in a real browser with an authenticator of its own (Chromium's WebAuthn domain).</summary>
[TestClass]
public sealed class AccountTests
{
    private static AccountSite site = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _) => site = await AccountSite.StartAsync();

    [ClassCleanup]
    public static async Task StopAsync() => await site.DisposeAsync();

    [TestMethod]
    public async Task FromTheInvitationToASecondDeviceAndOut()
    {
        await using var desk = await PersonAsync();
        await desk.Visit.GoAsync(await site.InviteAsync());
        await Expect(desk.Page.Locator("dl.facts")).ToContainTextAsync("甲公司 Firm A");
        await desk.Page.GetByLabel("Your name").FillAsync("Zhang San");
        await PressAsync(desk, "Register a passkey");
        await Expect(desk.Page).ToHaveURLAsync($"{site.Url}overview");
        await desk.Visit.GoAsync("/account");
        await Expect(desk.Page.Locator("dl.facts")).ToContainTextAsync("Zhang San");

        // A passkey that is here already is not made twice.
        await PressAsync(desk, "Add a passkey");
        await Expect(desk.Page.GetByText("This device has a passkey of yours already.")).ToBeVisibleAsync();

        // Another device by a link.
        await PressAsync(desk, "Make a link for another device");
        var link = await desk.Page.Locator("code.link").InnerTextAsync();
        await using var phone = await PersonAsync(new Look { Width = 360, Height = 740, Chinese = false });
        await phone.Visit.GoAsync(link);
        await PressAsync(phone, "Register a passkey");
        await Expect(phone.Page).ToHaveURLAsync($"{site.Url}overview");
        await phone.Visit.GoAsync("/account");
        await Expect(phone.Page.Locator("dl.facts")).ToContainTextAsync("Zhang San");
        await using var late = await PersonAsync();
        Assert.AreEqual(410, (await late.Visit.GoAsync(link)).Status);

        // In again by the passkey alone, and where one wanted to go.
        await PressAsync(phone, "Sign out");
        await phone.Visit.GoAsync("/members");
        StringAssert.EndsWith(phone.Page.Url, "/sign-in?return=%2Fmembers");
        await PressAsync(phone, "Sign in with a passkey");
        await Expect(phone.Page).ToHaveURLAsync($"{site.Url}members");

        // Lost: the desk ends the phone's session and removes its passkey.
        await desk.Visit.GoAsync("/account");
        await Expect(desk.Page.GetByRole(AriaRole.Button, new() { Name = "Remove" })).ToHaveCountAsync(2);
        await PressAsync(desk, "End all other sessions");
        await desk.Page.GetByRole(AriaRole.Button, new() { Name = "Remove" }).Last.ClickAsync();
        await Expect(desk.Page.GetByRole(AriaRole.Button, new() { Name = "Remove" })).ToHaveCountAsync(0);
        await SignedOutAsync(phone);
        await PressAsync(phone, "Sign in with a passkey");
        await Expect(phone.Page.GetByText("It was not accepted.")).ToBeVisibleAsync();
        Assert.AreEqual("", string.Join('\n', desk.Visit.Findings.Concat(phone.Visit.Findings)));
    }

    [TestMethod]
    public async Task AnAnswerThatWasSentOnceIsRefusedAndNobodyIsSignedInUnverified()
    {
        await using var person = await PersonAsync();
        await person.Visit.GoAsync(await site.InviteAsync());
        await person.Page.GetByLabel("Your name").FillAsync("Li Si");
        await PressAsync(person, "Register a passkey");
        await Expect(person.Page).ToHaveURLAsync($"{site.Url}overview");
        await PressAsync(person, "Sign out");
        var sent = await person.Page.RunAndWaitForRequestAsync(
            () => PressAsync(person, "Sign in with a passkey"), r => r.Method == "POST" && new Uri(r.Url).AbsolutePath == "/sign-in");
        await Expect(person.Page).ToHaveURLAsync($"{site.Url}overview");
        await PressAsync(person, "Sign out");
        var status = await person.Page.EvaluateAsync<int>(
            "async ([path, body]) => (await fetch(path, { method: 'POST', body, headers: { 'content-type': 'application/json', "
                + "'x-antiforgery': document.querySelector('[name=antiforgery]').value } })).status",
            new[] { new Uri(sent.Url).PathAndQuery, sent.PostData! });
        Assert.AreEqual(401, status);

        await person.VerifiesAsync(false);
        await person.Visit.GoAsync("/sign-in");
        await PressAsync(person, "Sign in with a passkey");
        await Expect(person.Page.GetByText("Not completed. Try again.")).ToBeVisibleAsync();
    }

    [TestMethod]
    public async Task AnOwnerInvitesAndRemovesAndStaffComeByTheirProvider()
    {
        await using var owner = await PersonAsync();
        await owner.Visit.GoAsync(await site.InviteAsync());
        await owner.Page.GetByLabel("Your name").FillAsync("Wang Wu");
        await PressAsync(owner, "Register a passkey");
        await Expect(owner.Page).ToHaveURLAsync($"{site.Url}overview");
        await owner.Visit.GoAsync("/members");
        await owner.Page.GetByLabel("Whom").FillAsync("zhao@example.com");
        await PressAsync(owner, "Make a one-time link");
        var link = await owner.Page.Locator("code.link").InnerTextAsync();
        await using var member = await PersonAsync();
        await member.Visit.GoAsync(link);
        await member.Page.GetByLabel("Your name").FillAsync("Zhao Liu");
        await PressAsync(member, "Register a passkey");
        await Expect(member.Page).ToHaveURLAsync($"{site.Url}overview");
        await Expect(member.Page.GetByRole(AriaRole.Link, new() { Name = "Members" })).ToHaveCountAsync(0);

        await owner.Visit.GoAsync("/members");
        var row = owner.Page.Locator("tr", new() { HasText = "Zhao Liu" });
        await row.GetByText("Remove", new() { Exact = true }).ClickAsync();
        await row.GetByRole(AriaRole.Button, new() { Name = "Remove for good" }).ClickAsync();
        await Expect(owner.Page.GetByText("Zhao Liu")).ToHaveCountAsync(0);
        await SignedOutAsync(member);

        await using var clerk = await (await Fixture.BrowserAsync()).VisitAsync(site.Url, new Look { Chinese = false });
        await clerk.Page.GotoAsync((await site.StaffAsync("clerk")).ToString());
        await Expect(clerk.Page).ToHaveURLAsync($"{site.Url}account");
        await Expect(clerk.Page.Locator("dl.facts")).ToContainTextAsync("clerk");
    }

    public static IEnumerable<object[]> Looks => Look.All.Select(look => new object[] { look });

    [TestMethod]
    [DynamicData(nameof(Looks))]
    public async Task EveryPageIsAccessibleAndFits(object look)
    {
        var how = (Look)look;
        await using var person = await PersonAsync(how);
        var link = await site.InviteAsync();
        await JudgeAsync(person, how, "sign-in", "/sign-in");
        await JudgeAsync(person, how, "invitation", link);
        await JudgeAsync(person, how, "invitation-gone", link[..^1] + "_", 410);
        await person.Visit.GoAsync(link);
        await person.Page.Locator("input[name=name]").FillAsync("欧阳娜娜 Nana Ouyang");
        await person.Page.Locator("form[data-passkey] button").ClickAsync();
        await Expect(person.Page).ToHaveURLAsync($"{site.Url}overview");
        await JudgeAsync(person, how, "account", "/account");
        await person.Page.Locator("form[action='/account/devices'] button").ClickAsync();
        await JudgeAsync(person, how, "account-link", null);
        await person.Visit.GoAsync("/members");
        await person.Page.Locator("input[name=address]").FillAsync("a.person.with.a.very.long.address@department.of.a.large.company.example.com");
        await person.Page.Locator("form[action='/members/invitations'] button").ClickAsync();
        await JudgeAsync(person, how, "members-link", null);
        await JudgeAsync(person, how, "members", "/members");
    }

    private static async Task JudgeAsync(Person person, Look look, string name, string? path, int status = 200)
    {
        if (path is not null)
            Assert.AreEqual(status, (await person.Visit.GoAsync(path)).Status, path);

        await person.Visit.PictureAsync($"{name}-{look}");
        Assert.AreEqual("", string.Join('\n', await person.Visit.JudgeAsync()), $"{name} {look}");
    }

    private static Task PressAsync(Person person, string button) => person.Page.GetByRole(AriaRole.Button, new() { Name = button }).ClickAsync();

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);

    private static IPageAssertions Expect(IPage page) => Assertions.Expect(page);

    /// <summary>Loads the page again until it leads to signing in: the session has ended.</summary>
    private static async Task SignedOutAsync(Person person)
    {
        while (!person.Page.Url.Contains("/sign-in", StringComparison.Ordinal))
        {
            await person.Page.ReloadAsync();
            await Task.Delay(100);
        }
    }

    private static Task<Person> PersonAsync(Look? look = null) => Person.VisitAsync(site.Url, look);
}
