using System.Diagnostics;
using Notary.Identity.People;

namespace Notary.Identity.Tests.Provider;

/// <summary>A library that is not ours, as relying party.</summary>
[TestClass]
public sealed class InteropTests
{
    [TestMethod]
    public async Task OpenIdClientGoesTheWholeWay()
    {
        await using var bed = await LoginBed.StartAsync();
        var client = await bed.RegisterAsync();
        using var browser = new Browser(bed);
        var who = browser.SignIn(bed);
        var got = await RunAsync(bed.Url.AbsoluteUri, client.Client.Id, client.Secret!, LoginBed.Callback, LoginBed.AfterLogout,
            $"{LoginBed.WhoCookie}={LoginBed.Cookie(who)}");

        var results = got.GetProperty("results").EnumerateArray().ToList();
        Assert.HasCount(4, results);
        CollectionAssert.AreEqual(new[] { "bearer", "bearer", "dpop", "dpop" }, results.Select(r => r.GetProperty("type").GetString()).ToArray());
        foreach (var result in results)
        {
            Assert.AreEqual("张三 owner alpha", Jwt.Say(result.GetProperty("user"), "name", "role", "tenant"));
            Assert.AreEqual(result.GetProperty("subject").GetString(), result.GetProperty("refreshed").GetString());
            var refused = result.GetProperty("refused").EnumerateArray().Select(r => r.GetString()!).ToList();
            Assert.DoesNotContain("ACCEPTED", refused, string.Join(", ", refused));
            Assert.AreEqual("invalid_grant", refused[0], "the code again");

            // The code was used again, so everything that hung on it has ended.
            Assert.IsNull(await bed.Centre.FindCallerAsync(result.GetProperty("access").GetString()!, null, default));
            var gone = await browser.GetAsync(new Uri(result.GetProperty("logout").GetString()!).PathAndQuery);
            Assert.AreEqual(LoginBed.AfterLogout + "?state=s", gone.Location?.AbsoluteUri, gone.Text);
            browser.SignIn(bed);
        }

        Assert.IsLessThan(300, results[1].GetProperty("length").GetInt32(), "a pushed request makes a short address");
    }

    /// <summary>What the OpenID Foundation's basic plan has a provider take besides the plain request.</summary>
    [TestMethod]
    [DataRow("nonce", null)]
    [DataRow("state", null)]
    [DataRow("display", "page")]
    [DataRow("display", "popup")]
    [DataRow("ui_locales", "se sv en")]
    [DataRow("claims_locales", "se")]
    [DataRow("acr_values", "1 2")]
    [DataRow("login_hint", "somebody@example.com")]
    [DataRow("extra", "foobar")]
    [DataRow("claims", """{"userinfo":{"name":{"essential":true}}}""")]
    [DataRow("scope", "profile openid")]
    [DataRow("max_age", "10000")]
    [DataRow("prompt", "login")]
    public async Task WhatMayBeAskedIsTaken(string name, string? value)
    {
        using var s = await AttackScene.SetAsync();
        var page = await s.AskAsync((name, value));
        if (name == "prompt")
        {
            s.Victim.SignIn(s.Bed, s.Victim.Who!.Person);
            page = await s.Victim.GetAsync(page.Sent["return"]);
        }

        var answer = await s.Victim.DecideAsync(page);
        Assert.AreEqual(name == "state" ? null : s.Good.State, answer.Sent.GetValueOrDefault("state"), answer.Text);
        var tokens = (await s.Good.RedeemAsync(answer.Sent["code"])).Json;
        var claims = Jwt.Payload(tokens.GetProperty("id_token").GetString()!);
        Assert.AreEqual(name == "nonce" ? null : s.Good.Nonce, claims.TryGetProperty("nonce", out var nonce) ? nonce.GetString() : null);
        Assert.IsTrue(claims.TryGetProperty("auth_time", out _) && claims.TryGetProperty("at_hash", out _));
    }

