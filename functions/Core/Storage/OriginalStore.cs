using System.Runtime.ExceptionServices;
using Azure.Core.Cryptography;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Notary.Storage;

/// <summary>What was stored: SHA-256, length in bytes and CRC-32 (as zip headers have it) of the plaintext.</summary>
public sealed record StoredOriginal(Digest Sha256, long Size, uint Crc32)
{
    /// <summary>Of content that is all in memory.</summary>
    public static StoredOriginal Of(ReadOnlySpan<byte> content)
        => new(Digest.Of(content), content.Length, System.IO.Hashing.Crc32.HashToUInt32(content));
}

/// <summary>The originals: encrypted by the storage SDK (client-side encryption v2, AES-256-GCM in regions of 4 MiB) with a data key of their own,
/// which the vault's key wraps.</summary>
/// <remarks>
/// Any Azure SDK that may use the vault's key can read them. The digest of the plaintext is not kept beside the ciphertext:
/// it would let anyone who sees the container test a guess. When WriteAsync returns, the blob is committed; when it throws,
/// there is no blob of that name by this call, except after StorageUnavailable, when that is unknown. One instance per
/// process: it holds the slots that bound the memory of all uploads together.
/// </remarks>
public sealed partial class OriginalStore : IDisposable
{
    /// <summary>Whose deposit a blob belongs to.</summary>
    public const string OwnerMetadata = "owner";

    /// <summary>Names the write that made a blob, so that a commit whose answer was lost is recognised.</summary>
    private const string WriteMetadata = "write";

    /// <summary>Content up to this size is read ahead and sent in one request, without waiting for a slot.</summary>
    private const int SmallBytes = 256 * 1024;

    /// <summary>Larger uploads at once. Each holds about 12 MiB of encryption buffers and its blocks; the others wait and their clients with them,
    /// which bounds the memory that uploading clients can claim.</summary>
    private const int LargeUploads = 4;

    /// <summary>Larger uploads at once of one owner: slow clients of one must not keep the others out.</summary>
    private const int LargeUploadsOfOne = 3;

    /// <summary>From this many larger uploads on, each gets smaller blocks, two at a time.</summary>
    private const int CrowdedFrom = 2;

    private const int CrowdedBlockBytes = 4 * 1024 * 1024;

    /// <summary>A region's plaintext, and its nonce and tag: the storage SDK's client-side encryption v2.</summary>
    private const int RegionBytes = RegionKey.RegionBytes, RegionOverhead = RegionKey.NonceBytes + RegionKey.TagBytes;

    private readonly BlobContainerClient container;
    private readonly StorageOptions options;
    private readonly Slots slots;
    private readonly Slots pieceSlots;
    private readonly OriginalStore? whole;
    private readonly IKeyEncryptionKey key;
    private readonly IKeyEncryptionKeyResolver resolver;
    private readonly string wrapAlgorithm;

    /// <param name="account">Where the <c>originals</c> container is.</param>
    /// <param name="key">Wraps the data keys of new originals.</param>
    /// <param name="resolver">Finds the key that wrapped an older one.</param>
    /// <param name="wrapAlgorithm">The key's algorithm. Default RSA-OAEP-256.</param>
    /// <param name="container">For what is kept like originals and is none.</param>
    public OriginalStore(StorageAccount account, IKeyEncryptionKey key, IKeyEncryptionKeyResolver resolver, string wrapAlgorithm = "RSA-OAEP-256",
        string container = Names.Originals)
    {
        (slots, pieceSlots) = (new Slots(LargeUploads, LargeUploadsOfOne), new Slots(PieceWrites, PieceWritesOfOne));
        this.container = account.Container(container);
        options = account.Options;
        this.key = key;
        this.resolver = resolver;
        this.wrapAlgorithm = wrapAlgorithm;
    }

    private OriginalStore(OriginalStore whole, GroupKey group)
        => (this.whole, container, options, slots, pieceSlots, key, resolver, wrapAlgorithm)
            = (whole, whole.container, whole.options, whole.slots, whole.pieceSlots, group, group, GroupKey.Algorithm);

