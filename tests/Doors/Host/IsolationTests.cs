namespace Notary.Host.Tests;

/// <summary>Another tenant's id answers, on every tenant route, exactly like one that nobody has.</summary>
[TestClass]
public sealed class IsolationTests
{
    private const string RandomId = "01900000-0000-7000-8000-000000000000";

    [TestMethod]
    public async Task AForeignIdAnswersLikeARandomOne()
    {
        var app = await Fixture.WholeAppAsync();
        var (_, owner) = await app.TenantAsync();
        var (_, stranger) = await app.TenantAsync();
        var made = await app.SendAsync(HttpMethod.Post, "/v1/deposits/file?name=secret.txt", owner, DepositTests.Body("secret"u8.ToArray()));
        var upload = await app.PostAsync("/v1/uploads", owner, "{}");
        var routes = (await OpenApiTests.OperationsAsync(app)).Where(o => o.Path.Contains("{id}", StringComparison.Ordinal)
            && (o.Path.StartsWith("/v1/deposits", StringComparison.Ordinal) || o.Path.StartsWith("/v1/uploads", StringComparison.Ordinal))).ToList();
        Assert.IsGreaterThanOrEqualTo(7, routes.Count);
        foreach (var wait in new[] { false, true })
        {
            if (wait)
            {
                // Again when everything there is to leak exists.
                for (var i = 0; i < 1200 && (await app.GetAsync($"/v1/deposits/{made.Json.GetProperty("id").GetString()}", owner)).Json.GetProperty("state")
                    .GetString() != "Certified"; i++)
                    await Task.Delay(500);
            }

            foreach (var (method, path, _) in routes)
            {
                var id = (path.StartsWith("/v1/uploads", StringComparison.Ordinal) ? upload : made).Json.GetProperty("id").GetString()!;
                Assert.AreEqual(await FingerprintAsync(app, method, path, RandomId, stranger),
                    await FingerprintAsync(app, method, path, id, stranger), $"{method} {path}");
                var random = await SendAsync(app, method, path, RandomId, stranger);
                random.MustBe(404, "not-found");
            }
        }

        var list = await app.GetAsync("/v1/deposits", stranger);
        Assert.AreEqual(0, list.Json.GetProperty("items").GetArrayLength());
        var bySha = await app.GetAsync("/v1/deposits?sha256="
            + made.Json.GetProperty("manifest").GetProperty("items")[0].GetProperty("digests").GetProperty("sha-256").GetString(), stranger);
        Assert.AreEqual(0, bySha.Json.GetProperty("items").GetArrayLength());

        // The owner's continuation is a position, not a permission.
        var continued = await app.GetAsync($"/v1/deposits?continuation={RandomId}", stranger);
        Assert.AreEqual(0, continued.Json.GetProperty("items").GetArrayLength());
    }

    [TestMethod]
    public async Task TheSameIdempotencyKeyOfTwoTenantsIsTwoKeys()
    {
        var app = await Fixture.WholeAppAsync();
        var (_, one) = await app.TenantAsync();
        var (_, two) = await app.TenantAsync();
        var header = ("Idempotency-Key", "shared");
        const string body = """{"items":[{"digests":{"sha-256":"0000000000000000000000000000000000000000000000000000000000000000"}}],"letter":"onRequest"}""";
        var (first, second) = (await app.PostAsync("/v1/deposits", one, body, header), await app.PostAsync("/v1/deposits", two, body, header));
        Assert.AreEqual(201, second.Status, second.Text);
        Assert.AreNotEqual(first.Json.GetProperty("id").GetString(), second.Json.GetProperty("id").GetString());
    }

