using Microsoft.AspNetCore.Http.Extensions;

namespace Notary.Identity.Tests.Provider;

/// <summary>On the authorization request (RFC 9700 §4, OpenID Connect Core 1.0 §3.1.2).</summary>
internal static class AuthorizationAttacks
{
    [Meets("invalid_request")] public static Task<Page> RedirectToAnotherHost(AttackScene s) => s.AskAsync(("redirect_uri", "https://evil.example/callback"));

    [Meets("invalid_request")] public static Task<Page> RedirectBelowThePath(AttackScene s) => s.AskAsync(("redirect_uri", LoginBed.Callback + "/x"));

    [Meets("invalid_request")] public static Task<Page> RedirectWithAQuery(AttackScene s) => s.AskAsync(("redirect_uri", LoginBed.Callback + "?x=1"));

    [Meets("invalid_request")] public static Task<Page> RedirectInOtherCase(AttackScene s) => s.AskAsync(("redirect_uri", "https://client.example/Callback"));

    [Meets("invalid_request")] public static Task<Page> RedirectWithASlash(AttackScene s) => s.AskAsync(("redirect_uri", LoginBed.Callback + "/"));

    [Meets("invalid_request")]
    public static Task<Page> RedirectBehindAUserName(AttackScene s) => s.AskAsync(("redirect_uri", "https://client.example@evil.example/callback"));

    [Meets("invalid_request")] public static Task<Page> RedirectWithoutTls(AttackScene s) => s.AskAsync(("redirect_uri", "http://client.example/callback"));

    [Meets("invalid_request")]
    public static Task<Page> RedirectToAnotherPort(AttackScene s) => s.AskAsync(("redirect_uri", "https://client.example:8443/callback"));

    [Meets("invalid_request")]
    public static Task<Page> RedirectWithTheDefaultPort(AttackScene s) => s.AskAsync(("redirect_uri", "https://client.example:443/callback"));

    [Meets("invalid_request")] public static Task<Page> RedirectWithAFragment(AttackScene s) => s.AskAsync(("redirect_uri", LoginBed.Callback + "#x"));

    [Meets("invalid_request")]
    public static Task<Page> RedirectByWayOfDots(AttackScene s) => s.AskAsync(("redirect_uri", "https://client.example/x/../callback"));

    [Meets("invalid_request")]
    public static Task<Page> RedirectWithABackslash(AttackScene s) => s.AskAsync(("redirect_uri", @"https://client.example\@evil.example/callback"));

    [Meets("invalid_request")] public static Task<Page> RedirectToAScript(AttackScene s) => s.AskAsync(("redirect_uri", "javascript:alert(1)"));

    [Meets("invalid_request")] public static Task<Page> RedirectLeftOut(AttackScene s) => s.AskAsync(("redirect_uri", null));

    [Meets("invalid_request")] public static Task<Page> RedirectOfAnotherClient(AttackScene s) => s.AskAsync(("redirect_uri", AttackScene.EvilCallback));

    [Meets("invalid_request")]
    public static Task<Page> RedirectTwice(AttackScene s)
        => s.Victim.GetAsync(RelyingParty.Authorize(s.Good.Request()) + "&redirect_uri=" + Uri.EscapeDataString(AttackScene.EvilCallback));

    [Meets("invalid_client", "invalid_request")]
    public static Task<Page> AnUnknownClient(AttackScene s) => s.AskAsync(("client_id", new string('a', 32)));

    [Meets("invalid_client", "invalid_request")]
    public static Task<Page> AClientWithAQuote(AttackScene s) => s.AskAsync(("client_id", "x' or PartitionKey ne '"));

    [Meets("invalid_client", "invalid_request")]
    public static Task<Page> AClientWithAPath(AttackScene s) => s.AskAsync(("client_id", "../../grants/\0#?%"));

    [Meets("invalid_client", "invalid_request")]
    public static Task<Page> AnotherClientsIdWithMyAddress(AttackScene s) => s.AskAsync(("client_id", s.Evil.Client.Client.Id));

    [Meets("invalid_request")] public static Task<Page> NoProofKey(AttackScene s) => s.AskAsync(("code_challenge", null), ("code_challenge_method", null));

    [Meets("invalid_request")] public static Task<Page> APlainProofKey(AttackScene s) => s.AskAsync(("code_challenge_method", "plain"));

    [Meets("invalid_request")] public static Task<Page> AProofKeyOfNoMethod(AttackScene s) => s.AskAsync(("code_challenge_method", null));

    [Meets("invalid_request")] public static Task<Page> AProofKeyOfAnUnknownMethod(AttackScene s) => s.AskAsync(("code_challenge_method", "s256"));

    [Meets("invalid_request")] public static Task<Page> AnEmptyProofKey(AttackScene s) => s.AskAsync(("code_challenge", ""));

    [Meets("unsupported_response_type", "invalid_request")]
    public static Task<Page> TheImplicitFlow(AttackScene s) => s.AskAsync(("response_type", "token"));

    [Meets("unsupported_response_type", "invalid_request")]
    public static Task<Page> AnIdTokenInTheAddress(AttackScene s) => s.AskAsync(("response_type", "id_token"));

    [Meets("unsupported_response_type", "invalid_request")]
    public static Task<Page> TheHybridFlow(AttackScene s) => s.AskAsync(("response_type", "code id_token token"));

