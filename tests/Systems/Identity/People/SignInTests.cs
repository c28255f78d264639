using Notary.Identity.People;

namespace Notary.Identity.Tests.People;

[TestClass]
public sealed class SignInTests
{
    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Cancel => TestContext.CancellationToken;

    [TestMethod]
    public async Task A_passkey_signs_in_with_a_session_that_was_never_there_before()
    {
        var bed = await Bed.StartAsync(Cancel);
        var (first, authenticator, who) = await bed.JoinAsync("tenant-a", Role.Depositor, Cancel);
        var browser = new Browser();
        foreach (var (name, value) in first.Cookies)
            browser.Cookies[name] = value;

        var again = await bed.SignInAsync(browser, authenticator, Cancel);
        Assert.AreEqual((who.Person, who.Tenant, who.Role, who.Name), (again.Person, again.Tenant, again.Role, again.Name));
        Assert.AreNotEqual(who.Session, again.Session);
        Assert.AreNotEqual(first.Cookies["__Host-notary-session"], browser.Cookies["__Host-notary-session"]);
        Assert.IsFalse(browser.Cookies.ContainsKey("__Host-notary-browser"));
        var line = browser.Set.Single(l => l.StartsWith("__Host-notary-session=", StringComparison.Ordinal));
        foreach (var attribute in new[] { "; path=/", "; secure", "; httponly", "; samesite=lax" })
            Assert.Contains(attribute, line, StringComparison.OrdinalIgnoreCase);

        Assert.DoesNotContain("domain=", line, StringComparison.OrdinalIgnoreCase);
        Assert.AreEqual(again, await bed.FindAsync(browser, Cancel));
        Assert.AreEqual(again, await new Bed(bed.Storage).FindAsync(browser, Cancel));
        var rows = await bed.Storage.Table(Names.People).QueryAsync(cancel: Cancel).ToListAsync(Cancel);
        var secret = browser.Cookies["__Host-notary-session"].Split('.')[3];
        Assert.IsFalse(rows.Any(row => row.Any(v => v.Value is string text && text.Contains(secret, StringComparison.Ordinal))));
    }

    /// <summary>What an attacker may change in an answer that is signed all the same, or around one that is right.</summary>
    private static IEnumerable<(string What, Action<SoftAuthenticator> Change)> Forgeries =>
    [
        ("another site's origin", a => a.Origin = "https://notary.example.evil.example"),
        ("a neighbouring host's origin", a => a.Origin = "https://www.notary.example"),
        ("the origin without encryption", a => a.Origin = "http://notary.example"),
        ("another port's origin", a => a.Origin = "https://notary.example:8443"),
        ("no origin", a => a.Origin = ""),
        ("an origin that is no URL", a => a.Origin = "null"),
        ("an app's origin", a => a.Origin = "android:apk-key-hash:abc"),
        ("a frame of another site", a => a.CrossOrigin = true),
        ("another relying party", a => a.RelyingParty = "evil.example"),
        ("nobody was there", a => a.UserPresent = false),
        ("nobody was verified", a => a.UserVerified = false),
    ];

    [TestMethod]
    public async Task No_forged_answer_signs_in_or_registers()
    {
        var bed = await Bed.StartAsync(Cancel);
        var (_, authenticator, who) = await bed.JoinAsync("tenant-a", Role.Owner, Cancel);
        foreach (var (what, change) in Forgeries)
        {
            using var forged = Bed.Authenticator();
            change(forged);
            var token = Bed.Token(await bed.Invitations.InviteAsync("tenant-a", Role.Owner, "a", Cancel));
            Assert.AreEqual(Fault.Unauthenticated, await Ends.FaultAsync(() => bed.AcceptAsync(new Browser(), forged, token, Cancel)), $"registering: {what}");
            Assert.IsNotNull(await bed.Invitations.LookAsync(token, Cancel), what);

            change(authenticator);
            var browser = new Browser();
            Assert.AreEqual(Fault.Unauthenticated, await Ends.FaultAsync(() => bed.SignInAsync(browser, authenticator, Cancel)), $"signing in: {what}");
            Assert.IsFalse(browser.Cookies.ContainsKey("__Host-notary-session"), what);
            (authenticator.Origin, authenticator.CrossOrigin, authenticator.RelyingParty) = ("https://notary.example", false, null);
            (authenticator.UserPresent, authenticator.UserVerified) = (true, true);
        }

        Assert.HasCount(1, await bed.Members.ListAsync("tenant-a", Cancel));
        Assert.AreEqual(who.Person, (await bed.SignInAsync(new Browser(), authenticator, Cancel)).Person);
    }

