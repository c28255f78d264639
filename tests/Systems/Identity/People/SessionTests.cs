using Notary.Identity.People;

namespace Notary.Identity.Tests.People;

[TestClass]
public sealed class SessionTests
{
    private const string Cookie = "__Host-notary-session";

    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Cancel => TestContext.CancellationToken;

    [TestMethod]
    public async Task A_changed_cookie_is_nobody()
    {
        var bed = await Bed.StartAsync(Cancel);
        var (browser, _, who) = await bed.JoinAsync("tenant-a", Role.Owner, Cancel);
        var (his, _, _) = await bed.JoinAsync("tenant-b", Role.Owner, Cancel);
        var right = browser.Cookies[Cookie];
        var (mine, other) = (right.Split('.'), his.Cookies[Cookie].Split('.'));
        List<string> forged =
            ["", ".", "...", "....", right + ".", right + "A", right[..^1], right.ToUpperInvariant(), " " + right, right.Replace('.', '/')];
        for (var part = 0; part < 4; part++)
            forged.Add(string.Join('.', mine.Select((text, i) => i == part ? other[i] : text)));

        forged.Add($".{mine[1]}.{mine[2]}.{mine[3]}");
        forged.Add($"tenant-a' or 'a.{mine[1]}.{mine[2]}.{mine[3]}");
        for (var at = right.Length - 43; at < right.Length - 1; at += 7)
            forged.Add(right[..at] + (right[at] == 'A' ? 'B' : 'A') + right[(at + 1)..]);

        Assert.AreEqual(who, await bed.FindAsync(browser, Cancel));
        foreach (var instance in new[] { bed, new Bed(bed.Storage) })
        {
            foreach (var text in forged)
            {
                browser.Cookies[Cookie] = text;
                Assert.IsNull(await instance.FindAsync(browser, Cancel), text);
            }
        }
    }

    [TestMethod]
    public async Task A_session_ends_idle_and_in_any_case()
    {
        var clock = new ShiftedClock();
        var bed = await Bed.StartAsync(Cancel, clock);
        var (browser, _, who) = await bed.JoinAsync("tenant-a", Role.Owner, Cancel);
        clock.By = PeopleRules.SessionIdle - TimeSpan.FromMinutes(1);
        Assert.AreEqual(who, await bed.FindAsync(browser, Cancel));
        clock.By *= 2;
        Assert.AreEqual(who, await new Bed(bed.Storage, clock).FindAsync(browser, Cancel), "what was used is not idle, on any instance");
        for (var end = PeopleRules.SessionLife - TimeSpan.FromMinutes(1); clock.By < end;)
        {
            clock.By += TimeSpan.FromMinutes(20);
            clock.By = clock.By < end ? clock.By : end;
            Assert.AreEqual(who, await bed.FindAsync(browser, Cancel), $"{clock.By}");
        }

        clock.By = PeopleRules.SessionLife;
        Assert.IsNull(await bed.FindAsync(browser, Cancel), "its life is over");
        clock.By = TimeSpan.Zero;
        var (idle, _, _) = await bed.JoinAsync("tenant-a", Role.Owner, Cancel);
        clock.By = PeopleRules.SessionIdle;
        Assert.IsNull(await bed.FindAsync(idle, Cancel), "nobody has used it");
        Assert.IsNull(await new Bed(bed.Storage, clock).FindAsync(idle, Cancel));
    }

    [TestMethod]
    public async Task Sessions_are_listed_and_ended_everywhere_within_five_seconds()
    {
        var bed = await Bed.StartAsync(Cancel);
        var (here, authenticator, _) = await bed.JoinAsync("tenant-a", Role.Owner, Cancel);
        var (there, third) = (new Browser(), new Browser());
        var lost = await bed.SignInAsync(there, authenticator, Cancel);
        await bed.SignInAsync(third, authenticator, Cancel);
        var who = (await bed.FindAsync(here, Cancel))!;
        var list = await bed.Sessions.ListAsync(who, Cancel);
        Assert.HasCount(3, list);
        Assert.AreEqual(who.Session, list.Single(s => s.IsThis).Id);
        Assert.IsTrue(list.All(s => s.Device == "Firefox · Linux"));

        var other = new Bed(bed.Storage);
        Assert.IsNotNull(await other.FindAsync(there, Cancel));
        await bed.Sessions.EndAsync(who, lost.Session, Cancel);
        Assert.IsNull(await bed.FindAsync(there, Cancel), "at once where it was ended");
        var start = TimeProvider.System.GetTimestamp();
        while (await other.FindAsync(there, Cancel) is not null)
        {
            Assert.IsTrue(TimeProvider.System.GetElapsedTime(start) < PeopleRules.CacheTime + TimeSpan.FromSeconds(1));
            await Task.Delay(50, Cancel);
        }

        await bed.Sessions.EndOthersAsync(who, Cancel);
        Assert.IsNull(await bed.FindAsync(third, Cancel));
        Assert.AreEqual(who, await bed.FindAsync(here, Cancel));
        var thief = here.Copy();
        await here.AskAsync(async http =>
        {
            await bed.Sessions.SignOutAsync(http, Cancel);
            return 0;
        });
        Assert.IsFalse(here.Cookies.ContainsKey(Cookie));
        Assert.IsNull(await bed.FindAsync(thief, Cancel));
        Assert.IsEmpty(await bed.Sessions.ListAsync(who, Cancel));
    }

