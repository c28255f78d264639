using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Notary.Host.Tests;

/// <summary>Whatever comes in, the answer is a 4xx with a stable code; nothing breaks.</summary>
[TestClass]
public sealed class MalformedTests
{
    private const string Id = "01900000-0000-7000-8000-000000000000";
    private static readonly string LongText = new('a', 70_000);
    private static TestApp app = null!;
    private static string key = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _)
    {
        app = await Fixture.WholeAppAsync();
        key = (await app.TenantAsync()).Key;
    }

    /// <summary>Bodies that no JSON route takes; each is posted to each of them.</summary>
    private static readonly string[] Bodies =
    [
        "", " ", "{", "}", "[]", "null", "true", "0", "\"text\"", "{}x", "{} {}", "{\"items\":}", "{'items':[]}", "{\"items\":[],}", "/*c*/{}", "{\"a\":NaN}",
        "{\"unknown\":1}", "{\"name\":\"a\",\"name\":\"b\"}", "{\"items\":[],\"items\":[]}", "{\"name\":1}", "{\"label\":{}}",
        "{\"scopes\":[\"root\"]}", "{\"scopes\":[7]}", "{\"overlapSeconds\":\"1\"}", "{\"overlapSeconds\":1e99}",
        "{\"name\":\"\\ud800\"}", "{\"name\":\"\\u0000\"}", "\ufeff\ufeff{}",
        "{\"items\":[{\"digests\":{\"sha-256\":\"zz\"}}]}", "{\"items\":[{\"digests\":{}}]}",
        "{\"items\":[null]}", "{\"items\":{}}", "{\"notes\":{\"a\":null}}",
        "{\"expiresAt\":\"yesterday\"}", "{\"expiresAt\":\"2026-01-01T00:00:00\"}", "{\"previous\":\"ABC\"}", "{\"letter\":\"never\"}", "{\"letter\":0}",
        new string('[', 5000) + new string(']', 5000), string.Concat(Enumerable.Repeat("{\"name\":", 5000)),
    ];

    [TestMethod]
    public async Task EveryJsonRouteRefusesEveryBadBody()
    {
        var (tenant, tenantKey) = await app.TenantAsync();
        var routes = new[]
        {
            ("/v1/deposits", key), ("/v1/deposits/bulk", key), ("/v1/uploads", key), ("/v1/operator/tenants",
                app.Operator), ($"/v1/operator/tenants/{tenant}/keys", app.Operator),
            ($"/v1/operator/tenants/{tenant}/keys/{tenantKey.Split('_')[1]}/rotate", app.Operator),
            ($"/v1/operator/tenants/{tenant}/invitations", app.Operator),
        };
        foreach (var (path, caller) in routes)
        {
            foreach (var body in Bodies.Where(b => b.Length > 0 || path != "/v1/uploads"))
            {
                var answer = await app.PostAsync(path, caller, body);
                Assert.IsTrue(answer.Status is 400 or 413, $"{path}: {answer.Status} for {body[..Math.Min(60, body.Length)]}");
                answer.MustBe(answer.Status, answer.Status == 400 ? "malformed" : "too-large");
            }

            (await app.SendAsync(HttpMethod.Post, path, caller,
                new ByteArrayContent([0x7b, 0xff, 0xfe, 0x7d]) { Headers = { { "Content-Type", "application/json" } } })).MustBe(400, "malformed");
            foreach (var type in new[] { "text/plain", "application/json; charset=utf-16", "application/jsonx", "nonsense", "multipart/form-data; boundary=x" })
            {
                var content = new ByteArrayContent("{}"u8.ToArray());
                content.Headers.TryAddWithoutValidation("Content-Type", type);
                (await app.SendAsync(HttpMethod.Post, path, caller, content)).MustBe(415, "unsupported-media-type");
            }

            var packed = TestApp.Json("{}");
            packed.Headers.Add("Content-Encoding", "gzip");
            (await app.SendAsync(HttpMethod.Post, path, caller, packed)).MustBe(415, "unsupported-media-type");
            foreach (var idempotency in new[] { "", "\"\"", new string('k', 256), "tab\there" })
                (await app.PostAsync(path, caller, Good(path), ("Idempotency-Key", idempotency))).MustBe(400, "malformed");
        }
    }

    [TestMethod]
    public async Task EveryRouteRefusesBadMethodsPathsAndQueries()
    {
        foreach (var (method, path, _) in await OpenApiTests.OperationsAsync(app))
        {
            var filled = path.Replace("{id}", Id, StringComparison.Ordinal).Replace("{path}", "0/000", StringComparison.Ordinal)
                .Replace("{manifestDigest}", new string('0', 64), StringComparison.Ordinal);
            filled = System.Text.RegularExpressions.Regex.Replace(filled, @"\{[a-z]+\}", "x");
            foreach (var verb in new[] { "PATCH", "TRACE", "BREW" })
            {
                var wrong = await app.SendAsync(new HttpMethod(verb), filled, key);
                wrong.MustBe(405, "method-not-allowed");
                StringAssert.Contains(wrong.Headers["Allow"], method);
            }

            foreach (var caller in new[] { key, app.Operator, null, "x", LongText[..9000], "ntk_" + new string('0', 16) + "_" + new string('g', 64) })
            {
                foreach (var query in new[] { "?a=%FF", "?limit=0", "?limit=x&limit=y", "?item=-1",
                    "?index=99999999999999999999", "?continuation=%00", "?original=maybe", "?sha256=x", "?x", "?=", "?%" })
                {
                    using var body = method is "POST" or "PUT" ? TestApp.Json("{\"nonsense\":1}") : null;
                    var answer = await app.SendAsync(new HttpMethod(method), filled + query, caller, body);
                    Assert.IsLessThan(500, answer.Status, $"{method} {filled}{query}: {answer.Text}");
                    if (answer.Status >= 400 && path != "/verify/{manifestDigest}")
                        Assert.IsNotNull(answer.Code, $"{method} {filled}{query}: {answer.Status} without a code");
                }
            }
        }
    }

    [TestMethod]
    public async Task ParametersThatARouteDoesNotTakeAreRefused()
    {
        var id = (await app.PostAsync("/v1/deposits", key, Good("/v1/deposits"))).Json.GetProperty("id").GetString();
        foreach (var (path, caller) in new[] { ($"/v1/deposits/{id}", key), ("/v1/trust", null),
            ("/v1/log/checkpoint", null), ("/v1/operator/health", app.Operator) })
        {
            Assert.AreNotEqual(400, (await app.GetAsync(path, caller)).Status, path);
            (await app.GetAsync(path + "?nonsense=1", caller)).MustBe(400, "malformed");
        }
    }

    [TestMethod]
    [DataRow("application/json;charset=UTF-8")]
    [DataRow("Application/JSON; charset=\"utf-8\"")]
    public async Task JsonMayNameItsCharset(string type)
    {
        var content = new StringContent(Good("/v1/deposits"));
        content.Headers.Remove("Content-Type");
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        Assert.AreEqual(201, (await app.SendAsync(HttpMethod.Post, "/v1/deposits", key, content)).Status);
    }

    [TestMethod]
    [DataRow("/v1/deposits/not-an-id")]
    [DataRow("/v1/deposits/01900000-0000-4000-8000-000000000000")]
    [DataRow("/v1/deposits/01900000-0000-7000-8000-00000000000A")]
    [DataRow("/v1/deposits/%2e%2e%2foperator")]
    [DataRow("/v1/deposits/..%5c..")]
    [DataRow("/v1/uploads/x")]
    [DataRow("/v1/log/tile/0/999")]
    [DataRow("/v1/log/tile/../../originals/x")]
    [DataRow("/v1/log/tile/%2e%2e/%2e%2e/originals")]
    [DataRow("/v1/log/tile/")]
    [DataRow("/v1/log/tile/64/000")]
    [DataRow("/v1/log/tile/entries/x000")]
    [DataRow("/v1/nothing")]
    [DataRow("/V1x")]
    [DataRow("/v1/processes/Checkpoint/x")]
    [DataRow("/v1/processes/:/:")]
    public async Task WhatIsNotThereIsNotFound(string path)
        => (await app.GetAsync(path, path.StartsWith("/v1/processes", StringComparison.Ordinal) ? app.Operator : key)).MustBe(404, "not-found");

    [TestMethod]
    public async Task AContinuationOfManyPartsAndAHostThatIsNoNameBreakNothing()
    {
        (await app.GetAsync("/v1/processes?continuation=" + Http.Continuation.Write("a/b/c"), app.Operator)).MustBe(400, "malformed");
        Assert.AreEqual(200, (await app.GetAsync("/openapi/v1.json", null, ("Host", "xn--"))).Status);
    }

    [TestMethod]
    public async Task ABodyThatComesTooSlowlyIs408()
    {
        await using var impatient = await TestApp.StartAsync(replace: services => services.Configure<KestrelServerOptions>(
            kestrel => kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(240, gracePeriod: TimeSpan.FromSeconds(2))));
        var (_, owner) = await impatient.TenantAsync();
        var answer = await ExchangeAsync(impatient.Url,
            $"POST /v1/deposits HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {owner}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{");
        StringAssert.StartsWith(answer, "HTTP/1.1 408 ");
        StringAssert.Contains(answer, "\"code\":\"too-slow\"");
        Assert.AreEqual(200, (await impatient.GetAsync("/healthz")).Status);
    }

    [TestMethod]
    public async Task WhoNeverReadsHisAnswersIsCutOff()
    {
        // The app's own rate, a hundred thousand times as strict: what the kernel takes is credit of minutes.
        await using var strict = await TestApp.StartAsync(replace: services => services.PostConfigure<KestrelServerOptions>(kestrel =>
            kestrel.Limits.MinResponseDataRate = new MinDataRate(kestrel.Limits.MinResponseDataRate!.BytesPerSecond * 100_000,
                gracePeriod: TimeSpan.FromSeconds(2))));
        var request = Encoding.ASCII.GetBytes("GET /openapi/v1.json HTTP/1.1\r\nHost: x\r\n\r\n");
        using var silent = new TcpClient { ReceiveBufferSize = 4096 };
        await silent.ConnectAsync(strict.Url.Host, strict.Url.Port);
        var begun = TimeProvider.System.GetTimestamp();
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            // Answers far beyond what buffers hold, then a byte at a time to see whether the connection lives.
            for (var sent = 0; TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(60); sent++)
            {
                await silent.Client.SendAsync(sent < 300 ? request : request.AsMemory(sent % request.Length, 1));
                await Task.Delay(sent < 300 ? 0 : 50);
            }
        });
        Assert.AreEqual(200, (await strict.GetAsync("/healthz")).Status);
    }

    [TestMethod]
    public async Task HeadersAreBounded()
    {
        (await app.GetAsync("/v1/deposits", key, ("X-Long", LongText[..20_000]))).MustBe(431, "headers-too-large");
        (await app.GetAsync("/v1/deposits", key, ("Accept", "this is no media range"))).MustBe(400, "malformed");
        (await app.GetAsync("/v1/deposits", key, ("Accept", "text/html"))).MustBe(406, "not-acceptable");
        Assert.AreEqual(200, (await app.GetAsync("/v1/deposits", key, ("Accept", "text/html, application/*;q=0.5"))).Status);
        (await app.GetAsync("/v1/deposits", key, ("Accept", "application/json;q=0"))).MustBe(406, "not-acceptable");
    }

    [TestMethod]
    [DataRow("fine-Id_1.2", true)]
    [DataRow("has blank", false)]
    [DataRow("\"quoted\"", false)]
    [DataRow("{\"json\":1}", false)]
    [DataRow("0123456789012345678901234567890123456789012345678901234567890123456789", false)]
    public async Task ACorrelationIdIsEchoedOnlyWhenItIsHarmless(string sent, bool kept)
    {
        var answer = await app.GetAsync("/healthz", null, ("X-Correlation-Id", sent));
        Assert.AreEqual(kept, answer.Headers["X-Correlation-Id"] == sent);
        Assert.MatchesRegex("^[A-Za-z0-9._-]{1,64}$", answer.Headers["X-Correlation-Id"]);
    }

    [TestMethod]
    [DataRow("GET / HTTP/9.9\r\n\r\n")]
    [DataRow("nonsense\r\n\r\n")]
    [DataRow("GET /healthz HTTP/1.1\r\n\r\n")]
    [DataRow("GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n")]
    [DataRow("GET /healthz HTTP/1.1\r\nHost: x\r\n Folded: y\r\n\r\n")]
    [DataRow("POST /v1/deposits HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n")]
    [DataRow("POST /v1/deposits HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}")]
    [DataRow("POST /v1/deposits/file HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer KEY\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n")]
    [DataRow("POST /v1/deposits/file HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer KEY\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n")]
    [DataRow("POST /v1/deposits/file?name=%ZZ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer KEY\r\nContent-Length: 0\r\n\r\n")]
    public async Task BrokenHttpIsA4xxAndTheServerLives(string request)
    {
        var answer = await ExchangeAsync(app.Url, request.Replace("KEY", key, StringComparison.Ordinal));
        Assert.MatchesRegex("^HTTP/1.1 (4[0-9][0-9]|505) ", answer);
        StringAssert.Contains(answer, "\r\nContent-Type: application/problem+json\r\n");
        var body = answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        StringAssert.Contains(answer, $"\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n");
        using var problem = JsonDocument.Parse(body);
        Assert.MatchesRegex("^[a-z-]+$", problem.RootElement.GetProperty("code").GetString()!);
        Assert.AreEqual(answer.Split(' ')[1], problem.RootElement.GetProperty("status").GetRawText());
        StringAssert.Contains(answer, $"\r\nX-Correlation-Id: {problem.RootElement.GetProperty("correlationId").GetString()}\r\n");
        Assert.AreEqual(200, (await app.GetAsync("/healthz")).Status);
    }

    [TestMethod]
    public async Task AFileThatLooksLikeARefusalComesBackAsItIs()
    {
        var content = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray();
        Assert.IsNotNull(Http.Refusals.Answer(content), "the test needs a file that would pass for a refusal");
        var made = await app.SendAsync(HttpMethod.Post, "/v1/deposits/file", key, new ByteArrayContent(content));
        var original = await app.GetAsync($"/v1/deposits/{made.Json.GetProperty("id").GetString()}/original", key);
        CollectionAssert.AreEqual(content, original.Body);
    }

    [TestMethod]
    public void EveryFaultHasAStatusAndIsDocumented()
    {
        var docs = File.ReadAllText(Path.Combine(Servers.Repository.Root, "docs", "api.md"));
        foreach (var fault in Enum.GetValues<Evidence.Fault>())
        {
            var status = Http.FaultStatus.Of(fault);
            StringAssert.Contains(docs, $"| `{Evidence.Faults.Code(fault)}` | {status} |");
        }

        foreach (var setting in Settings.All)
            StringAssert.Contains(docs, $"| `{setting.Name}` |");
    }

    /// <summary>Sends text as it is and reads up to the end of a problem.</summary>
    internal static async Task<string> ExchangeAsync(Uri url, string request, Encoding? encoding = null)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", url.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync((encoding ?? Encoding.ASCII).GetBytes(request));
        var (answer, buffer) = ("", new byte[4096]);
        while (!answer.EndsWith('}') && await stream.ReadAsync(buffer) is > 0 and var read)
            answer += Encoding.UTF8.GetString(buffer, 0, read);

        return answer;
    }

    private static string Good(string path) => path switch
    {
        "/v1/deposits" => "{\"items\":[{\"digests\":{\"sha-256\":\"" + new string('0', 64) + "\"}}],\"letter\":\"onRequest\"}",
        "/v1/deposits/bulk" => "{\"items\":[{\"digests\":{\"sha-256\":\"" + new string('0', 64) + "\"}}]}",
        "/v1/operator/tenants" => "{\"name\":\"a\"}",
        _ => "{}",
    };
}
