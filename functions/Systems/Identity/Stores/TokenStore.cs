using System.Collections.Immutable;
using OpenIddict.Abstractions;

namespace Notary.Identity.Stores;

/// <summary>Codes, refresh tokens and pushed requests as OpenIddict's tokens.</summary>
internal sealed class TokenStore(Grants grants, FreshGrant fresh) : IOpenIddictTokenStore<IssuedToken>
{
    private const int PruneAtOnce = 1000;

    public async ValueTask CreateAsync(IssuedToken token, CancellationToken cancellationToken)
        => await grants.AddAsync(token, fresh.Grant, cancellationToken);

    public async ValueTask UpdateAsync(IssuedToken token, CancellationToken cancellationToken) => await grants.UpdateAsync(token, cancellationToken);

    public async ValueTask<IssuedToken?> FindByIdAsync(string identifier, CancellationToken cancellationToken)
        => await grants.FindTokenAsync(identifier, cancellationToken);

    /// <summary>The whole chain, codes, refresh and access tokens alike: they are judged by their grant.</summary>
    public async ValueTask<long> RevokeByAuthorizationIdAsync(string identifier, CancellationToken cancellationToken)
    {
        await grants.RevokeAsync(identifier, cancellationToken);
        return 1;
    }

    public async ValueTask<long> PruneAsync(DateTimeOffset threshold, CancellationToken cancellationToken)
        => await grants.PruneAsync(PruneAtOnce, cancellationToken);

    public ValueTask<IssuedToken> InstantiateAsync(CancellationToken cancellationToken) => Value(new IssuedToken());

    public ValueTask<string?> GetApplicationIdAsync(IssuedToken token, CancellationToken cancellationToken) => Value(token.Client);

    public ValueTask<string?> GetAuthorizationIdAsync(IssuedToken token, CancellationToken cancellationToken) => Value(token.Grant);

    public ValueTask<DateTimeOffset?> GetCreationDateAsync(IssuedToken token, CancellationToken cancellationToken) => Value(token.CreatedAt);

    public ValueTask<DateTimeOffset?> GetExpirationDateAsync(IssuedToken token, CancellationToken cancellationToken) => Value(token.ExpiresAt);

    public ValueTask<string?> GetIdAsync(IssuedToken token, CancellationToken cancellationToken) => Value<string?>(token.Id);

    public ValueTask<string?> GetPayloadAsync(IssuedToken token, CancellationToken cancellationToken) => Value(token.Payload);

    public ValueTask<ImmutableDictionary<string, JsonElement>> GetPropertiesAsync(IssuedToken token, CancellationToken cancellationToken)
        => Value(ImmutableDictionary<string, JsonElement>.Empty);

    public ValueTask<DateTimeOffset?> GetRedemptionDateAsync(IssuedToken token, CancellationToken cancellationToken) => Value(token.RedeemedAt);

    /// <summary>None: see <see cref="TokenManager"/>.</summary>
    public ValueTask<string?> GetReferenceIdAsync(IssuedToken token, CancellationToken cancellationToken) => Value<string?>(null);

    public ValueTask<string?> GetStatusAsync(IssuedToken token, CancellationToken cancellationToken) => Value(token.Status);

    public ValueTask<string?> GetSubjectAsync(IssuedToken token, CancellationToken cancellationToken) => Value(token.Subject);

    public ValueTask<string?> GetTypeAsync(IssuedToken token, CancellationToken cancellationToken) => Value(token.Type);

    public ValueTask SetApplicationIdAsync(IssuedToken token, string? identifier, CancellationToken cancellationToken) => Set(token.Client = identifier);

    public ValueTask SetAuthorizationIdAsync(IssuedToken token, string? identifier, CancellationToken cancellationToken) => Set(token.Grant = identifier);

    public ValueTask SetCreationDateAsync(IssuedToken token, DateTimeOffset? date, CancellationToken cancellationToken) => Set(token.CreatedAt = date);

    public ValueTask SetExpirationDateAsync(IssuedToken token, DateTimeOffset? date, CancellationToken cancellationToken) => Set(token.ExpiresAt = date);

    public ValueTask SetPayloadAsync(IssuedToken token, string? payload, CancellationToken cancellationToken) => Set(token.Payload = payload);

    public ValueTask SetPropertiesAsync(IssuedToken token, ImmutableDictionary<string, JsonElement> properties, CancellationToken cancellationToken)
        => properties.IsEmpty ? default : throw NotHere();

    public ValueTask SetRedemptionDateAsync(IssuedToken token, DateTimeOffset? date, CancellationToken cancellationToken) => Set(token.RedeemedAt = date);

    public ValueTask SetReferenceIdAsync(IssuedToken token, string? identifier, CancellationToken cancellationToken)
        => identifier is null ? default : throw NotHere();

    public ValueTask SetStatusAsync(IssuedToken token, string? status, CancellationToken cancellationToken) => Set(token.Status = status);

    public ValueTask SetSubjectAsync(IssuedToken token, string? subject, CancellationToken cancellationToken) => Set(token.Subject = subject);

    public ValueTask SetTypeAsync(IssuedToken token, string? type, CancellationToken cancellationToken) => Set(token.Type = type);

    public ValueTask<long> CountAsync(CancellationToken cancellationToken) => throw NotHere();

    public ValueTask<long> CountAsync<TResult>(Func<IQueryable<IssuedToken>, IQueryable<TResult>> query, CancellationToken cancellationToken)
        => throw NotHere();

    public ValueTask DeleteAsync(IssuedToken token, CancellationToken cancellationToken) => throw NotHere();

    public IAsyncEnumerable<IssuedToken> FindAsync(string? subject, string? client, string? status, string? type, CancellationToken cancellationToken)
        => throw NotHere();

    public IAsyncEnumerable<IssuedToken> FindByApplicationIdAsync(string identifier, CancellationToken cancellationToken) => throw NotHere();

    public IAsyncEnumerable<IssuedToken> FindByAuthorizationIdAsync(string identifier, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask<IssuedToken?> FindByReferenceIdAsync(string identifier, CancellationToken cancellationToken) => throw NotHere();

    public IAsyncEnumerable<IssuedToken> FindBySubjectAsync(string subject, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask<TResult?> GetAsync<TState, TResult>(
        Func<IQueryable<IssuedToken>, TState, IQueryable<TResult>> query, TState state, CancellationToken cancellationToken) => throw NotHere();

    public IAsyncEnumerable<IssuedToken> ListAsync(int? count, int? offset, CancellationToken cancellationToken) => throw NotHere();

    public IAsyncEnumerable<TResult> ListAsync<TState, TResult>(
        Func<IQueryable<IssuedToken>, TState, IQueryable<TResult>> query, TState state, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask<long> RevokeAsync(string? subject, string? client, string? status, string? type, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask<long> RevokeByApplicationIdAsync(string identifier, CancellationToken cancellationToken = default) => throw NotHere();

    public ValueTask<long> RevokeBySubjectAsync(string subject, CancellationToken cancellationToken = default) => throw NotHere();

    private static ValueTask Set<T>(T ignored) => default;

    private static ValueTask<T> Value<T>(T value) => ValueTask.FromResult(value);

    private static NotSupportedException NotHere() => new("tokens are looked up by their id, and ended by their grant");
}
