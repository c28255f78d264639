using Notary.Webhooks;

namespace Notary.Host.Tests;

/// <summary>Webhooks over HTTP: a deposit's whole way is told, and nobody reaches another's endpoints.</summary>
[TestClass]
public sealed class WebhookTests
{
    private const string Hooks = "/v1/webhooks/endpoints";

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task ADepositsStatesAreToldInSignedEvents()
    {
        var app = await Fixture.WholeAppAsync();
        await using var receiver = await WebhookReceiver.StartAsync(TestContext.CancellationToken);
        var (tenant, key) = await app.TenantAsync();
        var made = await app.PostAsync(Hooks, key, $$"""{"url":"{{receiver.Endpoint("good", "way")}}"}""");
        Assert.AreEqual(201, made.Status, made.Text);
        await receiver.KnowAsync("way", made.Json.GetProperty("secret").GetString()!);
        Assert.DoesNotContain("whsec", (await app.GetAsync(Hooks, key)).Text);

        var deposit = await app.SendAsync(HttpMethod.Post, "/v1/deposits/file?name=secret.txt&note.k=concealed", key, DepositTests.Body("secret"u8.ToArray()));
        var id = deposit.Json.GetProperty("id").GetString()!;
        string[] expected = [EventTypes.DepositLogged, EventTypes.DepositTimestamped, EventTypes.DepositAnchored, EventTypes.DepositCertified];
        IReadOnlyList<ReceivedWebhook> got = [];
        for (var i = 0; i < 6000 && got.Count < expected.Length; i++)
        {
            await Task.Delay(100, TestContext.CancellationToken);
            got = [.. (await receiver.GotAsync("way")).DistinctBy(one => one.Body)]; // at least once: a busy machine may be told again
        }

        var bodies = got.Select(one => JsonDocument.Parse(one.Body).RootElement).ToList();
        CollectionAssert.AreEquivalent(expected, bodies.Select(body => body.GetProperty("type").GetString()).ToList(),
            $"{(await app.GetAsync($"/v1/deposits/{id}", key)).Text} {(await app.GetAsync("/v1/webhooks/events", key)).Text} "
            + (await app.GetAsync($"{Hooks}/{made.Json.GetProperty("endpoint").GetString()}/attempts", key)).Text);
        Assert.IsTrue(got.All(one => one.Verified));
        Assert.IsTrue(bodies.All(body => body.GetProperty("subject").GetString() == id && body.GetProperty("data").GetProperty("id").GetString() == id));
        foreach (var secret in new[] { "secret", "concealed", tenant, "甲公司", "did:", "ntk_", "/v1/" })
            Assert.IsFalse(got.Any(one => one.Body.Contains(secret, StringComparison.Ordinal)), secret);

        // What the API shows is what was sent.
        var events = (await app.GetAsync("/v1/webhooks/events", key)).Json.GetProperty("items").EnumerateArray().ToList();
        CollectionAssert.AreEquivalent(got.Select(one => one.Body).ToList(), events.Select(e => e.GetProperty("body").GetString()).ToList());
        Assert.IsGreaterThanOrEqualTo(4, (await app.GetAsync(
            $"{Hooks}/{made.Json.GetProperty("endpoint").GetString()}/attempts", key)).Json.GetProperty("items").GetArrayLength());
    }

