using System.Text.Json;
using Azure.Core.Cryptography;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Notary.Storage;

/// <summary>One key for a group of blobs. The vault's key wraps it once, in a blob of the group; it wraps the blobs' data keys here (RFC 5649).</summary>
/// <remarks>
/// Each blob keeps a random data key of its own, so the limits of AES-GCM are counted in one blob and not over the group, however many there are. The
/// wrapping has no nonce that could come twice. Whoever deletes the group's key has made all of it unreadable.
/// </remarks>
internal sealed class GroupKey : IKeyEncryptionKey, IKeyEncryptionKeyResolver
{
    /// <summary>As blobs name it.</summary>
    public const string Algorithm = "A256KWP";

    private const int KeyBytes = 32;

    /// <summary>Of the blob with the wrapped key: an id, a name and some hundred bytes.</summary>
    private const int MaxWrapped = 16 * 1024;

    private readonly byte[] secret;
    private readonly IKeyEncryptionKeyResolver others;

    private GroupKey(string name, byte[] secret, IKeyEncryptionKeyResolver others) => (KeyId, this.secret, this.others) = ($"group:{name}", secret, others);

    /// <inheritdoc/>
    public string KeyId { get; }

    /// <summary>Reads the group's key; the first who asks makes it.</summary>
    /// <param name="blob">Where it lies, wrapped.</param>
    /// <param name="key">Wraps a new one.</param>
    /// <param name="algorithm">The key's.</param>
    /// <param name="resolver">Finds the key that wrapped it, and those of blobs that are not wrapped by it.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="FaultException">StorageUnavailable; EvidenceInvalid: what lies there is no wrapped key; what the vault's key throws.</exception>
    public static async Task<GroupKey> OpenAsync(
        BlobClient blob, IKeyEncryptionKey key, string algorithm, IKeyEncryptionKeyResolver resolver, CancellationToken cancel)
    {
        if (await FindAsync(blob, resolver, cancel) is { } there)
            return there;

        var made = RandomNumberGenerator.GetBytes(KeyBytes);
        if (await TryPutAsync(blob, new Wrapped(key.KeyId, algorithm, await key.WrapKeyAsync(algorithm, made, cancel)), cancel))
            return new GroupKey(blob.Name, made, resolver);

        // Another was first, or this one was and the answer was lost: what lies there counts.
        return await FindAsync(blob, resolver, cancel) ?? throw new FaultException(Fault.StorageConflict, "the group's key was made and deleted");
    }

    /// <summary>Reads it; null when it is not there.</summary>
    /// <inheritdoc cref="OpenAsync"/>
    public static async Task<GroupKey?> FindAsync(BlobClient blob, IKeyEncryptionKeyResolver resolver, CancellationToken cancel)
    {
        if (await ReadAsync(blob, cancel) is not { } wrapped)
            return null;

        var wrapper = await resolver.ResolveAsync(wrapped.KeyId, cancel);
        var secret = await wrapper.UnwrapKeyAsync(wrapped.Algorithm, wrapped.Key, cancel);
        return secret.Length == KeyBytes ? new GroupKey(blob.Name, secret, resolver) : throw Invalid(null);
    }

    /// <inheritdoc/>
    public byte[] WrapKey(string algorithm, ReadOnlyMemory<byte> key, CancellationToken cancellationToken = default)
    {
        using var aes = Cipher(algorithm);
        return aes.EncryptKeyWrapPadded(key.Span);
    }

    /// <inheritdoc/>
    public byte[] UnwrapKey(string algorithm, ReadOnlyMemory<byte> encryptedKey, CancellationToken cancellationToken = default)
    {
        using var aes = Cipher(algorithm);
        return aes.DecryptKeyWrapPadded(encryptedKey.Span);
    }

    /// <inheritdoc/>
    public Task<byte[]> WrapKeyAsync(string algorithm, ReadOnlyMemory<byte> key, CancellationToken cancellationToken = default)
        => Task.FromResult(WrapKey(algorithm, key, cancellationToken));

    /// <inheritdoc/>
    public Task<byte[]> UnwrapKeyAsync(string algorithm, ReadOnlyMemory<byte> encryptedKey, CancellationToken cancellationToken = default)
        => Task.FromResult(UnwrapKey(algorithm, encryptedKey, cancellationToken));

    /// <inheritdoc/>
    /// <remarks>A blob from before the group had a key names the vault's.</remarks>
    public IKeyEncryptionKey Resolve(string keyId, CancellationToken cancellationToken = default)
        => keyId == KeyId ? this : others.Resolve(keyId, cancellationToken);

    /// <inheritdoc/>
    public async Task<IKeyEncryptionKey> ResolveAsync(string keyId, CancellationToken cancellationToken = default)
        => keyId == KeyId ? this : await others.ResolveAsync(keyId, cancellationToken);

    private Aes Cipher(string algorithm)
    {
        if (algorithm != Algorithm)
            throw new NotSupportedException($"a group's key does not wrap by {algorithm}");

        var aes = Aes.Create();
        aes.Key = secret;
        return aes;
    }

    private static async Task<Wrapped?> ReadAsync(BlobClient blob, CancellationToken cancel)
    {
        try
        {
            using var answer = (await blob.DownloadStreamingAsync(new BlobDownloadOptions { Range = new HttpRange(0, MaxWrapped) }, cancel)).Value;
            return await JsonSerializer.DeserializeAsync<Wrapped>(answer.Content, cancellationToken: cancel) is { KeyId: not null, Key: not null } found
                ? found : throw Invalid(null);
        }
        catch (RequestFailedException absent) when (absent.Status == 404)
        {
            return null;
        }
        catch (JsonException e)
        {
            throw Invalid(e);
        }
        catch (Exception failure) when (StorageFailure.Is(failure, cancel))
        {
            throw StorageFailure.ToFault(failure);
        }
    }

    private static async Task<bool> TryPutAsync(BlobClient blob, Wrapped wrapped, CancellationToken cancel)
    {
        try
        {
            await blob.UploadAsync(BinaryData.FromObjectAsJson(wrapped),
                new BlobUploadOptions { Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All } }, cancel);
            return true;
        }
        catch (RequestFailedException there) when (StorageFailure.IsConflict(there))
        {
            return false;
        }
        catch (Exception failure) when (StorageFailure.Is(failure, cancel))
        {
            throw StorageFailure.ToFault(failure);
        }
    }

    private static FaultException Invalid(Exception? cause) => new(Fault.EvidenceInvalid, "what lies in place of a group's key is none", cause);

    private sealed record Wrapped(string KeyId, string Algorithm, byte[] Key);
}