    [TestMethod]
    public async Task ThePublicPageNamesNobody()
    {
        var app = await Fixture.WholeAppAsync();
        var (tenant, key) = await app.TenantAsync("丙公司");
        var made = await app.SendAsync(HttpMethod.Post, "/v1/deposits/file?name=secret.txt&letter=onRequest&note.k=concealed",
            key, DepositTests.Body("secret"u8.ToArray()));
        var id = made.Json.GetProperty("id").GetString();
        JsonElement view;
        for (var i = 0; !(view = (await app.GetAsync($"/v1/deposits/{id}", key)).Json).TryGetProperty("anchor", out _); i++)
        {
            Assert.IsLessThan(1200, i);
            await Task.Delay(500);
        }

        var leaf = $"{view.GetProperty("manifestDigest").GetString()}?index={view.GetProperty("index").GetInt64()}";
        var json = await app.GetAsync("/v1/public/deposits/" + leaf);
        Assert.AreEqual(200, json.Status, json.Text);
        Assert.AreEqual(2, json.Json.GetProperty("times").GetArrayLength());
        Assert.AreEqual(view.GetProperty("anchor").GetProperty("transaction").GetString(),
            json.Json.GetProperty("anchor").GetProperty("transaction").GetString());
        var page = await app.GetAsync("/verify/" + leaf);
        Assert.AreEqual(200, page.Status);
        StringAssert.Contains(page.Headers["Content-Security-Policy"], "default-src 'none'");
        foreach (var secret in new[] { "secret", "concealed", tenant, "丙公司", id!, "did:",
            view.GetProperty("items")[0].GetProperty("digests").GetProperty("sha-256").GetString()! })
        {
            Assert.DoesNotContain(secret, json.Text);
            Assert.DoesNotContain(secret, page.Text);
        }

        var wrong = $"{view.GetProperty("manifestDigest").GetString()}?index={view.GetProperty("index").GetInt64() + 1}";
        (await app.GetAsync("/v1/public/deposits/" + wrong)).MustBe(404, "not-found");
        Assert.AreEqual(404, (await app.GetAsync("/verify/" + wrong)).Status);
        Assert.AreEqual(200, (await app.GetAsync("/verify/" + leaf.Split('?')[0])).Status);
        foreach (var query in new[] { "?index=abc", "?index=-1", "?index=99999999999999999999", "?index=1&index=2", "?index=%FF" })
        {
            var malformed = await app.GetAsync(
                "/verify/" + leaf.Split('?')[0] + query, null, ("Accept", "text/html,*/*;q=0.8"), ("Accept-Language", "en"));
            Assert.AreEqual(400, malformed.Status, query);
            Assert.AreEqual("text/html; charset=utf-8", malformed.Headers["Content-Type"]);
            Assert.AreEqual(page.Headers["Content-Security-Policy"], malformed.Headers["Content-Security-Policy"]);
            StringAssert.Contains(malformed.Text, "The address is wrong");
            StringAssert.Contains(malformed.Text, "<form");
        }

        var (digest, index) = (leaf.Split('?')[0], view.GetProperty("index").GetInt64());
        foreach (var address in AsPeopleSendIt(digest, index))
            Assert.AreEqual(ButForTheAddress(page), ButForTheAddress(await app.GetAsync("/verify/" + address)), address);

        Assert.AreEqual(json.Text, (await app.GetAsync($"/v1/public/deposits/{digest.ToUpperInvariant()}?index={index}")).Text);
        (await app.GetAsync($"/v1/public/deposits/{leaf}&utm_source=x")).MustBe(400, "malformed");
        (await app.GetAsync($"/v1/public/deposits/%20{leaf}")).MustBe(404, "not-found");
        (await app.GetAsync($"/v1/public/deposits/{leaf.Split('?')[0]}?index=abc")).MustBe(400, "malformed");
        Assert.DoesNotContain("<script>", (await app.GetAsync("/verify/%3Cscript%3E")).Text);
    }

    /// <summary>The page without its link to the other language, which goes on as the reader came.</summary>
    private static string ButForTheAddress(Answer page) => System.Text.RegularExpressions.Regex.Replace(page.Text, "href=\"\\?[^\"]*lang=en\"", "");

    /// <summary>A letter's address after typing, copying and sharing it.</summary>
    private static IEnumerable<string> AsPeopleSendIt(string digest, long index)
    {
        string Grouped(string blank) => string.Join(blank, digest.Chunk(8).Select(eight => new string(eight)));
        static string FullWidth(string text) => Uri.EscapeDataString(string.Concat(text.Select(c => (char)(c + ('０' - '0')))));
        yield return $"{digest.ToUpperInvariant()}?index={index}";
        foreach (var blank in new[] { "%20", "+", "%C2%A0", "%E3%80%80", "%E2%80%8B", "%0A", "%20%20" })
            yield return $"{Grouped(blank)}{blank}?index={blank}{index}{blank}";

        yield return $"{FullWidth(digest.ToUpperInvariant())}?index={FullWidth($"{index}")}";
        foreach (var query in new[] { "from=singlemessage&isappinstalled=0", "utm_source=%FF&utm_source=%zz", "=", "x&x", "amp;from=timeline" })
        {
            yield return $"{digest}?index={index}&{query}";
            yield return $"{digest}?{query}&index={index}";
        }
    }

    private static async Task<string> FingerprintAsync(TestApp app, string method, string path, string id, string key)
    {
        var answer = await SendAsync(app, method, path, id, key);
        var headers = answer.Headers.Where(h => h.Key is not ("X-Correlation-Id" or "Date") && !h.Key.StartsWith("RateLimit", StringComparison.Ordinal))
            .OrderBy(h => h.Key, StringComparer.Ordinal);
        return string.Join('\n', headers.Select(h => $"{h.Key}: {h.Value}")) + "\n\n" + answer.Text
            .Replace(answer.Headers["X-Correlation-Id"], "", StringComparison.Ordinal)
            .Replace(answer.Json.TryGetProperty("traceId", out var trace) ? trace.GetString()! : "-", "", StringComparison.Ordinal);
    }

    private static async Task<Answer> SendAsync(TestApp app, string method, string path, string id, string key)
    {
        using var body = method is "PUT" ? DepositTests.Body("secret"u8.ToArray()) : null;
        return await app.SendAsync(new HttpMethod(method), path.Replace("{id}", id, StringComparison.Ordinal), key, body);
    }
}
