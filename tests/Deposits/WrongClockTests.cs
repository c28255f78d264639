using Notary.Storage;

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
        Assert.IsTrue(await new LogLease(heads, Bed.Settings.LeaseDuration, new ClockAhead(TimeSpan.FromHours(1))).AcquireAsync(Cancel));

        // Its holder has died.
        var next = new LogLease(heads, Bed.Settings.LeaseDuration, TimeProvider.System);
        var begun = TimeProvider.System.GetTimestamp();
        Assert.IsFalse(await next.AcquireAsync(Cancel));
        while (!await next.AcquireAsync(Cancel))
        {
            Assert.IsLessThan(TimeSpan.FromSeconds(30), TimeProvider.System.GetElapsedTime(begun));
            await Task.Delay(50, Cancel);
        }

        Assert.IsGreaterThanOrEqualTo(Bed.Settings.LeaseDuration, TimeProvider.System.GetElapsedTime(begun));
    }

    private sealed class ClockAhead(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}
