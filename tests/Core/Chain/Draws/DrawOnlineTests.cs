using Microsoft.AspNetCore.Http;
using Notary.Chain.Draws;
using Notary.Verification.Ethereum;

namespace Notary.Chain.Tests.Draws;

/// <summary>The auditor's view of a registration, by code of its own.</summary>
[TestClass]
public sealed class DrawOnlineTests
{
    private static readonly HttpClient Http = new();

    [TestMethod]
    [DataRow(BeaconSource.Drand)]
    [DataRow(BeaconSource.Block)]
    public async Task The_judge_reads_what_the_writer_reads(BeaconSource source)
    {
        await using var scene = await DrawScene.CreateAsync();
        var (plan, _) = await scene.PlayAsync(source, committing: 3, revealing: 2);
        await scene.DoAsync(scene.Publisher, await scene.SeedCallAsync(plan));
        await scene.DoAsync(scene.Publisher, DrawCall.Finish(plan.DrawId, DrawScene.Some()));
        var state = await scene.StateAsync(plan.DrawId);
        var sight = await ReadAsync(scene, plan.DrawId, 1);
        Assert.AreEqual((AnchorOutcome.Canonical, "registered"), (sight.Outcome, sight.Code), sight.Reason);
        var draw = sight.Draw!;
        Assert.AreEqual(
            (state.Commitment, state.Publisher, (int)state.Stage, (int)state.Kind, (int)state.Source, state.CommitDeadline, state.RevealDeadline),
            (draw.Commitment, draw.Publisher, draw.State, draw.Kind, draw.Source, draw.CommitDeadline, draw.RevealDeadline));
        Assert.AreEqual((state.Number, state.Beacon, state.Seed, state.Outcome, state.Known), (draw.Number, draw.Beacon, draw.Seed, draw.Outcome, draw.Known));
        CollectionAssert.AreEqual(state.Parties.Select(p => (p.Account, p.Commitment, p.Secret)).ToArray(),
            draw.Parties.Select(p => (p.Account, p.Commitment, p.Secret)).ToArray());
        Assert.AreEqual((state.Head, scene.Drand.Hash, DrawScene.Margin), (sight.AsOf, sight.DrandHash, (int)sight.Margin!));

        // What stands too shallow does not stand yet.
        Assert.AreEqual(3, draw.State);
        Assert.AreEqual(2, (await ReadAsync(scene, plan.DrawId, 2)).Draw!.State);
        Assert.AreEqual(1, (await ReadAsync(scene, plan.DrawId, 3)).Draw!.State);
        Assert.AreEqual("draw-unknown", (await ReadAsync(scene, plan.DrawId, (int)sight.AsOf!.Block)).Code, "in the block that deployed the registry");
        await scene.DoAsync(scene.Publisher, DrawCall.Publish((await scene.PlanAsync()) with { DrawId = DrawPlan.NewId(scene.Publisher) }));
        Assert.AreEqual(3, (await ReadAsync(scene, plan.DrawId, 2)).Draw!.State);
    }

    [TestMethod]
    public async Task What_is_not_there_is_named()
    {
        await using var scene = await DrawScene.CreateAsync();
        var plan = await scene.PublishAsync();
        Assert.AreEqual("draw-unknown", (await ReadAsync(scene, DrawScene.Some(), 1)).Code);
        var registry = scene.Registry.Contract;
        Assert.AreEqual("draw-registry",
            (await DrawOnline.ReadAsync(scene.Options.ChainId, DrawScene.Somebody(), plan.DrawId, 1, scene.Anvil.Url, Http)).Code);
        Assert.AreEqual("draw-wrong-chain", (await DrawOnline.ReadAsync(1, registry, plan.DrawId, 1, scene.Anvil.Url, Http)).Code);
        Assert.AreEqual(AnchorOutcome.Unreachable, (await DrawOnline.ReadAsync(1, registry, plan.DrawId, 1, new Uri("http://127.0.0.1:1/"), Http)).Outcome);

        // A node that tells a beacon of which its own chain knows nothing.
        var (block, _) = await scene.PlayAsync(BeaconSource.Block);
        await scene.DoAsync(scene.Publisher, DrawCall.FixSeed(block.DrawId));
        var hash = Hex.Of((await scene.StateAsync(block.DrawId)).Beacon!.Value.ToArray())[2..];
        await using var odd = await TestNode.StartAsync(scene.Anvil.Url);
        odd.After = async (method, context, text) =>
        {
            if (method != "eth_call" || !text.Contains(hash, StringComparison.Ordinal))
                return false;

            await context.Response.WriteAsync(text.Replace(hash, DrawScene.Some().ToString(), StringComparison.Ordinal));
            return true;
        };
        Assert.AreEqual("draw-beacon-block",
            (await DrawOnline.ReadAsync(scene.Options.ChainId, registry, block.DrawId, 1, odd.Url, Http)).Code);
        odd.After = async (method, context, text) =>
        {
            if (method != "eth_call")
                return false;

            await context.Response.WriteAsync("""{"jsonrpc":"2.0","id":1,"result":"0x0011"}""");
            return true;
        };
        Assert.AreEqual(AnchorOutcome.Unreachable,
            (await DrawOnline.ReadAsync(scene.Options.ChainId, registry, block.DrawId, 1, odd.Url, Http)).Outcome);
    }

    [TestMethod]
    public void The_judge_knows_the_registrys_code() => Assert.AreEqual(Digest.Of(ContractArtifact.DrawRegistry.DeployedBytecode), DrawContract.Code);

    private static Task<DrawSight> ReadAsync(DrawScene scene, Digest drawId, int confirmations)
        => DrawOnline.ReadAsync(scene.Options.ChainId, scene.Registry.Contract, drawId, confirmations, scene.Anvil.Url, Http);
}
