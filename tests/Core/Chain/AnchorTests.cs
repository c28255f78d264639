namespace Notary.Chain.Tests;

[TestClass]
public sealed class AnchorTests
{
    [TestMethod]
    public async Task An_anchor_is_sent_confirmed_and_proved()
    {
        await using var scene = await ChainScene.CreateAsync();
        var root = ChainScene.Root(7);
        var submission = await scene.Sender.SubmitAsync(7, root);
        Assert.IsTrue(submission.Broadcast, submission.Why);
        Assert.AreEqual(0, submission.Nonce);
        Assert.IsInstanceOfType<AnchorStatus.Pending>(await scene.Sender.CheckAsync(7));
        Assert.IsNull(await scene.Sender.ProofAsync(7));

        await scene.Anvil.MineAsync();
        var mined = (AnchorStatus.Mined)await scene.Sender.CheckAsync(7);
        Assert.AreEqual(1, mined.Depth);
        Assert.AreEqual(submission.Transaction, mined.Transaction);
        await scene.Anvil.MineAsync(2);
        Assert.AreEqual(3, ((AnchorStatus.Mined)await scene.Sender.CheckAsync(7)).Depth);

        var proof = (await scene.Sender.ProofAsync(7))!;
        Assert.AreEqual(mined.BlockHash, proof.BlockHash);
        Assert.AreEqual(mined.BlockTime, proof.BlockTime);
        Assert.AreEqual(scene.Options.Contract, proof.Contract);
        Assert.IsTrue(proof.TransactionProof.Count > 0);
        var signed = SignedTransaction.Decode(proof.Transaction);
        Assert.AreEqual(scene.Signer.Address, signed.Sender);
        Assert.IsTrue(AnchorContract.TryDecodeAnchor(signed.Data, out var size, out var said));
        Assert.AreEqual((7, root), (size, said));

        var json = proof.ToJson().ToJsonString();
        Assert.AreEqual(json, AnchorProof.Parse(JsonSerializer.Deserialize<JsonElement>(json)).ToJson().ToJsonString());
        CollectionAssert.AreEqual(new[] { new Anchored(7, root, scene.Signer.Address) }, (await scene.EventsAsync()).ToArray());
    }

    [TestMethod]
    public async Task Submitting_again_changes_nothing()
    {
        await using var scene = await ChainScene.CreateAsync();
        var first = await scene.Sender.SubmitAsync(1, ChainScene.Root(1));
        Assert.AreEqual(first.Transaction, (await scene.Sender.SubmitAsync(1, ChainScene.Root(1))).Transaction);
        Assert.AreEqual(first.Transaction, (await scene.AnotherSender().SubmitAsync(1, ChainScene.Root(1))).Transaction);
        await scene.Anvil.MineAsync(4);
        Assert.AreEqual(first.Transaction, (await scene.Sender.SubmitAsync(1, ChainScene.Root(1))).Transaction);
        Assert.AreEqual(1, await scene.NonceAsync());
        Assert.AreEqual(1, (await scene.EventsAsync()).Count);
    }

    [TestMethod]
    public async Task Two_roots_for_one_size_are_an_alarm()
    {
        await using var scene = await ChainScene.CreateAsync();
        await scene.Sender.SubmitAsync(1, ChainScene.Root(1));
        var books = await Assert.ThrowsExactlyAsync<FaultException>(() => scene.Sender.SubmitAsync(1, ChainScene.Root(2)));
        Assert.AreEqual(Fault.EvidenceInvalid, books.Fault);

        // Another member anchors another root: the chain says so.
        await scene.SendForeignAsync(await scene.Client.NonceAsync(scene.Admin.Address), 10_000_000_000,
            1_000_000_000, scene.Admin, scene.Contract, ChainScene.Call("grant", scene.Admin.Address));
        await scene.SendForeignAsync(await scene.Client.NonceAsync(scene.Admin.Address) + 1, 10_000_000_000,
            1_000_000_000, scene.Admin, scene.Contract, ChainScene.Call("anchor", 5L, ChainScene.Root(99)));
        await scene.Anvil.MineAsync();
        var chain = await Assert.ThrowsExactlyAsync<FaultException>(() => scene.Sender.SubmitAsync(5, ChainScene.Root(5)));
        Assert.AreEqual(Fault.EvidenceInvalid, chain.Fault);
    }

    [TestMethod]
    public async Task What_another_member_anchored_is_not_paid_for_again()
    {
        await using var scene = await ChainScene.CreateAsync();
        var nonce = await scene.Client.NonceAsync(scene.Admin.Address);
        await scene.SendForeignAsync(nonce, 10_000_000_000, 1_000_000_000, scene.Admin, scene.Contract, ChainScene.Call("grant", scene.Admin.Address));
        var foreign = await scene.SendForeignAsync(nonce + 1, 10_000_000_000, 1_000_000_000,
            scene.Admin, scene.Contract, ChainScene.Call("anchor", 5L, ChainScene.Root(5)));
        await scene.Anvil.MineAsync();

        Assert.IsNull((await scene.Sender.SubmitAsync(5, ChainScene.Root(5))).Transaction);
        Assert.AreEqual(foreign, ((AnchorStatus.Mined)await scene.Sender.CheckAsync(5)).Transaction);
        Assert.AreEqual(foreign, (await scene.Sender.ProofAsync(5))!.TransactionHash);
        Assert.AreEqual(0, await scene.NonceAsync());

        // The foreign anchor goes with a reorganisation: ours takes its place.
        await scene.Anvil.MineAsync(2);
        await scene.Anvil.ReorganiseAsync(3);
        Assert.IsTrue(((AnchorStatus.Pending)await scene.Sender.CheckAsync(5)).Transaction.Length > 0);
        await scene.Anvil.MineAsync();
        Assert.IsInstanceOfType<AnchorStatus.Mined>(await scene.Sender.CheckAsync(5));
        Assert.AreEqual(1, (await scene.EventsAsync()).Count);
    }

