namespace Notary.Host.Access;

/// <summary>A key to create; both scopes when none are named. Never expires when <paramref name="ExpiresAt"/> is absent.</summary>
public sealed record NewKey(string? Label = null, IReadOnlyList<Scope>? Scopes = null, DateTimeOffset? ExpiresAt = null)
{
    internal const int MaxLabelLength = 100;

    /// <exception cref="FaultException">Malformed, saying what should be.</exception>
    internal void Demand()
    {
        if (Label is { } label && (label.Length > MaxLabelLength || label.Any(char.IsControl)))
            throw new FaultException(Fault.Malformed, $"label has at most {MaxLabelLength} characters and no control characters");

        if (Scopes is { } scopes && (scopes.Count is not (1 or 2) || scopes.Distinct().Count() != scopes.Count))
            throw new FaultException(Fault.Malformed, "scopes are write, read or both");
    }
}

/// <summary>How long the old key of a rotation stays valid, in seconds; a day when absent.</summary>
public sealed record Rotation(int? OverlapSeconds = null)
{
    internal const int DefaultOverlapSeconds = 24 * 3600;

    // Longer is not a rotation any more but two keys.
    internal const int MaxOverlapSeconds = 30 * 24 * 3600;

    internal int Seconds => OverlapSeconds ?? DefaultOverlapSeconds;

    /// <exception cref="FaultException">Malformed, saying what should be.</exception>
    internal void Demand()
    {
        if (Seconds is < 0 or > MaxOverlapSeconds)
            throw new FaultException(Fault.Malformed, $"overlapSeconds is 0 to {MaxOverlapSeconds}");
    }
}

/// <summary>A new key. <paramref name="Key"/> is shown in this answer and never again; <paramref name="Replaces"/> is the old key of a rotation.</summary>
public sealed record IssuedKey(string Key, ApiKeyView Info, ApiKeyView? Replaces);

/// <summary>A tenant's keys made, rotated and ended, the same way for the operator and for the tenant's owner.</summary>
/// <remarks>Whoever calls MUST have checked that the caller may, and what is wanted by its <c>Demand</c>: a refused request takes no seed. The same
/// seed and <c>presented</c> secret give the same key, so a request that is sent twice makes one; <c>presented</c> is the caller's
/// own secret, which is stored nowhere.</remarks>
internal sealed partial class KeyDesk(ApiKeyStore keys, TimeProvider clock)
{
    /// <summary>Keys in the order of their prefixes, those that have ended too.</summary>
    public Task<KeyPage> ListAsync(string tenant, string? after, int limit, CancellationToken cancel) => keys.ListAsync(tenant, after, limit, cancel);

    /// <summary>One of a tenant's keys.</summary>
    /// <exception cref="FaultException">NotFound, also when it is another's.</exception>
    public async Task<StoredKey> FindAsync(string tenant, string prefix, CancellationToken cancel)
        => Prefix().IsMatch(prefix) && await keys.FindAsync(prefix, cancel) is { } key && key.TenantId == tenant
            ? key : throw new FaultException(Fault.NotFound, ProblemMiddleware.NotFoundDetail);

    /// <summary>Makes a key.</summary>
    /// <exception cref="FaultException">Malformed: it would end before it begins; Conflict: the tenant has too many.</exception>
    public async Task<IssuedKey> CreateAsync(string tenant, NewKey wanted, RequestSeed seed, string presented, CancellationToken cancel)
    {
        if (wanted.ExpiresAt <= seed.At)
            throw new FaultException(Fault.Malformed, "expiresAt is in the future");

        var key = ApiKey.Derive(seed.Bytes, presented, tenant);
        var view = new ApiKeyView(key.Prefix, wanted.Label ?? "", wanted.Scopes ?? [Scope.Write, Scope.Read], seed.At, wanted.ExpiresAt, null);
        await AddAsync(tenant, key, view, cancel);
        return new IssuedKey(key.ToString(), view, null);
    }

    /// <summary>Makes a key in another's place, which goes on working for a while.</summary>
    /// <exception cref="FaultException">Conflict: the old one has ended, or the tenant has too many.</exception>
    public async Task<IssuedKey> RotateAsync(StoredKey old, Rotation wanted, RequestSeed seed, string presented, CancellationToken cancel)
    {
        var key = ApiKey.Derive(seed.Bytes, presented, $"{old.TenantId}\0{old.View.Prefix}");
        var overlap = seed.At.AddSeconds(wanted.Seconds);
        var end = old.View.ExpiresAt is { } earlier && earlier < overlap ? earlier : overlap;
        var view = new ApiKeyView(key.Prefix, old.View.Label, old.View.Scopes, seed.At, null, null);
        if (await keys.FindAsync(key.Prefix, cancel) is null && !old.IsLive(seed.At))
            throw new FaultException(Fault.Conflict, "the key has expired or is revoked: create another");

        // The new key first: a crash between leaves two keys for a while, never none.
        await AddAsync(old.TenantId, key, view, cancel);
        await keys.ExpireAsync(old, end, cancel);

        // What the first answer said: later changes to the old key, and its uses, do not alter a replay.
        return new IssuedKey(key.ToString(), view, old.View with { ExpiresAt = end, RevokedAt = null, UsedAt = null });
    }

    /// <summary>Ends a key for good, everywhere within <see cref="Authenticator.CacheTime"/>.</summary>
    public Task RevokeAsync(StoredKey key, CancellationToken cancel) => keys.RevokeAsync(key, clock.GetUtcNow(), cancel);

    /// <summary>Whether the text could name a key.</summary>
    public static bool IsPrefix(string text) => Prefix().IsMatch(text);

    private async Task AddAsync(string tenant, ApiKey key, ApiKeyView view, CancellationToken cancel)
    {
        if (await keys.FindAsync(key.Prefix, cancel) is null && await keys.CountLiveAsync(tenant, clock.GetUtcNow(), cancel) >= ApiKeyStore.MaxKeys)
            throw new FaultException(Fault.Conflict, $"the tenant has {ApiKeyStore.MaxKeys} live keys: revoke one first");

        await keys.AddAsync(new StoredKey(tenant, key.Hash(), view), cancel);
    }

    [GeneratedRegex("^[0-9a-f]{16}$", RegexOptions.CultureInvariant)]
    private static partial Regex Prefix();
}
