using System.Buffers.Binary;
using System.Text.RegularExpressions;

namespace Notary.Deposits.Tests;

/// <summary>Large uploads are taken in pieces: one that was cut off goes on after its last one, whoever takes it, to the digest of the bytes.</summary>
[TestClass]
public sealed class UploadPieceTests
{
    private const int MiB = 1024 * 1024;

    /// <summary>Of the tests: one block of an original.</summary>
    private const int PieceBytes = 8 * MiB;

    private const int Blocks = 9;

    /// <summary>The block at whose arrival a take is cut off: four are on their way at once, so three pieces at least are saved.</summary>
    private const int CutAt = 7, SavedThen = 3;

    private readonly TimedClock clock = new();

    public required TestContext TestContext { get; set; }

    private CancellationToken Cancel => TestContext.CancellationToken;

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task WhatWasCutOffGoesOnAfterItsLastPiece(bool inTime)
    {
        await using var proxy = await FaultProxy.StartAsync(Shared.Azurite.BlobEndpoint, cancel: Cancel);
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel, blobs: proxy.Url);
        using var sequencer = bed.Sequencer();
        var content = RandomNumberGenerator.GetBytes((Blocks * PieceBytes) - 1234);
        var uploads = Open(bed, sequencer);
        var (id, path) = await PutAsync(bed, uploads, content, Digest.Of(content));
        if (inTime)
        {
            // The take's own time is over: no failure, and the next one begins at once.
            proxy.Clear();
            CutOff(proxy, clock.Fire);
            Assert.IsFalse(await uploads.TakeAsync(path, Cancel));
        }
        else
        {
            // While it is taken another leaves it alone. Then it is cut off, as by the end of the process.
            var other = true;
            await CutOffAsync(proxy, uploads, path, async () => other = await Open(bed, sequencer).TakeAsync(path, Cancel));
            Assert.IsFalse(other);
        }

        CollectionAssert.AllItemsAreUnique(Sent(proxy), "one took it");
        Assert.AreEqual("waiting", (await uploads.FindAsync(Bed.TenantA, id, Cancel))!.State);
        var row = await RowAsync(bed, id);
        Assert.AreEqual(0, row.GetInt32(Uploads.BegunColumn));
        Assert.AreEqual(0, row.GetInt32(Uploads.SlowColumn) ?? 0);
        using var progress = JsonDocument.Parse(row.GetBinary(UploadHold.ProgressColumn).AsMemory(SHA256.HashSizeInBytes));
        var saved = (int)(progress.RootElement.GetProperty("Offset").GetInt64() / PieceBytes);
        Assert.IsGreaterThanOrEqualTo(SavedThen, saved);

