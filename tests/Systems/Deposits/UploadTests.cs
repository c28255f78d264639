using Notary.Deposits.Usage;

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

    [TestMethod]
    public async Task WhatWasNotAnnouncedIsHeldAgainstTheQuotaWhenItIsTakenInAndWhatEndedIsOpenNoMore()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var (meter, quota) = (new UsageMeter(bed.Storage, TimeProvider.System), 1000L);
        var uploads = new Uploads(bed.Storage, bed.Service(sequencer, usage: meter), TimeProvider.System, NullLogger<Uploads>.Instance)
        {
            LeftBytes = async (tenant, cancel) => quota - await meter.StoredAsync(tenant, cancel),
        };
        OpenTickets? open = null;
        async Task<DepositId> BegunAsync(long? size, string? key = null)
            => DepositId.Parse((await uploads.BeginAsync(Bed.TenantA, Bed.Options(key), null, size, now => (open = now) is { Count: 5 }
                ? new FaultException(Fault.RateLimited, "five") : null, Cancel)).Id);

        var (announced, small, larger, none) = (await BegunAsync(600), await BegunAsync(null, "small"), await BegunAsync(10), await BegunAsync(null));
        await uploads.BeginAsync(Bed.TenantB, Bed.Options(), null, 7, null, Cancel);
        var givenUp = await BegunAsync(200);
        Assert.AreEqual(new OpenTickets(4, 610), open);
        Assert.AreEqual(Fault.RateLimited, (await Assert.ThrowsExactlyAsync<FaultException>(() => BegunAsync(1))).Fault);
        Assert.AreEqual(small, await BegunAsync(null, "small"), "a ticket that is his already");

        // Room for 190 that nobody announced: 1000 without 600, 10 and 200.
        await RefusedAsync(none, 191, "it has 191 bytes, 0 of them announced, and 190 may still be kept for the tenant; the office can raise it");
        await TakenAsync(small, 190);
        await RefusedAsync(larger, 11, "it has 11 bytes, 10 of them announced, and 10 may still be kept for the tenant; the office can raise it");
        Assert.IsTrue(await uploads.GiveUpAsync(Bed.TenantA, givenUp, Cancel));

        // What was announced is taken whatever became of the quota since.
        quota = 1;
        await TakenAsync(announced, 600);
        Assert.AreEqual(790, await meter.StoredAsync(Bed.TenantA.Id, Cancel));
        await BegunAsync(3);
        Assert.AreEqual(new OpenTickets(0, 0), open, "those before have ended");
        await BegunAsync(4);
        Assert.AreEqual(new OpenTickets(1, 3), open);

        async Task RefusedAsync(DepositId id, int bytes, string reason)
        {
            var view = await TakeAsync(id, bytes);
            Assert.AreEqual(("refused", "quota-exceeded", reason), (view.State, view.Fault, view.Reason));
        }

        async Task TakenAsync(DepositId id, int bytes) => Assert.AreEqual("deposited", (await TakeAsync(id, bytes)).State);

        async Task<UploadView> TakeAsync(DepositId id, int bytes)
        {
            var path = Names.UploadBlob(Bed.TenantA.Id, id);
            var blob = bed.Storage.Container(Names.Uploads).GetBlobClient(path);
            await blob.UploadAsync(BinaryData.FromBytes(new byte[bytes]), Cancel);

            // An event that comes twice at once, and once more.
            await Task.WhenAll(uploads.TakeAsync(path, Cancel), uploads.TakeAsync(path, Cancel));
            await uploads.TakeAsync(path, Cancel);
            Assert.IsFalse((await blob.ExistsAsync(Cancel)).Value, "cleared away");
            return (await uploads.FindAsync(Bed.TenantA, id, Cancel))!;
        }
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
