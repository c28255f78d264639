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
        await Parallel.ForEachAsync(Enumerable.Range(0, 300),
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancel }, async (n, cancel) =>
            receipts.Add(await (n % 2 == 0 ? serviceA : serviceB).DepositDigestsAsync(n % 3 == 0 ? Bed.TenantA : Bed.TenantB,
                Bed.Options(), [Bed.Item(n)], cancel)));
        var expected = receipts.Select(receipt => (string)System.Text.Json.Nodes.JsonNode.Parse(receipt.Json)!["manifestDigest"]!).Order().ToList();

        IReadOnlyList<Evidence.Digest> leaves = [];
        for (var i = 0; i < 3000 && leaves.Count < expected.Count; i++)
        {
            await Task.Delay(100, Cancel);
            leaves = await bed.LeavesAsync(Cancel);
        }

        CollectionAssert.AreEqual(expected, leaves.Select(leaf => leaf.ToString()).Order().ToList());
        await stop.CancelAsync();
        foreach (var loop in loops)
            await Assert.ThrowsAsync<OperationCanceledException>(() => loop);
    }

    [TestMethod]
    public async Task ABusyInstanceLetsAnotherHaveItsTurn()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var busy = bed.Sequencer();
        using var quiet = bed.Sequencer();
        var (serviceBusy, serviceQuiet) = (bed.Service(busy), bed.Service(quiet));
        Assert.AreNotEqual(DepositKeys.Shard(Bed.TenantA.Id), DepositKeys.Shard(Bed.TenantB.Id), "the test needs two shards");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        // A new instance looks everywhere once; from then on only where it was told to.
        Assert.AreEqual(Sequencer.Outcome.Idle, await busy.RunOnceAsync(Cancel));
        var loops = new List<Task> { busy.RunLoopAsync(stop.Token) };
        var load = Task.Run(
            async () =>
            {
                for (var n = 1; !stop.IsCancellationRequested; n++)
                {
                    await serviceBusy.DepositDigestsAsync(Bed.TenantA, Bed.Options(), [Bed.Item(n)], Cancel);
                    await Task.Delay(20, Cancel);
                }
            },
            Cancel);

        // The busy instance is at work, never idle, and nobody tells it of the other tenant.
        while (await bed.LeavesAsync(Cancel) is { Count: 0 })
            await Task.Delay(50, Cancel);

        var receipt = await serviceQuiet.DepositDigestsAsync(Bed.TenantB, Bed.Options(), [Bed.Item(0)], Cancel);
        loops.Add(quiet.RunLoopAsync(stop.Token));
        var leaf = (string)System.Text.Json.Nodes.JsonNode.Parse(receipt.Json)!["manifestDigest"]!;
        var found = false;
        for (var i = 0; i < 3000 && !found; i++)
        {
            await Task.Delay(100, Cancel);
            found = (await bed.LeavesAsync(Cancel)).Any(other => other.ToString() == leaf);
        }

        Assert.IsTrue(found, "the quiet instance's deposit was not sequenced");
        await stop.CancelAsync();
        await load;
        foreach (var loop in loops)
            await Assert.ThrowsAsync<OperationCanceledException>(() => loop);
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
                await service.DepositDigestsAsync(Bed.TenantA, Bed.Options(), [Bed.Item((round * 10) + n)], Cancel);

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