    [TestMethod]
    public async Task ABatchsStatesAreToldAsTheBatchs()
    {
        var app = await Fixture.WholeAppAsync();
        await using var receiver = await WebhookReceiver.StartAsync(TestContext.CancellationToken);
        var (_, key) = await app.TenantAsync();
        var made = await app.PostAsync(Hooks, key, $$"""{"url":"{{receiver.Endpoint("good", "batch")}}","types":["batch.*"]}""");
        await receiver.KnowAsync("batch", made.Json.GetProperty("secret").GetString()!);
        Assert.AreEqual(201, (await app.SendAsync(HttpMethod.Post, "/v1/deposits/file?name=beside.txt", key, DepositTests.Body("beside"u8.ToArray()))).Status);
        var batch = await app.SendAsync(HttpMethod.Post, "/v1/batches", key, BatchTests.Body(BatchTests.Lines(3)), ("Idempotency-Key", "told"));
        var id = batch.Json.GetProperty("id").GetString();
        string[] expected = ["batch.logged", "batch.timestamped", "batch.anchored", "batch.certified"];
        HashSet<string> got = [];
        for (var i = 0; i < 6000 && got.Count < expected.Length; i++)
        {
            await Task.Delay(100, TestContext.CancellationToken);
            foreach (var one in await receiver.GotAsync("batch"))
            {
                using var body = JsonDocument.Parse(one.Body);
                var data = body.RootElement.GetProperty("data");
                Assert.AreEqual((id, 3), (data.GetProperty("id").GetString(), data.GetProperty("items").GetInt32()), one.Body);
                got.Add(body.RootElement.GetProperty("type").GetString()!);
            }
        }

        CollectionAssert.AreEquivalent(expected, got.ToList());
    }

    [TestMethod]
    public async Task AForeignEndpointOrEventAnswersLikeARandomOne()
    {
        var app = await Fixture.WholeAppAsync();
        var (_, owner) = await app.TenantAsync();
        var (_, stranger) = await app.TenantAsync();
        var theirs = await FillAsync(app, owner, "{endpoint} {event}");
        var random = $"ep_{new string('7', 32)} evt_{new string('7', 32)}";
        var routes = (await OpenApiTests.OperationsAsync(app))
            .Where(o => o.Path.StartsWith("/v1/webhooks", StringComparison.Ordinal) && o.Path.Contains('{')).ToList();
        Assert.HasCount(9, routes);
        foreach (var (method, path, _) in routes)
        {
            var answers = new List<string>();
            foreach (var ids in new[] { theirs, random })
            {
                var at = path.Replace("{endpoint}", ids.Split(' ')[0], StringComparison.Ordinal)
                    .Replace("{event}", ids.Split(' ')[1], StringComparison.Ordinal);
                using var body = method is "GET" or "DELETE" ? null : TestApp.Json(
                    method == "PUT" ? """{"url":"http://127.0.0.1:9/","types":[],"enabled":false}"""
                    : path.EndsWith("s/{endpoint}/replay", StringComparison.Ordinal)
                        ? """{"since":"2026-01-01T00:00:00Z","until":"2027-01-01T00:00:00Z"}""" : "{}");
                var answer = await app.SendAsync(new HttpMethod(method), at, stranger, body);
                answer.MustBe(404, "not-found");
                answers.Add(answer.Json.GetProperty("detail").GetString()!);
            }

            Assert.AreEqual(answers[0], answers[1], path);
        }

        Assert.AreEqual(0, (await app.GetAsync(Hooks, stranger)).Json.GetProperty("items").GetArrayLength());
        Assert.AreEqual(0, (await app.GetAsync("/v1/webhooks/events", stranger)).Json.GetProperty("items").GetArrayLength());
        Assert.IsTrue((await app.GetAsync($"{Hooks}/{theirs.Split(' ')[0]}", owner)).Json.GetProperty("enabled").GetBoolean(), "a stranger changed it");
        var replay = await app.PostAsync($"/v1/webhooks/events/{theirs.Split(' ')[1]}/replay", owner, $$"""{"endpoint":"{{random.Split(' ')[0]}}"}""");
        replay.MustBe(404, "not-found");
    }

    /// <summary>A route with an endpoint and an event of the tenant's own.</summary>
    internal static async Task<string> FillAsync(TestApp app, string key, string route)
    {
        var endpoint = (await app.PostAsync(Hooks, key, """{"url":"http://127.0.0.1:9/"}""")).Json.GetProperty("endpoint").GetString();
        var test = await app.PostAsync($"{Hooks}/{endpoint}/test", key, "{}");
        Assert.AreEqual(202, test.Status, test.Text);
        return route.Replace("{endpoint}", endpoint, StringComparison.Ordinal)
            .Replace("{event}", test.Json.GetProperty("id").GetString(), StringComparison.Ordinal);
    }
}
