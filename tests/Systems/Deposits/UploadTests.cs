namespace Notary.Deposits.Tests;

/// <summary>An upload that was begun and never ended: left alone for a while, told to the operator, and taken after all.</summary>
[TestClass]
public sealed class UploadTests
{
    public required TestContext TestContext { get; set; }

    private CancellationToken Cancel => TestContext.CancellationToken;

    [TestMethod]
    public async Task OneThatEndedTheProcessTwiceRestsForAnHourAndIsTakenThen()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var clock = new ShiftedClock(TimeSpan.Zero);
        var uploads = new Uploads(bed.Storage, bed.Service(sequencer), clock, NullLogger<Uploads>.Instance);
        var (id, path) = await PutAsync(bed, uploads);
        await BeginAsync(bed, id, Uploads.MaxBegun);
        await uploads.TakeAsync(path, Cancel);
        Assert.AreEqual("waiting", (await uploads.FindAsync(Bed.TenantA, id, Cancel))!.State);
        Assert.IsEmpty(await uploads.OverdueAsync(Cancel), "young");

        clock.By = TimeSpan.FromMinutes(30);
        await uploads.SweepAsync(Cancel);
        Assert.AreEqual("waiting", (await uploads.FindAsync(Bed.TenantA, id, Cancel))!.State);
        var overdue = (await uploads.OverdueAsync(Cancel)).Single();
        Assert.AreEqual(path, overdue.Upload);
        StringAssert.Contains(overdue.Reason, "never ended");

        clock.By = Uploads.Rest + TimeSpan.FromMinutes(1);
        await uploads.SweepAsync(Cancel);
        Assert.AreEqual("deposited", (await uploads.FindAsync(Bed.TenantA, id, Cancel))!.State);
        Assert.IsEmpty(await uploads.OverdueAsync(Cancel));
    }

    [TestMethod]
    public async Task AFailureIsAnEndAndDoesNotCount()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel, new ShiftedClock(TimeSpan.FromHours(1)));
        using var sequencer = bed.Sequencer();
        var uploads = new Uploads(bed.Storage, bed.Service(sequencer), TimeProvider.System, NullLogger<Uploads>.Instance);
        var (id, path) = await PutAsync(bed, uploads);
        await BeginAsync(bed, id, Uploads.MaxBegun - 1);
        for (var take = 0; take < 3; take++)
            Assert.AreEqual(Fault.TimeDisagreement,
                (await Assert.ThrowsExactlyAsync<FaultException>(() => uploads.TakeAsync(path, Cancel))).Fault, $"take {take}");

        Assert.AreEqual(0, (await bed.Storage.Table(Names.Deposits).GetEntityAsync(DepositKeys.Shard(Bed.TenantA.Id),
            DepositKeys.Upload(Bed.TenantA.Id, id), cancel: Cancel)).Value.GetInt32(Uploads.BegunColumn));
    }

    private async Task<(DepositId Id, string Path)> PutAsync(Bed bed, Uploads uploads)
    {
        var ticket = await uploads.BeginAsync(Bed.TenantA, Bed.Options(), null, Cancel);
        var path = Names.UploadBlob(Bed.TenantA.Id, DepositId.Parse(ticket.Id));
        await bed.Storage.Container(Names.Uploads).GetBlobClient(path).UploadAsync(BinaryData.FromString("hello"), Cancel);
        return (DepositId.Parse(ticket.Id), path);
    }

    private async Task BeginAsync(Bed bed, DepositId id, int times)
        => await bed.Storage.Table(Names.Deposits).UpdateEntityAsync(
            new TableEntity(DepositKeys.Shard(Bed.TenantA.Id), DepositKeys.Upload(Bed.TenantA.Id, id)) { [Uploads.BegunColumn] = times },
            Azure.ETag.All, TableUpdateMode.Merge, Cancel);
}
