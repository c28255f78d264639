using System.Diagnostics.Metrics;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Notary.Identity.People;

namespace Notary.Identity.Tests.Provider;

/// <summary>What works, from the client's side of the wire.</summary>
[TestClass]
public sealed class FlowTests
{
    [TestMethod]
    public async Task WhatIsOfferedIsWhatIsHeld()
    {
        await using var bed = await LoginBed.StartAsync();
        using var browser = new Browser(bed);
        var offered = (await browser.GetAsync("/.well-known/openid-configuration")).Json;

        Assert.AreEqual(bed.Url.AbsoluteUri, offered.GetProperty("issuer").GetString());
        foreach (var (name, path) in new[]
        {
            ("authorization_endpoint", "connect/authorize"), ("token_endpoint", "connect/token"), ("jwks_uri", ".well-known/jwks"),
            ("pushed_authorization_request_endpoint", "connect/par"), ("userinfo_endpoint", "connect/userinfo"), ("end_session_endpoint", "connect/logout"),
            ("revocation_endpoint", "connect/revoke"),
        })
            Assert.AreEqual(bed.Url + path, offered.GetProperty(name).GetString(), name);

        foreach (var (name, values) in new[]
        {
            ("response_types_supported", "code"), ("response_modes_supported", "query"), ("code_challenge_methods_supported", "S256"),
            ("subject_types_supported", "pairwise"), ("id_token_signing_alg_values_supported", "ES256"),
            ("grant_types_supported", "authorization_code refresh_token"),
            ("token_endpoint_auth_methods_supported", "client_secret_basic client_secret_post none"),
        })
        {
            var told = offered.GetProperty(name).EnumerateArray().Select(v => v.GetString()).ToArray();
            CollectionAssert.AreEquivalent(values.Split(' '), told, $"{name}: {offered}");
        }

        Assert.IsTrue(offered.GetProperty("authorization_response_iss_parameter_supported").GetBoolean());
        var keys = (await browser.GetAsync("/.well-known/jwks")).Json.GetProperty("keys").EnumerateArray().ToList();
        Assert.AreEqual("EC P-256 ES256 sig", Jwt.Say(keys.Single(), "kty", "crv", "alg", "use"));
        Assert.IsFalse(keys[0].TryGetProperty("d", out _));
    }