    [Meets("unsupported_response_type", "invalid_request")]
    public static Task<Page> NoResponseType(AttackScene s) => s.AskAsync(("response_type", null));

    [Meets("invalid_request")] public static Task<Page> TheAnswerInAFragment(AttackScene s) => s.AskAsync(("response_mode", "fragment"));

    [Meets("invalid_request")] public static Task<Page> TheAnswerInAForm(AttackScene s) => s.AskAsync(("response_mode", "form_post"));

    [Meets("request_not_supported")]
    public static Task<Page> ARequestObject(AttackScene s)
        => s.AskAsync(
        ("request", $"{Jwt.Part(new { alg = "none" })}.{Jwt.Part(new { redirect_uri = "https://evil.example" })}."));

    [Meets("request_uri_not_supported")]
    public static Task<Page> ARequestFromElsewhere(AttackScene s) => s.AskAsync(("request_uri", "https://evil.example/request.jwt"));

    [Meets("invalid_scope")] public static Task<Page> AScopeThatNobodyHas(AttackScene s) => s.AskAsync(("scope", "openid operator"));

    [Meets("invalid_scope", "invalid_request")] public static Task<Page> NoScope(AttackScene s) => s.AskAsync(("scope", null));

    [Meets("invalid_scope")]
    public static async Task<Page> AScopeThatTheClientIsNotRegisteredFor(AttackScene s)
    {
        using var small = new RelyingParty(s.Bed, await s.Bed.RegisterAsync(c => c with { Scopes = ["openid"] }, "t" + Guid.NewGuid().ToString("N")[..8]));
        return await s.Victim.GetAsync(RelyingParty.Authorize(small.Request(("scope", "openid write"))));
    }

    [Meets("invalid_target", "invalid_request")]
    public static Task<Page> ATokenForAnotherServer(AttackScene s) => s.AskAsync(("resource", "https://evil.example/"));

    [Meets("login_required")]
    public static async Task<Page> NobodySignedInAndNoQuestionAsked(AttackScene s)
    {
        using var nobody = new Browser(s.Bed);
        return await nobody.GetAsync(RelyingParty.Authorize(s.Good.Request(("prompt", "none"))));
    }

    [Meets("consent_required")] public static Task<Page> NothingAllowedAndNoQuestionAsked(AttackScene s) => s.AskAsync(("prompt", "none"));

    [Meets("login_required")] public static Task<Page> AnOldSignInAndNoQuestionAsked(AttackScene s) => s.AskAsync(("prompt", "none"), ("max_age", "0"));

    [Meets("invalid_request")] public static Task<Page> AQuestionAndNone(AttackScene s) => s.AskAsync(("prompt", "none login"));

    [Meets("login_required")]
    public static async Task<Page> AHintOfAnotherUser(AttackScene s)
        => await s.AskAsync(("id_token_hint", (await s.Good.TokensAsync(s.Stranger)).GetProperty("id_token").GetString()));

    [Meets("invalid_token", "login_required", "invalid_request")]
    public static async Task<Page> AForgedHint(AttackScene s)
    {
        var hint = (await s.Good.TokensAsync(s.Victim)).GetProperty("id_token").GetString()!;
        return await s.AskAsync(("id_token_hint", hint[..^4] + "AAAA"), ("prompt", "none"));
    }

    [Meets("302")] public static Task<Page> AFreshSignInThatIsOnlyClaimed(AttackScene s) => s.AskAsync(("prompt", "login"), ("asked", "CfDJ8AAAA"));

    [Meets("302")]
    public static async Task<Page> AFreshSignInForAnotherRequest(AttackScene s)
    {
        var other = await s.Victim.GetAsync(RelyingParty.Authorize(s.Evil.Request(("prompt", "login"))));
        var back = System.Web.HttpUtility.ParseQueryString(other.Sent["return"].Split('?', 2)[1]);
        await Task.Delay(2); // The sign-in below is later than the mark by the clock's millisecond.
        s.Victim.SignIn(s.Bed, s.Victim.Who!.Person);
        return await s.AskAsync(("prompt", "login"), ("asked", back["asked"]));
    }

    [Meets("invalid_request")]
    public static async Task<Page> ARequestThatIsTooLongToComeBackTo(AttackScene s)
    {
        using var nobody = new Browser(s.Bed);
        return await nobody.GetAsync(RelyingParty.Authorize(s.Good.Request(("extra", new string('e', 5000)))));
    }

    [Meets("413", "400", "invalid_request")]
    public static Task<Page> ARequestWithoutEnd(AttackScene s) => s.Victim.PostAsync("/connect/authorize", s.Good.Request(("state", new string('s', 20_000))));

    [Meets("invalid_request")]
    public static Task<Page> AnotherMethod(AttackScene s)
        => s.Victim.SendAsync(new HttpRequestMessage(HttpMethod.Put, "/connect/authorize" + new QueryBuilder(s.Good.Request())));

    [Meets("invalid_request")]
    public static Task<Page> AnotherTypeOfBody(AttackScene s)
        => s.Victim.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/connect/authorize")
        {
            Content = new StringContent(JsonSerializer.Serialize(s.Good.Request()), Encoding.UTF8, "application/json"),
        });
}
