using Azure.Storage.Blobs.Models;
using Notary.Evidence.Batches;

namespace Notary.Deposits.Tests;

/// <summary>Batches on storage alone: what a cut off intake leaves, what is swept, and what a batch costs.</summary>
[TestClass]
public sealed class BatchTests
{
    public required TestContext TestContext { get; set; }

    private CancellationToken Cancel => TestContext.CancellationToken;

    private static Tenant Tenant { get; } = new("batcher", "批量", "did:web:batcher.example", false);

    private static byte[] Lines(int count) => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, count)
        .Select(n => $$"""{"sha-256":"{{Digest.Of(BitConverter.GetBytes(n))}}","reference":"r{{n}}"}""" + "\n")));

    private async Task<List<string>> BlobsAsync(Bed bed)
        => await bed.Storage.Container(Names.Batches).GetBlobsAsync(BlobTraits.None, BlobStates.None, null, Cancel).Select(b => b.Name).ToListAsync(Cancel);

    [TestMethod]
    public async Task A_batch_that_breaks_off_or_is_refused_leaves_nothing()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var service = bed.Service(sequencer);
        await Assert.ThrowsExactlyAsync<IOException>(() => service.DepositBatchAsync(Tenant, Bed.Options("k"), new Broken(Lines(80_000)), Cancel));
        var refused = await Assert.ThrowsExactlyAsync<BatchRefusedException>(
            () => service.DepositBatchAsync(Tenant, Bed.Options("k"), new MemoryStream([.. Lines(80_000), .. "{}\n"u8]), Cancel));
        Assert.AreEqual((80_001, "digest"), (refused.Refusals.Single().Line, refused.Refusals.Single().Code));
        Assert.IsEmpty(await BlobsAsync(bed), "blocks that were never committed are no blob");
        Assert.IsEmpty((await service.ListAsync(Tenant, null, 10, null, Cancel)).Items);

        // The key is free: the same request again is taken, and once more is the same.
        var made = await service.DepositBatchAsync(Tenant, Bed.Options("k"), new MemoryStream(Lines(1000)), Cancel);
        var again = await service.DepositBatchAsync(Tenant, Bed.Options("k"), new MemoryStream(Lines(1000)), Cancel);
        Assert.IsTrue(again.Replayed);
        CollectionAssert.AreEqual(made.Json, again.Json);
        Assert.HasCount(2, await BlobsAsync(bed));
        Assert.AreEqual(Fault.IdempotencyConflict, (await Assert.ThrowsExactlyAsync<FaultException>(
            () => service.DepositBatchAsync(Tenant, Bed.Options("k"), new MemoryStream(Lines(1001)), Cancel))).Fault);
    }

    [TestMethod]
    public async Task A_batch_costs_a_handful_of_calls_and_its_index_is_made_after_a_crash()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var service = bed.Service(sequencer);
        var calls = CallCount.Begin();
        var made = await service.DepositBatchAsync(Tenant, Bed.Options("k"), new MemoryStream(Lines(40_000)), Cancel);
        Assert.IsLessThan(20, calls[0], "a clock, a key, two blobs of a few blocks, one transaction");

        // The app that took it in is gone: nobody was nudged but the sweep.
        var page = await service.FindItemsAsync(Tenant, ItemKey.Reference, "r39999", 10, null, Cancel);
        CollectionAssert.AreEqual((string[])[made.Id.ToString()], page.Unindexed.ToArray());
        var indexer = new BatchIndexer(bed.Storage, NullLogger<BatchIndexer>.Instance);
        await indexer.SweepAsync(Cancel);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var loop = indexer.RunLoopAsync(stop.Token);
        while (page.Unindexed.Count > 0)
            page = await service.FindItemsAsync(Tenant, ItemKey.Reference, "r39999", 10, null, Cancel);

        await stop.CancelAsync();
        await loop.ContinueWith(_ => { }, TaskScheduler.Default);
        Assert.AreEqual($"{made.Id}.39999", page.Items.Single().Id);
        Assert.IsEmpty(await new BatchTable(bed.Storage).UnindexedAsync(DepositKeys.Shard(Tenant.Id), 10, Cancel));
        calls = CallCount.Begin();
        Assert.AreEqual($"{made.Id}.123",
            (await service.FindItemsAsync(Tenant, ItemKey.Digest, Digest.Of(BitConverter.GetBytes(123)).ToString(), 10, null, Cancel)).Items.Single().Id);
        Assert.IsLessThanOrEqualTo(6, calls[0], "the directory, the index, a line");
        calls = CallCount.Begin();
        var row = (await new DepositTable(bed.Storage).FindAsync(Tenant.Id, made.Id, Cancel))!;
        var item = await new BatchBlobs(bed.Storage).ProveAsync(row.Manifest, 31_415, Cancel);
        Assert.AreEqual("r31415", item.Item.Reference);
        Assert.IsLessThanOrEqualTo(10, calls[0]);
        Assert.IsTrue(item.Proof.Holds(item.Bytes, row.Manifest));
    }

    [TestMethod]
    public async Task What_a_kill_before_the_row_left_is_swept_and_a_batch_is_not()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var service = bed.Service(sequencer, new ShiftedClock(TimeSpan.FromHours(-30)));
        var made = await service.DepositBatchAsync(Tenant, Bed.Options("k"), new MemoryStream(Lines(10)), Cancel);

        // As intake writes them, up to the kill.
        DepositId[] lost = [.. ((double[])[-25, -23]).Select(hours => DepositId.New(new ShiftedClock(TimeSpan.FromHours(hours))))];
        foreach (var id in lost)
            await new BatchBlobs(bed.Storage).WriteAsync(id, Tenant.Id, new MemoryStream(Lines(10)), Cancel);

        Assert.HasCount(6, await BlobsAsync(bed));
        for (var run = 0; run < 20; run++)
            await SweeperTests.SweeperAt(TimeSpan.Zero, bed, sequencer).RunAsync(Cancel);

        CollectionAssert.AreEquivalent((string[])[Names.BatchItems(made.Id), Names.BatchTree(made.Id), Names.BatchItems(lost[1]), Names.BatchTree(lost[1])],
            await BlobsAsync(bed), "a deposit's stay, and what may be under way");
    }

    /// <summary>A body whose sender goes away.</summary>
    private sealed class Broken(byte[] bytes) : MemoryStream(bytes)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            => await base.ReadAsync(buffer, cancellationToken) is > 0 and var read ? read : throw new IOException("gone");
    }
}
