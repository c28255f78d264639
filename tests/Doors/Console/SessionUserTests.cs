using Notary.Servers.Arm;

namespace Notary.Pages.Tests;

/// <summary>Where desktops are signed in to, as Azure's are, the form asks who will, and the desktop is that person's.</summary>
[TestClass]
public sealed class SessionUserTests
{
    public required TestContext TestContext { get; init; }

    [TestMethod]
    public async Task TheFormAsksWhoWillSignInAndTheDesktopIsMadeForThatPerson()
    {
        await using var arm = await ArmServer.StartAsync(new ArmServerOptions { Recorder = AccountSite.StandIn }, TestContext.CancellationToken);
        await using var site = await AccountSite.StartAsync(configure: environment => arm.Configure(environment));
        await using var person = await Person.VisitAsync(site.Url);
        await person.JoinAsync(await site.InviteAsync(), "Zhang San");
        var page = person.Page;
        await person.Visit.GoAsync("/desktops/new");
        await page.EvalOnSelectorAsync("main form", "form => { form.noValidate = true; }");
        await page.Locator("input[name=page]").FillAsync("https://site.example/film");
        foreach (var wrong in (string[])["", "Li Si"])
        {
            await page.Locator("input[name=user]").FillAsync(wrong);
            await page.Locator("input[name=user]").PressAsync("Enter");
            await Assertions.Expect(page.Locator(".field-wrong")).ToContainTextAsync("Name the account that signs in");
            await Assertions.Expect(page.Locator("input[name=user]")).ToHaveValueAsync(wrong);
            await page.EvalOnSelectorAsync("main form", "form => { form.noValidate = true; }");
        }

        await person.Visit.PictureAsync("desktop-new-user");
        Assert.AreEqual("", string.Join('\n', await person.Visit.JudgeAsync()));
        await page.Locator("input[name=user]").FillAsync("li@office.example");
        await page.Locator("input[name=user]").PressAsync("Enter");
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("https://site.example/film");
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(TestContext.CancellationToken);
        bound.CancelAfter(TimeSpan.FromMinutes(4));
        while (!arm.Calls.Any(call => call.Contains("/users/li", StringComparison.Ordinal)))
            await Task.Delay(100, bound.Token);
    }
}
