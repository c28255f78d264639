using System.Collections.Immutable;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Notary.Identity.Stores;

/// <summary>Clients as OpenIddict's applications: it reads them, <see cref="ClientDirectory"/> writes them.</summary>
internal sealed class ClientStore(ClientDirectory clients) : IOpenIddictApplicationStore<Client>
{
    private static readonly ImmutableArray<string> Allowed =
    [
        Permissions.Endpoints.Authorization, Permissions.Endpoints.PushedAuthorization, Permissions.Endpoints.Token,
        Permissions.Endpoints.Revocation, Permissions.Endpoints.EndSession,
        Permissions.GrantTypes.AuthorizationCode, Permissions.ResponseTypes.Code,
    ];

    public async ValueTask<Client?> FindByClientIdAsync(string identifier, CancellationToken cancellationToken)
        => await clients.FindAsync(identifier, cancellationToken);

    public async ValueTask<Client?> FindByIdAsync(string identifier, CancellationToken cancellationToken)
        => await clients.FindAsync(identifier, cancellationToken);

    public ValueTask<string?> GetApplicationTypeAsync(Client application, CancellationToken cancellationToken)
        => Value<string?>(ApplicationTypes.Web); // "native" would let the port vary (RFC 8252 §7.3): here an address is compared whole.

    public ValueTask<string?> GetClientIdAsync(Client application, CancellationToken cancellationToken) => Value<string?>(application.Id);

    public ValueTask<string?> GetClientSecretAsync(Client application, CancellationToken cancellationToken)
        => Value(application.SecretHash is { } hash ? Convert.ToHexStringLower(hash) : null);

    public ValueTask<string?> GetClientTypeAsync(Client application, CancellationToken cancellationToken)
        => Value<string?>(application.SecretHash is null ? ClientTypes.Public : ClientTypes.Confidential);

    public ValueTask<string?> GetConsentTypeAsync(Client application, CancellationToken cancellationToken) => Value<string?>(ConsentTypes.Explicit);

    public ValueTask<string?> GetDisplayNameAsync(Client application, CancellationToken cancellationToken) => Value<string?>(application.View.Name);

    public ValueTask<ImmutableDictionary<CultureInfo, string>> GetDisplayNamesAsync(Client application, CancellationToken cancellationToken)
        => Value(ImmutableDictionary<CultureInfo, string>.Empty);

    public ValueTask<string?> GetIdAsync(Client application, CancellationToken cancellationToken) => Value<string?>(application.Id);

    public ValueTask<JsonWebKeySet?> GetJsonWebKeySetAsync(Client application, CancellationToken cancellationToken) => Value<JsonWebKeySet?>(null);

    public ValueTask<ImmutableArray<string>> GetPermissionsAsync(Client application, CancellationToken cancellationToken)
        => Value(application.View.Scopes.Contains(Scopes.OfflineAccess) ? Allowed.Add(Permissions.GrantTypes.RefreshToken) : Allowed);

    public ValueTask<ImmutableArray<string>> GetPostLogoutRedirectUrisAsync(Client application, CancellationToken cancellationToken)
        => Value(application.View.LogoutUris.ToImmutableArray());

    public ValueTask<ImmutableDictionary<string, JsonElement>> GetPropertiesAsync(Client application, CancellationToken cancellationToken)
        => Value(ImmutableDictionary<string, JsonElement>.Empty);

    public ValueTask<ImmutableArray<string>> GetRedirectUrisAsync(Client application, CancellationToken cancellationToken)
        => Value(application.View.RedirectUris.ToImmutableArray());

    public ValueTask<ImmutableArray<string>> GetRequirementsAsync(Client application, CancellationToken cancellationToken)
        => Value<ImmutableArray<string>>(application.View.MustPush
            ? [Requirements.Features.ProofKeyForCodeExchange, Requirements.Features.PushedAuthorizationRequests]
            : [Requirements.Features.ProofKeyForCodeExchange]);

    public ValueTask<ImmutableDictionary<string, string>> GetSettingsAsync(Client application, CancellationToken cancellationToken)
        => Value(ImmutableDictionary<string, string>.Empty);

    // A client is found by its id alone: an address does not tell whose it is.
    public IAsyncEnumerable<Client> FindByPostLogoutRedirectUriAsync(string uri, CancellationToken cancellationToken) => AsyncEnumerable.Empty<Client>();

    public IAsyncEnumerable<Client> FindByRedirectUriAsync(string uri, CancellationToken cancellationToken) => AsyncEnumerable.Empty<Client>();

    public ValueTask<long> CountAsync(CancellationToken cancellationToken) => throw NotHere();

    public ValueTask<long> CountAsync<TResult>(Func<IQueryable<Client>, IQueryable<TResult>> query, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask CreateAsync(Client application, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask DeleteAsync(Client application, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask<TResult?> GetAsync<TState, TResult>(
        Func<IQueryable<Client>, TState, IQueryable<TResult>> query, TState state, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask<Client> InstantiateAsync(CancellationToken cancellationToken) => throw NotHere();

    public IAsyncEnumerable<Client> ListAsync(int? count, int? offset, CancellationToken cancellationToken) => throw NotHere();

    public IAsyncEnumerable<TResult> ListAsync<TState, TResult>(
        Func<IQueryable<Client>, TState, IQueryable<TResult>> query, TState state, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask SetApplicationTypeAsync(Client application, string? type, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask SetClientIdAsync(Client application, string? identifier, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask SetClientSecretAsync(Client application, string? secret, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask SetClientTypeAsync(Client application, string? type, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask SetConsentTypeAsync(Client application, string? type, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask SetDisplayNameAsync(Client application, string? name, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask SetDisplayNamesAsync(Client application, ImmutableDictionary<CultureInfo, string> names, CancellationToken cancellationToken)
        => throw NotHere();

    public ValueTask SetJsonWebKeySetAsync(Client application, JsonWebKeySet? set, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask SetPermissionsAsync(Client application, ImmutableArray<string> permissions, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask SetPostLogoutRedirectUrisAsync(Client application, ImmutableArray<string> uris, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask SetPropertiesAsync(Client application, ImmutableDictionary<string, JsonElement> properties, CancellationToken cancellationToken)
        => throw NotHere();

    public ValueTask SetRedirectUrisAsync(Client application, ImmutableArray<string> uris, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask SetRequirementsAsync(Client application, ImmutableArray<string> requirements, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask SetSettingsAsync(Client application, ImmutableDictionary<string, string> settings, CancellationToken cancellationToken) => throw NotHere();

    public ValueTask UpdateAsync(Client application, CancellationToken cancellationToken) => throw NotHere();

    private static ValueTask<T> Value<T>(T value) => ValueTask.FromResult(value);

    private static NotSupportedException NotHere() => new("clients are registered through their directory");
}
