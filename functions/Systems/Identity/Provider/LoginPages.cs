using System.Security.Claims;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.Extensions.Primitives;
using Notary.Identity.People;
using Notary.Identity.Stores;

namespace Notary.Identity.Provider;

/// <summary>The login centre's own pages: what their forms prove, and what a user answered.</summary>
internal sealed class LoginPages(IAntiforgery antiforgery, LoginRenderer render)
{
    /// <summary>The form's field that says it is ours.</summary>
    public const string ProofField = "proof";

    /// <summary>The parameters of a request as they came, without those of our own form.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> ParametersOf(HttpContext http)
    {
        IEnumerable<KeyValuePair<string, StringValues>> sent = http.Request.HasFormContentType ? http.Request.Form : http.Request.Query;
        return sent.Where(p => p.Key is not (ProofField or LoginForm.Decision)).Select(p => new KeyValuePair<string, string?>(p.Key, p.Value));
    }

    /// <summary>Binds what a form proves to the session that it was shown in.</summary>
    public static void BindForm(HttpContext http, SignedIn who)
        => http.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", who.Session)], "session"));

    /// <summary>What the user clicked; null when this is no answer of his.</summary>
    public static string? DecisionOf(HttpContext http)
        => HttpMethods.IsPost(http.Request.Method) && http.Request.HasFormContentType && http.Request.Form[LoginForm.Decision] is [{ Length: > 0 } decision]
            ? decision : null;

    /// <summary>Whether the form came from a page of ours, in this browser and this session.</summary>
    public Task<bool> IsOursAsync(HttpContext http) => antiforgery.IsRequestValidAsync(http);

    /// <summary>Asks for consent; a yes or no goes to <paramref name="returns"/>.</summary>
    public Task AskConsentAsync(HttpContext http, ClientView client, Uri returns, SignedIn who, IReadOnlyList<string> scopes)
        => render(http, StatusCodes.Status200OK, new LoginPage.Consent(client, returns, who, scopes, Form(http, LoginPaths.Authorize, returns)));

    /// <summary>Asks whether to sign out.</summary>
    public Task AskLogoutAsync(HttpContext http, SignedIn who, Uri? returns)
        => render(http, StatusCodes.Status200OK, new LoginPage.Logout(who, Form(http, LoginPaths.Logout, returns)));

    /// <summary>Says how a logout ended.</summary>
    public Task TellAsync(HttpContext http, bool signedOut)
        => render(http, StatusCodes.Status200OK, signedOut ? new LoginPage.SignedOut() : new LoginPage.StillSignedIn());

    /// <summary>Refuses a form that is not ours.</summary>
    public Task ExpiredAsync(HttpContext http) => render(http, StatusCodes.Status400BadRequest, new LoginPage.Expired());

    /// <summary>Refuses a request.</summary>
    /// <param name="http">The request.</param>
    /// <param name="error">A code of RFC 6749.</param>
    public Task RefuseAsync(HttpContext http, string error) => render(http, StatusCodes.Status400BadRequest, new LoginPage.Refused(error));

    private LoginForm Form(HttpContext http, string action, Uri? leads)
        => new(action, [.. ParametersOf(http), new(ProofField, antiforgery.GetAndStoreTokens(http).RequestToken)], leads);
}
