using System.Text.Json.Nodes;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Notary.Deposits.Tests;

/// <summary>What has had its day goes, once it is old by storage's own clock; all else stays.</summary>
[TestClass]
public sealed class HousekeeperTests
{
    /// <summary>Everything written by now is old.</summary>
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(-5);

    public required TestContext TestContext { get; set; }

    private CancellationToken Cancel => TestContext.CancellationToken;

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [TestMethod]
    public async Task UploadsThatNeverCameGoWithTheirKeys()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var uploads = new Uploads(bed.Storage, bed.Service(sequencer), new ShiftedClock(TimeSpan.FromDays(-10)), NullLogger<Uploads>.Instance);
        var (keyed, plain, late, used) = (
            await uploads.BeginAsync(Bed.TenantA, Bed.Options("k1"), null, Cancel), await uploads.BeginAsync(Bed.TenantA, Bed.Options(), null, Cancel),
            await uploads.BeginAsync(Bed.TenantA, Bed.Options(), null, Cancel), await uploads.BeginAsync(Bed.TenantA, Bed.Options("k2"), null, Cancel));
        Task PutAsync(UploadTicket ticket) => bed.Storage.Container(Names.Uploads).UploadBlobAsync(Path(ticket), BinaryData.FromString("late"), Cancel);
        await PutAsync(used);
        await uploads.TakeAsync(Path(used), Cancel);
        await PutAsync(late);
        var valid = await new Uploads(bed.Storage, bed.Service(sequencer), TimeProvider.System, NullLogger<Uploads>.Instance)
            .BeginAsync(Bed.TenantA, Bed.Options("k3"), null, Cancel);

        // Expired nine days ago if one believes the clock of whoever wrote it, and written just now.
        await Housekeeper(bed, new()).RunAsync(Now, Cancel);
        Assert.HasCount(5, await RowsAsync(bed, "u|"));