    [TestMethod]
    public async Task FromRequestToLogout()
    {
        await using var bed = await LoginBed.StartAsync();
        using var browser = new Browser(bed);
        using var rp = new RelyingParty(bed, await bed.RegisterAsync());

        // Not signed in: sent to sign in, and back to the same request.
        var first = await browser.GetAsync(RelyingParty.Authorize(rp.Request()));
        Assert.AreEqual(302, first.Status, first.Text);
        StringAssert.StartsWith(first.Location!.OriginalString, "/sign-in?return=%2Fconnect%2Fauthorize");
        var who = browser.SignIn(bed);

        // Consent: everything that is asked for stands there, and what for.
        var page = await browser.GetAsync(first.Sent["return"]);
        Assert.AreEqual(200, page.Status, page.Text);
        foreach (var text in new[] { "合同平台", "archive contracts", "make deposits", "read your organisation", "张三" })
            Assert.Contains(text, System.Net.WebUtility.HtmlDecode(page.Text));

        StringAssert.Contains(page.Headers["Content-Security-Policy"], "frame-ancestors 'none'");
        StringAssert.Contains(page.Headers["Content-Security-Policy"], "form-action 'self' https://client.example;");
        Assert.DoesNotContain("<script", page.Text);

        var answer = await browser.DecideAsync(page);
        Assert.AreEqual(302, answer.Status, answer.Text);
        StringAssert.StartsWith(answer.Location!.AbsoluteUri, LoginBed.Callback + "?");
        Assert.AreEqual(rp.State, answer.Sent["state"]);
        Assert.AreEqual(bed.Url.AbsoluteUri, answer.Sent["iss"]);

        var tokens = (await rp.RedeemAsync(answer.Sent["code"])).Json;
        var id = await VerifyAsync(browser, tokens.GetProperty("id_token").GetString()!, rp.Client.Client.Id, bed);
        Assert.AreEqual(rp.Nonce, id.GetProperty("nonce").GetString());
        Assert.AreEqual("张三 owner alpha", Jwt.Say(id, "name", "role", "tenant"));
        Assert.AreEqual(who.At.ToUnixTimeSeconds(), id.GetProperty("auth_time").GetInt64());
        var access = await VerifyAsync(browser, tokens.GetProperty("access_token").GetString()!, $"{bed.Url}v1", bed);
        Assert.AreEqual(id.GetProperty("sub").GetString(), access.GetProperty("sub").GetString());
        Assert.AreEqual("at+jwt", Jwt.Header(tokens.GetProperty("access_token").GetString()!).GetProperty("typ").GetString());
        Assert.IsLessThanOrEqualTo(600, access.GetProperty("exp").GetInt64() - access.GetProperty("iat").GetInt64());
        foreach (var secret in new[] { who.Person + "\"", who.Session })
            Assert.DoesNotContain(secret, id.ToString() + access);

        var info = (await browser.GetAsync("/connect/userinfo", tokens.GetProperty("access_token").GetString())).Json;
        Assert.AreEqual($"{id.GetProperty("sub")} 张三 owner alpha", Jwt.Say(info, "sub", "name", "role", "tenant"));
        var caller = await bed.Centre.FindCallerAsync(tokens.GetProperty("access_token").GetString()!, null, CancellationToken.None);
        Assert.AreEqual("alpha read write", $"{caller!.Tenant} {string.Join(' ', caller.Scopes)}");

        // Rotation.
        var second = (await rp.RefreshAsync(tokens.GetProperty("refresh_token").GetString()!)).Json;
        Assert.AreNotEqual(tokens.GetProperty("refresh_token").GetString(), second.GetProperty("refresh_token").GetString());
        var third = await rp.RefreshAsync(second.GetProperty("refresh_token").GetString()!);
        Assert.AreEqual(200, third.Status, third.Text);

        // Allowed before: no page.
        using var again = new RelyingParty(bed, rp.Client);
        Assert.AreEqual(302, (await browser.GetAsync(RelyingParty.Authorize(again.Request()))).Status);

        // Logout, by the hint without a question.
        var out1 = await browser.GetAsync($"/connect/logout?id_token_hint={tokens.GetProperty("id_token")}&client_id={rp.Client.Client.Id}"
            + $"&post_logout_redirect_uri={Uri.EscapeDataString(LoginBed.AfterLogout)}&state=s1");
        Assert.AreEqual($"{LoginBed.AfterLogout}?state=s1", out1.Location?.AbsoluteUri, out1.Text);
        Assert.AreEqual(302, (await browser.GetAsync(RelyingParty.Authorize(again.Request()))).Status);
        StringAssert.StartsWith((await browser.GetAsync(RelyingParty.Authorize(again.Request()))).Location!.OriginalString, "/sign-in");
    }

    [TestMethod]
    public async Task APushedRequestIsUsedOnce()
    {
        await using var bed = await LoginBed.StartAsync();
        using var browser = new Browser(bed);
        using var rp = new RelyingParty(bed, await bed.RegisterAsync(c => c with { MustPush = true }));
        browser.SignIn(bed);
        Assert.AreEqual("invalid_request", (await browser.GetAsync(RelyingParty.Authorize(rp.Request()))).Error);

        var pushed = await rp.PushAsync();
        Assert.AreEqual(201, pushed.Status, pushed.Text);
        var path = RelyingParty.Authorize([new("client_id", rp.Client.Client.Id), new("request_uri", pushed.Json.GetProperty("request_uri").GetString()!)]);
        var answer = await browser.DecideAsync(await browser.GetAsync(path));
        Assert.AreEqual(200, (await rp.RedeemAsync(answer.Sent["code"])).Status);
        Assert.AreEqual(rp.State, answer.Sent["state"]);
        Assert.AreEqual("invalid_request_uri", Normal((await browser.GetAsync(path)).Error));
    }

    [TestMethod]
    public async Task APublicClientIsHeldToProofAlone()
    {
        await using var bed = await LoginBed.StartAsync();
        using var browser = new Browser(bed);
        using var rp = new RelyingParty(bed, await bed.RegisterAsync(
            c => c with { Confidential = false, Scopes = ["openid", "read"], RedirectUris = ["http://127.0.0.1:7777/back"] }));
        browser.SignIn(bed);
        var tokens = await rp.TokensAsync(browser);
        Assert.IsFalse(tokens.TryGetProperty("refresh_token", out _));
        var caller = await bed.Centre.FindCallerAsync(tokens.GetProperty("access_token").GetString()!, null, CancellationToken.None);
        Assert.AreEqual("read", string.Join(' ', caller!.Scopes));
    }

