using System.Buffers.Text;
using Notary.Identity.Provider;

namespace Notary.Identity.Tests.Provider;

/// <summary>Tokens bound to a client's key (RFC 9449).</summary>
[TestClass]
public sealed class BoundTokenTests
{
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task ABoundTokenOpensByItsKeyAlone(bool confidential)
    {
        await using var bed = await LoginBed.StartAsync();
        using var browser = new Browser(bed);
        using var key = new ProofKey();
        using var rp = new RelyingParty(bed, await bed.RegisterAsync(c => confidential ? c
            : c with { Confidential = false, Scopes = ["openid", "profile", "offline_access", "read"] }));
        browser.SignIn(bed);
        var answer = await rp.RedeemAsync(await rp.CodeAsync(browser), Proof(bed, key));
        Assert.AreEqual("DPoP", answer.Json.GetProperty("token_type").GetString(), answer.Text);
        var access = answer.Json.GetProperty("access_token").GetString()!;
        Assert.AreEqual(key.Thumbprint, Jwt.Payload(access).GetProperty("cnf").GetProperty("jkt").GetString());

        // The API takes it by the key, not as a bearer's.
        var api = new Uri(bed.Url, "/v1/deposits?limit=1");
        Assert.IsNull(await bed.Centre.FindCallerAsync(access, null, default));
        Assert.AreEqual(LoginBed.Tenant, (await FindAsync(bed, access, key.Prove("GET", new Uri(bed.Url, "/v1/deposits"), Now(bed), access), api))?.Tenant);

        // So does the userinfo endpoint.
        Assert.AreEqual(401, (await browser.GetAsync("/connect/userinfo", access)).Status);
        var user = await UserInfoAsync(bed, browser, access, key.Prove("GET", new Uri(bed.Url, "/connect/userinfo"), Now(bed), access));
        Assert.AreEqual("张三", user.Json.GetProperty("name").GetString(), user.Text);

        // A public client's refresh token is bound too; a confidential client proves itself by its secret, and may take a new key (§5).
        using var other = new ProofKey();
        var refreshed = await rp.RefreshAsync(answer.Json.GetProperty("refresh_token").GetString()!, Proof(bed, other));
        Assert.AreEqual(confidential ? 200 : 400, refreshed.Status, refreshed.Text);
        if (confidential)
            Assert.AreEqual(other.Thumbprint, Bound(refreshed));
        else
            Assert.AreEqual("invalid_grant", refreshed.Error);
    }

