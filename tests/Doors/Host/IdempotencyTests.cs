namespace Notary.Host.Tests;

/// <summary>Every POST of the published description: the same key and request give the same answer, another request under the key is a conflict.</summary>
[TestClass]
public sealed class IdempotencyTests
{
    private const string Item = """{"digests":{"sha-256":"0000000000000000000000000000000000000000000000000000000000000000"}}""";

    /// <summary>What leads to a state, computes, or finds that it has been said already: these need no key.</summary>
    private static readonly string[] ByNature =
        ["/v1/draws/{id}/tickets", "/v1/draws/{id}/submit", "/v1/draws/{id}/abort", "/v1/public/draws/{drawId}/objections",
            "/v1/forensics/agents/{session}/chain", "/v1/forensics/agents/{session}/uploads/{file}", .. OfASession];

    /// <summary>They need a desktop (tests/Systems/Forensics): ending leads to a state, of several links the newest counts, marks and files
    /// have keys, and each capture is another moment.</summary>
    private static string[] OfASession
        => [.. new[] { "captures", "entrance", "files", "marks", "exit", "abort" }.Select(act => "/v1/forensics/sessions/{id}/" + act)];

    [TestMethod]
    public async Task TheSameKeyIsTheSameAnswerOnEveryPost()
    {
        var app = await Fixture.WholeAppAsync();
        var (tenant, key) = await app.TenantAsync();
        foreach (var (_, path, operation) in (await OpenApiTests.OperationsAsync(app)).Where(o => o.Method == "POST" && !ByNature.Contains(o.Path)))
        {
            Assert.IsTrue(operation.GetProperty("parameters").EnumerateArray().Any(p => p.GetProperty("name").GetString() == "Idempotency-Key"),
                $"{path} says nothing of the header");
            var isOperator = path.StartsWith("/v1/operator", StringComparison.Ordinal) || path.StartsWith("/v1/processes", StringComparison.Ordinal);
            var (kind, process) = path.StartsWith("/v1/processes", StringComparison.Ordinal) ? await ProcessAsync(app, path) : ("", "");
            var at = path.Replace("{tenant}", tenant, StringComparison.Ordinal).Replace("{prefix}", key.Split('_')[1], StringComparison.Ordinal)
                .Replace("{kind}", kind, StringComparison.Ordinal).Replace("{id}", process, StringComparison.Ordinal)
                .Replace("{name}", "go", StringComparison.Ordinal);
            if (path.Contains("{endpoint}", StringComparison.Ordinal) || path.Contains("{event}", StringComparison.Ordinal))
                at = await WebhookTests.FillAsync(app, key, at);

            var header = ("Idempotency-Key", Guid.NewGuid().ToString());
            Task<Answer> SendAsync((string Query, string? Body) request)
                => app.SendAsync(HttpMethod.Post, at + request.Query, isOperator ? app.Operator : key,
                    request.Body is null ? null : path == "/v1/batches" ? BatchTests.Body(request.Body) : TestApp.Json(request.Body), header);

            var (one, other) = RequestsOf(path);
            var first = await SendAsync(one);
            Assert.IsTrue(first.Status is 201 or 202, $"{path}: {first.Status} {first.Text}");
            var again = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => SendAsync(one)));
            foreach (var answer in again)
                Assert.AreEqual((first.Status, first.Text, first.Headers.GetValueOrDefault("Location")),
                    (answer.Status, answer.Text, answer.Headers.GetValueOrDefault("Location")), path);

