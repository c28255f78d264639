using System.Net;
using System.Text;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Notary.Deposits.Tests;

/// <summary>What a holder of a ticket may send, as SDKs do and as nobody should: a deposit of the bytes, or a refusal that is in nobody's way.</summary>
[TestClass]
public sealed class UploadHolderTests
{
    private static readonly BlobClientOptions Version = new(BlobClientOptions.ServiceVersion.V2026_06_06);

    private readonly ShiftedClock clock = new(TimeSpan.Zero);

    public required TestContext TestContext { get; set; }

    private CancellationToken Cancel => TestContext.CancellationToken;

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task WhatTheSdkStagesInBlocksIsDeposited(bool overwrite)
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var uploads = Open(bed, sequencer);
        var ticket = await uploads.BeginAsync(Bed.TenantA, Bed.Options(), null, Cancel);
        var content = RandomNumberGenerator.GetBytes(700_001);
        await new BlobClient(ticket.Url, Version).UploadAsync(new MemoryStream(content), new BlobUploadOptions
        {
            TransferOptions = new StorageTransferOptions { InitialTransferSize = 65_536, MaximumTransferSize = 65_536, MaximumConcurrency = 3 },
            Conditions = overwrite ? null : new BlobRequestConditions { IfNoneMatch = ETag.All },
        }, Cancel);
        await IsDepositedAsync(bed, uploads, ticket, content);
    }

    [TestMethod]
    public async Task WhatItsSenderGivesUpLeavesNothing()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var uploads = Open(bed, sequencer);
        var ticket = await uploads.BeginAsync(Bed.TenantA, Bed.Options("k1"), null, Cancel);
        var (id, path) = (DepositId.Parse(ticket.Id), PathOf(ticket));
        Assert.AreEqual(HttpStatusCode.Created, await SendAsync(ticket, "&comp=block&blockid=QQ%3D%3D", "first"u8.ToArray()));
        Assert.IsFalse(await uploads.GiveUpAsync(Bed.TenantB, id, Cancel), "it is not his");
        Assert.AreEqual(1, await CountAsync(bed));
        Assert.IsTrue(await uploads.GiveUpAsync(Bed.TenantA, id, Cancel));
        Assert.IsTrue(await uploads.GiveUpAsync(Bed.TenantA, id, Cancel), "again");
        Assert.AreEqual(0, await CountAsync(bed), "blocks without a list, too");
        var found = (await uploads.FindAsync(Bed.TenantA, id, Cancel))!;
        Assert.AreEqual(("refused", "gone"), (found.State, found.Fault));
        Assert.AreEqual(Fault.Gone, (await Assert.ThrowsExactlyAsync<FaultException>(
            () => uploads.BeginAsync(Bed.TenantA, Bed.Options("k1"), null, Cancel))).Fault);

        // Written afterwards, it is no deposit and is cleared away.
        await bed.Storage.Container(Names.Uploads).UploadBlobAsync(path, BinaryData.FromString("late"), Cancel);
        Assert.IsTrue(await uploads.TakeAsync(path, Cancel));
        Assert.AreEqual(0, await CountAsync(bed));
        Assert.IsNull((await uploads.FindAsync(Bed.TenantA, id, Cancel))!.DepositId);

        // What is a deposit is not given up any more.
        var kept = await uploads.BeginAsync(Bed.TenantA, Bed.Options(), null, Cancel);
        await bed.Storage.Container(Names.Uploads)
            .UploadBlobAsync(Names.UploadBlob(Bed.TenantA.Id, DepositId.Parse(kept.Id)), BinaryData.FromString("a"), Cancel);
        await uploads.TakeAsync(Names.UploadBlob(Bed.TenantA.Id, DepositId.Parse(kept.Id)), Cancel);
        Assert.AreEqual(Fault.Conflict, (await Assert.ThrowsExactlyAsync<FaultException>(
            () => uploads.GiveUpAsync(Bed.TenantA, DepositId.Parse(kept.Id), Cancel))).Fault);
    }

    [TestMethod]
    public async Task AShortAddressIsSignedAnewAndLastsNoLongerThanItsTicket()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var uploads = Open(bed, sequencer);
        Task<UploadTicket> AskAsync(double minutes) => uploads.BeginAsync(Bed.TenantA, Bed.Options("k1"), TimeSpan.FromMinutes(minutes), Cancel);
        static DateTimeOffset End(UploadTicket ticket) => new BlobUriBuilder(ticket.Url).Sas.ExpiresOn;
        var first = await AskAsync(60);
        Assert.IsLessThan(TimeSpan.FromMinutes(61), End(first) - clock.GetUtcNow());
        clock.By = TimeSpan.FromMinutes(30);
        var second = await AskAsync(60);
        Assert.AreEqual((first.Id, first.ExpiresAt), (second.Id, second.ExpiresAt));
        Assert.IsGreaterThan(End(first), End(second));
        clock.By = TimeSpan.FromHours(23.8);
        Assert.AreEqual(first.ExpiresAt, End(await AskAsync(60)));
        foreach (var minutes in new[] { 4, 24 * 60 + 1 })
            Assert.AreEqual(Fault.Malformed, (await Assert.ThrowsExactlyAsync<FaultException>(() => AskAsync(minutes))).Fault);
    }

    private static async Task<int> CountAsync(Bed bed)
        => await bed.Storage.Container(Names.Uploads).GetBlobsAsync(BlobTraits.None, BlobStates.Uncommitted, null, default).CountAsync();

    /// <summary>The calls of other SDKs, one after the other: Put Block, Put Block List, the latter again as after a lost answer.</summary>
    [TestMethod]
    public async Task BlocksByHandAreDepositedOnceWhateverAnswerWasLost()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var uploads = Open(bed, sequencer);
        var ticket = await uploads.BeginAsync(Bed.TenantA, Bed.Options(), null, Cancel);
        for (var tries = 0; tries < 2; tries++)
        {
            Assert.AreEqual(HttpStatusCode.Created, await SendAsync(ticket, "&comp=block&blockid=QQ%3D%3D", "first "u8.ToArray()));
            Assert.AreEqual(HttpStatusCode.Created, await SendAsync(ticket, "&comp=block&blockid=Qg%3D%3D", "second"u8.ToArray()));
        }

        var list = "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList><Latest>QQ==</Latest><Latest>Qg==</Latest></BlockList>";
        for (var tries = 0; tries < 2; tries++)
            Assert.AreEqual(HttpStatusCode.Created, await SendAsync(ticket, "&comp=blocklist", Encoding.UTF8.GetBytes(list)));

        await IsDepositedAsync(bed, uploads, ticket, "first second"u8.ToArray());
        Assert.AreEqual(HttpStatusCode.BadRequest, await SendAsync(ticket, "&comp=blocklist", Encoding.UTF8.GetBytes(list)), "its blocks are gone");
        await IsDepositedAsync(bed, uploads, ticket, "first second"u8.ToArray());
    }

    [TestMethod]
    public async Task BlocksThatWereNeverCommittedAreWaitedFor()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var uploads = Open(bed, sequencer);
        var ticket = await uploads.BeginAsync(Bed.TenantA, Bed.Options(), null, Cancel);
        Assert.AreEqual(HttpStatusCode.Created, await SendAsync(ticket, "&comp=block&blockid=QQ%3D%3D", "first "u8.ToArray()));
        clock.By = TimeSpan.FromHours(1);
        await uploads.SweepAsync(Cancel);
        Assert.IsFalse(await uploads.TakeAsync(PathOf(ticket), Cancel));
        Assert.AreEqual("waiting", (await ViewAsync(uploads, ticket)).State);
        Assert.IsEmpty(await uploads.OverdueAsync(Cancel));
    }

    [TestMethod]
    public async Task WhatIsWrittenAfterTheTakingChangesNothing()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var uploads = Open(bed, sequencer);
        var ticket = await uploads.BeginAsync(Bed.TenantA, Bed.Options(contentDigest: Digest.Of("true"u8)), null, Cancel);
        Assert.AreEqual(HttpStatusCode.Created, await SendAsync(ticket, "", "true"u8.ToArray()));
        await IsDepositedAsync(bed, uploads, ticket, "true"u8.ToArray());
        var first = (await ViewAsync(uploads, ticket)).DepositId;

        // Also when the process ended after the intake and before the upload's row said so.
        foreach (var unseen in new[] { false, true })
        {
            if (unseen)
                await ChangeAsync(bed, ticket, row => row.Remove("DepositId"));

            Assert.AreEqual(HttpStatusCode.Created, await SendAsync(ticket, "", "false"u8.ToArray()));
            await IsDepositedAsync(bed, uploads, ticket, "true"u8.ToArray());
            Assert.AreEqual(first, (await ViewAsync(uploads, ticket)).DepositId);
        }
    }

    [TestMethod]
    [DataRow("append")]
    [DataRow("page")]
    [DataRow("encoded")]
    [DataRow("archived")]
    public async Task WhatCannotBeADepositIsRefusedAndGoes(string kind)
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var uploads = Open(bed, sequencer);
        var ticket = await uploads.BeginAsync(Bed.TenantA, Bed.Options(), null, Cancel);
        switch (kind)
        {
            case "append":
                var append = new AppendBlobClient(ticket.Url, Version);
                await append.CreateAsync(cancellationToken: Cancel);
                await append.AppendBlockAsync(new MemoryStream([1, 2, 3]), cancellationToken: Cancel);
                break;
            case "page":
                await new PageBlobClient(ticket.Url, Version).CreateAsync(1024, cancellationToken: Cancel);
                break;
            case "encoded":
                await PutAsync(ticket, "hello"u8.ToArray());
                await new BlobClient(ticket.Url, Version).SetHttpHeadersAsync(new BlobHttpHeaders { ContentEncoding = "gzip" }, cancellationToken: Cancel);
                break;
            default:
                await PutAsync(ticket, "hello"u8.ToArray());
                await new BlobClient(ticket.Url, Version).SetAccessTierAsync(AccessTier.Archive, cancellationToken: Cancel);
                break;
        }

        clock.By = TimeSpan.FromMinutes(2);
        await uploads.SweepAsync(Cancel);
        var view = await ViewAsync(uploads, ticket);
        Assert.AreEqual("refused", view.State);
        Assert.AreEqual("upload-unusable", view.Fault);
        StringAssert.Contains(view.Reason, kind switch { "append" => "Append", "page" => "Page", "encoded" => "Content-Encoding", _ => "BlobArchived" });
        Assert.IsEmpty(await PathsAsync(bed));

        // The operator sees it too, until it has had its day.
        var told = (await uploads.RefusedAsync(Cancel)).Single();
        Assert.AreEqual((PathOf(ticket), "upload-unusable", view.Reason), (told.Upload, told.Fault, told.Reason));
        foreach (var (kept, left) in new[] { (TimeSpan.FromDays(1), 1), (TimeSpan.FromMinutes(-10), 0) })
        {
            await new Housekeeper(bed.Storage, bed.Door, new() { Uploads = kept }, NullLogger<Housekeeper>.Instance)
                .RunAsync(TimeProvider.System.GetUtcNow(), Cancel);
            Assert.HasCount(left, await uploads.RefusedAsync(Cancel));
            await bed.Storage.Table(Names.Checkpoints).DeleteEntityAsync(DepositKeys.LogPartition, DepositKeys.Housekeeping, cancellationToken: Cancel);
        }
    }

    [TestMethod]
    public async Task HeadersMetadataSnapshotAndLeaseAreInNobodysWay()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var uploads = Open(bed, sequencer);
        var ticket = await uploads.BeginAsync(Bed.TenantA, Bed.Options(), null, Cancel);
        await PutAsync(ticket, "hello"u8.ToArray());
        var blob = new BlobClient(ticket.Url, Version);
        await blob.SetHttpHeadersAsync(new BlobHttpHeaders { ContentType = "text/html", ContentHash = new byte[16] }, cancellationToken: Cancel);
        await blob.SetMetadataAsync(new Dictionary<string, string> { ["owner"] = Bed.TenantB.Id }, cancellationToken: Cancel);
        await blob.SetAccessTierAsync(AccessTier.Cool, cancellationToken: Cancel);
        await blob.CreateSnapshotAsync(cancellationToken: Cancel);
        await blob.GetBlobLeaseClient().AcquireAsync(BlobLeaseClient.InfiniteLeaseDuration, cancellationToken: Cancel);
        await IsDepositedAsync(bed, uploads, ticket, "hello"u8.ToArray());
    }

    /// <summary>The first by name, of one tenant and in number: what can neither be taken nor refused.</summary>
    [TestMethod]
    public async Task OneThatFailsHoldsNobodyUp()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var uploads = Open(bed, sequencer);
        for (var i = 0; i < 3; i++)
        {
            var bad = await uploads.BeginAsync(Bed.TenantA, Bed.Options(), null, Cancel);
            await PutAsync(bad, "bad"u8.ToArray());
            await ChangeAsync(bed, bad, row => row["Options"] = "no JSON"u8.ToArray());
        }

        await bed.Storage.Container(Names.Uploads).GetBlobClient("a/nobody was promised this").UploadAsync(BinaryData.FromString("x"), Cancel);
        var own = await uploads.BeginAsync(Bed.TenantA, Bed.Options(), null, Cancel);
        await PutAsync(own, "own"u8.ToArray());
        var other = await uploads.BeginAsync(Bed.TenantB, Bed.Options(), null, Cancel);
        await PutAsync(other, "other"u8.ToArray());
        clock.By = TimeSpan.FromMinutes(20);
        await uploads.SweepAsync(Cancel);
        Assert.AreEqual("deposited", (await ViewAsync(uploads, own)).State);
        Assert.AreEqual("deposited", (await uploads.FindAsync(Bed.TenantB, DepositId.Parse(other.Id), Cancel))!.State);
        var overdue = await uploads.OverdueAsync(Cancel);
        Assert.HasCount(4, overdue);
        Assert.AreEqual("nobody was promised it", overdue[0].Reason);
        Assert.AreEqual("internal", overdue[1].Reason);
    }

    [TestMethod]
    public async Task OneThatIsNeverDoneInTimeIsTooLarge()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var uploads = Open(bed, sequencer, TimeSpan.Zero);
        var ticket = await uploads.BeginAsync(Bed.TenantA, Bed.Options(), null, Cancel);
        await PutAsync(ticket, "huge"u8.ToArray());
        for (var take = 0; take < 2; take++)
        {
            await Assert.ThrowsAsync<OperationCanceledException>(() => uploads.TakeAsync(PathOf(ticket), Cancel));
            Assert.AreEqual("waiting", (await ViewAsync(uploads, ticket)).State);
        }

        Assert.IsTrue(await uploads.TakeAsync(PathOf(ticket), Cancel));
        Assert.AreEqual("too-large", (await ViewAsync(uploads, ticket)).Fault);
        Assert.IsEmpty(await PathsAsync(bed));
    }

    private Uploads Open(Bed bed, Sequencer sequencer, TimeSpan? longest = null)
        => new(bed.Storage, bed.Service(sequencer), clock, NullLogger<Uploads>.Instance) { LongestTake = longest ?? TimeSpan.FromMinutes(9) };

    private static string PathOf(UploadTicket ticket) => Names.UploadBlob(Bed.TenantA.Id, DepositId.Parse(ticket.Id));

    private async Task<UploadView> ViewAsync(Uploads uploads, UploadTicket ticket)
        => (await uploads.FindAsync(Bed.TenantA, DepositId.Parse(ticket.Id), Cancel))!;

    private async Task<List<string>> PathsAsync(Bed bed)
        => await bed.Storage.Container(Names.Uploads).GetBlobsAsync(BlobTraits.None, BlobStates.All & ~BlobStates.Uncommitted, null, Cancel)
            .Select(blob => blob.Name).ToListAsync(Cancel);

    private async Task PutAsync(UploadTicket ticket, byte[] content)
        => await new BlobClient(ticket.Url, Version).UploadAsync(new MemoryStream(content), overwrite: true, Cancel);

    /// <summary>A PUT as documented for the service, without an SDK.</summary>
    private async Task<HttpStatusCode> SendAsync(UploadTicket ticket, string query, ReadOnlyMemory<byte> body)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Put, ticket.Url + query) { Content = new ByteArrayContent(body.ToArray()) };
        request.Headers.Add("x-ms-version", "2023-01-03");
        if (query.Length == 0)
            request.Headers.Add("x-ms-blob-type", "BlockBlob");

        using var answer = await http.SendAsync(request, Cancel);
        return answer.StatusCode;
    }

    private async Task ChangeAsync(Bed bed, UploadTicket ticket, Action<TableEntity> change)
    {
        var table = bed.Storage.Table(Names.Deposits);
        var row = (await table.GetEntityAsync(DepositKeys.Shard(Bed.TenantA.Id),
            DepositKeys.Upload(Bed.TenantA.Id, DepositId.Parse(ticket.Id)), cancel: Cancel)).Value;
        change(row);
        await table.UpdateEntityAsync(row, ETag.All, TableUpdateMode.Replace, Cancel);
    }

    /// <summary>By its event; the bytes are the deposit's and nothing lies there any more.</summary>
    private async Task IsDepositedAsync(Bed bed, Uploads uploads, UploadTicket ticket, byte[] content)
    {
        Assert.IsTrue(await uploads.TakeAsync(PathOf(ticket), Cancel));
        var view = await ViewAsync(uploads, ticket);
        Assert.AreEqual("deposited", view.State, $"{view.Fault} {view.Reason}");
        var row = await new DepositTable(bed.Storage).FindAsync(Bed.TenantA.Id, DepositId.Parse(view.DepositId!), Cancel);
        Assert.AreEqual(Digest.Of(content).ToString(), row!.Manifest.Items[0].Digests["sha-256"]);
        Assert.IsEmpty(await PathsAsync(bed));
    }
}