    [TestMethod]
    public async Task TheSameByPostAndWithoutAQuestionTheSecondTime()
    {
        using var s = await AttackScene.SetAsync();
        var page = await s.Victim.PostAsync("/connect/authorize", s.Good.Request());
        Assert.IsTrue((await s.Victim.DecideAsync(page)).Sent.ContainsKey("code"), page.Text);
        var code = (await s.AskAsync(("prompt", "none"))).Sent["code"];
        var tokens = (await s.Good.CallAsync("/connect/token", new()
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = LoginBed.Callback,
            ["code_verifier"] = s.Good.Verifier,
        }, basic: false)).Json;
        var access = tokens.GetProperty("access_token").GetString()!;
        Assert.AreEqual(200, (await s.Good.Wire.PostAsync("/connect/userinfo", [], access)).Status);
        Assert.AreEqual(200, (await s.Good.Wire.PostAsync("/connect/userinfo", [new("access_token", access)])).Status);
        var hint = tokens.GetProperty("id_token").GetString();
        Assert.IsTrue((await s.AskAsync(("prompt", "none"), ("id_token_hint", hint))).Sent.ContainsKey("code"));
    }

    [TestMethod]
    public async Task WhatIsLateIsRefused()
    {
        await using var bed = await LoginBed.StartAsync();
        using var browser = new Browser(bed);
        using var rp = new RelyingParty(bed, await bed.RegisterAsync());
        browser.SignIn(bed);
        var code = await rp.CodeAsync(browser);
        bed.Clock.Advance(TimeSpan.FromSeconds(61));
        Assert.AreEqual("invalid_grant", (await rp.RedeemAsync(code)).Error);

        // Half a minute after it was used a code is no better (the foundation's test of that name), and ends what came of it.
        code = await rp.CodeAsync(browser);
        var refresh = (await rp.RedeemAsync(code)).Json.GetProperty("refresh_token").GetString()!;
        bed.Clock.Advance(TimeSpan.FromSeconds(31));
        Assert.AreEqual("invalid_grant", (await rp.RedeemAsync(code)).Error);
        Assert.AreEqual("invalid_grant", (await rp.RefreshAsync(refresh)).Error);

        var pushed = (await rp.PushAsync()).Json.GetProperty("request_uri").GetString()!;
        bed.Clock.Advance(TimeSpan.FromMinutes(10));
        var late = await browser.GetAsync(RelyingParty.Authorize([new("client_id", rp.Client.Client.Id), new("request_uri", pushed)]));
        Assert.AreEqual(400, late.Status, late.Text);

        refresh = (await rp.TokensAsync(browser)).GetProperty("refresh_token").GetString()!;
        bed.Clock.Advance(TimeSpan.FromDays(14));
        Assert.AreEqual("invalid_grant", (await rp.RefreshAsync(refresh)).Error);

        // Used every ten days, a grant still ends after ninety.
        browser.SignIn(bed);
        refresh = (await rp.TokensAsync(browser)).GetProperty("refresh_token").GetString()!;
        for (var days = 10; days < 90; days += 10)
        {
            bed.Clock.Advance(TimeSpan.FromDays(10));
            var next = await rp.RefreshAsync(refresh);
            Assert.AreEqual(200, next.Status, $"{days}: {next.Text}");
            refresh = next.Json.GetProperty("refresh_token").GetString()!;
        }

        bed.Clock.Advance(TimeSpan.FromDays(10));
        Assert.AreEqual("invalid_grant", (await rp.RefreshAsync(refresh)).Error);
    }

    private static async Task<JsonElement> RunAsync(params string[] arguments)
    {
        var script = Path.Combine(Repository.Root, "tests", "Systems", "Identity", "Provider", "relying-party.mjs");
        var start = new ProcessStartInfo("node", [script, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.AreEqual(0, process.ExitCode, await error);
        return JsonDocument.Parse(await output).RootElement;
    }
}
