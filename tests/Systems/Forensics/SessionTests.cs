using System.Net;

namespace Notary.Forensics.Tests;

/// <summary>Sessions through the API of an app on a whole platform; a program in the agent's place leaves real recordings.</summary>
[TestClass]
public sealed class SessionTests
{
    private static Office office = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext context) => office = await Office.StartAsync(Office.StandIn, context.CancellationToken);

    [ClassCleanup]
    public static async Task StopAsync() => await office.DisposeAsync();

    [TestMethod]
    public async Task ASessionIsDepositedAndAStrangerVerifiesIt()
    {
        var key = await office.TenantAsync();
        var id = await office.CreateAsync(key, label: "取证 一");
        await office.UntilAsync(key, id, SessionState.Active);
        var (entered, link) = await office.SendAsync(key, HttpMethod.Post, $"/{id}/entrance");
        Assert.AreEqual((HttpStatusCode.OK, true), (entered, ((string)link!["url"]!).StartsWith("http://127.0.0.1", StringComparison.Ordinal)));
        var again = (await office.SendAsync(key, HttpMethod.Post, $"/{id}/entrance")).Json;
        Assert.AreNotEqual((string?)link["url"], (string?)again!["url"]);
        for (var i = 0; i < 2; i++)
            Assert.AreEqual(HttpStatusCode.NoContent, (await office.SendAsync(key, HttpMethod.Post, $"/{id}/marks", Noted("此处重要"), "m1")).Status);

        Refused(await office.SendAsync(key, HttpMethod.Post, $"/{id}/marks", Noted("another"), "m1"), "idempotency-conflict");

        for (var i = 0; i < 2; i++)
            Assert.AreEqual(HttpStatusCode.NoContent, (await office.SendAsync(key, HttpMethod.Post, $"/{id}/captures")).Status);

        // A head of the measurement, and another while it runs.
        var measured = (long)(await office.UntilAsync(key, id, json => json["logged"] is not null, "a head"))["logged"]!;
        await office.UntilAsync(key, id, json => (long)json["logged"]! > measured, "another head");
        Assert.AreEqual(HttpStatusCode.Accepted, (await office.SendAsync(key, HttpMethod.Post, $"/{id}/exit")).Status);
        var done = await office.UntilAsync(key, id, SessionState.Deposited);
        Assert.AreEqual((long)done["links"]! - 1, (long)done["logged"]!);

        var report = await office.JudgeAsync(key, (string)done["deposit"]!);
        Assert.AreEqual(Outcome.Verified, report.Outcome, Text(report));
        Assert.AreEqual(id, report.Session.ToString());
        CollectionAssert.AreEqual((string[])["agrees", "differs"], report.Findings.Where(f => f.Rung == ForensicsRung.Captures).Select(f => f.Code).ToArray());

        // From here on it is a deposit like any other, with a letter; its manifest names what binds the package.
        var deposit = await office.DepositAsync(key, (string)done["deposit"]!, "Certified");
        Assert.AreEqual("forensics", (string?)deposit["kind"]);
        CollectionAssert.AreEqual((string[])[$"{id}.zip", "chain.ndjson", "cleanliness.json", ForensicsFormat.Head((long)done["logged"]!)],
            deposit["items"]!.AsArray().Select(item => (string)item!["name"]!).ToArray());
        Assert.AreEqual("exit 取证 一", $"{deposit["notes"]!["end"]} {deposit["notes"]!["label"]}");
        // And a letter of its own, which says of the recording what anybody finds who has both.
        var (facts, pdf) = await office.LetterAsync(key, id);
        Assert.AreEqual((id, "取证 一", "https://site.example/film", "verified", "exit", report.Segments, report.Frames, done["logged"]!.GetValue<long>()),
            ($"{facts.Recording.Session}", facts.Deposit.Label, facts.Deposit.Page, facts.Recording.Outcome, facts.Recording.Close, facts.Recording.Segments,
                facts.Recording.Frames, facts.Recording.LastHead!.Link));
        Assert.AreEqual("hosts pass, 此处重要", $"{facts.Recording.Checks.Listed[1].Name} {facts.Recording.Checks.Listed[1].Verdict}, "
            + $"{facts.Recording.Marks.Listed.Single().Note}");
        Assert.AreEqual((2, 2), (facts.Recording.FirstHead!.Times.DistinctBy(t => t.Authority).Count(), facts.Recording.LastHead.Times.Count));
        Assert.AreEqual((string?)deposit["manifestDigest"], facts.Deposit.Manifest.ToString());
        var (judged, words) = await office.JudgeLetterAsync(key, (string)done["deposit"]!, pdf);
        Assert.AreEqual(0, judged, words);

        // How each page's views agree; a letter that calls a page that differs one that agrees does not stand.
        var pages = facts.Recording.Captures;
        CollectionAssert.AreEqual((string[])["agrees", "differs"], pages.Listed.Select(c => c.Compared!.Verdict).ToArray());
        Assert.IsTrue(pages.Listed[1].Compared!.Differences.Listed.Any(d => d is { Kind: "nowhere", Text: "The price is 1." }));
        var flattering = facts with { Recording = facts.Recording with { Captures = pages with { Listed = [pages.Listed[0], pages.Listed[1] with
        {
            Compared = pages.Listed[0].Compared,
        }] } } };
        CollectionAssert.AreEqual((string[])["captures"], (await office.DifferingAsync(key, (string)done["deposit"]!, flattering)).ToArray());
        await office.UntilAsync(key, id, _ => !office.LeftOf(id).Any(), "nothing left");
        Refused(await office.SendAsync(key, HttpMethod.Post, $"/{id}/entrance"), "session-state");

        var (code, audit) = await office.AuditAsync();
        Assert.AreEqual(0, code, audit);
    }

    [TestMethod]
    public async Task FilesFromOutsideAreSealedOnceUnderTheirNames()
    {
        var key = await office.TenantAsync();
        var id = await office.CreateAsync(key);
        Refused(await PutAsync(key, id, "early.eml", "x"u8), "session-state");
        await office.UntilAsync(key, id, SessionState.Active);

        // Ten at once under one key are one file; the same key for another name or other bytes is a conflict.
        var mail = RandomNumberGenerator.GetBytes(300_000);
        var all = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => PutAsync(key, id, "邮件 导出.eml", mail, "u1")));
        foreach (var (status, json) in all)
            Assert.AreEqual((HttpStatusCode.Created, $"邮件 导出.eml 300000 {Digest.Of(mail)}"), (status, $"{json!["name"]} {json["size"]} {json["digest"]}"));

        Refused(await PutAsync(key, id, "邮件 导出.eml", "other"u8, "u1"), "idempotency-conflict");
        Refused(await PutAsync(key, id, "b.eml", mail, "u1"), "idempotency-conflict");

        string[] names = ["  two  blanks ", "../../etc/passwd", "-rf", new('長', 255), "\U0001F4E7.eml", "a\u2028b", ".", "\"quoted\";$(id)"];
        foreach (var name in names)
            Assert.AreEqual(HttpStatusCode.Created, (await PutAsync(key, id, name, "x"u8)).Status, name);

        Assert.AreEqual(HttpStatusCode.Created, (await PutAsync(key, id, "empty", [], "u2")).Status);
        foreach (var name in (string[])[new('a', 256), "a\nb", "a\0b", " "])
            Assert.AreEqual((HttpStatusCode.BadRequest, "malformed"), Told(await PutAsync(key, id, name, "x"u8)), name);

        Assert.AreEqual((HttpStatusCode.BadRequest, "malformed"), Told(await office.PutFileAsync(key, id, "", new ByteArrayContent([1]))));
        Assert.AreEqual((HttpStatusCode.UnprocessableEntity, "digest-mismatch"),
            Told(await office.PutFileAsync(key, id, "?name=c", new ByteArrayContent([1]), announced: new byte[32])));
        Assert.AreEqual((HttpStatusCode.RequestEntityTooLarge, "too-large"), Told(await PutAsync(key, id, "large", new byte[SessionLimits.MaxFile + 1])));

        // What was refused or has been taken waits nowhere.
        CollectionAssert.AreEquivalent((string[])[id, id + ".agent"], office.LeftOf(id).ToArray());
        await office.SendAsync(key, HttpMethod.Post, $"/{id}/exit");
        var done = await office.UntilAsync(key, id, SessionState.Deposited);
        Refused(await PutAsync(key, id, "late.eml", "x"u8), "session-state");
        var (report, package) = (await office.JudgeAsync(key, (string)done["deposit"]!), await office.PackageAsync(key, (string)done["deposit"]!));
        Assert.AreEqual(Outcome.Verified, report.Outcome, Text(report));
        var files = package.Links.Select(link => link.Body).OfType<LinkBody.File>().ToList();
        CollectionAssert.AreEqual((string[])["邮件 导出.eml", .. names, "empty"], files.Select(file => file.Name).ToArray());
        Assert.IsTrue(files.All(file => file is { Origin: FileOrigin.Upload, Address: null }));
        CollectionAssert.AreEqual(mail, package.Files[files[0].Content.Name]);
    }

    private static Task<(HttpStatusCode Status, JsonNode? Json)> PutAsync(
        string key, string id, string name, ReadOnlySpan<byte> content, string? idempotencyKey = null)
        => office.PutFileAsync(key, id, "?name=" + Uri.EscapeDataString(name), new ByteArrayContent(content.ToArray()), idempotencyKey);

    private static (HttpStatusCode Status, string? Code) Told((HttpStatusCode Status, JsonNode? Json) answer) => (answer.Status, (string?)answer.Json!["code"]);

    [TestMethod]
    public async Task ADesktopThatIsNotCleanIsRefusedAndNothingOfItStays()
    {
        var key = await office.TenantAsync();
        var id = await office.CreateAsync(key, "https://site.example/dirty");
        Refused(await office.SendAsync(key, HttpMethod.Get, $"/{id}/letter"), "not-ready");
        var refused = await office.UntilAsync(key, id, SessionState.Refused);
        Assert.AreEqual("hosts 127.0.0.1 site.example", $"{refused["checks"]![0]!["name"]} {refused["checks"]![0]!["found"]}");
        Assert.IsNull((string?)refused["deposit"]);
        await office.UntilAsync(key, id, _ => !office.LeftOf(id).Any(), "nothing left");
    }

    [TestMethod]
    public async Task ADesktopWhoseAgentDiesIsDepositedAsBrokenOff()
    {
        var key = await office.TenantAsync();
        var id = await office.CreateAsync(key);
        await office.UntilAsync(key, id, SessionState.Active);
        using (var agent = office.AgentOf(id))
            agent.Kill();

        await BrokenAsync(key, id, "broken off at link");
    }

    [TestMethod]
    public async Task AnAppThatDiesLeavesASessionThatIsDepositedAsBrokenOff()
    {
        var key = await office.TenantAsync();
        var id = await office.CreateAsync(key);
        await office.UntilAsync(key, id, SessionState.Active);
        await office.KillAppAsync();
        await office.StartAppAsync();
        await BrokenAsync(key, id, "broken off at link");
    }

    [TestMethod]
    public async Task ATenantHasAsManyAsItMayAndAStrangerNone()
    {
        var (key, other) = (await office.TenantAsync(), await office.TenantAsync());
        var body = new JsonObject { ["page"] = "https://site.example/" };
        var all = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => office.SendAsync(key, HttpMethod.Post, "", (JsonObject)body.DeepClone(), $"k{i}")));
        Assert.AreEqual(2, all.Count(a => a.Status == HttpStatusCode.Created), string.Join(' ', all.Select(a => a.Status)));
        foreach (var refused in all.Where(a => a.Status != HttpStatusCode.Created))
            Refused(refused, "desktop-quota");

        var at = Array.FindIndex(all, a => a.Status == HttpStatusCode.Created);
        var again = await office.SendAsync(key, HttpMethod.Post, "", (JsonObject)body.DeepClone(), $"k{at}");
        Assert.AreEqual(all[at].Json!.ToJsonString(), again.Json!.ToJsonString());
        var id = (string)all[at].Json!["id"]!;
        foreach (var (method, path) in ((HttpMethod, string)[])[(HttpMethod.Get, ""), (HttpMethod.Get, "/letter"), (HttpMethod.Post, "/entrance"),
            (HttpMethod.Post, "/exit"),
            (HttpMethod.Post, "/abort"), (HttpMethod.Post, "/marks"), (HttpMethod.Post, "/captures")])
        {
            var mark = path == "/marks" ? Noted("x") : null;
            var (his, random) = (await office.SendAsync(other, method, $"/{id}{path}", (JsonObject?)mark?.DeepClone()),
                await office.SendAsync(other, method, $"/01900000-0000-7000-8000-000000000000{path}", mark));
            Assert.AreEqual((HttpStatusCode.NotFound, (string?)random.Json!["detail"]), (his.Status, (string?)his.Json!["detail"]), path);
        }

        Assert.IsEmpty((await office.SendAsync(other, HttpMethod.Get, "")).Json!["sessions"]!.AsArray());
        var page = (await office.SendAsync(key, HttpMethod.Get, "?limit=1")).Json!;
        var next = (await office.SendAsync(key, HttpMethod.Get, $"?limit=1&continuation={page["continuation"]}")).Json!;
        CollectionAssert.AreEquivalent(all.Where(a => a.Status == HttpStatusCode.Created).Select(a => (string?)a.Json!["id"]).ToArray(),
            new[] { (string?)page["sessions"]![0]!["id"], (string?)next["sessions"]![0]!["id"] });

        foreach (var made in all.Where(a => a.Status == HttpStatusCode.Created))
        {
            await office.SendAsync(key, HttpMethod.Post, $"/{made.Json!["id"]}/abort");
            await office.UntilAsync(key, (string)made.Json!["id"]!, json => !IsLive(json), "an end");
        }
    }

    private static async Task BrokenAsync(string key, string id, string end)
    {
        var broken = await office.UntilAsync(key, id, json => json["deposit"] is not null, "a deposit");
        Assert.AreEqual("Broken desktop-lost", $"{broken["state"]} {broken["why"]}");
        var deposit = await office.DepositAsync(key, (string)broken["deposit"]!, "Certified");
        StringAssert.StartsWith((string)deposit["notes"]!["end"]!, end);
        var report = await office.JudgeAsync(key, (string)broken["deposit"]!);

        // What was sealed by then holds; how late the platform came back is said too.
        Assert.IsEmpty(report.Findings.Where(f => f.Mark == Mark.Fail), Text(report));
        Assert.IsGreaterThan(0, report.Segments);
        var (facts, pdf) = await office.LetterAsync(key, id);

        // An agent whose app has gone still closes its chain.
        Assert.IsTrue(facts.Recording.Close is null or "aborted", facts.Recording.Close);
        Assert.AreEqual(report.Segments, facts.Recording.Segments);
        var (judged, words) = await office.JudgeLetterAsync(key, (string)broken["deposit"]!, pdf);
        Assert.AreEqual(0, judged, words);
    }

    private static bool IsLive(JsonNode json) => Enum.Parse<SessionState>((string)json["state"]!) <= SessionState.Closing;

    private static JsonObject Noted(string note) => new() { ["note"] = note };

    private static void Refused((HttpStatusCode Status, JsonNode? Json) answer, string code)
        => Assert.AreEqual((HttpStatusCode.Conflict, code), (answer.Status, (string?)answer.Json!["code"]), answer.Json.ToJsonString());

    private static string Text(ForensicsReport report)
        => string.Join('\n', report.Findings.Select(f => $"{f.Mark} {f.Rung} {f.Place}: {f.Reason} [{f.Code}]"));
}
