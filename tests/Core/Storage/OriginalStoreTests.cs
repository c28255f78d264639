using System.Buffers.Text;
using System.IO.Pipelines;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Azure.Core.Cryptography;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Specialized;
using Notary.Evidence;
using Notary.Keys;

namespace Notary.Storage.Tests;

[TestClass]
public sealed class OriginalStoreTests
{
    private const int MiB = 1024 * 1024;

    private static VaultServer vault = null!;
    private static VaultKeyEncryption key = null!;

    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Cancel => TestContext.CancellationToken;

    [ClassInitialize]
    public static async Task StartAsync(TestContext context)
    {
        vault = await VaultServer.StartAsync(cancel: context.CancellationToken);
        var client = new KeyClient(vault.Url, vault.Credential);
        await client.CreateRsaKeyAsync(KeyNames.KeyEncryption, 2048, context.CancellationToken);
        key = await VaultKeyEncryption.OpenAsync(client, KeyNames.KeyEncryption, context.CancellationToken);
    }

    [ClassCleanup]
    public static async Task StopAsync() => await vault.DisposeAsync();

    private async Task<(StorageAccount Account, OriginalStore Store)> NewStoreAsync(Action<StorageOptions>? configure = null)
    {
        var options = Shared.NewAccount();
        configure?.Invoke(options);
        var account = StorageAccount.Open(options);
        await account.Container(Names.Originals).CreateAsync(cancellationToken: Cancel);
        return (account, new OriginalStore(account, key, key));
    }

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow((256 * 1024) - 1)]
    [DataRow(256 * 1024)]
    [DataRow(4 * MiB)]
    [DataRow((8 * MiB) - 100)]
    [DataRow((8 * MiB) + 1)]
    [DataRow((37 * MiB) + 5)]
    public async Task What_was_written_is_read(int length)
    {
        var (account, store) = await NewStoreAsync();
        using var _ = store;
        var content = Bytes(length);
        var stored = await store.WriteAsync("d/0", new Trickle(content), null, cancel: Cancel);
        Assert.AreEqual(StoredOriginal.Of(content), stored);

        CollectionAssert.AreEqual(content, await ReadAsync(store, 0, null));
        Assert.IsTrue(await store.ExistsAsync("d/0", Cancel));
        if (length > 100)
        {
            foreach (var (offset, count) in new (long, long?)[] { (0, 1), (length - 1, null), (length / 2, 100), (length - 50, 500), (1, length - 2) })
            {
                var expected = content.AsSpan((int)offset, (int)Math.Min(count ?? length, length - offset)).ToArray();
                CollectionAssert.AreEqual(expected, await ReadAsync(store, offset, count), $"{offset}+{count}");
            }
        }

        // What lies in storage is not the content.
        var raw = (await account.Container(Names.Originals).GetBlobClient("d/0").DownloadContentAsync(Cancel)).Value.Content.ToArray();
        Assert.IsTrue(length < 64 || raw.AsSpan().IndexOf(content.AsSpan(0, 64)) < 0);
        await store.DeleteAsync("d/0", Cancel);
        await store.DeleteAsync("d/0", Cancel);
        Assert.IsFalse(await store.ExistsAsync("d/0", Cancel));
    }

    [TestMethod]
    public async Task A_stranger_with_the_key_reads_it_with_the_plain_SDK()
    {
        var options = Shared.NewAccount();
        var account = StorageAccount.Open(options);
        await account.Container(Names.Originals).CreateAsync(cancellationToken: Cancel);
        using var store = new OriginalStore(account, key, key);
        var content = Bytes(9 * MiB);
        await store.WriteAsync("d/0", new MemoryStream(content), null, cancel: Cancel);

        // Nothing of ours below: the SDK's client, with a service version that the local server has, and the vault's REST API by hand.
        var stranger = new SpecializedBlobClientOptions(BlobClientOptions.ServiceVersion.V2026_06_06)
        {
            ClientSideEncryption = new ClientSideEncryptionOptions(ClientSideEncryptionVersion.V2_0) { KeyResolver = new PlainVault(vault.Token) },
        };
        var blob = new BlobServiceClient(options.ConnectionString, stranger).GetBlobContainerClient("originals").GetBlobClient("d/0");
        CollectionAssert.AreEqual(content, (await blob.DownloadContentAsync(Cancel)).Value.Content.ToArray());

        var envelope = JsonDocument.Parse((await blob.GetPropertiesAsync(cancellationToken: Cancel)).Value.Metadata["encryptiondata"]).RootElement;
        Assert.AreEqual("2.0", envelope.GetProperty("EncryptionAgent").GetProperty("Protocol").GetString());
        Assert.AreEqual("RSA-OAEP-256", envelope.GetProperty("WrappedContentKey").GetProperty("Algorithm").GetString());
        Assert.AreEqual(key.KeyId, envelope.GetProperty("WrappedContentKey").GetProperty("KeyId").GetString());
    }

    [TestMethod]
    [DataRow(10)]
    [DataRow(10 * MiB)]
    public async Task An_original_is_never_overwritten(int length)
    {
        var (_, store) = await NewStoreAsync();
        using var __ = store;
        var first = Bytes(length);
        await store.WriteAsync("d/0", new MemoryStream(first), null, cancel: Cancel);
        var failure = await Assert.ThrowsExactlyAsync<RequestFailedException>(
            () => store.WriteAsync("d/0", new MemoryStream(Bytes(length + 1)), null, cancel: Cancel));
        Assert.AreEqual(409, failure.Status);
        CollectionAssert.AreEqual(first, await ReadAsync(store, 0, null));
    }

    [TestMethod]
    [DataRow(10)]
    [DataRow(20 * MiB)]
    public async Task A_digest_that_is_not_accepted_leaves_nothing(int length)
    {
        var (_, store) = await NewStoreAsync();
        using var __ = store;
        StoredOriginal? seen = null;
        var failure = await Assert.ThrowsExactlyAsync<FaultException>(() => store.WriteAsync(
            "d/0",
            new MemoryStream(Bytes(length)),
            stored =>
            {
                seen = stored;
                throw new FaultException(Fault.DigestMismatch, "another digest was announced");
            },
            cancel: Cancel));
        Assert.AreEqual(Fault.DigestMismatch, failure.Fault);
        Assert.AreEqual(Digest.Of(Bytes(length)), seen!.Sha256);
        Assert.IsFalse(await store.ExistsAsync("d/0", Cancel));
    }

    [TestMethod]
    public async Task A_source_that_breaks_or_a_caller_that_gives_up_leaves_nothing()
    {
        var (account, store) = await NewStoreAsync();
        using var __ = store;
        var broken = await Assert.ThrowsExactlyAsync<IOException>(
            () => store.WriteAsync("d/0", new Trickle(Bytes(20 * MiB)) { BreakAt = 19 * MiB }, null, cancel: Cancel));
        Assert.AreEqual("the client went away", broken.Message);

        using var stop = new CancellationTokenSource();
        var source = new Trickle(Bytes(20 * MiB)) { BreakAt = 19 * MiB, OnBreak = stop.Cancel };
        await Assert.ThrowsAsync<OperationCanceledException>(() => store.WriteAsync("d/1", source, null, cancel: stop.Token));
        Assert.AreEqual(0, (await account.Container(Names.Originals).GetBlobsAsync(cancellationToken: Cancel).ToListAsync(Cancel)).Count);
        await store.WriteAsync("d/0", new MemoryStream(Bytes(20 * MiB)), null, cancel: Cancel);
    }

    [TestMethod]
    public async Task More_uploads_than_slots_all_finish()
    {
        var (_, store) = await NewStoreAsync();
        using var __ = store;
        var content = Bytes(5 * MiB);
        var stored = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => store.WriteAsync($"d/{i}", new Trickle(content), null, cancel: Cancel)));
        Assert.IsTrue(stored.All(s => s == StoredOriginal.Of(content)));
        await using var last = await store.OpenReadAsync("d/29", cancel: Cancel);
        Assert.AreEqual(Digest.Of(content), new Digest(await SHA256.HashDataAsync(last, Cancel)));
    }

    [TestMethod]
    public async Task Slow_uploads_of_one_owner_do_not_keep_another_out()
    {
        var (_, store) = await NewStoreAsync();
        using var __ = store;
        var content = Bytes(MiB);
        var pipes = Enumerable.Range(0, 20).Select(_ => new Pipe(new PipeOptions(pauseWriterThreshold: 0))).ToList();
        foreach (var pipe in pipes)
            await pipe.Writer.WriteAsync(content.AsMemory(0, MiB / 2), Cancel);

        var slow = pipes.Select((pipe, i) => store.WriteAsync($"slow/{i}", pipe.Reader.AsStream(), owner: "slow", cancel: Cancel)).ToList();
        await store.WriteAsync("quick/0", new MemoryStream(content), owner: "quick", cancel: Cancel);
        Assert.IsFalse(slow.Exists(upload => upload.IsCompleted), "the slow uploads were to wait for their clients");
        foreach (var pipe in pipes)
        {
            await pipe.Writer.WriteAsync(content.AsMemory(MiB / 2), Cancel);
            await pipe.Writer.CompleteAsync();
        }

        Assert.IsTrue((await Task.WhenAll(slow)).All(stored => stored == StoredOriginal.Of(content)));
    }

    [TestMethod]
    public async Task Tampering_is_noticed_while_reading()
    {
        var (account, store) = await NewStoreAsync();
        using var __ = store;
        await store.WriteAsync("d/0", new MemoryStream(Bytes(6 * MiB)), null, cancel: Cancel);
        var blob = account.Container(Names.Originals).GetBlobClient("d/0");
        var raw = (await blob.DownloadContentAsync(Cancel)).Value;
        foreach (var at in (int[])[0, 20, 5 * MiB, raw.Content.ToMemory().Length - 1])
        {
            var bytes = raw.Content.ToArray();
            bytes[at] ^= 1;
            await blob.UploadAsync(new BinaryData(bytes), new Azure.Storage.Blobs.Models.BlobUploadOptions { Metadata = raw.Details.Metadata }, Cancel);
            Assert.AreEqual(Fault.EvidenceInvalid, (await Assert.ThrowsExactlyAsync<FaultException>(() => ReadAsync(store, 0, null))).Fault, $"byte {at}");
        }

        // A known limit of the format: cut at a region's end, the tags that are left all fit. Size and digest in the
        // manifest tell, which is why whoever hands out a whole original hashes it again.
        await blob.UploadAsync(new BinaryData(raw.Content.ToArray()[..(12 + (4 * MiB) + 16)]),
            new Azure.Storage.Blobs.Models.BlobUploadOptions { Metadata = raw.Details.Metadata }, Cancel);
        Assert.AreEqual(4 * MiB, (await ReadAsync(store, 0, null)).Length);

        var metadata = new Dictionary<string, string>(raw.Details.Metadata);
        metadata["encryptiondata"] = metadata["encryptiondata"].Replace("RSA-OAEP-256", "RSA1_5", StringComparison.Ordinal);
        await blob.SetMetadataAsync(metadata, cancellationToken: Cancel);
        Assert.AreEqual(Fault.EvidenceInvalid, (await Assert.ThrowsExactlyAsync<FaultException>(() => ReadAsync(store, 0, null))).Fault);
    }

    [TestMethod]
    public async Task Absent_originals_and_ranges_have_their_faults()
    {
        var (_, store) = await NewStoreAsync();
        using var __ = store;
        Assert.AreEqual(Fault.NotFound, (await Assert.ThrowsExactlyAsync<FaultException>(() => store.OpenReadAsync("d/0", cancel: Cancel))).Fault);
        await store.WriteAsync("d/0", new MemoryStream(Bytes(1000)), null, cancel: Cancel);
        Assert.AreEqual(Fault.RangeNotSatisfiable, (await Assert.ThrowsExactlyAsync<FaultException>(() => ReadAsync(store, 100 * MiB, null))).Fault);
        vault.Misbehave(VaultFault.Forbidden403, 1);
        Assert.AreEqual(Fault.VaultRefused, (await Assert.ThrowsExactlyAsync<FaultException>(() => ReadAsync(store, 0, null))).Fault);
    }

    private async Task<byte[]> ReadAsync(OriginalStore store, long offset, long? length)
    {
        await using var stream = await store.OpenReadAsync("d/0", offset, length, Cancel);
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy, Cancel);
        return copy.ToArray();
    }

    /// <summary>A body as it comes from a network: no length, no seeking, pieces of odd sizes, and it may break.</summary>
    private sealed class Trickle(byte[] content) : MemoryStream(content)
    {
        public int? BreakAt { get; init; }

        public Action? OnBreak { get; init; }

        public override bool CanSeek => false;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (base.Position >= BreakAt)
            {
                OnBreak?.Invoke();
                cancellationToken.ThrowIfCancellationRequested();
                throw new IOException("the client went away");
            }

            return base.ReadAsync(buffer[..Math.Min(buffer.Length, 60_013)], cancellationToken);
        }
    }

    private sealed class PlainVault(string token) : IKeyEncryptionKeyResolver
    {
        public IKeyEncryptionKey Resolve(string keyId, CancellationToken cancellationToken = default) => new PlainKey(keyId, token);

        public Task<IKeyEncryptionKey> ResolveAsync(string keyId, CancellationToken cancellationToken = default)
            => Task.FromResult(Resolve(keyId, cancellationToken));
    }

    private sealed class PlainKey(string keyId, string token) : IKeyEncryptionKey
    {
        private static readonly HttpClient Http = new();

        public string KeyId => keyId;

        public byte[] WrapKey(string algorithm, ReadOnlyMemory<byte> key, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<byte[]> WrapKeyAsync(string algorithm, ReadOnlyMemory<byte> key, CancellationToken cancellationToken = default)
            => throw new NotSupportedException();

        public byte[] UnwrapKey(string algorithm, ReadOnlyMemory<byte> encryptedKey, CancellationToken cancellationToken = default)
            => throw new NotSupportedException();

        public async Task<byte[]> UnwrapKeyAsync(string algorithm, ReadOnlyMemory<byte> encryptedKey, CancellationToken cancellationToken = default)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{keyId}/unwrapkey?api-version=7.4");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            request.Content = JsonContent.Create(new JsonObject { ["alg"] = algorithm, ["value"] = Base64Url.EncodeToString(encryptedKey.Span) });
            using var answer = await Http.SendAsync(request, cancellationToken);
            answer.EnsureSuccessStatusCode();
            return Base64Url.DecodeFromChars((string)(await answer.Content.ReadFromJsonAsync<JsonObject>(cancellationToken))!["value"]!);
        }
    }
}
