using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Notary.Identity.People;
using Notary.Identity.Stores;

namespace Notary.Identity.Provider;

/// <summary>The login centre's own pages, in Chinese and English: consent, logout, errors. No script, nothing from elsewhere, never framed.</summary>
internal sealed class LoginPages(LoginOptions options, IAntiforgery antiforgery)
{
    /// <summary>The form's fields.</summary>
    public const string ProofField = "proof";
    public const string DecisionField = "decision";
    public const string Allow = "allow";

    private const string Style =
        ":root{color-scheme:light dark}*{box-sizing:border-box}"
        + "body{font:16px/1.6 system-ui,'Noto Sans SC','Noto Sans CJK SC',sans-serif;max-width:34rem;margin:0 auto;padding:1rem;color:#1a1a1a;background:#fff}"
        + "header{border-bottom:3px double #a51d24;text-align:center;padding:.5rem 0 .7rem}header p{margin:0;color:#a51d24;font-weight:700}"
        + "h1{font-size:1.3rem;margin:.2rem 0 0}main>*{overflow-wrap:anywhere}li{margin:.3rem 0}bdi{display:block;color:#555}"
        + "form{display:flex;gap:1rem;flex-wrap:wrap;margin:1.4rem 0}button{font:inherit;padding:.6rem 1.2rem;border:1px solid #a51d24;border-radius:.3rem;"
        + "background:#fff;color:#a51d24;min-height:44px}button.yes{background:#a51d24;color:#fff}:focus-visible{outline:3px solid #2563c9;outline-offset:2px}"
        + "@media(prefers-color-scheme:dark){body{color:#eee;background:#141414}header{border-color:#e26a6a}header p{color:#f08c8c}bdi{color:#b0b0b0}"
        + "button{background:#141414;color:#f08c8c;border-color:#f08c8c}button.yes{background:#f08c8c;color:#141414}}";

    private static readonly string StyleHash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)));

    /// <summary>The parameters of a request as they came, without those of our own form.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> ParametersOf(HttpContext http)
    {
        IEnumerable<KeyValuePair<string, StringValues>> sent = http.Request.HasFormContentType ? http.Request.Form : http.Request.Query;
        return sent.Where(p => p.Key is not (ProofField or DecisionField)).Select(p => new KeyValuePair<string, string?>(p.Key, p.Value));
    }

    /// <summary>Binds what a form proves to the session that it was shown in.</summary>
    public static void BindForm(HttpContext http, SignedIn who)
        => http.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", who.Session)], "session"));

    /// <summary>What the user clicked; null when this is no answer of his.</summary>
    public static string? DecisionOf(HttpContext http)
        => HttpMethods.IsPost(http.Request.Method) && http.Request.HasFormContentType && http.Request.Form[DecisionField] is [{ Length: > 0 } decision]
            ? decision : null;

    /// <summary>Whether the form came from a page of ours, in this browser and this session.</summary>
    public Task<bool> IsOursAsync(HttpContext http) => antiforgery.IsRequestValidAsync(http);

    /// <summary>Asks for consent (OpenID Connect Core 1.0 §3.1.2.4).</summary>
    public string Consent(HttpContext http, ClientView client, SignedIn who, IEnumerable<string> scopes)
        => Page("授权", "Consent",
            $"""
            <p>{Both($"{client.Name} 希望：", $"{client.Name} would like to:")}</p>
            <ul>{string.Concat(scopes.Select(s => $"<li>{Both(LoginScopes.All[s].Chinese, LoginScopes.All[s].English)}</li>"))}</ul>
            <p>{Both("用途：", "Purpose:")} <strong>{Text(client.Purpose)}</strong></p>
            <p>{Both($"您以 {who.Name} 的身份登录。", $"You are signed in as {who.Name}.")}</p>
            {Form(http, LoginPaths.Authorize, ("允许", "Allow"), ("拒绝", "Deny"))}
            """);

    /// <summary>Asks whether to sign out.</summary>
    public string Logout(HttpContext http, SignedIn who)
        => Page("退出登录", "Sign out",
            $"""
            <p>{Both($"您以 {who.Name} 的身份登录。要退出吗？", $"You are signed in as {who.Name}. Sign out?")}</p>
            {Form(http, LoginPaths.Logout, ("退出", "Sign out"), ("取消", "Cancel"))}
            """);

    public string SignedOut() => Page("退出登录", "Sign out", $"<p role=\"status\">{Both("您已退出登录。", "You are signed out.")}</p>");

    public string StillSignedIn() => Page("退出登录", "Sign out", $"<p role=\"status\">{Both("您仍处于登录状态。", "You are still signed in.")}</p>");

    /// <summary>The form was not ours, or its session has ended.</summary>
    public string Expired() => Page("页面已过期", "Page expired",
        $"<p role=\"alert\">{Both("此页面已过期。请返回应用重新开始。", "This page has expired. Go back to the application and begin again.")}</p>");

    /// <summary>A request that must not be answered to the address it names.</summary>
    /// <param name="error">A code of RFC 6749.</param>
    public string Refused(string error) => Page("请求无效", "Invalid request",
        $"""
        <p role="alert">{Both("应用发来的请求无效，未作任何操作。", "The application sent an invalid request; nothing was done.")}</p>
        <p><code>{Text(error)}</code></p>
        """);

    /// <param name="http">The request.</param>
    /// <param name="status">The answer's status.</param>
    /// <param name="page">The page.</param>
    /// <param name="next">Where the form leads in the end: browsers hold the redirect after it to form-action too.</param>
    public static async Task ShowAsync(HttpContext http, int status, string page, Uri? next = null)
    {
        var headers = http.Response.Headers;
        var leads = next is null ? "" : " " + next.GetLeftPart(UriPartial.Authority);
        headers.ContentSecurityPolicy = $"default-src 'none'; style-src 'sha256-{StyleHash}'; form-action 'self'{leads}; "
            + "frame-ancestors 'none'; base-uri 'none'";
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/html; charset=utf-8";
        await http.Response.WriteAsync(page, http.RequestAborted);
    }

    private string Form(HttpContext http, string action, (string Chinese, string English) yes, (string Chinese, string English) no)
    {
        var proof = antiforgery.GetAndStoreTokens(http).RequestToken!;
        var fields = ParametersOf(http).Append(new(ProofField, proof))
            .Select(p => $"""<input type="hidden" name="{Text(p.Key)}" value="{Text(p.Value ?? "")}">""");
        return $"""
            <form method="post" action="{action}">{string.Concat(fields)}
            <button class="yes" name="{DecisionField}" value="{Allow}">{Text(yes.Chinese)} {Text(yes.English)}</button>
            <button name="{DecisionField}" value="deny">{Text(no.Chinese)} {Text(no.English)}</button></form>
            """;
    }

    private string Page(string chinese, string english, string body) =>
        $"""
        <!doctype html>
        <html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">
        <title>{Text(chinese)} {Text(english)}</title><style>{Style}</style></head>
        <body><header><p>{Text(options.OfficeName)} <span lang="en">{Text(options.OfficeEnglishName)}</span></p>
        <h1>{Text(chinese)} <span lang="en">{Text(english)}</span></h1></header>
        <main>
        {body}
        </main></body></html>
        """;

    private static string Both(string chinese, string english) => $"""{Text(chinese)} <bdi lang="en">{Text(english)}</bdi>""";

    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private static string Text(string text) => Encoder.Encode(text);
}
