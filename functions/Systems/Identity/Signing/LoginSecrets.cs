using Azure.Storage.Blobs.Models;
using Microsoft.IdentityModel.Tokens;
using Notary.Keys;

namespace Notary.Identity.Signing;

/// <summary>Secrets of the login centre's own: one random value, wrapped by the vault, from which they are derived.</summary>
/// <remarks>It is made once and never changed: pairwise subjects are made with it, and another one would make strangers of all users.</remarks>
internal sealed class LoginSecrets
{
    private const int Size = 32;
    private readonly byte[] salt;

    private LoginSecrets(byte[] root)
    {
        salt = Derive(root, "pairwise subject");
        Encryption = new SymmetricSecurityKey(Derive(root, "token encryption")) { KeyId = "encryption" };
        Signature = new SymmetricSecurityKey(Derive(root, "token signature")) { KeyId = "signature" };
    }

    private sealed record Wrapped(string Key, byte[] Value);

    /// <summary>Encrypts codes, refresh tokens and pushed requests, which nobody but us reads.</summary>
    public SymmetricSecurityKey Encryption { get; }

    /// <summary>Signs them.</summary>
    public SymmetricSecurityKey Signature { get; }

    /// <summary>Reads the secret, or makes it the first time.</summary>
    /// <exception cref="FaultException">VaultRefused or VaultUnavailable; EvidenceInvalid when the blob is none of ours.</exception>
    public static async Task<LoginSecrets> OpenAsync(BlobClient blob, VaultKeyEncryption vault, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                var there = (await blob.DownloadContentAsync(cancel)).Value.Content.ToObjectFromJson<Wrapped>()!;
                var key = await vault.ResolveAsync(there.Key, cancel);
                var root = await key.UnwrapKeyAsync(VaultKeyEncryption.Algorithm, there.Value, cancel);
                return root.Length == Size ? new LoginSecrets(root)
                    : throw new FaultException(Fault.EvidenceInvalid, "the login centre's secret has another length");
            }
            catch (RequestFailedException e) when (e.Status == 404)
            {
                await MakeAsync(blob, vault, cancel);
            }
        }
    }

    /// <summary>The user as one client knows him, and no other (OpenID Connect Core 1.0 §8.1). Each client is a sector of its own.</summary>
    public string SubjectFor(string client, string person)
        => System.Buffers.Text.Base64Url.EncodeToString(HMACSHA256.HashData(salt, Encoding.UTF8.GetBytes($"{client}\0{person}")));

    private static async Task MakeAsync(BlobClient blob, VaultKeyEncryption vault, CancellationToken cancel)
    {
        var wrapped = new Wrapped(vault.KeyId, vault.WrapKey(VaultKeyEncryption.Algorithm, RandomNumberGenerator.GetBytes(Size), cancel));
        try
        {
            await blob.UploadAsync(BinaryData.FromObjectAsJson(wrapped),
                new BlobUploadOptions { Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All } }, cancel);
        }
        catch (RequestFailedException e) when (StorageFailure.IsConflict(e))
        {
            // Another instance was faster: its value is the one.
        }
    }

    private static byte[] Derive(byte[] root, string purpose)
        => HKDF.DeriveKey(HashAlgorithmName.SHA256, root, Size, info: Encoding.UTF8.GetBytes("notary login " + purpose));
}
