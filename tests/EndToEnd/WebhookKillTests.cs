using System.Net.Http.Json;

namespace Notary.EndToEnd.Tests;

/// <summary>The app dies by SIGKILL again and again while it tells of deposits: every event arrives, under one id and with the same bytes.</summary>
[TestClass]
public sealed class WebhookKillTests
{
    private const int Kills = 5;
    private const int Deposits = 200;

    /// <summary>Of deposits whose letter nobody asks for.</summary>
    private static readonly string[] Types = ["deposit.logged", "deposit.timestamped", "deposit.anchored"];

    public required TestContext TestContext { get; set; }

    [TestMethod]
    public async Task NoEventIsLostAndEachHasOneId()
    {
        var cancel = TestContext.CancellationToken;
        await using var receiver = await WebhookReceiver.StartAsync(cancel);
        await using var scenario = await Scenario.StartAsync(cancel);
        foreach (var (kind, name) in new[] { ("good", "one"), ("good", "two"), ("500", "bad"), ("hang", "worse") })
            await EndpointAsync(scenario, receiver, kind, name, cancel);

        // Beside the deposits, so that it dies while it writes events, sends them and records what came.
        var depositing = DepositAsync(scenario, cancel);
        for (var kill = 0; kill < Kills; kill++)
        {
            await UntilAsync(receiver, (kill + 1) * Deposits * Types.Length / (Kills + 2), cancel);
            await scenario.KillAppAsync();
            await scenario.StartAppAsync(cancel);
        }

        var ids = await depositing;
        foreach (var name in new[] { "one", "two" })
        {
            var got = await UntilAsync(receiver, Deposits * Types.Length, cancel, name);
            Assert.IsTrue(got.All(one => one.Verified));
            var events = got.Select(one => (Json: JsonNode.Parse(one.Body)!, one.Id, one.Body)).ToList();
            foreach (var copies in events.GroupBy(e => $"{e.Json["subject"]} {e.Json["type"]}"))
            {
                Assert.HasCount(1, copies.Select(e => e.Id).Distinct(), copies.Key);
                Assert.HasCount(1, copies.Select(e => e.Body).Distinct(), copies.Key);
            }

            CollectionAssert.AreEquivalent(ids.SelectMany(id => Types.Select(type => $"{id} {type}")).ToList(),
                events.Select(e => $"{e.Json["subject"]} {e.Json["type"]}").Distinct().ToList());
        }

        Assert.IsNotEmpty(await receiver.GotAsync("bad"));
        await scenario.FsckAsync(cancel);
    }

    private static async Task EndpointAsync(Scenario scenario, WebhookReceiver receiver, string kind, string name, CancellationToken cancel)
    {
        using var client = scenario.App.Client(scenario.Key);
        using var answer = await client.PostAsJsonAsync("v1/webhooks/endpoints", new { url = receiver.Endpoint(kind, name) }, cancel);
        var made = JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancel))!;
        Assert.AreEqual(201, (int)answer.StatusCode, made.ToString());
        await receiver.KnowAsync(name, (string)made["secret"]!);
    }

    /// <summary>In groups, each until it is taken: a client whose connection breaks sends again under the same key.</summary>
    private static async Task<IReadOnlyList<string>> DepositAsync(Scenario scenario, CancellationToken cancel)
    {
        var ids = new List<string>();
        for (var group = 0; group < 10; group++)
        {
            var body = new
            {
                items = Enumerable.Range(0, Deposits / 10).Select(n => new Dictionary<string, object>
                {
                    ["digests"] = new Dictionary<string, string>
                        { ["sha-256"] = Convert.ToHexStringLower(SHA256.HashData(BitConverter.GetBytes((group * 1000) + n))) },
                }),
            };
            while (true)
            {
                try
                {
                    using var client = scenario.App.Client(scenario.Key);
                    using var request = new HttpRequestMessage(HttpMethod.Post, "v1/deposits/bulk") { Content = JsonContent.Create(body) };
                    request.Headers.Add("Idempotency-Key", $"group {group}");
                    await request.Content.LoadIntoBufferAsync(cancel);
                    using var answer = await client.SendAsync(request, cancel);
                    if ((int)answer.StatusCode == 201)
                    {
                        ids.AddRange(JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancel))!["receipts"]!.AsArray().Select(r => (string)r!["id"]!));
                        break;
                    }

                    Assert.IsTrue((int)answer.StatusCode is 429 or >= 500, await answer.Content.ReadAsStringAsync(cancel));
                }
                catch (Exception e) when (e is HttpRequestException or ObjectDisposedException)
                {
                    // It is being killed.
                }

                await Task.Delay(100, cancel);
            }
        }

        return ids;
    }

    private static async Task<IReadOnlyList<ReceivedWebhook>> UntilAsync(WebhookReceiver receiver, int count, CancellationToken cancel, string name = "one")
    {
        for (var waited = System.Diagnostics.Stopwatch.StartNew(); ;)
        {
            var got = await receiver.GotAsync(name);
            if (got.Select(one => one.Id).Distinct().Count() >= count)
                return got;

            Assert.IsLessThan(Scenario.Patience, waited.Elapsed, $"{got.Count} of {count}");
            await Task.Delay(100, cancel);
        }
    }
}
