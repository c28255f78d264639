namespace Notary.Identity.Tests.Provider;

/// <summary>On the user's click (cross-site request forgery, OpenID Connect Core 1.0 §16).</summary>
internal static class ConsentAttacks
{
    [Meets("400")]
    public static Task<Page> AllowedByAForeignForm(AttackScene s) => s.Victim.PostAsync("/connect/authorize", s.Good.Request(("decision", "allow")));

    [Meets("400")]
    public static Task<Page> AllowedByAForgedProof(AttackScene s)
        => s.Victim.PostAsync("/connect/authorize", s.Good.Request(("decision", "allow"), ("proof", "CfDJ8AAAA")));

    [Meets("400")]
    public static async Task<Page> AllowedByTheAttackersProof(AttackScene s)
    {
        var own = Browser.FieldsOf(await s.Stranger.GetAsync(RelyingParty.Authorize(s.Good.Request())));
        return await s.Victim.PostAsync("/connect/authorize", s.Good.Request(("decision", "allow"), ("proof", own["proof"])));
    }

    [Meets("400")]
    public static async Task<Page> AllowedWithoutTheCookie(AttackScene s)
    {
        var fields = Browser.FieldsOf(await s.AskAsync());
        using var other = new Browser(s.Bed);
        other.SignIn(s.Bed, s.Victim.Who!.Person);
        return await other.PostAsync("/connect/authorize", fields.Append(new("decision", "allow")));
    }

    [Meets("400")]
    public static async Task<Page> AllowedInAnotherSession(AttackScene s)
    {
        var page = await s.AskAsync();
        s.Victim.SignIn(s.Bed, s.Victim.Who!.Person);
        return await s.Victim.DecideAsync(page);
    }

    [Meets("200")] public static Task<Page> AllowedByALink(AttackScene s) => s.AskAsync(("decision", "allow"));

    [Meets("access_denied")] public static async Task<Page> Denied(AttackScene s) => await s.Victim.DecideAsync(await s.AskAsync(), "deny");

    [Meets("access_denied")] public static async Task<Page> AnsweredByNonsense(AttackScene s) => await s.Victim.DecideAsync(await s.AskAsync(), "allow2");

    [Meets("200")]
    public static async Task<Page> AClientsNameThatIsAScript(AttackScene s)
    {
        const string script = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";
        var client = await s.Bed.RegisterAsync(c => c with { Name = script, Purpose = script }, "t" + Guid.NewGuid().ToString("N")[..8]);
        using var evil = new RelyingParty(s.Bed, client);
        var page = await s.Victim.GetAsync(RelyingParty.Authorize(evil.Request(("state", script))));
        Assert.DoesNotContain("<script", page.Text);
        Assert.DoesNotContain("<img", page.Text);
        Assert.AreEqual(script, Browser.FieldsOf(page)["state"]);
        return page;
    }

    [Meets("200")]
    public static async Task<Page> AConsentForAnotherClient(AttackScene s)
    {
        await s.Evil.TokensAsync(s.Victim);
        return await s.AskAsync();
    }
}
