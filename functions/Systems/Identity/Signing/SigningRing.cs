using Azure.Storage.Blobs.Models;
using Microsoft.IdentityModel.Tokens;
using Notary.Keys;

namespace Notary.Identity.Signing;

/// <summary>The versions of the vault's signing key: which one signs, which ones are published.</summary>
/// <remarks>
/// 1. The record (a blob) says which versions were seen when. 2. The vault's newest version joins it, under the record's
/// ETag. 3. What the vault no longer gives is left out: disabling a version takes it out of use everywhere within
/// <see cref="RefreshTime"/>. 4. The schedule says the rest. A vault that does not answer changes nothing.
/// </remarks>
internal sealed partial class SigningRing(KeyClient vault, string keyName, BlobClient record, TimeProvider clock, ILogger<SigningRing> log) : IDisposable
{
    /// <summary>How old the picture may be; less than <see cref="SigningSchedule.Announce"/>, so that no instance meets a key it does not know.</summary>
    public static readonly TimeSpan RefreshTime = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim one = new(1, 1);
    private readonly VaultCryptoProvider crypto = new();
    private volatile CancellationTokenSource changed = new();
    private volatile State state = State.None;
    private long readAt;

    private sealed record State(VaultSigner? Signer, IReadOnlyList<ECDsaSecurityKey> Keys, IReadOnlyList<SeenKey> Seen)
    {
        public static State None { get; } = new(null, [], []);
    }

    /// <summary>The public keys; the one that signs first.</summary>
    public IReadOnlyList<ECDsaSecurityKey> Keys => state.Keys;

    /// <summary>When the published versions were first seen; the one that signs first.</summary>
    public IReadOnlyList<SeenKey> Seen => state.Seen;

    /// <summary>Cancelled at the next change.</summary>
    public CancellationToken Changed => changed.Token;

    /// <summary>Looks at record and vault unless that was done within <see cref="RefreshTime"/>.</summary>
    /// <exception cref="FaultException">VaultRefused or VaultUnavailable, the first time only.</exception>
    public async ValueTask RefreshAsync(CancellationToken cancel)
    {
        if (state.Signer is not null && clock.GetElapsedTime(Volatile.Read(ref readAt)) < RefreshTime)
            return;

        await one.WaitAsync(cancel);
        try
        {
            if (state.Signer is not null && clock.GetElapsedTime(Volatile.Read(ref readAt)) < RefreshTime)
                return;

            await ReadAsync(cancel);
        }
        catch (Exception failure) when (state.Signer is not null && (failure is FaultException || StorageFailure.Is(failure, cancel)))
        {
            Log.Stale(log, failure.Message);
        }
        finally
        {
            // Also after a failure: a vault that is down is not asked by each request.
            Volatile.Write(ref readAt, clock.GetTimestamp());
            one.Release();
        }
    }

    /// <summary>Signs what <see cref="Keys"/>' first signs, in the vault; verified before it is returned.</summary>
    /// <param name="kid">The key that the token's header names.</param>
    /// <param name="digest">SHA-256 of header and payload.</param>
    /// <param name="cancel">Gives up.</param>
    public Task<byte[]> SignAsync(string kid, ReadOnlyMemory<byte> digest, CancellationToken cancel)
        => state.Signer is { } signer && signer.Version == kid ? signer.SignAsync(digest, cancel)
            : throw new FaultException(Fault.VaultUnavailable, "the signing key has just been rotated; try again");

    public void Dispose()
    {
        one.Dispose();
        changed.Dispose();
    }

    private async Task ReadAsync(CancellationToken cancel)
    {
        var newest = await VaultSigner.OpenAsync(vault, keyName, cancel);
        var seen = await SeenAsync(newest.Version, cancel);
        var signers = new List<VaultSigner>();
        foreach (var key in seen)
        {
            if (key.Version == newest.Version)
                signers.Add(newest);
            else if (await FindAsync(key.Version, cancel) is { } former)
                signers.Add(former);
        }

        var (signs, published) = SigningSchedule.At([.. seen.Where(key => signers.Exists(s => s.Version == key.Version))], clock.GetUtcNow());
        var signer = signers.First(s => s.Version == signs.Version);
        if (signer.Curve != KeyCurveName.P256)
            throw new FaultException(Fault.VaultRefused, $"the vault's key {keyName} is not on P-256");

        IReadOnlyList<SeenKey> order = [.. published.OrderBy(key => key != signs)];
        var next = order.Select(key => PublicKey(signers.First(s => s.Version == key.Version))).ToList();
        var same = state.Keys.Select(k => k.KeyId).SequenceEqual(next.Select(k => k.KeyId), StringComparer.Ordinal);
        if (same)
            return;

        state = new State(signer, next, order);
        var before = changed;
        changed = new CancellationTokenSource();
        await before.CancelAsync();
        Log.Keys(log, signs.Version, next.Count);
    }

    private async Task<IReadOnlyList<SeenKey>> SeenAsync(string newest, CancellationToken cancel)
    {
        while (true)
        {
            var (seen, conditions) = await FindRecordAsync(cancel);
            if (seen.Any(key => key.Version == newest))
                return seen;

            // Those that have left the schedule for good leave the record as well.
            var now = clock.GetUtcNow();
            IReadOnlyList<SeenKey> more = [.. seen.Count > 0 ? SigningSchedule.At(seen, now).Published : [], new SeenKey(newest, now)];
            try
            {
                await record.UploadAsync(BinaryData.FromObjectAsJson(more), new BlobUploadOptions { Conditions = conditions }, cancel);
                return more;
            }
            catch (RequestFailedException e) when (StorageFailure.IsConflict(e))
            {
                // Another instance saw it first, or we did and the answer was lost: read again.
            }
        }
    }

    private async Task<(IReadOnlyList<SeenKey> Seen, BlobRequestConditions Conditions)> FindRecordAsync(CancellationToken cancel)
    {
        try
        {
            var there = (await record.DownloadContentAsync(cancel)).Value;
            return (there.Content.ToObjectFromJson<List<SeenKey>>()!, new BlobRequestConditions { IfMatch = there.Details.ETag });
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return ([], new BlobRequestConditions { IfNoneMatch = ETag.All });
        }
    }

    private async Task<VaultSigner?> FindAsync(string version, CancellationToken cancel)
    {
        try
        {
            return await VaultSigner.OpenAsync(vault, keyName, version, cancel);
        }
        catch (FaultException e) when (e.Fault == Fault.VaultRefused)
        {
            Log.Refused(log, version);
            return null;
        }
    }

    private ECDsaSecurityKey PublicKey(VaultSigner signer)
    {
        var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(signer.PublicKeySpki, out _);
        return new ECDsaSecurityKey(key)
        {
            KeyId = signer.Version,
            CryptoProviderFactory = new CryptoProviderFactory { CustomCryptoProvider = crypto, CacheSignatureProviders = false },
        };
    }

    private static partial class Log
    {
        [LoggerMessage(70, LogLevel.Information, "tokens are signed by version {Version}; {Count} published")]
        public static partial void Keys(ILogger log, string version, int count);

        [LoggerMessage(71, LogLevel.Warning, "the signing keys could not be looked at: {Reason}")]
        public static partial void Stale(ILogger log, string reason);

        [LoggerMessage(72, LogLevel.Warning, "the vault does not give version {Version} of the signing key: out of use")]
        public static partial void Refused(ILogger log, string version);
    }
}
