namespace Notary.Host.Tests;

/// <summary>What callers of other makers send and mean well: taken, and answered in the one spelling that is ours.</summary>
[TestClass]
public sealed class LeniencyTests
{
    private static TestApp app = null!;
    private static string key = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _)
    {
        app = await Fixture.WholeAppAsync();
        key = (await app.TenantAsync()).Key;
    }

    private static byte[] Fresh => RandomNumberGenerator.GetBytes(32);

    private static string One(string sha256) => $"{{\"items\":[{{\"digests\":{{\"sha-256\":\"{sha256}\"}}}}]}}";

    private static string Sha256(JsonElement receipt)
        => receipt.GetProperty("manifest").GetProperty("items")[0].GetProperty("digests").GetProperty("sha-256").GetString()!;

    [TestMethod]
    public async Task DigestsOfEitherCaseAreTakenAndAnsweredInLowerCase()
    {
        var content = Fresh;
        var (upper, lower) = (Convert.ToHexString(SHA256.HashData(content)), Convert.ToHexStringLower(SHA256.HashData(content)));
        var once = ("Idempotency-Key", Guid.NewGuid().ToString());
        var first = await app.PostAsync("/v1/deposits", key, One(upper), once);
        Assert.AreEqual(201, first.Status, first.Text);
        Assert.AreEqual(lower, Sha256(first.Json));
        Assert.AreEqual(first.Text, (await app.PostAsync("/v1/deposits", key, One(lower), once)).Text);

        var bulk = await app.PostAsync("/v1/deposits/bulk", key, One(upper), ("Idempotency-Key", Guid.NewGuid().ToString()));
        Assert.AreEqual(lower, Sha256(bulk.Json.GetProperty("receipts")[0]));
        var found = await app.GetAsync($"/v1/deposits?sha256={upper}", key);
        Assert.AreEqual(2, found.Json.GetProperty("items").GetArrayLength(), found.Text);

        var manifest = first.Json.GetProperty("manifestDigest").GetString()!;
        var next = await app.PostAsync("/v1/deposits", key, One(lower)[..^1] + $",\"previous\":\"{manifest.ToUpperInvariant()}\"}}");
        Assert.AreEqual(manifest, next.Json.GetProperty("manifest").GetProperty("previous").GetString(), next.Text);
        var file = await app.SendAsync(HttpMethod.Post, $"/v1/deposits/file?previous={manifest.ToUpperInvariant()}", key, DepositTests.Body(content));
        Assert.AreEqual(manifest, file.Json.GetProperty("manifest").GetProperty("previous").GetString(), file.Text);
        Assert.AreEqual(201, (await app.PostAsync("/v1/uploads", key, $$"""{"contentDigest":"{{upper}}"}""")).Status);
    }
}