    [TestMethod]
    public async Task APublicClientRefreshesByTheSameKey()
    {
        await using var bed = await LoginBed.StartAsync();
        using var browser = new Browser(bed);
        using var key = new ProofKey();
        using var rp = new RelyingParty(bed, await bed.RegisterAsync(
            c => c with { Confidential = false, Scopes = ["openid", "offline_access", "read"] }));
        browser.SignIn(bed);
        var first = await rp.RedeemAsync(await rp.CodeAsync(browser), Proof(bed, key));
        var second = await rp.RefreshAsync(first.Json.GetProperty("refresh_token").GetString()!, Proof(bed, key));
        var third = await rp.RefreshAsync(second.Json.GetProperty("refresh_token").GetString()!, Proof(bed, key));
        Assert.AreEqual(key.Thumbprint, Bound(third));
        Assert.AreEqual("invalid_grant", (await rp.RefreshAsync(third.Json.GetProperty("refresh_token").GetString()!)).Error, "without a proof");
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task ACodeIsRedeemedByTheKeyThatTheRequestNamed(bool pushed)
    {
        using var s = await AttackScene.SetAsync();
        using var key = new ProofKey();
        using var thief = new ProofKey();
        Assert.AreEqual(key.Thumbprint, Bound(await s.Good.RedeemAsync(await CodeAsync(), Proof(s.Bed, key))));
        Assert.AreEqual("invalid_grant", (await s.Good.RedeemAsync(await CodeAsync(), Proof(s.Bed, thief))).Error);
        Assert.AreEqual("invalid_grant", (await s.Good.RedeemAsync(await CodeAsync())).Error);

        async Task<string> CodeAsync()
        {
            if (!pushed)
                return await s.Good.CodeAsync(s.Victim, ("dpop_jkt", key.Thumbprint));

            var there = await s.Good.PushAsync(("DPoP", key.Prove("POST", new Uri(s.Bed.Url, "/connect/par"), Now(s.Bed))));
            Assert.AreEqual(201, there.Status, there.Text);
            var page = await s.OpenAsync(there.Json.GetProperty("request_uri").GetString());
            return (page.Status == 200 ? await s.Victim.DecideAsync(page) : page).Sent["code"];
        }
    }

    [TestMethod]
    public async Task AKeyThatIsNoneIsRefused()
    {
        using var s = await AttackScene.SetAsync();
        using var key = new ProofKey();
        using var other = new ProofKey();
        Assert.AreEqual("invalid_request", (await s.AskAsync(("dpop_jkt", "x"))).Error);
        Assert.AreEqual("invalid_request", (await s.Good.PushAsync(("dpop_jkt", new string('!', 43)))).Error);
        var proof = key.Prove("POST", new Uri(s.Bed.Url, "/connect/par"), Now(s.Bed));
        Assert.AreEqual("invalid_dpop_proof", (await s.Good.PushAsync(("DPoP", proof), ("dpop_jkt", other.Thumbprint))).Error);
    }

    private static readonly string[] Wrongs =
    [
        "of another method", "of another address", "of another host", "of a path below", "too old", "from the future", "without iat", "iat as text",
        "without jti", "with an empty jti", "with a long jti", "without htm", "without htu", "without a key", "with the private key", "by another key",
        "alg none", "HS256 by the key", "typ JWT", "an access token", "two proofs", "no JWT", "empty", "a curve that is none", "shown twice",
        "shown twice to another instance",
    ];

    private static readonly string[] WrongsOfToken = ["without ath", "ath of another token", "under Bearer", "a bearer's under DPoP", "by the thief's key"];

    public static IEnumerable<object[]> AtTheTokenEndpoint => Wrongs.Select(w => new object[] { w });

    public static IEnumerable<object[]> AtTheApi => Wrongs.Concat(WrongsOfToken).Select(w => new object[] { w });

    [TestMethod]
    [DynamicData(nameof(AtTheTokenEndpoint))]
    public async Task TheTokenEndpointTakesNoBadProof(string wrong)
    {
        using var s = await AttackScene.SetAsync();
        using var key = new ProofKey();
        var proof = Spoil(wrong, key, "POST", new Uri(s.Bed.Url, "/connect/token"), s.Bed, null);
        if (wrong.StartsWith("shown twice", StringComparison.Ordinal))
        {
            var first = await s.Good.RedeemAsync(await s.Good.CodeAsync(s.Victim), ("DPoP", proof));
            Assert.AreEqual(200, first.Status, first.Text);
        }

        var page = await s.Good.RedeemAsync(await s.Good.CodeAsync(s.Victim), ("DPoP", proof));
        Assert.AreEqual("invalid_dpop_proof", page.Error, page.Text);
    }

    [TestMethod]
    [DynamicData(nameof(AtTheApi))]
    public async Task TheApiTakesNoBadProof(string wrong)
    {
        using var s = await AttackScene.SetAsync();
        using var key = new ProofKey();
        using var thief = new ProofKey();
        s.Victim.SignIn(s.Bed, s.Victim.Who!.Person, s.Good.Client.Client.Tenant);
        var tokens = await s.Good.RedeemAsync(await s.Good.CodeAsync(s.Victim), Proof(s.Bed, key));
        var (access, api) = (tokens.Json.GetProperty("access_token").GetString()!, new Uri(s.Bed.Url, "/v1/deposits"));
        Assert.IsNotNull(await FindAsync(s.Bed, access, key.Prove("POST", api, Now(s.Bed), access), api, "POST"), "the good one");
        if (wrong == "a bearer's under DPoP")
            access = await s.Good.TokenAsync(s.Victim, "access_token");

        var proof = wrong switch
        {
            "without ath" => key.Prove("POST", api, Now(s.Bed)),
            "ath of another token" => key.Prove("POST", api, Now(s.Bed), access + "x"),
            "by the thief's key" => thief.Prove("POST", api, Now(s.Bed), access),
            "under Bearer" => null,
            "a bearer's under DPoP" => key.Prove("POST", api, Now(s.Bed), access),
            _ => Spoil(wrong, key, "POST", api, s.Bed, access),
        };
        if (wrong == "shown twice")
            Assert.IsNotNull(await FindAsync(s.Bed, access, proof, api, "POST"));

        if (wrong == "shown twice to another instance")
        {
            await using var other = s.Bed.NewCentre();
            Assert.IsNotNull(await other.FindCallerAsync(access, new ShownProof(proof, "POST", api), default));
        }

        Assert.IsNull(wrong == "under Bearer" ? await s.Bed.Centre.FindCallerAsync(access, null, default) : await FindAsync(s.Bed, access, proof, api, "POST"));
    }

    private static string Spoil(string wrong, ProofKey key, string method, Uri at, LoginBed bed, string? token)
    {
        var now = Now(bed);
        string Made(Action<Dictionary<string, object?>>? header = null, Action<Dictionary<string, object?>>? payload = null)
            => key.Prove(method, at, now, token, header, payload);

        using var other = new ProofKey();
        var good = Made();
        var parts = good.Split('.');
        return wrong switch
        {
            "of another method" => Made(payload: p => p["htm"] = "PUT"),
            "of another address" => Made(payload: p => p["htu"] = new Uri(at, "/connect/revoke").AbsoluteUri),
            "of another host" => Made(payload: p => p["htu"] = "https://evil.example" + at.AbsolutePath),
            "of a path below" => Made(payload: p => p["htu"] = at.AbsoluteUri + "/"),
            "too old" => Made(payload: p => p["iat"] = now.ToUnixTimeSeconds() - 61),
            "from the future" => Made(payload: p => p["iat"] = now.ToUnixTimeSeconds() + 120),
            "without iat" => Made(payload: p => p.Remove("iat")),
            "iat as text" => Made(payload: p => p["iat"] = "now"),
            "without jti" => Made(payload: p => p.Remove("jti")),
            "with an empty jti" => Made(payload: p => p["jti"] = ""),
            "with a long jti" => Made(payload: p => p["jti"] = new string('x', 129)),
            "without htm" => Made(payload: p => p.Remove("htm")),
            "without htu" => Made(payload: p => p.Remove("htu")),
            "without a key" => Made(header: h => h.Remove("jwk")),
            "with the private key" => Made(header: h => h["jwk"] = new Dictionary<string, object?>(key.Jwk) { ["d"] = key.Jwk["x"] }),
            "by another key" => Made(header: h => h["jwk"] = other.Jwk),
            "alg none" => $"{Jwt.Part(new { typ = "dpop+jwt", alg = "none", jwk = key.Jwk })}.{parts[1]}.",
            "HS256 by the key" => Made(header: h => h["alg"] = "HS256"),
            "typ JWT" => Made(header: h => h["typ"] = "JWT"),
            "an access token" => $"{Jwt.Part(new { typ = "at+jwt", alg = "ES256", jwk = key.Jwk })}.{parts[1]}.{parts[2]}",
            "two proofs" => $"{good}, {Made()}",
            "no JWT" => "proof",
            "empty" => "",
            "a curve that is none" => Made(header: h => h["jwk"] = new Dictionary<string, object?>(key.Jwk) { ["x"] = Base64Url.EncodeToString(new byte[32]) }),
            "shown twice" or "shown twice to another instance" => good,
            _ => throw new InvalidOperationException(wrong),
        };
    }

    private static (string Name, string? Value) Proof(LoginBed bed, ProofKey key)
        => ("DPoP", key.Prove("POST", new Uri(bed.Url, "/connect/token"), Now(bed)));

    private static DateTimeOffset Now(LoginBed bed) => bed.Clock.GetUtcNow();

    private static string? Bound(Page page)
        => Jwt.Payload(page.Json.GetProperty("access_token").GetString()!).GetProperty("cnf").GetProperty("jkt").GetString();

    private static ValueTask<TokenCaller?> FindAsync(LoginBed bed, string token, string? proof, Uri at, string method = "GET")
        => bed.Centre.FindCallerAsync(token, new ShownProof(proof is { Length: > 0 } ? proof : null, method, at), default);

    private static Task<Page> UserInfoAsync(LoginBed bed, Browser browser, string token, string proof)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(bed.Url, "/connect/userinfo"));
        request.Headers.Authorization = new("DPoP", token);
        request.Headers.Add("DPoP", proof);
        return browser.SendAsync(request);
    }
}
