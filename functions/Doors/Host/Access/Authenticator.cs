using System.Collections.Concurrent;
using Notary.Audit;
using Notary.Forensics.Agents;
using Notary.Identity.People;
using Notary.Identity.Provider;

namespace Notary.Host.Access;

/// <summary>Decides who a request speaks for (RFC 6750 §2.1 bearer tokens): API keys here, access tokens by way of the login centre,
/// and whoever is signed in at our own pages.</summary>
/// <remarks>
/// A key's row is remembered for <see cref="CacheTime"/>: that is also how long a revoked key may still work on an
/// instance that has just used it. Refusals say nothing about why: an unknown, a wrong, an expired and a revoked key
/// answer alike, and so do tokens.
/// </remarks>
internal sealed class Authenticator(
    ApiKeyStore keys, TenantStore tenants, LoginDoor login, StaffTrail trail, RateLimits limits, HostSettings settings, TimeProvider clock)
{
    /// <summary>The documented latency of a revocation.</summary>
    public static readonly TimeSpan CacheTime = TimeSpan.FromSeconds(5);

    // Strangers can make up prefixes faster than they expire; past this the cache starts anew.
    private const int MaxCached = 10_000;

    private readonly ConcurrentDictionary<string, Entry> cache = new(StringComparer.Ordinal);

    // Requests that find a row too old at the same moment share one look.
    private readonly ConcurrentDictionary<string, Lazy<Task<Entry>>> reading = new(StringComparer.Ordinal);

    private sealed record Entry(StoredKey? Key, Tenant? Tenant, long ReadAt)
    {
        private int marked;

        /// <summary>True for one of those who ask.</summary>
        public bool TryMark() => Interlocked.Exchange(ref marked, 1) == 0;
    }

    /// <summary>Lets the request through or throws Unauthenticated or Forbidden. Sets <see cref="Caller"/> for a tenant.</summary>
    public async Task DemandAsync(HttpContext http, AccessRule rule, CancellationToken cancel)
    {
        switch (rule)
        {
            case AccessRule.Public or AccessRule.Probe or AccessRule.Login:
                return;

            case AccessRule.Operator:
                var presented = Bearer(http);
                if (IsOperator(http, presented))
                    return;

                await TenantAsync(http, presented, cancel);
                throw new FaultException(Fault.Forbidden, "this needs the operator's key");

            case AccessRule.Agent:
                await AgentAsync(http, Bearer(http), cancel);
                return;

            case AccessRule.Tenant(var scope):
                var caller = await SignedInAsync(http, cancel) ?? await KeyOrTokenAsync(http, cancel);
                http.Features.Set(caller);
                if (!caller.Scopes.Contains(scope))
                    throw new FaultException(Fault.Forbidden, $"the key or token lacks the scope {scope.ToString().ToLowerInvariant()}");

                return;

            default:
                throw new InvalidOperationException($"unhandled {rule}");
        }
    }

    private async Task AgentAsync(HttpContext http, string key, CancellationToken cancel)
    {
        // What could be no key costs no look.
        if (RemoteAgents.CouldBeKey(key) && (await http.RequestServices.GetRequiredService<Rooms>().OpenAsync(cancel)).Sessions is { } sessions
            && DepositId.TryParse((string?)http.GetRouteValue("session") ?? "", out var id)
            && await sessions.Agents.AdmitsAsync(id, key, cancel))
            return;

        // Whoever makes up keys pays for the looks they cost.
        limits.DemandOfClient(http);
        throw Unauthenticated();
    }

    private async Task<Caller> KeyOrTokenAsync(HttpContext http, CancellationToken cancel)
    {
        // RFC 9449 §7.1.
        if (Presented(http, ShownProof.Name + " ") is { } bound)
            return await MemberAsync(http, bound, ShownProof.Of(http.Request, ProblemMiddleware.MethodOf(http), settings.Office.PublicUrl), cancel);

        var token = Bearer(http);
        return IsOperator(http, token)
            ? throw new FaultException(Fault.Forbidden, "the operator's key does not open tenants' deposits")
            : await TenantAsync(http, token, cancel);
    }

    /// <summary>A tenant's member at one of our pages: his session stands in a key's place, and what is not a GET needs the page's token.</summary>
    private async Task<Caller?> SignedInAsync(HttpContext http, CancellationToken cancel)
    {
        if (http.Request.Headers.Authorization.Count > 0 || http.Request.Cookies.Count == 0)
            return null;

        var people = http.RequestServices.GetRequiredService<PeopleRoom>();
        if (await people.Sessions.FindAsync(http, cancel) is not { Tenant: { } id } who)
            return null;

        if (!HttpMethods.IsGet(http.Request.Method))
            people.Antiforgery.DemandSession(http, http.Request.Headers[Antiforgery.Header]);

        return await OfTenantAsync(id, who.Role == Role.Viewer ? [Scope.Read] : [Scope.Read, Scope.Write], cancel);
    }

    /// <summary>The operator's key as presented, once <see cref="DemandAsync"/> has let it through.</summary>
    public static string Bearer(HttpContext http) => Presented(http, "Bearer ") ?? throw Unauthenticated();

    private static string? Presented(HttpContext http, string scheme)
        => http.Request.Headers.Authorization is [{ } one] && one.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) && one.Length > scheme.Length
            ? one[scheme.Length..].Trim() : null;

    private bool IsOperator(HttpContext http, string token)
    {
        var holds = CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(token)), settings.Access.OperatorKeyHash);
        if (holds)
            trail.Notice(http, TrailWho.HolderOfKey);

        return holds;
    }

    private async Task<Caller> TenantAsync(HttpContext http, string token, CancellationToken cancel)
    {
        if (!ApiKey.TryParse(token, out var key))
            return await MemberAsync(http, token, shown: null, cancel);

        if (!cache.TryGetValue(key.Prefix, out var entry) || clock.GetElapsedTime(entry.ReadAt) >= CacheTime)
        {
            // Whoever makes up keys pays for the looks they cost.
            limits.DemandOfClient(http);
            entry = await ReadOnceAsync(key.Prefix, () => ReadAsync(key.Prefix), cancel);
        }

        var now = clock.GetUtcNow();
        if (entry is not { Key: { } stored, Tenant: { } tenant } || !key.Matches(stored.Hash) || !stored.IsLive(now))
            throw Unauthenticated();

        if (stored.IsUseNews(now) && entry.TryMark())
            await MarkUsedAsync(stored, now, cancel);

        return new Caller(tenant, stored.View.Scopes);
    }

    private async Task MarkUsedAsync(StoredKey key, DateTimeOffset now, CancellationToken cancel)
    {
        try
        {
            await keys.MarkUsedAsync(key, now, cancel);
        }
        catch (RequestFailedException)
        {
            // Nobody is refused because his being here could not be noted.
        }
    }

    private async Task<Caller> MemberAsync(HttpContext http, string token, ShownProof? shown, CancellationToken cancel)
    {
        if (!login.CouldBeToken(token))
            throw Unauthenticated();

        if (await login.FindCallerAsync(token, shown, cancel) is not { } member)
        {
            // Whoever makes up tokens pays for the signatures that are looked at.
            limits.DemandOfClient(http);
            throw Unauthenticated();
        }

        return await OfTenantAsync(member.Tenant, [.. member.Scopes.Select(ScopeOf)], cancel);
    }

    private async Task<Caller> OfTenantAsync(string id, IReadOnlyList<Scope> scopes, CancellationToken cancel)
        => await FindTenantAsync(id, cancel) is { } tenant ? new Caller(tenant, scopes) : throw Unauthenticated();

    private static Scope ScopeOf(string name) => name == "write" ? Scope.Write : Scope.Read;

    private async Task<Entry> ReadOnceAsync(string name, Func<Task<Entry>> read, CancellationToken cancel)
    {
        // Not under one caller's token: the others still want the answer when he has gone.
        var look = reading.GetOrAdd(name, _ => new(read));
        try
        {
            return await look.Value.WaitAsync(cancel);
        }
        finally
        {
            reading.TryRemove(new(name, look));
        }
    }

    private async Task<Entry> ReadAsync(string prefix)
    {
        // Before the read: a revocation that lands during it must not be hidden for longer than CacheTime.
        var readAt = clock.GetTimestamp();
        var stored = await keys.FindAsync(prefix, CancellationToken.None);
        return Remember(prefix, new Entry(stored, stored is null ? null : await FindTenantAsync(stored.TenantId, CancellationToken.None), readAt));
    }

    private async Task<Tenant?> FindTenantAsync(string id, CancellationToken cancel)
        => await tenants.FindAsync(id, cancel) is { } found ? found.Known : null;

    private Entry Remember(string name, Entry entry)
    {
        if (cache.Count >= MaxCached)
            cache.Clear();

        return cache[name] = entry;
    }

    private static FaultException Unauthenticated()
        => new(Fault.Unauthenticated, "this needs a valid key or access token in Authorization: Bearer");
}
