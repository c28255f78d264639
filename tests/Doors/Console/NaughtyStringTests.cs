namespace Notary.Pages.Tests;

/// <summary>Texts that break programs, in every field that takes one: no script runs, nothing is built into a page that is not ours, nothing fails.</summary>
[TestClass]
public sealed class NaughtyStringTests
{
    private const int AtLeast = 515;

    // As many as a browser has open to one host.
    private const int Fetches = 6;

    private const int Owners = 6;

    // Of what is wrong.
    private const int Told = 20;

    /// <summary>Every query of a page: its path, and the parameter that a text goes into.</summary>
    private static readonly string[][] Queries =
    [
        ["/deposits", "text"], ["/deposits", "digest"], ["/deposits", "since"], ["/deposits", "until"], ["/deposits", "continuation"], ["/deposits", "lang"],
        ["/deposits", "chain"], ["/keys", "continuation"], ["/deposits/new", "previous"], ["/verify", "node"],
        ["/verify", "digest"], ["/verify", "index"], ["/sign-in", "return"], ["/my-draws", "continuation"], ["/draws", "continuation"],
    ];

    /// <summary>Likewise of the staff's pages.</summary>
    private static readonly string[][] StaffQueries =
    [
        ["/office", "q"], ["/office/processes", "kind"], ["/office/processes", "state"], ["/office/processes", "continuation"],
        ["/office/processes", "index"], ["/office/trail", "person"], ["/office/trail", "day"], ["/office/trail", "before"], ["/office/trail/export", "day"],
    ];

    private static readonly string[] StaffPaths = ["/office/deposits/firm/", "/office/processes/checkpoint/", "/office/"];

    /// <summary>Every path that ends with something from outside.</summary>
    private static readonly string[] Paths = ["/deposits/", "/verify/", "/invitation/", "/documents/", "/assets/", "/draws/", "/my-draws/", "/"];

