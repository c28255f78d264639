using System.IO.Compression;
using System.Net.Http.Json;

namespace Notary.EndToEnd.Tests;

/// <summary>A sandbox tenant: everything works as for others, and everything says that it is a test.</summary>
[TestClass]
public sealed class SandboxTests
{
    private const string Member = ",\"test\":true";

    public required TestContext TestContext { get; set; }

    [TestMethod]
    public async Task WhatASandboxDepositsIsATestFromReceiptToVerdict()
    {
        var cancel = TestContext.CancellationToken;
        await using var receiver = await WebhookReceiver.StartAsync(cancel);
        await using var scenario = await Scenario.StartAsync(cancel);
        var key = await TenantAsync(scenario, cancel);
        using var client = scenario.App.Client(key);
        await EndpointAsync(client, receiver, cancel);

        // The receipt and every view say so; another tenant's say nothing of it.
        var receipt = await PostAsync(client, "v1/deposits/file?name=trial.pdf", new ByteArrayContent("trial"u8.ToArray()), cancel);
        var id = (string)receipt["id"]!;
        Assert.IsTrue((bool)receipt["manifest"]!["test"]!);
        using var lines = new StringContent(
            $"{{\"sha-256\":\"{Convert.ToHexStringLower(SHA256.HashData("one"u8))}\"}}\n", System.Text.Encoding.UTF8, "application/x-ndjson");
        var batch = (string)(await PostAsync(client, "v1/batches", lines, cancel))["id"]!;
        foreach (var path in (string[])[$"v1/deposits/{id}", $"v1/batches/{batch}", $"v1/deposits/{batch}", $"v1/deposits/{batch}.0"])
            Assert.IsTrue((bool?)(await GetAsync(client, path, cancel))["test"], path);

        foreach (var query in (string[])["", "?order=newest", "?order=newest&text=trial"])
        {
            var listed = (await GetAsync(client, $"v1/deposits{query}", cancel))["items"]!.AsArray();
            Assert.IsTrue(listed.Count > 0 && listed.All(deposit => (bool?)deposit!["test"] == true), query);
        }

        var real = (string)JsonNode.Parse(await scenario.DepositAsync([1], "real.pdf", "real", cancel))!["id"]!;
        Assert.IsNull((await scenario.GetAsync($"v1/deposits/{real}", cancel))["test"]);

        // Letter, bundle and command.
        await UntilAsync(async () => (string?)(await GetAsync(client, $"v1/deposits/{id}", cancel))["state"] == "Certified", cancel);
        var (bundle, trust) = (Path.Combine(scenario.Folder.FullName, "trial.zip"), Path.Combine(scenario.Folder.FullName, "trust.json"));
        await File.WriteAllBytesAsync(bundle, await client.GetByteArrayAsync(new Uri($"v1/deposits/{id}/bundle", UriKind.Relative), cancel), cancel);
        await File.WriteAllBytesAsync(trust, await client.GetByteArrayAsync(new Uri("v1/trust", UriKind.Relative), cancel), cancel);
        var (code, output) = await Scenario.NotaryAsync(
            null, cancel, "verify", bundle, "--trust", trust, "--rpc", scenario.Platform.Anvil.Url.ToString());
        Assert.AreEqual(0, code, output);
        StringAssert.Matches(output, new("^WARN +manifest +manifest.json: 测试存证.* TEST DEPOSIT .* \\[test-deposit\\]\n"));
        StringAssert.EndsWith(output.TrimEnd(), "VERIFIED, but a test deposit: it proves nothing about anything real");

        // Without the member it is another manifest, and no part of the evidence is about that.
        await File.WriteAllBytesAsync(bundle, Unmarked(await File.ReadAllBytesAsync(bundle, cancel)), cancel);
        (code, output) = await Scenario.NotaryAsync(null, cancel, "verify", bundle, "--trust", trust);
        Assert.AreEqual(1, code, output);
        StringAssert.Contains(output, "[digest-differs]");
        StringAssert.Contains(output, "[not-included]");
        Assert.IsFalse(output.Contains("test-deposit", StringComparison.Ordinal), output);

        await UntilAsync(async () => (await receiver.GotAsync("trial")).Any(e => e.Body.Contains("deposit.certified", StringComparison.Ordinal)), cancel);
        Assert.IsTrue((await receiver.GotAsync("trial")).All(e => e.Verified && (bool?)JsonNode.Parse(e.Body)!["data"]!["test"] == true));
        await scenario.FsckAsync(cancel);
    }

