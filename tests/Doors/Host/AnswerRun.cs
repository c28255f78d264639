using Azure.Data.Tables;
using Notary.Deposits;
using Notary.Evidence;

namespace Notary.Host.Tests;

/// <summary>Provokes every answer once and notes which came.</summary>
internal sealed partial class AnswerRun(
    TestApp app, IReadOnlyList<(string Method, string Path, JsonElement Operation)> operations, HashSet<string> seen) : IAsyncDisposable
{
    private const string RandomId = "01900000-0000-7000-8000-000000000000";
    private const string NoPrefix = "0000000000000000";
    private static readonly string NoDraw = new('0', 64);
    private TestApp? dead;
    private TestApp? chainless;
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
        await At($"GET /v1/operator/tenants/{id}/usage", 200, op);
        await At($"GET /v1/operator/tenants/{id}/limits", 200, op);
        await At($"PUT /v1/operator/tenants/{id}/limits", 200, op, """{"uploadsAtOnce":100}""");
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
        await At($"GET /v1/trust?contract=0x{new string('0', 40)}", 404);
        await At("GET /v1/trust?former=1", 400);
        await At("GET /v1/limits", 200);
        await At("GET /v1/recipe/2", 200);
        await At("GET /v1/recipe/3", 200);
        await At("GET /v1/recipe/4", 200);

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
        await At("GET /v1/usage", 200, key);
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

        await ChainAsync();
        await BatchesAsync(key);
        await ProcessesAsync(op);
        await DrawsAsync(key);
        await SessionsAsync(key);
        await WebhooksAsync(key);
        await AgentsAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var other in new[] { dead, chainless, slow, strangers })
        {
            if (other is not null)
                await other.DisposeAsync();
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

            Assert.IsLessThan(1200, i, answer.Text);
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
        .Replace("{block}", "999999999999", StringComparison.Ordinal).Replace("{index}", "999999999999", StringComparison.Ordinal)
        .Replace("{hash}", "0x" + NoDraw, StringComparison.Ordinal).Replace("{address}", "x", StringComparison.Ordinal)
        .Replace("{manifestDigest}", new string('0', 64), StringComparison.Ordinal);
}
