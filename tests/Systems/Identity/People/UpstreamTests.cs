using Microsoft.AspNetCore.WebUtilities;
using Notary.Identity.People;

namespace Notary.Identity.Tests.People;

[TestClass]
public sealed class UpstreamTests
{
    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Cancel => TestContext.CancellationToken;

    [TestMethod]
    public async Task Staff_sign_in_with_the_offices_own_provider_and_its_roles()
    {
        var bed = await Bed.StartAsync(Cancel);
        await using var provider = await OidcProvider.StartAsync(Bed.PublicUrl, cancel: Cancel);
        var upstream = Upstream(bed, provider.Issuer.GetLeftPart(UriPartial.Authority), provider.ClientSecret);
        foreach (var (account, role) in new[] { ("clerk", Role.Clerk), ("notary", Role.Notary), ("auditor", Role.Auditor), ("operator", Role.Operator) })
        {
            var browser = new Browser();
            var answer = await AskProviderAsync(await browser.AskAsync(http => upstream.BeginAsync(http, "/account?a=1", Cancel)), account);
            Assert.AreEqual("/account?a=1", await browser.AskAsync(http => upstream.CompleteAsync(http, answer, Cancel)));
            var who = (await bed.FindAsync(browser, Cancel))!;
            Assert.AreEqual((null, role), (who.Tenant, who.Role));

            // Answered once, even with the cookies of then.
            Assert.AreEqual(Fault.Unauthenticated, await Ends.FaultAsync(() => browser.AskAsync(http => upstream.CompleteAsync(http, answer, Cancel))));

            // The same person when he comes again, under whatever roles he has by then.
            var again = new Browser();
            answer = await AskProviderAsync(await again.AskAsync(http => upstream.BeginAsync(http, "/", Cancel)), account);
            await again.AskAsync(http => upstream.CompleteAsync(http, answer, Cancel));
            Assert.AreEqual(who.Person, (await bed.FindAsync(again, Cancel))!.Person);
            Assert.HasCount(2, await bed.Sessions.ListAsync(who, Cancel));
        }

        var cook = new Browser();
        var cooks = await AskProviderAsync(await cook.AskAsync(http => upstream.BeginAsync(http, "/", Cancel)), "cook");
        Assert.AreEqual(Fault.Forbidden, await Ends.FaultAsync(() => cook.AskAsync(http => upstream.CompleteAsync(http, cooks, Cancel))));
        Assert.IsNull(await bed.FindAsync(cook, Cancel));
    }

    [TestMethod]
    public async Task No_forged_answer_of_a_provider_signs_in()
    {
        var bed = await Bed.StartAsync(Cancel);
        await using var provider = await RogueProvider.StartAsync();
        using var foreign = RSA.Create(2048);
        var upstream = Upstream(bed, provider.Issuer, "secret");
        var forgeries = new (string What, Func<JsonObject, string> Token)[]
        {
            ("another nonce", c => With(c, "nonce", "x")),
            ("no nonce", c => With(c, "nonce", null)),
            ("another issuer", c => With(c, "iss", "https://evil.example")),
            ("no issuer", c => With(c, "iss", null)),
            ("another audience", c => With(c, "aud", "somebody-else")),
            ("no audience", c => With(c, "aud", null)),
            ("another party", c => With(c, "azp", "somebody-else")),
            ("an old token", c => With(c, "exp", 1)),
            ("a token without end", c => With(c, "exp", null)),
            ("no subject", c => With(c, "sub", null)),
            ("an empty subject", c => With(c, "sub", "")),
            ("another key's signature", c => provider.Sign(c, with: foreign)),
            ("no signature", c => provider.Sign(c, "none")),
            ("a MAC under the public key", c => provider.Sign(c, "HS256")),
            ("half a token", c => provider.Sign(c)[..^20]),
            ("no token", _ => ""),
            ("no token at all", _ => "x"),
        };
        foreach (var (what, token) in forgeries)
        {
            var (browser, answer, nonce) = await BeginAsync();
            provider.Answer = Json(token(provider.Claims(nonce, bed.Clock)));
            Assert.AreEqual(Fault.Unauthenticated, await FinishAsync(browser, answer), what);
            Assert.IsNull(await bed.FindAsync(browser, Cancel), what);
        }

        // What the browser brings back, around a token that is right.
        var changes = new (string What, Action<Dictionary<string, string>> Change, Fault? End)[]
        {
            ("nothing", _ => { }, null),
            ("this provider's name", a => a["iss"] = provider.Issuer, null),
            ("another state", a => a["state"] = new string('A', 43), Fault.Unauthenticated),
            ("no state", a => a.Remove("state"), Fault.Unauthenticated),
            ("another provider's answer", a => a["iss"] = "https://evil.example", Fault.Unauthenticated),
            ("no code", a => a.Remove("code"), Fault.Unauthenticated),
            ("an endless code", a => a["code"] = new string('c', 5000), Fault.Unauthenticated),
            ("a refusal", a => a["error"] = "access_denied", Fault.Unauthenticated),
        };
        foreach (var (what, change, end) in changes)
        {
            var (browser, answer, nonce) = await BeginAsync();
            provider.Answer = Json(provider.Sign(provider.Claims(nonce, bed.Clock)));
            change(answer);
            Assert.AreEqual(end, await FinishAsync(browser, answer), what);
            if (end is null)
                StringAssert.Matches(provider.Asked, new("(^|&)code_verifier=[A-Za-z0-9_-]{43}(&|$)"));
        }

        // An answer brought to another browser: that of whoever is to be signed in as the attacker.
        var (_, planted, hisNonce) = await BeginAsync();
        provider.Answer = Json(provider.Sign(provider.Claims(hisNonce, bed.Clock)));
        Assert.AreEqual(Fault.Unauthenticated, await FinishAsync(new Browser(), planted));
        var (victim, _, _) = await BeginAsync();
        Assert.AreEqual(Fault.Unauthenticated, await FinishAsync(victim, planted));

        // A provider that promises its name in each answer leaves it out of none.
        provider.PromisesIssuer = true;
        var strict = Upstream(bed, provider.Issuer, "secret");
        var nameless = await BeginAsync(strict);
        provider.Answer = Json(provider.Sign(provider.Claims(nameless.Nonce, bed.Clock)));
        Assert.AreEqual(Fault.Unauthenticated, await FinishAsync(nameless.Browser, nameless.Answer, strict));

        async Task<(Browser Browser, Dictionary<string, string> Answer, string Nonce)> BeginAsync(Upstream? at = null)
        {
            var browser = new Browser();
            var query = QueryHelpers.ParseQuery((await browser.AskAsync(http => (at ?? upstream).BeginAsync(http, "/", Cancel))).Query);
            Assert.AreEqual("S256", query["code_challenge_method"].ToString());
            return (browser, new() { ["state"] = query["state"].ToString(), ["code"] = "c" }, query["nonce"].ToString());
        }

        Task<Fault?> FinishAsync(Browser browser, Dictionary<string, string> answer, Upstream? at = null)
            => Ends.FaultAsync(() => browser.AskAsync(http => (at ?? upstream).CompleteAsync(http, answer, Cancel)));
        string With(JsonObject claims, string name, JsonNode? value)
        {
            claims.Remove(name);
            if (value is not null)
                claims[name] = value;

            return provider.Sign(claims);
        }
    }

