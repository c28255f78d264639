using System.Diagnostics;
using System.Text.Json;
using Notary.Chain.Draws;

namespace Notary.Chain.Tests.Draws;

/// <summary>The contract's seed against the written formula, computed by another program in another language.</summary>
[TestClass]
public sealed class SeedTests
{
    // Measured: 254,200 with two reveals, 568,900 with 64.
    private const long MaxSeedGas = 580_000;

    // Measured: 1,625,900.
    private const long MaxPublishGas = 1_650_000;

    [TestMethod]
    [DataRow(BeaconSource.Drand, 0, 0)]
    [DataRow(BeaconSource.Drand, 3, 0)]
    [DataRow(BeaconSource.Drand, 3, 2)]
    [DataRow(BeaconSource.Block, 0, 0)]
    [DataRow(BeaconSource.Block, 4, 4)]
    public async Task The_seed_is_what_the_formula_says(BeaconSource source, int committing, int revealing)
    {
        await using var scene = await DrawScene.CreateAsync();
        var (plan, parties) = await scene.PlayAsync(source, committing, revealing);
        var gas = await scene.DoAsync(DrawScene.Somebody(), await scene.SeedCallAsync(plan));
        Console.WriteLine($"seed of {revealing} by {source}: {gas} gas");
        await AgreesAsync(scene, plan, revealing);
        var state = await scene.StateAsync(plan.DrawId);
        CollectionAssert.AreEqual(parties.Select(p => p.Account).ToArray(), state.Parties.Select(p => p.Account).ToArray());
    }

    /// <summary>Their order is the commits', whatever the order of the reveals; and it is the most the contract ever has to do.</summary>
    [TestMethod]
    public async Task Sixty_four_parties_revealing_backwards_with_gaps_are_taken_in_the_order_of_their_commits()
    {
        await using var scene = await DrawScene.CreateAsync();
        foreach (var silent in new[] { 0, 7 })
        {
            var plan = await scene.PlanAsync();
            plan = plan with { CommitDeadline = plan.CommitDeadline + 100, RevealDeadline = plan.RevealDeadline + 200 };
            var publishing = await scene.DoAsync(scene.Publisher, DrawCall.Publish(plan));
            var parties = Enumerable.Range(0, 64).Select(_ => (Account: DrawScene.Somebody(), Secret: DrawScene.Some())).ToArray();
            long committing = 0, revealing = 0;
            foreach (var (account, secret) in parties)
                committing = Math.Max(committing, await scene.DoAsync(account, DrawCall.Commit(plan.DrawId, account, secret.ToArray())));

            await scene.MineToAsync(plan.CommitDeadline);
            foreach (var (account, secret) in parties.Where((_, i) => silent == 0 || i % silent != 0).Reverse())
                revealing = Math.Max(revealing, await scene.DoAsync(account, DrawCall.Reveal(plan.DrawId, secret.ToArray())));

            await scene.MineToAsync(plan.RevealDeadline);
            var gas = await scene.DoAsync(DrawScene.Somebody(), await scene.SeedCallAsync(plan));
            var finishing = await scene.DoAsync(scene.Publisher, DrawCall.Finish(plan.DrawId, DrawScene.Some()));
            Console.WriteLine($"publish {publishing}, commit {committing}, reveal {revealing}, seed {gas}, finish {finishing} gas");
            Assert.IsTrue(gas <= MaxSeedGas, $"{gas} gas");
            await AgreesAsync(scene, plan, silent == 0 ? 64 : 54);
        }
    }

    [TestMethod]
    public async Task Sixty_four_kept_places_still_fit_into_one_publication()
    {
        await using var scene = await DrawScene.CreateAsync();
        var plan = await scene.PlanAsync(BeaconSource.Drand, [.. Enumerable.Range(0, 64).Select(_ => DrawScene.Somebody())]);
        var gas = await scene.DoAsync(scene.Publisher, DrawCall.Publish(plan));
        Console.WriteLine($"publish with 64 kept places: {gas} gas");
        Assert.IsTrue(gas <= MaxPublishGas, $"{gas} gas");
        var told = ((DrawEvent.Published)(await scene.Registry.EventsAsync(plan.DrawId, 0))[0]).Plan;
        CollectionAssert.AreEqual(plan.Kept.ToArray(), told.Kept.ToArray());
        Assert.AreEqual(plan with { Kept = told.Kept }, told);
        Assert.AreEqual(0, (await scene.StateAsync(plan.DrawId)).OpenPlaces);
    }

    private static async Task AgreesAsync(DrawScene scene, DrawPlan plan, int reveals)
    {
        using var node = Process.Start(new ProcessStartInfo("node",
            [Path.Combine(Repository.Root, "tests", "Core", "Chain", "Draws", "seed.mjs"), scene.Anvil.Url.ToString(), scene.Registry.Contract.ToString(),
                Hex.Of(plan.DrawId.ToArray())])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, error) = (node.StandardOutput.ReadToEndAsync(), node.StandardError.ReadToEndAsync());
        await node.WaitForExitAsync();
        Assert.AreEqual(0, node.ExitCode, await error);
        var said = JsonSerializer.Deserialize<JsonElement>(await output);
        var state = await scene.StateAsync(plan.DrawId);
        Assert.AreEqual(reveals, said.GetProperty("reveals").GetInt32());
        Assert.AreEqual(said.GetProperty("beacon").GetString(), state.Beacon.ToString());
        Assert.AreEqual(said.GetProperty("seed").GetString(), state.Seed.ToString());
    }
}