        // Two at once.
        await ForgetAsync(bed);
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Housekeeper(bed, new() { Uploads = AtOnce }).RunAsync(Now, Cancel)));
        var left = (await RowsAsync(bed, "u|")).Select(r => r.RowKey.Split('|')[2]).ToList();
        CollectionAssert.AreEquivalent(new[] { late.Id, used.Id, valid.Id }, left);
        CollectionAssert.AreEquivalent(new[] { late.Id, valid.Id }, (await RowsAsync(bed, "t|")).Select(r => r.RowKey.Split('|')[2]).ToList(), "open");
        var keys = (await RowsAsync(bed, "i|")).Select(r => r.GetString("Id")!).ToList();
        CollectionAssert.IsSubsetOf(new[] { used.Id, valid.Id }, keys);
        CollectionAssert.DoesNotContain(keys, keyed.Id);

        // A key that is free again makes another ticket; what came late is taken in.
        Assert.AreNotEqual(keyed.Id, (await uploads.BeginAsync(Bed.TenantA, Bed.Options("k1"), null, Cancel)).Id);
        Assert.IsNull(await uploads.FindAsync(Bed.TenantA, DepositId.Parse(plain.Id), Cancel));
        await uploads.TakeAsync(Path(late), Cancel);
        Assert.AreEqual("deposited", (await uploads.FindAsync(Bed.TenantA, DepositId.Parse(late.Id), Cancel))!.State);
    }

    [TestMethod]
    public async Task ARoundGoesOnWhereTheLastRunStoppedAndBeginsOnceADay()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var uploads = new Uploads(bed.Storage, bed.Service(sequencer), new ShiftedClock(TimeSpan.FromDays(-10)), NullLogger<Uploads>.Instance);
        var shard = Convert.ToInt32(DepositKeys.Shard(Bed.TenantA.Id)[1..], 16);
        for (var i = 0; i < 60; i++)
            await uploads.BeginAsync(Bed.TenantA, Bed.Options(), null, Cancel);

        // Twenty-five pages of a row each, but for the empty shards before.
        Housekeeper Next() => new(bed.Storage, bed.Door, new() { Uploads = AtOnce }, NullLogger<Housekeeper>.Instance) { PageRows = 1 };
        await Next().RunAsync(Now, Cancel);
        Assert.HasCount(60 - (25 - shard), await RowsAsync(bed, "u|"));
        for (var run = 0; run < 5; run++)
            await Next().RunAsync(Now, Cancel);

        Assert.IsEmpty(await RowsAsync(bed, "u|"));
        await uploads.BeginAsync(Bed.TenantA, Bed.Options(), null, Cancel);
        var same = Next();
        await same.RunAsync(Now, Cancel);
        Assert.HasCount(1, await RowsAsync(bed, "u|"), "the round of this day is over");
        await same.RunAsync(Now + Deposits.Housekeeper.Round, Cancel);
        Assert.IsEmpty(await RowsAsync(bed, "u|"));
    }

    [TestMethod]
    public async Task CompletedOrchestrationsGoAndNoOthers()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        await using var hub = await TestHub.StartAsync(bed.Storage, tasks => tasks
            .AddOrchestratorFunc("ends", _ => Task.CompletedTask)
            .AddOrchestratorFunc("fails", _ => Task.FromException(new InvalidOperationException("it always does")))
            .AddOrchestratorFunc("waits", context => context.WaitForExternalEvent<object?>("never")));
        foreach (var (name, end) in new[]
        {
            ("ends", OrchestrationRuntimeStatus.Completed), ("fails", OrchestrationRuntimeStatus.Failed), ("waits", OrchestrationRuntimeStatus.Running),
        })
        {
            Assert.IsTrue(await hub.Door.StartAsync(name, name, "", Cancel));
            await hub.UntilAsync(name, found => found.RuntimeStatus == end);
        }

        Assert.IsTrue(await hub.Door.StartAsync("waits", "ended", "", Cancel));
        await hub.UntilAsync("ended", found => found.RuntimeStatus == OrchestrationRuntimeStatus.Running);
        await hub.Door.Client.TerminateInstanceAsync("ended", Cancel);
        await hub.UntilAsync("ended", found => found.RuntimeStatus == OrchestrationRuntimeStatus.Terminated);
        async Task<string> LeftAsync()
            => string.Join(' ', (await hub.Door.Client.GetAllInstancesAsync().ToListAsync(Cancel)).Select(p => p.InstanceId).Order(StringComparer.Ordinal));

        await Housekeeper(bed, new()).RunAsync(Now, Cancel);
        Assert.AreEqual("ended ends fails waits", await LeftAsync());
        await ForgetAsync(bed);
        await Housekeeper(bed, new() { Processes = AtOnce }).RunAsync(Now, Cancel);
        Assert.AreEqual("ended fails waits", await LeftAsync());
    }

    [TestMethod]
    public async Task PartialTilesGoOnceTheFullOneIsOldAndTheLogStaysWhole()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var service = bed.Service(sequencer);
        var notes = new List<string>();
        async Task GrowAsync(int count)
        {
            await service.DepositBulkAsync(Bed.TenantA, Bed.Options(Guid.NewGuid().ToString()), [.. Enumerable.Range(0, count).Select(Bed.Item)], Cancel);
            Assert.AreEqual(Sequencer.Outcome.Advanced, await sequencer.RunOnceAsync(Cancel));
            notes.Add(System.Text.Encoding.UTF8.GetString((await new PublicLog(bed.Storage).ReadAsync("checkpoint", Cancel))!.Bytes));
        }

        await GrowAsync(200);
        await GrowAsync(30);
        await Housekeeper(bed, new() { PartialTiles = AtOnce }).RunAsync(Now, Cancel);
        Assert.HasCount(4, await PartialsAsync(bed), "no tile is full");
        await GrowAsync(40);
        await ForgetAsync(bed);
        await Housekeeper(bed, new()).RunAsync(Now, Cancel);
        Assert.HasCount(7, await PartialsAsync(bed), "the full tile is young");
        await ForgetAsync(bed);
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Housekeeper(bed, new() { PartialTiles = AtOnce }).RunAsync(Now, Cancel)));
        CollectionAssert.AreEquivalent(new[] { "tile/0/001.p/14", "tile/1/000.p/1", "tile/entries/001.p/14" }, await PartialsAsync(bed));

        // By each checkpoint there ever was, every entry is proved.
        var log = new PublicLog(bed.Storage);
        var leaves = await bed.LeavesAsync(Cancel);
        foreach (var checkpoint in notes.Select(n => Checkpoint.Parse(n[..(n.IndexOf("\n\n", StringComparison.Ordinal) + 1)])))
        {
            foreach (var index in new[] { 0, checkpoint.Size / 2, checkpoint.Size - 1 })
            {
                var path = await Tiles.InclusionProofAsync(index, checkpoint.Size, log.ReadTileAsync, Cancel);
                Assert.IsTrue(Merkle.VerifyInclusion(Merkle.LeafHash(leaves[(int)index].ToArray()), index, checkpoint.Size, path, checkpoint.Root),
                    $"{index} of {checkpoint.Size}");
            }
        }

        await GrowAsync(300);
        Assert.HasCount(570, await bed.LeavesAsync(Cancel));
        await ForgetAsync(bed);
        await Housekeeper(bed, new() { PartialTiles = AtOnce }).RunAsync(Now, Cancel);
        CollectionAssert.AreEquivalent(new[] { "tile/0/002.p/58", "tile/1/000.p/1", "tile/1/000.p/2", "tile/entries/002.p/58" }, await PartialsAsync(bed));
        await GrowAsync(1);
        Assert.HasCount(571, await bed.LeavesAsync(Cancel));
    }

    [TestMethod]
    public async Task IndexRowsOfADepositThatNeverCameGo()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var service = bed.Service(sequencer);
        var many = Enumerable.Range(0, 100).Select(Bed.Item).ToList();
        for (var again = 0; again < 3; again++)
            await service.DepositDigestsAsync(Bed.TenantA, Bed.Options("once"), many, Cancel);

        Assert.HasCount(100, await RowsAsync(bed, "x|"), "a replay leaves nothing behind");
        Assert.IsEmpty(await RowsAsync(bed, "o|"));

        // As a crash leaves it, between the rows ahead and the deposit.
        var table = bed.Storage.Table(Names.Deposits);
        var (shard, id) = (DepositKeys.Shard(Bed.TenantA.Id), DepositId.New(TimeProvider.System));
        string[] rows = [.. Enumerable.Range(200, 3).Select(n => DepositKeys.ByDigest(Bed.TenantA.Id, Bed.Item(n).Sha256, id))];
        foreach (var row in rows)
            await table.AddEntityAsync(new TableEntity(shard, row), Cancel);

        await table.AddEntityAsync(new TableEntity(shard, DepositKeys.Ahead(Bed.TenantA.Id, id)) { ["Rows"] = string.Join('\n', rows) }, Cancel);
        var deposits = new DepositTable(bed.Storage);
        Assert.AreEqual(0, await deposits.SweepAheadAsync(shard, Now - TimeSpan.FromHours(24), 100, Cancel));
        Assert.HasCount(103, await RowsAsync(bed, "x|"));
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => deposits.SweepAheadAsync(shard, Now - AtOnce, 100, Cancel)));
        Assert.HasCount(100, await RowsAsync(bed, "x|"));
        Assert.IsEmpty(await RowsAsync(bed, "o|"));
    }

    private static string Path(UploadTicket ticket) => Names.UploadBlob(Bed.TenantA.Id, DepositId.Parse(ticket.Id));

    private static Housekeeper Housekeeper(Bed bed, HousekeepingSettings settings) => new(bed.Storage, bed.Door, settings, NullLogger<Housekeeper>.Instance);

    /// <summary>A day later: the next run begins a round. The log's place stays.</summary>
    private async Task ForgetAsync(Bed bed)
        => await bed.Storage.Table(Names.Checkpoints).UpdateEntityAsync(new TableEntity(DepositKeys.LogPartition, DepositKeys.Housekeeping)
        { ["Begun"] = DateTimeOffset.UnixEpoch.AddYears(1) }, Azure.ETag.All, TableUpdateMode.Merge, Cancel);

    private async Task<List<TableEntity>> RowsAsync(Bed bed, string prefix)
        => await bed.Storage.Table(Names.Deposits).QueryAsync(cancel: Cancel)
            .Where(r => r.RowKey.StartsWith(prefix, StringComparison.Ordinal)).ToListAsync(Cancel);

    private async Task<List<string>> PartialsAsync(Bed bed)
        => await bed.Storage.Container(Names.Log).GetBlobsAsync(cancellationToken: Cancel)
            .Select(b => b.Name).Where(n => n.Contains(".p/", StringComparison.Ordinal)).ToListAsync(Cancel);
}
