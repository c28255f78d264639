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
        for (var i = 0; i < 600; i++)
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
}