        proxy.Clear();
        Assert.IsTrue(await Open(bed, sequencer).TakeAsync(path, Cancel));
        CollectionAssert.AreEqual(Enumerable.Range(saved, Blocks - saved).ToList(), Sent(proxy), "what was saved is not done again");
        await IsDepositedAsync(bed, sequencer, uploads, id, content);
    }

    [TestMethod]
    public async Task OfTwoThatTakeItAtOnceOneDoes()
    {
        await using var proxy = await FaultProxy.StartAsync(Shared.Azurite.BlobEndpoint, cancel: Cancel);
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel, blobs: proxy.Url);
        using var sequencer = bed.Sequencer();
        var content = RandomNumberGenerator.GetBytes(3 * PieceBytes);
        var uploads = Open(bed, sequencer);
        var (id, path) = await PutAsync(bed, uploads, content, null);
        proxy.Clear();
        var taken = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => Open(bed, sequencer).TakeAsync(path, Cancel))));
        Assert.AreEqual(1, taken.Count(each => each));
        CollectionAssert.AreEqual(Enumerable.Range(0, 3).ToList(), Sent(proxy));
        await IsDepositedAsync(bed, sequencer, uploads, id, content);
    }

    [TestMethod]
    public async Task OtherBytesMeanwhileAndSpoiltProgressBeginAnew()
    {
        await using var proxy = await FaultProxy.StartAsync(Shared.Azurite.BlobEndpoint, cancel: Cancel);
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel, blobs: proxy.Url);
        using var sequencer = bed.Sequencer();
        var uploads = Open(bed, sequencer);
        foreach (var spoilt in new[] { false, true })
        {
            var content = RandomNumberGenerator.GetBytes(Blocks * PieceBytes);
            var (id, path) = await PutAsync(bed, uploads, content, null);
            await CutOffAsync(proxy, uploads, path);
            if (spoilt)
            {
                var progress = (await RowAsync(bed, id)).GetBinary(UploadHold.ProgressColumn);
                progress[^20] ^= 1;
                await bed.Storage.Table(Names.Deposits).UpdateEntityAsync(new TableEntity(DepositKeys.Shard(Bed.TenantA.Id),
                    DepositKeys.Upload(Bed.TenantA.Id, id)) { [UploadHold.ProgressColumn] = progress }, Azure.ETag.All, TableUpdateMode.Merge, Cancel);
            }
            else
            {
                content[5]++;
                await bed.Storage.Container(Names.Uploads).GetBlobClient(path).UploadAsync(new MemoryStream(content), overwrite: true, Cancel);
            }

            proxy.Clear();
            Assert.IsTrue(await Open(bed, sequencer).TakeAsync(path, Cancel));
            CollectionAssert.AreEqual(Enumerable.Range(0, Blocks).ToList(), Sent(proxy));
            await IsDepositedAsync(bed, sequencer, uploads, id, content);
        }
    }

    [TestMethod]
    public async Task WhatIsNotWhatWasAnnouncedIsRefusedAtItsEndAndLeavesNoOriginal()
    {
        await using var proxy = await FaultProxy.StartAsync(Shared.Azurite.BlobEndpoint, cancel: Cancel);
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel, blobs: proxy.Url);
        using var sequencer = bed.Sequencer();
        var uploads = Open(bed, sequencer);
        var content = RandomNumberGenerator.GetBytes(Blocks * PieceBytes);
        var (id, path) = await PutAsync(bed, uploads, content, Digest.Of("another"u8));
        await CutOffAsync(proxy, uploads, path);
        Assert.IsTrue(await uploads.TakeAsync(path, Cancel));
        var view = (await uploads.FindAsync(Bed.TenantA, id, Cancel))!;
        Assert.AreEqual(("refused", "digest-mismatch"), (view.State, view.Fault));
        Assert.AreEqual(0, await bed.Storage.Container(Names.Originals).GetBlobsAsync(cancellationToken: Cancel).CountAsync(Cancel));
        Assert.AreEqual(0, await bed.Storage.Container(Names.Uploads).GetBlobsAsync(cancellationToken: Cancel).CountAsync(Cancel));
    }

    private Uploads Open(Bed bed, Sequencer sequencer)
        => new(bed.Storage, bed.Service(sequencer), clock, NullLogger<Uploads>.Instance) { PieceBytes = PieceBytes };

    private async Task<(DepositId Id, string Path)> PutAsync(Bed bed, Uploads uploads, byte[] content, Digest? announced)
    {
        var ticket = await uploads.BeginAsync(Bed.TenantA, Bed.Options(contentDigest: announced), null, Cancel);
        var path = Names.UploadBlob(Bed.TenantA.Id, DepositId.Parse(ticket.Id));
        await bed.Storage.Container(Names.Uploads).GetBlobClient(path).UploadAsync(new MemoryStream(content), Cancel);
        return (DepositId.Parse(ticket.Id), path);
    }

    /// <summary>A take that ends when so many blocks have been on their way.</summary>
    private async Task CutOffAsync(FaultProxy proxy, Uploads uploads, string path, Func<Task>? before = null)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        proxy.Clear();
        CutOff(proxy, end.Cancel, before);
        await Assert.ThrowsAsync<OperationCanceledException>(() => uploads.TakeAsync(path, end.Token));
    }

    private static void CutOff(FaultProxy proxy, Action cut, Func<Task>? before = null) => proxy.Add(
        new FaultRule($"/{Names.Originals}/.*comp=block&", FaultKind.Callback, FaultPoint.AfterEffect)
        {
            Method = "PUT",
            Nth = CutAt,
            Callback = async () =>
            {
                await (before?.Invoke() ?? Task.CompletedTask);
                cut();
            },
        });

    /// <summary>Numbers of the blocks that storage was sent, each once.</summary>
    private static List<int> Sent(FaultProxy proxy)
        => [.. proxy.Requests.Where(request => request is { Method: "PUT", Status: 201 } && request.Path.Contains("comp=block&", StringComparison.Ordinal)
                && request.Path.Contains($"/{Names.Originals}/", StringComparison.Ordinal))
            .Select(request => Uri.UnescapeDataString(Regex.Match(request.Path, "blockid=([^&]+)").Groups[1].Value))
            .Select(name => BinaryPrimitives.ReadInt32BigEndian(Convert.FromBase64String(name).AsSpan(16))).Order()];

    private async Task<TableEntity> RowAsync(Bed bed, DepositId id)
        => (await bed.Storage.Table(Names.Deposits).GetEntityAsync(
            DepositKeys.Shard(Bed.TenantA.Id), DepositKeys.Upload(Bed.TenantA.Id, id), cancel: Cancel)).Value;

    private async Task IsDepositedAsync(Bed bed, Sequencer sequencer, Uploads uploads, DepositId id, byte[] content)
    {
        var view = (await uploads.FindAsync(Bed.TenantA, id, Cancel))!;
        Assert.AreEqual("deposited", view.State, $"{view.Fault} {view.Reason}");
        var deposit = DepositId.Parse(view.DepositId!);
        var row = (await new DepositTable(bed.Storage).FindAsync(Bed.TenantA.Id, deposit, Cancel))!;
        Assert.AreEqual(Digest.Of(content).ToString(), row.Manifest.Items[0].Digests["sha-256"]);
        Assert.AreEqual(content.Length, row.Manifest.Items[0].Size);
        Assert.AreEqual(System.IO.Hashing.Crc32.HashToUInt32(content), row.Crcs[0]);
        using var originals = new OriginalStore(bed.Storage, bed.Wrap, bed.Wrap);
        await using var original = await originals.OpenReadAsync(Names.OriginalBlob(deposit, 0), cancel: Cancel);
        Assert.AreEqual(Digest.Of(content), new Digest(await SHA256.HashDataAsync(original, Cancel)));
        Assert.AreEqual(0, await bed.Storage.Container(Names.Uploads).GetBlobsAsync(cancellationToken: Cancel).CountAsync(Cancel));
        Assert.IsEmpty((await RowAsync(bed, id)).GetBinary(UploadHold.ProgressColumn));
    }

    /// <summary>The system's time, and timers that go off when they are told to.</summary>
    private sealed class TimedClock : TimeProvider
    {
        private readonly List<Action> timers = [];

        public void Fire()
        {
            lock (timers)
                timers.ForEach(timer => timer());
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            lock (timers)
                timers.Add(() => callback(state));

            return System.CreateTimer(_ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
