namespace Notary.Host.Tests;

/// <summary>The answers about processes, draws and sessions.</summary>
internal sealed partial class AnswerRun
{
    /// <summary>For whoever looks at the chain; a letter was issued, so there is an anchor.</summary>
    private async Task ChainAsync()
    {
        const string chain = "/v1/public/chain";
        var seen = (await At($"GET {chain}", 200)).Json;
        Assert.AreEqual("EvidenceAnchor", seen.GetProperty("contractKind").GetString());
        await At($"GET {chain}/blocks?limit=2&before=2", 200);
        await At($"GET {chain}/blocks/0", 200);
        var anchor = (await At($"GET {chain}/anchors?limit=1", 200)).Json.GetProperty("anchors")[0];
        Assert.AreEqual(anchor.GetProperty("size").GetInt64(), (await At($"GET {chain}/anchors/covering/{anchor.GetProperty("size").GetInt64() - 1}", 200))
            .Json.GetProperty("size").GetInt64());
        var made = (await At($"GET {chain}/transactions/{anchor.GetProperty("transaction").GetString()}", 200)).Json;
        Assert.IsTrue(made.GetProperty("proved").GetBoolean());
        Assert.AreEqual("anchor", made.GetProperty("call").GetProperty("name").GetString());
        await At($"GET {chain}/accounts/{anchor.GetProperty("sender").GetString()}", 200);
        await At($"GET {chain}/consortium", 200);
        (await At($"GET {chain}/anchors?before=x", 400)).MustBe(400, "malformed");
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
}