    [TestMethod]
    public async Task One_session_too_many_ends_the_oldest()
    {
        var bed = await Bed.StartAsync(Cancel);
        var (first, authenticator, who) = await bed.JoinAsync("tenant-a", Role.Owner, Cancel);
        for (var i = 0; i < PeopleRules.MaxSessions; i++)
            await bed.SignInAsync(new Browser(), authenticator, Cancel);

        Assert.HasCount(PeopleRules.MaxSessions, await bed.Sessions.ListAsync(who, Cancel));
        Assert.IsNull(await new Bed(bed.Storage).FindAsync(first, Cancel));
    }

    [TestMethod]
    public async Task On_plain_http_the_cookies_go_without_what_browsers_refuse_there()
    {
        var bed = await Bed.StartAsync(Cancel);
        var (local, browser) = (new Antiforgery(new Uri("http://localhost:8080")), new Browser());
        Assert.AreEqual(64, browser.Ask(local.OfBrowser).Length);
        var line = browser.Set.Single();
        Assert.StartsWith("notary-browser=", line);
        Assert.DoesNotContain("secure", line, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; httponly", line, StringComparison.OrdinalIgnoreCase);
        Assert.IsNull(await bed.FindAsync(browser, Cancel));
    }

    [TestMethod]
    public async Task A_post_needs_the_token_of_its_own_session()
    {
        var bed = await Bed.StartAsync(Cancel);
        var (browser, _, _) = await bed.JoinAsync("tenant-a", Role.Owner, Cancel);
        var (his, _, _) = await bed.JoinAsync("tenant-a", Role.Owner, Cancel);
        var token = browser.Ask(bed.Antiforgery.OfSession);
        Task<Fault?> PostAsync(Browser from, string? sent, params (string Name, string Value)[] headers) => Ends.FaultAsync(() => from.AskAsync(http =>
        {
            foreach (var (name, value) in headers)
                http.Request.Headers[name] = value;

            bed.Antiforgery.DemandSession(http, sent);
            return Task.FromResult(0);
        }));

        Assert.IsNull(await PostAsync(browser, token));
        Assert.IsNull(await PostAsync(browser, token, ("Origin", "https://notary.example"), ("Sec-Fetch-Site", "same-origin")));
        Assert.IsNull(await PostAsync(browser, token, ("Origin", "null")));
        string?[] wrong =
        [
            null, "", "x", token[..^1], token + "0", token.ToUpperInvariant(), his.Ask(bed.Antiforgery.OfSession), browser.Ask(bed.Antiforgery.OfBrowser),
        ];
        foreach (var sent in wrong)
            Assert.AreEqual(Fault.Forbidden, await PostAsync(browser, sent), sent);

        Assert.AreEqual(Fault.Forbidden, await PostAsync(new Browser(), ""));
        Assert.AreEqual(Fault.Forbidden, await PostAsync(new Browser(), token));
        foreach (var (name, value) in new[]
        {
            ("Origin", "https://evil.example"), ("Origin", "http://notary.example"), ("Origin", "https://notary.example:8443"),
            ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site"), ("Sec-Fetch-Site", "none"),
        })
            Assert.AreEqual(Fault.Forbidden, await PostAsync(browser, token, (name, value)), value);
    }

    [TestMethod]
    [DataRow("/deposits?state=Logged", "/deposits?state=Logged")]
    [DataRow("/", "/")]
    [DataRow("/connect/authorize?redirect_uri=https%3A%2F%2Fa.example%2Fcb", "/connect/authorize?redirect_uri=https%3A%2F%2Fa.example%2Fcb")]
    [DataRow(null, "/account")]
    [DataRow("", "/account")]
    [DataRow("https://evil.example", "/account")]
    [DataRow("//evil.example", "/account")]
    [DataRow("/\\evil.example", "/account")]
    [DataRow("\\/evil.example", "/account")]
    [DataRow("/\t/evil.example", "/account")]
    [DataRow("/\n/evil.example", "/account")]
    [DataRow(" //evil.example", "/account")]
    [DataRow("///evil.example", "/account")]
    [DataRow("javascript:alert(1)", "/account")]
    [DataRow("data:text/html,x", "/account")]
    [DataRow("evil.example", "/account")]
    [DataRow("/a\r\nSet-Cookie: a=b", "/account")]
    [DataRow("/\u2044evil", "/account")]
    [DataRow("http:/evil.example", "/account")]
    public void A_sign_in_leads_to_our_own_pages_only(string? asked, string leads) => Assert.AreEqual(leads, ReturnPath.Of(asked));
}
