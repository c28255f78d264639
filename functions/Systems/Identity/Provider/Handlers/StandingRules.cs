using Notary.Identity.Stores;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;
using TokenHandlers = OpenIddict.Server.OpenIddictServerHandlers.Exchange;
using UserInfoHandlers = OpenIddict.Server.OpenIddictServerHandlers.UserInfo;

namespace Notary.Identity.Provider.Handlers;

/// <summary>A token is issued, and a claim given, by where the user stands now, not by where he stood when he signed in.</summary>
internal sealed class StandingRules(
    IOpenIddictAuthorizationManager grants, ClientDirectory clients, UserDirectory people, LoginOptions options, TimeProvider clock)
    : IOpenIddictServerHandler<HandleTokenRequestContext>, IOpenIddictServerHandler<HandleUserInfoRequestContext>
{
    public static void Add(OpenIddictServerBuilder server)
    {
        server.AddEventHandler<HandleTokenRequestContext>(
            b => b.UseScopedHandler<StandingRules>().SetOrder(TokenHandlers.AttachPrincipal.Descriptor.Order + 500));
        server.AddEventHandler<HandleUserInfoRequestContext>(
            b => b.UseScopedHandler<StandingRules>().SetOrder(UserInfoHandlers.AttachClaims.Descriptor.Order + 500));
    }

    public async ValueTask HandleAsync(HandleTokenRequestContext context)
    {
        if (context.Principal is not { } principal || await FindAsync(principal.GetAuthorizationId(), context.CancellationToken) is not { } found)
        {
            context.Reject(Errors.InvalidGrant, "The user or what he allowed is not there any more.");
            return;
        }

        var (grant, client, standing) = found;
        var scopes = LoginScopes.Grantable(grant.Scopes, client, grant.Tenant, standing.Role).ToList();
        LoginClaims.SetStanding(principal, scopes, standing, options);
        var left = grant.EndsAt - clock.GetUtcNow();
        principal.SetRefreshTokenLifetime(left < Lifetimes.Refresh ? left : Lifetimes.Refresh);
    }

    public async ValueTask HandleAsync(HandleUserInfoRequestContext context)
    {
        if (await FindAsync(context.AccessTokenPrincipal.GetAuthorizationId(), context.CancellationToken) is not { } found)
        {
            context.Reject(Errors.InvalidToken, "The user or what he allowed is not there any more.");
            return;
        }

        if (!context.AccessTokenPrincipal.HasScope(Scopes.Profile))
            return;

        context.Claims[Claims.Name] = found.Standing.Name;
        context.Claims[Claims.Role] = LoginClaims.NameOf(found.Standing.Role);
        if (found.Grant.Tenant is { } tenant)
            context.Claims[LoginClaims.Tenant] = tenant;
    }

    // The manager has the grant from judging the token, a moment ago.
    private async ValueTask<(Grant Grant, Client Client, Standing Standing)?> FindAsync(string? id, CancellationToken cancel)
        => id is not null && await grants.FindByIdAsync(id, cancel) is Grant grant
            && await clients.FindAsync(grant.Client, cancel) is { } client
            && await people.Standing(grant.Person, grant.Tenant, cancel) is { } standing ? (grant, client, standing) : null;
}
