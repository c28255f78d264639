using Notary.Host.Access;

namespace Notary.Host.Tests;

/// <summary>What any caller can provoke, and what storage that is away and a bucket that is empty make of every route.</summary>
internal sealed partial class AnswerRun
{
    /// <summary>What any caller can provoke on any route, by its documented statuses.</summary>
    public async Task RefusalsAsync()
    {
        var (tenant, key) = await app.TenantAsync();
        static string Big(int bytes) => "{\"x\":\"" + new string('a', bytes) + "\"}";
        foreach (var (method, path, operation) in operations.Where(o => !o.Path.StartsWith(Agents, StringComparison.Ordinal)))
        {
            var isOperator = path.StartsWith("/v1/operator", StringComparison.Ordinal) || path.StartsWith("/v1/processes", StringComparison.Ordinal);
            var (right, wrong) = isOperator ? (app.Operator, key) : (key, app.Operator);
            var there = Fill(path).Replace(RandomId, path.Contains("{tenant}", StringComparison.Ordinal) ? tenant : RandomId, StringComparison.Ordinal)
                .Replace("/v1/operator/tenants/x", $"/v1/operator/tenants/{tenant}", StringComparison.Ordinal)
                .Replace(NoPrefix, key.Split('_')[1], StringComparison.Ordinal);
            foreach (var response in operation.GetProperty("responses").EnumerateObject())
            {
                using var body = method is "POST" or "PUT" ? TestApp.Json("{\"items\":[],\"name\":\"\"}") : null;
                switch (response.Name)
                {
                    case "400" when method == "PUT":
                        await SendAsync(method, path, there + "?item=x", right, null);
                        break;
                    case "400" when method == "POST":
                        await SendAsync(method, path, path.EndsWith("/file", StringComparison.Ordinal) || path == "/v1/batches"
                            || path.EndsWith("/submit", StringComparison.Ordinal) || path.StartsWith("/v1/processes", StringComparison.Ordinal)
                            || path.StartsWith("/v1/forensics/sessions/{id}/e", StringComparison.Ordinal)
                            || path.EndsWith("/captures", StringComparison.Ordinal)
                            || path.EndsWith("/files", StringComparison.Ordinal)
                            || path.EndsWith("s/{id}/abort", StringComparison.Ordinal)
                            ? there + "?nonsense=1" : there, right, TestApp.Json("{"));
                        break;
                    case "400":
                        await SendAsync(method, path,
                            there + (path.StartsWith("/verify/", StringComparison.Ordinal) ? "?index=x" : "?nonsense=1"), right, null);
                        break;
                    case "401":
                        await SendAsync(method, path, there, null, body);
                        break;
                    case "403":
                        await SendAsync(method, path, there, wrong, body);
                        break;
                    case "404" when path != "/v1/log/checkpoint":
                        await SendAsync(method, path, Fill(path) + (path.Contains("manifestDigest", StringComparison.Ordinal) ? "?index=0" : ""),
                            right, method is "POST" or "PUT" ? TestApp.Json("{}") : null);
                        break;
                    case "406":
                        await SendAsync(method, path, there, right, body, ("Accept", "application/x-nothing"));
                        break;
                    case "413" when path == "/v1/batches":
                        await SendAsync(method, path, there, right, BatchTests.Bomb(), ("Idempotency-Key", "bomb"));
                        break;
                    case "413" when path.EndsWith("/files", StringComparison.Ordinal):
                        await SendAsync(method, path, there + "?name=a", right, new ByteArrayContent(new byte[Forensics.SessionLimits.MaxFile + 1]));
                        break;
                    case "413":
                        await SendAsync(method, path, there, right, TestApp.Json(
                            Big(path.EndsWith("/bulk", StringComparison.Ordinal) ? Http.StrictJson.MaxBulkBodyBytes : Http.StrictJson.MaxBodyBytes)));
                        break;
                    case "415" when path.EndsWith("/file", StringComparison.Ordinal) || path.EndsWith("/files", StringComparison.Ordinal)
                            || path.EndsWith("/original", StringComparison.Ordinal):
                        await SendAsync(method, path, there, right, new MultipartFormDataContent { { new StringContent("x"), "file" } });
                        break;
                    case "415":
                        await SendAsync(method, path, there, right, new StringContent("x"));
                        break;
                }
            }
        }
    }

