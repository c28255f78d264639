using Microsoft.AspNetCore;
using Notary.Identity.Stores;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;
using static OpenIddict.Server.OpenIddictServerHandlers;
using PushHandlers = OpenIddict.Server.OpenIddictServerHandlers.Authentication;
using TokenHandlers = OpenIddict.Server.OpenIddictServerHandlers.Exchange;

namespace Notary.Identity.Provider.Handlers;

/// <summary>Tokens bound to a key of the client's (RFC 9449), for whoever shows a proof of it. OpenIddict has none of this.</summary>
/// <remarks>
/// 1. A request may name the key (<c>dpop_jkt</c>), or show it where it is pushed: its code is then redeemed by that key alone. 2. The token endpoint binds the
/// access token to the key that is shown there; a public client's refresh tokens too (§5), a confidential one proves itself by its secret. 3. The
/// userinfo endpoint takes a bound token by its key alone, and a token that is not bound as a bearer's alone.
/// </remarks>
internal sealed class BoundTokens(PossessionProofs proofs, ClientDirectory clients, LoginOptions options)
    : IOpenIddictServerHandler<ValidatePushedAuthorizationRequestContext>, IOpenIddictServerHandler<ValidateAuthorizationRequestContext>,
        IOpenIddictServerHandler<HandleTokenRequestContext>, IOpenIddictServerHandler<ApplyTokenResponseContext>,
        IOpenIddictServerHandler<ExtractUserInfoRequestContext>, IOpenIddictServerHandler<HandleUserInfoRequestContext>,
        IOpenIddictServerHandler<ValidateTokenContext>, IOpenIddictServerHandler<HandleConfigurationRequestContext>
{
    public const string KeyParameter = "dpop_jkt";
    private const string InvalidProof = "invalid_dpop_proof";

    public static void Add(OpenIddictServerBuilder server)
    {
        server.AddEventHandler<ValidatePushedAuthorizationRequestContext>(
            b => b.UseSingletonHandler<BoundTokens>().SetOrder(PushHandlers.ValidatePushedScopes.Descriptor.Order + 500));
        server.AddEventHandler<ValidateAuthorizationRequestContext>(
            b => b.UseSingletonHandler<BoundTokens>().SetOrder(PushHandlers.ValidateScopes.Descriptor.Order + 500));
        server.AddEventHandler<HandleTokenRequestContext>(
            b => b.UseSingletonHandler<BoundTokens>().SetOrder(TokenHandlers.AttachPrincipal.Descriptor.Order + 600));
        server.AddEventHandler<ApplyTokenResponseContext>(b => b.UseSingletonHandler<BoundTokens>().SetOrder(int.MinValue));
        server.AddEventHandler<ExtractUserInfoRequestContext>(b => b.UseSingletonHandler<BoundTokens>().SetOrder(int.MaxValue - 100_000));
        server.AddEventHandler<HandleUserInfoRequestContext>(b => b.UseSingletonHandler<BoundTokens>().SetOrder(int.MinValue));
        server.AddEventHandler<ValidateTokenContext>(
            b => b.UseSingletonHandler<BoundTokens>().SetOrder(Protection.ValidateIdentityModelToken.Descriptor.Order + 500));
        server.AddEventHandler<HandleConfigurationRequestContext>(b => b.UseSingletonHandler<BoundTokens>().SetOrder(int.MaxValue - 100_000));
    }

    // 1
    public async ValueTask HandleAsync(ValidatePushedAuthorizationRequestContext context)
    {
        if (ShownIn(context) is { } shown)
        {
            var named = (string?)context.Request[KeyParameter];
            if (await proofs.JudgeAsync(shown, null, context.CancellationToken) is not { } key || (named is not null && named != key))
                Refuse(context);
            else
                context.Request[KeyParameter] = key;
        }
        else
        {
            DemandForm(context, context.Request);
        }
    }

    public ValueTask HandleAsync(ValidateAuthorizationRequestContext context)
    {
        DemandForm(context, context.Request);
        return default;
    }

    // 2
    public async ValueTask HandleAsync(HandleTokenRequestContext context)
    {
        var principal = context.Principal!;
        var bound = LoginClaims.BoundKey(principal);
        string? key = null;
        if (ShownIn(context) is { } shown && (key = await proofs.JudgeAsync(shown, null, context.CancellationToken)) is null)
        {
            Refuse(context);
            return;
        }

        if (bound is not null && bound != key)
        {
            context.Reject(Errors.InvalidGrant, "It is bound to another key than the one that is shown.");
            return;
        }

        // A refresh token carries what the code did.
        var keeps = key is not null && await clients.FindAsync(context.Request.ClientId!, context.CancellationToken) is { View.Confidential: false };
        LoginClaims.Bind(principal, keeps ? key : null, key);
    }

    public ValueTask HandleAsync(ApplyTokenResponseContext context)
    {
        if (context.Response.AccessToken is { } token && LoginClaims.KeyOf(token) is not null)
            context.Response.TokenType = ShownProof.Name;

        return default;
    }

    // 3
    public ValueTask HandleAsync(ExtractUserInfoRequestContext context)
    {
        if (context.Request is { AccessToken: null } request && TokenIn(context) is { } token)
            request.AccessToken = token;

        return default;
    }

    public async ValueTask HandleAsync(HandleUserInfoRequestContext context)
    {
        var (token, bound) = (TokenIn(context), LoginClaims.KeyOf(context.Request.AccessToken!));
        if (token is null && bound is null)
            return;

        if (token is null || bound is null || ShownIn(context) is not { } shown || await proofs.JudgeAsync(shown, token, context.CancellationToken) != bound)
            context.Reject(Errors.InvalidToken, "The token is bound to a key, and no good proof of that key came with it.");
    }

    public ValueTask HandleAsync(ValidateTokenContext context)
    {
        // OpenIddict knows certificates' confirmations alone, and fails on every other.
        if (context.Principal is { } principal)
            LoginClaims.ForgetConfirmation(principal);

        return default;
    }

    public ValueTask HandleAsync(HandleConfigurationRequestContext context)
    {
        context.Metadata["dpop_signing_alg_values_supported"] = new OpenIddictParameter([PossessionProofs.Algorithm]);
        return default;
    }

    private ShownProof? ShownIn(BaseContext context)
        => context.Transaction.GetHttpRequest() is { } http && http.Headers.ContainsKey(ShownProof.Name)
            ? ShownProof.Of(http, http.Method, options.Issuer) : null;

    private static string? TokenIn(BaseContext context)
        => context.Transaction.GetHttpRequest()?.Headers.Authorization is [{ } one] && one.StartsWith(ShownProof.Name + " ", StringComparison.OrdinalIgnoreCase)
            ? one[(ShownProof.Name.Length + 1)..].Trim() : null;

    private static void DemandForm(BaseValidatingContext context, OpenIddictRequest request)
    {
        if ((string?)request[KeyParameter] is { } key && !PossessionProofs.IsThumbprint(key))
            context.Reject(Errors.InvalidRequest, "dpop_jkt is a key's thumbprint by SHA-256, in base64url.");
    }

    private static void Refuse(BaseValidatingContext context) => context.Reject(InvalidProof, Why);

    private static void Refuse(HandleTokenRequestContext context) => context.Reject(InvalidProof, Why);

    private const string Why = "The DPoP proof is not good for this request, or was used before.";
}
