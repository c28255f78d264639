using Azure;

namespace Notary.Deposits.Tests;

/// <summary>How a tenant's deposits stand: counted, late with their time, and no more read than is bounded.</summary>
[TestClass]
public sealed class SummaryTests
{
    private static readonly TimeSpan Zone = TimeSpan.FromHours(8);

    public required TestContext TestContext { get; set; }

    private CancellationToken Cancel => TestContext.CancellationToken;

    /// <summary>Far more than are counted.</summary>
    private const int Many = 10_000;

    /// <summary>Two bands of rows, a thousand a call, and what is stamped and anchored.</summary>
    private const int MostCalls = 8;

    [TestMethod]
    public async Task WhatIsThereIsCountedAndWhatIsLateIsNamed()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var service = bed.Service(sequencer);
        var since = TimeProvider.System.GetUtcNow().AddDays(-30);
        var none = await service.SummaryAsync(Bed.TenantA, since, Zone, Cancel);
        Assert.AreEqual((0, false, 0, 0), (none.Counted, none.More, none.Days.Count, none.Late.Count));

        var file = (await service.DepositFileAsync(Bed.TenantA, Bed.Options(name: "a.txt"), new MemoryStream(new byte[1234]), Cancel)).Id;
        var digests = (await service.DepositDigestsAsync(Bed.TenantA, Bed.Options(), [Bed.Item(1), Bed.Item(2)], Cancel)).Id;
        await service.DepositDigestsAsync(Bed.TenantB, Bed.Options(), [Bed.Item(3)], Cancel);
        var now = await service.SummaryAsync(Bed.TenantA, since, Zone, Cancel);
        Assert.AreEqual((2, false), (now.Counted, now.More));
        Assert.AreEqual(2, now.States[DepositState.Received]);
        Assert.HasCount(1, now.States);
        Assert.AreEqual((2, 1234L), (now.Days.Sum(day => day.Deposits), now.Days.Sum(day => day.KeptBytes)));
        Assert.IsEmpty(now.Late);
        Assert.AreEqual(0, (await service.SummaryAsync(Bed.TenantA, TimeProvider.System.GetUtcNow().AddMinutes(1), Zone, Cancel)).Counted);

        // A week on nothing has come further, and one has failed: that one is named at once.
        await bed.Storage.Table(Names.Deposits).UpdateEntityAsync(
            new TableEntity(DepositKeys.Shard(Bed.TenantA.Id), DepositKeys.Deposit(Bed.TenantA.Id, digests)) { ["Fault"] = "token-invalid" }, ETag.All,
            TableUpdateMode.Merge, Cancel);
        var failed = Assert.ContainsSingle((await service.SummaryAsync(Bed.TenantA, since, Zone, Cancel)).Late);
        Assert.AreEqual((digests.ToString(), null, "token-invalid"), (failed.Deposit.Id, failed.Due, failed.Deposit.Fault));
        var later = await bed.Service(sequencer, new ShiftedClock(TimeSpan.FromDays(7))).SummaryAsync(Bed.TenantA, since, Zone, Cancel);
        CollectionAssert.AreEqual(new[] { file.ToString(), digests.ToString() }, later.Late.Select(late => late.Deposit.Id).ToList(), "the oldest first");
        Assert.IsLessThan(TimeProvider.System.GetUtcNow().AddDays(7), later.Late[0].Due!.Value);
        Assert.AreEqual((1, 1), (later.States[DepositState.Failed], later.States[DepositState.Received]));
    }

    [TestMethod]
    public async Task NoMoreThanTheBoundIsCountedAndThatIsSaid()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var service = bed.Service(sequencer);
        var now = TimeProvider.System.GetUtcNow();
        await bed.FillAsync(Bed.TenantA.Id, [.. Enumerable.Range(0, Many).Select(i => DepositId.New(new FixedClock(now.AddMinutes(-i * 4))))], Cancel);
        var calls = CallCount.Begin();
        var summary = await service.SummaryAsync(Bed.TenantA, now.AddDays(-30), Zone, Cancel);
        Assert.IsInRange(1, MostCalls, calls[0], "storage calls");
        Assert.AreEqual((DepositLimits.MaxSummarised, true), (summary.Counted, summary.More));
        Assert.AreEqual(DepositLimits.MaxSummarised, summary.States.Values.Sum());
        Assert.AreEqual(DepositLimits.MaxSummarised, summary.Days.Sum(day => day.Deposits));
    }

    [TestMethod]
    public async Task AChainIsFoundFromEitherEnd()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var service = bed.Service(sequencer);
        var first = (await service.DepositDigestsAsync(Bed.TenantA, Bed.Options(), [Bed.Item(1)], Cancel)).Id;
        var manifest = Digest.Parse((await service.FindAsync(Bed.TenantA, first, Cancel))!.ManifestDigest);
        var next = (await service.DepositDigestsAsync(Bed.TenantA, Bed.Options() with { Previous = manifest }, [Bed.Item(2)], Cancel)).Id;
        await service.DepositDigestsAsync(Bed.TenantA, Bed.Options(), [Bed.Item(3)], Cancel);
        await service.DepositDigestsAsync(Bed.TenantB, Bed.Options() with { Previous = manifest }, [Bed.Item(2)], Cancel);
        var chain = await service.ChainAsync(Bed.TenantA, manifest, null, Cancel);
        CollectionAssert.AreEqual(new[] { next.ToString(), first.ToString() }, chain.Items.Select(item => item.Id).ToList());
        var later = (await service.FindAsync(Bed.TenantA, next, Cancel))!;
        Assert.AreEqual(first.ToString(), (await service.FindEarlierAsync(Bed.TenantA, manifest, later.ReceivedAt, Cancel))?.Id);
        Assert.IsNull(await service.FindEarlierAsync(Bed.TenantB, manifest, later.ReceivedAt, Cancel));
        Assert.HasCount(1, (await service.ChainAsync(Bed.TenantB, manifest, null, Cancel)).Items, "another's deposit is not there");
    }
}
