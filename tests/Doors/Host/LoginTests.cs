using System.Buffers.Text;
using System.Text.RegularExpressions;
using Notary.Host.Composition;
using Notary.Identity.People;
using Notary.Identity.Stores;
using Notary.Identity.Tests.People;
using Notary.Identity.Tests.Provider;

namespace Notary.Host.Tests;

/// <summary>The login centre in the app: its endpoints, and what its access tokens open.</summary>
[TestClass]
public sealed class LoginTests
{
    private static readonly string Digest = $$$"""{"items":[{"name":"a.txt","size":5,"digests":{"sha-256":"{{{new string('a', 64)}}}"}}]}""";

    [TestMethod]
    public async Task ATokenOpensWhatAKeyOpensAndForItsTenantAlone()
    {
        await using var bed = await LoginBed.StartAsync();
        var ((mine, key), (other, otherKey)) = (await bed.App.TenantAsync(), await bed.App.TenantAsync("乙公司"));
        var (client, foreign) = (await bed.RegisterAsync(mine), await bed.RegisterAsync(other));
        var owner = await bed.AccessAsync(client, mine, Role.Owner);
        var viewer = await bed.AccessAsync(client, mine, Role.Viewer);
        var stranger = await bed.AccessAsync(foreign, other, Role.Owner);

        var made = await bed.App.PostAsync("/v1/deposits", owner, Digest, ("Idempotency-Key", Guid.NewGuid().ToString()));
        Assert.AreEqual(201, made.Status, made.Text);
        var path = made.Headers["Location"];
        Assert.AreEqual(200, (await bed.App.GetAsync(path, key)).Status, "the tenant's key sees it");
        Assert.AreEqual(200, (await bed.App.GetAsync(path, viewer)).Status);
        (await bed.App.PostAsync("/v1/deposits", viewer, Digest)).MustBe(403, "forbidden");

        var id = path.Split('/')[^1];
        var nobodys = path.Replace(id, "01930000-0000-7000-8000-000000000000", StringComparison.Ordinal);
        var random = (await bed.App.GetAsync(nobodys, stranger)).MustBe(404, "not-found");
        var his = (await bed.App.GetAsync(path, stranger)).MustBe(404, "not-found");
        Assert.AreEqual(Anonymous(random), Anonymous(his), "a foreign id is a random one");
        Assert.AreEqual(Anonymous(his), Anonymous(await bed.App.GetAsync(path, otherKey)));

        // A stranger's consent to my client opens neither his deposits nor mine, and no token opens the operator's routes.
        (await bed.App.GetAsync(path, await bed.AccessAsync(client, other, Role.Owner))).MustBe(401, "unauthenticated");
        (await bed.App.GetAsync("/v1/operator/tenants", owner)).MustBe(403, "forbidden");
        (await bed.App.GetAsync("/v1/processes", owner)).MustBe(403, "forbidden");
    }

