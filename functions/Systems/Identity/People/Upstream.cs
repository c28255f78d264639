using System.Net.Http.Headers;
using System.Security.Claims;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Notary.Identity.People;

/// <summary>The office's own OpenID provider, with which its staff signs in.</summary>
/// <param name="Issuer">Its issuer identifier; discovery is below it (OpenID Connect Discovery 1.0 §4).</param>
/// <param name="ClientId">What it knows us as.</param>
/// <param name="ClientSecret">How we prove that.</param>
/// <param name="RoleClaim">The claim of the ID token that holds roles: clerk, notary, auditor, operator.</param>
public sealed record UpstreamOptions(Uri Issuer, string ClientId, string ClientSecret, string RoleClaim);

/// <summary>Signs the office's staff in by way of its provider (OpenID Connect Core 1.0 §3.1: code flow, with PKCE, state and nonce).</summary>
/// <remarks>
/// Discovery, keys and the judgement of the ID token are the library's. What one sign-in needs is kept as a challenge of the
/// browser: answered once, within minutes, by the browser that began. Of the tokens only the ID token is looked at; none is kept.
/// </remarks>
public sealed partial class Upstream
{
    /// <summary>Where the provider sends the browser back to: registered there.</summary>
    public const string Callback = "/sign-in/staff/callback";

    /// <summary>Bytes of a token answer; Entra's have some 8,000.</summary>
    private const int MaxAnswerBytes = 256 * 1024;

    private const int MaxParameterLength = 4096;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // Several claims at once mean the one that may most.
    private static readonly Role[] Roles = [Role.Operator, Role.Notary, Role.Clerk, Role.Auditor];

    private static readonly string[] NameClaims = ["name", "preferred_username"];

