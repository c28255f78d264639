using System.IO.Compression;
using System.Text.Json.Nodes;

namespace Notary.Host.Tests;

/// <summary>Draws by HTTP: what the organiser writes, what the public reads, and how changes are told.</summary>
[TestClass]
public sealed class DrawTests
{
    public const string List = "id,name\n1,张三\n2,Li Si\n3,王五\n";

    /// <summary>A draw's JSON, with ten minutes for each part.</summary>
    public static string Draw(string kind, string title = "摇号")
    {
        string At(int minutes)
            => TimeProvider.System.GetUtcNow().AddMinutes(minutes).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

        return new JsonObject
        {
            ["title"] = title,
            ["kind"] = kind,
            ["rules"] = new JsonObject
            {
                ["groups"] = new JsonArray(),
                ["rounds"] = new JsonArray(new JsonObject
                {
                    ["quota"] = 1, ["reserves"] = 1, ["groups"] = new JsonArray(), ["earlierWinners"] = false, ["weights"] = false,
                }),
            },
            ["schedule"] = new JsonObject { ["objectionsUntil"] = At(10), ["commitsUntil"] = At(20), ["revealsUntil"] = At(30) },
        }.ToJsonString();
    }

    [TestMethod]
    public async Task AnOrganiserWritesWhatThePublicReads()
    {
        var app = await Fixture.WholeAppAsync();
        var (_, key) = await app.TenantAsync("甲公司");
        var made = await app.PostAsync("/v1/draws", key, Draw("rehearsal", "第一次演练"));
        var id = made.Json.GetProperty("drawId").GetString()!;
        Assert.AreEqual($"/v1/draws/{id}", made.Headers["Location"]);
        foreach (var member in new[] { "list", "plan", "commitment", "chain", "result", "aborted" })
            Assert.AreEqual(JsonValueKind.Null, made.Json.GetProperty(member).ValueKind, member);

        (await app.GetAsync($"/v1/public/draws/{id}")).MustBe(404, "not-found");
        var refused = (await PutListAsync(app, key, id, "id,weight\n1,2\n1,2\n2,101\n", "text/csv")).MustBe(422, "list-refused");
        Assert.AreEqual(2, refused.Json.GetProperty("total").GetInt32());
        Assert.AreEqual("""[{"line":3,"code":"id-repeated","first":2},{"line":4,"code":"weight"}]""", refused.Json.GetProperty("refusals").GetRawText());
        var chinese = CodePagesEncodingProvider.Instance.GetEncoding("gb18030")!;
        using var content = new ByteArrayContent(chinese.GetBytes(List));
        content.Headers.Add("Content-Type", "text/csv; charset=gb18030");
        var list = await app.SendAsync(HttpMethod.Put, $"/v1/draws/{id}/list", key, content);
        Assert.AreEqual(3, list.Json.GetProperty("candidates").GetInt32(), list.Text);
        (await PutListAsync(app, key, id, List, "text/csv; charset=big5")).MustBe(415, "unsupported-media-type");
        Assert.AreEqual(200, (await PutListAsync(app, key, id, "{\"id\":\"1\",\"name\":\"张三\"}\n{\"id\":\"2\"}\n", "application/x-ndjson")).Status);
        Assert.AreEqual(200, (await app.SendAsync(HttpMethod.Post, $"/v1/draws/{id}/submit", key)).Status);

        var view = await app.GetAsync($"/v1/public/draws/{id}");
        Assert.AreEqual("*", view.Headers["Access-Control-Allow-Origin"]);
        Assert.AreEqual("rehearsal published 第一次演练 甲公司", string.Join(' ', new[] { "kind", "state", "title", "organiser" }
            .Select(m => view.Json.GetProperty(m).GetString())));
        Assert.IsFalse(view.Json.TryGetProperty("submittedAt", out _), "for its organiser alone");
        var file = view.Json.GetProperty("files").EnumerateArray().Single(f => f.GetProperty("name").GetString() == "public.csv");
        var plain = await app.GetAsync($"/v1/public/draws/{id}/files/public.csv");
        Assert.AreEqual(file.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(plain.Body)));
        var packed = await app.GetAsync($"/v1/public/draws/{id}/files/public.csv", null, ("Accept-Encoding", "gzip"));
        using var unpacked = new GZipStream(new MemoryStream(packed.Body), CompressionMode.Decompress);
        using var again = new MemoryStream();
        await unpacked.CopyToAsync(again);
        CollectionAssert.AreEqual(plain.Body, again.ToArray());
        (await app.GetAsync($"/v1/public/draws/{id}/files/result.json")).MustBe(404, "not-found");
        (await app.GetAsync($"/v1/public/draws/{id}/files/..%2Fplan.json")).MustBe(404, "not-found");

