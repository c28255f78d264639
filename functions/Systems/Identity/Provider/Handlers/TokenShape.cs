using Microsoft.IdentityModel.Tokens;
using Notary.Identity.Signing;
using Notary.Identity.Stores;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;
using static OpenIddict.Server.OpenIddictServerHandlers.Protection;

namespace Notary.Identity.Provider.Handlers;

/// <summary>How each kind of token is kept and signed.</summary>
/// <remarks>
/// Access and ID tokens: no row (the grant says whether they are good), signed by the vault. Codes and refresh tokens: a row for
/// their status, everything else in the token itself, encrypted and signed by our own secret. Pushed requests: a row with
/// the request in it, likewise.
/// </remarks>
internal sealed class TokenShape(LoginSecrets secrets) : IOpenIddictServerHandler<GenerateTokenContext>
{
    public static void Add(OpenIddictServerBuilder server)
        => server.AddEventHandler<GenerateTokenContext>(b => b.UseSingletonHandler<TokenShape>().SetOrder(AttachSecurityCredentials.Descriptor.Order + 500));

    public ValueTask HandleAsync(GenerateTokenContext context)
    {
        var isPublic = context.TokenType is TokenTypeIdentifiers.AccessToken or TokenTypeIdentifiers.IdentityToken;
        context.IsReferenceToken = false;
        context.CreateTokenEntry = !isPublic;
        context.PersistTokenPayload = context.TokenType == TokenTypeIdentifiers.Private.RequestToken;
        if (context.TokenType == TokenTypeIdentifiers.AccessToken)
            LoginClaims.Confirm(context.Principal);

        if (!isPublic)
            context.SigningCredentials = new(secrets.Signature, SecurityAlgorithms.HmacSha256);

        return default;
    }
}

/// <summary>Puts the vault's signature where <see cref="VaultCryptoProvider"/> left room for it.</summary>
internal sealed class SignInVault(SigningRing ring) : IOpenIddictServerHandler<GenerateTokenContext>
{
    public static void Add(OpenIddictServerBuilder server)
        => server.AddEventHandler<GenerateTokenContext>(b => b.UseSingletonHandler<SignInVault>().SetOrder(GenerateIdentityModelToken.Descriptor.Order + 500));

    public async ValueTask HandleAsync(GenerateTokenContext context)
    {
        if (context.TokenType is not (TokenTypeIdentifiers.AccessToken or TokenTypeIdentifiers.IdentityToken))
            return;

        // RFC 7515 §5.1: the input is ASCII, header and payload with a dot between.
        var token = context.Token!;
        var signed = token[..token.LastIndexOf('.')];
        var kid = context.SigningCredentials!.Key.KeyId;
        var signature = await ring.SignAsync(kid, SHA256.HashData(Encoding.ASCII.GetBytes(signed)), context.CancellationToken);
        context.Token = $"{signed}.{System.Buffers.Text.Base64Url.EncodeToString(signature)}";
    }
}

/// <summary>Hands out the row's id for a pushed request (see <see cref="TokenManager"/>).</summary>
internal sealed class RequestReference : IOpenIddictServerHandler<GenerateTokenContext>
{
    public static void Add(OpenIddictServerBuilder server)
        => server.AddEventHandler<GenerateTokenContext>(b => b.UseSingletonHandler<RequestReference>().SetOrder(AttachTokenPayload.Descriptor.Order + 500));

    public ValueTask HandleAsync(GenerateTokenContext context)
    {
        if (context.TokenType == TokenTypeIdentifiers.Private.RequestToken)
            context.Token = context.Principal.GetTokenId();

        return default;
    }
}

/// <summary>One algorithm and one set of keys for each kind of token: none is judged by a key or an algorithm of the other kind.</summary>
internal sealed class TokenAlgorithms(LoginSecrets secrets, SigningRing ring) : IOpenIddictServerHandler<ValidateTokenContext>
{
    public static void Add(OpenIddictServerBuilder server)
        => server.AddEventHandler<ValidateTokenContext>(b => b.UseSingletonHandler<TokenAlgorithms>()
            .SetOrder(ResolveTokenValidationParameters.Descriptor.Order + 500));

    public ValueTask HandleAsync(ValidateTokenContext context)
    {
        var parameters = context.TokenValidationParameters;
        var types = context.ValidTokenTypes;
        var (anyPublic, anyPrivate) = (types.Count == 0 || types.Any(IsPublic), types.Count == 0 || !types.All(IsPublic));

        IEnumerable<SecurityKey> ours = [secrets.Signature];
        parameters.ValidAlgorithms = (anyPublic ? Published : []).Concat(anyPrivate ? Own : []);
        parameters.IssuerSigningKeys = [.. anyPublic ? ring.Keys : [], .. anyPrivate ? ours : []];
        return default;
    }

    private static readonly string[] Published = [SecurityAlgorithms.EcdsaSha256];

    // Signed, then encrypted under a key that our secret wraps.
    private static readonly string[] Own = [SecurityAlgorithms.HmacSha256, SecurityAlgorithms.Aes256KW, SecurityAlgorithms.Aes256CbcHmacSha512];

    private static bool IsPublic(string type) => type is TokenTypeIdentifiers.AccessToken or TokenTypeIdentifiers.IdentityToken;
}
