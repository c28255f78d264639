namespace Notary.Host.Tests;

/// <summary>Usage over HTTP: of two instances together, a tenant's own alone, and written down when an instance ends.</summary>
[TestClass]
public sealed class UsageTests
{
    private const string Item = """{"digests":{"sha-256":"0000000000000000000000000000000000000000000000000000000000000000"}}""";

    [TestMethod]
    public async Task WhatInstancesCountedIsThereWhenTheyHaveEnded()
    {
        var platform = await Fixture.PlatformAsync();
        await using var reader = await TestApp.StartOnAsync(platform, Bound);
        var (tenant, key) = await reader.TenantAsync();
        var (_, stranger) = await reader.TenantAsync();
        await using (var other = await TestApp.StartOnAsync(platform, Bound))
        {
            var file = await other.SendAsync(HttpMethod.Post, "/v1/deposits/file?letter=onRequest", key, DepositTests.Body(new byte[1000]),
                ("Idempotency-Key", "f"));
            Assert.AreEqual(201, file.Status, file.Text);
            Assert.AreEqual(201, (await other.PostAsync("/v1/deposits/bulk", key, $$"""{"items":[{{Item}},{{Item}}]}""", ("Idempotency-Key", "b"))).Status);
            var lines = string.Concat(Enumerable.Repeat($$"""{"sha-256":"{{new string('0', 64)}}"}""" + "\n", 5));
            Assert.AreEqual(201, (await other.SendAsync(HttpMethod.Post, "/v1/batches", key, BatchTests.Body(lines), ("Idempotency-Key", "l"))).Status);
        }

        // The other has ended, and with it its memory.
        Assert.AreEqual(201, (await reader.PostAsync("/v1/deposits", key, $$"""{"items":[{{Item}}],"letter":"onRequest"}""")).Status);
        while ((await reader.GetAsync("/v1/deposits", key)).Status != 429)
        {
        }

        var answer = await reader.GetAsync($"/v1/operator/tenants/{tenant}/usage", reader.Operator);
        Assert.AreEqual(200, answer.Status, answer.Text);
        var days = answer.Json.GetProperty("days").EnumerateArray().ToList();
        long SumOf(string member) => days.Sum(day => day.GetProperty(member).GetInt64());
        Assert.AreEqual((5L, 9L), (SumOf("deposits"), SumOf("items")));
        Assert.IsGreaterThan(1000, SumOf("bytes"), "the file and the batch's own");
        Assert.AreEqual(SumOf("bytes"), answer.Json.GetProperty("storedBytes").GetInt64());
        Assert.IsGreaterThanOrEqualTo(5, SumOf("requests"));
        Assert.IsGreaterThanOrEqualTo(1, SumOf("refused"));

        var none = await reader.GetAsync("/v1/usage", stranger);
        Assert.AreEqual(0, none.Json.GetProperty("storedBytes").GetInt64(), none.Text);
        Assert.AreEqual(1, none.Json.GetProperty("days").EnumerateArray().Sum(day => day.GetProperty("requests").GetInt64()), "this very request");
        foreach (var wrong in new[] { "from=2026-13-01", "to=0001-01-01", "from=2026-11-02&to=2026-11-01", "from=2020-01-01", "day=1" })
            (await reader.GetAsync("/v1/usage?" + wrong, stranger)).MustBe(400, "malformed");

        static void Bound(Dictionary<string, string?> v)
            => (v["Notary__RateLimits__TenantPerSecond"], v["Notary__RateLimits__TenantBurst"]) = ("1", "20");
    }
}
