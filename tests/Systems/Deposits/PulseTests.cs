namespace Notary.Deposits.Tests;

/// <summary>The pulse tells what waits and for how long.</summary>
[TestClass]
public sealed class PulseTests
{
    public required TestContext TestContext { get; set; }

    private CancellationToken Cancel => TestContext.CancellationToken;

    [TestMethod]
    public async Task TellsWhatWaitsAndForHowLong()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var service = bed.Service(sequencer);
        Assert.AreEqual(new Pulse(0, 0, 0, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero),
            await new PulseReader(bed.Storage, TimeProvider.System).ReadAsync(Cancel));

        for (var n = 0; n < 3; n++)
            await service.DepositDigestsAsync(Bed.TenantA, Bed.Options(), [Bed.Item(n)], Cancel);

        // Seven minutes later nothing has been sequenced.
        var later = new PulseReader(bed.Storage, new ShiftedClock(TimeSpan.FromMinutes(7)));
        var waiting = await later.ReadAsync(Cancel);
        Assert.AreEqual((0L, TimeSpan.Zero), (waiting.Size, waiting.Unstamped));
        Assert.IsTrue(waiting.Waiting > TimeSpan.FromMinutes(6.9) && waiting.Waiting < TimeSpan.FromMinutes(9), waiting.Waiting.ToString());

        Assert.AreEqual(Sequencer.Outcome.Advanced, await sequencer.RunOnceAsync(Cancel));
        var logged = await later.ReadAsync(Cancel);
        Assert.AreEqual((3L, 0L, 0L, TimeSpan.Zero, TimeSpan.Zero), (logged.Size, logged.Stamped, logged.Anchored, logged.Waiting, logged.Unanchored));

        // The checkpoint now waits for time.
        var table = new CheckpointTable(bed.Storage);
        var row = await table.FirstAsync(0, Cancel);
        Assert.IsNotNull(row);
        Assert.AreEqual(3, row.Size);
        Assert.IsGreaterThan(TimeSpan.FromMinutes(6), logged.Unstamped);

        // Stamped, it waits for the chain.
        await table.StampAsync(3, new Dictionary<string, object>(), TimeProvider.System.GetUtcNow(), Cancel);
        var stamped = await later.ReadAsync(Cancel);
        Assert.AreEqual((3L, 0L, TimeSpan.Zero), (stamped.Stamped, stamped.Anchored, stamped.Unstamped));
        Assert.IsGreaterThan(TimeSpan.FromMinutes(6), stamped.Unanchored);

        await table.PutAnchorAsync(new AnchorRow(3, Final: true, Settled: false, "{}", "0x00", 0), null, Cancel);
        var anchored = await later.ReadAsync(Cancel);
        Assert.AreEqual((3L, TimeSpan.Zero), (anchored.Anchored, anchored.Unanchored));
    }
}
