namespace Notary.Host.Tests;

/// <summary>The bulk route on the whole platform. Its ten thousand are in EndToEnd.</summary>
[TestClass]
public sealed class BulkTests
{
    private const string Path = "/v1/deposits/bulk";
    private static TestApp app = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _) => app = await Fixture.WholeAppAsync();

    [TestMethod]
    public async Task TwentyEqualRequestsAtOnceAreOne()
    {
        var (_, key) = await app.TenantAsync();
        var (_, stranger) = await app.TenantAsync();
        var body = Body(150);
        var header = ("Idempotency-Key", "b");
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => app.PostAsync(Path, key, body, header)));
        Assert.IsTrue(answers.All(a => a.Status == 201), string.Join('\n', answers.Select(a => a.Status)));
        Assert.HasCount(1, answers.Select(a => a.Text).Distinct());
        Assert.AreEqual(1, answers.Count(a => !a.Headers.ContainsKey("Idempotency-Replayed")));
        Assert.AreEqual("no-store", answers[0].Headers["Cache-Control"]);
        var receipts = Receipts(answers[0]);
        CollectionAssert.AreEqual(receipts.Select(Id).ToList(), await IdsAsync(key));

        // Each receipt is one of the ordinary kind, and its deposit the tenant's alone.
        Assert.AreEqual("notary-receipt/1", receipts[7].GetProperty("format").GetString());
        Assert.AreEqual("item 7", receipts[7].GetProperty("manifest").GetProperty("items")[0].GetProperty("name").GetString());
        Assert.AreEqual("A-17", receipts[7].GetProperty("manifest").GetProperty("notes").GetProperty("contractNo").GetString());
        Assert.AreEqual("onRequest", (await app.GetAsync($"/v1/deposits/{Id(receipts[7])}", key)).Json.GetProperty("letter").GetString());
        (await app.GetAsync($"/v1/deposits/{Id(receipts[7])}", stranger)).MustBe(404, "not-found");
        Assert.IsEmpty(await IdsAsync(stranger));
        Assert.AreNotEqual(answers[0].Text, (await app.PostAsync(Path, stranger, body, header)).Text, "a key belongs to its tenant");
        (await app.PostAsync(Path, key, Body(149), header)).MustBe(409, "idempotency-conflict");
    }

    [TestMethod]
    public async Task ADigestMayBeDepositedTwiceInOneRequest()
    {
        var (_, key) = await app.TenantAsync();
        var sha256 = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var item = $$$"""{"digests":{"sha-256":"{{{sha256}}}"}}""";
        var made = await app.PostAsync(Path, key, $$"""{"items":[{{item}},{{item}},{{item}}]}""", ("Idempotency-Key", "b"));
        Assert.AreEqual(201, made.Status, made.Text);
        Assert.HasCount(3, Receipts(made).Select(r => r.GetProperty("manifestDigest").GetString()).Distinct());
        Assert.AreEqual(3, (await app.GetAsync($"/v1/deposits?sha256={sha256}", key)).Json.GetProperty("items").GetArrayLength());
    }

    [TestMethod]
    public async Task WhatIsWrongIsToldWithItsPlaceAndNothingIsWritten()
    {
        var (_, key) = await app.TenantAsync();
        static string With(int place, string item)
        {
            var items = Enumerable.Repeat("""{"digests":{"sha-256":"0000000000000000000000000000000000000000000000000000000000000000"}}""", 40).ToArray();
            items[place] = item;
            return $$"""{"items":[{{string.Join(',', items)}}]}""";
        }

        var zeros = new string('0', 64);
        foreach (var (body, told) in new[]
        {
            ("""{"items":[]}""", "1 to 10000"),
            (Body(10_001), "1 to 10000"),
            (With(37, $$$"""{"digests":{"sha-256":"{{{zeros[..63]}}}g"}}"""), "items[37]"),
            (With(37, "null"), "items[37]"),
            (With(38, $$"""{"digests":{"sha-256":"{{zeros}}"},"name":"{{new string('n', 256)}}"}"""), "items[38]"),
            (With(39, $$"""{"digests":{"sha-256":"{{zeros}}"},"size":-1}"""), "items[39]"),
            (With(0, $$"""{"digests":{"sha-256":"{{zeros}}"},"mediaType":"nonsense"}"""), "items[0]"),
            (Body(1).Replace("A-17", new string('a', 1024), StringComparison.Ordinal), "1024 bytes"),
            (Body(1).Replace("\"notes\"", "\"letter\":\"eager\",\"notes\"", StringComparison.Ordinal), "not the JSON"),
        })
        {
            var answer = await app.PostAsync(Path, key, body, ("Idempotency-Key", "b"));
            StringAssert.Contains(answer.MustBe(400, "malformed").Json.GetProperty("detail").GetString(), told);
        }

        StringAssert.Contains((await app.PostAsync(Path, key, Body(1))).MustBe(400, "malformed").Json.GetProperty("detail").GetString(), "Idempotency-Key");
        Assert.IsEmpty(await IdsAsync(key));
        Assert.AreEqual(201, (await app.PostAsync(Path, key, Body(1), ("Idempotency-Key", "b"))).Status, "a refused request does not use its key up");
    }

    [TestMethod]
    public async Task ItCostsWhatItMakesOfTransactions()
    {
        await using var own = await TestApp.StartOnAsync(await Fixture.PlatformAsync(),
            v => (v["Notary__RateLimits__TenantPerSecond"], v["Notary__RateLimits__TenantBurst"]) = ("1", "100"));
        var (_, key) = await own.TenantAsync();
        var one = await own.PostAsync(Path, key, Body(33), ("Idempotency-Key", "one"));
        Assert.IsGreaterThanOrEqualTo(99, Remaining(one));
        var many = await own.PostAsync(Path, key, Body(33 * 80), ("Idempotency-Key", "many"));
        Assert.AreEqual(201, many.Status, many.Text);
        Assert.IsLessThanOrEqualTo(40, Remaining(many));
        var refused = (await own.PostAsync(Path, key, Body(33 * 90), ("Idempotency-Key", "more"))).MustBe(429, "rate-limited");
        Assert.IsGreaterThanOrEqualTo(10, int.Parse(refused.Headers["Retry-After"], CultureInfo.InvariantCulture));

        static int Remaining(Answer answer) => int.Parse(answer.Headers["RateLimit-Remaining"], CultureInfo.InvariantCulture);
    }

    [TestMethod]
    public async Task TurnsAreOneOfATenantAndFourInAll()
    {
        using var limits = new Access.RateLimits(Composition.HostSettings.Read(SettingsTests.Complete()));
        var first = await limits.BulkTurnAsync("a", CancellationToken.None);
        var waiting = Enumerable.Range(0, 100).Select(_ => limits.BulkTurnAsync("a", CancellationToken.None)).ToList();
        Assert.AreEqual(Evidence.Fault.RateLimited,
            (await Assert.ThrowsExactlyAsync<Evidence.FaultException>(() => limits.BulkTurnAsync("a", CancellationToken.None))).Fault);
        Assert.IsFalse(waiting.Any(w => w.IsCompleted));

        var others = await Task.WhenAll(new[] { "b", "c", "d" }.Select(tenant => limits.BulkTurnAsync(tenant, CancellationToken.None)));
        var fifth = limits.BulkTurnAsync("e", CancellationToken.None);
        Assert.IsFalse(fifth.IsCompleted);
        others[0].Dispose();
        (await fifth).Dispose();

        using var gone = new CancellationTokenSource();
        var leaving = limits.BulkTurnAsync("d", gone.Token);
        await gone.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => leaving);
        first.Dispose();
        foreach (var turn in waiting)
            (await turn).Dispose();
    }

    [TestMethod]
    [DataRow(FaultKind.Status, FaultPoint.Before, DisplayName = "refused")]
    [DataRow(FaultKind.Status, FaultPoint.AfterEffect, DisplayName = "done but reported failed")]
    [DataRow(FaultKind.Drop, FaultPoint.AfterEffect, DisplayName = "done, the answer lost")]
    public async Task StorageThatFailsHalfWayIsMadeGoodByTheSameRequest(FaultKind kind, FaultPoint point)
    {
        var platform = await Fixture.PlatformAsync();
        await using var proxy = await FaultProxy.StartAsync(platform.Azurite.TableEndpoint);
        await using var own = await TestApp.StartOnAsync(platform, v => v["EvidenceStorage"] = platform.AppEnvironment(table: proxy.Url)["EvidenceStorage"]);
        var (_, key) = await own.TenantAsync();
        var header = ("Idempotency-Key", "b");
        var body = Body(400);

        // For good from the fourth of thirteen groups on, so that no further try of the app helps.
        proxy.Add(new FaultRule("batch", kind, point) { Method = "POST", Body = "Manifest0", Nth = 4, Times = int.MaxValue, Status = 503 });
        (await own.PostAsync(Path, key, body, header)).MustBe(503, "storage-unavailable");
        var written = (await IdsAsync(key)).Count;
        Assert.IsTrue(point == FaultPoint.Before ? written == 99 : written is > 99 and < 400, $"{written} of 400");

        // Once, in the middle of the rest: the app tries again by itself, and finds what its first try had done.
        proxy.Clear();
        var passing = proxy.Add(new FaultRule("batch", kind, point) { Method = "POST", Body = "Manifest0", Nth = 2, Status = 503 });
        var made = await own.PostAsync(Path, key, body, header);
        Assert.AreEqual(201, made.Status, made.Text);
        Assert.IsFalse(made.Headers.ContainsKey("Idempotency-Replayed"));
        Assert.AreEqual(1, passing.Strikes);
        Assert.AreEqual(made.Text, (await own.PostAsync(Path, key, body, header)).Text);
        CollectionAssert.AreEqual(Receipts(made).Select(Id).ToList(), await IdsAsync(key));
        Assert.HasCount(400, Receipts(made));
    }

    internal static string Body(int count)
        => $$$"""{"items":[{{{string.Join(',', Enumerable.Range(0, count).Select(Item))}}}],"notes":{"contractNo":"A-17"}}""";

    private static string Item(int n)
        => $$"""{"digests":{"sha-256":"{{Convert.ToHexStringLower(SHA256.HashData(BitConverter.GetBytes(n)))}}"},"name":"item {{n}}"}""";

    private static List<JsonElement> Receipts(Answer answer)
    {
        var json = answer.Json;
        Assert.AreEqual("notary-bulk-receipt/1", json.GetProperty("format").GetString());
        var receipts = json.GetProperty("receipts").EnumerateArray().ToList();
        Assert.HasCount(json.GetProperty("count").GetInt32(), receipts);
        return receipts;
    }

    private static string Id(JsonElement receipt) => receipt.GetProperty("id").GetString()!;

    private static async Task<List<string>> IdsAsync(string key)
    {
        var ids = new List<string>();
        for (string? next = null; ;)
        {
            var page = (await app.GetAsync("/v1/deposits?limit=100" + (next is null ? "" : "&continuation=" + next), key)).Json;
            ids.AddRange(page.GetProperty("items").EnumerateArray().Select(Id));
            if (!page.TryGetProperty("continuation", out var more))
                return ids;

            next = more.GetString();
        }
    }
}
