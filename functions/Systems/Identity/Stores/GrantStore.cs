using System.Collections.Immutable;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Notary.Identity.Stores;

/// <summary>Grants as OpenIddict's authorizations: the authorization endpoint makes them, OpenIddict asks whether they are good.</summary>
internal sealed class GrantStore(Grants grants) : IOpenIddictAuthorizationStore<Grant>
{
    private const int PruneAtOnce = 1000;

    /// <summary>A grant that is not good is none: codes and tokens of it are refused.</summary>
    public async ValueTask<Grant?> FindByIdAsync(string identifier, CancellationToken cancellationToken)
        => (await grants.FindLiveAsync(identifier, cancellationToken))?.Grant;

    public ValueTask<string?> GetApplicationIdAsync(Grant authorization, CancellationToken cancellationToken) => Value<string?>(authorization.Client);

    public ValueTask<DateTimeOffset?> GetCreationDateAsync(Grant authorization, CancellationToken cancellationToken)
        => Value<DateTimeOffset?>(authorization.CreatedAt);

    public ValueTask<string?> GetIdAsync(Grant authorization, CancellationToken cancellationToken) => Value<string?>(authorization.Id);

    public ValueTask<ImmutableDictionary<string, JsonElement>> GetPropertiesAsync(Grant authorization, CancellationToken cancellationToken)
        => Value(ImmutableDictionary<string, JsonElement>.Empty);

    public ValueTask<ImmutableArray<string>> GetScopesAsync(Grant authorization, CancellationToken cancellationToken)
        => Value(authorization.Scopes.ToImmutableArray());

    public ValueTask<string?> GetStatusAsync(Grant authorization, CancellationToken cancellationToken)
        => Value<string?>(authorization.Revoked ? Statuses.Revoked : Statuses.Valid);

    public ValueTask<string?> GetSubjectAsync(Grant authorization, CancellationToken cancellationToken) => Value<string?>(authorization.Subject);

    public ValueTask<string?> GetTypeAsync(Grant authorization, CancellationToken cancellationToken) => Value<string?>(AuthorizationTypes.AdHoc);

    public async ValueTask<long> PruneAsync(DateTimeOffset threshold, CancellationToken cancellationToken)
        => await grants.PruneAsync(PruneAtOnce, cancellationToken);

    public ValueTask<long> CountAsync(CancellationToken cancellationToken) => throw NotHere();

    public ValueTask<long> CountAsync<TResult>(Func<IQueryable<Grant>, IQueryable<TResult>> query, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask CreateAsync(Grant authorization, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask DeleteAsync(Grant authorization, CancellationToken cancellationToken) => throw NotHere();

    public IAsyncEnumerable<Grant> FindAsync(
        string? subject, string? client, string? status, string? type, ImmutableArray<string>? scopes, CancellationToken cancellationToken) => throw NotHere();

    public IAsyncEnumerable<Grant> FindByApplicationIdAsync(string identifier, CancellationToken cancellationToken) => throw NotHere();

    public IAsyncEnumerable<Grant> FindBySubjectAsync(string subject, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask<TResult?> GetAsync<TState, TResult>(
        Func<IQueryable<Grant>, TState, IQueryable<TResult>> query, TState state, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask<Grant> InstantiateAsync(CancellationToken cancellationToken) => throw NotHere();

    public IAsyncEnumerable<Grant> ListAsync(int? count, int? offset, CancellationToken cancellationToken) => throw NotHere();

    public IAsyncEnumerable<TResult> ListAsync<TState, TResult>(
        Func<IQueryable<Grant>, TState, IQueryable<TResult>> query, TState state, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask<long> RevokeAsync(string? subject, string? client, string? status, string? type, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask<long> RevokeByApplicationIdAsync(string identifier, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask<long> RevokeBySubjectAsync(string subject, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask SetApplicationIdAsync(Grant authorization, string? identifier, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask SetCreationDateAsync(Grant authorization, DateTimeOffset? date, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask SetPropertiesAsync(Grant authorization, ImmutableDictionary<string, JsonElement> properties, CancellationToken cancellationToken)
        => throw NotHere();

    public ValueTask SetScopesAsync(Grant authorization, ImmutableArray<string> scopes, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask SetStatusAsync(Grant authorization, string? status, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask SetSubjectAsync(Grant authorization, string? subject, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask SetTypeAsync(Grant authorization, string? type, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask UpdateAsync(Grant authorization, CancellationToken cancellationToken) => throw NotHere();

    private static ValueTask<T> Value<T>(T value) => ValueTask.FromResult(value);

    private static NotSupportedException NotHere() => new("grants are made by the authorization endpoint and ended through their table");
}
