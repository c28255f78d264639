namespace Notary.Identity.Tests.Provider;

/// <summary>At logout (OpenID Connect RP-Initiated Logout 1.0 §6).</summary>
internal static class LogoutAttacks
{
    [Meets("invalid_request")]
    public static async Task<Page> OnToAForeignAddress(AttackScene s) => await LogoutAsync(s, s.Good, "https://evil.example/");

    [Meets("invalid_request")]
    public static async Task<Page> OnToAnAddressBelowTheRegistered(AttackScene s) => await LogoutAsync(s, s.Good, LoginBed.AfterLogout + "/x");

    [Meets("invalid_request")]
    public static async Task<Page> OnToAnotherClientsAddress(AttackScene s) => await LogoutAsync(s, s.Evil, LoginBed.AfterLogout);

    [Meets("invalid_request")]
    public static Task<Page> OnToSomewhereForNobody(AttackScene s)
        => s.Victim.GetAsync("/connect/logout?post_logout_redirect_uri=" + Uri.EscapeDataString("https://evil.example/"));

    [Meets("invalid_request")]
    public static Task<Page> OnToARegisteredAddressForNobody(AttackScene s)
        => s.Victim.GetAsync("/connect/logout?post_logout_redirect_uri=" + Uri.EscapeDataString(LoginBed.AfterLogout));

    [Meets("invalid_request")]
    public static async Task<Page> AHintThatIsAnotherClients(AttackScene s)
        => await s.Victim.GetAsync($"/connect/logout?client_id={s.Good.Client.Client.Id}"
            + $"&id_token_hint={await s.Evil.TokenAsync(s.Victim, "id_token")}");

    [Meets("200")]
    public static async Task<Page> ALink(AttackScene s) => await StillAsync(s, await s.Victim.GetAsync("/connect/logout"));

    [Meets("200")]
    public static async Task<Page> AHintOfAnotherUser(AttackScene s)
        => await StillAsync(s, await s.Victim.GetAsync($"/connect/logout?id_token_hint={(await s.Good.TokensAsync(s.Stranger)).GetProperty("id_token")}"));

    [Meets("400")]
    public static async Task<Page> AForeignForm(AttackScene s)
        => await StillAsync(s, await s.Victim.PostAsync("/connect/logout", [new("decision", "allow")]));

    [Meets("400")]
    public static async Task<Page> TheAttackersProof(AttackScene s)
    {
        var own = Browser.FieldsOf(await s.Stranger.GetAsync("/connect/logout"));
        return await StillAsync(s, await s.Victim.PostAsync("/connect/logout", [new("decision", "allow"), new("proof", own["proof"])]));
    }

    private static async Task<Page> LogoutAsync(AttackScene s, RelyingParty rp, string to)
        => await StillAsync(s, await s.Victim.GetAsync($"/connect/logout?client_id={rp.Client.Client.Id}"
            + $"&id_token_hint={(await rp.TokensAsync(s.Victim)).GetProperty("id_token")}&post_logout_redirect_uri={Uri.EscapeDataString(to)}"));

    /// <summary>The victim is signed in as before.</summary>
    private static async Task<Page> StillAsync(AttackScene s, Page page)
    {
        using var other = new RelyingParty(s.Bed, s.Good.Client);
        var next = await s.Victim.GetAsync(RelyingParty.Authorize(other.Request()));
        Assert.IsFalse(next.Location?.OriginalString.StartsWith("/sign-in", StringComparison.Ordinal) ?? false, "signed out");
        return page;
    }
}