    [TestMethod]
    [DataRow("alpha", Role.Viewer, "read")]
    [DataRow("alpha", Role.Depositor, "read write")]
    [DataRow("beta", Role.Owner, null)] // Another tenant's client shows who he is and opens nothing.
    [DataRow(null, Role.Operator, null)]
    public async Task AUserGivesWhatHeHas(string? tenant, Role role, string? scopes)
    {
        await using var bed = await LoginBed.StartAsync();
        using var browser = new Browser(bed);
        using var rp = new RelyingParty(bed, await bed.RegisterAsync());
        bed.Standings["p1"] = new(role, "张三");
        browser.SignIn(bed, tenant: tenant, role: role);
        var token = (await rp.TokensAsync(browser)).GetProperty("access_token").GetString()!;
        var caller = await bed.Centre.FindCallerAsync(token, null, CancellationToken.None);
        Assert.AreEqual(scopes, caller is null ? null : string.Join(' ', caller.Scopes));
        Assert.AreEqual(200, (await browser.GetAsync("/connect/userinfo", token)).Status);
    }

    [TestMethod]
    public async Task TwoClientsCannotTellThatAUserIsTheSame()
    {
        await using var bed = await LoginBed.StartAsync();
        using var browser = new Browser(bed);
        using RelyingParty a = new(bed, await bed.RegisterAsync()), b = new(bed, await bed.RegisterAsync());
        browser.SignIn(bed);
        var (one, two) = (SubjectOf(await a.TokensAsync(browser)), SubjectOf(await b.TokensAsync(browser)));
        Assert.AreNotEqual(one, two);
        Assert.AreEqual(one, SubjectOf(await a.TokensAsync(browser)), "the same at each sign-in");
        browser.SignIn(bed, "p2");
        Assert.AreNotEqual(one, SubjectOf(await a.TokensAsync(browser)));
    }

    /// <summary>What docs/decisions/0017 says it costs: table calls decide how many sign-ins a second there can be, signatures what the vault allows.</summary>
    [TestMethod]
    [DoNotParallelize]
    public async Task ASignInCostsSevenTableCallsAndTwoSignatures()
    {
        await using var bed = await LoginBed.StartAsync();
        using var browser = new Browser(bed);
        using var rp = new RelyingParty(bed, await bed.RegisterAsync());
        browser.SignIn(bed);
        await rp.TokensAsync(browser);

        var calls = 0L;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == StorageAccount.MeterName)
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, count, _, _) => Interlocked.Add(ref calls, count));
        listener.Start();
        var signed = bed.Vault.Calls("sign");
        await rp.TokensAsync(browser);
        Assert.AreEqual((7L, 2), (Interlocked.Read(ref calls), bed.Vault.Calls("sign") - signed));
    }

    [TestMethod]
    public async Task AFreshSignInIsAskedForOnce()
    {
        await using var bed = await LoginBed.StartAsync();
        using var browser = new Browser(bed);
        using var rp = new RelyingParty(bed, await bed.RegisterAsync());
        browser.SignIn(bed);
        foreach (var change in new (string, string?)[] { ("prompt", "login"), ("max_age", "0") })
        {
            var sent = await browser.GetAsync(RelyingParty.Authorize(rp.Request(change)));
            StringAssert.StartsWith(sent.Location?.OriginalString, "/sign-in?return=");
            StringAssert.StartsWith((await browser.GetAsync(sent.Sent["return"])).Location?.OriginalString, "/sign-in", "the old sign-in does not do");
            bed.Clock.Advance(TimeSpan.FromSeconds(2));
            browser.SignIn(bed);
            Assert.AreEqual(200, (await browser.GetAsync(sent.Sent["return"])).Status);
        }

        bed.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.AreEqual(200, (await browser.GetAsync(RelyingParty.Authorize(rp.Request(("max_age", "900"))))).Status);
        StringAssert.StartsWith((await browser.GetAsync(RelyingParty.Authorize(rp.Request(("max_age", "300"))))).Location?.OriginalString, "/sign-in");
    }

    internal static string? SubjectOf(JsonElement tokens) => Jwt.Payload(tokens.GetProperty("id_token").GetString()!).GetProperty("sub").GetString();

    // OpenIddict says invalid_token of a spent one, to the user; RFC 9126 has no name for it.
    internal static string? Normal(string? error) => error is "invalid_token" or "invalid_request" ? "invalid_request_uri" : error;

    /// <summary>As a client does it: by the published keys, one algorithm.</summary>
    private static async Task<JsonElement> VerifyAsync(Browser browser, string token, string audience, LoginBed bed)
    {
        var result = await new JsonWebTokenHandler().ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = bed.Url.AbsoluteUri,
            ValidAudience = audience,
            ValidAlgorithms = ["ES256"],
            IssuerSigningKeys = new JsonWebKeySet((await browser.GetAsync("/.well-known/jwks")).Text).GetSigningKeys(),
        });
        Assert.IsTrue(result.IsValid, result.Exception?.Message);
        return Jwt.Payload(token);
    }
}