    [TestMethod]
    public async Task ABoundTokenOpensTheApiByItsKey()
    {
        await using var bed = await LoginBed.StartAsync();
        var (tenant, _) = await bed.App.TenantAsync();
        var client = await bed.RegisterAsync(tenant);
        using ProofKey key = new(), thief = new();
        var tokens = await bed.TokensAsync(client, tenant, Role.Owner, key: key);
        var access = tokens.GetProperty("access_token").GetString()!;
        Assert.AreEqual("DPoP", tokens.GetProperty("token_type").GetString());

        // A query is no part of what is proved; HEAD is HEAD.
        Assert.AreEqual(200, (await SendAsync(HttpMethod.Get, "/v1/deposits?limit=1", Proof("GET", "/v1/deposits"))).Status);
        Assert.AreEqual(200, (await SendAsync(HttpMethod.Head, "/v1/deposits", Proof("HEAD", "/v1/deposits"))).Status);
        var made = Proof("POST", "/v1/deposits");
        Assert.AreEqual(201, (await SendAsync(HttpMethod.Post, "/v1/deposits", made)).Status);

        (await SendAsync(HttpMethod.Post, "/v1/deposits", made)).MustBe(401, "unauthenticated");
        (await SendAsync(HttpMethod.Get, "/v1/deposits", Proof("HEAD", "/v1/deposits"))).MustBe(401, "unauthenticated");
        (await SendAsync(HttpMethod.Get, "/v1/deposits", Proof("GET", "/v1/deposits/x"))).MustBe(401, "unauthenticated");
        (await SendAsync(HttpMethod.Get, "/v1/deposits", thief.Prove("GET", bed.At("/v1/deposits"), bed.Now, access)))
            .MustBe(401, "unauthenticated");
        (await SendAsync(HttpMethod.Get, "/v1/deposits", null)).MustBe(401, "unauthenticated");
        (await bed.App.GetAsync("/v1/deposits", access)).MustBe(401, "unauthenticated");
        var bearers = await bed.AccessAsync(client, tenant, Role.Owner);
        (await SendAsync(HttpMethod.Get, "/v1/deposits", key.Prove("GET", bed.At("/v1/deposits"), bed.Now, bearers), bearers))
            .MustBe(401, "unauthenticated");
        (await SendAsync(HttpMethod.Get, "/v1/operator/tenants", Proof("GET", "/v1/operator/tenants"))).MustBe(401, "unauthenticated");

        string Proof(string method, string path) => key.Prove(method, bed.At(path), bed.Now, access);

        Task<Answer> SendAsync(HttpMethod method, string path, string? proof, string? token = null)
        {
            var body = method == HttpMethod.Post ? new StringContent(Digest, Encoding.UTF8, "application/json") : null;
            (string, string)[] headers = [("Authorization", $"DPoP {token ?? access}"), .. proof is null ? [] : new[] { ("DPoP", proof) }];
            return bed.App.SendAsync(method, path, null, body, headers);
        }
    }

