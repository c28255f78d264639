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
            ("/v1/uploads", key,
                """{"name":null,"mediaType":null,"notes":null,"previous":null,"contentDigest":null,"letter":null,"addressMinutes":null,"size":null}"""),
            ("/v1/operator/tenants", app.Operator, """{"name":"a","id":null,"did":null,"sandbox":null}"""),
            ($"/v1/operator/tenants/{tenant}/keys", app.Operator, """{"label":null,"scopes":null,"expiresAt":null}"""),
            ($"/v1/operator/tenants/{tenant}/keys/{await KeyAsync()}/rotate", app.Operator, """{"overlapSeconds":null}"""),
            ($"/v1/operator/tenants/{tenant}/invitations", app.Operator, """{"address":"a","role":null}"""),
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

    [TestMethod]
    public async Task AnUploadNeedsNoBody()
    {
        foreach (var type in new[] { null, "application/json", "application/x-www-form-urlencoded" })
        {
            using var nothing = type is null ? null : new ByteArrayContent([]);
            nothing?.Headers.TryAddWithoutValidation("Content-Type", type);
            var ticket = await app.SendAsync(HttpMethod.Post, "/v1/uploads", key, nothing);
            Assert.AreEqual(201, ticket.Status, ticket.Text);
        }

        // Nothing in chunks is nothing, too; and no body asks for the same as one that says nothing.
        var once = ("Idempotency-Key", Guid.NewGuid().ToString());
        var chunked = await app.SendAsync(HttpMethod.Post, "/v1/uploads", key, new StreamContent(Stream.Null), ("Transfer-Encoding", "chunked"), once);
        Assert.AreEqual(chunked.Text, (await app.PostAsync("/v1/uploads", key, "{}", once)).Text);
        var operation = (await OpenApiTests.OperationsAsync(app)).Single(o => o is { Method: "POST", Path: "/v1/uploads" }).Operation;
        Assert.IsFalse(operation.GetProperty("requestBody").TryGetProperty("required", out var required) && required.GetBoolean());
        (await app.SendAsync(HttpMethod.Post, "/v1/uploads", key, new ByteArrayContent("{}"u8.ToArray()))).MustBe(415, "unsupported-media-type");
    }

    [TestMethod]
    public async Task AnIdOfEitherCaseIsTheSameDeposit()
    {
        var content = Fresh;
        var made = await app.SendAsync(HttpMethod.Post, "/v1/deposits/file", key, DepositTests.Body(content));
        var id = made.Json.GetProperty("id").GetString()!;
        Assert.AreNotEqual(id, id.ToUpperInvariant());
        var view = await app.GetAsync($"/v1/deposits/{id.ToUpperInvariant()}", key);
        Assert.AreEqual(id, view.Json.GetProperty("id").GetString(), view.Text);
        Assert.AreEqual(made.Text, (await app.GetAsync($"/v1/deposits/{id.ToUpperInvariant()}/receipt", key)).Text);
        CollectionAssert.AreEqual(content, (await app.GetAsync($"/v1/deposits/{id.ToUpperInvariant()}/original", key)).Body);
        Answer bundle;
        while ((bundle = await app.GetAsync($"/v1/deposits/{id.ToUpperInvariant()}/bundle", key)).Status != 200)
        {
            bundle.MustBe(409, "not-ready");
            await Task.Delay(500);
        }

        StringAssert.Contains(bundle.Headers["Content-Disposition"], $"{id}.evidence.zip");
        StringAssert.Contains((await app.GetAsync($"/v1/deposits/{id.ToUpperInvariant()}/letter", key)).Headers["Content-Disposition"], $"{id}.pdf");
        var upload = (await app.PostAsync("/v1/uploads", key, "{}")).Json.GetProperty("id").GetString()!;
        Assert.AreEqual(upload, (await app.GetAsync($"/v1/uploads/{upload.ToUpperInvariant()}", key)).Json.GetProperty("id").GetString());
        (await app.GetAsync($"/v1/deposits/{{{id}}}", key)).MustBe(404, "not-found");
    }

    [TestMethod]
    [DataRow("/v1/deposits")]
    [DataRow("/v1/operator/tenants")]
    [DataRow("/v1/operator/tenants/TENANT/keys")]
    [DataRow("/v1/processes")]
    public async Task AnEmptyContinuationIsTheBeginning(string path)
    {
        await app.PostAsync("/v1/deposits", key, One(Convert.ToHexString(Fresh)));
        var (at, caller) = (path.Replace("TENANT", tenant, StringComparison.Ordinal), path == "/v1/deposits" ? key : app.Operator);
        var (none, empty) = (await app.GetAsync($"{at}?limit=1", caller), await app.GetAsync($"{at}?limit=1&continuation=", caller));
        Assert.AreEqual(200, empty.Status, empty.Text);
        Assert.AreEqual(none.Json.GetProperty("items").GetArrayLength(), empty.Json.GetProperty("items").GetArrayLength());
    }

    [TestMethod]
    public async Task AByteOrderMarkBeforeJsonIsSkipped()
    {
        var lower = Convert.ToHexStringLower(Fresh);
        var made = await app.PostAsync("/v1/deposits", key, "\ufeff" + One(lower));
        Assert.AreEqual(lower, Sha256(made.Json), made.Text);
        (await app.PostAsync("/v1/deposits", key, "\ufeff")).MustBe(400, "malformed");
    }

    [TestMethod]
    [DataRow("Content-Disposition: attachment; filename=\u00ba\u00cf.pdf")]
    [DataRow("X-Anything: caf\u00e9")]
    [DataRow("X-Correlation-Id: \u00ff")]
    public async Task AHeaderThatIsNotUtf8IsNamed(string header)
    {
        // Latin-1 makes a byte of each character.
        var request = $"GET /v1/limits HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{header}\r\n\r\n";
        var answer = await MalformedTests.ExchangeAsync(app.Url, request, Encoding.Latin1);
        StringAssert.StartsWith(answer, "HTTP/1.1 400 ");
        StringAssert.Contains(answer, "\"code\":\"malformed\"");
        StringAssert.Contains(answer, $"the header {header.Split(':')[0]} is not UTF-8");
        StringAssert.StartsWith(await MalformedTests.ExchangeAsync(app.Url, request, Encoding.UTF8), "HTTP/1.1 200 ");
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
