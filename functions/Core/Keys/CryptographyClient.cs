using System.Collections.Concurrent;
using Azure.Core.Cryptography;

namespace Notary.Keys;

/// <summary>Operations with one version of a vault key: private ones are the vault's, public ones happen here, as in the SDK's class of this name.</summary>
public sealed class CryptographyClient : IKeyEncryptionKey
{
    private readonly KeyClient vault;
    private readonly KeyVaultKey key;

    // Reading a key costs as much as what it verifies. Each is lent to one caller at a time: no more than ever verified at once.
    private readonly ConcurrentBag<ECDsa> verifiers = [];

    internal CryptographyClient(KeyClient vault, KeyVaultKey key)
    {
        this.vault = vault;
        this.key = key;
    }

    /// <summary>The key's address with its version.</summary>
    public string KeyId => key.Id.AbsoluteUri;

    /// <summary>Signs a 32-byte digest in the vault. ECDSA signatures are r‖s (IEEE P1363), 64 bytes.</summary>
    /// <exception cref="Azure.RequestFailedException">The vault refused or stayed silent.</exception>
    public async Task<byte[]> SignAsync(SignatureAlgorithm algorithm, ReadOnlyMemory<byte> digest, CancellationToken cancel = default)
        => await vault.OperateAsync(key, "sign", algorithm.Value, digest, true, cancel);

    /// <summary>Verifies locally with the public key.</summary>
    public bool Verify(SignatureAlgorithm algorithm, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature)
    {
        if (algorithm == SignatureAlgorithm.ES256 || algorithm == SignatureAlgorithm.ES256K)
        {
            if (!verifiers.TryTake(out var ec))
                ec = key.Key.ToECDsa();

            try
            {
                return ec.VerifyHash(digest, signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
            }
            finally
            {
                verifiers.Add(ec);
            }
        }

        using var rsa = key.Key.ToRSA();
        var padding = algorithm == SignatureAlgorithm.RS256 ? RSASignaturePadding.Pkcs1
            : algorithm == SignatureAlgorithm.PS256 ? RSASignaturePadding.Pss
            : throw new NotSupportedException($"signature algorithm {algorithm}");
        return rsa.VerifyHash(digest, signature, HashAlgorithmName.SHA256, padding);
    }

    /// <summary>Wraps a data key locally with the public key; only <c>RSA-OAEP-256</c>.</summary>
    public byte[] WrapKey(string algorithm, ReadOnlyMemory<byte> key, CancellationToken cancellationToken = default)
    {
        RequireOaep(algorithm);
        using var rsa = this.key.Key.ToRSA();
        return rsa.Encrypt(key.Span, RSAEncryptionPadding.OaepSHA256);
    }

    public Task<byte[]> WrapKeyAsync(string algorithm, ReadOnlyMemory<byte> key, CancellationToken cancellationToken = default)
        => Task.FromResult(WrapKey(algorithm, key, cancellationToken));

    /// <summary>Unwraps a data key in the vault; only <c>RSA-OAEP-256</c>.</summary>
    /// <exception cref="Azure.RequestFailedException">The vault refused or stayed silent.</exception>
    public byte[] UnwrapKey(string algorithm, ReadOnlyMemory<byte> encryptedKey, CancellationToken cancellationToken = default)
    {
        RequireOaep(algorithm);
        return vault.OperateAsync(key, "unwrapkey", algorithm, encryptedKey, false, cancellationToken).AsTask().GetAwaiter().GetResult();
    }

    public async Task<byte[]> UnwrapKeyAsync(string algorithm, ReadOnlyMemory<byte> encryptedKey, CancellationToken cancellationToken = default)
    {
        RequireOaep(algorithm);
        return await vault.OperateAsync(key, "unwrapkey", algorithm, encryptedKey, true, cancellationToken);
    }

    /// <summary>The algorithm comes from a blob's metadata, which whoever can write blobs controls: no downgrade.</summary>
    private static void RequireOaep(string algorithm)
    {
        if (algorithm != KeyWrapAlgorithm.RsaOaep256.Value)
            throw new NotSupportedException($"key wrap algorithm {algorithm}");
    }
}
