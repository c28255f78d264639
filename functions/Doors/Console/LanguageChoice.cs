using Microsoft.Net.Http.Headers;

namespace Notary.Pages;

/// <summary>Which language a reader gets: <c>?lang=</c>, which is remembered; else what is remembered; else Accept-Language.</summary>
public static class LanguageChoice
{
    /// <summary>The query's name for it, <c>zh</c> or <c>en</c>; anything else is as if it were not there.</summary>
    public const string Parameter = "lang";

    private const string Cookie = "lang";
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(365);

    // A list longer than this is no reader's.
    private const int MaxAccepted = 32;

    /// <summary>Reads the choice, and remembers one that was just made.</summary>
    public static Language Of(HttpContext http)
    {
        if (Parse(http.Request.Query[Parameter]) is { } chosen)
        {
            http.Response.Cookies.Append(Cookie, Code(chosen), new CookieOptions
            {
                MaxAge = Remembered,
                HttpOnly = true,
                Secure = true,
                SameSite = Microsoft.AspNetCore.Http.SameSiteMode.Lax,
            });
            return chosen;
        }

        return Parse(http.Request.Cookies[Cookie]) ?? Accepted(http.Request);
    }

    /// <summary><c>zh</c> or <c>en</c>.</summary>
    public static string Code(Language language) => language == Language.Chinese ? "zh" : "en";

    private static Language? Parse(string? text) => text switch { "zh" => Language.Chinese, "en" => Language.English, _ => null };

    // RFC 9110 §12.5.4. What cannot be read is no wish.
    private static Language Accepted(HttpRequest request)
        => StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptLanguage, out var wishes)
            ? wishes.Take(MaxAccepted).Where(w => w.Quality is not 0).OrderByDescending(w => w.Quality ?? 1)
                .Select(w => Parse(w.Value.Value?.Split('-')[0].ToLowerInvariant())).FirstOrDefault(l => l is not null) ?? Language.Chinese
            : Language.Chinese;
}
