using System.IO.Hashing;
using System.Security.Cryptography;
using Azure;
using Azure.Storage.Blobs.Models;
using Notary.Evidence;
using Notary.Keys;

namespace Notary.Storage.Tests;

/// <summary>Originals that are written in pieces: the SDK reads them, another process goes on with them, and nothing spoilt makes another digest.</summary>
[TestClass]
public sealed class PieceTests
{
    private const int MiB = 1024 * 1024;
    private const int PieceBytes = 8 * MiB;

    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Cancel => TestContext.CancellationToken;

    [TestMethod]
    public void Sha256_stops_after_any_block_and_is_the_frameworks()
    {
        var content = Bytes(1000);
        Span<uint> here = [1, 2, 3, 4, 5, 6, 7, 8], native = [1, 2, 3, 4, 5, 6, 7, 8];
        SuspendableSha256.CompressHere(here, content.AsSpan(0, 960));
        Assert.IsTrue(NativeSha256.IsTrusted, "this machine's libcrypto is not used");
        NativeSha256.Compress(native, content.AsSpan(0, 960));
        Assert.IsTrue(here.SequenceEqual(native));

        for (var length = 0; length <= 200; length++)
        {
            var all = new SuspendableSha256();
            for (var at = 0; at < length; at += 7)
                all.Append(content.AsSpan(at, Math.Min(7, length - at)));

            Assert.AreEqual(Digest.Of(content.AsSpan(0, length)), all.Finish(), $"{length}");
        }

        for (var at = 0; at <= content.Length; at += SuspendableSha256.BlockBytes)
        {
            var first = new SuspendableSha256();
            first.Append(content.AsSpan(0, at));
            var second = SuspendableSha256.Resume(first.Suspend(), at);
            second.Append(content.AsSpan(at));
            Assert.AreEqual(Digest.Of(content), second.Finish(), $"{at}");
            Assert.AreEqual(Crc32.HashToUInt32(content),
                Crc32Join.Join(Crc32.HashToUInt32(content.AsSpan(0, at)), Crc32.HashToUInt32(content.AsSpan(at)), content.Length - at));
        }

        var between = new SuspendableSha256();
        between.Append(content.AsSpan(0, 65));
        Assert.ThrowsExactly<InvalidOperationException>(between.Suspend);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(4 * MiB)]
    [DataRow((8 * MiB) - 1)]
    [DataRow((21 * MiB) + 5)]
    public async Task What_was_written_in_pieces_is_read_by_the_sdk(int length)
    {
        await using var vault = await VaultServer.StartAsync(cancel: Cancel);
        var (account, key) = await OpenAsync(vault);
        using var store = new OriginalStore(account, key, key);
        var source = new Source(Bytes(length));
        var stored = await WriteAsync(store, source, null, _ => { });
        Assert.AreEqual(StoredOriginal.Of(source.Content), stored);

        // By another instance, whose only knowledge is the blob; whole, and from within a region.
        using var other = new OriginalStore(account, key, key);
        CollectionAssert.AreEqual(source.Content, await ReadAsync(other, 0));
        CollectionAssert.AreEqual(source.Content[(length / 2)..], await ReadAsync(other, length / 2));
        Assert.AreEqual(length, (await store.ListAsync("d/", Cancel)).Single().Size);
        var blob = await account.Container(Names.Originals).GetBlobsAsync(new GetBlobsOptions { Traits = BlobTraits.Metadata }, Cancel).SingleAsync(Cancel);
        Assert.AreEqual("someone", blob.Metadata[OriginalStore.OwnerMetadata]);
    }

    [TestMethod]
    public async Task A_write_that_was_cut_off_goes_on_after_its_last_piece_by_another_process()
    {
        await using var vault = await VaultServer.StartAsync(cancel: Cancel);
        var (account, key) = await OpenAsync(vault);
        var source = new Source(Bytes((37 * MiB) + 11));
        var saved = new List<byte[]>();
        using (var store = new OriginalStore(account, key, key))
        {
            await Assert.ThrowsExactlyAsync<InvalidOperationException>(() => WriteAsync(store, source, null, progress =>
            {
                if (saved.Count == 3)
                    throw new InvalidOperationException("the process ends");

                saved.Add(progress);
            }));
            Assert.IsFalse(await store.ExistsAsync("d/0", Cancel));
        }

        // What is read again begins where the third piece ended; what was refused leaves no blob either.
        using var next = new OriginalStore(account, key, key);
        source.Opened.Clear();
        await Assert.ThrowsExactlyAsync<FaultException>(() => WriteAsync(next, source, saved[^1], _ => { },
            _ => throw new FaultException(Fault.DigestMismatch, "another was announced")));
        Assert.IsFalse(await next.ExistsAsync("d/0", Cancel));
        var stored = await WriteAsync(next, source, saved[^1], _ => { });
        Assert.AreEqual(StoredOriginal.Of(source.Content), stored);
        CollectionAssert.AreEqual(new long[] { 3 * PieceBytes, 3 * PieceBytes }, source.Opened);
        CollectionAssert.AreEqual(source.Content, await ReadAsync(next, 0));

        // Again, as after an end between the commit and the deposit's row: the same write finds its own blob, another does not.
        Assert.AreEqual(stored, await WriteAsync(next, source, saved[0], _ => { }));
        Assert.AreEqual(409, (await Assert.ThrowsExactlyAsync<RequestFailedException>(() => WriteAsync(next, source, null, _ => { }))).Status);
        CollectionAssert.AreEqual(source.Content, await ReadAsync(next, 0));
    }

