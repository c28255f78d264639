using System.Numerics;
using Nethereum.Model;
using Notary.Evidence.Ethereum;
using Notary.Keys;

namespace Notary.EndToEnd.Tests;

/// <summary>A chain that fails, forgets and is rewritten: every deposit is certified and its anchor paid for once.</summary>
[TestClass]
public sealed class ChainFaultTests
{
    /// <summary>The deepest reorganisation that is survived.</summary>
    private const int Deepest = 64;

    public required TestContext TestContext { get; set; }

    private CancellationToken Cancel => TestContext.CancellationToken;

    [TestMethod]
    public async Task AnchorsAreMadeOnceThroughWhateverTheChainDoes()
    {
        FaultProxy? proxy = null;
        await using var scenario = await Scenario.StartAsync(Cancel, async platform =>
        {
            proxy = await FaultProxy.StartAsync(platform.Anvil.Url, cancel: Cancel);
            var environment = platform.AppEnvironment();
            environment["Notary__Chain__RpcUrls"] = $"http://127.0.0.1:1/ {proxy.Url}";
            return environment;
        });
        await using var proxyEnds = proxy!;
        var anvil = scenario.Platform.Anvil;
        var nonce = await NonceAsync(scenario);

        // The first of two nodes is dead, and the other takes the transaction without saying so.
        var lost = proxy!.Add(new FaultRule("/", FaultKind.Drop, FaultPoint.AfterEffect) { Body = "eth_sendRawTransaction" });
        await CertifyAsync(scenario, "an answer is lost");
        Assert.AreEqual(1, lost.Strikes);

        // Down, and back.
        proxy.Clear();
        var down = proxy.Add(new FaultRule("/", FaultKind.Drop) { Times = int.MaxValue });
        var waits = await FaultTests.DepositAsync(scenario, "the chain is down");
        await FaultTests.UntilAsync(() => Task.FromResult(down.Strikes >= 6), "the chain is asked again");
        await FaultTests.UntilAsync(async () => (string)(await scenario.GetAsync($"v1/deposits/{waits}", Cancel))["state"]! == "Timestamped",
            "what needs no chain goes on");
        proxy.Clear();
        await scenario.WaitForAsync(waits, "Certified", Cancel);

        // The pool forgets it.
        await WithPooledAsync(scenario, "a transaction is dropped", hash => anvil.CallAsync("anvil_dropTransaction", hash));

        // The base fee grows a hundredfold while it waits.
        await WithPooledAsync(scenario, "fees rise", async _ =>
        {
            var block = await anvil.CallAsync("eth_getBlockByNumber", "latest", false);
            var fee = Hex.Number(block.GetProperty("baseFeePerGas").GetString());
            await anvil.CallAsync("anvil_setNextBlockBaseFeePerGas", "0x" + (fee * 100).ToString("x", CultureInfo.InvariantCulture).TrimStart('0'));
        });
        Assert.AreEqual(4, await NonceAsync(scenario) - nonce, "each is paid for once");

        // Another program spends the nonce with the same key.
        await WithPooledAsync(scenario, "the nonce is taken", async hash =>
        {
            await anvil.CallAsync("anvil_dropTransaction", hash);
            await SendForeignAsync(scenario, nonce + 4);
        });
        Assert.AreEqual(6, await NonceAsync(scenario) - nonce);
        Assert.AreEqual(5, await KillTests.AnchorsAsync(scenario));
        await FaultTests.AuditAsync(scenario, 5);
    }

