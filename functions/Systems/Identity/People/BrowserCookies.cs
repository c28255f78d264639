namespace Notary.Identity.People;

/// <summary>The two cookies of a browser: one that means somebody (a session), one that means only this browser (before anybody has signed in).</summary>
/// <remarks>
/// Both carry secrets, are out of scripts' reach and are named <c>__Host-</c> (RFC 6265bis §4.1.3.2), so that no
/// neighbouring host and no plain-text answer can plant one. Only where the office's address is http, which the settings
/// allow on loopback alone, do they go without Secure and the prefix: not every browser takes those from http://localhost.
/// </remarks>
internal sealed class BrowserCookies(Uri publicUrl)
{
    private readonly bool secure = publicUrl.Scheme == Uri.UriSchemeHttps;

    private string Session => Name("notary-session");

    private string Browser => Name("notary-browser");

    /// <summary>Where the browser's pages stand, such as <c>https://notary.example</c>.</summary>
    public string Origin { get; } = publicUrl.GetLeftPart(UriPartial.Authority);

    public string? FindSession(HttpContext http) => http.Request.Cookies[Session];

    public void SetSession(HttpContext http, string value) => http.Response.Cookies.Append(Session, value, Options());

    public void DropSession(HttpContext http) => http.Response.Cookies.Delete(Session, Options());

    /// <summary>The browser's own secret, if it has one.</summary>
    public Secret? FindBrowser(HttpContext http) => Secret.TryParse(http.Request.Cookies[Browser] ?? "", out var secret) ? secret : null;

    /// <summary>The browser's own secret, given to it now if it has none.</summary>
    public Secret EnsureBrowser(HttpContext http)
    {
        if (FindBrowser(http) is { } known)
            return known;

        if (http.Items.TryGetValue(typeof(BrowserCookies), out var given))
            return (Secret)given!;

        var secret = Secret.New();
        http.Items[typeof(BrowserCookies)] = secret;
        http.Response.Cookies.Append(Browser, secret.ToString(), Options());
        return secret;
    }

    /// <summary>Forgets the browser: what it began before somebody signed in is over.</summary>
    public void DropBrowser(HttpContext http) => http.Response.Cookies.Delete(Browser, Options());

    private string Name(string plain) => secure ? "__Host-" + plain : plain;

    // Lax and not Strict: whoever follows a link from a letter or a mail is to be signed in there.
    private CookieOptions Options() => new() { Secure = secure, HttpOnly = true, SameSite = SameSiteMode.Lax, Path = "/" };
}
