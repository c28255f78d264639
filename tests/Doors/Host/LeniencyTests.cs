namespace Notary.Host.Tests;

/// <summary>What callers of other makers send and mean well: taken, and answered in the one spelling that is ours.</summary>
[TestClass]
public sealed class LeniencyTests
{
    private static TestApp app = null!;
    private static string tenant = null!;
    private static string key = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _)
    {
        app = await Fixture.WholeAppAsync();
        (tenant, key) = await app.TenantAsync();
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

    [TestMethod]
    public async Task NullIsAbsentWhereverAMemberIsOptional()
    {
        var digest = $"\"digests\":{{\"sha-256\":\"{Convert.ToHexStringLower(Fresh)}\"}}";
        var item = await app.PostAsync("/v1/deposits", key, $$"""{"items":[{ {{digest}} }]}""", ("Idempotency-Key", "null"));
        var spelled = $$"""{"items":[{ {{digest}},"name":null,"size":null,"mediaType":null}]""";
        var all = await app.PostAsync("/v1/deposits", key, spelled + ""","notes":null,"previous":null,"letter":null}""", ("Idempotency-Key", "null"));
        Assert.AreEqual(item.Text, all.Text);
        foreach (var (path, caller, body) in new[]
        {
            ("/v1/deposits/bulk", key, spelled + ",\"notes\":null}"),
            ("/v1/uploads", key, """{"name":null,"mediaType":null,"notes":null,"previous":null,"contentDigest":null,"letter":null}"""),
            ("/v1/operator/tenants", app.Operator, """{"name":"a","id":null,"did":null}"""),
            ($"/v1/operator/tenants/{tenant}/keys", app.Operator, """{"label":null,"scopes":null,"expiresAt":null}"""),
            ($"/v1/operator/tenants/{tenant}/keys/{await KeyAsync()}/rotate", app.Operator, """{"overlapSeconds":null}"""),
        })
        {
            var answer = await app.PostAsync(path, caller, body, ("Idempotency-Key", Guid.NewGuid().ToString()));
            Assert.AreEqual(201, answer.Status, $"{path}: {answer.Text}");

            // The list above is whole: it names every optional member that the description knows.
            foreach (var member in await OptionalAsync(path))
                StringAssert.Contains(body, $"\"{member}\":null", path);
        }

        (await app.PostAsync("/v1/operator/tenants", app.Operator, """{"name":null}""")).MustBe(400, "malformed");
    }

    [TestMethod]
    public async Task ATimeMayHaveAnyOffsetAndIsAnsweredInUtc()
    {
        foreach (var (sent, kept) in new[]
        {
            ("2126-01-01T08:00:00+08:00", "2126-01-01T00:00:00Z"), ("2126-01-01T00:00:00.5-03:30", "2126-01-01T03:30:00.5Z"),
            ("2126-01-01T00:00:00Z", "2126-01-01T00:00:00Z"),
        })
        {
            var made = await app.PostAsync($"/v1/operator/tenants/{tenant}/keys", app.Operator, $$"""{"expiresAt":"{{sent}}"}""");
            Assert.AreEqual(kept, made.Json.GetProperty("info").GetProperty("expiresAt").GetString(), made.Text);
        }

        foreach (var bad in new[] { "2126-01-01T00:00:00", "2126-01-01", "2126-01-01T00:00:00+0800", "2126-01-01T00:00:00+08" })
            (await app.PostAsync($"/v1/operator/tenants/{tenant}/keys", app.Operator, $$"""{"expiresAt":"{{bad}}"}""")).MustBe(400, "malformed");
    }

    [TestMethod]
    public async Task WhatCurlAltersIsRefusedWithTheOptionsThatHelp()
    {
        var id = (await app.PostAsync("/v1/deposits", key, One(Convert.ToHexString(SHA256.HashData("x"u8))))).Json.GetProperty("id").GetString();
        foreach (var (method, path) in new[] { (HttpMethod.Post, "/v1/deposits/file"), (HttpMethod.Put, $"/v1/deposits/{id}/original") })
        {
            foreach (var type in new[] { "application/x-www-form-urlencoded", "application/X-WWW-form-urlencoded; charset=utf-8" })
            {
                using var body = new ByteArrayContent("x"u8.ToArray());
                body.Headers.TryAddWithoutValidation("Content-Type", type);
                var refused = (await app.SendAsync(method, path, key, body)).MustBe(415, "unsupported-media-type").Json.GetProperty("detail").GetString();
                StringAssert.Contains(refused, "--data-binary");
                StringAssert.Contains(refused, "Content-Type: application/octet-stream");
            }
        }
    }

    private static async Task<string> KeyAsync()
        => (await app.PostAsync($"/v1/operator/tenants/{tenant}/keys", app.Operator, "{}")).Json.GetProperty("info").GetProperty("prefix").GetString()!;

    /// <summary>Members of a route's body, and of what is in it, that the description does not require.</summary>
    private static async Task<IReadOnlyList<string>> OptionalAsync(string path)
    {
        var document = (await app.GetAsync("/openapi/v1.json")).Json;
        var operation = (await OpenApiTests.OperationsAsync(app)).Single(o => o.Method == "POST"
            && System.Text.RegularExpressions.Regex.IsMatch(path, "^" + System.Text.RegularExpressions.Regex.Replace(o.Path, @"\{[a-z]+\}", "[^/]+") + "$"));
        var found = Walk(operation.Operation.GetProperty("requestBody")).ToList();
        Assert.IsNotEmpty(found, path);
        return found;

        IEnumerable<string> Walk(JsonElement schema)
        {
            if (schema.ValueKind == JsonValueKind.Array)
                return schema.EnumerateArray().SelectMany(Walk);

            if (schema.ValueKind != JsonValueKind.Object)
                return [];

            var inner = schema.EnumerateObject().SelectMany(m => m.Name != "$ref" ? Walk(m.Value)
                : Walk(m.Value.GetString()!.Split('/').Skip(1).Aggregate(document, (at, name) => at.GetProperty(name))));
            if (!schema.TryGetProperty("properties", out var members))
                return inner;

            var needed = schema.TryGetProperty("required", out var list) ? list.EnumerateArray().Select(r => r.GetString()!) : [];
            return members.EnumerateObject().Select(m => m.Name).Except(needed).Concat(inner);
        }
    }
}
