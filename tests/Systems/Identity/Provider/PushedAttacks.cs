namespace Notary.Identity.Tests.Provider;

/// <summary>On pushed requests (RFC 9126 §7).</summary>
internal static class PushedAttacks
{
    [Meets("invalid_token", "invalid_request_uri", "invalid_request")]
    public static async Task<Page> AReplay(AttackScene s)
    {
        var uri = await UriAsync(s.Good);
        var answer = await s.Victim.DecideAsync(await s.OpenAsync(uri));
        Assert.IsTrue(answer.Sent.ContainsKey("code"), answer.Text);
        return await s.OpenAsync(uri);
    }

    [Meets("invalid_request", "invalid_token")]
    public static async Task<Page> AnotherClientsRequest(AttackScene s) => await s.OpenAsync(await UriAsync(s.Good), s.Evil);

    [Meets("invalid_request")]
    public static async Task<Page> ARequestWithoutItsClient(AttackScene s)
        => await s.Victim.GetAsync(RelyingParty.Authorize([new("request_uri", await UriAsync(s.Good))]));

    [Meets("invalid_token", "invalid_request")]
    public static Task<Page> AGuess(AttackScene s) => s.OpenAsync($"urn:ietf:params:oauth:request_uri:301231{new string('0', 32)}.{new string('0', 32)}");

    [Meets("invalid_token", "invalid_request")]
    public static Task<Page> ANameThatIsAQuery(AttackScene s) => s.OpenAsync("urn:ietf:params:oauth:request_uri:x' or '1' eq '1");

    [Meets("invalid_token", "invalid_request")]
    public static async Task<Page> ARefreshTokenAsRequest(AttackScene s)
        => await s.OpenAsync("urn:ietf:params:oauth:request_uri:" + (await s.Good.TokensAsync(s.Victim)).GetProperty("refresh_token").GetString());

    [Meets("200")]
    public static async Task<Page> ParametersBesideIt(AttackScene s)
    {
        var page = await s.OpenAsync(await UriAsync(s.Good), null, ("redirect_uri", AttackScene.EvilCallback), ("state", "evil"), ("scope", "openid"));
        var answer = await s.Victim.DecideAsync(page);
        StringAssert.StartsWith(answer.Location!.AbsoluteUri, LoginBed.Callback + "?");
        Assert.AreEqual(s.Good.State, answer.Sent["state"]);
        return page;
    }

    [Meets("invalid_client")]
    public static Task<Page> WithoutASecret(AttackScene s)
        => s.Good.Wire.PostAsync("/connect/par", s.Good.Request());

    [Meets("invalid_client")]
    public static Task<Page> WithAnotherClientsSecret(AttackScene s) => s.Good.CallAsync("/connect/par", s.Good.Request(), secret: s.Evil.Client.Secret);

    [Meets("invalid_request", "invalid_client")]
    public static Task<Page> InAnotherClientsName(AttackScene s) => s.Evil.CallAsync("/connect/par", s.Good.Request());

    [Meets("invalid_request")] public static Task<Page> WithAForeignAddress(AttackScene s) => s.Good.PushAsync(("redirect_uri", AttackScene.EvilCallback));

    [Meets("invalid_request")] public static Task<Page> WithAPlainProofKey(AttackScene s) => s.Good.PushAsync(("code_challenge_method", "plain"));

    [Meets("invalid_request")]
    public static Task<Page> WithoutAProofKey(AttackScene s) => s.Good.PushAsync(("code_challenge", null), ("code_challenge_method", null));

    [Meets("invalid_scope")] public static Task<Page> WithAScopeThatNobodyHas(AttackScene s) => s.Good.PushAsync(("scope", "openid operator"));

    [Meets("invalid_request", "request_uri_not_supported")]
    public static async Task<Page> ARequestInARequest(AttackScene s) => await s.Good.PushAsync(("request_uri", await UriAsync(s.Good)));

    [Meets("request_not_supported")] public static Task<Page> WithARequestObject(AttackScene s) => s.Good.PushAsync(("request", "e30.e30."));

    [Meets("413", "400")] public static Task<Page> WithoutEnd(AttackScene s) => s.Good.PushAsync(("state", new string('s', 20_000)));

    [Meets("invalid_request", "400")]
    public static Task<Page> InTheAddress(AttackScene s) => s.Good.Wire.GetAsync("/connect/par?" + RelyingParty.Authorize(s.Good.Request()).Split('?')[1]);

    [Meets("302")]
    public static async Task<Page> OpenedByNobody(AttackScene s)
    {
        using var nobody = new Browser(s.Bed);
        return await nobody.GetAsync(RelyingParty.Authorize([new("client_id", s.Good.Client.Client.Id), new("request_uri", await UriAsync(s.Good))]));
    }

    private static async Task<string> UriAsync(RelyingParty rp)
    {
        var pushed = await rp.PushAsync();
        Assert.AreEqual(201, pushed.Status, pushed.Text);
        return pushed.Json.GetProperty("request_uri").GetString()!;
    }
}
