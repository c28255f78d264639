using Notary.Storage;

namespace Notary.EndToEnd.Tests;

/// <summary>A chain that is reorganised after an anchor was final: the deposit is anchored again, once, and gets a letter about the new block.</summary>
[TestClass]
public sealed class ReorganisationTests
{
    public required TestContext TestContext { get; set; }

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    [DataRow(12)]
    public async Task AnAnchorThatWasTakenBackIsMadeAgain(int beyond)
    {
        var cancel = TestContext.CancellationToken;
        await using var scenario = await Scenario.StartAsync(cancel);

        // Old enough a chain that the contract's own deployment stays.
        await scenario.Platform.Anvil.MineAsync(20);
        var receipt = await scenario.DepositAsync([1, 2, 3], "a.bin", "key", cancel);
        var id = (string)JsonNode.Parse(receipt)!["id"]!;
        var before = await scenario.WaitForAsync(id, "Certified", cancel);
        var block = (long)before["anchor"]!["block"]!;
        var head = Convert.ToInt64((await scenario.Platform.Anvil.CallAsync("eth_blockNumber")).GetString()![2..], 16);

        // The block with the anchor goes, and as many before it as the case says.
        await scenario.Platform.Anvil.ReorganiseAsync((int)(head - block) + beyond);

        JsonNode? after = null;
        for (var i = 0; i < 6000; i++)
        {
            after = await scenario.GetAsync($"v1/deposits/{id}", cancel);
            if ((string)after["state"]! == "Certified" && (string)after["anchor"]!["blockHash"]! != (string)before["anchor"]!["blockHash"]!)
                break;

            await Task.Delay(200, cancel);
        }

        Assert.AreNotEqual((string)before["anchor"]!["blockHash"]!, (string)after!["anchor"]!["blockHash"]!);
        var (bundle, trust) = await scenario.BundleAsync(id, cancel);
        var (code, output) = await Scenario.NotaryAsync(null, cancel, "verify", bundle, "--trust", trust, "--rpc", scenario.Platform.Anvil.Url.ToString());

        // The block after which the manifest was made may be gone as well, and a node then says so; all else is about the new chain.
        var failed = output.Split('\n').Where(l => l.StartsWith("FAIL ", StringComparison.Ordinal)).ToList();
        Assert.IsTrue(failed.TrueForAll(l => l.Contains("[not-before]", StringComparison.Ordinal)), output);
        Assert.AreEqual(failed.Count == 0 ? 0 : 1, code, output);
        Assert.AreEqual(1, await KillTests.AnchorsAsync(scenario), "re-anchored once");
        await scenario.FsckAsync(cancel);
    }

    /// <summary>The older of two anchors is taken back while the newer one is under way: both are made again, in their order.</summary>
    [TestMethod]
    public async Task AnAnchorThatIsTakenBackAfterANewerOneBeganIsConfirmedAgain()
    {
        var cancel = TestContext.CancellationToken;
        await using var scenario = await Scenario.StartAsync(cancel);
        var anvil = scenario.Platform.Anvil;
        await anvil.MineAsync(20);
        var older = Id(await scenario.DepositAsync([1], "a.bin", "a", cancel));
        var first = await scenario.WaitForAsync(older, "Certified", cancel);

        // From here on a block comes only when it is asked for: the newer anchor is in one block and has no confirmation.
        await anvil.CallAsync("evm_setIntervalMining", 0);
        await anvil.CallAsync("evm_setAutomine", false);
        var newer = Id(await scenario.DepositAsync([2], "b.bin", "b", cancel));
        var table = StorageAccount.Open(new StorageOptions { ConnectionString = scenario.Platform.ConnectionString }).Table(Names.Checkpoints);
        await WaitAsync(async () => (await table.GetEntityAsync("anchor", "head", cancel: cancel)).Value is var head
            && head.GetInt64("Size") == 2 && head.GetBoolean("Final") == false, cancel);
        await WaitAsync(async () => (await anvil.CallAsync("txpool_status")).GetProperty("pending").GetString() != "0x0", cancel);
        await anvil.MineAsync();

        // Both go. Blocks come by themselves again.
        var top = Convert.ToInt64((await anvil.CallAsync("eth_blockNumber")).GetString()![2..], 16);
        await anvil.ReorganiseAsync((int)(top - (long)first["anchor"]!["block"]!) + 1);
        await WaitAsync(async () => (await table.GetEntityAsync("anchor", $"{1:D20}", cancel: cancel)).Value.GetBoolean("Final") == false, cancel);
        Assert.AreEqual(2L, (await table.GetEntityAsync("anchor", "head", cancel: cancel)).Value.GetInt64("Size"), "the newer one keeps its place");
        await anvil.CallAsync("evm_setAutomine", true);
        await anvil.CallAsync("evm_setIntervalMining", 1);

        await WaitAsync(async () => await scenario.GetAsync($"v1/deposits/{older}", cancel) is var view && (string)view["state"]! == "Certified"
            && (string)view["anchor"]!["blockHash"]! != (string)first["anchor"]!["blockHash"]!, cancel);
        await scenario.WaitForAsync(newer, "Certified", cancel);
        Assert.AreEqual(2, await KillTests.AnchorsAsync(scenario), "each anchored once");
        await WaitAsync(async () => (await table.GetEntityAsync("anchor", $"{1:D20}", cancel: cancel)).Value.GetBoolean("Final") == true
            && (await table.GetEntityAsync("anchor", $"{2:D20}", cancel: cancel)).Value.GetBoolean("Final") == true, cancel);
        await scenario.FsckAsync(cancel);
    }

    private static string Id(string receipt) => (string)JsonNode.Parse(receipt)!["id"]!;

    private static async Task WaitAsync(Func<Task<bool>> holds, CancellationToken cancel)
    {
        for (var since = Stopwatch.GetTimestamp(); !await holds(); await Task.Delay(200, cancel))
            Assert.IsLessThan(TimeSpan.FromMinutes(3), Stopwatch.GetElapsedTime(since));
    }
}
