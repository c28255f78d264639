namespace Notary.Chain.Tests;

/// <summary>Dropped, outbid, overtaken, too cheap.</summary>
[TestClass]
public sealed class PressureTests
{
    private static readonly BigInteger Gwei = 1_000_000_000;

    [TestMethod]
    public async Task A_dropped_transaction_is_broadcast_again_from_the_recorded_bytes()
    {
        await using var scene = await ChainScene.CreateAsync();
        var submission = await scene.Sender.SubmitAsync(1, ChainScene.Root(1));
        await scene.Anvil.CallAsync("anvil_dropTransaction", submission.Transaction);
        await scene.Anvil.MineAsync(10);
        Assert.AreEqual(submission.Transaction, ((AnchorStatus.Pending)await scene.Sender.CheckAsync(1)).Transaction);
        await scene.Anvil.MineAsync();
        Assert.AreEqual(submission.Transaction, ((AnchorStatus.Mined)await scene.Sender.CheckAsync(1)).Transaction);
    }

    [TestMethod]
    public async Task A_nonce_spent_by_another_is_given_up_once_that_is_confirmed()
    {
        await using var scene = await ChainScene.CreateAsync();
        var submission = await scene.Sender.SubmitAsync(1, ChainScene.Root(1));
        await scene.Anvil.CallAsync("anvil_dropTransaction", submission.Transaction);
        await scene.SendForeignAsync(0, 10 * Gwei, Gwei);
        await scene.Anvil.MineAsync();

        // A reorganisation could still bring ours back: signing anew now might pay twice.
        var waiting = (AnchorStatus.Pending)await scene.Sender.CheckAsync(1);
        Assert.AreEqual(submission.Transaction, waiting.Transaction);
        StringAssert.Contains(waiting.Why, "nonce 0");

        await scene.Anvil.MineAsync(ChainScene.Confirmations);
        var renewed = (AnchorStatus.Pending)await scene.Sender.CheckAsync(1);
        Assert.AreNotEqual(submission.Transaction, renewed.Transaction);
        await scene.Anvil.MineAsync();
        Assert.AreEqual(renewed.Transaction, ((AnchorStatus.Mined)await scene.Sender.CheckAsync(1)).Transaction);
        Assert.AreEqual(1, (await scene.EventsAsync()).Count);
        Assert.AreEqual(2, await scene.NonceAsync());
        Assert.AreEqual(2, (await scene.Sender.SubmitAsync(2, ChainScene.Root(2))).Nonce);
    }

    [TestMethod]
    public async Task A_nonce_taken_while_it_comes_back_by_reorganisation_is_not_paid_twice()
    {
        await using var scene = await ChainScene.CreateAsync();
        var submission = await scene.Sender.SubmitAsync(1, ChainScene.Root(1));
        await scene.Anvil.CallAsync("anvil_dropTransaction", submission.Transaction);
        await scene.SendForeignAsync(0, 10 * Gwei, Gwei);
        await scene.Anvil.MineAsync();
        Assert.IsInstanceOfType<AnchorStatus.Pending>(await scene.Sender.CheckAsync(1));

        await scene.Anvil.ReorganiseAsync(1);
        Assert.AreEqual(submission.Transaction, ((AnchorStatus.Pending)await scene.Sender.CheckAsync(1)).Transaction);
        await scene.Anvil.MineAsync();
        Assert.AreEqual(submission.Transaction, ((AnchorStatus.Mined)await scene.Sender.CheckAsync(1)).Transaction);
        Assert.AreEqual(1, await scene.NonceAsync());
    }

    [TestMethod]
    public async Task A_nonce_that_was_given_up_and_is_free_again_by_reorganisation_is_used()
    {
        await using var scene = await ChainScene.CreateAsync();
        var submission = await scene.Sender.SubmitAsync(1, ChainScene.Root(1));
        await scene.Anvil.CallAsync("anvil_dropTransaction", submission.Transaction);
        await scene.SendForeignAsync(0, 10 * Gwei, Gwei);
        await scene.Anvil.MineAsync(ChainScene.Confirmations);
        await scene.Sender.CheckAsync(1);
        await scene.Anvil.MineAsync();
        Assert.IsInstanceOfType<AnchorStatus.Mined>(await scene.Sender.CheckAsync(1));

        await scene.Anvil.ReorganiseAsync(ChainScene.Confirmations + 1);
        Assert.AreEqual(0, await scene.NonceAsync());
        Assert.IsTrue(((AnchorStatus.Pending)await scene.Sender.CheckAsync(1)).Reorganised);
        await scene.Anvil.MineAsync();
        Assert.AreEqual(submission.Transaction, ((AnchorStatus.Mined)await scene.Sender.CheckAsync(1)).Transaction);
        Assert.AreEqual(1, (await scene.EventsAsync()).Count);
        Assert.AreEqual(1, await scene.NonceAsync(), "the later variant is not paid for");
    }

    [TestMethod]
    public async Task A_strangers_nonce_that_a_reorganisation_freed_is_filled_so_that_the_anchors_after_it_are_mined()
    {
        await using var scene = await ChainScene.CreateAsync();
        await scene.SendForeignAsync(0, 10 * Gwei, Gwei);
        await scene.Anvil.MineAsync();
        foreach (var size in new[] { 1, 2 })
        {
            await scene.Sender.SubmitAsync(size, ChainScene.Root(size));
            await scene.Anvil.MineAsync();
            Assert.IsInstanceOfType<AnchorStatus.Mined>(await scene.Sender.CheckAsync(size));
        }

        await scene.Anvil.ReorganiseAsync(3);
        Assert.AreEqual(0, await scene.NonceAsync());
        for (var i = 0; i < 6; i++)
        {
            await scene.Sender.CheckAsync(2);
            await scene.Sender.CheckAsync(1);
            await scene.Anvil.MineAsync();
        }

        Assert.IsInstanceOfType<AnchorStatus.Mined>(await scene.Sender.CheckAsync(1));
        Assert.IsInstanceOfType<AnchorStatus.Mined>(await scene.Sender.CheckAsync(2));
        Assert.AreEqual(2, (await scene.EventsAsync()).Count);
        Assert.AreEqual(3, await scene.NonceAsync(), "the filler and the two anchors");
    }

