using Notary.Chain.Draws;

namespace Notary.Chain.Tests.Draws;

/// <summary>A draw whose beacon is the hash of a block of the chain itself.</summary>
[TestClass]
public sealed class BlockBeaconTests
{
    [TestMethod]
    public async Task The_beacon_is_that_blocks_hash_and_no_others()
    {
        await using var scene = await DrawScene.CreateAsync();
        var plan = await scene.PublishAsync(BeaconSource.Block);
        var beacon = plan.RevealDeadline + plan.Number;
        await scene.MineToAsync(beacon - 2);
        await scene.RefusedAsync("TooEarly", scene.Publisher, DrawCall.FixSeed(plan.DrawId), "a block before");
        await scene.RefusedAsync("TooEarly", scene.Publisher, DrawCall.FixSeed(plan.DrawId), "in the block itself, which has no hash yet");
        var round = DrawCall.FixSeed(plan.DrawId, await scene.RoundAsync(1));
        await scene.RefusedAsync("NotVerified", scene.Publisher, round, "with a signature that would stand beside it for nothing");
        await scene.DoAsync(scene.Publisher, DrawCall.FixSeed(plan.DrawId));
        var state = await scene.StateAsync(plan.DrawId);
        Assert.AreEqual(beacon, state.BeaconBlock);
        Assert.AreEqual(await HashAsync(scene, beacon), state.Beacon);
    }

    [TestMethod]
    [DataRow(256)]
    [DataRow(257)]
    [DataRow(1000)]
    public async Task It_is_found_as_long_as_the_chain_keeps_it(int blocks)
    {
        await using var scene = await DrawScene.CreateAsync();
        var plan = await scene.PublishAsync(BeaconSource.Block);
        var beacon = plan.RevealDeadline + plan.Number;
        await scene.MineToAsync(beacon + blocks - 1);
        await scene.DoAsync(DrawScene.Somebody(), DrawCall.FixSeed(plan.DrawId));
        Assert.AreEqual(await HashAsync(scene, beacon), (await scene.StateAsync(plan.DrawId)).Beacon);
    }

    /// <summary>After 8,191 blocks, or 256 on a chain without EIP-2935's contract, which is what is waited for here.</summary>
    [TestMethod]
    public async Task When_nobody_came_in_time_the_draw_can_only_be_aborted()
    {
        await using var scene = await DrawScene.CreateAsync();
        await scene.Anvil.CallAsync("anvil_setCode", "0x0000F90827F1C53a10cb7A02335B175320002935", "0x");
        var plan = await scene.PublishAsync(BeaconSource.Block);
        await scene.MineToAsync(plan.RevealDeadline + plan.Number + 256);
        await scene.RefusedAsync("BeaconLost", DrawScene.Somebody(), DrawCall.FixSeed(plan.DrawId));
        await scene.DoAsync(scene.Publisher, DrawCall.Abort(plan.DrawId, DrawScene.Some()));
        Assert.IsNull((await scene.StateAsync(plan.DrawId)).Seed);
    }

    /// <summary>Who can take blocks back can choose the beacon, as the letter of such a draw says; but not without everybody seeing it.</summary>
    [TestMethod]
    public async Task A_reorganisation_across_the_beacons_block_takes_the_seed_back_and_another_comes()
    {
        await using var scene = await DrawScene.CreateAsync();
        var (plan, _) = await scene.PlayAsync(BeaconSource.Block);
        await scene.DoAsync(scene.Publisher, DrawCall.FixSeed(plan.DrawId));
        await scene.Anvil.MineAsync(2);
        var before = await scene.StateAsync(plan.DrawId);
        var events = await scene.Registry.EventsAsync(plan.DrawId, 0);

        // Blocks of the same numbers at other times are other blocks.
        await scene.Anvil.ReorganiseAsync(5);
        var after = await scene.StateAsync(plan.DrawId);
        Assert.AreEqual(DrawStage.Published, after.Stage, "the seed went with its block");
        Assert.HasCount(events.Count - 1, await scene.Registry.EventsAsync(plan.DrawId, 0));
        Assert.AreEqual(2, after.Parties.Count(p => p.Secret is not null), "the reveals lie deeper");

        await scene.Anvil.MineAsync(2);
        await scene.DoAsync(DrawScene.Somebody(), DrawCall.FixSeed(plan.DrawId));
        var again = await scene.StateAsync(plan.DrawId);
        Assert.AreEqual(await HashAsync(scene, plan.RevealDeadline + plan.Number), again.Beacon, "of the block that is on the chain now");
        Assert.AreNotEqual(before.Beacon, again.Beacon);
        Assert.AreNotEqual(before.Seed, again.Seed);
    }

    [TestMethod]
    public async Task A_reorganisation_does_not_change_what_a_drand_draw_comes_to()
    {
        await using var scene = await DrawScene.CreateAsync();
        var (plan, _) = await scene.PlayAsync();
        await scene.DoAsync(scene.Publisher, await scene.SeedCallAsync(plan));
        await scene.Anvil.MineAsync(2);
        var before = await scene.StateAsync(plan.DrawId);
        await scene.Anvil.ReorganiseAsync(5);
        Assert.AreEqual(DrawStage.Published, (await scene.StateAsync(plan.DrawId)).Stage);
        await scene.DoAsync(DrawScene.Somebody(), await scene.SeedCallAsync(plan));
        var again = await scene.StateAsync(plan.DrawId);
        Assert.AreEqual((before.Beacon, before.Seed), (again.Beacon, again.Seed));
    }

    private static async Task<Digest> HashAsync(DrawScene scene, long block)
        => new(Hex.Bytes((await scene.Anvil.CallAsync("eth_getBlockByNumber", Hex.Quantity(block), false)).GetProperty("hash").GetString(), Digest.Size));
}