    [TestMethod]
    public async Task Its_memory_is_that_of_the_blocks_on_their_way()
    {
        await using var vault = await VaultServer.StartAsync(cancel: Cancel);
        var (_, key) = await OpenAsync(vault);
        var options = Shared.NewAccount();
        options.UploadBlockBytes = 4 * MiB;
        var account = StorageAccount.Open(options);
        await account.Container(Names.Originals).CreateAsync(cancellationToken: Cancel);
        using var store = new OriginalStore(account, key, key);
        var source = new Source(Bytes(64 * MiB));
        using var write = await store.OpenPiecesAsync("d/0", source.Pieces, null, Cancel);
        await store.WriteAsync(write, (_, _) => Task.CompletedTask, _ => { }, "someone", Cancel, PieceBytes);

        // Sixteen blocks, in the buffers of four: plaintext and ciphertext.
        Assert.IsInRange(2, 2 * options.UploadConcurrency, write.Buffers);
        CollectionAssert.AreEqual(source.Content, await ReadAsync(store, 0));
    }

    [TestMethod]
    public async Task Two_that_go_on_with_the_same_write_make_one_original()
    {
        await using var vault = await VaultServer.StartAsync(cancel: Cancel);
        var (account, key) = await OpenAsync(vault);
        var source = new Source(Bytes(30 * MiB));
        byte[]? saved = null;
        using var store = new OriginalStore(account, key, key);
        await Assert.ThrowsExactlyAsync<InvalidOperationException>(() => WriteAsync(store, source, null,
            progress => throw new InvalidOperationException($"the process ends {(saved = progress).Length}")));
        var both = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => WriteAsync(store, source, saved, _ => { })));
        Assert.AreEqual(both[0], both[1]);
        Assert.AreEqual(StoredOriginal.Of(source.Content), both[0]);
        CollectionAssert.AreEqual(source.Content, await ReadAsync(store, 0));
    }

    [TestMethod]
    public async Task Spoilt_progress_and_a_source_that_changed_begin_anew()
    {
        await using var vault = await VaultServer.StartAsync(cancel: Cancel);
        var (account, key) = await OpenAsync(vault);
        using var store = new OriginalStore(account, key, key);
        var source = new Source(Bytes(20 * MiB));
        byte[] saved = [];
        await WriteAsync(store, source, null, progress => saved = progress);
        async Task<long> OffsetAsync(byte[] progress, PieceSource from)
        {
            using var write = await store.OpenPiecesAsync("d/1", from, progress, Cancel);
            Assert.AreEqual(write.Offset == 0 ? "d/1" : "d/0", write.Name);
            return write.Offset;
        }

        Assert.AreEqual(2 * PieceBytes, await OffsetAsync(saved, source.Pieces));
        Assert.AreEqual(0, await OffsetAsync(saved, source.Pieces with { Version = "another" }));
        Assert.AreEqual(0, await OffsetAsync(saved, source.Pieces with { Size = source.Content.Length + 1 }));
        foreach (var cut in new[] { [], saved[..10], saved[..^1], saved[32..] })
            Assert.AreEqual(0, await OffsetAsync(cut, source.Pieces));

        for (var at = 0; at < saved.Length; at += 17)
        {
            var spoilt = (byte[])saved.Clone();
            spoilt[at] ^= 1;
            Assert.AreEqual(0, await OffsetAsync(spoilt, source.Pieces), $"byte {at}");
        }

        // The seal is over the state: another offset or state under the same key is none of ours.
        var moved = Encoding.UTF8.GetString(saved.AsSpan(32)).Replace($"\"Offset\":{2 * PieceBytes}", $"\"Offset\":{PieceBytes}", StringComparison.Ordinal);
        Assert.AreEqual(0, await OffsetAsync([.. saved[..32], .. Encoding.UTF8.GetBytes(moved)], source.Pieces));
    }

    private async Task<(StorageAccount Account, VaultKeyEncryption Key)> OpenAsync(VaultServer vault)
    {
        var client = new KeyClient(vault.Url, vault.Credential);
        await client.CreateRsaKeyAsync(KeyNames.KeyEncryption, 2048, Cancel);
        var account = StorageAccount.Open(Shared.NewAccount());
        await account.Container(Names.Originals).CreateAsync(cancellationToken: Cancel);
        return (account, await VaultKeyEncryption.OpenAsync(client, KeyNames.KeyEncryption, Cancel));
    }

    private async Task<StoredOriginal> WriteAsync(
        OriginalStore store, Source source, byte[]? progress, Action<byte[]> save, Action<StoredOriginal>? accept = null)
    {
        using var write = await store.OpenPiecesAsync("d/0", source.Pieces, progress, Cancel);
        return await store.WriteAsync(write, (bytes, _) =>
        {
            save(bytes);
            return Task.CompletedTask;
        }, accept ?? (_ => { }), "someone", Cancel, PieceBytes);
    }

    private async Task<byte[]> ReadAsync(OriginalStore store, long offset)
    {
        await using var stream = await store.OpenReadAsync("d/0", offset, cancel: Cancel);
        var all = new MemoryStream();
        await stream.CopyToAsync(all, Cancel);
        return all.ToArray();
    }

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private sealed class Source(byte[] content)
    {
        public byte[] Content => content;

        public List<long> Opened { get; } = [];

        public PieceSource Pieces => new("\"1\"", content.Length, (offset, _) =>
        {
            lock (Opened)
                Opened.Add(offset);

            return Task.FromResult<Stream>(new MemoryStream(content[(int)offset..]));
        });
    }
}