    [TestMethod]
    public async Task An_answer_counts_once_for_its_own_browser_ceremony_and_time()
    {
        var clock = new ShiftedClock();
        var bed = await Bed.StartAsync(Cancel, clock);
        var (_, authenticator, who) = await bed.JoinAsync("tenant-a", Role.Owner, Cancel);

        async Task<(Browser Browser, string Options, byte[] Answer)> BeginAsync()
        {
            var browser = new Browser();
            var options = await browser.AskAsync(http => bed.Ceremonies.BeginSignInAsync(http, Cancel));
            return (browser, options, authenticator.Get(options));
        }

        Task<Fault?> FinishAsync(Browser browser, byte[] answer)
            => Ends.FaultAsync(() => browser.AskAsync(http => bed.Ceremonies.SignInAsync(http, answer, Cancel)));

        // Replayed: by the same browser with the cookie it had, by another, and by many at once.
        var (browser, _, answer) = await BeginAsync();
        var thief = browser.Copy();
        Assert.IsNull(await FinishAsync(browser, answer));
        Assert.AreEqual(Fault.Unauthenticated, await FinishAsync(thief, answer));
        Assert.AreEqual(Fault.Unauthenticated, await FinishAsync(new Browser(), answer));
        var (racing, _, raced) = await BeginAsync();
        var ends = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => FinishAsync(racing.Copy(), raced)));
        Assert.AreEqual(1, ends.Count(e => e is null));

        // Under another browser's challenge.
        var (one, other) = (await BeginAsync(), await BeginAsync());
        Assert.AreEqual(Fault.Unauthenticated, await FinishAsync(one.Browser, other.Answer));
        Assert.AreEqual(Fault.Unauthenticated, await FinishAsync(one.Browser, one.Answer), "a wrong answer uses the challenge up");

        // Begun again: the challenge before is forgotten.
        var twice = await BeginAsync();
        await twice.Browser.AskAsync(http => bed.Ceremonies.BeginSignInAsync(http, Cancel));
        Assert.AreEqual(Fault.Unauthenticated, await FinishAsync(twice.Browser, twice.Answer));

        // Signed as a registration, or for one.
        var typed = await BeginAsync();
        Assert.AreEqual(Fault.Unauthenticated, await FinishAsync(typed.Browser, authenticator.Get(typed.Options, "webauthn.create")));
        var token = Bed.Token(await bed.Invitations.InviteAsync("tenant-a", Role.Owner, "a", Cancel));
        var registering = new Browser();
        var creation = JsonNode.Parse(await registering.AskAsync(http => bed.Ceremonies.BeginInvitationAsync(http, token, "a", Cancel)))!;
        creation["rpId"] = "notary.example";
        Assert.AreEqual(Fault.Unauthenticated, await FinishAsync(registering, authenticator.Get(creation.ToJsonString())));

        var late = await BeginAsync();
        clock.By = PeopleRules.ChallengeLife;
        Assert.AreEqual(Fault.Unauthenticated, await FinishAsync(late.Browser, late.Answer));
        clock.By = TimeSpan.Zero;
        Assert.AreEqual(who.Person, (await bed.SignInAsync(new Browser(), authenticator, Cancel)).Person);
    }

    [TestMethod]
    public async Task A_counter_that_goes_back_or_stops_is_a_copied_key()
    {
        var bed = await Bed.StartAsync(Cancel);
        using var authenticator = Bed.Authenticator();
        authenticator.Counter = 7;
        var token = Bed.Token(await bed.Invitations.InviteAsync("tenant-a", Role.Owner, "a", Cancel));
        await bed.AcceptAsync(new Browser(), authenticator, token, Cancel);
        await bed.SignInAsync(new Browser(), authenticator, Cancel);
        Assert.AreEqual(8u, authenticator.Counter);
        foreach (var last in new uint[] { 6, 7 })
        {
            authenticator.Counter = last;
            Assert.AreEqual(Fault.Unauthenticated, await Ends.FaultAsync(() => bed.SignInAsync(new Browser(), authenticator, Cancel)), $"{last}");
        }

        authenticator.Counter = 0;
        Assert.AreEqual(Fault.Unauthenticated, await Ends.FaultAsync(() => bed.SignInAsync(new Browser(), authenticator, Cancel)), "stopped");
        authenticator.Counter = 8;
        await bed.SignInAsync(new Browser(), authenticator, Cancel);
    }

    [TestMethod]
    public async Task A_passkey_speaks_for_its_own_person_alone()
    {
        var bed = await Bed.StartAsync(Cancel);
        var (_, mine, _) = await bed.JoinAsync("tenant-a", Role.Viewer, Cancel, "甲");
        var (_, his, _) = await bed.JoinAsync("tenant-b", Role.Owner, Cancel, "乙");
        var own = mine.UserHandle;
        foreach (var handle in new[] { his.UserHandle, null, [], new byte[16] })
        {
            mine.UserHandle = handle;
            Assert.AreEqual(Fault.Unauthenticated, await Ends.FaultAsync(() => bed.SignInAsync(new Browser(), mine, Cancel)));
        }

        // His credential's id under my key, as a sign-in and as a registration.
        using var impostor = new SoftAuthenticator("https://notary.example") { CredentialId = his.CredentialId, UserHandle = his.UserHandle };
        Assert.AreEqual(Fault.Unauthenticated, await Ends.FaultAsync(() => bed.SignInAsync(new Browser(), impostor, Cancel)));
        var token = Bed.Token(await bed.Invitations.InviteAsync("tenant-a", Role.Owner, "a", Cancel));
        Assert.AreEqual(Fault.Unauthenticated, await Ends.FaultAsync(() => bed.AcceptAsync(new Browser(), impostor, token, Cancel)));
        Assert.AreEqual("乙", (await bed.SignInAsync(new Browser(), his, Cancel)).Name);

        using var unknown = new SoftAuthenticator("https://notary.example") { UserHandle = own };
        Assert.AreEqual(Fault.Unauthenticated, await Ends.FaultAsync(() => bed.SignInAsync(new Browser(), unknown, Cancel)));
    }

    [TestMethod]
    public async Task Whatever_a_stranger_sends_is_refused_and_nothing_else()
    {
        var bed = await Bed.StartAsync(Cancel);
        var (_, authenticator, _) = await bed.JoinAsync("tenant-a", Role.Owner, Cancel);
        var token = Bed.Token(await bed.Invitations.InviteAsync("tenant-a", Role.Owner, "a", Cancel));
        var random = new Random(20261129);
        foreach (var text in new[]
        {
            "", "null", "[]", "1", "{}", "{\"rawId\":null}", "{\"rawId\":\"AA\",\"response\":null}", "{\"id\":1}", "\ufeff{}", "{\"rawId\":\"*\"}",
        })
            await RefuseAsync(Encoding.UTF8.GetBytes(text));

        for (var i = 0; i < 300; i++)
        {
            var browser = new Browser();
            var registering = i % 2 == 0;
            var options = await browser.AskAsync(http => registering
                ? bed.Ceremonies.BeginInvitationAsync(http, token, "a", Cancel) : bed.Ceremonies.BeginSignInAsync(http, Cancel));
            using var stranger = Bed.Authenticator();
            var answer = registering ? stranger.Create(options) : authenticator.Get(options);
            Mutate(answer, random);
            var end = await Ends.FaultAsync(() => browser.AskAsync(http => registering
                ? bed.Ceremonies.AcceptAsync(http, token, answer, Cancel) : bed.Ceremonies.SignInAsync(http, answer, Cancel)));

            // Nothing but the challenge is signed when a passkey is registered: what changes the new key's own bytes may pass.
            if (registering && end is null)
                token = Bed.Token(await bed.Invitations.InviteAsync("tenant-a", Role.Owner, "a", Cancel));
            else
                Assert.AreEqual(Fault.Unauthenticated, end, Convert.ToBase64String(answer));
        }

        async Task RefuseAsync(byte[] answer)
        {
            var browser = new Browser();
            await browser.AskAsync(http => bed.Ceremonies.BeginSignInAsync(http, Cancel));
            Assert.AreEqual(Fault.Unauthenticated, await Ends.FaultAsync(() => browser.AskAsync(http => bed.Ceremonies.SignInAsync(http, answer, Cancel))));
            await browser.AskAsync(http => bed.Ceremonies.BeginInvitationAsync(http, token, "a", Cancel));
            var end = await Ends.FaultAsync(() => browser.AskAsync(http => bed.Ceremonies.AcceptAsync(http, token, answer, Cancel)));
            Assert.AreEqual(Fault.Unauthenticated, end);
        }
    }

    [TestMethod]
    public async Task Challenges_that_nobody_answers_are_swept()
    {
        var clock = new ShiftedClock();
        var bed = await Bed.StartAsync(Cancel, clock);
        for (var i = 0; i < 5; i++)
            await new Browser().AskAsync(http => bed.Ceremonies.BeginSignInAsync(http, Cancel));

        Task<int> CountAsync() => bed.Storage.Table(Names.People).QueryAsync("PartitionKey eq 'challenge'", cancel: Cancel).CountAsync(Cancel).AsTask();
        await bed.Challenges.SweepAsync(Cancel);
        Assert.AreEqual(5, await CountAsync());
        clock.By = PeopleRules.ChallengeLife + TimeSpan.FromSeconds(1);
        await bed.Challenges.SweepAsync(Cancel);
        Assert.AreEqual(0, await CountAsync());
    }

    // Inside the signed members, before stray bits at their ends: what the JSON around them says is not authenticated.
    private static void Mutate(byte[] answer, Random random)
    {
        var text = Encoding.ASCII.GetString(answer);
        string[] members = ["\"clientDataJSON\":\"", "\"authenticatorData\":\"", "\"signature\":\"", "\"attestationObject\":\""];
        var there = members.Where(m => text.Contains(m, StringComparison.Ordinal)).ToArray();
        var member = there[random.Next(there.Length)];
        var start = text.IndexOf(member, StringComparison.Ordinal) + member.Length;
        var end = text.IndexOf('"', start);
        for (var n = random.Next(1, 6); n > 0; n--)
        {
            var at = random.Next(start, end - 2);
            answer[at] = (byte)(answer[at] == 'A' ? 'B' : 'A');
        }
    }
}
