namespace Notary.Deposits.Tests;

/// <summary>What is acknowledged is durable, once, and its owner's alone.</summary>
[TestClass]
public sealed class IntakeTests
{
    public required TestContext TestContext { get; set; }

    private CancellationToken Cancel => TestContext.CancellationToken;

    [TestMethod]
    public async Task AHundredParallelRequestsWithOneKeyAreOneDeposit()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var service = bed.Service(sequencer);
        var receipts = await Task.WhenAll(
            Enumerable.Range(0, 100).Select(_ => service.DepositDigestsAsync(Bed.TenantA, Bed.Options("one"), [Bed.Item(1)], Cancel)));
        Assert.AreEqual(1, receipts.Select(receipt => Encoding.UTF8.GetString(receipt.Json)).Distinct().Count());
        Assert.AreEqual(1, receipts.Count(receipt => !receipt.Replayed));
        Assert.HasCount(1, (await service.ListAsync(Bed.TenantA, null, 100, null, Cancel)).Items);

        var conflict = await Assert.ThrowsExactlyAsync<FaultException>(
            () => service.DepositDigestsAsync(Bed.TenantA, Bed.Options("one"), [Bed.Item(2)], Cancel));
        Assert.AreEqual(Fault.IdempotencyConflict, conflict.Fault);
        Assert.IsFalse((await service.DepositDigestsAsync(Bed.TenantB, Bed.Options("one"), [Bed.Item(1)], Cancel)).Replayed, "a key belongs to its tenant");
    }

    [TestMethod]
    public async Task AFileIsKeptEncryptedAndComesBackEqual()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var service = bed.Service(sequencer);
        foreach (var size in (int[])[0, 1, 5_000_000])
        {
            var content = new byte[size];
            new Random(size).NextBytes(content);
            var receipt = await service.DepositFileAsync(Bed.TenantA,
                Bed.Options($"key {size}", "名字 \u202e🖋.bin", Digest.Of(content)), new MemoryStream(content), Cancel);
            await KeepsItsChecksumAsync(bed, receipt.Id, content);
            using var back = new MemoryStream();
            await using (var stream = await service.OpenOriginalAsync(Bed.TenantA, receipt.Id, 0, 0, null, Cancel))
            {
                await stream.CopyToAsync(back, Cancel);
            }

            CollectionAssert.AreEqual(content, back.ToArray());
            if (size > 100)
            {
                await using var part = await service.OpenOriginalAsync(Bed.TenantA, receipt.Id, 0, 4_194_300, 20, Cancel);
                var bytes = new byte[20];
                await part.ReadExactlyAsync(bytes, Cancel);
                CollectionAssert.AreEqual(content[4_194_300..4_194_320], bytes);
            }

            var again = await service.DepositFileAsync(Bed.TenantA, Bed.Options($"key {size}", "名字 \u202e🖋.bin"), new MemoryStream(content), Cancel);
            Assert.IsTrue(again.Replayed);
            CollectionAssert.AreEqual(receipt.Json, again.Json);
        }
    }

    [TestMethod]
    public async Task ABodyThatIsNotTheAnnouncedOneLeavesNothing()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var service = bed.Service(sequencer);
        var fault = await Assert.ThrowsExactlyAsync<FaultException>(
            () => service.DepositFileAsync(Bed.TenantA, Bed.Options(contentDigest: Digest.Of("other"u8)), new MemoryStream([1, 2, 3]), Cancel));
        Assert.AreEqual(Fault.DigestMismatch, fault.Fault);
        Assert.IsEmpty((await service.ListAsync(Bed.TenantA, null, 100, null, Cancel)).Items);
        await foreach (var blob in bed.Storage.Container(Storage.Names.Originals).GetBlobsAsync(cancellationToken: Cancel))
            Assert.Fail($"blob {blob.Name} was kept");
    }

    [TestMethod]
    public async Task ALaterUploadMustMatchItsDigest()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var service = bed.Service(sequencer);
        var content = BitConverter.GetBytes(4);
        var receipt = await service.DepositDigestsAsync(Bed.TenantA, Bed.Options(), [Bed.Item(4)], Cancel);
        var mismatch = await Assert.ThrowsExactlyAsync<FaultException>(
            () => service.AttachOriginalAsync(Bed.TenantA, receipt.Id, 0, new MemoryStream([9]), Cancel));
        Assert.AreEqual(Fault.DigestMismatch, mismatch.Fault);
        Assert.IsNull(await service.FindOriginalAsync(Bed.TenantA, receipt.Id, 0, Cancel));

        await service.AttachOriginalAsync(Bed.TenantA, receipt.Id, 0, new MemoryStream(content), Cancel);
        await service.AttachOriginalAsync(Bed.TenantA, receipt.Id, 0, new MemoryStream(content), Cancel);
        Assert.AreEqual(4L, (await service.FindOriginalAsync(Bed.TenantA, receipt.Id, 0, Cancel))!.Size);
        await KeepsItsChecksumAsync(bed, receipt.Id, content);
        var stranger = await Assert.ThrowsExactlyAsync<FaultException>(
            () => service.AttachOriginalAsync(Bed.TenantB, receipt.Id, 0, new MemoryStream(content), Cancel));
        Assert.AreEqual(Fault.NotFound, stranger.Fault);
    }

    private async Task KeepsItsChecksumAsync(Bed bed, DepositId id, byte[] content)
        => Assert.AreEqual(System.IO.Hashing.Crc32.HashToUInt32(content), (await new DepositTable(bed.Storage).FindAsync(Bed.TenantA.Id, id, Cancel))!.Crcs[0]);

    [TestMethod]
    public async Task ListsPageAndFindByDigest()
    {
        await using var bed = await Bed.StartAsync(Shared.Azurite, Cancel);
        using var sequencer = bed.Sequencer();
        var service = bed.Service(sequencer);
        var many = Enumerable.Range(0, 100).Select(Bed.Item).ToList();
        for (var i = 0; i < 3; i++)
            await service.DepositDigestsAsync(Bed.TenantA, Bed.Options($"k{i}"), many, Cancel);

        var first = await service.ListAsync(Bed.TenantA, many[99].Sha256, 2, null, Cancel);
        Assert.HasCount(2, first.Items);
        var second = await service.ListAsync(Bed.TenantA, many[99].Sha256, 2, first.Continuation, Cancel);
        Assert.HasCount(1, second.Items);
        Assert.IsNull(second.Continuation);
        Assert.HasCount(3, first.Items.Concat(second.Items).Select(item => item.Id).Distinct());
        Assert.IsEmpty((await service.ListAsync(Bed.TenantB, many[99].Sha256, 2, null, Cancel)).Items);
        var malformed = await Assert.ThrowsExactlyAsync<FaultException>(() => service.ListAsync(Bed.TenantA, null, 2, "x", Cancel));
        Assert.AreEqual(Fault.Malformed, malformed.Fault);
    }
}
