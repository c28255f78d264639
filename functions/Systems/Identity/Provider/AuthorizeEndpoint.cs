using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Notary.Identity.People;
using Notary.Identity.Provider.Handlers;
using Notary.Identity.Signing;
using Notary.Identity.Stores;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Notary.Identity.Provider;

/// <summary>The authorization endpoint, once OpenIddict has found the request to be good.</summary>
/// <remarks>1. Who is it, and did he sign in lately enough? 2. What can he give? 3. Did he allow it, for this purpose? 4. A grant, and a code on it.</remarks>
internal sealed class AuthorizeEndpoint(LoginOptions options, LoginPages pages, FreshSignIn fresh, LoginSecrets secrets, ClientDirectory clients,
    Consents consents, UserDirectory people, TimeProvider clock)
{
    private const string Scheme = OpenIddictServerAspNetCoreDefaults.AuthenticationScheme;

    public async Task ServeAsync(HttpContext http)
    {
        var cancel = http.RequestAborted;
        var request = http.GetOpenIddictServerRequest()!;
        var client = await clients.FindAsync(request.ClientId!, cancel) ?? throw new FaultException(Fault.NotFound, "the client has been removed");

        // 1
        var who = await people.SignedIn(http, cancel);
        if (who is null || !fresh.IsFresh(who, request))
        {
            if (request.HasPromptValue(PromptValues.None))
                await RefuseAsync(http, Errors.LoginRequired, "The user is not signed in, or not lately enough.");
            else
                await SendToSignInAsync(http, request);

            return;
        }

        var subject = secrets.SubjectFor(client.Id, who.Person);
        var hinted = (await http.AuthenticateAsync(Scheme)).Principal?.GetClaim(Claims.Subject);
        if (hinted is not null ? hinted != subject : request.IdTokenHint is { Length: > 0 } && request.HasPromptValue(PromptValues.None))
        {
            // A hint that nobody can read is none; but without a question it would be answered for anybody.
            await RefuseAsync(http, Errors.LoginRequired, "Another user is signed in.");
            return;
        }

        // 2
        string[] wanted = [.. request.GetScopes()];
        string[] scopes = [.. LoginScopes.Grantable(wanted, client, who.Tenant, who.Role)];
        if (scopes.Length == 0)
        {
            await RefuseAsync(http, Errors.AccessDenied, "The user cannot give what is asked for.");
            return;
        }

        // 3
        if (await ConsentAsync(http, request, client, who, scopes) is not { } consent)
            return;

        // 4
        var now = clock.GetUtcNow();
        var ends = now + (scopes.Contains(Scopes.OfflineAccess) ? Lifetimes.Grant : Lifetimes.ShortGrant);
        var grant = new Grant
        {
            Id = GrantId.New(ends),
            Client = client.Id,
            Subject = subject,
            Person = who.Person,
            Tenant = who.Tenant,
            Consent = consent.Id,
            Scopes = scopes,
            CreatedAt = now,
            EndsAt = ends,
        };
        http.RequestServices.GetRequiredService<FreshGrant>().Grant = grant;
        var principal = LoginClaims.Of(subject, who, grant.Id);
        LoginClaims.SetStanding(principal, scopes, new Standing(who.Role, who.Name), options);
        LoginClaims.Bind(principal, (string?)request[BoundTokens.KeyParameter], null);
        await http.SignInAsync(Scheme, principal);
    }

    /// <summary>The consent that stands, or the one just given; null once an answer was written.</summary>
    private async Task<Consent?> ConsentAsync(HttpContext http, OpenIddictRequest request, Client client, SignedIn who, string[] scopes)
    {
        var cancel = http.RequestAborted;
        LoginPages.BindForm(http, who);
        if (LoginPages.DecisionOf(http) is { } decision)
        {
            // OpenID Connect Core 1.0 §3.1.2.4: the user's own click, on a page of ours, in this session.
            if (!await pages.IsOursAsync(http))
            {
                await pages.ExpiredAsync(http);
                return null;
            }

            if (decision == LoginForm.Allow)
                return await consents.GiveAsync(who.Person, client.Id, client.View.Purpose, scopes, cancel);

            await RefuseAsync(http, Errors.AccessDenied, "The user did not allow it.");
            return null;
        }

        var standing = await consents.RecallAsync(who.Person, client.Id, cancel);
        if (standing?.Covers(client.View.Purpose, scopes) == true && !request.HasPromptValue(PromptValues.Consent))
            return standing;

        if (request.HasPromptValue(PromptValues.None))
            await RefuseAsync(http, Errors.ConsentRequired, "The user has not allowed it yet.");
        else
            await pages.AskConsentAsync(http, client.View, new Uri(request.RedirectUri!), who, scopes);

        return null;
    }

    // By the parameters as they came: a pushed request stays pushed.
    private async Task SendToSignInAsync(HttpContext http, OpenIddictRequest request)
    {
        var sent = LoginPages.ParametersOf(http).Where(p => p.Key != FreshSignIn.Parameter).Append(new(FreshSignIn.Parameter, fresh.Mark(request)));
        var back = LoginPaths.Authorize + QueryString.Create(sent!);
        if (ReturnPath.Of(back, "") == back)
            http.Response.Redirect(LoginPaths.SignIn + QueryString.Create("return", back));
        else
            await RefuseAsync(http, Errors.InvalidRequest, "The request is too long to come back to: push it.");
    }

    private static Task RefuseAsync(HttpContext http, string error, string description)
        => http.ForbidAsync(Scheme, new AuthenticationProperties(new Dictionary<string, string?>
        {
            [OpenIddictServerAspNetCoreConstants.Properties.Error] = error,
            [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = description,
        }));
}