    [TestMethod]
    public async Task A_hundredfold_base_fee_is_outbid_by_replacement()
    {
        await using var scene = await ChainScene.CreateAsync();
        var first = await scene.Sender.SubmitAsync(1, ChainScene.Root(1));
        var old = await DecodeAsync(scene, first.Transaction!);
        await RaiseBaseFeeAsync(scene, 100 * Gwei, blocks: 3);
        Assert.AreEqual(0, await scene.NonceAsync(), "the spike keeps it out");

        var raised = (AnchorStatus.Pending)await scene.Sender.CheckAsync(1);
        Assert.AreNotEqual(first.Transaction, raised.Transaction, raised.Why);
        var bid = await DecodeAsync(scene, raised.Transaction);
        Assert.AreEqual(old.Nonce, bid.Nonce);
        Assert.IsTrue(bid.MaxFeePerGas * 8 >= old.MaxFeePerGas * 9, "12.5 % more");
        Assert.IsTrue(bid.MaxPriorityFeePerGas * 8 >= old.MaxPriorityFeePerGas * 9, "12.5 % more");

        await scene.Anvil.MineAsync();
        Assert.AreEqual(raised.Transaction, ((AnchorStatus.Mined)await scene.Sender.CheckAsync(1)).Transaction);
        Assert.AreEqual(1, (await scene.EventsAsync()).Count);
        Assert.AreEqual(1, await scene.NonceAsync());
    }

    [TestMethod]
    public async Task Beyond_the_cap_an_anchor_waits_and_is_mined_when_fees_fall()
    {
        await using var scene = await ChainScene.CreateAsync(configure: o => (o.MaxFeePerGas, o.MaxPriorityFeePerGas) = (3 * Gwei, 2 * Gwei));
        await scene.Sender.SubmitAsync(1, ChainScene.Root(1));
        for (var i = 0; i < 4; i++)
        {
            await RaiseBaseFeeAsync(scene, 100 * Gwei, blocks: 3);
            var status = (AnchorStatus.Pending)await scene.Sender.CheckAsync(1);
            Assert.IsTrue((await DecodeAsync(scene, status.Transaction, inPool: false))?.MaxFeePerGas <= 3 * Gwei);
        }

        StringAssert.Contains(((AnchorStatus.Pending)await scene.Sender.CheckAsync(1)).Why, "cap");
        await scene.Anvil.CallAsync("anvil_setNextBlockBaseFeePerGas", "0x1");
        await scene.Anvil.MineAsync();
        Assert.IsInstanceOfType<AnchorStatus.Pending>(await scene.Sender.CheckAsync(1), "the node had dropped it: sent again");
        await scene.Anvil.MineAsync();
        Assert.IsInstanceOfType<AnchorStatus.Mined>(await scene.Sender.CheckAsync(1));
        Assert.AreEqual(1, await scene.NonceAsync());
    }

    [TestMethod]
    public async Task A_foreign_transaction_of_the_same_nonce_in_the_pool_is_outbid()
    {
        await using var scene = await ChainScene.CreateAsync();
        await scene.SendForeignAsync(0, 9 * Gwei, 2 * Gwei);
        var submission = await scene.Sender.SubmitAsync(1, ChainScene.Root(1));
        Assert.IsFalse(submission.Broadcast, submission.Why);

        // 1 gwei of tip to more than 2.25, twice as much at a time.
        AnchorStatus.Pending status;
        var checks = 0;
        do
        {
            status = (AnchorStatus.Pending)await scene.Sender.CheckAsync(1);
        }
        while (!status.Why.EndsWith("accepted", StringComparison.Ordinal) && ++checks < 4);
        await scene.Anvil.MineAsync();
        Assert.IsInstanceOfType<AnchorStatus.Mined>(await scene.Sender.CheckAsync(1));
        Assert.AreEqual(1, await scene.NonceAsync());
    }

    [TestMethod]
    public async Task A_block_that_has_no_room_does_not_raise_the_bid_before_its_time()
    {
        await using var scene = await ChainScene.CreateAsync();
        var first = await scene.Sender.SubmitAsync(1, ChainScene.Root(1));
        for (var i = 0; i < 5; i++)
            Assert.AreEqual(first.Transaction, ((AnchorStatus.Pending)await scene.Sender.CheckAsync(1)).Transaction, "no block has passed it by");
    }

    private static async Task RaiseBaseFeeAsync(ChainScene scene, BigInteger fee, int blocks)
    {
        for (var i = 0; i < blocks; i++)
        {
            await scene.Anvil.CallAsync("anvil_setNextBlockBaseFeePerGas", Hex.Quantity(fee));
            await scene.Anvil.MineAsync();
        }
    }

    private static async Task<SignedTransaction> DecodeAsync(ChainScene scene, string hash, bool inPool = true)
    {
        var variants = (await scene.RecordAsync(1)).Variants;
        Assert.IsTrue(!inPool || (await scene.Anvil.CallAsync("eth_getTransactionByHash", hash)).ValueKind == System.Text.Json.JsonValueKind.Object);
        return SignedTransaction.Decode(variants.Single(v => v.Hash == hash).Bytes);
    }
}
