namespace Notary.Identity.Tests.Provider;

/// <summary>At the token, userinfo and revocation endpoints (RFC 6749 §10, RFC 9700 §4.5 and §4.14).</summary>
internal static class TokenAttacks
{
    [Meets("invalid_grant")]
    public static async Task<Page> ACodeTwice(AttackScene s)
    {
        var code = await s.Good.CodeAsync(s.Victim);
        Assert.AreEqual(200, (await s.Good.RedeemAsync(code)).Status);
        return await s.Good.RedeemAsync(code);
    }

    [Meets("invalid_grant")]
    public static async Task<Page> ACodeOfAnotherClient(AttackScene s)
        => await s.Evil.RedeemAsync(await s.Good.CodeAsync(s.Victim), ("redirect_uri", LoginBed.Callback), ("code_verifier", s.Good.Verifier));

    [Meets("invalid_grant")]
    public static async Task<Page> ACodePutIntoAnotherSession(AttackScene s)
    {
        using var other = new RelyingParty(s.Bed, s.Good.Client);
        return await other.RedeemAsync(await s.Good.CodeAsync(s.Victim));
    }

    [Meets("invalid_grant")]
    public static async Task<Page> AWrongVerifier(AttackScene s)
        => await s.Good.RedeemAsync(await s.Good.CodeAsync(s.Victim), ("code_verifier", new string('a', 43)));

    [Meets("invalid_request")]
    public static async Task<Page> NoVerifier(AttackScene s) => await s.Good.RedeemAsync(await s.Good.CodeAsync(s.Victim), ("code_verifier", null));

    [Meets("invalid_grant")]
    public static async Task<Page> TheChallengeAsVerifier(AttackScene s)
        => await s.Good.RedeemAsync(await s.Good.CodeAsync(s.Victim), ("code_verifier", s.Good.Request()["code_challenge"]));

    [Meets("invalid_grant")]
    public static async Task<Page> AnotherAddress(AttackScene s)
        => await s.Good.RedeemAsync(await s.Good.CodeAsync(s.Victim), ("redirect_uri", AttackScene.EvilCallback));

    [Meets("invalid_request")]
    public static async Task<Page> NoAddress(AttackScene s) => await s.Good.RedeemAsync(await s.Good.CodeAsync(s.Victim), ("redirect_uri", null));

    [Meets("invalid_grant")]
    public static async Task<Page> ACodeWithABitChanged(AttackScene s)
    {
        var code = (await s.Good.CodeAsync(s.Victim)).ToCharArray();
        code[^10] = code[^10] == 'A' ? 'B' : 'A';
        return await s.Good.RedeemAsync(new string(code));
    }

    [Meets("invalid_grant")] public static Task<Page> NoCodeAtAll(AttackScene s) => s.Good.RedeemAsync("x");

    [Meets("invalid_client")]
    public static async Task<Page> AWrongSecret(AttackScene s) => await s.Good.CallAsync("/connect/token", await CodeFormAsync(s), secret: new string('0', 64));

    [Meets("invalid_client")]
    public static async Task<Page> AnotherClientsSecret(AttackScene s)
        => await s.Good.CallAsync("/connect/token", await CodeFormAsync(s), secret: s.Evil.Client.Secret);

    [Meets("invalid_client")]
    public static async Task<Page> NoSecret(AttackScene s)
    {
        var form = await CodeFormAsync(s);
        form["client_id"] = s.Good.Client.Client.Id;
        return await s.Good.Wire.PostAsync("/connect/token", form);
    }

    [Meets("invalid_client", "invalid_request")]
    public static async Task<Page> NoClient(AttackScene s) => await s.Good.Wire.PostAsync("/connect/token", await CodeFormAsync(s));

    [Meets("invalid_request")]
    public static async Task<Page> TwoWaysToAuthenticateAtOnce(AttackScene s)
    {
        var form = await CodeFormAsync(s);
        form["client_id"] = s.Good.Client.Client.Id;
        form["client_secret"] = s.Good.Client.Secret!;
        return await s.Good.CallAsync("/connect/token", form);
    }

