using System.Text.RegularExpressions;
using Notary.Identity.People;
using Notary.Identity.Tests.People;

namespace Notary.Host.Tests;

/// <summary>People at the door: what each may open, and what an attacker gets.</summary>
[TestClass]
public sealed class SignInTests
{
    private static TestApp app = null!;
    private static OidcProvider provider = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _)
    {
        provider = await OidcProvider.StartAsync(new Uri(Visitor.Origin));
        app = await TestApp.StartAsync(variables =>
        {
            variables["Notary__PublicUrl"] = Visitor.Origin;
            provider.Configure(variables);
        });
    }

    [ClassCleanup]
    public static async Task StopAsync()
    {
        await app.DisposeAsync();
        await provider.DisposeAsync();
    }

    [TestMethod]
    public async Task FromTheOperatorsLinkToASessionAndOutAgain()
    {
        var (tenant, link) = await InviteAsync();
        using var authenticator = new SoftAuthenticator(Visitor.Origin);
        var visitor = new Visitor(app);
        var page = await visitor.GetAsync(new Uri(link).AbsolutePath);
        Assert.AreEqual(200, page.Status, page.Text);
        Assert.Contains("甲公司", page.Text);
        Assert.AreEqual("no-store", page.Headers["Cache-Control"]);
        var accepted = await visitor.AcceptAsync(link, authenticator);
        Assert.AreEqual((200, """{"location":"/overview"}"""), (accepted.Status, accepted.Text));
        var account = await visitor.GetAsync("/account");
        Assert.AreEqual(200, account.Status, account.Text);
        Assert.Contains("张三", account.Text);

        // The link again, and one that was never made, say the same.
        var used = await new Visitor(app).GetAsync(new Uri(link).AbsolutePath);
        Assert.AreEqual(410, used.Status);
        Assert.AreEqual(410, (await new Visitor(app).GetAsync($"/invitation/{tenant}.{new string('0', 32)}.{new string('A', 43)}")).Status);
        Assert.AreEqual(410, (await new Visitor(app).AcceptAsync(link, new SoftAuthenticator(Visitor.Origin))).Status);

        var members = await visitor.GetAsync("/members");
        Assert.AreEqual(200, members.Status, members.Text);
        var out_ = await visitor.PostAsync("/sign-out");
        Assert.AreEqual((303, "/sign-in"), (out_.Status, out_.Headers["Location"]));
        var turned = await visitor.GetAsync("/members?lang=en");
        Assert.AreEqual((303, "/sign-in?return=%2Fmembers%3Flang%3Den"), (turned.Status, turned.Headers["Location"]));
        var back = await visitor.SignInAsync(authenticator, "?return=%2Fmembers%3Flang%3Den");
        Assert.AreEqual((200, """{"location":"/members?lang=en"}"""), (back.Status, back.Text));
    }

    [TestMethod]
    public async Task StaffComeByTheOfficesProvider()
    {
        var visitor = new Visitor(app);
        Assert.Contains("/sign-in/staff", (await visitor.GetAsync("/sign-in")).Text);
        var answer = await ComeBackAsync(visitor, "clerk", "?return=%2Faccount%3Flang%3Den");
        Assert.AreEqual((302, "/account?lang=en"), (answer.Status, answer.Headers.GetValueOrDefault("Location")), answer.Text);
        var account = await visitor.GetAsync("/account?lang=en");
        Assert.Contains("示范书记员 Clerk", account.Text);
        Assert.Contains("clerk", account.Text);
        Assert.DoesNotContain("Add a passkey", account.Text);
        Assert.AreEqual(403, (await visitor.GetAsync("/members")).Status);
        Assert.AreEqual(403, (await visitor.PostAsync("/account/devices")).Status);

        // One whom the office gives no role.
        var cook = new Visitor(app);
        Assert.AreEqual(403, (await ComeBackAsync(cook, "cook", "")).Status);
        Assert.IsFalse(await cook.IsInAsync());
    }

    [TestMethod]
    public async Task OwnersInviteChangeAndRemove()
    {
        var (owner, _) = await OwnerAsync();
        await owner.GetAsync("/members");
        var invited = await owner.PostAsync("/members/invitations", ("address", "li@example.com"), ("role", "viewer"));
        var link = Regex.Match(invited.Text, "<code class=\"link\">([^<]+)</code>").Groups[1].Value;
        using var authenticator = new SoftAuthenticator(Visitor.Origin);
        var viewer = new Visitor(app);
        Assert.AreEqual(200, (await viewer.AcceptAsync(link, authenticator, "李四 <script>")).Status);
        Assert.AreEqual(403, (await viewer.GetAsync("/members")).Status);
        var page = await owner.GetAsync("/members");
        Assert.Contains("李四 &lt;script&gt;", page.Text);
        var person = viewer.Cookies[Visitor.Session].Split('.')[1];

        Assert.AreEqual(303, (await owner.PostAsync($"/members/{person}/role", ("role", "owner"))).Status);
        await UntilAsync(async () => (await viewer.GetAsync("/members")).Status == 200);
        Assert.AreEqual(303, (await owner.PostAsync($"/members/{person}/remove")).Status);
        await UntilAsync(async () => !await viewer.IsInAsync());
        Assert.AreEqual(401, (await viewer.SignInAsync(authenticator)).Status);

        var self = owner.Cookies[Visitor.Session].Split('.')[1];
        Assert.AreEqual(409, (await owner.PostAsync($"/members/{self}/remove")).Status);
        Assert.AreEqual(409, (await owner.PostAsync($"/members/{self}/role", ("role", "viewer"))).Status);
        Assert.IsTrue(await owner.IsInAsync());
    }

    /// <summary>Everything that is tried against a signed-in owner and his tenant, each refused and without effect.</summary>
    [TestMethod]
    public async Task EveryAttackIsRefused()
    {
        var (owner, authenticator) = await OwnerAsync();
        var (foreign, foreignKey) = await OwnerAsync();
        var (mine, his) = (owner.Cookies[Visitor.Session].Split('.'), foreign.Cookies[Visitor.Session].Split('.'));
        await owner.GetAsync("/account");
        await foreign.GetAsync("/account");
        var (right, foreignToken) = (owner.Token, foreign.Token);
        var attacks = new List<(string What, int[] Refused, Func<Task<Answer>> Try)>();
        void Attack(string what, int refused, Func<Task<Answer>> attack) => attacks.Add((what, [refused], attack));

        // Another site's form, for each route that changes something.
        foreach (var path in new[]
        {
            "/sign-out", "/members/invitations", $"/members/{mine[1]}/role", $"/members/{mine[1]}/remove", $"/members/invitations/{mine[1]}/withdraw",
            "/account/devices", "/account/passkeys/options", "/account/passkeys", $"/account/passkeys/{mine[1]}/name", $"/account/passkeys/{mine[1]}/remove",
            "/account/sessions/end-others", $"/account/sessions/{mine[2]}/end",
        })
        {
            (string, string)[] fields = [("role", "viewer"), ("address", "a"), ("name", "a")];
            Task<Answer> FormAsync(string token, params (string, string)[] headers)
                => owner.SendAsync(HttpMethod.Post, path, Visitor.Form([("antiforgery", token), .. fields]), headers);
            Attack($"no token: {path}", 403, () => owner.SendAsync(HttpMethod.Post, path, Visitor.Form(fields)));
            Attack($"another session's token: {path}", 403, () => FormAsync(foreignToken));
            Attack($"another site says itself: {path}", 403, () => FormAsync(right, ("Sec-Fetch-Site", "cross-site")));
            Attack($"another origin: {path}", 403, () => FormAsync(right, ("Origin", "https://evil.example")));
            Attack($"nobody is signed in: {path}", 401,
                () => new Visitor(app).SendAsync(HttpMethod.Post, path, Visitor.Form([("antiforgery", right), .. fields])));
            Attack($"by GET: {path}", 405, () => owner.SendAsync(HttpMethod.Get, path, null));
        }

        // Signing in as the attacker, and with what he has seen.
        Attack("a sign-in without the page's token", 403, async () =>
        {
            var visitor = new Visitor(app);
            await visitor.GetAsync("/sign-in");
            visitor.Token = foreignToken;
            return await visitor.PostJsonAsync("/sign-in/options", "{}"u8.ToArray());
        });
        Attack("a sign-in without a browser of its own", 403, () => new Visitor(app).PostJsonAsync("/sign-in/options", "{}"u8.ToArray()));
        Attack("a replayed passkey's answer", 401, async () =>
        {
            var (visitor, options) = await BeginAsync();
            var answer = authenticator.Get(options);
            var thief = visitor.Copy();
            Assert.AreEqual(200, (await visitor.PostJsonAsync("/sign-in", answer)).Status);
            return await thief.PostJsonAsync("/sign-in", answer);
        });
        Attack("another browser's challenge", 401,
            async () => await (await BeginAsync()).Visitor.PostJsonAsync("/sign-in", authenticator.Get((await BeginAsync()).Options)));
        Attack("another site's page", 401, () => ForgedAsync(a => a.Origin = "https://evil.example"));
        Attack("a frame of another site", 401, () => ForgedAsync(a => a.CrossOrigin = true));
        Attack("another relying party", 401, () => ForgedAsync(a => a.RelyingParty = "evil.example"));
        Attack("nobody was verified", 401, () => ForgedAsync(a => a.UserVerified = false));
        Attack("nobody was there", 401, () => ForgedAsync(a => a.UserPresent = false));
        Attack("another person's handle", 401, () => ForgedAsync(a => a.UserHandle = foreignKey.UserHandle));
        Attack("a passkey that nobody knows", 401, async () =>
        {
            using var unknown = new SoftAuthenticator(Visitor.Origin) { UserHandle = authenticator.UserHandle };
            return await new Visitor(app).SignInAsync(unknown);
        });
        Attack("no passkey's answer at all", 401, async () => await (await BeginAsync()).Visitor.PostJsonAsync("/sign-in", "{}"u8.ToArray()));
        Attack("a form in place of an answer", 415, async () =>
        {
            var (visitor, _) = await BeginAsync();
            return await visitor.SendAsync(HttpMethod.Post, "/sign-in", Visitor.Form(("a", "b")), ("X-Antiforgery", visitor.Token));
        });
        Attack("an endless answer", 413, async () => await (await BeginAsync()).Visitor.PostJsonAsync("/sign-in", new byte[100_000]));

        // Cookies that are made up, changed or another's.
        foreach (var forged in new[]
        {
            $"{his[0]}.{mine[1]}.{mine[2]}.{mine[3]}", $"{mine[0]}.{his[1]}.{mine[2]}.{mine[3]}", $"{mine[0]}.{mine[1]}.{his[2]}.{mine[3]}",
            $"{mine[0]}.{mine[1]}.{mine[2]}.{his[3]}", $".{mine[1]}.{mine[2]}.{mine[3]}", $"{mine[0]}.{mine[1]}.{mine[2]}.", "x", new string('a', 4000),
        })
        {
            Attack($"the cookie {forged[..Math.Min(20, forged.Length)]}", 303, () =>
            {
                var thief = owner.Copy();
                thief.Cookies[Visitor.Session] = forged;
                return thief.GetAsync("/account");
            });
        }

        Attack("a session that was ended", 303, async () =>
        {
            var visitor = new Visitor(app);
            await visitor.SignInAsync(authenticator);
            var thief = visitor.Copy();
            await visitor.GetAsync("/account");
            await visitor.PostAsync("/sign-out");
            return await thief.GetAsync("/account");
        });
        Attack("a planted session", 303, async () =>
        {
            // The victim signs in over the attacker's cookie: the attacker's stays what it was, and the victim's is new.
            var (planted, _) = await OwnerAsync();
            var (victim, before) = (planted.Copy(), planted.Cookies[Visitor.Session]);
            await victim.SignInAsync(authenticator);
            Assert.AreNotEqual(before, victim.Cookies[Visitor.Session]);
            await planted.GetAsync("/account");
            await planted.PostAsync("/sign-out");
            return await planted.GetAsync("/account");
        });
        Attack("a session's POST at the API, without its page's token", 403, () => owner.SendAsync(HttpMethod.Post, "/v1/deposits", null));
        Attack("a session's POST at the API, with another's", 403,
            () => owner.SendAsync(HttpMethod.Post, "/v1/deposits", null, ("X-Antiforgery", new string('0', 64))));
        Attack("a session's POST at the API, from another site", 403, () => owner.SendAsync(
            HttpMethod.Post, "/v1/deposits", null, ("X-Antiforgery", owner.Token), ("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site")));
        Attack("a session beside a key that is none, at the API", 401,
            () => owner.SendAsync(HttpMethod.Get, "/v1/deposits", null, ("Authorization", "Bearer nonsense")));
        Attack("a session at the operator's routes", 401, () => owner.SendAsync(HttpMethod.Get, "/v1/operator/tenants", null));
        Attack("the operator's key at the pages", 303, () => app.SendAsync(HttpMethod.Get, "/members", app.Operator, null, ("Accept", "text/html")));

        // Other tenants' people are like nobody.
        foreach (var person in new[] { his[1], new string('0', 32), "x", "..%2Fx", new string('a', 500) })
        {
            Attack($"the person {person[..Math.Min(8, person.Length)]}'s role", 404, () => PostAsync($"/members/{person}/role", ("role", "viewer")));
            Attack($"the person {person[..Math.Min(8, person.Length)]} removed", 404, () => PostAsync($"/members/{person}/remove"));
        }

        Attack("a passkey of somebody else", 404, () => PostAsync($"/account/passkeys/{PasskeyOf(foreignKey)}/name", ("name", "a")));
        Attack("a passkey of somebody else removed", 404, () => PostAsync($"/account/passkeys/{PasskeyOf(foreignKey)}/remove"));
        Attack("one's last passkey removed", 409, () => PostAsync($"/account/passkeys/{PasskeyOf(authenticator)}/remove"));
        Attack("a role of the staff", 400, () => PostAsync($"/members/{mine[1]}/role", ("role", "operator")));
        Attack("an invitation to the staff", 400, () => PostAsync("/members/invitations", ("role", "clerk"), ("address", "a")));
        Attack("a field twice", 400, () => owner.SendAsync(HttpMethod.Post, "/members/invitations",
            new StringContent($"antiforgery={right}&role=owner&role=viewer&address=a", null, "application/x-www-form-urlencoded")));
        Attack("an endless form", 413, () => PostAsync("/members/invitations", ("role", "viewer"), ("address", new string('a', 40_000))));

        // The provider's answers.
        Attack("an answer that nobody asked for", 403, () => new Visitor(app).GetAsync("/sign-in/staff/callback?code=c&state=s"));
        Attack("another state", 403, () => ChangedAsync(q => q.Replace("state=", "state=A", StringComparison.Ordinal)));
        Attack("another provider", 403, () => ChangedAsync(q => q.Replace("iss=http", "iss=https", StringComparison.Ordinal)));
        Attack("another code", 403, () => ChangedAsync(q => q.Replace("code=", "code=A", StringComparison.Ordinal)));
        Attack("an answer planted in another browser", 403, async () =>
        {
            var back = await AnswerAsync(new Visitor(app), "clerk", "");
            var victim = new Visitor(app);
            await victim.GetAsync("/sign-in/staff");
            return await victim.GetAsync(back);
        });

        foreach (var (what, refused, attack) in attacks)
        {
            var answer = await attack();
            Assert.Contains(answer.Status, refused, $"{what}: {answer.Status} {answer.Text[..Math.Min(300, answer.Text.Length)]}");
        }

        Assert.IsGreaterThanOrEqualTo(100, attacks.Count);
        Assert.IsTrue(await owner.IsInAsync());
        var people = app.Services.GetRequiredService<PeopleRoom>();
        Assert.AreEqual(Role.Owner, (await people.Members.ListAsync(mine[0], CancellationToken.None)).Single().Role);
        Assert.IsEmpty(await people.Invitations.ListAsync(mine[0], CancellationToken.None));

        Task<Answer> PostAsync(string path, params (string, string)[] fields)
            => owner.SendAsync(HttpMethod.Post, path, Visitor.Form([("antiforgery", right), .. fields]));
        async Task<Answer> ForgedAsync(Action<SoftAuthenticator> change)
        {
            var (origin, handle) = (authenticator.Origin, authenticator.UserHandle);
            change(authenticator);
            var answer = await new Visitor(app).SignInAsync(authenticator);
            (authenticator.Origin, authenticator.UserHandle, authenticator.RelyingParty) = (origin, handle, null);
            (authenticator.CrossOrigin, authenticator.UserVerified, authenticator.UserPresent) = (false, true, true);
            return answer;
        }

        async Task<Answer> ChangedAsync(Func<string, string> change)
        {
            var visitor = new Visitor(app);
            return await visitor.GetAsync(change(await AnswerAsync(visitor, "clerk", "")));
        }
    }

    [TestMethod]
    public async Task ASignInLeadsToNoOtherSite()
    {
        var (_, authenticator) = await OwnerAsync();
        foreach (var to in new[] { "https://evil.example", "//evil.example", "/\\evil.example", "/%09/evil.example", "javascript:alert(1)", "", "@evil" })
        {
            // Encoded twice it is a path of ours, where there is nothing.
            string Leads(string first) => to == "/%09/evil.example" ? to : first;
            var query = "?return=" + Uri.EscapeDataString(to);
            var answer = await new Visitor(app).SignInAsync(authenticator, query);
            Assert.AreEqual((200, $$"""{"location":"{{Leads("/overview")}}"}"""), (answer.Status, answer.Text), to);
            var staff = await ComeBackAsync(new Visitor(app), "clerk", query);
            Assert.AreEqual((302, Leads("/account")), (staff.Status, staff.Headers.GetValueOrDefault("Location")), to);
        }
    }

    private static async Task<(string Tenant, string Link)> InviteAsync()
    {
        var (tenant, _) = await app.TenantAsync();
        var made = await app.PostAsync($"/v1/operator/tenants/{tenant}/invitations", app.Operator, """{"address":"zhang@example.com"}""");
        Assert.AreEqual(201, made.Status, made.Text);
        Assert.DoesNotContain("invitation/", made.Headers["Location"]);
        return (tenant, made.Json.GetProperty("url").GetString()!);
    }

    private static async Task<(Visitor Visitor, SoftAuthenticator Authenticator)> OwnerAsync()
    {
        var (visitor, authenticator) = (new Visitor(app), new SoftAuthenticator(Visitor.Origin));
        Assert.AreEqual(200, (await visitor.AcceptAsync((await InviteAsync()).Link, authenticator)).Status);
        return (visitor, authenticator);
    }

    private static async Task<(Visitor Visitor, string Options)> BeginAsync()
    {
        var visitor = new Visitor(app);
        await visitor.GetAsync("/sign-in");
        return (visitor, (await visitor.PostJsonAsync("/sign-in/options", "{}"u8.ToArray())).Text);
    }

    private static string PasskeyOf(SoftAuthenticator authenticator)
        => Convert.ToHexStringLower(SHA256.HashData(authenticator.CredentialId).AsSpan(0, 16));

    private static Task<Answer> ComeBackAsync(Visitor visitor, string account, string query) => ComeBackAsync(visitor, provider, account, query);

    /// <summary>Signs one of the staff in, by way of the provider.</summary>
    internal static async Task<Answer> ComeBackAsync(Visitor visitor, OidcProvider provider, string account, string query)
        => await visitor.GetAsync(await visitor.AskProviderAsync(provider, account, query));

    private static Task<string> AnswerAsync(Visitor visitor, string account, string query) => visitor.AskProviderAsync(provider, account, query);

    /// <summary>Waits for what is promised within five seconds; the machine may be busy.</summary>
    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            Assert.IsTrue(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromMinutes(1));
            await Task.Delay(50);
        }
    }
}
