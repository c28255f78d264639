using Notary.Verification.Ethereum;

namespace Notary.Chain.Tests;

/// <summary>The stranger's check of what the sender proved, against a node.</summary>
[TestClass]
public sealed class VerifierTests
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    [TestMethod]
    public async Task A_proof_is_consistent_offline_and_canonical_online_until_it_is_reorganised_away()
    {
        await using var scene = await ChainScene.CreateAsync();
        await scene.Sender.SubmitAsync(12, ChainScene.Root(12));
        await scene.Anvil.MineAsync(2);
        var proof = (await scene.Sender.ProofAsync(12))!;

        var offline = AnchorVerifier.Check(proof, 12, ChainScene.Root(12), 31337, scene.Options.Contract, [scene.Signer.Address.ToLowerHex()]);
        Assert.AreEqual(AnchorOutcome.Consistent, offline.Outcome, offline.Reason);
        Assert.AreEqual(scene.Signer.Address, offline.Sender);

        var shallow = await OnlineAsync(scene, proof, 3);
        Assert.AreEqual(("anchor-too-new", 2L), (shallow.Code, shallow.Depth!.Value));
        await scene.Anvil.MineAsync();
        var canonical = await OnlineAsync(scene, proof, 3);
        Assert.AreEqual(AnchorOutcome.Canonical, canonical.Outcome, canonical.Reason);
        Assert.AreEqual(3, canonical.Depth);

        await scene.Anvil.ReorganiseAsync(3);
        Assert.AreEqual("anchor-not-canonical", (await OnlineAsync(scene, proof, 1)).Code);
        await scene.Anvil.MineAsync(10);
        Assert.AreEqual("anchor-not-canonical", (await OnlineAsync(scene, proof, 1)).Code, "more blocks do not bring it back");
    }

    [TestMethod]
    public async Task Wrong_or_absent_nodes_are_named()
    {
        await using var scene = await ChainScene.CreateAsync();
        await scene.Sender.SubmitAsync(12, ChainScene.Root(12));
        await scene.Anvil.MineAsync();
        var proof = (await scene.Sender.ProofAsync(12))!;
        Assert.AreEqual(AnchorOutcome.Unreachable, (await OnlineAsync(scene, proof, 1, new Uri("http://127.0.0.1:1/"))).Outcome);

        await using var other = await Servers.Anvil.StartAsync(new Servers.AnvilOptions { ChainId = 4711 });
        Assert.AreEqual("anchor-wrong-chain", (await OnlineAsync(scene, proof, 1, other.Url)).Code);

        await using var fresh = await Servers.Anvil.StartAsync();
        Assert.AreEqual("anchor-not-canonical", (await OnlineAsync(scene, proof, 1, fresh.Url)).Code);

        await using var odd = await TestNode.StartAsync(scene.Anvil.Url);
        foreach (var answer in new[] { "", "[]", "{}", """{"result":7}""", """{"result":{}}""", """{"error":{"code":1}}""" })
        {
            odd.Before = async (_, context) =>
            {
                await context.Response.Body.WriteAsync(System.Text.Encoding.UTF8.GetBytes(answer));
                return true;
            };
            Assert.AreEqual(AnchorOutcome.Unreachable, (await OnlineAsync(scene, proof, 1, odd.Url)).Outcome, answer);
        }
    }

    [TestMethod]
    public async Task A_transaction_that_only_looks_like_the_anchor_is_no_proof()
    {
        // Same call, same event, but by a contract that someone else deployed.
        await using var scene = await ChainScene.CreateAsync();
        await using var forger = await ChainScene.CreateAsync();
        await forger.Sender.SubmitAsync(12, ChainScene.Root(12));
        await forger.Anvil.MineAsync(3);
        var proof = (await forger.Sender.ProofAsync(12))!;
        Assert.AreEqual("anchor-wrong-chain", AnchorVerifier.Check(proof, 12, ChainScene.Root(12), 31337, scene.Options.Contract).Code);
        Assert.AreEqual("anchor-event",
            AnchorVerifier.Check(proof with { Contract = scene.Options.Contract }, 12, ChainScene.Root(12), 31337, scene.Options.Contract).Code);
        Assert.AreEqual("anchor-sender",
            AnchorVerifier.Check(proof, 12, ChainScene.Root(12), 31337, forger.Options.Contract, [scene.Signer.Address.ToLowerHex()]).Code);
    }

    private static Task<AnchorCheck> OnlineAsync(ChainScene scene, AnchorProof proof, int confirmations, Uri? rpc = null)
        => AnchorVerifier.CheckOnlineAsync(proof, 12, ChainScene.Root(12), 31337, scene.Options.Contract, confirmations, rpc ?? scene.Anvil.Url, Http);
}
