using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Notary.Host.Tests;

/// <summary>The app as a process: how it starts, what it says, and how it ends.</summary>
[TestClass]
public sealed class ProcessTests
{
    [TestMethod]
    public async Task AMissingSettingEndsItWithCode2AndOneSentence()
    {
        var environment = SettingsTests.Complete();
        environment["Notary__Chain__ChainId"] = "abc";
        await using var app = await ChildProcess.StartAsync(new ChildStart(App.Executable("Host", "Notary.Host")) { Environment = environment });
        await app.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(5));
        Assert.AreEqual(2, app.ExitCode);
        Assert.AreEqual("Notary__Chain__ChainId should be integer > 0.", app.StandardError.Trim());
        Assert.AreEqual("", app.StandardOutput);
    }

    [TestMethod]
    [DataRow("Notary__Chain__ChainId", "4711")]
    [DataRow("Notary__Letters__CertificateChainPem", null)]
    public async Task WhatNoWaitingCanMendEndsItWithCode2(string setting, string? value)
    {
        var environment = (await Fixture.PlatformAsync()).AppEnvironment();
        environment[setting] = value ?? SettingsTests.Complete()[setting];
        await using var app = await ChildProcess.StartAsync(new ChildStart(App.Executable("Host", "Notary.Host")) { Environment = environment });
        await app.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(5));
        Assert.AreEqual(2, app.ExitCode, app.StandardError + app.StandardOutput);
        StringAssert.StartsWith(app.StandardError, setting + " should be ");
        Assert.HasCount(1, app.StandardError.Trim().Split('\n'));
    }

    [TestMethod]
    public async Task ItSaysWhereItListensAndLogsJsonWithoutContent()
    {
        var platform = await Fixture.PlatformAsync();
        await using var app = await App.StartAsync(platform.AppEnvironment());
        Assert.AreEqual($"listening {app.Url}", app.Process.StandardOutput.Split('\n')[0].Trim());
        var key = await app.CreateTenantAsync(platform.OperatorKey, "log-test", "丁公司");
        using var client = app.Client(key);
        client.DefaultRequestHeaders.Add("X-Correlation-Id", "find-me-again");
        using var content = new StringContent("CONTENT-OF-THE-FILE");
        using var made = await client.PostAsync(
            new Uri("/v1/deposits/file?name=NAME-OF-THE-FILE&note.k=NOTE-OF-THE-FILE&letter=onRequest", UriKind.Relative), content);
        Assert.AreEqual(201, (int)made.StatusCode);
        (await client.GetAsync(new Uri("/v1/deposits?sha256=BAD-QUERY", UriKind.Relative))).Dispose();
        await Task.Delay(500);
        var log = app.Process.StandardOutput;
        foreach (var secret in new[] { key, platform.OperatorKey, "CONTENT-OF-THE-FILE", "NAME-OF-THE-FILE", "NOTE-OF-THE-FILE", "BAD-QUERY", "AccountKey" })
            Assert.DoesNotContain(secret, log);

        var lines = log.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        var line = lines.First(l => l.GetProperty("State").TryGetProperty("Route", out var route) && route.GetString() == "/v1/deposits/file");
        Assert.AreEqual(201, line.GetProperty("State").GetProperty("Status").GetInt32());
        Assert.AreEqual("log-test", line.GetProperty("State").GetProperty("Tenant").GetString());
        Assert.AreEqual(made.Headers.Location!.ToString(), line.GetProperty("State").GetProperty("Subject").GetString());
        StringAssert.Contains(line.GetProperty("Scopes").GetRawText(), "find-me-again");
    }

    [TestMethod]
    public async Task TracesAndMetricsGoOutWhenAnEndpointIsSet()
    {
        var received = new ConcurrentBag<string>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var collector = builder.Build();
        collector.MapPost("/v1/{signal}", async (string signal, HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            received.Add($"{signal} {request.ContentType} {System.Text.Encoding.Latin1.GetString(body.ToArray())}");
            return Results.Ok();
        });
        await collector.StartAsync();
        await using (var app = await TestApp.StartAsync(v => v["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Urls.First()))
        {
            await app.GetAsync("/healthz");
        }

        Assert.IsTrue(received.Any(r => r.StartsWith("traces application/x-protobuf", StringComparison.Ordinal)
            && r.Contains("notary-host", StringComparison.Ordinal) && r.Contains("/healthz", StringComparison.Ordinal)), $"{received.Count}");
        Assert.IsTrue(received.Any(r => r.StartsWith("metrics application/x-protobuf", StringComparison.Ordinal)
            && r.Contains("http.server.request.duration", StringComparison.Ordinal)));
    }

    [TestMethod]
    public async Task ReadinessNamesWhatIsDown()
    {
        await using var app = await TestApp.StartAsync();
        for (var i = 0; ; i++)
        {
            var ready = await app.GetAsync("/readyz");
            Assert.AreEqual(503, ready.Status);
            var states = ready.Json.GetProperty("dependencies").EnumerateArray()
                .ToDictionary(d => d.GetProperty("name").GetString()!, d => d.GetProperty("ok").GetBoolean());
            CollectionAssert.AreEquivalent(new[] { "blobs", "tables", "queues", "vault", "chain", "time" }, states.Keys.ToList());
            Assert.IsFalse(states["vault"]);
            Assert.IsFalse(states["chain"]);
            if (states["blobs"] && states["tables"] && states["queues"])
                break;

            Assert.IsLessThan(1500, i, ready.Text);
            await Task.Delay(200);
        }

        // Storage is all that keys need; deposits say what they wait for.
        var (_, key) = await app.TenantAsync();
        (await app.PostAsync("/v1/deposits", key, """{"items":[{"digests":{"sha-256":"0000000000000000000000000000000000000000000000000000000000000000"}}]}"""))
            .MustBe(503, "vault-unavailable");
    }
}
