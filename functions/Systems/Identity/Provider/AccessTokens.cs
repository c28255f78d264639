using System.Collections.Concurrent;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Notary.Identity.Signing;
using Notary.Identity.Stores;

namespace Notary.Identity.Provider;

/// <summary>Whom an access token speaks for.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Scopes">Of <c>read</c> and <c>write</c>, what it opens.</param>
public sealed record TokenCaller(string Tenant, IReadOnlyList<string> Scopes);

/// <summary>Judges access tokens for the API (RFC 9068 §4): 1. signature, type, issuer, audience and time, all here; 2. the grant, in storage;
/// 3. the person, where he stands now; 4. where it is bound to a key, the proof of that key. A bound token is no bearer's (RFC 9449 §7.2).</summary>
/// <remarks>What 2 and 3 say is remembered for <see cref="CacheTime"/>: so long may a token still work after its grant has ended. The algorithm is
/// ours to choose, and the keys that a header offers (jwk, jku, x5u) are not looked at.</remarks>
internal sealed class AccessTokens(LoginOptions options, SigningRing ring, Grants grants, PossessionProofs proofs, UserDirectory people, TimeProvider clock)
{
    /// <summary>The documented latency of a revocation, the same as an API key's.</summary>
    public static readonly TimeSpan CacheTime = TimeSpan.FromSeconds(5);

    // Ours have some 700 bytes.
    private const int MaxLength = 4096;
    private const int MaxCached = 10_000;

    internal const string GrantClaim = "oi_au_id";
    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = MaxLength };
    private readonly ConcurrentDictionary<string, Entry> cache = new(StringComparer.Ordinal);

    private sealed record Entry(TokenCaller? Caller, long ReadAt);

    /// <summary>Whether it could be one: three parts with dots between.</summary>
    public static bool IsCandidate(string token) => token.Length <= MaxLength && token.Count(c => c == '.') == 2;

    /// <summary>The caller, or null: unknown, expired, revoked and forged tokens are alike.</summary>
    public async ValueTask<TokenCaller?> FindAsync(string token, ShownProof? shown, CancellationToken cancel)
    {
        // 1
        await ring.RefreshAsync(cancel);
        var result = await Handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            ValidTypes = ["at+jwt"],
            ValidIssuer = options.Issuer.AbsoluteUri,
            ValidAudience = options.Audience,
            IssuerSigningKeys = ring.Keys,
            TryAllIssuerSigningKeys = false,
            LifetimeValidator = (_, expires, _, _) => expires is { } end && clock.GetUtcNow().UtcDateTime < end,
        });
        if (!result.IsValid || result.SecurityToken is not JsonWebToken jwt || !jwt.TryGetPayloadValue<string>(GrantClaim, out var grant)
            || !jwt.TryGetPayloadValue<string>("scope", out var scope))
        {
            return null;
        }

        if (!cache.TryGetValue(grant, out var entry) || clock.GetElapsedTime(entry.ReadAt) >= CacheTime)
            entry = await ReadAsync(grant, cancel);

        if (entry.Caller is not { } caller || !jwt.TryGetPayloadValue<string>("tenant", out var tenant) || tenant != caller.Tenant)
            return null;

        // 4
        var bound = LoginClaims.KeyOf(jwt);
        return (bound is null) == (shown is null) && (shown is null || await proofs.JudgeAsync(shown, token, cancel) == bound)
            ? caller with { Scopes = [.. caller.Scopes.Intersect(scope.Split(' '))] } : null;
    }

    private async Task<Entry> ReadAsync(string id, CancellationToken cancel)
    {
        // Before the read: a revocation that lands during it must not be hidden for longer than CacheTime.
        var readAt = clock.GetTimestamp();
        TokenCaller? caller = null;

        // 2, 3
        if (await grants.FindLiveAsync(id, cancel) is { Grant: { Tenant: { } tenant } grant, Client: var client }
            && await people.Standing(grant.Person, tenant, cancel) is { } standing)
        {
            caller = new TokenCaller(tenant, [.. LoginScopes.Grantable(grant.Scopes, client, tenant, standing.Role)
                .Where(scope => scope is LoginScopes.Read or LoginScopes.Write)]);
        }

        var entry = new Entry(caller, readAt);
        if (cache.Count >= MaxCached)
            cache.Clear();

        cache[id] = entry;
        return entry;
    }
}
