namespace Notary.Deposits.Tests;

/// <summary>One log, whoever sequences it.</summary>
[TestClass]
public sealed class SequencerTests
{
    public required TestContext TestContext { get; set; }

    private CancellationToken Cancel => TestContext.CancellationToken;

    [TestMethod]
    public async Task TwoInstancesNeverForkNorSequenceTwice()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var a = bed.Sequencer();
        using var b = bed.Sequencer();
        var (serviceA, serviceB) = (bed.Service(a), bed.Service(b));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task[] loops = [a.RunLoopAsync(stop.Token), b.RunLoopAsync(stop.Token)];

        var receipts = new System.Collections.Concurrent.ConcurrentBag<ReceiptResult>();
        await Parallel.ForEachAsync(Enumerable.Range(0, 300), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancel }, async (n, cancel) =>
            receipts.Add(await (n % 2 == 0 ? serviceA : serviceB).DepositDigestsAsync(n % 3 == 0 ? Bed.TenantA : Bed.TenantB, Bed.Options(), [Bed.Item(n)], cancel)));
        var expected = receipts.Select(receipt => (string)System.Text.Json.Nodes.JsonNode.Parse(receipt.Json)!["manifestDigest"]!).Order().ToList();

        IReadOnlyList<Evidence.Digest> leaves = [];
        for (var i = 0; i < 300 && leaves.Count < expected.Count; i++)
        {
            await Task.Delay(100, Cancel);
            leaves = await bed.LeavesAsync(Cancel);
        }

        CollectionAssert.AreEqual(expected, leaves.Select(leaf => leaf.ToString()).Order().ToList());
        await stop.CancelAsync();
        foreach (var loop in loops)
        {
            await Assert.ThrowsAsync<OperationCanceledException>(() => loop);
        }
    }

    [TestMethod]
    public async Task EveryDepositGetsTheIndexThatItsProofShows()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var service = bed.Service(sequencer);
        for (var round = 0; round < 3; round++)
        {
            foreach (var n in Enumerable.Range(0, 5))
            {
                await service.DepositDigestsAsync(Bed.TenantA, Bed.Options(), [Bed.Item((round * 10) + n)], Cancel);
            }

            Assert.AreEqual(Sequencer.Outcome.Advanced, await sequencer.RunOnceAsync(Cancel));
        }

        Assert.AreEqual(Sequencer.Outcome.Idle, await sequencer.RunOnceAsync(Cancel));
        var page = await service.ListAsync(Bed.TenantA, null, 100, null, Cancel);
        CollectionAssert.AreEqual(Enumerable.Range(0, 15).Select(n => (long?)n).ToList(), page.Items.Select(item => item.Index).Order().ToList());
        foreach (var item in page.Items)
        {
            var proof = Evidence.TlogProof.Parse(await service.ProofAsync(Bed.TenantA, Evidence.DepositId.Parse(item.Id), Cancel));
            Assert.AreEqual(item.Index, proof.Index);
        }
    }
}
