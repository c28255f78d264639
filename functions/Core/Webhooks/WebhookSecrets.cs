using System.Collections.Concurrent;

namespace Notary.Webhooks;

/// <summary>Secrets of endpoints, which only the vault can tell. The plain bytes are never written or logged.</summary>
internal sealed class WebhookSecrets(VaultKeyEncryption vault, TimeProvider clock)
{
    private const string Prefix = "whsec_";
    private const int Size = 32;

    /// <summary>Secrets kept plain in memory, for those who are told something all the time:
    /// a call of the vault each would cost more than the delivery.</summary>
    private const int MaxKnown = 1000;

    private readonly ConcurrentDictionary<string, byte[]> known = new(StringComparer.Ordinal);

    /// <summary>A new secret.</summary>
    public StoredSecret New(string id, DateTimeOffset at, CancellationToken cancel)
        => new(id, vault.KeyId, vault.WrapKey(VaultKeyEncryption.Algorithm, RandomNumberGenerator.GetBytes(Size), cancel), at, null);

    /// <summary>A secret as its owner gets it.</summary>
    /// <exception cref="FaultException">VaultRefused or VaultUnavailable.</exception>
    public async Task<string> TextAsync(StoredSecret secret, CancellationToken cancel)
        => Prefix + Convert.ToBase64String(await UnwrapAsync(secret, cancel).ConfigureAwait(false));

    /// <summary>What is signed with now, newest first.</summary>
    /// <exception cref="FaultException">VaultRefused or VaultUnavailable.</exception>
    public async Task<IReadOnlyList<byte[]>> GoodAsync(StoredEndpoint endpoint, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        return await Task.WhenAll(endpoint.Secrets.Where(secret => secret.IsGood(now)).OrderByDescending(secret => secret.CreatedAt)
            .Select(secret => UnwrapAsync(secret, cancel))).ConfigureAwait(false);
    }

    private async Task<byte[]> UnwrapAsync(StoredSecret secret, CancellationToken cancel)
    {
        var name = Convert.ToHexStringLower(SHA256.HashData(secret.Wrapped));
        if (known.TryGetValue(name, out var plain))
            return plain;

        var key = await vault.ResolveAsync(secret.Key, cancel).ConfigureAwait(false);
        plain = await key.UnwrapKeyAsync(VaultKeyEncryption.Algorithm, secret.Wrapped, cancel).ConfigureAwait(false);
        if (plain.Length != Size)
            throw new FaultException(Fault.EvidenceInvalid, "an endpoint's wrapped secret has another length");

        if (known.Count >= MaxKnown)
            known.Clear();

        return known[name] = plain;
    }
}
