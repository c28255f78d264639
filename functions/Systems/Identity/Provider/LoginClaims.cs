using System.Security.Claims;
using Notary.Identity.People;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Notary.Identity.Provider;

/// <summary>What tokens say about a user. His own id is in none of them: a client knows him by a subject that is its own.</summary>
internal static class LoginClaims
{
    /// <summary>The tenant's id.</summary>
    public const string Tenant = "tenant";

    /// <summary>What a code carries; OpenIddict makes each token from it.</summary>
    public static ClaimsPrincipal Of(string subject, SignedIn who, string grant)
    {
        var identity = new ClaimsIdentity("login", Claims.Name, Claims.Role);
        identity.AddClaim(new Claim(Claims.Subject, subject));
        identity.AddClaim(new Claim(Claims.AuthenticationTime, who.At.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), ClaimValueTypes.Integer64));
        if (who.Tenant is { } tenant)
            identity.AddClaim(new Claim(Tenant, tenant));

        var principal = new ClaimsPrincipal(identity);
        principal.SetAuthorizationId(grant);
        return principal;
    }

    /// <summary>Sets what may have changed since: scopes, audience, name and role.</summary>
    public static void SetStanding(ClaimsPrincipal principal, IReadOnlyCollection<string> scopes, Standing standing, LoginOptions options)
    {
        principal.SetScopes(scopes);
        principal.SetResources(scopes.Contains(LoginScopes.Read) || scopes.Contains(LoginScopes.Write) ? options.Audience : options.UserInfo);
        principal.SetClaim(Claims.Name, standing.Name).SetClaim(Claims.Role, NameOf(standing.Role));
        principal.SetDestinations(claim => claim.Type switch
        {
            Claims.Subject => [Destinations.AccessToken, Destinations.IdentityToken],
            Claims.AuthenticationTime => [Destinations.IdentityToken],
            Claims.Name or Claims.Role when scopes.Contains(Scopes.Profile) => [Destinations.IdentityToken],
            Tenant when scopes.Contains(Scopes.Profile) => [Destinations.AccessToken, Destinations.IdentityToken],
            Tenant => [Destinations.AccessToken],
            _ => [],
        });
    }

    public static string NameOf(Role role) => role.ToString().ToLowerInvariant();
}