    [TestMethod]
    public async Task WhatIsNoTokenOfOursIsA401()
    {
        await using var bed = await LoginBed.StartAsync();
        var (tenant, _) = await bed.App.TenantAsync();
        var client = await bed.RegisterAsync(tenant);
        var tokens = await bed.TokensAsync(client, tenant, Role.Owner);
        var good = tokens.GetProperty("access_token").GetString()!;
        Assert.AreEqual(200, (await bed.App.GetAsync("/v1/deposits", good)).Status);

        var parts = good.Split('.');
        var jwks = (await bed.App.GetAsync("/.well-known/jwks")).Body;
        string Head(string alg) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(new { alg, typ = "at+jwt", kid = KidOf(good) }));
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        foreach (var (what, bad) in new[]
        {
            ("none", $"{Head("none")}.{parts[1]}."),
            ("HS256", Signed($"{Head("HS256")}.{parts[1]}", signed => HMACSHA256.HashData(jwks, signed))),
            ("own key", Signed($"{parts[0]}.{parts[1]}", signed => own.SignData(signed, HashAlgorithmName.SHA256))),
            ("cut", good[..^2]),
            ("ID token", tokens.GetProperty("id_token").GetString()!),
            ("refresh token", tokens.GetProperty("refresh_token").GetString()!),
            ("dots", ".."),
            ("long", $"{parts[0]}.{new string('a', 8000)}.{parts[2]}"),
        })
        {
            var answer = await bed.App.GetAsync("/v1/deposits", bad);
            Assert.AreEqual("unauthenticated", answer.Code, $"{what}: {answer.Text}");
        }
    }

    [TestMethod]
    [DataRow("client")]
    [DataRow("consent")]
    [DataRow("member")]
    [DataRow("reuse")]
    public async Task WhatHasEndedIsRefusedWithinSeconds(string what)
    {
        await using var bed = await LoginBed.StartAsync();
        var (tenant, _) = await bed.App.TenantAsync();
        var client = await bed.RegisterAsync(tenant);
        var person = $"Owner-{Guid.NewGuid():N}";
        var tokens = await bed.TokensAsync(client, tenant, Role.Owner, person);
        var access = tokens.GetProperty("access_token").GetString()!;
        Assert.AreEqual(200, (await bed.App.GetAsync("/v1/deposits", access)).Status);
        switch (what)
        {
            case "client":
                await bed.Centre.Clients.RemoveAsync(tenant, client.Client.Id, default);
                break;
            case "consent":
                await bed.Centre.Consents.RevokeAsync(person, client.Client.Id, default);
                break;
            case "member":
                bed.Gone.Add(person);
                break;
            default:
                var form = new Dictionary<string, string>
                {
                    ["grant_type"] = "refresh_token",
                    ["refresh_token"] = tokens.GetProperty("refresh_token").GetString()!,
                    ["client_id"] = client.Client.Id,
                    ["client_secret"] = client.Secret!,
                };
                Assert.AreEqual(200, (await bed.App.SendAsync(HttpMethod.Post, "/connect/token", null, new FormUrlEncodedContent(form))).Status);
                Assert.AreEqual(400, (await bed.App.SendAsync(HttpMethod.Post, "/connect/token", null, new FormUrlEncodedContent(form))).Status);
                break;
        }

        await UntilRefusedAsync(bed.App, access);
    }

    /// <summary>Nothing of a test's own: an invitation, a passkey, a session, a consent, a code, a token, and all of it over.</summary>
    [TestMethod]
    public async Task AMemberComesByHisPasskeyAndIsForgottenWhenHeIsRemoved()
    {
        var app = await Fixture.WholeAppAsync();
        var (tenant, key) = await app.TenantAsync();
        using SoftAuthenticator passkey = new(Visitor.Origin), hers = new(Visitor.Origin);
        var (owner, member) = (new Visitor(app), new Visitor(app));
        var invited = await app.PostAsync($"/v1/operator/tenants/{tenant}/invitations", app.Operator, """{"address":"zhang@example.com"}""");
        Assert.AreEqual(200, (await owner.AcceptAsync(invited.Json.GetProperty("url").GetString()!, hers)).Status);
        await owner.GetAsync("/members");
        var link = await owner.PostAsync("/members/invitations", ("address", "li@example.com"), ("role", "depositor"));
        Assert.AreEqual(200, (await member.AcceptAsync(Regex.Match(link.Text, "<code class=\"link\">([^<]+)</code>").Groups[1].Value, passkey, "李四")).Status);
        var person = member.Cookies[Visitor.Session].Split('.')[1];

        const string callback = "https://client.example/callback";
        var client = await app.Services.GetRequiredService<LoginDoor>().Centre!.Clients.RegisterAsync(tenant,
            new NewClient("Platform", "archive", ["openid", "profile", "offline_access", "read", "write"], [callback]), default);
        var verifier = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var request = $"/connect/authorize?client_id={client.Client.Id}&response_type=code&redirect_uri={Uri.EscapeDataString(callback)}&state=s"
            + "&scope=openid+profile+offline_access+read+write&code_challenge_method=S256&code_challenge="
            + Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));

        // A stranger is sent to the door; by his passkey he comes back to the same request.
        var nobody = await new Visitor(app).GetAsync(request);
        StringAssert.StartsWith(nobody.Headers["Location"], "/sign-in?return=%2Fconnect%2Fauthorize");
        var back = await member.SignInAsync(passkey, nobody.Headers["Location"]["/sign-in".Length..]);
        var page = await member.GetAsync(back.Json.GetProperty("location").GetString()!);
        Assert.AreEqual(200, page.Status, page.Text);
        Assert.Contains("李四", page.Text);
        var answer = await member.SendAsync(HttpMethod.Post, "/connect/authorize", new FormUrlEncodedContent(LoginBed.Allow(page)));
        Assert.AreEqual(302, answer.Status, answer.Text);
        var code = System.Web.HttpUtility.ParseQueryString(new Uri(answer.Headers["Location"]).Query)["code"]!;
        Dictionary<string, string> known = new() { ["client_id"] = client.Client.Id, ["client_secret"] = client.Secret! };
        var tokens = (await app.SendAsync(HttpMethod.Post, "/connect/token", null, new FormUrlEncodedContent(new Dictionary<string, string>(known)
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = callback,
            ["code_verifier"] = verifier,
        }))).Json;
        var access = tokens.GetProperty("access_token").GetString()!;
        var made = await app.PostAsync("/v1/deposits", access, Digest, ("Idempotency-Key", Guid.NewGuid().ToString()));
        Assert.AreEqual(201, made.Status, made.Text);
        Assert.AreEqual(200, (await app.GetAsync(made.Headers["Location"], key)).Status);

        Assert.AreEqual(303, (await owner.PostAsync($"/members/{person}/remove")).Status);
        await UntilRefusedAsync(app, access);
        var late = await app.SendAsync(HttpMethod.Post, "/connect/token", null, new FormUrlEncodedContent(new Dictionary<string, string>(known)
        {
            ["grant_type"] = "refresh_token",
            ["refresh_token"] = tokens.GetProperty("refresh_token").GetString()!,
        }));
        Assert.AreEqual("invalid_grant", late.Json.GetProperty("error").GetString());
    }

    [TestMethod]
    public async Task NothingOfItIsLoadedBeforeItIsAskedFor()
    {
        var platform = await Fixture.PlatformAsync();
        await using var app = await App.StartAsync(platform.AppEnvironment());
        await app.ReadyAsync();
        Assert.IsFalse(await IsLoadedAsync(app), "ready, and nothing loaded");
        using var answer = await app.Http.GetAsync(new Uri(".well-known/openid-configuration", UriKind.Relative));
        Assert.IsTrue(answer.IsSuccessStatusCode);
        Assert.IsTrue(await IsLoadedAsync(app));
    }

    [TestMethod]
    public async Task TheIssuerIsTheSettingsByWhateverNameWeAreCalled()
    {
        var app = await Fixture.WholeAppAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/.well-known/openid-configuration");
        request.Headers.Host = "evil.example";
        request.Headers.Add("X-Forwarded-Host", "evil.example");
        request.Headers.Add("X-Forwarded-Proto", "https");
        using var answer = await app.Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        StringAssert.StartsWith(text, "{\"issuer\":\"http://127.0.0.1/\"");
        Assert.DoesNotContain("evil", text);
        Assert.IsTrue(answer.Headers.Contains("X-Correlation-Id"));
    }

    [TestMethod]
    public async Task WithoutItsKeyThereIsNone()
    {
        await using var app = await TestApp.StartAsync();
        foreach (var path in Notary.Identity.Provider.LoginPaths.All)
            (await app.GetAsync(path)).MustBe(404, "not-found");

        (await app.GetAsync("/v1/deposits", "a.b.c")).MustBe(401, "unauthenticated");
    }

    [TestMethod]
    public async Task WithoutAVaultItSaysSo()
    {
        await using var app = await TestApp.StartAsync(v => v["Notary__Identity__SigningKey"] = "login-signer");
        (await app.GetAsync("/.well-known/jwks")).MustBe(503, "vault-unavailable");
        (await app.GetAsync("/v1/deposits", "a.b.c")).MustBe(503, "vault-unavailable");
    }

    [TestMethod]
    public async Task TheRestOfTheRulesHoldThereToo()
    {
        var app = await Fixture.WholeAppAsync();
        (await app.SendAsync(HttpMethod.Delete, "/connect/token")).MustBe(405, "method-not-allowed");
        (await app.GetAsync("/connect/elsewhere")).MustBe(404, "not-found");
        (await app.GetAsync("/connect/token?code=x")).MustBe(400, "malformed");
        var large = new FormUrlEncodedContent([new("state", new string('s', 40_000))]);
        (await app.SendAsync(HttpMethod.Post, "/connect/par", null, large)).MustBe(413, "too-large");
        var keys = new FormUrlEncodedContent(Enumerable.Range(0, 1500).Select(n => new KeyValuePair<string, string>($"a{n}", "")));
        (await app.SendAsync(HttpMethod.Post, "/connect/par", null, keys)).MustBe(400, "malformed");
    }

    private static async Task UntilRefusedAsync(TestApp app, string token)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Answer answer;
        while ((answer = await app.GetAsync("/v1/deposits", token)).Status == 200)
        {
            Assert.IsLessThan(TimeSpan.FromMinutes(1), clock.Elapsed, "the promise is five seconds; the machine may be busy");
            await Task.Delay(100);
        }

        answer.MustBe(401, "unauthenticated");
    }

    private static string Anonymous(Answer answer) => answer.Text.Replace(answer.Headers["X-Correlation-Id"], "", StringComparison.Ordinal);

    private static string Signed(string text, Func<byte[], byte[]> sign) => $"{text}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(text)))}";

    private static string KidOf(string token)
        => JsonDocument.Parse(Base64Url.DecodeFromChars(token.Split('.')[0])).RootElement.GetProperty("kid").GetString()!;

    /// <summary>Whether the process has OpenIddict's server in memory.</summary>
    private static async Task<bool> IsLoadedAsync(App app)
        => (await File.ReadAllTextAsync($"/proc/{app.Process.Id}/maps")).Contains("OpenIddict.Server.dll", StringComparison.Ordinal);
}
