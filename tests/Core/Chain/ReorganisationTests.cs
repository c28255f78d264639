namespace Notary.Chain.Tests;

[TestClass]
public sealed class ReorganisationTests
{
    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    [DataRow(12)]
    [DataRow(64)]
    public async Task An_anchor_that_is_reorganised_away_is_taken_back_and_anchored_once_more(int depth)
    {
        await using var scene = await ChainScene.CreateAsync();
        await scene.Anvil.MineAsync(2);
        await scene.Sender.SubmitAsync(9, ChainScene.Root(9));
        await scene.Anvil.MineAsync(depth);
        var before = (AnchorStatus.Mined)await scene.Sender.CheckAsync(9);
        Assert.AreEqual(depth, before.Depth);

        await scene.Anvil.ReorganiseAsync(depth);
        var taken = (AnchorStatus.Pending)await scene.Sender.CheckAsync(9);
        Assert.IsTrue(taken.Reorganised);
        Assert.IsNull(await scene.Sender.ProofAsync(9));
        Assert.AreEqual(before.Transaction, taken.Transaction, "the recorded bytes, not new ones");

        await scene.Anvil.MineAsync();
        var after = (AnchorStatus.Mined)await scene.Sender.CheckAsync(9);
        Assert.AreNotEqual(before.BlockHash, after.BlockHash);
        Assert.AreEqual(before.Transaction, after.Transaction);
        Assert.AreEqual(1, after.Depth, "confirmations start again");
        Assert.AreEqual(after.BlockHash, (await scene.Sender.ProofAsync(9))!.BlockHash);
        Assert.AreEqual(1, (await scene.EventsAsync()).Count);
        Assert.AreEqual(1, await scene.NonceAsync());
    }

    [TestMethod]
    public async Task A_reorganisation_over_many_anchors_brings_all_of_them_back_in_order()
    {
        await using var scene = await ChainScene.CreateAsync();
        for (var size = 1; size <= 10; size++)
        {
            await scene.Sender.SubmitAsync(size, ChainScene.Root(size));
            await scene.Anvil.MineAsync(6);
            Assert.IsInstanceOfType<AnchorStatus.Mined>(await scene.Sender.CheckAsync(size));
        }

        await scene.Anvil.ReorganiseAsync(60);
        Assert.AreEqual(0, await scene.NonceAsync());

        // Only the last is still watched; what it stands on comes back with it.
        var pending = (AnchorStatus.Pending)await scene.Sender.CheckAsync(10);
        Assert.IsTrue(pending.Reorganised, pending.Why);
        await scene.Anvil.MineAsync();
        Assert.IsInstanceOfType<AnchorStatus.Mined>(await scene.Sender.CheckAsync(10));
        CollectionAssert.AreEqual(Enumerable.Range(1, 10).Select(s => (long)s).ToArray(), (await scene.EventsAsync()).Select(e => e.Size).ToArray());
        Assert.AreEqual(10, await scene.NonceAsync());
    }

    [TestMethod]
    public async Task A_chain_set_back_to_an_older_state_gets_the_anchor_again()
    {
        await using var scene = await ChainScene.CreateAsync();
        var snapshot = (await scene.Anvil.CallAsync("evm_snapshot")).GetString()!;
        var submission = await scene.Sender.SubmitAsync(3, ChainScene.Root(3));
        await scene.Anvil.MineAsync(5);
        Assert.IsInstanceOfType<AnchorStatus.Mined>(await scene.Sender.CheckAsync(3));

        await scene.Anvil.CallAsync("evm_revert", snapshot);
        Assert.IsTrue(((AnchorStatus.Pending)await scene.Sender.CheckAsync(3)).Reorganised);
        await scene.Anvil.MineAsync();
        Assert.AreEqual(submission.Transaction, ((AnchorStatus.Mined)await scene.Sender.CheckAsync(3)).Transaction);
    }

    [TestMethod]
    public async Task A_node_restarted_from_its_state_file_still_proves_the_anchor()
    {
        var folder = Directory.CreateTempSubdirectory("notary-chain-");
        try
        {
            var options = new AnvilOptions { StateFile = Path.Combine(folder.FullName, "anvil.json") };
            Evidence.Ethereum.AnchorProof before;
            await using (var scene = await ChainScene.CreateAsync(options))
            {
                await scene.Sender.SubmitAsync(3, ChainScene.Root(3));
                await scene.Anvil.MineAsync(5);
                before = (await scene.Sender.ProofAsync(3))!;
                await scene.Anvil.DisposeAsync();

                await using var again = await Anvil.StartAsync(options);
                var after = await scene.AnotherSender(again.Url).ProofAsync(3);
                Assert.AreEqual(before.ToJson().ToJsonString(), after!.ToJson().ToJsonString());
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