    /// <summary>The same store for blobs that belong together and are read together: one key of theirs, for which the vault is asked once. Its slots are
    /// this one's, and it need not be disposed of.</summary>
    /// <param name="keyBlob">Where their key lies, wrapped by this store's; made when it is not there. None of the group's own blobs.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="FaultException">StorageUnavailable; EvidenceInvalid: what lies there is no key; what the key throws.</exception>
    public async Task<OriginalStore> GroupAsync(string keyBlob, CancellationToken cancel = default)
        => new(this, await GroupKey.OpenAsync(container.GetBlobClient(keyBlob), key, wrapAlgorithm, resolver, cancel));

    /// <summary>A group that is there; null when it has no key, and so no blobs.</summary>
    /// <inheritdoc cref="GroupAsync"/>
    public async Task<OriginalStore?> FindGroupAsync(string keyBlob, CancellationToken cancel = default)
        => await GroupKey.FindAsync(container.GetBlobClient(keyBlob), resolver, cancel) is { } group ? new(this, group) : null;

    /// <summary>Stores a stream of any length in one pass: hashed, encrypted and staged in parallel, in bounded memory.</summary>
    /// <param name="blobName">From <see cref="Names.OriginalBlob"/>.</param>
    /// <param name="content">Read to its end; not disposed. What it throws comes out unchanged.</param>
    /// <param name="accept">Called with digest and size before anything is committed; an exception from it comes out unchanged and leaves no blob.</param>
    /// <param name="owner">Kept with the blob (nothing when empty), so that one whose deposit was never written can be told from a kept one.</param>
    /// <param name="cancel">Stops; nothing becomes visible.</param>
    /// <exception cref="RequestFailedException">409: a blob of that name exists, and this call did not make it.</exception>
    /// <exception cref="FaultException">StorageUnavailable.</exception>
    public async Task<StoredOriginal> WriteAsync(
        string blobName, Stream content, Action<StoredOriginal>? accept = null, string owner = "", CancellationToken cancel = default)
    {
        var head = new byte[SmallBytes];
        var length = await content.ReadAtLeastAsync(head, SmallBytes, throwOnEndOfStream: false, cancel);
        if (length < SmallBytes)
        {
            var stored = StoredOriginal.Of(head.AsSpan(0, length));
            accept?.Invoke(stored);
            // The SDK's encryption does not take an empty stream that tells its length.
            Stream small = length == 0 ? new PrefixedStream(default, Stream.Null) : new MemoryStream(head, 0, length, writable: false);
            await UploadAsync(blobName, small, Transfer(crowded: false), owner, () => null, cancel);
            return stored;
        }

        using var slot = await slots.EnterAsync(owner, cancel);
        await using var source = new PrefixedStream(head, content);
        await using var forked = new ForkedStream(source, accept, cancel);
        await UploadAsync(blobName, forked, Transfer(slots.Taken >= CrowdedFrom), owner, () => forked.SourceFailure, cancel);
        return forked.Result ?? throw new InvalidOperationException("the uploader did not read to the end");
    }

    /// <summary>The plaintext from <paramref name="offset"/>, decrypted and authenticated region by region while it is read.</summary>
    /// <remarks>The format does not authenticate the number of regions: whoever needs the whole original compares its size and digest
    /// with the manifest.</remarks>
    /// <param name="blobName">From <see cref="Names.OriginalBlob"/>.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes; null for all the rest.</param>
    /// <param name="cancel">Stops opening; reading takes tokens of its own.</param>
    /// <exception cref="FaultException">NotFound; RangeNotSatisfiable; StorageUnavailable; what the key throws. While reading:
    /// EvidenceInvalid when the ciphertext was changed.</exception>
    public async Task<Stream> OpenReadAsync(string blobName, long offset = 0, long? length = null, CancellationToken cancel = default)
    {
        try
        {
            var range = offset == 0 && length is null ? default : new HttpRange(offset, length);
            var answer = await Encrypted(blobName).DownloadStreamingAsync(new BlobDownloadOptions { Range = range }, cancel);
            return new AuthenticatedStream(answer.Value.Content);
        }
        catch (RequestFailedException absent) when (absent.Status == 404)
        {
            throw new FaultException(Fault.NotFound, "no such original", absent);
        }
        catch (RequestFailedException beyond) when (beyond.Status == 416)
        {
            throw new FaultException(Fault.RangeNotSatisfiable, "the range starts after the end", beyond);
        }
        catch (Exception failure) when (StorageFailure.Is(failure, cancel))
        {
            throw StorageFailure.ToFault(failure);
        }
        catch (Exception invalid) when (AuthenticatedStream.IsTampering(invalid))
        {
            throw AuthenticatedStream.Tampered(invalid);
        }
    }

