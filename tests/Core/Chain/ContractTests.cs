namespace Notary.Chain.Tests;

[TestClass]
public sealed class ContractTests
{
    // Measured: 53,424. The root's new storage slot takes 22,100 of it, transaction and calldata 21,800; the rest is the
    // sender's permission, the newest size and the event.
    private const long MaxAnchorGas = 54_000;

    [TestMethod]
    public async Task The_committed_artifact_is_what_the_source_compiles_to()
    {
        var (code, output) = await Tool.NodeAsync(Path.Combine("scripts", "compile-contracts.mjs"), "--check");
        Assert.AreEqual(0, code, output);
    }

    [TestMethod]
    public async Task An_independent_client_reads_what_we_sent()
    {
        await using var scene = await ChainScene.CreateAsync();
        var root = ChainScene.Root(41);
        await scene.Sender.SubmitAsync(41, root);
        await scene.Anvil.MineAsync();
        var proof = (await scene.Sender.ProofAsync(41))!;

        var (code, output) = await Tool.NodeAsync(Path.Combine("tests", "Core", "Chain", "decode.mjs"),
            scene.Anvil.Url.ToString(), proof.TransactionHash, Hex.Of(proof.Transaction), scene.Options.Contract);
        Assert.AreEqual(0, code, output);
        var said = System.Text.Json.JsonSerializer.Deserialize<System.Text.Json.JsonElement>(output);
        foreach (var source in new[] { "signed", "mined" })
        {
            var transaction = said.GetProperty(source);
            Assert.AreEqual(2, transaction.GetProperty("type").GetInt32());
            Assert.AreEqual("31337", transaction.GetProperty("chainId").GetString());
            Assert.AreEqual(0, transaction.GetProperty("nonce").GetInt32());
            Assert.AreEqual(scene.Signer.Address.ToString(), transaction.GetProperty("from").GetString());
            Assert.AreEqual(scene.Contract.ToString(), transaction.GetProperty("to").GetString());
            Assert.AreEqual(proof.TransactionHash, transaction.GetProperty("hash").GetString());
            Assert.AreEqual("anchor", transaction.GetProperty("function").GetString());
            Assert.AreEqual("41", transaction.GetProperty("size").GetString());
            Assert.AreEqual("0x" + root, transaction.GetProperty("root").GetString());
        }

        Assert.AreEqual("41", said.GetProperty("event").GetProperty("size").GetString());
        Assert.AreEqual("0x" + root, said.GetProperty("event").GetProperty("root").GetString());
        Assert.AreEqual(scene.Signer.Address.ToString(), said.GetProperty("event").GetProperty("sender").GetString());
        Assert.AreEqual("0x" + root, said.GetProperty("rootOf").GetString());
        Assert.AreEqual("41", said.GetProperty("latest").GetString());
    }

    [TestMethod]
    public async Task Sizes_grow_strictly_and_what_is_recorded_may_be_sent_again()
    {
        await using var scene = await ChainScene.CreateAsync();
        await scene.Anvil.CallAsync("evm_setAutomine", true);
        Assert.IsTrue(await SendAsync(scene, ChainScene.Call("anchor", 10L, ChainScene.Root(10))));
        Assert.IsTrue(await SendAsync(scene, ChainScene.Call("anchor", 20L, ChainScene.Root(20))));
        Assert.IsTrue(await SendAsync(scene, ChainScene.Call("anchor", 20L, ChainScene.Root(20))), "the newest again");
        Assert.IsTrue(await SendAsync(scene, ChainScene.Call("anchor", 10L, ChainScene.Root(10))), "an older one again");
        Assert.IsFalse(await SendAsync(scene, ChainScene.Call("anchor", 20L, ChainScene.Root(21))), "another root for a size");
        Assert.IsFalse(await SendAsync(scene, ChainScene.Call("anchor", 15L, ChainScene.Root(15))), "a size between");
        Assert.IsFalse(await SendAsync(scene, ChainScene.Call("anchor", 0L, ChainScene.Root(1))), "no leaves");
        Assert.IsFalse(await SendAsync(scene, ChainScene.Call("anchor", 30L, default(Digest))), "a zero root");
        Assert.IsFalse(await SendAsync(scene, ChainScene.Call("anchor", 30L, ChainScene.Root(30)), scene.Admin), "the administrator is no member");

        CollectionAssert.AreEqual(new long[] { 10, 20 }, (await scene.EventsAsync()).Select(e => e.Size).ToArray(), "no second event");
        var latest = await scene.Client.CallAsync(scene.Contract, ChainScene.Call("latest"));
        Assert.AreEqual((20UL, ChainScene.Root(20)), (ContractArtifact.EvidenceAnchor.Read<ulong>("latest", latest), new Digest(latest.AsSpan(32))));
        Assert.AreEqual(ChainScene.Root(10), new Digest(await scene.Client.CallAsync(scene.Contract, ChainScene.Call("rootOf", 10L))));
        Assert.AreEqual(default, new Digest(await scene.Client.CallAsync(scene.Contract, ChainScene.Call("rootOf", 15L))));
    }