    [TestMethod]
    public async Task A_smaller_size_than_one_under_way_is_superseded_not_paid()
    {
        await using var scene = await ChainScene.CreateAsync();
        await scene.Sender.SubmitAsync(20, ChainScene.Root(20));
        Assert.AreEqual(20, (await scene.Sender.SubmitAsync(10, ChainScene.Root(10))).SupersededBy);
        await scene.Anvil.MineAsync();
        Assert.AreEqual(20, (await scene.Sender.SubmitAsync(10, ChainScene.Root(10))).SupersededBy);
        Assert.IsInstanceOfType<AnchorStatus.NotSubmitted>(await scene.Sender.CheckAsync(10));
        Assert.AreEqual(1, await scene.NonceAsync());
    }

    [TestMethod]
    public async Task A_sender_without_permission_pays_nothing_and_is_told_why()
    {
        await using var scene = await ChainScene.CreateAsync(permitted: false);
        var fault = await Assert.ThrowsExactlyAsync<FaultException>(() => scene.Sender.SubmitAsync(1, ChainScene.Root(1)));
        Assert.AreEqual(Fault.ChainRefused, fault.Fault);
        StringAssert.Contains(fault.Message, "does not permit");
        Assert.IsInstanceOfType<AnchorStatus.NotSubmitted>(await scene.Sender.CheckAsync(1));

        await scene.SendForeignAsync(await scene.Client.NonceAsync(scene.Admin.Address), 10_000_000_000,
            1_000_000_000, scene.Admin, scene.Contract, ChainScene.Call("grant", scene.Signer.Address));
        await scene.Anvil.MineAsync();
        await scene.Sender.SubmitAsync(1, ChainScene.Root(1));
        await scene.Anvil.MineAsync();
        Assert.IsInstanceOfType<AnchorStatus.Mined>(await scene.Sender.CheckAsync(1));
    }

    [TestMethod]
    public async Task A_sender_without_money_is_recorded_and_goes_on_when_paid()
    {
        await using var scene = await ChainScene.CreateAsync();
        await scene.Anvil.FundAsync(scene.Signer.Address.ToLowerHex(), 1);
        var submission = await scene.Sender.SubmitAsync(1, ChainScene.Root(1));
        Assert.IsFalse(submission.Broadcast);
        StringAssert.Contains(submission.Why, "nsufficient funds");
        StringAssert.Contains(((AnchorStatus.Pending)await scene.Sender.CheckAsync(1)).Why, "nsufficient funds");

        await scene.Anvil.FundAsync(scene.Signer.Address.ToLowerHex(), 1_000_000_000_000_000_000);
        Assert.AreEqual(submission.Transaction, ((AnchorStatus.Pending)await scene.Sender.CheckAsync(1)).Transaction);
        await scene.Anvil.MineAsync();
        Assert.AreEqual(submission.Transaction, ((AnchorStatus.Mined)await scene.Sender.CheckAsync(1)).Transaction);
    }

    [TestMethod]
    public async Task Two_instances_racing_share_nonces_and_pay_once()
    {
        const int anchors = 12;
        await using var scene = await ChainScene.CreateAsync();
        var other = scene.AnotherSender();
        for (var size = 1; size <= anchors; size++)
        {
            var both = await Task.WhenAll(scene.Sender.SubmitAsync(size, ChainScene.Root(size)), other.SubmitAsync(size, ChainScene.Root(size)));
            Assert.AreEqual(both[0].Transaction, both[1].Transaction, $"size {size}");
            Assert.AreEqual(size - 1, both[0].Nonce);
        }

        await scene.Anvil.MineAsync();
        var checks = await Task.WhenAll(Enumerable.Range(1, anchors).SelectMany(size => new[] { scene.Sender.CheckAsync(size), other.CheckAsync(size) }));
        Assert.IsTrue(checks.All(c => c is AnchorStatus.Mined));
        Assert.AreEqual(anchors, await scene.NonceAsync());
        CollectionAssert.AreEqual(Enumerable.Range(1, anchors).Select(s => (long)s).ToArray(), (await scene.EventsAsync()).Select(e => e.Size).ToArray());
    }

    [TestMethod]
    public async Task Two_instances_racing_for_different_sizes_never_share_a_nonce()
    {
        await using var scene = await ChainScene.CreateAsync();
        var senders = new[] { scene.Sender, scene.AnotherSender() };
        var submissions = await Task.WhenAll(Enumerable.Range(1, 8).Select(size => senders[size % 2].SubmitAsync(size, ChainScene.Root(size))));
        var sent = submissions.Where(s => s.SupersededBy is null).ToArray();
        CollectionAssert.AreEquivalent(Enumerable.Range(0, sent.Length).Select(n => (long?)n).ToArray(), sent.Select(s => s.Nonce).ToArray());
        Assert.IsTrue(submissions.All(s => s.SupersededBy is null || s.SupersededBy > s.Size));

        await scene.Anvil.MineAsync();
        Assert.AreEqual(sent.Length, await scene.NonceAsync());
        Assert.AreEqual(sent.Length, (await scene.EventsAsync()).Count, "none was reverted");
    }
}