    /// <summary>A sandbox and its key, by the operator's commands.</summary>
    private static async Task<string> TenantAsync(Scenario scenario, CancellationToken cancel)
    {
        var asOperator = new Dictionary<string, string?> { ["NOTARY_KEY"] = scenario.Platform.OperatorKey };
        string[] at = ["--url", scenario.App.Url.ToString()];
        var (code, output) = await Scenario.NotaryAsync(asOperator, cancel, ["tenant", "create", "试用单位", "--id", "trial", "--sandbox", .. at]);
        Assert.AreEqual(0, code, output);
        Assert.IsTrue((bool)JsonNode.Parse(output)!["sandbox"]!);
        (code, output) = await Scenario.NotaryAsync(asOperator, cancel, ["tenant", "create", "试用单位", "--id", "trial", .. at]);
        Assert.AreEqual(2, code, output);
        StringAssert.Contains(output, "conflict", "the kind of a tenant never changes");
        (code, output) = await Scenario.NotaryAsync(asOperator, cancel, ["key", "create", "trial", .. at]);
        Assert.AreEqual(0, code, output);
        return (string)JsonNode.Parse(output)!["key"]!;
    }

    private static async Task EndpointAsync(HttpClient client, WebhookReceiver receiver, CancellationToken cancel)
    {
        var made = await PostAsync(client, "v1/webhooks/endpoints", JsonContent.Create(new { url = receiver.Endpoint("good", "trial") }), cancel);
        await receiver.KnowAsync("trial", (string)made["secret"]!);
    }

    private static async Task<JsonNode> PostAsync(HttpClient client, string path, HttpContent body, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body };
        request.Headers.Add("Idempotency-Key", path);
        using var answer = await client.SendAsync(request, cancel);
        var text = await answer.Content.ReadAsStringAsync(cancel);
        Assert.AreEqual(201, (int)answer.StatusCode, text);
        return JsonNode.Parse(text)!;
    }

    private static async Task<JsonNode> GetAsync(HttpClient client, string path, CancellationToken cancel)
        => JsonNode.Parse(await client.GetStringAsync(new Uri(path, UriKind.Relative), cancel))!;

    private static async Task UntilAsync(Func<Task<bool>> holds, CancellationToken cancel)
    {
        for (var clock = Stopwatch.StartNew(); !await holds(); await Task.Delay(200, cancel))
            Assert.IsLessThan(Scenario.Patience, clock.Elapsed);
    }

    /// <summary>The bundle, its manifest without the member, packed anew.</summary>
    private static byte[] Unmarked(byte[] zip)
    {
        using var changed = new MemoryStream();
        using (var from = new ZipArchive(new MemoryStream(zip)))
        using (var to = new ZipArchive(changed, ZipArchiveMode.Create))
        {
            foreach (var member in from.Entries)
            {
                using var bytes = new MemoryStream();
                using (var content = member.Open())
                    content.CopyTo(bytes);

                using var written = to.CreateEntry(member.FullName, CompressionLevel.NoCompression).Open();
                written.Write(member.FullName != "manifest.json" ? bytes.ToArray()
                    : System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(bytes.ToArray()).Replace(Member, "", StringComparison.Ordinal)));
            }
        }

        return changed.ToArray();
    }
}