    // A provider that moves is looked up again; no redirect leads our secret elsewhere.
    private static readonly HttpClient Http = new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = Patience,
        MaxResponseContentBufferSize = MaxAnswerBytes,
    };

    private readonly UpstreamOptions options;
    private readonly TableClient table;
    private readonly Challenges challenges;
    private readonly Sessions sessions;
    private readonly BrowserCookies cookies;
    private readonly TimeProvider clock;
    private readonly ILogger<Upstream> log;
    private readonly ConfigurationManager<OpenIdConnectConfiguration> discovery;

    /// <param name="options">The provider.</param>
    /// <param name="storage">The account with the table <c>people</c>.</param>
    /// <param name="publicUrl">The office's address, where <see cref="Callback"/> is.</param>
    /// <param name="challenges">What browsers have begun.</param>
    /// <param name="sessions">Where a sign-in ends.</param>
    /// <param name="clock">Our clock.</param>
    /// <param name="log">Told why answers are refused.</param>
    public Upstream(
        UpstreamOptions options, StorageAccount storage, Uri publicUrl, Challenges challenges, Sessions sessions, TimeProvider clock, ILogger<Upstream> log)
    {
        (this.options, this.sessions, this.clock, this.log) = (options, sessions, clock, log);
        (table, this.challenges, cookies) = (storage.Table(Names.People), challenges, new(publicUrl));
        discovery = new($"{options.Issuer.AbsoluteUri.TrimEnd('/')}/.well-known/openid-configuration", new OpenIdConnectConfigurationRetriever(),
            new HttpDocumentRetriever(Http) { RequireHttps = options.Issuer.Scheme == Uri.UriSchemeHttps });
    }

    private string RedirectUri => cookies.Origin + Callback;

    /// <summary>Begins: the address that the browser is to be sent to.</summary>
    /// <param name="request">Whose browser.</param>
    /// <param name="returnTo">Where to lead afterwards, as <see cref="ReturnPath"/> gives it.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="FaultException">IdentityProviderUnavailable.</exception>
    public async Task<Uri> BeginAsync(HttpContext request, string returnTo, CancellationToken cancel)
    {
        var provider = await DiscoverAsync(cancel);
        var (state, nonce, verifier) = (Secret.New().ToString(), Secret.New().ToString(), Secret.New().ToString());
        await challenges.KeepAsync(cookies.EnsureBrowser(request), Ceremony.Upstream, "", $"{state}\n{nonce}\n{verifier}\n{returnTo}", cancel);
        var message = new OpenIdConnectMessage
        {
            IssuerAddress = provider.AuthorizationEndpoint,
            ClientId = options.ClientId,
            ResponseType = OpenIdConnectResponseType.Code,
            Scope = OpenIdConnectScope.OpenIdProfile,
            RedirectUri = RedirectUri,
            State = state,
            Nonce = nonce,
        };
        message.SetParameter("code_challenge", Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))));
        message.SetParameter("code_challenge_method", "S256");
        return new Uri(message.CreateAuthenticationRequestUrl());
    }

    /// <summary>Signs in whom the provider has sent back.</summary>
    /// <param name="request">Gets the session's cookie.</param>
    /// <param name="answer">The query of the callback.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Where to lead now.</returns>
    /// <exception cref="FaultException">Unauthenticated; Forbidden: he has no role here; IdentityProviderUnavailable.</exception>
    public async Task<string> CompleteAsync(HttpContext request, IReadOnlyDictionary<string, string> answer, CancellationToken cancel)
    {
        // The challenge goes first, whatever comes of the answer.
        var taken = cookies.FindBrowser(request) is { } browser ? await challenges.TakeAsync(browser, Ceremony.Upstream, cancel) : null;
        if (taken?.Subject.Split('\n') is not [var state, var nonce, var verifier, var returnTo] || !Same(answer.GetValueOrDefault("state"), state))
            throw Refuse("no sign-in of this browser, or an old or a used one");

        var provider = await DiscoverAsync(cancel);

        // RFC 9207 §2.4: an answer of another provider must not be taken to this one's token endpoint.
        if (answer.TryGetValue("iss", out var issuer) ? issuer != provider.Issuer : provider.AuthorizationResponseIssParameterSupported)
            throw Refuse("another issuer's answer");

        if (!answer.TryGetValue("code", out var code) || code.Length is 0 or > MaxParameterLength || answer.ContainsKey("error"))
            throw Refuse("the provider gave no code");

        var claims = await JudgeAsync(await RedeemAsync(provider, code, verifier, cancel), nonce, cancel);
        await SignInAsync(request, claims, cancel);
        return returnTo;
    }

    /// <summary>Redeems the code (OpenID Connect Core 1.0 §3.1.3.1).</summary>
    private async Task<string> RedeemAsync(OpenIdConnectConfiguration provider, string code, string verifier, CancellationToken cancel)
    {
        // RFC 6749 §2.3.1: both halves are form-encoded before they are joined.
        var basic = $"{Uri.EscapeDataString(options.ClientId)}:{Uri.EscapeDataString(options.ClientSecret)}";
        using var ask = new HttpRequestMessage(HttpMethod.Post, provider.TokenEndpoint)
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(basic))) },
            Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["grant_type"] = "authorization_code",
                ["code"] = code,
                ["redirect_uri"] = RedirectUri,
                ["code_verifier"] = verifier,
            }),
        };
        var text = await AskAsync(async () =>
        {
            using var reply = await Http.SendAsync(ask, cancel);
            var body = await reply.Content.ReadAsStringAsync(cancel);
            return reply.IsSuccessStatusCode ? body : (int)reply.StatusCode < 500 ? "{}" : throw new HttpRequestException($"status {(int)reply.StatusCode}");
        }, cancel);
        try
        {
            return new OpenIdConnectMessage(text).IdToken is { Length: > 0 } token ? token : throw Refuse("the provider gave no ID token for the code");
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw Refuse("the provider's answer is not JSON");
        }
    }

    /// <summary>Judges the ID token (OpenID Connect Core 1.0 §3.1.3.7).</summary>
    private async Task<ClaimsIdentity> JudgeAsync(string token, string nonce, CancellationToken cancel)
    {
        var judged = await ValidateAsync(token, cancel);
        if (judged.Exception is SecurityTokenSignatureKeyNotFoundException)
        {
            // The provider has new keys.
            discovery.RequestRefresh();
            judged = await ValidateAsync(token, cancel);
        }

        return judged is { IsValid: true, ClaimsIdentity: { } claims } && Same(claims.FindFirst("nonce")?.Value, nonce)
            && claims.FindFirst("sub")?.Value is { Length: > 0 } && claims.FindFirst("azp")?.Value is var party && (party is null || party == options.ClientId)
            ? claims : throw Refuse($"the ID token does not hold: {judged.Exception?.GetType().Name ?? "nonce, subject or party"}");
    }

    private async Task<TokenValidationResult> ValidateAsync(string token, CancellationToken cancel)
    {
        var provider = await DiscoverAsync(cancel);
        return await new JsonWebTokenHandler { MapInboundClaims = false }.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = provider.Issuer,
            ValidAudience = options.ClientId,
            IssuerSigningKeys = provider.SigningKeys,
            ValidAlgorithms = [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.EcdsaSha256],
            ClockSkew = TimeSpan.FromMinutes(1),
        });
    }

    private async Task SignInAsync(HttpContext request, ClaimsIdentity claims, CancellationToken cancel)
    {
        string[] roles = [.. claims.FindAll(options.RoleClaim).Select(c => c.Value)];
        if (Roles.Cast<Role?>().FirstOrDefault(r => roles.Contains(r.ToString(), StringComparer.OrdinalIgnoreCase)) is not { } role)
            throw new FaultException(Fault.Forbidden, "the office's provider knows you, but gives you no role here");

        var subject = claims.FindFirst("sub")!.Value;
        var person = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{claims.FindFirst("iss")!.Value}\0{subject}")).AsSpan(0, 16));
        var name = NameClaims.Select(claim => claims.FindFirst(claim)?.Value.Trim()).FirstOrDefault(text => text?.Length > 0) ?? subject;
        await sessions.MakeRoomAsync(null, person, cancel);
        var (session, cookie) = sessions.Prepare(request, null, person, null);
        var known = await Members.RowAsync(table, null, person, cancel);
        await table.SubmitTransactionAsync(
        [
            new(TableTransactionActionType.UpsertReplace, new TableEntity(session.PartitionKey, PeopleKeys.Member(person))
            {
                { "Name", name[..Math.Min(name.Length, PeopleRules.MaxNameLength)] },
                { "Role", role.ToString() },
                { "Address", "" },
                { "JoinedAt", known?.GetDateTimeOffset("JoinedAt") ?? clock.GetUtcNow() },
                { "SignedInAt", clock.GetUtcNow() },
            }),
            new(TableTransactionActionType.UpsertReplace, session),
        ], cancel);
        await sessions.OpenAsync(request, cookie, cancel);
    }

    private async Task<OpenIdConnectConfiguration> DiscoverAsync(CancellationToken cancel)
    {
        var provider = await AskAsync(() => discovery.GetConfigurationAsync(cancel), cancel);

        // OpenID Connect Discovery 1.0 §4.3.
        return provider.Issuer == options.Issuer.OriginalString || provider.Issuer == options.Issuer.AbsoluteUri ? provider
            : throw new FaultException(Fault.IdentityProviderUnavailable, "the office's provider says another issuer than the settings");
    }

    private static async Task<T> AskAsync<T>(Func<Task<T>> ask, CancellationToken cancel)
    {
        try
        {
            return await ask();
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidOperationException or OperationCanceledException
            && !cancel.IsCancellationRequested)
        {
            throw new FaultException(Fault.IdentityProviderUnavailable, "the office's provider does not answer; try again", e);
        }
    }

    private static bool Same(string? sent, string kept)
        => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(sent ?? ""), Encoding.UTF8.GetBytes(kept));

    private FaultException Refuse(string why)
    {
        Log.Refused(log, why);
        return new(Fault.Unauthenticated, "the provider's answer was refused; begin again");
    }

    private static partial class Log
    {
        [LoggerMessage(61, LogLevel.Warning, "a sign-in of staff was refused: {Why}")]
        public static partial void Refused(ILogger log, string why);
    }
}