    private static AccountSite site = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _) => site = await AccountSite.StartAsync(draws: true);

    [ClassCleanup]
    public static async Task StopAsync() => await site.DisposeAsync();

    [TestMethod]
    public async Task InQueriesAndPaths()
    {
        await using var person = await OwnerAsync();
        Assert.IsGreaterThanOrEqualTo(AtLeast, NaughtyStrings.All.Count);
        await InQueriesAndPathsAsync(person, Queries, Paths);
    }

    [TestMethod]
    public async Task InTheStaffsQueriesAndPaths()
    {
        await using var auditor = await site.ComeAsync("operator");
        await InQueriesAndPathsAsync(auditor, StaffQueries, StaffPaths);
    }

    private static async Task InQueriesAndPathsAsync(Person person, string[][] queries, string[] paths)
    {
        using var asker = await Asker.OfAsync(person, site.Url);
        foreach (var query in queries)
        {
            await EachAsync(asker, NaughtyStrings.All, query[0] + "?" + query[1],
                (text, _) => asker.LookAsync($"{query[0]}?{query[1]}={Uri.EscapeDataString(text)}", null, query[1], WellFormed(text)), Fetches);
        }

        foreach (var path in paths)
            await EachAsync(asker, NaughtyStrings.All, path, (text, _) => asker.LookAsync(path + Uri.EscapeDataString(text)), Fetches);
    }

    [TestMethod]
    public async Task InFormsAndOnPages()
    {
        // A tenant has a hundred keys and invitations at most: all together would be more.
        var seen = await Task.WhenAll(NaughtyStrings.All.Chunk((NaughtyStrings.All.Count / Owners) + 1).Select(async (texts, n) =>
        {
            await site.AddTenantAsync($"naughty-{n}");
            await using var owner = await OwnerAsync($"naughty-{n}");
            return await InFormsAndOnPagesAsync(owner, texts);
        }));
        Assert.IsGreaterThan(10, seen.Sum());
    }

    /// <summary>How many pages of a list of deposits were looked at.</summary>
    private static async Task<int> InFormsAndOnPagesAsync(Person person, string[] texts)
    {
        using var asker = await Asker.OfAsync(person, site.Url);
        var passkey = (await asker.LookAsync("/account")).Page!.QuerySelector("form[action$='/name']")!.GetAttribute("action")!;
        await FormAsync(asker, texts, "a passkey's name", passkey, ["name"], "/account");
        await FormAsync(asker, texts, "an invitation's address", "/members/invitations", ["address"], "/members", more: ("role", "viewer"));
        await FormAsync(asker, texts, "a key", "/keys", ["label", "once"], "/keys", "",
            ("scopes", "read"), ("days", "0"), ("label", "a"), ("once", "a$n"));
        (string, string)[] application = [("name", "a"), ("purpose", "a"), ("scope-openid", "on"), ("redirects", "https://a.example/b"), ("once", "b$n")];
        await FormAsync(asker, texts, "an application", "/clients", ["name", "purpose"], "/clients", "/remove", application);
        await FormAsync(asker, texts, "an application's address", "/clients", ["redirects"], "/clients", "/remove", application);

        // What an application sends along is carried by the consent's form.
        await FormAsync(asker, ["a"], "an application", "/clients", ["name"], more: application);
        var client = (await asker.LookAsync("/clients")).Page!.QuerySelector("form[action^='/clients/']")!.GetAttribute("action")!.Split('/')[2];
        var query = $"client_id={client}&response_type=code&redirect_uri=https%3A%2F%2Fa.example%2Fb&scope=openid&code_challenge_method=S256"
            + "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&state=";
        await EachAsync(asker, texts, "what a consent carries",
            (text, _) => asker.LookAsync("/connect/authorize?" + query + Uri.EscapeDataString(text), null, "state", WellFormed(text)), Fetches);
        (string, string)[] endpoint = [("url", "http://127.0.0.1:1/"), ("label", "a"), ("which", "all"), ("once", "h$n")];
        await FormAsync(asker, ["a"], "an endpoint", "/webhooks", ["label"], more: endpoint);
        var hook = (await asker.LookAsync("/webhooks")).Page!.QuerySelector("a[href^='/webhooks/ep_']")!.GetAttribute("href")!;
        await FormAsync(asker, texts, "an endpoint changed", hook, ["url", "label", "which"], hook, more: endpoint);
        await FormAsync(asker, texts, "a period", $"{hook}/replay", ["since", "until", "once"],
            more: [("since", "2026-01-01T00:00"), ("until", "2026-01-02T00:00"), ("once", "r$n")]);
        await FormAsync(asker, texts, "a setting", "/settings", ["what"], "/settings");

        // Deposits by the pages' own way: as name, media type and note; seen on their page, and in the list.
        await EachAsync(asker, texts, "a deposit", (text, _) => DepositAsync(asker, Json(text)), 2);
        return await LookAsync(person, "/deposits");
    }

    private static async Task DepositAsync(Asker asker, string text)
    {
        async Task<bool> HandAsync(string item, string notes)
        {
            var digest = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
            using var body = new StringContent(
                $$$"""{"items":[{"size":1,"digests":{"sha-256":"{{{digest}}}"}{{{item}}}}],"notes":{{{notes}}},"letter":"onRequest"}""",
                null, "application/json");
            var (done, _, made) = await asker.LookAsync("/v1/deposits", body);
            if (done)
                await asker.LookAsync($"/deposits/{JsonNode.Parse(made)!["id"]}");

            return done;
        }

        await HandAsync($",\"mediaType\":{text}", "{}");

        // What one of them is refused for does not keep the others out.
        if (await HandAsync($",\"name\":{text}", $$"""{"note":{{text}},{{text}}:"x"}"""))
            return;

        await HandAsync($",\"name\":{text}", "{}");
        await HandAsync("", $$"""{"note":{{text}}}""");
        await HandAsync("", $$"""{{{text}}:"x"}""");
    }

    [TestMethod]
    public async Task InTheStaffsForms()
    {
        using var http = new HttpClient { BaseAddress = site.Url };
        http.DefaultRequestHeaders.Authorization = new("Bearer", site.Key);
        using var body = new StringContent("a process to mend");
        using var made = await http.PostAsync(new Uri("v1/deposits/file?name=a.txt", UriKind.Relative), body);
        made.EnsureSuccessStatusCode();
        await using var staff = await site.ComeAsync("operator");
        await staff.UntilAsync("/office/processes?kind=checkpoint&state=completed", "main a[href^='/office/processes/checkpoint/']");
        var process = await staff.Page.Locator("main a[href^='/office/processes/checkpoint/']").First.GetAttributeAsync("href");
        using var asker = await Asker.OfAsync(staff, site.Url);

        // A tenant for each text: its name, its key's label and its owner's address are seen together on its page.
        var n = 0;
        await EachAsync(asker, NaughtyStrings.All, "a tenant", async (text, _) =>
        {
            var id = $"n{Interlocked.Increment(ref n)}";
            if (!await PostAsync(asker, "/office/tenants", ("once", id), ("id", id), ("name", text)))
                await PostAsync(asker, "/office/tenants", ("once", id), ("id", id), ("name", id));

            await PostAsync(asker, "/office/tenants", ("once", id), ("id", text), ("name", id));
            await PostAsync(asker, $"/office/tenants/{id}/keys", ("once", id), ("scopes", "read"), ("days", "0"), ("label", text));
            await PostAsync(asker, $"/office/tenants/{id}/invitations", ("once", id), ("address", text));
        }, Fetches);
        await FormAsync(asker, NaughtyStrings.All, "a reason and a form's key", $"{process}/resume", ["reason", "key"],
            more: [("reason", "a"), ("key", "e$n")]);
        foreach (var seen in (string[])["/office/tenants", "/office/tenants/n515", process!, "/office/trail"])
            await LookAsync(staff, seen, follow: false);
    }

    [TestMethod]
    public async Task InDraws()
    {
        await using var owner = await OwnerAsync();
        using var asker = await Asker.OfAsync(owner, site.Url);

        // As the form is: UTC+08:00.
        static string At(int hours)
            => TimeProvider.System.GetUtcNow().AddHours(8 + hours).ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture);
        (string Name, string Value)[] right =
        [
            ("act", "save"), ("rounds", "1"), ("kind", "rehearsal"), ("title", "a"), ("groups", ""), ("parties", ""), ("beacon", "drand"), ("quota-1", "1"),
            ("reserves-1", "0"), ("groups-1", ""), ("objections-until", At(1)), ("commits-until", At(2)), ("reveals-until", At(3)),
        ];
        var n = 0;
        await EachAsync(asker, NaughtyStrings.All, "a draft", async (text, _) =>
        {
            Task<bool> DraftAsync(string once, params IEnumerable<string> fields)
                => PostAsync(asker, "/my-draws", [("once", once), .. right.Select(r => fields.Contains(r.Name) ? (r.Name, text) : r)]);
            var i = Interlocked.Increment(ref n);
            await DraftAsync("a", right.Select(r => r.Name));
            await DraftAsync(text);
            if (await DraftAsync($"b{i}", "title", "groups", "groups-1"))
                return;

            await DraftAsync($"c{i}", "title");
            await DraftAsync($"c{i}", "groups", "groups-1");
        }, Fetches);

        // One that is held: those who take part, what they object to, and what they are answered.
        var one = await site.RehearseAsync([.. NaughtyStrings.All]);

        // Who objects is nobody that we know: the page has a word of the browser's own.
        var browsers = (await asker.LookAsync($"/draws/{one}")).Page!.QuerySelector("[action$='/objections'] [name=antiforgery]")!.GetAttribute("value")!;
        var answered = 0;
        await EachAsync(asker, Packed(), "objections and answers", async (text, _) =>
        {
            var contact = WellFormed(text[..Math.Min(200, text.Length)]).Replace('\n', ' ');
            Assert.IsTrue(await PostAsync(asker, $"/draws/{one}/objections", ("antiforgery", browsers), ("text", text), ("contact", contact)), text);
            Assert.IsTrue(await PostAsync(asker, $"/my-draws/{one}/objections/{++answered}/answer", ("text", text)), text);
            var reason = WellFormed(text[..Math.Min(500, text.Length)]);
            Assert.IsFalse(await PostAsync(asker, $"/my-draws/{one}/abort", ("reason", reason)), "not confirmed");
        });
        await using var notary = await site.ComeAsync("notary");
        foreach (var url in (string[])["/my-draws", $"/my-draws/{one}", $"/draws/{one}", $"/draws/{one}/list", "/draws"])
            await LookAsync(owner, url);

        foreach (var url in (string[])["/office/draws", $"/office/draws/{one}"])
            await LookAsync(notary, url);
    }

    /// <summary>The texts that a field of lines takes, as many together as it takes.</summary>
    private static List<string> Packed()
    {
        const int Most = 2000;
        var packed = new List<string> { "" };
        static bool IsText(string t) => t.Trim().Length > 0 && !t.Any(char.IsControl) && t.EnumerateRunes().All(rune => rune != Rune.ReplacementChar);
        foreach (var text in NaughtyStrings.All.Where(t => t.Length < Most && IsText(t)))
        {
            if (packed[^1].Length + text.Length >= Most)
                packed.Add("");

            packed[^1] += (packed[^1].Length > 0 ? "\n" : "") + text;
        }

        return packed;
    }

    /// <summary>What pages have come to hold, in the browser itself, where scripts would run: how many they are.</summary>
    private static async Task<int> LookAsync(Person person, string first, bool follow = true)
    {
        using var asker = await Asker.OfAsync(person, site.Url);
        var seen = 0;
        for (string? url = first; url is not null; seen++)
        {
            await person.Visit.GoAsync(url);
            Assert.IsFalse(await person.Page.EvaluateAsync<bool>("() => window.naughty !== undefined"), url);
            var (done, page, _) = await asker.LookAsync(url);
            Assert.IsTrue(done, url);
            url = follow ? page!.QuerySelector("a[rel=next]")?.GetAttribute("href") : null;
        }

        Assert.AreEqual("", string.Join('\n', person.Visit.Findings.Concat(asker.Wrong).Take(Told)), first);
        return seen;
    }

    private static async Task<Person> OwnerAsync(string tenant = "firm")
    {
        var person = await Person.VisitAsync(site.Url);
        await person.JoinAsync(await site.InviteAsync(tenant), "\"><script>window.naughty=1</script>");
        return person;
    }

    /// <summary>Fields of a form, where what they take is seen afterwards, and the ends of the forms there that make room again.</summary>
    private static Task FormAsync(Asker asker, IReadOnlyList<string> texts, string where, string path, string[] fields, string seen = "", string clears = "",
        params (string Name, string Value)[] more)
    {
        var n = 0;
        return EachAsync(asker, texts, where, async (text, last) =>
        {
            n++;
            Task<bool> HandAsync(params string[] which) => PostAsync(asker, path,
                [.. more.Where(m => !which.Contains(m.Name)).Select(m => (m.Name, m.Value.Replace("$n", $"{n}-{string.Join('-', which)}"))),
                    .. which.Select(w => (w, text))]);

            // What one of them is refused for does not keep the others out.
            if (!await HandAsync(fields) && fields.Length > 1)
            {
                foreach (var field in fields)
                    await HandAsync(field);
            }

            // A list keeps what came before; the name of one thing is gone with the next.
            if (seen.Length == 0 || !(last || n % 16 == 0 || seen == "/account"))
                return;

            var (_, page, _) = await asker.LookAsync(seen);
            foreach (var form in page!.QuerySelectorAll($"form[action$='{clears}']").Where(_ => clears.Length > 0))
                await PostAsync(asker, form.GetAttribute("action")!);
        });
    }

    private static Task<bool> PostAsync(Asker asker, string path, params (string Name, string Value)[] fields)
        => asker.PostAsync(path, fields.Select(f => KeyValuePair.Create(f.Name, f.Value)));

    /// <param name="asker">Who asks.</param>
    /// <param name="texts">What is handed in.</param>
    /// <param name="where">For the message.</param>
    /// <param name="one">Takes a text, and whether it is the last.</param>
    /// <param name="atOnce">Texts in flight; what is written to one thing goes one by one.</param>
    private static async Task EachAsync(Asker asker, IReadOnlyList<string> texts, string where, Func<string, bool, Task> one, int atOnce = 1)
    {
        await Parallel.ForEachAsync(texts.SkipLast(1), new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (text, _) => await one(text, false));
        await one(texts[^1], true);
        Assert.AreEqual("", string.Join('\n', asker.Wrong.Take(Told)), where);
    }

    /// <summary>As a browser sends it: half a character becomes U+FFFD.</summary>
    private static string WellFormed(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    /// <summary>As a script writes it, also half a character.</summary>
    private static string Json(string text)
        => $"\"{string.Concat(text.Select(c => c is >= ' ' and <= '~' and not ('"' or '\\') ? $"{c}" : $"\\u{(int)c:x4}"))}\"";
}
