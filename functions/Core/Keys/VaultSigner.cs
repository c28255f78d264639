namespace Notary.Keys;

/// <summary>Signs digests with one EC key that never leaves the vault, and hands out no signature that the public key does not verify.</summary>
/// <remarks>The key's version is fixed at <see cref="OpenAsync"/>: a rotation is taken up by opening again, never in between two signatures.</remarks>
public sealed class VaultSigner
{
    private readonly CryptographyClient client;
    private readonly SignatureAlgorithm algorithm;

    private VaultSigner(KeyVaultKey key, CryptographyClient client)
    {
        this.client = client;
        Curve = key.Key.CurveName ?? throw new FaultException(Fault.VaultRefused, $"the vault's key {key.Name} is not an EC key");
        algorithm = Curve == KeyCurveName.P256K ? SignatureAlgorithm.ES256K : SignatureAlgorithm.ES256;
        using var ec = key.Key.ToECDsa();
        PublicKeySpki = ec.ExportSubjectPublicKeyInfo();
    }

    /// <summary>The key's address with its version.</summary>
    public string KeyId => client.KeyId;

    /// <summary>The version alone.</summary>
    public string Version => KeyId[(KeyId.LastIndexOf('/') + 1)..];

    public KeyCurveName Curve { get; }

    /// <summary>The public key as DER SubjectPublicKeyInfo with a named curve.</summary>
    public byte[] PublicKeySpki { get; }

    /// <summary>Fetches the newest version of the key's public half.</summary>
    /// <exception cref="FaultException">VaultRefused: no such key, no permission, or not an EC key. VaultUnavailable: no useful answer in time.</exception>
    public static Task<VaultSigner> OpenAsync(KeyClient vault, string keyName, CancellationToken cancel = default)
        => OpenAsync(vault, keyName, null, cancel);

    /// <summary>The same for one version of the key; null for the newest.</summary>
    public static async Task<VaultSigner> OpenAsync(KeyClient vault, string keyName, string? version, CancellationToken cancel)
    {
        KeyVaultKey key = await VaultFaults.GuardAsync(async stop => (await vault.GetKeyAsync(keyName, version, stop)).Value, cancel);
        try
        {
            return new VaultSigner(key, vault.GetCryptographyClient(key));
        }
        catch (Exception unusable) when (unusable is CryptographicException or NotSupportedException)
        {
            throw new FaultException(Fault.VaultRefused, $"the vault's key {keyName} cannot be used", unusable);
        }
    }

    /// <summary>Signs a SHA-256 (or Keccak-256) digest of 32 bytes.</summary>
    /// <returns>r‖s, 64 bytes (IEEE P1363), verified. s may be high: who needs low s normalises.</returns>
    /// <exception cref="FaultException">VaultRefused, VaultUnavailable, or SignatureInvalid when the answer is not this key's signature
    /// of this digest.</exception>
    public async Task<byte[]> SignAsync(ReadOnlyMemory<byte> digest, CancellationToken cancel = default)
    {
        if (digest.Length != Digest.Size)
            throw new ArgumentException($"a digest has {Digest.Size} bytes, not {digest.Length}", nameof(digest));

        var signature = await VaultFaults.GuardAsync(stop => client.SignAsync(algorithm, digest, stop), cancel);
        return client.Verify(algorithm, digest.Span, signature)
            ? signature
            : throw new FaultException(Fault.SignatureInvalid, "the vault returned a signature that its public key does not verify");
    }
}
