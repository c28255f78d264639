using Notary.Identity.Stores;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;
using static OpenIddict.Server.OpenIddictServerHandlers.Authentication;

namespace Notary.Identity.Provider.Handlers;

/// <summary>A client may ask for what it is registered with, pushed or not (RFC 6749 §4.1.2.1, invalid_scope).</summary>
internal sealed class ScopeRules(ClientDirectory clients)
    : IOpenIddictServerHandler<ValidateAuthorizationRequestContext>, IOpenIddictServerHandler<ValidatePushedAuthorizationRequestContext>
{
    public static void Add(OpenIddictServerBuilder server)
    {
        server.AddEventHandler<ValidateAuthorizationRequestContext>(b => b.UseSingletonHandler<ScopeRules>().SetOrder(ValidateScopes.Descriptor.Order));
        server.AddEventHandler<ValidatePushedAuthorizationRequestContext>(
            b => b.UseSingletonHandler<ScopeRules>().SetOrder(ValidatePushedScopes.Descriptor.Order));
    }

    public ValueTask HandleAsync(ValidateAuthorizationRequestContext context) => CheckAsync(context, context.Request);

    public ValueTask HandleAsync(ValidatePushedAuthorizationRequestContext context) => CheckAsync(context, context.Request);

    private async ValueTask CheckAsync(BaseValidatingContext context, OpenIddictRequest request)
    {
        var scopes = request.GetScopes();
        if (scopes.IsEmpty || request.ClientId is not { } id || await clients.FindAsync(id, context.CancellationToken) is not { } client
            || !scopes.All(client.View.Scopes.Contains))
        {
            context.Reject(Errors.InvalidScope, "The client is not registered for what it asks for.");
        }
    }
}