        var all = (await app.GetAsync($"/v1/public/draws/{id}/candidates?from=2&limit=5")).Json;
        Assert.AreEqual("2 1", $"{all.GetProperty("total")} {all.GetProperty("candidates").GetArrayLength()}");
        Assert.AreEqual(0, (await app.GetAsync($"/v1/public/draws/{id}/candidates?from=3")).Json.GetProperty("candidates").GetArrayLength());
        var ticket = await app.PostAsync($"/v1/draws/{id}/tickets", key, """{"id":"1","name":"张三"}""");
        var handle = Notary.Evidence.Draws.CandidateTicket.Parse(ticket.Body).Handle;
        var one = (await app.GetAsync($"/v1/public/draws/{id}/candidates/{handle}")).Json;
        Assert.AreEqual("张*", one.GetProperty("name").GetString());
        Assert.AreEqual(1, one.GetProperty("path").GetArrayLength());
    }

    /// <summary>One stream tells what another request changes; a stream of a draft there is none.</summary>
    [TestMethod]
    public async Task ChangesAreToldWhileTheyHappen()
    {
        var app = await Fixture.WholeAppAsync();
        var (_, key) = await app.TenantAsync();
        var id = (await app.PostAsync("/v1/draws", key, Draw("rehearsal"))).Json.GetProperty("drawId").GetString()!;
        (await app.GetAsync($"/v1/public/draws/{id}/events")).MustBe(404, "not-found");
        await PutListAsync(app, key, id, List, "text/csv");
        await app.SendAsync(HttpMethod.Post, $"/v1/draws/{id}/submit", key);

        using var answer = await app.Http.GetAsync(new Uri($"/v1/public/draws/{id}/events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        Assert.AreEqual("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
        Assert.AreEqual("no", string.Join("", answer.Headers.GetValues("X-Accel-Buffering")));
        Assert.IsTrue(answer.Headers.CacheControl!.NoStore);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        var first = await EventAsync(reader);
        Assert.AreEqual("published", first.Data.GetProperty("state").GetString());
        Assert.AreEqual(first.Id, first.Data.GetProperty("version").GetInt64());
        Assert.AreEqual(201, (await app.PostAsync($"/v1/public/draws/{id}/objections", null, """{"text":"why?"}""")).Status);
        var next = await UntilAsync(reader, e => e.GetProperty("objections").GetProperty("received").GetInt32() == 1);
        Assert.IsGreaterThan(first.Id, next.Id);
        Assert.AreEqual(202, (await app.PostAsync($"/v1/draws/{id}/abort", key, """{"reason":"名单有误"}""")).Status);
        var last = await UntilAsync(reader, e => e.GetProperty("state").GetString() == "aborted");
        Assert.AreEqual("名单有误", last.Data.GetProperty("aborted").GetProperty("reason").GetString());
    }

    [TestMethod]
    public async Task WhereNoDrawsAreHeldThereAreNone()
    {
        await using var app = await TestApp.StartOnAsync(await Fixture.PlatformAsync(), v => v.Remove("Notary__Draws__Registry"));
        var (_, key) = await app.TenantAsync();
        (await app.GetAsync("/v1/draws", key)).MustBe(404, "not-found");
        (await app.GetAsync("/v1/public/draws")).MustBe(404, "not-found");
        (await app.PostAsync("/v1/draws", key, Draw("draw"))).MustBe(404, "not-found");
    }

    internal static async Task<Answer> PutListAsync(TestApp app, string key, string id, string text, string type)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
        content.Headers.Add("Content-Type", type);
        return await app.SendAsync(HttpMethod.Put, $"/v1/draws/{id}/list", key, content);
    }

    private static async Task<(long Id, JsonElement Data)> UntilAsync(StreamReader reader, Func<JsonElement, bool> wanted)
    {
        while (true)
        {
            if (await EventAsync(reader) is var found && wanted(found.Data))
                return found;
        }
    }

    private static async Task<(long Id, JsonElement Data)> EventAsync(StreamReader reader)
    {
        var (id, data) = (0L, (string?)null);
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal))
                id = long.Parse(line[4..], CultureInfo.InvariantCulture);
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
                data = line[6..];
            else if (line.Length == 0 && data is not null)
                return (id, JsonDocument.Parse(data).RootElement);
        }

        throw new InvalidOperationException("the stream ended");
    }
}
