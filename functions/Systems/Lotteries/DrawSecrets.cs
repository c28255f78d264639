namespace Notary.Lotteries;

/// <summary>32 bytes that only the vault can tell.</summary>
/// <param name="Key">The vault key's id, with its version.</param>
/// <param name="Value">Wrapped.</param>
internal sealed record WrappedSecret(string Key, byte[] Value);

/// <summary>Wraps the secrets of lists and of the platform as a party. The plain bytes are never written or logged.</summary>
internal sealed class DrawSecrets(VaultKeyEncryption vault)
{
    public WrappedSecret Wrap(byte[] secret, CancellationToken cancel) => new(vault.KeyId, vault.WrapKey(VaultKeyEncryption.Algorithm, secret, cancel));

    /// <exception cref="FaultException">VaultRefused or VaultUnavailable; EvidenceInvalid when it is none of ours.</exception>
    public async Task<byte[]> UnwrapAsync(WrappedSecret wrapped, CancellationToken cancel)
    {
        var key = await vault.ResolveAsync(wrapped.Key, cancel).ConfigureAwait(false);
        var secret = await key.UnwrapKeyAsync(VaultKeyEncryption.Algorithm, wrapped.Value, cancel).ConfigureAwait(false);
        return secret.Length == ListSecret.Size ? secret : throw new FaultException(Fault.EvidenceInvalid, "a draw's wrapped secret has another length");
    }
}