    /// <summary>Names under a prefix and bytes of their plaintext, in the order of the names.</summary>
    /// <exception cref="FaultException">StorageUnavailable.</exception>
    public async Task<IReadOnlyList<(string Name, long Size)>> ListAsync(string prefix, CancellationToken cancel = default)
    {
        var found = new List<(string, long)>();
        try
        {
            await foreach (var blob in container.GetBlobsAsync(new GetBlobsOptions { Prefix = prefix }, cancel))
                found.Add((blob.Name, PlainSize(blob.Properties.ContentLength ?? 0)));
        }
        catch (Exception failure) when (StorageFailure.Is(failure, cancel))
        {
            throw StorageFailure.ToFault(failure);
        }

        return found;
    }

    // Each region that was begun has a nonce and a tag of its own.
    private static long PlainSize(long size) => size - ((size + RegionBytes + RegionOverhead - 1) / (RegionBytes + RegionOverhead) * RegionOverhead);

    public void Dispose()
    {
        if (whole is not null)
            return;

        slots.Dispose();
        pieceSlots.Dispose();
    }

    /// <summary>Deletes an original; nothing happens when there is none.</summary>
    public Task DeleteAsync(string blobName, CancellationToken cancel = default)
        => GuardAsync(
            async () => (await container.GetBlobClient(blobName).DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, null, cancel)).Value, cancel);

    public Task<bool> ExistsAsync(string blobName, CancellationToken cancel = default)
        => GuardAsync(async () => (await container.GetBlobClient(blobName).ExistsAsync(cancel)).Value, cancel);

    private static async Task<bool> GuardAsync(Func<Task<bool>> call, CancellationToken cancel)
    {
        try
        {
            return await call();
        }
        catch (Exception failure) when (StorageFailure.Is(failure, cancel))
        {
            throw StorageFailure.ToFault(failure);
        }
    }

    private BlobClient Encrypted(string blobName)
        => container.GetBlobClient(blobName).WithClientSideEncryptionOptions(new ClientSideEncryptionOptions(ClientSideEncryptionVersion.V2_0)
        {
            KeyEncryptionKey = key,
            KeyResolver = resolver,
            KeyWrapAlgorithm = wrapAlgorithm,
        });

    private StorageTransferOptions Transfer(bool crowded)
        => new()
        {
            InitialTransferSize = crowded ? CrowdedBlockBytes : options.UploadBlockBytes,
            MaximumTransferSize = crowded ? CrowdedBlockBytes : options.UploadBlockBytes,
            MaximumConcurrency = crowded ? Math.Min(2, options.UploadConcurrency) : options.UploadConcurrency,
        };

    private async Task UploadAsync(
        string blobName, Stream content, StorageTransferOptions transfer, string owner, Func<Exception?> sourceFailure, CancellationToken cancel)
    {
        var write = Guid.NewGuid().ToString("N");
        var metadata = new Dictionary<string, string> { [WriteMetadata] = write };
        if (owner.Length > 0)
            metadata[OwnerMetadata] = owner;

        try
        {
            var upload = new BlobUploadOptions
            {
                TransferOptions = transfer,
                Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All },
                Metadata = metadata,
            };
            await Encrypted(blobName).UploadAsync(content, upload, cancel);
        }
        catch (Exception) when (sourceFailure() is { } cause)
        {
            ExceptionDispatchInfo.Throw(cause);
        }
        catch (Exception failure) when (StorageFailure.Is(failure, cancel))
        {
            // The commit may have happened unseen: the answer was lost, or the SDK's own retry met the blob.
            if (!await IsOursAsync(blobName, write, cancel))
                throw StorageFailure.IsConflict(failure) ? failure : StorageFailure.ToFault(failure);
        }
    }

    private async Task<bool> IsOursAsync(string blobName, string write, CancellationToken cancel)
    {
        try
        {
            var blob = await container.GetBlobClient(blobName).GetPropertiesAsync(cancellationToken: cancel);
            return blob.Value.Metadata.TryGetValue(WriteMetadata, out var made) && made == write;
        }
        catch (RequestFailedException absent) when (absent.Status == 404)
        {
            return false;
        }
        catch (Exception failure) when (StorageFailure.Is(failure, cancel))
        {
            throw StorageFailure.ToFault(failure);
        }
    }
}
