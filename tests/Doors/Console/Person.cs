namespace Notary.Pages.Tests;

/// <summary>A visitor with an authenticator in his device (Chromium's WebAuthn domain).</summary>
internal sealed record Person(Visit Visit, ICDPSession Debugger, string Authenticator) : IAsyncDisposable
{
    public IPage Page => Visit.Page;

    public static async Task<Person> VisitAsync(Uri site, Look? look = null, Uri? besides = null)
    {
        var visit = await (await Fixture.BrowserAsync()).VisitAsync(site, look ?? new Look { Chinese = false }, besides);
        var debugger = await visit.Page.Context.NewCDPSessionAsync(visit.Page);
        await debugger.SendAsync("WebAuthn.enable");
        var made = await debugger.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2",
                ["transport"] = "internal",
                ["hasResidentKey"] = true,
                ["hasUserVerification"] = true,
                ["isUserVerified"] = true,
                ["automaticPresenceSimulation"] = true,
            },
        });
        return new Person(visit, debugger, made!.Value.GetProperty("authenticatorId").GetString()!);
    }

    /// <summary>Follows an invitation and registers a passkey.</summary>
    public async Task JoinAsync(string link, string name)
    {
        await Visit.GoAsync(link);
        await Page.Locator("input[name=name]").FillAsync(name);
        await Page.Locator("form[data-passkey] button").ClickAsync();
        await Assertions.Expect(Page.Locator("form[action='/sign-out']")).ToBeVisibleAsync();
    }

    /// <summary>The same person at another window.</summary>
    public async Task<Visit> AgainAsync(Uri site, Look look, Uri? besides = null)
    {
        var visit = await (await Fixture.BrowserAsync()).VisitAsync(site, look, besides);
        await visit.Page.Context.AddCookiesAsync((await Page.Context.CookiesAsync()).Select(c
            => new Cookie { Name = c.Name, Value = c.Value, Domain = c.Domain, Path = c.Path, HttpOnly = c.HttpOnly, SameSite = c.SameSite }));
        return visit;
    }

    /// <summary>Whether the authenticator recognises its owner from now on.</summary>
    public async Task VerifiesAsync(bool verified) => await Debugger.SendAsync("WebAuthn.setUserVerified",
        new Dictionary<string, object> { ["authenticatorId"] = Authenticator, ["isUserVerified"] = verified });

    public ValueTask DisposeAsync() => Visit.DisposeAsync();
}
