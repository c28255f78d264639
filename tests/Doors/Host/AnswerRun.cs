using Azure.Data.Tables;
using Notary.Deposits;
using Notary.Evidence;
using Notary.Host.Access;

namespace Notary.Host.Tests;

/// <summary>Provokes every answer once and notes which came.</summary>
internal sealed partial class AnswerRun(
    TestApp app, IReadOnlyList<(string Method, string Path, JsonElement Operation)> operations, HashSet<string> seen) : IAsyncDisposable
{
    private const string RandomId = "01900000-0000-7000-8000-000000000000";
    private const string NoPrefix = "0000000000000000";
    private static readonly string NoDraw = new('0', 64);
    private TestApp? dead;
    private TestApp? slow;
    private TestApp? strangers;

    public async Task GoodAnswersAsync()
    {
        var op = app.Operator;
        var tenant = await At("POST /v1/operator/tenants", 201, op, """{"name":"甲"}""");
        var id = tenant.Json.GetProperty("id").GetString()!;
        await At("POST /v1/operator/tenants", 409, op, $$"""{"name":"乙","id":"{{id}}"}""");
        await At("GET /v1/operator/tenants", 200, op);
        await At($"GET /v1/operator/tenants/{id}", 200, op);
        var idempotent = ("Idempotency-Key", Guid.NewGuid().ToString());
        var key = (await At($"POST /v1/operator/tenants/{id}/keys", 201, op, """{"label":"a"}""", idempotent)).Json.GetProperty("key").GetString()!;
        await At($"POST /v1/operator/tenants/{id}/keys", 409, op, """{"label":"b"}""", idempotent);
        var second = (await At($"POST /v1/operator/tenants/{id}/keys/{key.Split('_')[1]}/rotate", 201, op, "{}")).Json.GetProperty("info")
            .GetProperty("prefix").GetString();
        await At($"GET /v1/operator/tenants/{id}/keys", 200, op);
        await At($"DELETE /v1/operator/tenants/{id}/keys/{second}", 204, op);
        await At($"POST /v1/operator/tenants/{id}/keys/{second}/rotate", 409, op, "{}");
        await At($"POST /v1/operator/tenants/{id}/invitations", 201, op, """{"address":"a"}""", ("Idempotency-Key", "i1"));
        await At($"POST /v1/operator/tenants/{id}/invitations", 409, op, """{"address":"b"}""", ("Idempotency-Key", "i1"));
        var health = await At("GET /v1/operator/health", 200, op);
        foreach (var dependency in health.Json.GetProperty("dependencies").EnumerateArray().Where(d => d.GetProperty("ok").GetBoolean()))
            Assert.AreEqual("ok", dependency.GetProperty("detail").GetString(), dependency.GetProperty("name").GetString());

        await At("GET /healthz", 200);
        await WaitForAsync("GET /readyz", 200);
        await At("GET /v1/trust", 200);
        await At("GET /v1/limits", 200);
        await At("GET /v1/recipe/2", 200);
        await At("GET /v1/recipe/3", 200);

        var content = RandomNumberGenerator.GetBytes(64);
        var made = await FileAsync(key, content, 201, idempotent);
        var deposit = made.Json.GetProperty("id").GetString()!;
        await FileAsync(key, [1], 409, idempotent);
        await FileAsync(key, [1], 422, ("Content-Digest", "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:"));
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(content));
        var digests = $$"""{"items":[{"digests":{"sha-256":"{{sha256}}"} }],"letter":"onRequest"}""";
        var digest = (await At("POST /v1/deposits", 201, key, digests, ("Idempotency-Key", "d1"))).Json.GetProperty("id").GetString()!;
        await At("POST /v1/deposits", 409, key, digests.Replace("onRequest", "eager", StringComparison.Ordinal), ("Idempotency-Key", "d1"));
        var two = $$"""{"items":[{"digests":{"sha-256":"{{sha256}}"} },{"digests":{"sha-256":"{{sha256}}"} }]}""";
        var bulk = await At("POST /v1/deposits/bulk", 201, key, two, ("Idempotency-Key", "b1"));
        await At("POST /v1/deposits/bulk", 409, key, $$"""{"items":[{"digests":{"sha-256":"{{sha256}}"},"name":"a"}]}""", ("Idempotency-Key", "b1"));
        await At($"GET /v1/deposits/{digest}/letter", 409, key);
        await At($"GET /v1/deposits/{digest}/bundle", 409, key);
        await OriginalAsync(key, digest, [9], 422);
        await OriginalAsync(key, digest, content, 204);

        // Before the sequencer has come by, half a second later.
        var fresh = (await At("POST /v1/deposits", 201, key, digests)).Json.GetProperty("id").GetString()!;
        await At($"GET /v1/deposits/{fresh}/proof", 409, key);

        await At($"GET /v1/deposits/{deposit}", 200, key);
        await At("GET /v1/deposits", 200, key);
        await At($"GET /v1/deposits/{deposit}/original", 200, key);
        await At($"GET /v1/deposits/{deposit}/original", 206, key, null, ("Range", "bytes=0-0"));
        await At($"GET /v1/deposits/{deposit}/original", 304, key, null, ("If-None-Match", $"\"{sha256}\""));
        await At($"GET /v1/deposits/{deposit}/original", 412, key, null, ("If-Match", "\"other\""));
        await At($"GET /v1/deposits/{deposit}/original", 416, key, null, ("Range", "bytes=64-"));
        var upload = await At("POST /v1/uploads", 201, key, "{}", ("Idempotency-Key", "u1"));
        await At("POST /v1/uploads", 409, key, """{"name":"a"}""", ("Idempotency-Key", "u1"));
        await ExpireAsync(id, upload.Json.GetProperty("id").GetString()!);
        await At("POST /v1/uploads", 410, key, "{}", ("Idempotency-Key", "u1"));
        await At($"GET /v1/uploads/{upload.Json.GetProperty("id").GetString()}", 200, key);
        await TakeAsync(id, upload.Json.GetProperty("id").GetString()!, begun: 1);
        await At($"DELETE /v1/uploads/{upload.Json.GetProperty("id").GetString()}", 409, key);
        await TakeAsync(id, upload.Json.GetProperty("id").GetString()!, begun: 0);
        await At($"DELETE /v1/uploads/{upload.Json.GetProperty("id").GetString()}", 204, key);

        await WaitForAsync($"GET /v1/deposits/{deposit}/letter", 200, key);
        await EraseAsync(id, bulk.Json.GetProperty("receipts")[1].GetProperty("id").GetString()!);
        await At("POST /v1/deposits/bulk", 410, key, two, ("Idempotency-Key", "b1"));
        await At($"GET /v1/deposits/{deposit}/letter", 206, key, null, ("Range", "bytes=0-0"));
        await At($"GET /v1/deposits/{deposit}/letter", 416, key, null, ("Range", "bytes=99999999-"));
        await At($"GET /v1/deposits/{deposit}/bundle", 200, key);
        foreach (var file in new[] { "letter", "bundle" })
        {
            await At($"GET /v1/deposits/{deposit}/{file}", 304, key, null, ("If-None-Match", "*"));
            await At($"GET /v1/deposits/{deposit}/{file}", 412, key, null, ("If-Match", "\"other\""));
        }

        await At($"GET /v1/deposits/{deposit}/proof", 200, key);
        Assert.AreEqual(made.Text, (await At($"GET /v1/deposits/{deposit}/receipt", 200, key)).Text);
        var view = await At($"GET /v1/deposits/{deposit}", 200, key);
        await At("GET /v1/log/checkpoint", 200);
        var size = int.Parse((await At("GET /v1/log/checkpoint", 200)).Text.Split('\n')[1], System.Globalization.CultureInfo.InvariantCulture);
        await At(size % 256 == 0 ? "GET /v1/log/tile/0/000" : $"GET /v1/log/tile/0/{size / 256:D3}.p/{size % 256}", 200);
        var leaf = $"{view.Json.GetProperty("manifestDigest").GetString()}?index={view.Json.GetProperty("index").GetInt64()}";
        await At($"GET /v1/public/deposits/{leaf}", 200);
        await At($"GET /verify/{leaf}", 200);

        await BatchesAsync(key);
        await ProcessesAsync(op);
        await DrawsAsync(key);
        await SessionsAsync(key);
        await WebhooksAsync(key);
        await AgentsAsync();
    }

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
        dead = await TestApp.StartAsync(v => v["EvidenceStorage"] = SettingsTests.Complete()["EvidenceStorage"]);
        await Task.WhenAll(operations.Where(o => o.Operation.GetProperty("responses").TryGetProperty("503", out _)).Select(async o =>
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
        for (var i = 0; i < 100 && (await SendAsync("GET", "/v1/log/checkpoint", "/v1/log/checkpoint", null, null, empty)).Status != 404; i++)
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
                || path.StartsWith("/v1/webhooks", StringComparison.Ordinal);
            var (at, policy) = ofTenant ? (slow, "tenant") : (strangers, "client");
            Answer answer;
            var tries = 0;
            do
            {
                var madeUp = $"ntk_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}_{new string('0', 64)}";
                answer = await at.SendAsync(new HttpMethod(method), Fill(path), ofTenant ? key : madeUp,
                    method is "POST" or "PUT" ? TestApp.Json("{}") : null, ("Accept", "text/x-nothing"));
            }
            while (answer.Status != 429 && ++tries < 5);
            answer.MustBe(429, "rate-limited");
            Assert.AreEqual("1", answer.Headers["Retry-After"]);
            Assert.AreEqual("0", answer.Headers["RateLimit-Remaining"]);
            StringAssert.StartsWith(answer.Headers["RateLimit-Policy"], $"\"{policy}\";q=1;");
            seen.Add($"{method} {path} 429");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var other in new[] { dead, slow, strangers })
        {
            if (other is not null)
                await other.DisposeAsync();
        }
    }

    private async Task BatchesAsync(string key)
    {
        var line = $$"""{"sha-256":"{{new string('0', 64)}}"}""";
        var id = (await SendAsync(line, 201)).Json.GetProperty("id").GetString();
        await SendAsync(line + "\n\n", 409);
        await SendAsync("{}", 422);
        await At($"GET /v1/batches/{id}", 200, key);
        await At($"GET /v1/batches/{id}/items", 200, key);
        await At("GET /v1/batches/items?reference=a", 200, key);

        Task<Answer> SendAsync(string lines, int status)
            => Expect(this.SendAsync("POST", "/v1/batches", "/v1/batches", key, BatchTests.Body(lines),
                ("Idempotency-Key", status == 422 ? "batch2" : "batch1")), status);
    }

    private async Task ProcessesAsync(string op)
    {
        await At("GET /v1/processes", 200, op);
        var path = $"/v1/processes/idle/{await TestTasks.StartAsync(app, "idle")}";
        var active = await At($"GET {path}", 202, op);
        Assert.AreEqual(path, active.Headers["Location"]);
        Assert.IsTrue(active.Headers.ContainsKey("Retry-After"));
        foreach (var member in new[] { "name", "instanceId", "runtimeStatus", "input", "customStatus", "output", "createdTime", "lastUpdatedTime" })
            Assert.IsTrue(active.Json.TryGetProperty(member, out _), member);

        await At($"POST {path}/suspend", 202, op, null, ("Idempotency-Key", "one"));
        await TestTasks.UntilAsync(app, path, "Suspended");
        await At($"POST {path}/raiseEvent/x", 202, op, "{}", ("Idempotency-Key", "0"));
        await At($"POST {path}/raiseEvent/x", 202, op, "{}", ("Idempotency-Key", "0"));
        await At($"POST {path}/raiseEvent/x", 409, op, "{\"other\":1}", ("Idempotency-Key", "0"));
        await At($"POST {path}/rewind", 409, op);
        await At($"POST {path}/resume?reason=go", 202, op, null, ("Idempotency-Key", "one"));
        await TestTasks.UntilAsync(app, path, "Running");
        await At($"POST {path}/terminate?reason=test", 202, op, null, ("Idempotency-Key", "one"));
        await TestTasks.UntilAsync(app, path, "Terminated");
        Assert.IsGreaterThan(2, (await At($"GET {path}?showHistory=true", 200, op)).Json.GetProperty("historyEvents").GetArrayLength());
        foreach (var act in new[] { "terminate", "suspend", "resume" })
        {
            await At($"POST {path}/{act}", 410, op);
            await At($"POST {path}/{act}?reason=other", 409, op, null, ("Idempotency-Key", "one"));
        }

        await At($"POST {path}/raiseEvent/x", 410, op, "{}");

        // A failed one goes on by rewinding.
        await At($"POST /v1/processes/failing/{await TestTasks.StartAsync(app, "failing")}/rewind", 202, op);
    }

    private async Task DrawsAsync(string key)
    {
        var draw = DrawTests.Draw("rehearsal");
        var id = (await At("POST /v1/draws", 201, key, draw, ("Idempotency-Key", "w1"))).Json.GetProperty("drawId").GetString()!;
        await At("POST /v1/draws", 409, key, DrawTests.Draw("draw"), ("Idempotency-Key", "w1"));
        var other = (await At("POST /v1/draws", 201, key, draw)).Json.GetProperty("drawId").GetString()!;
        await At($"POST /v1/draws/{other}/submit", 409, key);
        await At($"POST /v1/draws/{other}/abort", 409, key, """{"reason":"x"}""");
        await At("GET /v1/draws", 200, key);
        await At($"GET /v1/draws/{id}", 200, key);
        await At($"PUT /v1/draws/{id}", 200, key, draw);
        await ListAsync(key, id, "id\n1\n1\n", 422);
        await ListAsync(key, id, DrawTests.List, 200);
        await At($"GET /v1/draws/{id}/list-secret", 200, key);
        await At($"POST /v1/draws/{id}/tickets", 200, key, """{"id":"1","name":"张三"}""");
        await At($"POST /v1/draws/{id}/tickets", 404, key, """{"id":"1","name":"李四"}""");
        await At($"POST /v1/draws/{id}/submit", 200, key);
        await ListAsync(key, id, DrawTests.List, 409);
        await At($"PUT /v1/draws/{id}", 409, key, draw);
        await At($"DELETE /v1/draws/{id}", 409, key);
        await At($"DELETE /v1/draws/{other}", 204, key);

        var at = $"/v1/public/draws/{id}";
        await At("GET /v1/public/draws", 200);
        await At("GET /v1/public/signers", 200);
        await At($"GET {at}", 200);
        await At($"GET {at}/candidates", 200);
        var handle = (await At($"GET {at}/candidates", 200)).Json.GetProperty("candidates")[0].GetProperty("handle").GetString();
        await At($"GET {at}/candidates/{handle}", 200);
        await At($"GET {at}/files/plan.json", 200);
        await At($"GET {at}/files/plan.json", 206, null, null, ("Range", "bytes=0-0"));
        await At($"GET {at}/files/plan.json", 304, null, null, ("If-None-Match", "*"));
        await At($"GET {at}/files/plan.json", 412, null, null, ("If-Match", "\"other\""));
        await At($"GET {at}/files/plan.json", 416, null, null, ("Range", "bytes=99999999-"));
        using (var stream = await app.Http.GetAsync(new Uri($"{at}/events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead))
            Note("GET", "/v1/public/draws/{drawId}/events", new Answer((int)stream.StatusCode, new Dictionary<string, string>(), []));

        await At($"POST {at}/objections", 201, null, """{"text":"why?"}""");
        await At($"GET /v1/draws/{id}/objections", 200, key);
        await At($"PUT /v1/draws/{id}/objections/1/answer", 204, key, """{"text":"because"}""");
        await At($"POST /v1/draws/{id}/abort", 202, key, """{"reason":"x"}""");
        await At($"PUT /v1/draws/{id}/objections/1/answer", 409, key, """{"text":"because"}""");
        await At($"POST {at}/objections", 409, null, """{"text":"why then?"}""");

        await At($"POST /v1/public/draws/{NoDraw}/objections", 404, null, """{"text":"why?"}""");
        await At($"PUT /v1/draws/{NoDraw}", 404, key, draw);
        await At($"POST /v1/draws/{NoDraw}/abort", 404, key, """{"reason":"x"}""");
        await At($"PUT /v1/draws/{NoDraw}/objections/1/answer", 404, key, """{"text":"because"}""");
        await ListAsync(key, NoDraw, DrawTests.List, 404);
    }

    private async Task SessionsAsync(string key)
    {
        const string Sessions = "/v1/forensics/sessions", Page = """{"page":"https://site.example/"}""";
        var id = (await At($"POST {Sessions}", 201, key, Page, ("Idempotency-Key", "f1"))).Json.GetProperty("id").GetString();
        await At($"POST {Sessions}", 409, key, """{"page":"https://site.example/2"}""", ("Idempotency-Key", "f1"));
        await At($"GET {Sessions}", 200, key);
        await At($"GET {Sessions}/{id}", 200, key);
        await At($"GET {Sessions}/{id}/letter", 409, key);
        await At($"GET {Sessions}/{RandomId}/letter", 404, key);
        await WaitForAsync($"POST {Sessions}/{id}/entrance", 200, key);
        await At($"POST {Sessions}/{id}/marks", 204, key, """{"note":"this"}""", ("Idempotency-Key", "m1"));
        await At($"POST {Sessions}/{id}/marks", 409, key, """{"note":"that"}""", ("Idempotency-Key", "m1"));
        await At($"POST {Sessions}/{RandomId}/marks", 404, key, """{"note":"that"}""");
        await At($"POST {Sessions}/{id}/captures", 204, key);
        await At($"POST {Sessions}/{RandomId}/captures", 404, key);
        Task<Answer> BringAsync(string at, string file, int status, params (string, string)[] headers)
            => Expect(SendAsync("POST", Sessions + "/{id}/files", $"{Sessions}/{at}/files?name=a.eml", key,
                DepositTests.Body(System.Text.Encoding.UTF8.GetBytes(file)), headers), status);
        await BringAsync(id!, "mail", 201, ("Idempotency-Key", "u1"));
        await BringAsync(id!, "other", 409, ("Idempotency-Key", "u1"));
        await BringAsync(id!, "mail", 422, ("Content-Digest", "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:"));
        await BringAsync(RandomId, "mail", 404);
        await At($"POST {Sessions}/{id}/exit", 202, key);
        await At($"POST {Sessions}/{id}/abort", 202, key);
        await WaitForAsync($"GET {Sessions}/{id}/letter", 200, key);

        await using var without = await TestApp.StartAsync();
        var (_, other) = await without.TenantAsync();
        foreach (var (method, path, _) in operations.Where(o => o.Path.StartsWith(Sessions, StringComparison.Ordinal)))
        {
            (await SendAsync(method, path, Fill(path) + (path.EndsWith("/files", StringComparison.Ordinal) ? "?name=a" : ""), other,
                method == "POST" ? TestApp.Json(Page) : null, without)).MustBe(409, "desktops-not-configured");
        }
    }

    private Task<Answer> ListAsync(string key, string id, string csv, int status) => Expect(SendAsync("PUT", "/v1/draws/{id}/list",
        $"/v1/draws/{id}/list", key, new StringContent(csv, System.Text.Encoding.UTF8, "text/csv")), status);

    /// <summary>Takes a deposit's row away, which is in the log by now.</summary>
    private async Task EraseAsync(string tenant, string deposit)
        => await app.Services.GetRequiredService<StorageAccount>().Table(Names.Deposits)
            .DeleteEntityAsync(DepositKeys.Shard(tenant), DepositKeys.Deposit(tenant, DepositId.Parse(deposit)));

    /// <summary>A day later, for an upload's ticket.</summary>
    private Task ExpireAsync(string tenant, string upload) => ChangeAsync(tenant, upload, "ExpiresAt", DateTimeOffset.UnixEpoch);

    private Task TakeAsync(string tenant, string upload, int begun) => ChangeAsync(tenant, upload, "Begun", begun);

    private async Task ChangeAsync(string tenant, string upload, string column, object value)
    {
        var row = new TableEntity(DepositKeys.Shard(tenant), DepositKeys.Upload(tenant, DepositId.Parse(upload))) { [column] = value };
        await app.Services.GetRequiredService<StorageAccount>().Table(Names.Deposits).UpdateEntityAsync(row, Azure.ETag.All);
    }

    private Task<Answer> FileAsync(string key, byte[] content, int status, params (string, string)[] headers)
        => Expect(SendAsync("POST", "/v1/deposits/file", "/v1/deposits/file", key, DepositTests.Body(content), headers), status);

    private Task<Answer> OriginalAsync(string key, string id, byte[] content, int status)
        => Expect(SendAsync("PUT", "/v1/deposits/{id}/original", $"/v1/deposits/{id}/original", key, DepositTests.Body(content)), status);

    private Task<Answer> At(string what, int status, string? key = null, string? json = null, params (string, string)[] headers)
    {
        var (method, path) = (what.Split(' ')[0], what.Split(' ')[1]);
        return Expect(SendAsync(method, TemplateOf(method, path), path, key, json is null ? null : TestApp.Json(json), headers), status);
    }

    private async Task WaitForAsync(string what, int status, string? key = null)
    {
        var (method, path) = (what.Split(' ')[0], what.Split(' ')[1]);
        for (var i = 0; ; i++)
        {
            var answer = await SendAsync(method, TemplateOf(method, path), path, key, null);
            if (answer.Status == status)
                return;

            Assert.IsLessThan(200, i, answer.Text);
            await Task.Delay(500);
        }
    }

    private static async Task<Answer> Expect(Task<Answer> sent, int status)
    {
        var answer = await sent;
        Assert.AreEqual(status, answer.Status, answer.Text);
        return answer;
    }

    private async Task<Answer> SendAsync(string method, string template, string path, string? key, HttpContent? content, params (string, string)[] headers)
        => Note(method, template, await app.SendAsync(new HttpMethod(method), path, key, content, headers));

    private async Task<Answer> SendAsync(string method, string template, string path, string? key, HttpContent? content, TestApp other)
        => Note(method, template, await other.SendAsync(new HttpMethod(method), path, key, content));

    private Answer Note(string method, string template, Answer answer)
    {
        Assert.AreNotEqual(500, answer.Status, $"{method} {template}");
        lock (seen)
        {
            seen.Add($"{method} {template} {answer.Status}");
        }

        return answer;
    }

    private string TemplateOf(string method, string path)
        => operations.Where(o => o.Method == method).Select(o => o.Path).OrderBy(p => p.Count(c => c == '{')).First(p =>
            System.Text.RegularExpressions.Regex.IsMatch(path.Split('?')[0], "^" + System.Text.RegularExpressions.Regex.Replace(p, @"\{path\}", ".+")
                .Replace("{", "(?<", StringComparison.Ordinal).Replace("}", ">[^/]+)", StringComparison.Ordinal) + "$"));

    private static string Fill(string template) => template
        .Replace("{id}", RandomId, StringComparison.Ordinal).Replace("{tenant}", "x", StringComparison.Ordinal)
        .Replace("{prefix}", NoPrefix, StringComparison.Ordinal)
        .Replace("{endpoint}", NoEndpoint, StringComparison.Ordinal).Replace("{event}", NoEvent, StringComparison.Ordinal)
        .Replace("{kind}", "certificate", StringComparison.Ordinal)
        .Replace("{name}", "x", StringComparison.Ordinal).Replace("{path}", "0/999", StringComparison.Ordinal)
        .Replace("{drawId}", NoDraw, StringComparison.Ordinal).Replace("{handle}", NoDraw, StringComparison.Ordinal)
        .Replace("{number}", "1", StringComparison.Ordinal)
        .Replace("{manifestDigest}", new string('0', 64), StringComparison.Ordinal);
}
