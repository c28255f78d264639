using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.IdentityModel.Tokens;
using Notary.Identity.Provider.Handlers;
using Notary.Identity.Signing;
using Notary.Identity.Stores;
using Notary.Keys;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Notary.Identity.Provider;

/// <summary>What the pipeline of the login centre is made of: a container of its own, so that the app's has nothing of it.</summary>
internal static class LoginServices
{
    public static ServiceProvider Build(LoginOptions options, StorageAccount storage, VaultKeyEncryption wrap, LoginSecrets secrets, SigningRing ring,
        ClientDirectory clients, Consents consents, Grants grants, PossessionProofs proofs, UserDirectory people, LoginRenderer render,
        TimeProvider clock, ILoggerFactory logs)
    {
        var services = new ServiceCollection();

        // OpenIddict tells requests at Information; they say who signs in where.
        services.AddLogging(log => log.AddProvider(new Forward(logs)).SetMinimumLevel(LogLevel.Trace).AddFilter("OpenIddict", LogLevel.Warning)
            .AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.Error)); // A stranger's forged form is his affair.
        services.AddSingleton(options).AddSingleton(secrets).AddSingleton(ring).AddSingleton(clients).AddSingleton(consents).AddSingleton(grants)
            .AddSingleton(proofs).AddSingleton(people).AddSingleton(render).AddSingleton(clock).AddSingleton<LoginPages>().AddSingleton<FreshSignIn>()
            .AddSingleton<AuthorizeEndpoint>().AddSingleton<LogoutEndpoint>().AddScoped<FreshGrant>();
        DataProtection.Add(services, storage, wrap);
        services.AddAuthentication();
        var secure = options.Issuer.Scheme == Uri.UriSchemeHttps;
        services.AddAntiforgery(form =>
        {
            form.FormFieldName = LoginPages.ProofField;
            form.Cookie.Name = secure ? "__Host-notary-form" : "notary-form";
            form.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            form.Cookie.SameSite = SameSiteMode.Strict;
            form.SuppressXFrameOptionsHeader = true;
        });

        services.AddOpenIddict()
            .AddCore(core => core
                .SetDefaultApplicationEntity<Client>().SetDefaultAuthorizationEntity<Grant>().SetDefaultTokenEntity<IssuedToken>()
                .ReplaceApplicationStore<Client, ClientStore>().ReplaceAuthorizationStore<Grant, GrantStore>().ReplaceTokenStore<IssuedToken, TokenStore>()
                .ReplaceApplicationManager<Client, ClientManager>().ReplaceTokenManager<IssuedToken, TokenManager>())
            .AddServer(server => Configure(server, options, secrets, secure));
        services.AddSingleton<IConfigureOptions<OpenIddictServerOptions>, SigningOptions>();
        services.AddSingleton<IOptionsChangeTokenSource<OpenIddictServerOptions>, SigningOptions>();
        return services.BuildServiceProvider();
    }

    private static void Configure(OpenIddictServerBuilder server, LoginOptions options, LoginSecrets secrets, bool secure)
    {
        server.SetIssuer(options.Issuer);
        server.SetConfigurationEndpointUris(LoginPaths.Discovery).SetJsonWebKeySetEndpointUris(LoginPaths.Jwks)
            .SetAuthorizationEndpointUris(LoginPaths.Authorize).SetPushedAuthorizationEndpointUris(LoginPaths.PushedRequest)
            .SetTokenEndpointUris(LoginPaths.Token).SetUserInfoEndpointUris(LoginPaths.UserInfo)
            .SetRevocationEndpointUris(LoginPaths.Revoke).SetEndSessionEndpointUris(LoginPaths.Logout);
        server.AllowAuthorizationCodeFlow().AllowRefreshTokenFlow().RequireProofKeyForCodeExchange();
        server.SetAuthorizationCodeLifetime(Lifetimes.Code).SetAccessTokenLifetime(Lifetimes.Token).SetIdentityTokenLifetime(Lifetimes.Token)
            .SetRefreshTokenLifetime(Lifetimes.Refresh).SetRefreshTokenReuseLeeway(null);
        server.RegisterScopes([.. LoginScopes.Names]);
        server.RegisterClaims(Claims.Name, Claims.Role, Claims.AuthenticationTime, LoginClaims.Tenant);

        // Whether a client may ask for a scope is asked of the client (ScopeRules).
        server.DisableScopeValidation().IgnoreScopePermissions();
        server.DisableAccessTokenEncryption().AddEncryptionKey(secrets.Encryption);
        server.Configure(o =>
        {
            o.RequestTokenLifetime = Lifetimes.PushedRequest;
            o.SubjectTypes.Clear();
            o.SubjectTypes.Add(SubjectTypes.Pairwise);
            o.CodeChallengeMethods.Clear();
            o.CodeChallengeMethods.Add(CodeChallengeMethods.Sha256);

            // An answer in a fragment or a form of ours would want a script, and leave by ways that are not looked at here.
            o.ResponseModes.Clear();
            o.ResponseModes.Add(ResponseModes.Query);
            o.ClientAuthenticationMethods.Clear();
            o.ClientAuthenticationMethods.Add(ClientAuthenticationMethods.ClientSecretBasic);
            o.ClientAuthenticationMethods.Add(ClientAuthenticationMethods.ClientSecretPost);
            o.ClientAuthenticationMethods.Add(ClientAuthenticationMethods.None);
            o.ClientAssertionTypes.Clear();
            o.TokenValidationParameters.ClockSkew = TimeSpan.Zero;
        });
        TokenShape.Add(server);
        SignInVault.Add(server);
        RequestReference.Add(server);
        TokenAlgorithms.Add(server);
        RedeemOnce.Add(server);
        ScopeRules.Add(server);
        StandingRules.Add(server);
        RevokeChain.Add(server);
        BoundTokens.Add(server);

        var web = server.UseAspNetCore().EnableAuthorizationEndpointPassthrough().EnableEndSessionEndpointPassthrough().EnableErrorPassthrough()
            .SuppressJsonResponseIndentation();
        if (!secure)
            web.DisableTransportSecurityRequirement(); // Settings take http for loopback only.
    }

    /// <summary>The signing keys as OpenIddict wants them; read again when they change.</summary>
    private sealed class SigningOptions(SigningRing ring) : IConfigureOptions<OpenIddictServerOptions>, IOptionsChangeTokenSource<OpenIddictServerOptions>
    {
        public string Name => Options.DefaultName;

        public void Configure(OpenIddictServerOptions options)
            => options.SigningCredentials.AddRange(ring.Keys.Select(key => new SigningCredentials(key, SecurityAlgorithms.EcdsaSha256)));

        public IChangeToken GetChangeToken() => new CancellationChangeToken(ring.Changed);
    }

    /// <summary>Logs through the app's factory.</summary>
    private sealed class Forward(ILoggerFactory logs) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => logs.CreateLogger(categoryName);

        public void Dispose()
        {
        }
    }
}
