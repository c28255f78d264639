using System.Collections.Concurrent;
using Azure.Core.Cryptography;

namespace Notary.Keys;

/// <summary>The vault's RSA key as the storage SDK's key encryption key: wraps data keys here, unwraps them in the vault.</summary>
/// <remarks>Writes with the version found at <see cref="OpenAsync"/>; reads what any earlier version wrapped.</remarks>
public sealed class VaultKeyEncryption : IKeyEncryptionKey, IKeyEncryptionKeyResolver
{
    private readonly KeyClient vault;
    private readonly CryptographyClient current;
    private readonly ConcurrentDictionary<string, VaultKeyEncryption> earlier = new(StringComparer.Ordinal);

    private VaultKeyEncryption(KeyClient vault, KeyVaultKey key)
    {
        this.vault = vault;
        current = vault.GetCryptographyClient(key);
    }

    /// <summary>The algorithm that goes with it.</summary>
    public static string Algorithm => KeyWrapAlgorithm.RsaOaep256.Value;

    public string KeyId => current.KeyId;

    /// <exception cref="FaultException">VaultRefused: no such key, no permission, or not an RSA key. VaultUnavailable.</exception>
    public static async Task<VaultKeyEncryption> OpenAsync(KeyClient vault, string keyName, CancellationToken cancel = default)
        => await OpenAsync(vault, keyName, null, cancel);

    public byte[] WrapKey(string algorithm, ReadOnlyMemory<byte> key, CancellationToken cancellationToken = default)
        => current.WrapKey(algorithm, key, cancellationToken);

    public Task<byte[]> WrapKeyAsync(string algorithm, ReadOnlyMemory<byte> key, CancellationToken cancellationToken = default)
        => current.WrapKeyAsync(algorithm, key, cancellationToken);

    public byte[] UnwrapKey(string algorithm, ReadOnlyMemory<byte> encryptedKey, CancellationToken cancellationToken = default)
        => UnwrapKeyAsync(algorithm, encryptedKey, cancellationToken).GetAwaiter().GetResult();

    /// <exception cref="FaultException">VaultRefused or VaultUnavailable.</exception>
    public Task<byte[]> UnwrapKeyAsync(string algorithm, ReadOnlyMemory<byte> encryptedKey, CancellationToken cancellationToken = default)
        => VaultFaults.GuardAsync(stop => current.UnwrapKeyAsync(algorithm, encryptedKey, stop), cancellationToken);

    public IKeyEncryptionKey Resolve(string keyId, CancellationToken cancellationToken = default)
        => ResolveAsync(keyId, cancellationToken).GetAwaiter().GetResult();

    /// <summary>The version that wrapped a blob's key.</summary>
    /// <remarks>The id comes from the blob's metadata: only its name and version count, and only our own vault is asked.
    /// So metadata cannot make us call an address, and a vault restored under another name still reads.</remarks>
    /// <exception cref="FaultException">EvidenceInvalid: not a key id. VaultRefused or VaultUnavailable.</exception>
    public async Task<IKeyEncryptionKey> ResolveAsync(string keyId, CancellationToken cancellationToken = default)
    {
        if (!KeyIdentifier.TryParse(keyId, out var name, out var version))
            throw new FaultException(Fault.EvidenceInvalid, "an original names no usable vault key");

        if (KeyIdentifier.TryParse(KeyId, out var currentName, out var currentVersion) && (name, version) == (currentName, currentVersion))
            return this;

        var path = $"{name}/{version}";
        return earlier.TryGetValue(path, out var known) ? known : earlier[path] = await OpenAsync(vault, name, version, cancellationToken);
    }

    private static async Task<VaultKeyEncryption> OpenAsync(KeyClient vault, string keyName, string? version, CancellationToken cancel)
    {
        KeyVaultKey key = await VaultFaults.GuardAsync(async stop => (await vault.GetKeyAsync(keyName, version, stop)).Value, cancel);
        return key.Key.KeyType == "RSA"
            ? new VaultKeyEncryption(vault, key)
            : throw new FaultException(Fault.VaultRefused, $"the vault's key {keyName} is not an RSA key");
    }
}
