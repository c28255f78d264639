using System.Collections.Concurrent;

namespace Notary.Host.Access;

/// <summary>Decides who a request speaks for (RFC 6750 §2.1 bearer tokens).</summary>
/// <remarks>
/// A key's row is remembered for <see cref="CacheTime"/>: that is also how long a revoked key may still work on an
/// instance that has just used it. Refusals say nothing about why: an unknown, a wrong, an expired and a revoked key
/// answer alike.
/// </remarks>
internal sealed class Authenticator(ApiKeyStore keys, TenantStore tenants, RateLimits limits, HostSettings settings, TimeProvider clock)
{
    /// <summary>The documented latency of a revocation.</summary>
    public static readonly TimeSpan CacheTime = TimeSpan.FromSeconds(5);

    // Strangers can make up prefixes faster than they expire; past this the cache starts anew.
    private const int MaxCached = 10_000;

    private readonly ConcurrentDictionary<string, Entry> cache = new(StringComparer.Ordinal);

    // Requests that find a row too old at the same moment share one look.
    private readonly ConcurrentDictionary<string, Lazy<Task<Entry>>> reading = new(StringComparer.Ordinal);

    private sealed record Entry(StoredKey? Key, Tenant? Tenant, long ReadAt);

    /// <summary>Lets the request through or throws Unauthenticated or Forbidden. Sets <see cref="Caller"/> for a tenant.</summary>
    public async Task DemandAsync(HttpContext http, AccessRule rule, CancellationToken cancel)
    {
        switch (rule)
        {
            case AccessRule.Public or AccessRule.Probe:
                return;

            case AccessRule.Operator:
                var presented = Bearer(http);
                if (IsOperator(presented))
                    return;

                await TenantAsync(http, presented, cancel);
                throw new FaultException(Fault.Forbidden, "this needs the operator's key");

            case AccessRule.Tenant(var scope):
                var token = Bearer(http);
                if (IsOperator(token))
                    throw new FaultException(Fault.Forbidden, "the operator's key does not open tenants' deposits");

                var caller = await TenantAsync(http, token, cancel);
                http.Features.Set(caller);
                if (!caller.Scopes.Contains(scope))
                    throw new FaultException(Fault.Forbidden, $"the key lacks the scope {scope.ToString().ToLowerInvariant()}");

                return;

            default:
                throw new InvalidOperationException($"unhandled {rule}");
        }
    }

    /// <summary>The operator's key as presented, once <see cref="DemandAsync"/> has let it through.</summary>
    public static string Bearer(HttpContext http)
    {
        const string scheme = "Bearer ";
        return http.Request.Headers.Authorization is [{ } one] && one.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) && one.Length > scheme.Length
            ? one[scheme.Length..].Trim()
            : throw Unauthenticated();
    }

    private bool IsOperator(string token)
        => CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(token)), settings.Access.OperatorKeyHash);

    private async Task<Caller> TenantAsync(HttpContext http, string token, CancellationToken cancel)
    {
        if (!ApiKey.TryParse(token, out var key))
            throw Unauthenticated();

        if (!cache.TryGetValue(key.Prefix, out var entry) || clock.GetElapsedTime(entry.ReadAt) >= CacheTime)
        {
            // Whoever makes up keys pays for the looks they cost.
            limits.DemandOfClient(http);
            entry = await ReadOnceAsync(key.Prefix, cancel);
        }

        return entry is { Key: { } stored, Tenant: { } tenant } && key.Matches(stored.Hash) && stored.IsLive(clock.GetUtcNow())
            ? new Caller(tenant, stored.View.Scopes)
            : throw Unauthenticated();
    }

    private async Task<Entry> ReadOnceAsync(string prefix, CancellationToken cancel)
    {
        // Not under one caller's token: the others still want the answer when he has gone.
        var look = reading.GetOrAdd(prefix, p => new(() => ReadAsync(p, CancellationToken.None)));
        try
        {
            return await look.Value.WaitAsync(cancel);
        }
        finally
        {
            reading.TryRemove(new(prefix, look));
        }
    }

    private async Task<Entry> ReadAsync(string prefix, CancellationToken cancel)
    {
        // Before the read: a revocation that lands during it must not be hidden for longer than CacheTime.
        var readAt = clock.GetTimestamp();
        var stored = await keys.FindAsync(prefix, cancel);
        var tenant = stored is null ? null : await tenants.FindAsync(stored.TenantId, cancel);
        var entry = new Entry(stored, tenant is null ? null : new Tenant(tenant.Id, tenant.Name, tenant.Did), readAt);
        if (cache.Count >= MaxCached)
            cache.Clear();

        cache[prefix] = entry;
        return entry;
    }

    private static FaultException Unauthenticated() => new(Fault.Unauthenticated, "this needs a valid key in Authorization: Bearer");
}
