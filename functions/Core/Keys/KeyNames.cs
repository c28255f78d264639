namespace Notary.Keys;

/// <summary>The platform's keys in the vault.</summary>
public static class KeyNames
{
    /// <summary>Signs the log's checkpoints. EC P-256.</summary>
    public const string LogSigner = "log-signer";

    /// <summary>Signs storage letters. EC P-256; the platform certificate is issued for it.</summary>
    public const string LetterSigner = "letter-signer";

    /// <summary>Signs chain transactions. EC P-256K.</summary>
    public const string ChainSender = "chain-sender";

    /// <summary>Signs the draws' chain transactions, and nothing else. EC P-256K.</summary>
    public const string DrawSender = "draw-sender";

    /// <summary>Signs the login centre's tokens. EC P-256; may be rotated at any time.</summary>
    public const string LoginSigner = "login-signer";

    /// <summary>Wraps the originals' data keys. RSA 3072.</summary>
    public const string KeyEncryption = "key-encryption";

    private const int KeyEncryptionBits = 3072;

    /// <summary>Creates those of the keys that are missing; an existing key is never replaced.</summary>
    /// <remarks>A vault turns a second creation into a second version, so two callers at once may leave one version unused; nothing is lost.</remarks>
    /// <exception cref="Notary.Evidence.FaultException">VaultRefused or VaultUnavailable.</exception>
    public static async Task EnsureCreatedAsync(KeyClient vault, CancellationToken cancel = default)
    {
        foreach (var (name, curve) in ((string, KeyCurveName)[])[(LogSigner, KeyCurveName.P256),
            (LetterSigner, KeyCurveName.P256), (ChainSender, KeyCurveName.P256K), (DrawSender, KeyCurveName.P256K), (LoginSigner, KeyCurveName.P256)])
            await EnsureAsync(vault, name, stop => vault.CreateEcKeyAsync(name, curve, stop), cancel);

        await EnsureAsync(vault, KeyEncryption, stop => vault.CreateRsaKeyAsync(KeyEncryption, KeyEncryptionBits, stop), cancel);
    }

    private static Task<KeyVaultKey> EnsureAsync(
        KeyClient vault, string name, Func<CancellationToken, Task<Azure.Response<KeyVaultKey>>> create, CancellationToken cancel)
        => VaultFaults.GuardAsync(
            async stop =>
            {
                try
                {
                    return (await vault.GetKeyAsync(name, null, stop)).Value;
                }
                catch (Azure.RequestFailedException absent) when (absent.Status == 404)
                {
                    return (await create(stop)).Value;
                }
            },
            cancel);
}
