namespace Notary.EndToEnd.Tests;

/// <summary>Ten thousand digests in one request, through a process that may die in the middle of it.</summary>
[TestClass]
public sealed class BulkTests
{
    public required TestContext TestContext { get; set; }

    [TestMethod]
    public async Task TenThousandAreAcknowledgedLoggedOnceAndGetALetterOnRequest()
    {
        var cancel = TestContext.CancellationToken;
        await using var scenario = await Scenario.StartAsync(cancel);
        var body = Body(10_000);
        TestContext.WriteLine($"peak memory of the app before: {PeakMebibytes(scenario.App)} MiB");
        var clock = Stopwatch.StartNew();
        var (status, answer) = await PostAsync(scenario, body, cancel);
        Assert.AreEqual(201, status, answer[..Math.Min(500, answer.Length)]);
        TestContext.WriteLine($"{clock.Elapsed.TotalSeconds:0.0} s to the answer of {answer.Length / 1e6:0.0} MB");

        var receipts = JsonNode.Parse(answer)!["receipts"]!.AsArray();
        Assert.HasCount(10_000, receipts.Select(r => (string)r!["id"]!).Distinct());
        var last = (string)receipts[^1]!["id"]!;
        await scenario.WaitForAsync(last, "Anchored", cancel);
        TestContext.WriteLine($"{clock.Elapsed.TotalSeconds:0.0} s until the last is anchored; peak memory of the app {PeakMebibytes(scenario.App)} MiB");
        Assert.IsLessThan(512, PeakMebibytes(scenario.App));

        // One leaf each, in one tree: fsck reads storage itself, and here the published entries.
        var leaves = await LeavesAsync(scenario, cancel);
        CollectionAssert.AreEquivalent(receipts.Select(r => (string)r!["manifestDigest"]!).ToList(), leaves);
        clock.Restart();
        Assert.AreEqual((201, answer), await PostAsync(scenario, body, cancel), "the receipts changed");
        TestContext.WriteLine($"{clock.Elapsed.TotalSeconds:0.0} s to a replay");
        Assert.AreEqual(409, (await PostAsync(scenario, Body(9_999), cancel)).Status);

        var id = (string)receipts[5_000]!["id"]!;
        using var client = scenario.App.Client(scenario.Key);
        Assert.AreEqual(409, (int)(await client.GetAsync(new Uri($"v1/deposits/{id}/letter", UriKind.Relative), cancel)).StatusCode);
        await scenario.WaitForAsync(id, "Certified", cancel);
        Assert.AreEqual("%PDF-", Encoding.ASCII.GetString((await scenario.GetBytesAsync($"v1/deposits/{id}/letter", cancel))[..5]));

        // A key that belongs to an upload and no deposit is no orphan.
        using var upload = new HttpRequestMessage(HttpMethod.Post, "v1/uploads") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        upload.Headers.Add("Idempotency-Key", "an upload");
        Assert.AreEqual(201, (int)(await client.SendAsync(upload, cancel)).StatusCode);
        await scenario.FsckAsync(cancel);
    }

    [TestMethod]
    public async Task ADeathInTheMiddleIsMadeGoodByTheSameRequest()
    {
        var cancel = TestContext.CancellationToken;
        FaultProxy? proxy = null;
        await using var scenario = await Scenario.StartAsync(cancel, async platform =>
        {
            proxy = await FaultProxy.StartAsync(platform.Azurite.TableEndpoint, cancel: cancel);
            return platform.AppEnvironment(table: proxy.Url);
        });
        await using var proxyEnds = proxy!;
        var died = new TaskCompletionSource();
        proxy!.Add(new FaultRule("batch", FaultKind.Callback, FaultPoint.AfterEffect)
        {
            Method = "POST",
            Body = "Manifest0",
            Nth = 20,
            Callback = async () =>
            {
                scenario.App.Process.Kill();
                await scenario.App.Process.WaitForExitAsync();
                died.TrySetResult();
            },
        });

        var body = Body(2_000);
        await Assert.ThrowsAsync<HttpRequestException>(() => PostAsync(scenario, body, cancel));
        await died.Task.WaitAsync(Scenario.Patience, cancel);
        await scenario.App.DisposeAsync();
        await scenario.StartAppAsync(cancel);

        // What was written goes on by itself, acknowledged or not.
        var written = (await scenario.GetAsync("v1/deposits?limit=1", cancel))["items"]![0]!;
        await scenario.WaitForAsync((string)written["id"]!, "Anchored", cancel);

        var (status, answer) = await PostAsync(scenario, body, cancel);
        Assert.AreEqual(201, status, answer);
        var receipts = JsonNode.Parse(answer)!["receipts"]!.AsArray();
        await scenario.WaitForAsync((string)receipts[^1]!["id"]!, "Anchored", cancel);
        CollectionAssert.AreEquivalent(receipts.Select(r => (string)r!["manifestDigest"]!).ToList(), await LeavesAsync(scenario, cancel));
        Assert.AreEqual((201, answer), await PostAsync(scenario, body, cancel));
        await scenario.FsckAsync(cancel);
    }

    private static string Body(int count)
        => $$$"""{"items":[{{{string.Join(',', Enumerable.Range(0, count).Select(Item))}}}],"notes":{"contractNo":"A-17"}}""";

    private static string Item(int n)
        => $$"""{"digests":{"sha-256":"{{Convert.ToHexStringLower(SHA256.HashData(BitConverter.GetBytes(n)))}}"},"""
            + $$""" "name":"合同-{{n}}.pdf","size":{{n}},"mediaType":"application/pdf"}""";

    private static async Task<(int Status, string Text)> PostAsync(Scenario scenario, string body, CancellationToken cancel)
    {
        using var client = scenario.App.Client(scenario.Key);
        client.Timeout = TimeSpan.FromSeconds(230);
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/deposits/bulk")
        { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", "all of them");
        using var response = await client.SendAsync(request, cancel);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancel));
    }

    /// <summary>Every leaf, from the log as it is published.</summary>
    private static async Task<List<string>> LeavesAsync(Scenario scenario, CancellationToken cancel)
    {
        var size = long.Parse((await scenario.App.Http.GetStringAsync(new Uri("v1/log/checkpoint", UriKind.Relative), cancel)).Split('\n')[1],
            CultureInfo.InvariantCulture);
        var leaves = new List<string>();
        for (long bundle = 0; leaves.Count < size; bundle++)
        {
            var width = (int)Math.Min(Evidence.Tiles.FullWidth, size - (bundle * Evidence.Tiles.FullWidth));
            var file = await scenario.App.Http.GetByteArrayAsync(new Uri("v1/log/" + Evidence.Tiles.EntriesPath(bundle, width), UriKind.Relative), cancel);
            leaves.AddRange(Evidence.Tiles.ParseEntries(file).Select(Convert.ToHexStringLower));
        }

        return leaves;
    }

    private static int PeakMebibytes(App app)
        => int.Parse(File.ReadLines($"/proc/{app.Process.Id}/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
}
