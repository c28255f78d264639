using System.Security.Claims;
using Microsoft.IdentityModel.JsonWebTokens;
using Notary.Identity.People;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Notary.Identity.Provider;

/// <summary>What tokens say about a user. His own id is in none of them: a client knows him by a subject that is its own.</summary>
internal static class LoginClaims
{
    /// <summary>The tenant's id.</summary>
    public const string Tenant = "tenant";

    // In codes and refresh tokens, which nobody but us can read.
    private const string Kept = "key";
    private const string Shown = "shown_key";

    // RFC 7800 §3.1.
    private const string Confirmation = "cnf";
    private const string Thumbprint = "jkt";

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

    /// <summary>Binds what is issued from a principal: its codes and refresh tokens to one key, its access tokens to the other. Null binds to none.</summary>
    public static void Bind(ClaimsPrincipal principal, string? kept, string? shown)
    {
        principal.SetClaim(Kept, kept).SetClaim(Shown, shown);
        principal.FindFirst(Shown)?.SetDestinations(Destinations.AccessToken);
    }

    /// <summary>Writes into an access token to which key it is bound (RFC 9449 §6.1). Earlier than this OpenIddict drops it.</summary>
    public static void Confirm(ClaimsPrincipal accessToken)
    {
        if (accessToken.GetClaim(Shown) is not { } key)
            return;

        accessToken.RemoveClaims(Shown);
        var json = JsonSerializer.Serialize(new Dictionary<string, string> { [Thumbprint] = key });
        ((ClaimsIdentity)accessToken.Identity!).AddClaim(new Claim(Confirmation, json, JsonClaimValueTypes.Json));
    }

    /// <summary>The token itself still says it: <see cref="KeyOf(string)"/>.</summary>
    public static void ForgetConfirmation(ClaimsPrincipal accessToken) => accessToken.RemoveClaims(Confirmation);

    /// <summary>The key that a code or refresh token is bound to, or null.</summary>
    public static string? BoundKey(ClaimsPrincipal principal) => principal.GetClaim(Kept);

    /// <summary>The key that an access token of ours is bound to, or null. The token has been judged.</summary>
    public static string? KeyOf(string accessToken) => KeyOf(new JsonWebToken(accessToken));

    public static string? KeyOf(JsonWebToken accessToken)
        => accessToken.TryGetPayloadValue<JsonElement>(Confirmation, out var confirmation) && confirmation.TryGetProperty(Thumbprint, out var key)
            ? key.GetString() : null;

    public static string NameOf(Role role) => role.ToString().ToLowerInvariant();
}
