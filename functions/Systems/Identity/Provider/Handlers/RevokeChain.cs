using Notary.Identity.Stores;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;
using static OpenIddict.Server.OpenIddictServerHandlers.Revocation;

namespace Notary.Identity.Provider.Handlers;

/// <summary>A client that gives back a token, of whichever kind, gives back the grant (RFC 7009 §2.1). Stands in place of OpenIddict's own handler.</summary>
internal sealed class RevokeChain(Grants grants) : IOpenIddictServerHandler<HandleRevocationRequestContext>
{
    public static void Add(OpenIddictServerBuilder server)
    {
        server.RemoveEventHandler(RevokeToken.Descriptor);
        server.AddEventHandler<HandleRevocationRequestContext>(b => b.UseSingletonHandler<RevokeChain>().SetOrder(RevokeToken.Descriptor.Order));
    }

    public async ValueTask HandleAsync(HandleRevocationRequestContext context)
    {
        if (context.GenericTokenPrincipal.GetAuthorizationId() is { } grant)
            await grants.RevokeAsync(grant, context.CancellationToken);
    }
}