    [TestMethod]
    public async Task A_provider_that_fails_is_said_to_and_one_that_calls_itself_another_is_not_believed()
    {
        var bed = await Bed.StartAsync(Cancel);
        await using var provider = await RogueProvider.StartAsync();
        var upstream = Upstream(bed, provider.Issuer, "secret");
        foreach (var (status, body, end) in new[]
        {
            (400, """{"error":"invalid_grant"}""", Fault.Unauthenticated), (302, "", Fault.Unauthenticated), (200, "<html>", Fault.Unauthenticated),
            (200, "", Fault.Unauthenticated), (200, "null", Fault.Unauthenticated), (200, "[]", Fault.Unauthenticated),
            (200, "{\"id_token\":{}}", Fault.Unauthenticated),
            (500, "", Fault.IdentityProviderUnavailable), (200, new string(' ', 300_000), Fault.IdentityProviderUnavailable),
        })
        {
            var browser = new Browser();
            var query = QueryHelpers.ParseQuery((await browser.AskAsync(http => upstream.BeginAsync(http, "/", Cancel))).Query);
            (provider.Status, provider.Answer) = (status, body);
            var answer = new Dictionary<string, string> { ["state"] = query["state"].ToString(), ["code"] = "c" };
            var told = await Ends.FaultAsync(() => browser.AskAsync(http => upstream.CompleteAsync(http, answer, Cancel)));
            Assert.AreEqual(end, told, body[..Math.Min(20, body.Length)]);
        }

        provider.SaidIssuer = "https://evil.example";
        Assert.AreEqual(Fault.IdentityProviderUnavailable,
            await Ends.FaultAsync(() => new Browser().AskAsync(http => Upstream(bed, provider.Issuer, "secret").BeginAsync(http, "/", Cancel))));
        var nobody = $"http://127.0.0.1:{ChildProcess.FreePort()}";
        Assert.AreEqual(Fault.IdentityProviderUnavailable,
            await Ends.FaultAsync(() => new Browser().AskAsync(http => Upstream(bed, nobody, "secret").BeginAsync(http, "/", Cancel))));
    }

    private static Upstream Upstream(Bed bed, string issuer, string secret) => new(
        new UpstreamOptions(new Uri(issuer), OidcProvider.ClientId, secret, "roles"), bed.Storage, Bed.PublicUrl, bed.Challenges, bed.Sessions, bed.Clock,
        NullLogger<Upstream>.Instance);

    private static string Json(string token) => JsonSerializer.Serialize(new { access_token = "a", token_type = "Bearer", id_token = token });

    /// <summary>Walks through the provider's pages as one of its people.</summary>
    private async Task<Dictionary<string, string>> AskProviderAsync(Uri address, string account)
    {
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        for (var at = address; at.Host == "127.0.0.1";)
        {
            using var answer = await http.GetAsync(at, Cancel);
            if (answer.Headers.Location is { } next)
            {
                at = new Uri(at, next);
                continue;
            }

            using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["account"] = account });
            using var chosen = await http.PostAsync(at, form, Cancel);
            at = new Uri(at, chosen.Headers.Location!);
            if (at.Host != "127.0.0.1")
                return Query(at);

            using var resumed = await http.GetAsync(at, Cancel);
            return Query(resumed.Headers.Location!);
        }

        throw new AssertFailedException($"{address} is not the provider");

        static Dictionary<string, string> Query(Uri back)
        {
            StringAssert.StartsWith(back.ToString(), $"{Bed.PublicUrl}sign-in/staff/callback?");
            return QueryHelpers.ParseQuery(back.Query).ToDictionary(q => q.Key, q => q.Value.ToString());
        }
    }
}
