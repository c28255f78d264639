using System.Net.Http.Headers;

namespace Notary.EndToEnd.Tests;

/// <summary>A batch through a process that is killed at every step of taking it in: the same request again makes it once, and nothing is left that
/// counts.</summary>
[TestClass]
public sealed class BatchKillTests
{
    /// <summary>Several blocks of the file of items, so that a kill meets some that are staged and some that are not.</summary>
    private const int Items = 60_000;

    public required TestContext TestContext { get; set; }

    [TestMethod]
    public async Task AKillAtAnyStepLosesNothingAndDoublesNothing()
    {
        var cancel = TestContext.CancellationToken;
        FaultProxy? blobs = null, tables = null;
        await using var scenario = await Scenario.StartAsync(cancel, async platform =>
        {
            (blobs, tables) = (await FaultProxy.StartAsync(platform.Azurite.BlobEndpoint, cancel: cancel),
                await FaultProxy.StartAsync(platform.Azurite.TableEndpoint, cancel: cancel));
            return platform.AppEnvironment(blob: blobs.Url, table: tables.Url);
        });
        await using var blobsEnd = blobs!;
        await using var tablesEnd = tables!;
        var batches = new List<string>();
        foreach (var (proxy, path, body, point, nth) in new[]
        {
            (blobs!, "/batches/.*comp=block(&|$)", null, FaultPoint.Before, 2),
            (blobs!, "/batches/.*tree.*comp=blocklist", null, FaultPoint.AfterEffect, 1),
            (blobs!, "/batches/.*items.*comp=blocklist", null, FaultPoint.AfterEffect, 1),
            (tables!, "batch", "\"Count\"", FaultPoint.Before, 1),
            (tables!, "batch", "\"Count\"", FaultPoint.AfterEffect, 1),
            (blobs!, "/batches/.*/digests", null, FaultPoint.AfterEffect, 1),
        })
        {
            var died = new TaskCompletionSource();
            var rule = proxy.Add(new FaultRule(path, FaultKind.Callback, point)
            {
                Body = body,
                Nth = nth,
                Callback = async () =>
                {
                    scenario.App.Process.Kill();
                    await scenario.App.Process.WaitForExitAsync();
                    died.TrySetResult();
                },
            });
            var mark = $"{batches.Count}";
            Task<(int Status, string Text)> SendAsync() => PostAsync(scenario, mark, cancel);
            try
            {
                // The last is killed after its answer, while its index is made.
                Assert.AreEqual((true, 201), (path.EndsWith("digests", StringComparison.Ordinal), (await SendAsync()).Status));
            }
            catch (HttpRequestException)
            {
            }

            await died.Task.WaitAsync(Scenario.Patience, cancel);
            Assert.AreEqual(1, rule.Strikes);
            await scenario.App.DisposeAsync();
            await scenario.StartAppAsync(cancel);
            var (status, text) = await SendAsync();
            Assert.AreEqual(201, status, text);
            Assert.AreEqual((201, text), await SendAsync());
            batches.Add((string)JsonNode.Parse(text)!["id"]!);
        }

        // Each is there once, whole, logged, and found by its references.
        await scenario.WaitForAsync(batches[^1], "Anchored", cancel);
        Assert.HasCount(batches.Count, (await scenario.GetAsync("v1/deposits?limit=100", cancel))["items"]!.AsArray());
        for (var i = 0; i < batches.Count; i++)
        {
            JsonNode found;
            do
                found = await scenario.GetAsync($"v1/batches/items?reference={i}-{Items - 1}", cancel);
            while (found["unindexed"]!.AsArray().Count > 0);

            Assert.AreEqual($"{batches[i]}.{Items - 1}", (string)found["items"]!.AsArray().Single()!["id"]!);
        }

        await scenario.FsckAsync(cancel);
    }

    private static async Task<(int Status, string Text)> PostAsync(Scenario scenario, string mark, CancellationToken cancel)
    {
        using var client = scenario.App.Client(scenario.Key);
        client.Timeout = TimeSpan.FromSeconds(230);
        var lines = string.Concat(Enumerable.Range(0, Items).Select(
            n => $$"""{"sha-256":"{{Convert.ToHexStringLower(SHA256.HashData(BitConverter.GetBytes(n)))}}","reference":"{{mark}}-{{n}}"}""" + "\n"));
        using var request = new HttpRequestMessage(HttpMethod.Post,
            "v1/batches?letter=onRequest") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(lines)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        request.Headers.Add("Idempotency-Key", $"batch {mark}");
        using var response = await client.SendAsync(request, cancel);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancel));
    }
}