    [TestMethod]
    public async Task AnAnchorUnderTheDeepestWatchedReorganisationIsMadeAgain()
    {
        await using var scenario = await Scenario.StartAsync(Cancel);
        var anvil = scenario.Platform.Anvil;
        await anvil.MineAsync(Deepest);
        var id = await FaultTests.DepositAsync(scenario, "deep");
        var before = await scenario.WaitForAsync(id, "Certified", Cancel);
        await anvil.CallAsync("evm_setIntervalMining", 0);
        var head = Convert.ToInt64((await anvil.CallAsync("eth_blockNumber")).GetString()![2..], 16);
        await anvil.MineAsync(Deepest - 1 - (int)(head - (long)before["anchor"]!["block"]!));

        // The watcher has looked at this depth, twice; only then the blocks go.
        var anchor = $"v1/processes/checkpoint/{1:D20}";
        for (var looks = 0; looks < 2; looks++)
        {
            var seen = (await OperatorAsync(scenario, anchor))["lastUpdatedTime"]!.ToJsonString();
            await FaultTests.UntilAsync(
                async () => await OperatorAsync(scenario, anchor) is var now
                    && ((string)now["runtimeStatus"]! == "Completed" || now["lastUpdatedTime"]!.ToJsonString() != seen),
                "the watcher looks");
        }

        await anvil.ReorganiseAsync(Deepest);
        await anvil.CallAsync("evm_setIntervalMining", 1);
        await FaultTests.UntilAsync(
            async () => await scenario.GetAsync($"v1/deposits/{id}", Cancel) is var view && (string)view["state"]! == "Certified"
                && (string)view["anchor"]!["blockHash"]! != (string)before["anchor"]!["blockHash"]!,
            "anchored again");
        Assert.AreEqual(1, await KillTests.AnchorsAsync(scenario));
        await FaultTests.AuditAsync(scenario, 1);
    }

    private async Task CertifyAsync(Scenario scenario, string what)
        => await scenario.WaitForAsync(await FaultTests.DepositAsync(scenario, what), "Certified", Cancel);

    /// <summary>Deposits while no block is made, does something to the transaction that waits in the pool, and lets blocks come again.</summary>
    private async Task WithPooledAsync(Scenario scenario, string what, Func<string, Task> strike)
    {
        var anvil = scenario.Platform.Anvil;
        await anvil.CallAsync("evm_setIntervalMining", 0);
        var id = await FaultTests.DepositAsync(scenario, what);
        string[] pooled = [];
        await FaultTests.UntilAsync(
            async () => (pooled = [.. (await anvil.CallAsync("txpool_content")).GetProperty("pending").EnumerateObject()
                .SelectMany(a => a.Value.EnumerateObject()).Select(t => t.Value.GetProperty("hash").GetString()!)]).Length == 1,
            $"{what}: a transaction in the pool");
        await strike(pooled[0]);
        await anvil.CallAsync("evm_setIntervalMining", 1);
        await scenario.WaitForAsync(id, "Certified", Cancel);
    }

    private async Task SendForeignAsync(Scenario scenario, long nonce)
    {
        var key = await VaultSigner.OpenAsync(new KeyClient(scenario.Platform.Vault.Url, scenario.Platform.Vault.Credential), KeyNames.ChainSender, Cancel);
        var signer = Chain.ChainSigner.FromSpki(key.PublicKeySpki, key.SignAsync);
        var gwei = BigInteger.Pow(10, 9);
        var signed = await signer.SignAsync(
            new Transaction1559(Platform.ChainId, nonce, gwei, 100 * gwei, 21_000, signer.Address.ToLowerHex(), 0, "0x", []), Cancel);
        await scenario.Platform.Anvil.CallAsync("eth_sendRawTransaction", Hex.Of(signed));
    }

    private async Task<long> NonceAsync(Scenario scenario)
    {
        var sender = (string)JsonNode.Parse(await scenario.App.Http.GetStringAsync(new Uri("v1/trust", UriKind.Relative), Cancel))!["chain"]!["senders"]![0]!;
        return Hex.Long((await scenario.Platform.Anvil.CallAsync("eth_getTransactionCount", sender, "latest")).GetString()!);
    }

    private async Task<JsonNode> OperatorAsync(Scenario scenario, string path)
    {
        using var client = scenario.App.Client(scenario.Platform.OperatorKey);
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), Cancel);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancel))!;
    }
}
