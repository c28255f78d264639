using System.Buffers.Text;
using System.Net;
using System.Text.RegularExpressions;
using Notary.Identity.Tests.People;

namespace Notary.Host.Tests;

/// <summary>What a tenant's owner keeps in order by the pages: keys, applications, consents. For him, from his own page, once, and felt at once.</summary>
[TestClass]
public sealed class TenantPageTests
{
    private const string Callback = "https://client.example/callback";
    private static TestApp app = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _) => app = await Fixture.WholeAppAsync();

    [TestMethod]
    public async Task AKeyIsMadeOnceRotatedAndRevoked()
    {
        var (tenant, owner) = await OwnerAsync();
        var once = OnceOf(await owner.GetAsync("/keys"));
        (string, string)[] wish = [("once", once), ("label", "合同系统 <b>"), ("scopes", "write read"), ("days", "30")];
        var made = await owner.PostAsync("/keys", wish);
        Assert.AreEqual((200, "no-store"), (made.Status, made.Headers["Cache-Control"]), made.Text);
        var key = SecretOf(made);
        Assert.AreEqual(key, SecretOf(await owner.PostAsync("/keys", wish)), "the form sent twice");
        var listed = Assert.ContainsSingle(await KeysAsync(tenant));
        Assert.AreEqual("合同系统 <b>", listed.GetProperty("label").GetString());
        Assert.IsFalse(listed.TryGetProperty("usedAt", out _));
        Assert.AreEqual(TimeSpan.FromDays(30), listed.GetProperty("expiresAt").GetDateTimeOffset() - listed.GetProperty("createdAt").GetDateTimeOffset());
        Assert.DoesNotContain(key, (await owner.GetAsync("/keys")).Text);

        // Used, and noted once in an hour.
        for (var i = 0; i < 3; i++)
            Assert.AreEqual(200, (await app.GetAsync("/v1/deposits", key)).Status);

        var used = (await KeysAsync(tenant))[0].GetProperty("usedAt").GetDateTimeOffset();
        await Task.Delay(Access.Authenticator.CacheTime);
        Assert.AreEqual(200, (await app.GetAsync("/v1/deposits", key)).Status);
        Assert.AreEqual(used, (await KeysAsync(tenant))[0].GetProperty("usedAt").GetDateTimeOffset());

        // Another wish on the same page is another key.
        var reader = SecretOf(await owner.PostAsync("/keys", ("once", once), ("label", ""), ("scopes", "read"), ("days", "0")));
        Assert.AreNotEqual(key, reader);
        (await app.PostAsync("/v1/deposits", reader, "{}")).MustBe(403, "forbidden");

        var rotate = $"/keys/{PrefixOf(key)}/rotate";
        var rotated = SecretOf(await owner.PostAsync(rotate, ("once", once), ("overlap", "3600")));
        Assert.AreEqual(rotated, SecretOf(await owner.PostAsync(rotate, ("once", once), ("overlap", "3600"))));
        Assert.HasCount(3, await KeysAsync(tenant));
        Assert.AreEqual(200, (await app.GetAsync("/v1/deposits", key)).Status);
        Assert.AreEqual(200, (await app.GetAsync("/v1/deposits", rotated)).Status);

        Assert.AreEqual(303, (await owner.PostAsync($"/keys/{PrefixOf(rotated)}/revoke")).Status);
        await UntilRefusedAsync(rotated);
        Assert.AreEqual(409, (await owner.PostAsync($"/keys/{PrefixOf(rotated)}/rotate", ("once", once), ("overlap", "0"))).Status);
    }

    [TestMethod]
    [DataRow("scopes", "root")]
    [DataRow("days", "-1")]
    [DataRow("days", "100000")]
    [DataRow("once", "")]
    [DataRow("label", "a\tb")]
    [DataRow("label", null)]
    public async Task WhatIsNoWishMakesNoKey(string field, string? value)
    {
        var (tenant, owner) = await OwnerAsync();
        var fields = new Dictionary<string, string>
        {
            ["once"] = OnceOf(await owner.GetAsync("/keys")),
            ["label"] = "a",
            ["scopes"] = "read",
            ["days"] = "30",
        };
        if (value is null)
            fields.Remove(field);
        else
            fields[field] = value;

        Assert.AreEqual(400, (await owner.PostAsync("/keys", [.. fields.Select(f => (f.Key, f.Value))])).Status);
        Assert.IsEmpty(await KeysAsync(tenant));
    }

    [TestMethod]
    public async Task AnApplicationIsRegisteredOnceChangedAndRemoved()
    {
        var (_, owner) = await OwnerAsync();
        var once = OnceOf(await owner.GetAsync("/clients"));
        (string, string)[] wish =
        [
            ("once", once), ("name", "Platform <i>"), ("purpose", "archive"), ("scope-openid", "on"), ("scope-read", "on"), ("redirects", Callback + "\r\n"),
            ("logouts", ""), ("kind", "confidential"),
        ];
        var made = await owner.PostAsync("/clients", wish);
        Assert.AreEqual(200, made.Status, made.Text);
        var (id, secret) = ClientOf(made);
        Assert.AreEqual((id, secret), ClientOf(await owner.PostAsync("/clients", wish)), "the form sent twice");
        Assert.HasCount(1, Regex.Matches((await owner.GetAsync("/clients")).Text, "action=\"/clients/[0-9a-f]{32}/remove\""));

        // What is wrong is said, and what was filled in stays.
        var wrong = await owner.PostAsync("/clients", [.. wish.Where(f => f.Item1 != "redirects"), ("redirects", "http://elsewhere.example/")]);
        Assert.AreEqual(400, wrong.Status);
        Assert.Contains("written canonically", wrong.Text);
        Assert.Contains("http://elsewhere.example/", wrong.Text);

        const string moved = "https://client.example/moved";
        Assert.AreEqual(303, (await owner.PostAsync($"/clients/{id}/addresses", ("redirects", moved), ("logouts", ""))).Status);
        Assert.AreEqual(200, (await owner.GetAsync(Authorize(id, moved, "v"))).Status);
        Assert.AreEqual(400, (await owner.GetAsync(Authorize(id, Callback, "v"))).Status);
        Assert.AreEqual(400, (await owner.PostAsync($"/clients/{id}/addresses", ("redirects", ""), ("logouts", ""))).Status);

        var rotated = ClientOf(await owner.PostAsync($"/clients/{id}/secret", ("once", once)));
        Assert.AreEqual(rotated, ClientOf(await owner.PostAsync($"/clients/{id}/secret", ("once", once))));
        Assert.AreNotEqual(secret, rotated.Secret);
        foreach (var known in new[] { secret, rotated.Secret })
            Assert.AreEqual("invalid_grant", (await RedeemAsync(id, known, "no-such-code", moved, "v")).Json.GetProperty("error").GetString());

        Assert.AreEqual(303, (await owner.PostAsync($"/clients/{id}/remove")).Status);
        Assert.AreEqual(400, (await owner.GetAsync(Authorize(id, moved, "v"))).Status);
        Assert.AreEqual(404, (await owner.PostAsync($"/clients/{id}/remove")).Status);
    }

    [TestMethod]
    public async Task AConsentThatIsTakenBackEndsItsTokens()
    {
        var (_, owner) = await OwnerAsync();
        var (id, secret) = ClientOf(await owner.PostAsync("/clients", ("once", OnceOf(await owner.GetAsync("/clients"))), ("name", "合同平台"),
            ("purpose", "归档"), ("scope-openid", "on"), ("scope-read", "on"), ("redirects", Callback), ("logouts", ""), ("kind", "confidential")));
        var verifier = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var page = await owner.GetAsync(Authorize(id, Callback, verifier), ("Accept-Language", "en"));
        foreach (var text in new[] { "合同平台", "甲公司", "归档", "client.example", "read your organisation", "If you deny it nothing is given" })
            Assert.Contains(text, WebUtility.HtmlDecode(page.Text));

        var answer = await owner.SendAsync(HttpMethod.Post, "/connect/authorize", new FormUrlEncodedContent(LoginBed.Allow(page)));
        var code = System.Web.HttpUtility.ParseQueryString(new Uri(answer.Headers["Location"]).Query)["code"]!;
        var token = (await RedeemAsync(id, secret, code, Callback, verifier)).Json.GetProperty("access_token").GetString()!;
        Assert.AreEqual(200, (await app.GetAsync("/v1/deposits", token)).Status);

        var revoke = $"/account/consents/{id}/revoke";
        Assert.Contains(revoke, (await owner.GetAsync("/account")).Text);
        var (_, foreign) = await OwnerAsync();
        await foreign.GetAsync("/account");
        Assert.AreEqual(404, (await foreign.PostAsync(revoke)).Status, "another's consent is none");
        Assert.AreEqual(200, (await app.GetAsync("/v1/deposits", token)).Status);
        Assert.AreEqual(303, (await owner.PostAsync(revoke)).Status);
        await UntilRefusedAsync(token);
        Assert.DoesNotContain(revoke, (await owner.GetAsync("/account")).Text);
        Assert.AreEqual(404, (await owner.PostAsync(revoke)).Status);
    }

    [TestMethod]
    public async Task WhatIsChosenIsWhereADepositBegins()
    {
        var (_, owner) = await OwnerAsync();
        foreach (var what in new[] { "digests", "files" })
        {
            await owner.GetAsync("/settings");
            Assert.AreEqual(303, (await owner.PostAsync("/settings", ("what", what))).Status);
            var page = await owner.GetAsync("/deposits/new");
            Assert.AreEqual(what, Regex.Match(page.Text, "<input[^>]*value=\"(files|digests)\"[^>]*checked").Groups[1].Value, page.Text);
        }

        Assert.AreEqual(400, (await owner.PostAsync("/settings", ("what", "all"))).Status);
    }

    [TestMethod]
    public async Task NothingIsForOthersAndNothingGoesWithoutThePagesToken()
    {
        var (_, owner) = await OwnerAsync();
        var (_, foreign) = await OwnerAsync();
        var once = OnceOf(await owner.GetAsync("/keys"));
        var key = PrefixOf(SecretOf(await owner.PostAsync("/keys", ("once", once), ("label", ""), ("scopes", "read"), ("days", "0"))));
        var (client, _) = ClientOf(await owner.PostAsync("/clients", ("once", once), ("name", "a"), ("purpose", "b"), ("scope-openid", "on"),
            ("redirects", Callback), ("logouts", ""), ("kind", "public")));
        var hook = Regex.Match((await owner.PostAsync("/webhooks", ("once", once), ("url", "http://127.0.0.1:1/mine"), ("label", ""), ("which", "all"))).Text,
            "href=\"/webhooks/(ep_[0-9a-f]+)\"").Groups[1].Value;
        (string, string)[] fields =
        [
            ("once", once), ("overlap", "0"), ("redirects", Callback), ("logouts", ""), ("label", ""), ("days", "0"),
            ("url", "http://127.0.0.1:1/other"), ("which", "all"), ("since", "2026-01-01T00:00"), ("until", "2026-01-02T00:00"),
        ];
        string[] mine =
        [
            $"/keys/{key}/rotate", $"/keys/{key}/revoke",
            $"/clients/{client}/addresses", $"/clients/{client}/secret", $"/clients/{client}/remove",
            $"/webhooks/{hook}", .. new[] { "enable", "disable", "rotate", "delete", "test", "replay", $"events/evt_{new string('0', 32)}/replay" }
                .Select(act => $"/webhooks/{hook}/{act}"),
        ];
        string[] all = [.. mine, "/webhooks", "/keys", "/clients", "/settings", $"/account/consents/{client}/revoke"];
        foreach (var path in mine)
        {
            await foreign.GetAsync("/keys");
            Assert.AreEqual(404, (await foreign.PostAsync(path, fields)).Status, path);
            var made_up = path.Replace(key, new string('0', 16), StringComparison.Ordinal).Replace(client, new string('0', 32), StringComparison.Ordinal)
                .Replace(hook, $"ep_{new string('0', 32)}", StringComparison.Ordinal);
            Assert.AreEqual(404, (await foreign.PostAsync(made_up, fields)).Status, made_up);
        }

        foreach (var path in all)
        {
            Assert.AreEqual(403, (await owner.SendAsync(HttpMethod.Post, path, Visitor.Form(fields))).Status, $"no token: {path}");
            Assert.AreEqual(403, (await owner.SendAsync(HttpMethod.Post, path, Visitor.Form([("antiforgery", foreign.Token), .. fields]))).Status, path);
            Assert.AreEqual(401, (await new Visitor(app).SendAsync(HttpMethod.Post, path, Visitor.Form(fields))).Status, path);
        }

        foreach (var role in new[] { "depositor", "viewer" })
        {
            await owner.GetAsync("/members");
            var link = await owner.PostAsync("/members/invitations", ("address", role), ("role", role));
            var member = new Visitor(app);
            using var passkey = new SoftAuthenticator(Visitor.Origin);
            Assert.AreEqual(200, (await member.AcceptAsync(Regex.Match(link.Text, "<code class=\"link\">([^<]+)</code>").Groups[1].Value, passkey)).Status);
            Assert.AreEqual(200, (await member.GetAsync("/overview")).Status);
            await member.GetAsync("/account");
            foreach (var path in new[] { "/keys", "/clients", "/settings", "/webhooks", $"/webhooks/{hook}" })
                Assert.AreEqual(403, (await member.GetAsync(path)).Status, $"{role} {path}");

            foreach (var path in all[..^1])
                Assert.AreEqual(403, (await member.PostAsync(path, fields)).Status, $"{role} {path}");
        }

        Assert.AreEqual(404, (await foreign.GetAsync($"/webhooks/{hook}")).Status);
        Assert.Contains("http://127.0.0.1:1/mine", (await owner.GetAsync($"/webhooks/{hook}")).Text);
        Assert.AreEqual(200, (await owner.GetAsync("/clients")).Status);
        Assert.HasCount(1, Regex.Matches((await owner.GetAsync("/keys")).Text, "action=\"/keys/[0-9a-f]{16}/revoke\""), "nothing of all this had an effect");
    }

    private static Task<(string Tenant, Visitor Visitor)> OwnerAsync() => OwnerAsync(app);

    internal static async Task<(string Tenant, Visitor Visitor)> OwnerAsync(TestApp app)
    {
        var made = await app.PostAsync("/v1/operator/tenants", app.Operator, """{"name":"甲公司"}""");
        var tenant = made.Json.GetProperty("id").GetString()!;
        var invited = await app.PostAsync($"/v1/operator/tenants/{tenant}/invitations", app.Operator, """{"address":"zhang@example.com"}""");
        var visitor = new Visitor(app);
        using var passkey = new SoftAuthenticator(Visitor.Origin);
        var answer = await visitor.AcceptAsync(invited.Json.GetProperty("url").GetString()!, passkey);
        Assert.AreEqual(200, answer.Status, answer.Text);
        return (tenant, visitor);
    }

    private static async Task<JsonElement[]> KeysAsync(string tenant)
        => [.. (await app.GetAsync($"/v1/operator/tenants/{tenant}/keys", app.Operator)).Json.GetProperty("items").EnumerateArray()];

    internal static string OnceOf(Answer page) => Regex.Match(page.Text, "name=\"once\" value=\"([0-9a-f]{32})\"").Groups[1].Value;

    private static string SecretOf(Answer page)
    {
        Assert.AreEqual(200, page.Status, page.Text);
        return Regex.Match(page.Text, "<code class=\"link\">(ntk_[0-9a-f_]+)</code>").Groups[1].Value;
    }

    private static string PrefixOf(string key) => key.Split('_')[1];

    private static (string Id, string Secret) ClientOf(Answer page)
    {
        Assert.AreEqual(200, page.Status, page.Text);
        var shown = Regex.Matches(page.Text, "<code class=\"link\">([0-9a-f]+)</code>");
        return (shown[0].Groups[1].Value, shown.Count > 1 ? shown[1].Groups[1].Value : "");
    }

    private static string Authorize(string client, string redirect, string verifier)
        => $"/connect/authorize?client_id={client}&response_type=code&redirect_uri={Uri.EscapeDataString(redirect)}&scope=openid+read&state=s"
            + $"&code_challenge_method=S256&code_challenge={Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)))}";

    private static Task<Answer> RedeemAsync(string client, string secret, string code, string redirect, string verifier)
        => app.SendAsync(HttpMethod.Post, "/connect/token", null, new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = redirect,
            ["code_verifier"] = verifier,
            ["client_id"] = client,
            ["client_secret"] = secret,
        }));

    private static async Task UntilRefusedAsync(string bearer)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Answer answer;
        while ((answer = await app.GetAsync("/v1/deposits", bearer)).Status == 200)
        {
            Assert.IsLessThan(TimeSpan.FromMinutes(1), clock.Elapsed, "the promise is five seconds; the machine may be busy");
            await Task.Delay(100);
        }

        answer.MustBe(401, "unauthenticated");
    }
}