            (await SendAsync(other)).MustBe(409, "idempotency-conflict");
        }
    }

    /// <summary>Proxies send a POST without a body up to ten times when its connection breaks off, and not all callers name a key.</summary>
    [TestMethod]
    public async Task APostWithoutBodyAndKeyDoesNothingTwice()
    {
        var app = await Fixture.WholeAppAsync();
        var (tenant, key) = await app.TenantAsync();
        foreach (var (_, path, _) in (await OpenApiTests.OperationsAsync(app)).Where(o => o.Method == "POST" && !ByNature.Contains(o.Path)))
        {
            var isProcess = path.StartsWith("/v1/processes", StringComparison.Ordinal);
            var (kind, process) = isProcess ? await ProcessAsync(app, path) : ("", "");
            var at = path.Replace("{tenant}", tenant, StringComparison.Ordinal).Replace("{prefix}", key.Split('_')[1], StringComparison.Ordinal)
                .Replace("{kind}", kind, StringComparison.Ordinal).Replace("{id}", process, StringComparison.Ordinal)
                .Replace("{name}", "go", StringComparison.Ordinal);
            var answers = await Task.WhenAll(Enumerable.Range(0, 10)
                .Select(_ => app.SendAsync(HttpMethod.Post, at, isProcess || path.StartsWith("/v1/operator", StringComparison.Ordinal) ? app.Operator : key)));
            var all = $"{path}: {string.Join(' ', answers.Select(a => $"{a.Status} {a.Code}"))}";
            if (path == "/v1/uploads")
            {
                // Another ticket that nobody uses is nothing: its row goes with its day.
                Assert.IsTrue(answers.All(a => a.Status == 201), all);
                Assert.AreEqual(0, (await app.GetAsync("/v1/deposits", key)).Json.GetProperty("items").GetArrayLength());
                continue;
            }

            if (!isProcess || path.EndsWith("/raiseEvent/{name}", StringComparison.Ordinal))
            {
                // What makes something says what, so nothing is made.
                Assert.IsTrue(answers.All(a => a.Status is 400 or 415), all);
                continue;
            }

            // An act leads to a state: the first brings it there, the others find it so or are told that it has ended.
            Assert.IsTrue(answers.Any(a => a.Status == 202) && answers.All(a => a.Status is 202 or 409 or 410), all);
            var end = path.Split('/')[^1] switch { "terminate" => "Terminated", "suspend"
                => "Suspended", "resume" => "Running", "rewind" => "Failed", var other => other };
            await TestTasks.UntilAsync(app, $"/v1/processes/{kind}/{process}", end);
        }

        Assert.AreEqual(0, (await app.GetAsync("/v1/deposits", key)).Json.GetProperty("items").GetArrayLength());
        Assert.AreEqual(1, (await app.GetAsync($"/v1/operator/tenants/{tenant}/keys", app.Operator)).Json.GetProperty("items").GetArrayLength());
    }

    [TestMethod]
    public async Task WhatNeedsNoKeyIsDoneOnce()
    {
        var app = await Fixture.WholeAppAsync();
        var (_, key) = await app.TenantAsync();
        var id = (await app.PostAsync("/v1/draws", key, DrawTests.Draw("rehearsal"))).Json.GetProperty("drawId").GetString();
        Assert.AreEqual(200, (await DrawTests.PutListAsync(app, key, id!, DrawTests.List, "text/csv")).Status);
        async Task SameAsync(string path, string? body, Func<JsonElement, object?> what)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_
                => app.SendAsync(HttpMethod.Post, path, key, body is null ? null : TestApp.Json(body))));
            Assert.IsTrue(answers.All(a => a.Status is 200 or 201 or 202), string.Join(' ', answers.Select(a => $"{a.Status} {a.Text}")));
            Assert.HasCount(1, answers.Select(a => what(a.Json)).Distinct());
        }

        await SameAsync($"/v1/draws/{id}/submit", null, view => view.GetProperty("state").GetString());
        await SameAsync($"/v1/public/draws/{id}/objections", """{"text":"我不在名单里","contact":"a@example.com"}""",
            receipt => receipt.GetProperty("number").GetInt32());
        await SameAsync($"/v1/draws/{id}/tickets", """{"id":"1","name":"张三"}""", ticket => ticket.GetRawText());
        await SameAsync($"/v1/draws/{id}/abort", """{"reason":"名单有误"}""", view => view.GetProperty("aborted").GetProperty("reason").GetString());
        Assert.AreEqual(1, (await app.GetAsync($"/v1/public/draws/{id}")).Json.GetProperty("objections").GetProperty("received").GetInt32());
    }

    [TestMethod]
    public async Task AnUploadsTicketGivenAgainOpensTheSamePlace()
    {
        var app = await Fixture.WholeAppAsync();
        var (_, key) = await app.TenantAsync();
        var header = ("Idempotency-Key", "u");
        var tickets = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => app.PostAsync("/v1/uploads", key, """{"name":"a","notes":{"k":"v"}}""", header)));
        Assert.HasCount(1, tickets.Select(t => t.Text).Distinct());
        using var http = new HttpClient();
        using var put = new HttpRequestMessage(HttpMethod.Put, tickets[0].Json.GetProperty("url").GetString()) { Content = new StringContent("hello") };
        put.Headers.Add("x-ms-blob-type", "BlockBlob");
        using var response = await http.SendAsync(put);
        Assert.AreEqual(201, (int)response.StatusCode);

        // A deposit's key is no other's either.
        (await app.PostAsync("/v1/deposits", key, $$"""{"items":[{{Item}}]}""", header)).MustBe(409, "idempotency-conflict");
        Assert.AreNotEqual(tickets[0].Text, (await app.PostAsync("/v1/uploads", key, """{"name":"a","notes":{"k":"v"}}""")).Text);
    }

    /// <summary>A request and another one. A POST that is not here has not been thought about.</summary>
    private static ((string Query, string? Body) One, (string Query, string? Body) Other) RequestsOf(string path) => path switch
    {
        "/v1/deposits" => (("", $$"""{"items":[{{Item}}],"letter":"onRequest"}"""), ("", $$"""{"items":[{{Item}}]}""")),
        "/v1/deposits/bulk" => (("", $$"""{"items":[{{Item}},{{Item}}]}"""), ("", $$"""{"items":[{{Item}}]}""")),
        "/v1/batches" => (("", $$"""{"sha-256":"{{new string('0', 64)}}"}"""), ("?letter=onRequest", $$"""{"sha-256":"{{new string('0', 64)}}"}""")),
        "/v1/deposits/file" => (("?letter=onRequest", "{}"), ("?letter=onRequest&name=b", "{}")),
        "/v1/uploads" => (("", "{}"), ("", """{"letter":"onRequest"}""")),
        "/v1/draws" => (("", DrawTests.Draw("rehearsal")), ("", DrawTests.Draw("rehearsal", "另一次"))),
        "/v1/forensics/sessions" => (("", """{"page":"https://site.example/"}"""), ("", """{"page":"https://site.example/2"}""")),
        "/v1/webhooks/endpoints" => (("", """{"url":"http://127.0.0.1:9/"}"""), ("", """{"url":"http://127.0.0.1:9/2"}""")),
        "/v1/webhooks/endpoints/{endpoint}/rotate" => (("", "{}"), ("", """{"overlapSeconds":5}""")),
        "/v1/webhooks/endpoints/{endpoint}/test" => (("", "{}"), ("", "{ }")),
        "/v1/webhooks/endpoints/{endpoint}/replay" => (("", """{"since":"2026-01-01T00:00:00Z","until":"2026-01-02T00:00:00Z"}"""),
            ("", """{"since":"2026-01-01T00:00:00Z","until":"2026-01-03T00:00:00Z"}""")),
        "/v1/webhooks/events/{event}/replay" => (("", "{}"), ("", "{ }")),
        "/v1/operator/tenants" => (("", """{"name":"a"}"""), ("", """{"name":"b"}""")),
        "/v1/operator/tenants/{tenant}/keys" => (("", "{}"), ("", """{"label":"b"}""")),
        "/v1/operator/tenants/{tenant}/invitations" => (("", """{"address":"a"}"""), ("", """{"address":"b"}""")),
        "/v1/operator/tenants/{tenant}/keys/{prefix}/rotate" => (("", "{}"), ("", """{"overlapSeconds":5}""")),
        "/v1/processes/{kind}/{id}/raiseEvent/{name}" => (("", "1"), ("", "2")),
        "/v1/processes/{kind}/{id}/terminate" or "/v1/processes/{kind}/{id}/suspend" or "/v1/processes/{kind}/{id}/resume" or "/v1/processes/{kind}/{id}/rewind"
            => (("?reason=a", null), ("?reason=b", null)),
        _ => throw new AssertFailedException($"POST {path} has no requests here: is it idempotent?"),
    };

    /// <summary>A process that the act can be done to once.</summary>
    private static async Task<(string Kind, string Id)> ProcessAsync(TestApp app, string path)
    {
        var kind = path.EndsWith("/rewind", StringComparison.Ordinal) ? "failing" : "idle";
        return (kind, await TestTasks.StartAsync(app, kind));
    }
}
