using Notary.Host.Access.Limits;

namespace Notary.Host.Tests;

/// <summary>Limits of a tenant over two instances on one account. Nothing waits for a minute to pass: what is asked is what the other comes to know.</summary>
[TestClass]
public sealed class LimitTests
{
    private const string Item = """{"digests":{"sha-256":"0000000000000000000000000000000000000000000000000000000000000000"}}""";
    // Seconds: what ten minutes' worth at once has to be paid back for, with room for a slow machine.
    private const int PaidBack = 300;
    private static TestApp one = null!, other = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _)
        => (one, other) = (await TestApp.StartOnAsync(await Fixture.PlatformAsync()), await TestApp.StartOnAsync(await Fixture.PlatformAsync()));

    [ClassCleanup]
    public static async Task StopAsync()
    {
        await one.DisposeAsync();
        await other.DisposeAsync();
    }

    [TestMethod]
    public async Task WhatOneInstanceLetsInTheOtherDoesNotLetInAgain()
    {
        var (tenant, key) = await one.TenantAsync();
        var (_, neighbour) = await one.TenantAsync();
        await SetAsync(tenant, """{"itemsPerMinute":10,"requestsPerMinute":100000}""");
        Assert.AreEqual(200, (await other.GetAsync("/v1/deposits", key)).Status, "it knows the tenant, and has let nothing in");

        // Ten minutes' worth at once: let in while anything is left, and then paid back.
        var items = string.Join(',', Enumerable.Repeat(Item, 100));
        var bulk = await one.PostAsync("/v1/deposits/bulk", key, $$"""{"items":[{{items}}]}""", ("Idempotency-Key", "b"));
        Assert.AreEqual(201, bulk.Status, bulk.Text);
        Refused(await DepositAsync(one, key));
        await PaidBackLaterAsync(other);
        Refused(await DepositAsync(other, key));
        Assert.AreEqual(200, (await other.GetAsync("/v1/deposits", key)).Status, "reading is not depositing");
        Assert.AreEqual(201, (await DepositAsync(one, neighbour)).Status, "what a neighbour does is nobody else's");
        Assert.AreEqual(201, (await DepositAsync(other, neighbour)).Status);

        // An instance that is new learns of it too.
        await using var third = await TestApp.StartOnAsync(await Fixture.PlatformAsync());
        await PaidBackLaterAsync(third);
        Refused(await DepositAsync(third, key));

        // A bulk deposit is written, and told, in parts: until the last of them is known.
        Task PaidBackLaterAsync(TestApp app) => UntilAsync(() => app.GetAsync("/v1/deposits", key), answer
            => System.Text.RegularExpressions.Regex.Match(answer.Headers["RateLimit"], "\"items\";r=0;t=([0-9]+)") is { Success: true } match
                && int.Parse(match.Groups[1].Value) > PaidBack);

        static void Refused(Answer answer)
        {
            answer.MustBe(429, "rate-limited");
            Assert.AreEqual("items", answer.Json.GetProperty("violated-policies")[0].GetString());
            Assert.IsGreaterThan(PaidBack, int.Parse(answer.Headers["Retry-After"]), "minutes are to be paid back");
            StringAssert.Contains(answer.Headers["RateLimit-Policy"], "\"items\";q=10;qu=\"items\";w=60");
            StringAssert.Contains(answer.Headers["RateLimit"], $"\"items\";r=0;t={answer.Headers["Retry-After"]}");
        }
    }

    [TestMethod]
    public async Task BodiesUnderWayAreCountedOverBothAndUntilTheyEnd()
    {
        var (tenant, key) = await one.TenantAsync();
        await SetAsync(tenant, """{"uploadsAtOnce":1}""");
        var end = new TaskCompletionSource();
        using var slow = new HttpRequestMessage(HttpMethod.Post, "/v1/deposits/file?letter=onRequest") { Content = new OpenBody(end.Task) };
        slow.Headers.Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", key);
        var sent = one.Http.SendAsync(slow);
        await UsedUpAsync(one, key, "uploads");
        var refused = await FileAsync(one, key);
        Assert.AreEqual("uploads", refused.MustBe(429, "rate-limited").Json.GetProperty("violated-policies")[0].GetString());
        StringAssert.Contains(refused.Headers["RateLimit-Policy"], "\"uploads\";q=1;qu=\"concurrent-requests\"");
        await UsedUpAsync(other, key, "uploads");
        Assert.AreEqual(429, (await FileAsync(other, key)).Status);
        Assert.AreEqual(201, (await DepositAsync(other, key)).Status, "digests are no uploads");

        end.SetResult();
        using var answer = await sent;
        Assert.AreEqual(201, (int)answer.StatusCode);
        Assert.AreEqual(201, (await FileAsync(one, key)).Status);
        await UntilAsync(() => FileAsync(other, key), 201);
    }

    [TestMethod]
    public async Task WhatIsKeptIsBoundedEverywhereAndTheOperatorCanRaiseIt()
    {
        var (tenant, key) = await one.TenantAsync();
        await SetAsync(tenant, """{"storedBytes":1000}""");
        Assert.AreEqual(200, (await other.GetAsync("/v1/deposits", key)).Status);
        Assert.AreEqual(201, (await FileAsync(one, key)).Status);
        (await FileAsync(one, key)).MustBe(403, "quota-exceeded");
        (await one.PostAsync("/v1/uploads", key, "{}")).MustBe(403, "quota-exceeded");
        (await UntilAsync(() => DepositAsync(other, key), 403)).MustBe(403, "quota-exceeded");
        Assert.AreEqual(200, (await one.GetAsync("/v1/deposits", key)).Status);

        var raised = await SetAsync(tenant, """{"storedBytes":3000,"requestsPerMinute":5000}""");
        Assert.AreEqual(5000, raised.Json.GetProperty("inForce").GetProperty("requestsPerMinute").GetInt64());
        Assert.AreEqual(256, raised.Json.GetProperty("inForce").GetProperty("uploadsAtOnce").GetInt64());
        Assert.AreEqual(raised.Text, (await other.GetAsync($"/v1/operator/tenants/{tenant}/limits", other.Operator)).Text);
        Assert.AreEqual(201, (await FileAsync(one, key)).Status);
        var seen = await UntilAsync(() => FileAsync(other, key), 201);
        StringAssert.Contains(seen.Headers["RateLimit-Policy"], "\"requests\";q=5000;w=60");
        foreach (var wrong in new[] { """{"storedBytes":0}""", """{"requestsPerMinute":9007199254740992}""", """{"bytes":1}""" })
            (await one.SendAsync(HttpMethod.Put, $"/v1/operator/tenants/{tenant}/limits", one.Operator, TestApp.Json(wrong))).MustBe(400, "malformed");
    }

    [TestMethod]
    public async Task TicketsAreUploadsUntilTheyEndAndWhatTheyAnnounceIsHeldEverywhere()
    {
        var (tenant, key) = await one.TenantAsync();
        await SetAsync(tenant, """{"storedBytes":10000,"uploadsAtOnce":2}""");
        Task<Answer> TicketAsync(TestApp app, long? size, string once)
            => app.PostAsync("/v1/uploads", key, JsonSerializer.Serialize(new { size, letter = "onRequest" }), ("Idempotency-Key", once));

        (await TicketAsync(one, 10_001, "a")).MustBe(403, "quota-exceeded");
        var first = await TicketAsync(one, 6000, "a");
        Assert.AreEqual(201, first.Status, first.Text);
        (await TicketAsync(other, 4001, "b")).MustBe(403, "quota-exceeded");
        Assert.AreEqual(201, (await TicketAsync(other, 3000, "b")).Status);
        foreach (var app in new[] { one, other })
        {
            var refused = await TicketAsync(app, 1, "c");
            Assert.AreEqual("uploads", refused.MustBe(429, "rate-limited").Json.GetProperty("violated-policies")[0].GetString());
            StringAssert.Contains(refused.Headers["RateLimit"], "\"uploads\";r=0");
            Assert.AreEqual(first.Text, (await TicketAsync(app, 6000, "a")).Text, "his already");
        }

        Assert.AreEqual(204, (await other.SendAsync(HttpMethod.Delete, $"/v1/uploads/{first.Json.GetProperty("id").GetString()}", key)).Status);
        (await TicketAsync(one, 7001, "c")).MustBe(403, "quota-exceeded");
        Assert.AreEqual(201, (await TicketAsync(one, 7000, "c")).Status);
        (await TicketAsync(one, 9007199254740992, "d")).MustBe(400, "malformed");
    }

    [TestMethod]
    public void AWindowHoldsItsLimitWhateverComesAndPaysBackWhatWasTooMuch()
    {
        const int Limit = 100;
        var random = new Random(7);
        var (window, let, debt) = (new SlidingWindow(), new Queue<long>(), 0L);
        for (var now = 0L; now < 5000; now++)
        {
            for (var ask = random.Next(6); ask > 0; ask--)
            {
                if (window.Left(now, Limit) == 0)
                    continue;

                window.Add(now, 1, Limit);
                let.Enqueue(now);
            }

            while (let.Count > 0 && let.Peek() <= now - SlidingWindow.Seconds)
                let.Dequeue();

            Assert.IsLessThanOrEqualTo(Limit, let.Count, $"second {now}");
        }

        // Of what two instances let in at once, each learns late: twice the limit takes twice the time.
        var (late, start) = (new SlidingWindow(), 10_000L);
        late.Add(start, Limit, Limit);
        late.Add(start + 4, Limit, Limit);
        for (debt = start; late.Left(debt, Limit) == 0; debt += late.Wait(debt, Limit))
            Assert.IsLessThan(start + 1000, debt);

        Assert.AreEqual(start + 4 + (2 * SlidingWindow.Seconds), debt);
        late.Add(debt, 1_000_000_000, Limit);
        Assert.IsLessThanOrEqualTo(62 * SlidingWindow.Seconds, late.Wait(debt, Limit), "no more than an hour is ever paid back");
    }

    private static Task<Answer> SetAsync(string tenant, string limits)
        => one.SendAsync(HttpMethod.Put, $"/v1/operator/tenants/{tenant}/limits", one.Operator, TestApp.Json(limits));

    private static Task<Answer> DepositAsync(TestApp app, string key) => app.PostAsync("/v1/deposits", key, $$"""{"items":[{{Item}}],"letter":"onRequest"}""");

    private static Task<Answer> FileAsync(TestApp app, string key)
        => app.SendAsync(HttpMethod.Post, "/v1/deposits/file?letter=onRequest", key, DepositTests.Body(new byte[1000]));

    /// <summary>Waits, taking nothing up, until an instance knows that nothing is left of a limit.</summary>
    private static Task<Answer> UsedUpAsync(TestApp app, string key, string policy)
        => UntilAsync(() => app.GetAsync("/v1/deposits", key), answer => answer.Headers["RateLimit"].Contains($"\"{policy}\";r=0", StringComparison.Ordinal));

    private static Task<Answer> UntilAsync(Func<Task<Answer>> ask, int status) => UntilAsync(ask, answer => answer.Status == status);

    private static async Task<Answer> UntilAsync(Func<Task<Answer>> ask, Func<Answer, bool> isIt)
    {
        for (var tries = 0; ; tries++)
        {
            var answer = await ask();
            if (isIt(answer))
                return answer;

            Assert.IsLessThan(1200, tries, answer.Text);
            await Task.Delay(100);
        }
    }

    /// <summary>A body whose end is waited for.</summary>
    private sealed class OpenBody : HttpContent
    {
        private readonly Task end;

        public OpenBody(Task end)
        {
            this.end = end;
            Headers.ContentType = new System.Net.Http.Headers.MediaTypeHeaderValue("application/octet-stream");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            await stream.WriteAsync(new byte[4096]);
            await stream.FlushAsync();

            // Slower than this is refused as a body that stalls.
            while (!end.IsCompleted)
            {
                await stream.WriteAsync(new byte[2048]);
                await stream.FlushAsync();
                await Task.WhenAny(end, Task.Delay(200));
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
