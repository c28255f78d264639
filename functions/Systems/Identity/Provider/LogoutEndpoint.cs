using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Notary.Identity.Signing;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Notary.Identity.Provider;

/// <summary>Logout that a client begins (OpenID Connect RP-Initiated Logout 1.0), once OpenIddict has found its return address to be the client's.</summary>
/// <remarks>Only a hint that names the client and the user who is signed in speaks for him; otherwise he is asked, or anybody's link would sign
/// him out (§6).</remarks>
internal sealed class LogoutEndpoint(LoginPages pages, LoginSecrets secrets, UserDirectory people)
{
    private const string Scheme = OpenIddictServerAspNetCoreDefaults.AuthenticationScheme;

    public async Task ServeAsync(HttpContext http)
    {
        var cancel = http.RequestAborted;
        var request = http.GetOpenIddictServerRequest()!;
        if (await people.SignedIn(http, cancel) is { } who)
        {
            var hint = (await http.AuthenticateAsync(Scheme)).Principal;
            var speaksForHim = hint?.GetAudiences() is [{ } client] && hint.GetClaim(Claims.Subject) == secrets.SubjectFor(client, who.Person);
            LoginPages.BindForm(http, who);
            if (!speaksForHim)
            {
                if (LoginPages.DecisionOf(http) is not { } decision)
                {
                    await pages.AskLogoutAsync(http, who, AddressOf(request));
                    return;
                }

                if (!await pages.IsOursAsync(http))
                {
                    await pages.ExpiredAsync(http);
                    return;
                }

                if (decision != LoginForm.Allow)
                {
                    await pages.TellAsync(http, signedOut: false);
                    return;
                }
            }

            await people.SignOut(http, cancel);
        }

        // An address without the client it belongs to has been refused by then.
        if (AddressOf(request) is null)
            await pages.TellAsync(http, signedOut: true);
        else
            await http.SignOutAsync(Scheme);
    }

    private static Uri? AddressOf(OpenIddictRequest request) => request.PostLogoutRedirectUri is { Length: > 0 } address ? new Uri(address) : null;
}