    [Meets("invalid_client", "invalid_request")]
    public static async Task<Page> ASelfMadeAssertion(AttackScene s)
    {
        var form = await CodeFormAsync(s);
        form["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        var id = s.Good.Client.Client.Id;
        form["client_assertion"] = $"{Jwt.Part(new { alg = "none", typ = "JWT" })}.{Jwt.Part(new { iss = id, sub = id })}.";
        return await s.Good.Wire.PostAsync("/connect/token", form);
    }

    [Meets("invalid_grant")]
    public static async Task<Page> ARefreshTokenTwice(AttackScene s)
    {
        var token = await s.Good.TokenAsync(s.Victim, "refresh_token");
        Assert.AreEqual(200, (await s.Good.RefreshAsync(token)).Status);
        return await s.Good.RefreshAsync(token);
    }

    [Meets("invalid_grant")]
    public static async Task<Page> ARefreshTokenOfAnotherClient(AttackScene s)
        => await s.Evil.RefreshAsync(await s.Good.TokenAsync(s.Victim, "refresh_token"));

    [Meets("invalid_grant", "invalid_scope")]
    public static async Task<Page> MoreByRefreshing(AttackScene s)
        => await s.Good.RefreshAsync(await s.Good.TokenAsync(s.Victim, "refresh_token", ("scope", "openid offline_access read")),
            ("scope", "openid write"));

    [Meets("invalid_grant")]
    public static async Task<Page> AnAccessTokenAsRefreshToken(AttackScene s)
        => await s.Good.RefreshAsync(await s.Good.TokenAsync(s.Victim, "access_token"));

    [Meets("invalid_grant")]
    public static async Task<Page> ARefreshTokenAsCode(AttackScene s)
        => await s.Good.RedeemAsync(await s.Good.TokenAsync(s.Victim, "refresh_token"));

    [Meets("invalid_grant")]
    public static async Task<Page> ACodeAsRefreshToken(AttackScene s) => await s.Good.RefreshAsync(await s.Good.CodeAsync(s.Victim));

    [Meets("unsupported_grant_type", "unauthorized_client")] public static Task<Page> ThePasswordGrant(AttackScene s) => GrantAsync(s, "password");

    [Meets("unsupported_grant_type", "unauthorized_client")] public static Task<Page> TheClientsOwnGrant(AttackScene s) => GrantAsync(s, "client_credentials");

    [Meets("unsupported_grant_type", "unauthorized_client")]
    public static Task<Page> TheDeviceGrant(AttackScene s) => GrantAsync(s, "urn:ietf:params:oauth:grant-type:device_code");

    [Meets("unsupported_grant_type", "unauthorized_client")]
    public static Task<Page> TokenExchange(AttackScene s) => GrantAsync(s, "urn:ietf:params:oauth:grant-type:token-exchange");

    [Meets("invalid_request", "400")]
    public static Task<Page> ByAddress(AttackScene s) => s.Good.Wire.GetAsync("/connect/token?grant_type=authorization_code&code=x");

    [Meets("invalid_request")]
    public static async Task<Page> TheCodeTwiceInOneForm(AttackScene s)
    {
        var form = await CodeFormAsync(s);
        return await s.Good.Wire.PostAsync("/connect/token", [.. form, new("code", form["code"]), new("client_id", s.Good.Client.Client.Id),
            new("client_secret", s.Good.Client.Secret!)]);
    }

    [Meets("invalid_token", "missing_token", "401")] public static Task<Page> UserInfoForNobody(AttackScene s) => s.Good.Wire.GetAsync("/connect/userinfo");

    [Meets("invalid_token", "401")]
    public static async Task<Page> AnIdTokenAsAccessToken(AttackScene s)
        => await s.Good.Wire.GetAsync("/connect/userinfo", await s.Good.TokenAsync(s.Victim, "id_token"));

    [Meets("invalid_token", "401")]
    public static async Task<Page> ARefreshTokenAsAccessToken(AttackScene s)
        => await s.Good.Wire.GetAsync("/connect/userinfo", await s.Good.TokenAsync(s.Victim, "refresh_token"));

    [Meets("invalid_request", "400")]
    public static async Task<Page> AnAccessTokenInTheAddress(AttackScene s)
        => await s.Good.Wire.GetAsync("/connect/userinfo?access_token=" + await s.Good.TokenAsync(s.Victim, "access_token"));

    [Meets("invalid_client")]
    public static async Task<Page> RevokedByNobody(AttackScene s) => await s.Good.Wire.PostAsync("/connect/revoke",
        new Dictionary<string, string> { ["client_id"] = s.Good.Client.Client.Id, ["token"] = await s.Good.TokenAsync(s.Victim, "refresh_token") });

    [Meets("200", "invalid_token", "invalid_request")] // RFC 7009 §2.2: an answer that tells nothing.
    public static async Task<Page> RevokedByAnotherClient(AttackScene s)
    {
        var token = await s.Good.TokenAsync(s.Victim, "refresh_token");
        var answer = await s.Evil.CallAsync("/connect/revoke", new() { ["token"] = token });
        Assert.AreEqual(200, (await s.Good.RefreshAsync(token)).Status, "it lives");
        return answer;
    }

    private static async Task<Dictionary<string, string>> CodeFormAsync(AttackScene s) => new()
    {
        ["grant_type"] = "authorization_code",
        ["code"] = await s.Good.CodeAsync(s.Victim),
        ["redirect_uri"] = LoginBed.Callback,
        ["code_verifier"] = s.Good.Verifier,
    };

    private static Task<Page> GrantAsync(AttackScene s, string type)
        => s.Good.CallAsync("/connect/token",
            new() { ["grant_type"] = type, ["username"] = "u", ["password"] = "p", ["scope"] = "read", ["device_code"] = "x" });
}
