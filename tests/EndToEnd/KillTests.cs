using System.Net;

namespace Notary.EndToEnd.Tests;

/// <summary>The app dies by SIGKILL at a chosen call, is started again, and everything it had acknowledged is certified exactly once.</summary>
[TestClass]
public sealed class KillTests
{
    public required TestContext TestContext { get; set; }

    /// <summary>Where it dies: the dependency, what it is asked, and whether before or after it has done it.</summary>
    private static readonly Dictionary<string, (string Dependency, FaultRule Rule)> Points = new()
    {
        ["after the blob"] = ("blob", new FaultRule("/originals/", FaultKind.Callback, FaultPoint.AfterEffect) { Method = "PUT" }),
        ["after the row"] = ("table", new FaultRule("batch", FaultKind.Callback, FaultPoint.AfterEffect) { Method = "POST", Body = "Manifest0" }),
        ["during staging"] = ("blob", new FaultRule("/staging/stage/", FaultKind.Callback, FaultPoint.AfterEffect) { Method = "PUT" }),
        ["after the swap"] = ("table", new FaultRule("RowKey='head'", FaultKind.Callback, FaultPoint.AfterEffect) { Method = "PUT", Body = "Stage\":\"stage" }),
        ["while publishing"] = ("blob", new FaultRule("/log/tile/", FaultKind.Callback, FaultPoint.AfterEffect) { Method = "PUT" }),
        ["after the token"] = ("authority", new FaultRule("/tsa", FaultKind.Callback, FaultPoint.AfterEffect) { Method = "POST", Nth = 3 }),
        ["after broadcast"] = ("chain", new FaultRule("/", FaultKind.Callback, FaultPoint.AfterEffect) { Method = "POST", Body = "eth_sendRawTransaction" }),
        ["before the letter"] = ("blob", new FaultRule("/letters/", FaultKind.Callback, FaultPoint.Before) { Method = "PUT" }),
    };

    public static IEnumerable<object[]> Names => Points.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public async Task NothingIsLostNorDoubled(string point)
    {
        var cancel = TestContext.CancellationToken;
        var (dependency, prototype) = Points[point];
        FaultProxy? proxy = null;
        var scenario = await Scenario.StartAsync(cancel, async platform =>
        {
            var target = dependency switch
            {
                "blob" => platform.Azurite.BlobEndpoint,
                "table" => platform.Azurite.TableEndpoint,
                "authority" => platform.Authorities[0].Url,
                _ => platform.Anvil.Url,
            };
            proxy = await FaultProxy.StartAsync(new Uri(target, "/"), cancel: cancel);
            var url = dependency == "authority" ? new Uri(proxy.Url, target.AbsolutePath) : proxy.Url;
            return platform.AppEnvironment(
                blob: dependency == "blob" ? url : null,
                table: dependency == "table" ? url : null,
                chain: dependency == "chain" ? url : null,
                authorityA: dependency == "authority" ? url : null);
        });
        await using var ends = scenario;
        await using var proxyEnds = proxy!;

        var died = new TaskCompletionSource();
        var rule = proxy!.Add(prototype with
        {
            Callback = async () =>
            {
                scenario.App.Process.Kill();
                await scenario.App.Process.WaitForExitAsync();
                died.TrySetResult();
            },
        });

        // A client whose connection breaks sends again under the same key, as documented.
        var content = System.Text.Encoding.UTF8.GetBytes($"killed {point}");
        var first = await TryAsync(() => scenario.DepositAsync(content, "a.txt", "the key", cancel));
        await died.Task.WaitAsync(Scenario.Patience, cancel);
        Assert.AreEqual(1, rule.Strikes);
        await scenario.App.DisposeAsync();
        await scenario.StartAppAsync(cancel);

        var receipt = await scenario.DepositAsync(content, "a.txt", "the key", cancel);
        if (first is not null)
            Assert.AreEqual(first, receipt, "the receipt changed");

        var id = (string)JsonNode.Parse(receipt)!["id"]!;
        await scenario.WaitForAsync(id, "Certified", cancel);
        Assert.HasCount(1, (await scenario.GetAsync("v1/deposits", cancel))["items"]!.AsArray());
        await scenario.FsckAsync(cancel);
        Assert.AreEqual(1, await AnchorsAsync(scenario), "one anchor");

        using var checkpoint = await scenario.App.Http.GetAsync(new Uri("v1/log/checkpoint", UriKind.Relative), cancel);
        Assert.AreEqual(HttpStatusCode.OK, checkpoint.StatusCode);
        Assert.AreEqual("1", (await checkpoint.Content.ReadAsStringAsync(cancel)).Split('\n')[1], "one leaf");
    }

    /// <summary>Events that the contract has emitted.</summary>
    internal static async Task<int> AnchorsAsync(Scenario scenario)
    {
        var logs = await scenario.Platform.Anvil.CallAsync("eth_getLogs",
            new JsonObject { ["address"] = scenario.Platform.Contract, ["fromBlock"] = "0x0", ["toBlock"] = "latest" });
        return logs.EnumerateArray().Count(log => log.GetProperty("data").GetString()!.Length == RootAndSender);
    }

    /// <summary>Characters of the data of an Anchored event, 0x included; the membership events have none.</summary>
    private const int RootAndSender = 2 + (2 * 64);

    private static async Task<string?> TryAsync(Func<Task<string>> send)
    {
        try
        {
            return await send();
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