    /// <summary>Storage that nobody answers for: 503 everywhere, and the process lives.</summary>
    public async Task OutagesAsync()
    {
        const string chain = "/v1/public/chain";
        chainless = await TestApp.StartAsync(v => v["Notary__Chain__RpcUrls"] = "http://127.0.0.1:9/");
        foreach (var (method, path, _) in operations.Where(o => o.Path.StartsWith(chain, StringComparison.Ordinal)))
        {
            var there = Fill(path.Replace("{address}", "0x" + new string('0', 40), StringComparison.Ordinal));
            (await SendAsync(method, path, there, null, null, chainless)).MustBe(503, "chain-unreachable");
        }

        dead = await TestApp.StartAsync(v => v["EvidenceStorage"] = SettingsTests.Complete()["EvidenceStorage"]);
        await Task.WhenAll(operations.Where(o => o.Operation.GetProperty("responses").TryGetProperty("503", out _)
            && !o.Path.StartsWith(chain, StringComparison.Ordinal)).Select(async o =>
        {
            var isOperator = o.Path.StartsWith("/v1/operator", StringComparison.Ordinal) || o.Path.StartsWith("/v1/processes", StringComparison.Ordinal);
            var key = isOperator ? TestApp.OperatorKey : new ApiKey(new string('0', 16), new string('0', 64)).ToString();
            var answer = await SendAsync(o.Method, o.Path, Fill(o.Path) + (o.Path.Contains("manifestDigest", StringComparison.Ordinal) ? "?index=0" : ""),
                key, o.Method is "POST" or "PUT" ? TestApp.Json("{}") : null, dead);
            if (o.Path is not "/readyz")
            {
                answer.MustBe(503, "storage-unavailable");
                Assert.AreEqual("5", answer.Headers["Retry-After"]);
            }
        }));
        Assert.AreEqual(200, (await dead.GetAsync("/healthz")).Status);

        // A log that has not begun has no checkpoint.
        await using var empty = await TestApp.StartAsync();
        for (var i = 0; i < 3000 && (await SendAsync("GET", "/v1/log/checkpoint", "/v1/log/checkpoint", null, null, empty)).Status != 404; i++)
            await Task.Delay(100);
    }

    public async Task RateLimitsAsync()
    {
        slow = await TestApp.StartAsync(v => (v["Notary__RateLimits__TenantPerSecond"], v["Notary__RateLimits__TenantBurst"]) = ("1", "1"));
        var (_, key) = await slow.TenantAsync();
        strangers = await TestApp.StartAsync(v => (v["Notary__RateLimits__ClientPerSecond"], v["Notary__RateLimits__ClientBurst"]) = ("1", "1"));
        foreach (var (method, path, operation) in operations.Where(o => o.Operation.GetProperty("responses").TryGetProperty("429", out _)))
        {
            // The operator's routes know no tenant: made-up keys are charged to who sends them.
            var ofTenant = path.StartsWith("/v1/deposits", StringComparison.Ordinal) || path.StartsWith("/v1/uploads", StringComparison.Ordinal)
                || path.StartsWith("/v1/batches", StringComparison.Ordinal)
                || path.StartsWith("/v1/draws", StringComparison.Ordinal) || path.StartsWith("/v1/forensics/sessions", StringComparison.Ordinal)
                || path.StartsWith("/v1/webhooks", StringComparison.Ordinal) || path == "/v1/usage";
            var (at, policy) = ofTenant ? (slow, "tenant") : (strangers, "client");
            Answer answer;
            var tries = 0;
            do
            {
                var madeUp = $"ntk_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}_{new string('0', 64)}";
                answer = await at.SendAsync(new HttpMethod(method), Fill(path), ofTenant ? key : madeUp,
                    method is "POST" or "PUT" ? TestApp.Json("{}") : null, ("Accept", "text/x-nothing"));
            }
            while (answer.Status != 429 && ++tries < 50);
            answer.MustBe(429, "rate-limited");
            Assert.AreEqual("1", answer.Headers["Retry-After"]);
            Assert.AreEqual("0", answer.Headers["RateLimit-Remaining"]);
            StringAssert.StartsWith(answer.Headers["RateLimit-Policy"], $"\"{policy}\";q=1;");
            seen.Add($"{method} {path} 429");
        }
    }
}
