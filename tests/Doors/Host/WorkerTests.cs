using System.Net;
using System.Net.Http.Headers;

namespace Notary.Host.Tests;

/// <summary>The app as an isolated worker, under a host that speaks the Functions RPC protocol.</summary>
[TestClass]
public sealed class WorkerTests
{
    private static Platform platform = null!;
    private static FunctionsHost host = null!;
    private static HttpClient http = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _)
    {
        platform = await Fixture.PlatformAsync();
        host = await FunctionsHost.StartAsync(Path.GetDirectoryName(App.Executable("Host", "Notary.Host"))!, platform.AppEnvironment());
        http = new HttpClient { BaseAddress = host.Url, Timeout = TimeSpan.FromMinutes(2) };
        await WaitAsync(async () => (await http.GetAsync("/readyz")).IsSuccessStatusCode);
    }

    [ClassCleanup]
    public static async Task StopAsync()
    {
        http.Dispose();
        await host.DisposeAsync();
    }

    [TestMethod]
    public void EveryFunctionIsLoaded()
        => CollectionAssert.AreEquivalent(new[] { "Api", "Verify", "Login", "OpenApi", "Health", "Ready", "Elsewhere", "OnUpload", "Sweep", "SweepUploads",
            "DepositTrail", "checkpoint", "letters", "stamp-checkpoint", "anchor-checkpoint", "issue-letters", "settle-anchor",
            "issue-requested", "draw", "advance-draw", "forensics", "advance-session" }, host.Functions.ToList());

    [TestMethod]
    public async Task ADepositIsMadeAndReadBack()
    {
        var key = await TenantAsync();
        using var posted = await SendAsync(HttpMethod.Post, "/v1/deposits/file?name=a.txt&letter=onRequest", key, new StringContent("hello"));
        Assert.AreEqual(HttpStatusCode.Created, posted.StatusCode, await posted.Content.ReadAsStringAsync());
        using var original = await SendAsync(HttpMethod.Get, posted.Headers.Location + "/original", key);
        Assert.AreEqual("hello", await original.Content.ReadAsStringAsync());
    }

    /// <summary>Behind the host too an event arrives while the stream goes on.</summary>
    [TestMethod]
    public async Task ADrawsChangesArePassedOnAsTheyCome()
    {
        var key = await TenantAsync();
        using var made = await SendAsync(HttpMethod.Post, "/v1/draws", key, TestApp.Json(DrawTests.Draw("rehearsal")));
        var id = JsonDocument.Parse(await made.Content.ReadAsStringAsync()).RootElement.GetProperty("drawId").GetString();
        using var list = await SendAsync(HttpMethod.Put, $"/v1/draws/{id}/list", key, new StringContent(DrawTests.List, System.Text.Encoding.UTF8, "text/csv"));
        using var submitted = await SendAsync(HttpMethod.Post, $"/v1/draws/{id}/submit", key);
        Assert.AreEqual(HttpStatusCode.OK, submitted.StatusCode, await submitted.Content.ReadAsStringAsync());
        using var answer = await http.GetAsync($"/v1/public/draws/{id}/events", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        Assert.AreEqual("event: draw", await reader.ReadLineAsync());
        using var aborted = await SendAsync(HttpMethod.Post, $"/v1/draws/{id}/abort", key, TestApp.Json("""{"reason":"over"}"""));
        string? line;
        while ((line = await reader.ReadLineAsync()) is not null && !line.Contains("\"state\":\"aborted\"", StringComparison.Ordinal))
        {
        }

        Assert.IsNotNull(line, "the stream ended before it was told");
    }

    [TestMethod]
    [DataRow("GET", "/", 200, null)]
    [DataRow("GET", "/nothing/here", 404, "not-found")]
    [DataRow("DELETE", "/v1/deposits", 405, "method-not-allowed")]
    [DataRow("GET", "/v1/deposits", 401, "unauthenticated")]
    [DataRow("PATCH", "/healthz", 405, "method-not-allowed")]
    public async Task WhatIsNotThereIsSaidByUs(string method, string path, int status, string? code)
    {
        using var answer = await SendAsync(new HttpMethod(method), path, null);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.AreEqual(status, (int)answer.StatusCode, text);
        Assert.AreEqual(code is null ? "application/json" : "application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.IsTrue(code is null || JsonDocument.Parse(text).RootElement.GetProperty("code").GetString() == code, text);
    }

    [TestMethod]
    public async Task TheLoginCentreAnswers()
    {
        using var offered = await http.GetAsync("/.well-known/openid-configuration");
        var text = await offered.Content.ReadAsStringAsync();
        Assert.AreEqual(HttpStatusCode.OK, offered.StatusCode, text);
        Assert.AreEqual("http://127.0.0.1/connect/token", JsonDocument.Parse(text).RootElement.GetProperty("token_endpoint").GetString());
        using var page = await http.GetAsync($"/connect/authorize?response_type=code&client_id={new string('0', 32)}&redirect_uri=https://evil.example/");
        Assert.AreEqual(HttpStatusCode.BadRequest, page.StatusCode);
        StringAssert.Contains(await page.Content.ReadAsStringAsync(), "<code>invalid_");
        using var token = await http.PostAsync("/connect/token", new FormUrlEncodedContent([new("grant_type", "authorization_code"), new("code", "x")]));
        StringAssert.Contains(await token.Content.ReadAsStringAsync(), "\"error\":\"invalid_");
    }

    [TestMethod]
    [DataRow("/", "日志的最新检查点")]
    [DataRow("/verify", "data-worker=\"/assets/verify-worker.")]
    [DataRow("/verify/0000000000000000000000000000000000000000000000000000000000000000", "<form method=\"get\" action=\"/verify\"")]
    public async Task PagesAndTheirAssetsComeThroughTheHost(string path, string text)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("text/html");
        using var page = await http.SendAsync(request);
        var html = await page.Content.ReadAsStringAsync();
        Assert.AreEqual(HttpStatusCode.OK, page.StatusCode, html + host.Log);
        Assert.Contains(text, html);
        using var sheet = await http.GetAsync(System.Text.RegularExpressions.Regex.Match(html, "/assets/console[^\"]+").Value);
        Assert.AreEqual("text/css", sheet.Content.Headers.ContentType?.MediaType);
        Assert.IsGreaterThan(5_000, (await sheet.Content.ReadAsByteArrayAsync()).Length);
    }

    [TestMethod]
    public async Task ARefusedKeyOnALargeUploadIsA401()
    {
        // Larger than what sockets hold on the way, so the answer is given while the body still comes.
        using var answer = await SendAsync(HttpMethod.Post, "/v1/deposits/file?name=a.bin",
            "ntk_0000000000000000_" + new string('0', 64), new StreamContent(new MemoryStream(new byte[48 << 20])), chunked: true);
        Assert.AreEqual(HttpStatusCode.Unauthorized, answer.StatusCode);
        StringAssert.Contains(await answer.Content.ReadAsStringAsync(), "unauthenticated");
    }

    [TestMethod]
    public async Task ALargeBodyPassesTheWorkersOwnLimit()
    {
        using var answer = await SendAsync(HttpMethod.Post, "/v1/deposits/file?name=a.bin&letter=onRequest",
            await TenantAsync(), new StreamContent(new MemoryStream(new byte[40 << 20])), chunked: true);
        Assert.AreEqual(HttpStatusCode.Created, answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    [TestMethod]
    public async Task TheQueueFunctionTakesEventsAndFailsOnWhatIsNone()
    {
        Assert.IsNull(await host.QueueAsync("OnUpload",
            """{"type":"Microsoft.Storage.BlobCreated","subject":"/blobServices/default/containers/other/blobs/x","data":{"api":"PutBlob"}}"""));
        StringAssert.Contains(await host.QueueAsync("OnUpload", "no event"), "no Event Grid event");
    }

    [TestMethod]
    public async Task ABatchStartsItsOrchestrationThroughTheHost()
    {
        var key = await TenantAsync();
        using var posted = await SendAsync(HttpMethod.Post, "/v1/deposits/file?name=a.txt", key, new StringContent("to be logged"));
        Assert.AreEqual(HttpStatusCode.Created, posted.StatusCode, await posted.Content.ReadAsStringAsync());
        await WaitAsync(
            () => Task.FromResult(host.Orchestrations.Any(o => o.Value == "checkpoint" && o.Key.StartsWith("checkpoint-", StringComparison.Ordinal))));
    }

    [TestMethod]
    [DataRow("Sweep")]
    [DataRow("SweepUploads")]
    [DataRow("DepositTrail")]
    public async Task TheTimerSweeps(string function) => Assert.IsNull(await host.TimerAsync(function));

    [TestMethod]
    public async Task AWorkerNeverEndsWith0()
    {
        await using var other = await FunctionsHost.StartAsync(Path.GetDirectoryName(App.Executable("Host", "Notary.Host"))!, platform.AppEnvironment());
        await other.Worker.StopAsync();

        // Its own code, or the runtime's when the signal meets it in the middle of something: what matters is that the host restarts it.
        Assert.AreNotEqual(0, other.Worker.ExitCode, other.Worker.StandardError + other.Log);
    }

    private static async Task<string> TenantAsync()
    {
        using var tenant = await SendAsync(HttpMethod.Post, "/v1/operator/tenants", platform.OperatorKey, TestApp.Json("""{"name":"甲公司"}"""));
        Assert.AreEqual(HttpStatusCode.Created, tenant.StatusCode, await tenant.Content.ReadAsStringAsync());
        using var key = await SendAsync(HttpMethod.Post, tenant.Headers.Location + "/keys", platform.OperatorKey, TestApp.Json("{}"));
        return JsonDocument.Parse(await key.Content.ReadAsStringAsync()).RootElement.GetProperty("key").GetString()!;
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? key, HttpContent? content = null, bool chunked = false)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        request.Headers.TransferEncodingChunked = chunked ? true : null;
        return await http.SendAsync(request);
    }

    private static async Task WaitAsync(Func<Task<bool>> holds)
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (!await holds())
        {
            Assert.IsFalse(host.Worker.HasExited || bound.IsCancellationRequested, host.Worker.StandardError + host.Log);
            await Task.Delay(100, CancellationToken.None);
        }
    }
}
