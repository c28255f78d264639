namespace Notary.Lotteries.Tests;

/// <content>A chain that takes back what was deep enough already.</content>
public sealed partial class LifeTests
{
    /// <summary>Seconds by which the beacon's block is later than the one before. Its successor is not: as empty and of one time it were the same.</summary>
    private const int OtherTime = 5;

    /// <summary>Publication and commit, then the reveal, then the beacon's block with the seed, then the seed with the result. Alone on its chain: the
    /// deadlines are far away, and come when the test makes their blocks.</summary>
    [TestMethod]
    [DoNotParallelize]
    public Task What_a_reorganisation_takes_back_is_done_again_and_the_result_stands_once() => Attempt.LiveAsync(office, async attempt =>
    {
        var id = await attempt.SubmittedAsync(objections: 5, commits: 120, reveals: 180, rehearsal: true, BeaconKind.Block);
        try
        {
            var fixedThen = (await office.UntilAsync(id, v => v.Commitment is not null, "frozen")).Commitment!;
            await StepAsync(id, Steps.Commits);
            await TakeBackAsync<DrawEvent.Published>(id, draw => draw is null);
            await ChainAsync(id, draw => draw is { Parties.Count: 1 });

            await MineToAsync(fixedThen.CommitDeadline);
            await Bed.Starter.WakeAsync(id, default);
            await StepAsync(id, Steps.Seed);
            await TakeBackAsync<DrawEvent.Revealed>(id, draw => draw is { Parties: [{ Secret: null }] });
            await ChainAsync(id, draw => draw is { Parties: [{ Secret: not null }] });

            // The seed stands in the newest block and no deeper, and goes with its beacon.
            await PauseAsync();
            var beacon = fixedThen.RevealDeadline + Bed.Confirmations;
            await MineToAsync(beacon - 1);
            await office.Platform.Anvil.CallAsync("evm_increaseTime", OtherTime);
            await Bed.Starter.WakeAsync(id, default);
            var seeded = await ChainAsync(id, draw => draw is { Stage: DrawStage.Seeded }, mine: true);
            await ReorganiseAsync(beacon);
            Assert.AreEqual(DrawStage.Published, (await Bed.Registry.ReadAsync(id))!.Stage);
            await GoOnAsync();

            // The result waits for the letters; without blocks they do not come.
            await StepAsync(id, Steps.Bundle);
            await TakeBackAsync<DrawEvent.SeedFixed>(id, draw => draw is { Stage: DrawStage.Published });
            var view = await office.UntilAsync(id, v => v.State == "certified", "certified");
            var chain = (await Bed.Registry.ReadAsync(id))!;
            Assert.AreEqual((DrawStage.Finished, view.Result), (chain.Stage, chain.Outcome?.ToString()));
            Assert.AreNotEqual(seeded!.Beacon, chain.Beacon, "another block, another beacon");
            Assert.AreEqual("Published Committed Revealed SeedFixed Finished",
                string.Join(' ', (await Bed.Registry.EventsAsync(id, 0)).Select(e => e.GetType().Name)), "each once");
            await DemandBundleAsync(id, view);
        }
        finally
        {
            await GoOnAsync();
        }
    });

    /// <summary>Takes back all from that event's block on, and sees that it is gone, while nothing new can come.</summary>
    private static async Task TakeBackAsync<T>(Digest id, Func<DrawOnChain?, bool> gone)
        where T : DrawEvent
    {
        await PauseAsync();
        if ((await Bed.Lottery.OfficeAsync(id, default))!.State == "certified")
            throw Attempt.TooLate("it was certified before anything could be taken back");

        await ReorganiseAsync((await Bed.Registry.EventsAsync(id, 0)).OfType<T>().Single().Place.Block);
        Assert.IsTrue(gone(await Bed.Registry.ReadAsync(id)), typeof(T).Name);
        await GoOnAsync();
    }

    /// <summary>Waits until it stands so on chain; with a block for each look where none come by themselves.</summary>
    private static async Task<DrawOnChain?> ChainAsync(Digest id, Func<DrawOnChain?, bool> wanted, bool mine = false)
    {
        for (var begun = TimeProvider.System.GetTimestamp(); ; await Task.Delay(200))
        {
            if (mine)
                await office.Platform.Anvil.MineAsync();

            if (await Bed.Registry.ReadAsync(id) is var draw && wanted(draw))
                return draw;

            Assert.IsLessThan(office.Patience, TimeProvider.System.GetElapsedTime(begun), $"{draw}");
        }
    }

    /// <summary>Waits until its row is at that step.</summary>
    private static async Task StepAsync(Digest id, string step)
    {
        var table = new DrawTable(Bed.Storage);
        for (var begun = TimeProvider.System.GetTimestamp(); (await table.FindAsync(id, default))!.Step is var at && at != step; await Task.Delay(100))
        {
            if (at == Steps.End)
                throw Attempt.TooLate($"the draw was at {step} and nobody saw it");

            Assert.IsLessThan(office.Patience, TimeProvider.System.GetElapsedTime(begun), $"the draw is at {at}, not at {step}");
        }
    }

    private static async Task MineToAsync(long block)
    {
        if (block - await HeadAsync() is > 0 and var missing)
            await office.Platform.Anvil.MineAsync((int)missing);
    }

    /// <summary>Replaces the block, and all after it.</summary>
    private static async Task ReorganiseAsync(long from) => await office.Platform.Anvil.ReorganiseAsync((int)(await HeadAsync() - from + 1));

    private static async Task<long> HeadAsync() => Convert.ToInt64((await office.Platform.Anvil.CallAsync("eth_blockNumber")).GetString()![2..], 16);

    private static async Task PauseAsync() => await office.Platform.Anvil.CallAsync("evm_setIntervalMining", 0);

    private static async Task GoOnAsync() => await office.Platform.Anvil.CallAsync("evm_setIntervalMining", 1);
}
