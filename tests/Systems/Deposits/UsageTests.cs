using Notary.Deposits.Usage;

namespace Notary.Deposits.Tests;

/// <summary>Usage over instances and days: nothing twice, nothing of another's, and old parts become one row.</summary>
[TestClass]
public sealed class UsageTests
{
    public required TestContext TestContext { get; set; }

    private CancellationToken Cancel => TestContext.CancellationToken;

    [TestMethod]
    public async Task PartsOfManyInstancesAreAddedUpOnceHoweverManyReadThem()
    {
        const int Instances = 120;
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        var clock = new ShiftedClock(TimeSpan.Zero);
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var one = new UsageCount(5, 1, 2, 3, 1000);
        var meters = Enumerable.Range(0, Instances).Select(_ => new UsageMeter(bed.Storage, clock)).ToList();
        foreach (var meter in meters)
        {
            meter.Add(Bed.TenantA.Id, one);
            await meter.FlushAsync(Cancel);

            // The same sum again, as after an answer that was lost.
            meter.Add(Bed.TenantA.Id, new UsageCount { Requests = 1 });
            await meter.FlushAsync(Cancel);
            await meter.FlushAsync(Cancel);
        }

        meters[0].Add(Bed.TenantB.Id, one);
        await meters[0].FlushAsync(Cancel);

        UsageDay expected = new(today, 6 * Instances, Instances, 2 * Instances, 3 * Instances, 1000 * Instances);
        await AsExpectedAsync(meters[0], "with its own sum in memory");
        await AsExpectedAsync(new UsageMeter(bed.Storage, clock), "by another instance");
        Assert.AreEqual(Instances, await RowsAsync(bed));

        // Nobody counts on this day any more: whoever reads adds its parts up, several at once.
        clock.By = TimeSpan.FromDays(4);
        for (var round = 0; round < 3; round++)
            await Task.WhenAll(meters.Take(4).Select(meter => AsExpectedAsync(meter, $"round {round}")));

        Assert.AreEqual(1, await RowsAsync(bed));
        await meters[0].FlushAsync(Cancel);
        Assert.AreEqual(1, await RowsAsync(bed), "what is added up is not written again");
        await AsExpectedAsync(meters[0], "after all");
        Assert.AreEqual(6, (await meters[0].ReadAsync(Bed.TenantB.Id, today, today, Cancel)).Days.Single().Requests + 1);

        async Task AsExpectedAsync(UsageMeter meter, string when)
        {
            var report = await meter.ReadAsync(Bed.TenantA.Id, today.AddDays(-1), today.AddDays(1), Cancel);
            Assert.AreEqual(expected, report.Days.Single(), when);
            Assert.AreEqual(expected.Bytes, report.StoredBytes, when);
            Assert.IsEmpty((await meter.ReadAsync(Bed.TenantA.Id, today.AddDays(-9), today.AddDays(-1), Cancel)).Days, when);
        }
    }

    [TestMethod]
    public async Task WhatIsTakenInIsCountedOnceAndARepetitionNotAtAll()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var meter = new UsageMeter(bed.Storage, TimeProvider.System);
        var service = bed.Service(sequencer, usage: meter);
        var content = new byte[1234];
        var attached = DepositId.Parse("01900000-0000-7000-8000-000000000000");
        for (var time = 0; time < 2; time++)
        {
            await service.DepositFileAsync(Bed.TenantA, Bed.Options("file"), new MemoryStream(content), Cancel);
            await service.DepositBulkAsync(Bed.TenantA, Bed.Options("bulk"), [.. Enumerable.Range(0, 70).Select(Bed.Item)], Cancel);
            var known = new DigestItem("a", content.Length, "text/plain", Digest.Of(content));
            attached = (await service.DepositDigestsAsync(Bed.TenantA, Bed.Options("digests"), [known, Bed.Item(1)], Cancel)).Id;
            await service.AttachOriginalAsync(Bed.TenantA, attached, 0, new MemoryStream(content), Cancel);
        }

        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        var report = await meter.ReadAsync(Bed.TenantA.Id, today.AddDays(-1), today, Cancel);
        Assert.AreEqual((72L, 73L, 2468L), (report.Days.Sum(d => d.Deposits), report.Days.Sum(d => d.Items), report.Days.Sum(d => d.Bytes)));
        Assert.AreEqual(0, (await meter.ReadAsync(Bed.TenantB.Id, today, today, Cancel)).StoredBytes);
    }

    private async Task<int> RowsAsync(Bed bed)
        => await bed.Storage.Table(Names.Usage).QueryAsync($"PartitionKey eq '{Bed.TenantA.Id}'", cancel: Cancel).CountAsync(Cancel);
}
