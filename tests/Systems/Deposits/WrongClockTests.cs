namespace Notary.Deposits.Tests;

/// <summary>An instance whose clock is off harms nobody's work and holds nobody up.</summary>
[TestClass]
public sealed class WrongClockTests
{
    public required TestContext TestContext { get; set; }

    private CancellationToken Cancel => TestContext.CancellationToken;

    [TestMethod]
    public async Task ALeaseTakenAnHourAheadEndsWithItsDuration()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        var heads = bed.Storage.Table(Names.Checkpoints);
        Assert.IsTrue(await new LogLease(heads, Bed.Settings.LeaseDuration, new ShiftedClock(TimeSpan.FromHours(1))).AcquireAsync(Cancel));

        // Its holder has died.
        var next = new LogLease(heads, Bed.Settings.LeaseDuration, TimeProvider.System);
        var begun = TimeProvider.System.GetTimestamp();
        Assert.IsFalse(await next.AcquireAsync(Cancel));
        while (!await next.AcquireAsync(Cancel))
        {
            Assert.IsLessThan(TimeSpan.FromMinutes(3), TimeProvider.System.GetElapsedTime(begun));
            await Task.Delay(50, Cancel);
        }

        Assert.IsGreaterThanOrEqualTo(Bed.Settings.LeaseDuration, TimeProvider.System.GetElapsedTime(begun));
    }

    [TestMethod]
    public async Task NoReceiptIsGivenWhileTheClockIsOff()
    {
        var clock = new ShiftedClock(TimeSpan.Zero);
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel, clock);
        using var sequencer = bed.Sequencer();
        var service = bed.Service(sequencer, clock);
        var before = await service.DepositDigestsAsync(Bed.TenantA, Bed.Options("before"), [Bed.Item(0)], Cancel);
        foreach (var by in (TimeSpan[])[TimeSpan.FromHours(1), TimeSpan.FromMinutes(-2), TimeSpan.FromDays(5 * 365)])
        {
            // Any call to storage tells; the app makes some every second.
            clock.By = by;
            var offset = await bed.Storage.CompareClocksAsync(Cancel);
            Assert.IsLessThan(TimeSpan.FromSeconds(20), (offset - by).Duration());
            foreach (var take in (Func<Task>[])
            [
                () => service.DepositDigestsAsync(Bed.TenantA, Bed.Options(), [Bed.Item(1)], Cancel),
                () => service.DepositBulkAsync(Bed.TenantA, Bed.Options("bulk"), [Bed.Item(1)], Cancel),
                () => service.DepositFileAsync(Bed.TenantA, Bed.Options(), new MemoryStream([1]), Cancel),
            ])
            {
                Assert.AreEqual(Evidence.Fault.TimeDisagreement, (await Assert.ThrowsExactlyAsync<Evidence.FaultException>(take)).Fault);
            }
        }

        // A clock that is right again is believed at once, and one that is a little off always was.
        foreach (var by in (TimeSpan[])[TimeSpan.Zero, TimeSpan.FromSeconds(40), TimeSpan.FromSeconds(-40)])
        {
            clock.By = by;
            Assert.IsFalse((await service.DepositDigestsAsync(Bed.TenantA, Bed.Options(), [Bed.Item(2)], Cancel)).Replayed);
        }

        clock.By = TimeSpan.Zero;
        CollectionAssert.AreEqual(before.Json, (await service.DepositDigestsAsync(Bed.TenantA, Bed.Options("before"), [Bed.Item(0)], Cancel)).Json);
        Assert.HasCount(4, (await service.ListAsync(Bed.TenantA, null, 100, null, Cancel)).Items);
        Assert.IsEmpty(await bed.Storage.Container(Names.Originals).GetBlobsAsync(cancellationToken: Cancel).ToListAsync(Cancel));
    }
}
