using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Features;
using Notary.Identity.Signing;
using Notary.Identity.Stores;
using Notary.Keys;

namespace Notary.Identity.Provider;

/// <summary>The login centre: an OpenID provider for tenants' people and the clients that their owners register.</summary>
/// <remarks>Nothing is opened before it is asked for: 1. the signing keys, at the first access token; 2. the secrets and OpenIddict's services and pipeline, in
/// a container of their own, at the first request to one of <see cref="LoginPaths"/>. What fails to open is tried again by the next request.</remarks>
public sealed class LoginCentre : IAsyncDisposable
{
    // Parameters of one request; a pushed one with a long list of claims has two.
    private const int MaxBodyBytes = 16 * 1024;

    private readonly LoginOptions options;
    private readonly StorageAccount storage;
    private readonly KeyClient vault;
    private readonly UserDirectory people;
    private readonly LoginRenderer render;
    private readonly TimeProvider clock;
    private readonly ILoggerFactory logs;
    private readonly SigningRing ring;
    private readonly Grants grants;
    private readonly PossessionProofs proofs;
    private readonly AccessTokens tokens;
    private readonly SemaphoreSlim one = new(1, 1);
    private volatile Opened? opened;

    /// <summary>Puts together what sends nothing.</summary>
    public LoginCentre(LoginOptions options, StorageAccount storage, KeyClient vault, UserDirectory people, LoginRenderer render, TimeProvider clock,
        ILoggerFactory logs)
    {
        (this.options, this.storage, this.vault, this.people, this.clock, this.logs) = (options, storage, vault, people, clock, logs);

        // Pages are made of the app's services, not of this container's.
        this.render = async (http, status, page) =>
        {
            var inner = http.RequestServices;
            http.RequestServices = http.Features.GetRequiredFeature<Outer>().Services;
            await render(http, status, page);
            http.RequestServices = inner;
        };
        Clients = new ClientDirectory(storage.Table(Names.Clients), clock);
        Consents = new Consents(storage.Table(Names.Consents), clock);
        grants = new Grants(storage.Table(Names.Grants), Clients, Consents, clock);
        ring = new SigningRing(vault, options.SigningKey, storage.Container(Names.Identity).GetBlobClient(Names.SigningKeysBlob(options.SigningKey)), clock,
            logs.CreateLogger<SigningRing>());
        proofs = new PossessionProofs(grants, clock);
        tokens = new AccessTokens(options, ring, grants, proofs, people, clock);
    }

    private sealed record Outer(IServiceProvider Services);

    private sealed record Opened(ServiceProvider Services, RequestDelegate Pipeline);

    /// <summary>The clients that tenants' owners register.</summary>
    public ClientDirectory Clients { get; }

    /// <summary>What users allowed clients.</summary>
    public Consents Consents { get; }

    /// <summary>Whether a token could be one of ours; if so, <see cref="FindCallerAsync"/> says whose.</summary>
    public static bool IsAccessToken(string token) => AccessTokens.IsCandidate(token);

    /// <summary>Whom an access token for the API speaks for, or null.</summary>
    /// <param name="token">The token.</param>
    /// <param name="shown">The proof that came with it under the scheme DPoP (RFC 9449 §7.1); null under Bearer.</param>
    /// <param name="cancel">Ends the look.</param>
    /// <exception cref="FaultException">VaultRefused or VaultUnavailable.</exception>
    public ValueTask<TokenCaller?> FindCallerAsync(string token, ShownProof? shown, CancellationToken cancel) => tokens.FindAsync(token, shown, cancel);

    /// <summary>Deletes what has ended, at most <paramref name="most"/> rows.</summary>
    public Task<long> PruneAsync(int most, CancellationToken cancel) => grants.PruneAsync(most, cancel);

    /// <summary>Answers a request to one of <see cref="LoginPaths"/>.</summary>
    public async Task ServeAsync(HttpContext http)
    {
        var cancel = http.RequestAborted;
        var centre = await OpenAsync(cancel);
        await ring.RefreshAsync(cancel);

        // RFC 9700 §4.3.2: credentials in an address end in logs and histories. Only what a browser is sent to takes any parameter there.
        if (http.Request.QueryString.HasValue && http.Request.Path.Value is not (LoginPaths.Authorize or LoginPaths.Logout))
            throw new FaultException(Fault.Malformed, "this endpoint takes nothing in its address");

        // By what name we were called does not matter: every address in an answer is the issuer's.
        http.Request.Scheme = options.Issuer.Scheme;
        http.Request.Host = new HostString(options.Issuer.Authority);
        http.Request.PathBase = default;
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body)
            body.MaxRequestBodySize = MaxBodyBytes;

        var outer = http.RequestServices;
        http.Features.Set(new Outer(outer));
        await using var scope = centre.Services.CreateAsyncScope();
        http.RequestServices = scope.ServiceProvider;
        try
        {
            await centre.Pipeline(http);
        }
        catch (InvalidDataException e)
        {
            throw new FaultException(Fault.Malformed, "the form cannot be read", e);
        }
        finally
        {
            http.RequestServices = outer;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (opened is { } centre)
            await centre.Services.DisposeAsync();

        ring.Dispose();
        one.Dispose();
    }

    private async ValueTask<Opened> OpenAsync(CancellationToken cancel)
    {
        if (opened is { } there)
            return there;

        await one.WaitAsync(cancel);
        try
        {
            return opened ??= await BuildAsync(cancel);
        }
        finally
        {
            one.Release();
        }
    }

    private async Task<Opened> BuildAsync(CancellationToken cancel)
    {
        await ring.RefreshAsync(cancel);
        var wrap = await VaultKeyEncryption.OpenAsync(vault, options.WrapKey, cancel);
        var secrets = await LoginSecrets.OpenAsync(storage.Container(Names.Identity).GetBlobClient(Names.LoginSecretsBlob), wrap, cancel);
        var services = LoginServices.Build(options, storage, wrap, secrets, ring, Clients, Consents, grants, proofs, people, render, clock, logs);
        var app = new ApplicationBuilder(services);
        app.UseMiddleware<AuthenticationMiddleware>();
        app.Run(AnswerAsync);
        return new Opened(services, app.Build());
    }

    /// <summary>What OpenIddict leaves to us: a good request for a page, or a bad one that must not be answered to its sender's address.</summary>
    private static Task AnswerAsync(HttpContext http)
    {
        var services = http.RequestServices;
        if (http.GetOpenIddictServerResponse() is { Error: { } error })
        {
            return services.GetRequiredService<LoginPages>().RefuseAsync(http, error);
        }

        return (http.GetOpenIddictServerRequest(), http.Request.Path.Value) switch
        {
            ({ }, LoginPaths.Authorize) => services.GetRequiredService<AuthorizeEndpoint>().ServeAsync(http),
            ({ }, LoginPaths.Logout) => services.GetRequiredService<LogoutEndpoint>().ServeAsync(http),
            _ => throw new FaultException(Fault.NotFound, "there is nothing here"),
        };
    }
}
