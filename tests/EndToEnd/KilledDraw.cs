using System.Text;
using Notary.Evidence.Draws;

namespace Notary.EndToEnd.Tests;

/// <summary>A rehearsal as its organiser writes it, on an app that dies again and again.</summary>
internal sealed class KilledDraw(Scenario scenario, CancellationToken cancel)
{
    /// <summary>Deadlines of the chain that nobody waits for, and that no machine is too slow for.</summary>
    private static readonly TimeSpan Commits = TimeSpan.FromMinutes(8), Reveals = TimeSpan.FromMinutes(10);

    private static readonly DrawRules Rules = new([], [new DrawRound(1, 1, [], false, false)]);

    public string Id { get; private set; } = "";

    private string Path => $"v1/draws/{Id}";

    public async Task CreateAsync()
    {
        using var client = scenario.App.Client(scenario.Key);
        using var answer = await client.PostAsync(new Uri("v1/draws", UriKind.Relative), Terms(TimeSpan.FromMinutes(1)), cancel);
        Id = (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancel))!["drawId"]!;
    }

    public async Task ImportAsync(string list) => Assert.IsTrue(await TryAsync(new StringContent(list, Encoding.UTF8, "text/csv")));

    /// <summary>Sends a list; false when the connection breaks.</summary>
    public async Task<bool> TryAsync(HttpContent list)
    {
        using var client = scenario.App.Client(scenario.Key);
        try
        {
            using var answer = await client.PutAsync(new Uri($"{Path}/list", UriKind.Relative), list, cancel);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Submits it with a moment for objections: a longer one where the machine was too slow for that.</summary>
    public async Task SubmitAsync()
    {
        using var client = scenario.App.Client(scenario.Key);
        for (var moment = TimeSpan.FromSeconds(3); ; moment *= 2)
        {
            using var changed = await client.PutAsync(new Uri(Path, UriKind.Relative), Terms(moment), cancel);
            changed.EnsureSuccessStatusCode();
            using var answer = await client.PostAsync(new Uri($"{Path}/submit", UriKind.Relative), null, cancel);
            if (answer.IsSuccessStatusCode)
                return;

            StringAssert.Contains(await answer.Content.ReadAsStringAsync(cancel), "draw-late");
        }
    }

    public Task<JsonNode> GetAsync() => scenario.GetAsync(Path, cancel);

    public async Task<JsonNode> PublicAsync()
        => JsonNode.Parse(await scenario.App.Http.GetStringAsync(new Uri($"v1/public/draws/{Id}", UriKind.Relative), cancel))!;

    /// <summary>The first candidate's proof, which only the list's own secret gives.</summary>
    public async Task<byte[]> TicketAsync()
    {
        using var client = scenario.App.Client(scenario.Key);
        using var body = new StringContent("""{"id":"1","name":"张三"}""", Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(new Uri($"{Path}/tickets", UriKind.Relative), body, cancel);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsByteArrayAsync(cancel);
    }

    /// <summary>What a request holds that writes its row in that state.</summary>
    public string RowOf(string state) => $"(?s)draw-{Id}.*State\":\"{state}\"";

    /// <summary>Kills the app at that call. Ends when it is dead.</summary>
    public async Task DieAt(FaultProxy proxy, FaultRule rule)
    {
        var died = new TaskCompletionSource();
        proxy.Add(rule with
        {
            Callback = async () =>
            {
                await scenario.KillAppAsync();
                died.TrySetResult();
            },
        });
        try
        {
            await died.Task.WaitAsync(Scenario.Patience, cancel);
        }
        catch (TimeoutException e)
        {
            throw new AssertFailedException($"{rule} never came: {scenario.App.Process.StandardOutput}", e);
        }
    }

    /// <summary>What the registry has told about it.</summary>
    public async Task<int> EventsAsync() => (await scenario.Platform.Anvil.CallAsync("eth_getLogs", new JsonObject
    {
        ["address"] = scenario.Platform.Registry, ["topics"] = new JsonArray(null, $"0x{Id}"), ["fromBlock"] = "0x0", ["toBlock"] = "latest",
    })).GetArrayLength();

    /// <summary>Waits until so much of it is in a block.</summary>
    public async Task OnChainAsync(int events)
    {
        for (var clock = Stopwatch.StartNew(); await EventsAsync() < events; await Task.Delay(100, cancel))
            Assert.IsLessThan(Scenario.Patience, clock.Elapsed);
    }

    public async Task MineToAsync(long block)
    {
        var head = Convert.ToInt64((await scenario.Platform.Anvil.CallAsync("eth_blockNumber")).GetString()![2..], 16);
        await scenario.Platform.Anvil.MineAsync((int)Math.Max(1, block - head));
    }

    private static StringContent Terms(TimeSpan objections)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        var terms = new PlanTerms("演练", Rehearsal: true, Rules, new DrawSchedule(now + objections, now + Commits, now + Reveals), BeaconKind.Block, []);
        return new StringContent(Encoding.UTF8.GetString(terms.ToBytes()), Encoding.UTF8, "application/json");
    }
}