    [TestMethod]
    public async Task Only_the_administrator_grants_and_revokes()
    {
        await using var scene = await ChainScene.CreateAsync();
        await scene.Anvil.CallAsync("evm_setAutomine", true);
        Assert.IsFalse(await SendAsync(scene, ChainScene.Call("grant", scene.Admin.Address)));
        Assert.IsFalse(await SendAsync(scene, ChainScene.Call("revoke", scene.Signer.Address)));
        Assert.IsTrue(await SendAsync(scene, ChainScene.Call("anchor", 1L, ChainScene.Root(1))));
        Assert.IsTrue(await SendAsync(scene, ChainScene.Call("revoke", scene.Signer.Address), scene.Admin));
        Assert.IsFalse(await SendAsync(scene, ChainScene.Call("anchor", 2L, ChainScene.Root(2))));
        Assert.IsTrue(await SendAsync(scene, ChainScene.Call("grant", scene.Signer.Address), scene.Admin));
        Assert.IsTrue(await SendAsync(scene, ChainScene.Call("anchor", 2L, ChainScene.Root(2))));
    }

    [TestMethod]
    public async Task An_anchor_costs_what_the_readme_says()
    {
        await using var scene = await ChainScene.CreateAsync();
        await scene.Sender.SubmitAsync(100_000, ChainScene.Root(1));
        await scene.Anvil.MineAsync();
        await scene.Sender.SubmitAsync(200_000, ChainScene.Root(2));
        await scene.Anvil.MineAsync();
        var mined = (AnchorStatus.Mined)await scene.Sender.CheckAsync(200_000);
        var gas = Hex.Long((await scene.Anvil.CallAsync("eth_getTransactionReceipt", mined.Transaction)).GetProperty("gasUsed").GetString());
        Console.WriteLine($"anchor: {gas} gas");
        Assert.IsTrue(gas <= MaxAnchorGas, $"{gas} gas");
    }

    [TestMethod]
    public async Task Deploying_again_finds_the_contract_that_is_there()
    {
        await using var scene = await ChainScene.CreateAsync();
        await scene.Anvil.CallAsync("evm_setAutomine", true);
        var nonce = await scene.Client.NonceAsync(scene.Admin.Address);
        Assert.AreEqual(scene.Options.Contract,
            await ContractDeployment.DeployAsync(scene.Client, scene.Admin, [scene.Signer.Address], scene.Options, TimeProvider.System));
        Assert.AreEqual(nonce, await scene.Client.NonceAsync(scene.Admin.Address));
        var stranger = Address.Parse("0x00000000000000000000000000000000000000aa");
        var fault = await Assert.ThrowsExactlyAsync<FaultException>(
            () => ContractDeployment.DeployAsync(scene.Client, scene.Admin, [stranger], scene.Options, TimeProvider.System));
        Assert.AreEqual(Fault.ChainRefused, fault.Fault);
    }

    private static async Task<bool> SendAsync(ChainScene scene, byte[] data, ChainSigner? signer = null)
    {
        var by = signer ?? scene.Signer;
        var hash = await scene.SendForeignAsync(await scene.Client.NonceAsync(by.Address), 10_000_000_000, 1_000_000_000, by, scene.Contract, data);

        // Automining answers the send first and makes the block after it.
        var receipt = await scene.Anvil.CallAsync("eth_getTransactionReceipt", hash);
        for (var i = 0; i < 3000 && receipt.ValueKind == System.Text.Json.JsonValueKind.Null; i++)
        {
            await Task.Delay(50);
            receipt = await scene.Anvil.CallAsync("eth_getTransactionReceipt", hash);
        }

        return receipt.GetProperty("status").GetString() == "0x1";
    }
}
