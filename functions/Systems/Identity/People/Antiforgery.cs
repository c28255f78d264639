namespace Notary.Identity.People;

/// <summary>Says which POSTs come from our own pages: a page's form or script repeats a token that only this browser's secret gives.</summary>
/// <remarks>
/// The token is a MAC under the cookie's own secret, which no other site can read or choose; so nothing is stored, and a
/// token ends with its session. A browser that says itself that another site is asking is refused before (Fetch Metadata).
/// </remarks>
public sealed class Antiforgery
{
    /// <summary>The header in which a page's script sends the token.</summary>
    public const string Header = "X-Antiforgery";

    /// <summary>The field in which a form sends it.</summary>
    public const string Field = "antiforgery";

    private readonly BrowserCookies cookies;

    /// <param name="publicUrl">The office's address.</param>
    public Antiforgery(Uri publicUrl) => cookies = new(publicUrl);

    /// <summary>The token for the pages of whoever is signed in; empty for a browser without a session.</summary>
    public string OfSession(HttpContext http) => SessionCookie.TryParse(cookies.FindSession(http), out var session) ? Token(session.Secret) : "";

    /// <summary>The token for pages before anybody has signed in; gives the browser a secret of its own if it has none.</summary>
    public string OfBrowser(HttpContext http) => Token(cookies.EnsureBrowser(http));

    /// <summary>Demands the token of whoever is signed in.</summary>
    /// <exception cref="FaultException">Forbidden.</exception>
    public void DemandSession(HttpContext http, string? token) => Demand(http, token, OfSession(http));

    /// <summary>Demands the token of a browser that nobody need have signed in with.</summary>
    /// <exception cref="FaultException">Forbidden.</exception>
    public void DemandBrowser(HttpContext http, string? token) => Demand(http, token, cookies.FindBrowser(http) is { } browser ? Token(browser) : "");

    private void Demand(HttpContext http, string? token, string expected)
    {
        var headers = http.Request.Headers;

        // "null" is what a browser says of our own forms when the page keeps its address to itself.
        var foreign = (headers.Origin.ToString() is { Length: > 0 } origin && origin != "null" && origin != cookies.Origin)
            || (headers["Sec-Fetch-Site"].ToString() is { Length: > 0 } site && site != "same-origin");
        if (foreign || expected.Length == 0
            || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token ?? ""), Encoding.UTF8.GetBytes(expected)))
            throw new FaultException(Fault.Forbidden, "this did not come from our page, or the page is too old: load it again");
    }

    private static string Token(Secret secret) => Convert.ToHexStringLower(secret.Derive("antiforgery"));
}
