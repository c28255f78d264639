using Microsoft.DurableTask.Client;

namespace Notary.Deposits.Tests;

/// <summary>What an earlier release, or a hub that is lost, leaves to be done.</summary>
[TestClass]
public sealed class TakeOverTests
{
    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Cancel => TestContext.CancellationToken;

    [TestMethod]
    public async Task UnfinishedCertificatesOfAnEarlierReleaseBecomeDueLetters()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        var former = bed.Storage.Table(FormerProcesses.Table);
        await former.CreateIfNotExistsAsync(Cancel);
        var ids = Enumerable.Range(0, 3).Select(_ => DepositId.New(TimeProvider.System)).ToList();
        foreach (var (id, status) in ids.Zip(["Running", "Failed", "Completed"]))
        {
            var state = JsonSerializer.SerializeToUtf8Bytes(new { tenant = Bed.TenantA.Id });
            await former.AddEntityAsync(new TableEntity("s1", $"i~certificate~{id}") { ["Status"] = status, ["State"] = state }, Cancel);
        }

        // Its anchors do not say where their deposits begin; one is under way.
        var records = bed.Storage.Table(Names.Checkpoints);
        foreach (var size in new long[] { 2, 5 })
            await records.AddEntityAsync(
                new TableEntity(DepositKeys.AnchorPartition, DepositKeys.Size(size)) { ["Final"] = true, ["Settled"] = false }, Cancel);

        await records.AddEntityAsync(new TableEntity(DepositKeys.AnchorPartition, DepositKeys.Head) { ["Size"] = 9L, ["Final"] = false }, Cancel);
        var takeOver = new FormerProcesses(bed.Storage, NullLogger<FormerProcesses>.Instance);
        await takeOver.TakeOverAsync(Cancel);
        var due = await new LetterTable(bed.Storage).DueAsync(DepositKeys.Shard(Bed.TenantA.Id),
            DepositKeys.LettersFrom(0), DepositKeys.LettersFrom(1), 10, Cancel);
        CollectionAssert.AreEquivalent(ids.Take(2).ToList(), due.Select(letter => letter.Id).ToList());

        var checkpoints = new CheckpointTable(bed.Storage);
        Assert.AreEqual((0L, 2L, 5L), ((await checkpoints.FindAnchorAsync(2, Cancel))!.From,
            (await checkpoints.FindAnchorAsync(5, Cancel))!.From, (await checkpoints.AnchorHeadAsync(Cancel))!.From));

        // The table is gone, and a second start does nothing.
        await takeOver.TakeOverAsync(Cancel);
        var missing = await Assert.ThrowsAsync<Azure.RequestFailedException>(() => former.GetEntityIfExistsAsync("s1", "x", cancel: Cancel));
        Assert.AreEqual(404, missing.Status);
    }

    [TestMethod]
    public async Task AHubThatForgotIsToldAgainFromTheRows()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        var checkpoints = new CheckpointTable(bed.Storage);
        var now = TimeProvider.System.GetUtcNow();
        var old = now - TimeSpan.FromMinutes(5);
        foreach (var size in new long[] { 3, 7, 9 })
            await checkpoints.AddAsync(size, Digest.Of("root"u8), "note", size == 9 ? now : old, 0, Cancel);

        // 3 is stamped and superseded, 7 is not stamped, 9 is young; a letter was asked for.
        await checkpoints.StampAsync(3, new Dictionary<string, object>(), old, Cancel);
        await new LetterTable(bed.Storage).RequestAsync(Bed.TenantA.Id, DepositId.New(TimeProvider.System), Cancel);
        await KeeperOf(bed).RunAsync(now, Cancel);
        var started = (await bed.Door.Client.GetAllInstancesAsync().ToListAsync(Cancel)).Select(i => i.InstanceId).Order(StringComparer.Ordinal).ToList();
        CollectionAssert.AreEqual(new[] { DepositTasks.CheckpointInstance(3), DepositTasks.CheckpointInstance(7), DepositTasks.LettersInstance }, started);

        // What is under way is left alone, and what a person has ended too.
        await KeeperOf(bed).RunAsync(now, Cancel);
        Assert.HasCount(3, await bed.Door.Client.GetAllInstancesAsync().ToListAsync(Cancel));
    }

    [TestMethod]
    public async Task AnAnchorThatHasNotSettledHasSomebodyUntilItHas()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        var checkpoints = new CheckpointTable(bed.Storage);
        var later = TimeProvider.System.GetUtcNow() + TimeSpan.FromMinutes(10);
        await checkpoints.SwapAnchorHeadAsync(null, 5, final: true, later, 0, Cancel);
        var anchor = new AnchorRow(5, Final: true, Settled: false, "{}", "0x00", 0);
        await checkpoints.PutAnchorAsync(anchor, null, Cancel);
        CollectionAssert.AreEqual(new long[] { 5 }, (await checkpoints.UnfinishedAsync(later, 10, Cancel)).ToArray());
        await checkpoints.PutAnchorAsync(anchor with { Settled = true }, null, Cancel);
        Assert.IsEmpty(await checkpoints.UnfinishedAsync(later, 10, Cancel));
    }

    private static Keeper KeeperOf(Bed bed) => new(bed.Storage, bed.Starter, bed.Door, NullLogger<Keeper>.Instance);
}
