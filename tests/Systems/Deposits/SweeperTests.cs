using Azure.Storage.Blobs;

namespace Notary.Deposits.Tests;

/// <summary>What nobody will ever name goes; what somebody may still name stays.</summary>
[TestClass]
public sealed class SweeperTests
{
    public required TestContext TestContext { get; set; }

    private CancellationToken Cancel => TestContext.CancellationToken;

    [TestMethod]
    public async Task OriginalsWithoutADepositGoWhenTheirGraceIsOver()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        using var originals = new OriginalStore(bed.Storage, bed.Wrap, bed.Wrap);
        var container = bed.Storage.Container(Names.Originals);
        async Task<BlobClient> OrphanAsync(double hoursAgo)
        {
            var name = Names.OriginalBlob(DepositId.New(new ShiftedClock(TimeSpan.FromHours(-hoursAgo))), 0);
            await originals.WriteAsync(name, new MemoryStream([1, 2, 3]), owner: Bed.TenantA.Id, cancel: Cancel);
            return container.GetBlobClient(name);
        }

        var service = bed.Service(sequencer, new ShiftedClock(TimeSpan.FromHours(-30)));
        var kept = await service.DepositFileAsync(Bed.TenantA, Bed.Options(), new MemoryStream([4]), Cancel);
        BlobClient[] old = [await OrphanAsync(47), await OrphanAsync(30), await OrphanAsync(25)];
        var young = await OrphanAsync(23);

        // Each run is another instance's first: how far the last came is kept.
        for (var run = 0; run < 20; run++)
            await SweeperAt(TimeSpan.FromDays(run % 2 * 400), bed, sequencer).RunAsync(Cancel);

        foreach (var blob in old)
            Assert.IsFalse((await blob.ExistsAsync(Cancel)).Value, blob.Name);

        Assert.IsTrue((await young.ExistsAsync(Cancel)).Value);
        Assert.IsTrue(await originals.ExistsAsync(Names.OriginalBlob(kept.Id, 0), Cancel));

        // Nobody ran for three days.
        var late = await OrphanAsync(60);
        var cursor = new TableEntity(DepositKeys.LogPartition, DepositKeys.Swept)
        { ["Window"] = (TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(62)).ToUnixTimeMilliseconds() >> 16 };
        await bed.Storage.Table(Names.Checkpoints).UpsertEntityAsync(cursor, TableUpdateMode.Replace, Cancel);
        await SweeperAt(TimeSpan.Zero, bed, sequencer).RunAsync(Cancel);
        Assert.IsFalse((await late.ExistsAsync(Cancel)).Value);
    }

    [TestMethod]
    public async Task AStageThatLostItsSwapGoesWhenItsGraceIsOverWhateverOurClockSays()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var staging = bed.Storage.Container(Names.Staging);
        var lost = staging.GetBlobClient(Names.StageBlob(7, Guid.NewGuid()));
        await lost.UploadAsync(BinaryData.FromString("{}"), Cancel);
        await SweeperAt(TimeSpan.FromDays(400), bed, sequencer).RunAsync(Cancel);
        Assert.IsTrue((await lost.ExistsAsync(Cancel)).Value, "only our clock says that it is old");
        await SweeperAt(TimeSpan.Zero, bed, sequencer, grace: TimeSpan.FromSeconds(-5)).RunAsync(Cancel);
        Assert.IsFalse((await lost.ExistsAsync(Cancel)).Value);
    }

    internal static Sweeper SweeperAt(TimeSpan shift, Bed bed, Sequencer sequencer, TimeSpan? grace = null)
    {
        var clock = new ShiftedClock(shift);
        return new Sweeper(
            bed.Storage,
            sequencer,
            new Keeper(bed.Storage, bed.Starter, bed.Door, NullLogger<Keeper>.Instance),
            new Housekeeper(bed.Storage, bed.Door, new HousekeepingSettings(), NullLogger<Housekeeper>.Instance),
            new BatchIndexer(bed.Storage, NullLogger<BatchIndexer>.Instance),
            clock,
            NullLogger<Sweeper>.Instance)
        { Grace = grace ?? TimeSpan.FromHours(24) };
    }
}
