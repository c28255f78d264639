using Azure.Data.Tables;

namespace Notary.Host.Tests;

[TestClass]
public sealed class OperatorTests
{
    private const string Operator = TestApp.OperatorKey;
    private static TestApp app = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _) => app = await TestApp.StartAsync();

    [ClassCleanup]
    public static async Task StopAsync() => await app.DisposeAsync();

    [TestMethod]
    public async Task ATenantIsCreatedFoundAndListed()
    {
        var made = await app.PostAsync("/v1/operator/tenants", Operator, """{"name":"乙公司","did":"did:web:b.example"}""");
        Assert.AreEqual(201, made.Status, made.Text);
        var id = made.Json.GetProperty("id").GetString()!;
        Assert.AreEqual($"/v1/operator/tenants/{id}", made.Headers["Location"]);
        var found = await app.GetAsync(made.Headers["Location"], Operator);
        Assert.AreEqual(made.Text, found.Text);
        StringAssert.EndsWith(made.Json.GetProperty("createdAt").GetString(), "Z");

        var seen = new List<string>();
        string? continuation = null;
        do
        {
            var page = await app.GetAsync("/v1/operator/tenants?limit=1" + (continuation is null ? "" : "&continuation=" + continuation), Operator);
            Assert.AreEqual(200, page.Status, page.Text);
            seen.AddRange(page.Json.GetProperty("items").EnumerateArray().Select(t => t.GetProperty("id").GetString()!));
            continuation = page.Json.TryGetProperty("continuation", out var next) ? next.GetString() : null;
        }
        while (continuation is not null);
        CollectionAssert.Contains(seen, id);
        CollectionAssert.AllItemsAreUnique(seen);
    }

    [TestMethod]
    public async Task AKeyLivesRotatesWithOverlapAndIsRevoked()
    {
        var (tenant, key) = await app.TenantAsync();
        Assert.IsTrue(await OpensAsync(key));
        var prefix = key.Split('_')[1];

        var rotated = await app.PostAsync($"/v1/operator/tenants/{tenant}/keys/{prefix}/rotate", Operator, """{"overlapSeconds":3600}""");
        Assert.AreEqual(201, rotated.Status, rotated.Text);
        Assert.AreEqual("no-store", rotated.Headers["Cache-Control"]);
        var newKey = rotated.Json.GetProperty("key").GetString()!;
        Assert.AreNotEqual(key, newKey);
        Assert.IsTrue(await OpensAsync(key));
        Assert.IsTrue(await OpensAsync(newKey));
        Assert.AreEqual(
            rotated.Json.GetProperty("info").GetProperty("createdAt").GetDateTimeOffset().AddHours(1),
            rotated.Json.GetProperty("replaces").GetProperty("expiresAt").GetDateTimeOffset());

        var newPrefix = newKey.Split('_')[1];
        Assert.AreEqual(204, (await app.SendAsync(HttpMethod.Delete, $"/v1/operator/tenants/{tenant}/keys/{newPrefix}", Operator)).Status);
        Assert.AreEqual(204, (await app.SendAsync(HttpMethod.Delete, $"/v1/operator/tenants/{tenant}/keys/{newPrefix}", Operator)).Status);
        await Task.Delay(Access.Authenticator.CacheTime + TimeSpan.FromMilliseconds(200));
        Assert.IsFalse(await OpensAsync(newKey));
        Assert.IsTrue(await OpensAsync(key));
        (await app.PostAsync($"/v1/operator/tenants/{tenant}/keys/{newPrefix}/rotate", Operator, "{}")).MustBe(409, "conflict");

        var list = await app.GetAsync($"/v1/operator/tenants/{tenant}/keys", Operator);
        Assert.AreEqual(2, list.Json.GetProperty("items").GetArrayLength());
        Assert.DoesNotContain(key.Split('_')[2], list.Text);
    }

    [TestMethod]
    public async Task TheListOfKeysGoesOn()
    {
        var (tenant, key) = await app.TenantAsync();
        var path = $"/v1/operator/tenants/{tenant}/keys";
        var made = new List<string> { key.Split('_')[1] };
        for (var i = 0; i < 4; i++)
            made.Add((await app.PostAsync(path, Operator, "{}")).Json.GetProperty("info").GetProperty("prefix").GetString()!);

        // One that has ended stays in the list; one whose making was cut off is not in it and does not shorten a page.
        Assert.AreEqual(204, (await app.SendAsync(HttpMethod.Delete, $"{path}/{made[2]}", Operator)).Status);
        await app.Services.GetRequiredService<StorageAccount>().Table(Names.ApiKeys).AddEntityAsync(new TableEntity($"tenant-{tenant}", made.Min()! + "0"));

        foreach (var limit in new[] { 1, 2, 4, 5, 100 })
        {
            var pages = new List<string[]>();
            string? next = null;
            do
            {
                var page = await app.GetAsync($"{path}?limit={limit}" + (next is null ? "" : "&continuation=" + next), Operator);
                Assert.AreEqual(200, page.Status, page.Text);
                pages.Add([.. page.Json.GetProperty("items").EnumerateArray().Select(k => k.GetProperty("prefix").GetString()!)]);
                next = page.Json.TryGetProperty("continuation", out var more) ? more.GetString() : null;
            }
            while (next is not null);
            CollectionAssert.AreEqual(made.Order(StringComparer.Ordinal).ToList(), pages.SelectMany(p => p).ToList());
            Assert.IsTrue(pages[..^1].All(p => p.Length == limit), $"{limit}");
            Assert.HasCount((made.Count + limit - 1) / limit, pages);
        }

        foreach (var query in new[] { "limit=0", "limit=101", "limit=x", "continuation=x", "continuation=" + new string('g', 16), "after=1" })
            (await app.GetAsync($"{path}?{query}", Operator)).MustBe(400, "malformed");

        (await app.GetAsync("/v1/operator/tenants/nobody/keys", Operator)).MustBe(404, "not-found");
    }

    [TestMethod]
    public async Task AnOverlapOfNothingEndsTheOldKey()
    {
        var (tenant, key) = await app.TenantAsync();
        var rotated = await app.PostAsync($"/v1/operator/tenants/{tenant}/keys/{key.Split('_')[1]}/rotate", Operator, """{"overlapSeconds":0}""");
        Assert.AreEqual(201, rotated.Status, rotated.Text);
        await Task.Delay(Access.Authenticator.CacheTime + TimeSpan.FromMilliseconds(200));
        Assert.IsFalse(await OpensAsync(key));
        Assert.IsTrue(await OpensAsync(rotated.Json.GetProperty("key").GetString()!));
    }

    [TestMethod]
    public async Task TheSameIdempotencyKeyGivesTheSameAnswer()
    {
        var (tenant, key) = await app.TenantAsync();
        foreach (var (path, body, other) in new[]
        {
            ("/v1/operator/tenants", """{"name":"丙"}""", """{"name":"丁"}"""),
            ($"/v1/operator/tenants/{tenant}/keys", """{"label":"a"}""", """{"label":"b"}"""),
            ($"/v1/operator/tenants/{tenant}/keys/{key.Split('_')[1]}/rotate", "{}", """{"overlapSeconds":5}"""),
        })
        {
            var header = ("Idempotency-Key", Guid.NewGuid().ToString());
            var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => app.PostAsync(path, Operator, body, header)));
            Assert.IsTrue(answers.All(a => a.Status == 201), string.Join('\n', answers.Select(a => a.Text)));
            Assert.HasCount(1, answers.Select(a => a.Text).Distinct());
            (await app.PostAsync(path, Operator, other, header)).MustBe(409, "idempotency-conflict");

            // A refused body does not use the key up.
            var fresh = ("Idempotency-Key", Guid.NewGuid().ToString());
            (await app.PostAsync(path, Operator, """{"unknown":1}""", fresh)).MustBe(400, "malformed");
            Assert.AreEqual(201, (await app.PostAsync(path, Operator, body, fresh)).Status);
        }
    }

    [TestMethod]
    public async Task TenantsAndStrangersAreKeptOut()
    {
        var (tenant, key) = await app.TenantAsync();
        var path = $"/v1/operator/tenants/{tenant}";
        (await app.GetAsync(path, key)).MustBe(403, "forbidden");
        Assert.AreEqual("Bearer, DPoP algs=\"ES256\"", (await app.GetAsync(path)).MustBe(401, "unauthenticated").Headers["WWW-Authenticate"]);
        (await app.GetAsync(path, "wrong")).MustBe(401, "unauthenticated");
        (await app.GetAsync(path, key[..^1] + (key[^1] == '0' ? '1' : '0'))).MustBe(401, "unauthenticated");
        (await app.GetAsync(path, null, ("Authorization", "Basic b3BlcmF0b3I="))).MustBe(401, "unauthenticated");
    }

    [TestMethod]
    public async Task AKeyOfAnotherTenantIsNotThere()
    {
        var (_, key) = await app.TenantAsync();
        var (other, _) = await app.TenantAsync();
        var foreign = await app.SendAsync(HttpMethod.Delete, $"/v1/operator/tenants/{other}/keys/{key.Split('_')[1]}", Operator);
        foreign.MustBe(404, "not-found");
        Assert.IsTrue(await OpensAsync(key));
    }

    // A tenant's key that is known gets 403 on an operator's route; one that is not gets 401.
    private static async Task<bool> OpensAsync(string key)
        => (await app.GetAsync("/v1/operator/tenants", key)).Status switch { 403 => true, 401 => false, var s => throw new InvalidOperationException($"{s}") };
}
