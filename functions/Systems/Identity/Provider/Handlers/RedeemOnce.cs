using Notary.Identity.Stores;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;
using static OpenIddict.Server.OpenIddictServerHandlers;

namespace Notary.Identity.Provider.Handlers;

/// <summary>Spends what a request was made with: a pushed request, a code, a refresh token. Stands in place of OpenIddict's own handler.</summary>
/// <remarks>That one lets both of two refreshes at the same moment pass, and takes a failure of storage for "spent". Here one of them passes; the
/// other is what a stolen token looks like, so the whole chain ends (RFC 9700 §4.14.2).</remarks>
internal sealed class RedeemOnce(Grants grants, IOpenIddictTokenManager tokens) : IOpenIddictServerHandler<ProcessSignInContext>
{
    public static void Add(OpenIddictServerBuilder server)
    {
        server.RemoveEventHandler(RedeemTokenEntry.Descriptor);
        server.AddEventHandler<ProcessSignInContext>(b => b.UseScopedHandler<RedeemOnce>().SetOrder(RedeemTokenEntry.Descriptor.Order));
    }

    public async ValueTask HandleAsync(ProcessSignInContext context)
    {
        var presented = context.Transaction.GetProperty<ProcessAuthenticationContext>(typeof(ProcessAuthenticationContext).FullName!);
        var principal = context.EndpointType switch
        {
            OpenIddictServerEndpointType.Authorization => presented?.RequestTokenPrincipal,
            OpenIddictServerEndpointType.Token => presented?.AuthorizationCodePrincipal ?? presented?.RefreshTokenPrincipal,
            _ => null,
        };
        if (principal?.GetTokenId() is not { } id)
            return;

        // The manager has the row from judging the token; whoever changed it since then was faster.
        if (await tokens.FindByIdAsync(id, context.CancellationToken) is IssuedToken token && await grants.RedeemAsync(token, context.CancellationToken))
            return;

        if (principal.GetAuthorizationId() is { } grant)
            await grants.RevokeAsync(grant, context.CancellationToken);

        context.Reject(context.EndpointType == OpenIddictServerEndpointType.Token ? Errors.InvalidGrant : Errors.InvalidRequestUri,
            "It has been used already.");
    }
}
