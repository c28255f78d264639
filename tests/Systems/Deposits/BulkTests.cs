using System.Text.Json.Nodes;

namespace Notary.Deposits.Tests;

/// <summary>Ten thousand at once are ten thousand deposits, once.</summary>
[TestClass]
public sealed class BulkTests
{
    public required TestContext TestContext { get; set; }

    private CancellationToken Cancel => TestContext.CancellationToken;

    [TestMethod]
    public async Task TriesOfTwoInstancesAtOnceAreOneRequest()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        DepositService[] instances = [bed.Service(sequencer), bed.Service(sequencer)];
        var items = Enumerable.Range(0, 200).Select(Bed.Item).ToList();
        var tries = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => instances[i % 2].DepositBulkAsync(Bed.TenantA, Bed.Options("one"), items, Cancel)));
        var texts = await Task.WhenAll(tries.Select(TextAsync));
        Assert.HasCount(1, texts.Distinct());

        var receipts = JsonNode.Parse(texts[0])!["receipts"]!.AsArray();
        CollectionAssert.AreEqual(items.Select(i => i.Sha256.ToString()).ToList(),
            receipts.Select(r => (string)r!["manifest"]!["items"]![0]!["digests"]!["sha-256"]!).ToList());
        Assert.HasCount(200, receipts.Select(r => (string)r!["manifest"]!["salt"]!).Distinct());
        CollectionAssert.AreEqual(receipts.Select(r => (string)r!["id"]!).Order(StringComparer.Ordinal).ToList(),
            receipts.Select(r => (string)r!["id"]!).ToList());
        Assert.HasCount(1, receipts.Select(r => (string)r!["manifest"]!["receivedAt"]!).Distinct());

        while (await sequencer.RunOnceAsync(Cancel) == Sequencer.Outcome.Advanced)
        {
        }

        CollectionAssert.AreEqual(receipts.Select(r => (string)r!["manifestDigest"]!).ToList(),
            (await bed.LeavesAsync(Cancel)).Select(leaf => leaf.ToString()).ToList(), "one leaf each, in the request's order");
        Assert.IsTrue((await instances[0].DepositBulkAsync(Bed.TenantA, Bed.Options("one"), items, Cancel)).Replayed);
        Assert.AreEqual(texts[0], await TextAsync(await instances[0].DepositBulkAsync(Bed.TenantA, Bed.Options("one"), items, Cancel)),
            "being logged does not change a receipt");
    }

    [TestMethod]
    public async Task OneKeyIsOneRequestOfAnyKind()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var service = bed.Service(sequencer);
        await service.DepositDigestsAsync(Bed.TenantA, Bed.Options("single"), [Bed.Item(1)], Cancel);
        await service.DepositBulkAsync(Bed.TenantA, Bed.Options("bulk"), [Bed.Item(1)], Cancel);
        foreach (var conflicting in (Func<Task>[])
        [
            () => service.DepositBulkAsync(Bed.TenantA, Bed.Options("single"), [Bed.Item(1)], Cancel),
            () => service.DepositDigestsAsync(Bed.TenantA, Bed.Options("bulk"), [Bed.Item(1)], Cancel),
            () => service.DepositBulkAsync(Bed.TenantA, Bed.Options("bulk"), [Bed.Item(2)], Cancel),
            () => service.DepositBulkAsync(Bed.TenantA, Bed.Options("bulk"), [Bed.Item(1), Bed.Item(1)], Cancel),
        ])
        {
            Assert.AreEqual(Fault.IdempotencyConflict, (await Assert.ThrowsExactlyAsync<FaultException>(conflicting)).Fault);
        }

        Assert.HasCount(2, (await service.ListAsync(Bed.TenantA, null, 100, null, Cancel)).Items);
    }

    [TestMethod]
    public async Task ALogThatFallsBehindTakesNoMoreInBulk()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var service = bed.Service(sequencer);
        var made = await TextAsync(await service.DepositBulkAsync(Bed.TenantA, Bed.Options("first"), [Bed.Item(1)], Cancel));

        var later = bed.Service(sequencer, new ShiftedClock(TimeSpan.FromMinutes(2)));
        Assert.AreEqual(Fault.RateLimited,
            (await Assert.ThrowsExactlyAsync<FaultException>(() => later.DepositBulkAsync(Bed.TenantA, Bed.Options("second"), [Bed.Item(2)], Cancel))).Fault);
        Assert.AreEqual(made, await TextAsync(await later.DepositBulkAsync(Bed.TenantA, Bed.Options("first"), [Bed.Item(1)], Cancel)),
            "what is there is still answered");
        await later.DepositDigestsAsync(Bed.TenantA, Bed.Options(), [Bed.Item(3)], Cancel);

        await sequencer.RunOnceAsync(Cancel);
        await later.DepositBulkAsync(Bed.TenantA, Bed.Options("second"), [Bed.Item(2)], Cancel);
    }

    [TestMethod]
    public async Task ManyOfOneTenantDoNotHoldUpTheOthers()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer(Bed.Settings with { MaxBatch = 50 });
        var service = bed.Service(sequencer);

        // More than two batches in the first of two partitions; whoever lies behind it is to be in the second batch.
        var (many, one) = string.CompareOrdinal(DepositKeys.Shard(Bed.TenantA.Id), DepositKeys.Shard(Bed.TenantB.Id)) < 0
            ? (Bed.TenantA, Bed.TenantB) : (Bed.TenantB, Bed.TenantA);
        Assert.AreNotEqual(DepositKeys.Shard(many.Id), DepositKeys.Shard(one.Id));
        await service.DepositBulkAsync(many, Bed.Options("many"), [.. Enumerable.Range(0, 120).Select(Bed.Item)], Cancel);
        await service.DepositDigestsAsync(one, Bed.Options(), [Bed.Item(1)], Cancel);
        await sequencer.RunOnceAsync(Cancel);
        await sequencer.RunOnceAsync(Cancel);
        Assert.IsNotNull((await service.ListAsync(one, null, 1, null, Cancel)).Items[0].Index);
    }

    private static async Task<string> TextAsync(BulkReceipt receipt)
    {
        using var text = new MemoryStream();
        await receipt.WriteAsync(text, CancellationToken.None);
        return Encoding.UTF8.GetString(text.ToArray());
    }
}
