namespace Notary.Pages;

/// <summary>What every page knows without asking for it.</summary>
/// <param name="Language">What the reader gets.</param>
/// <param name="Office">The office's legal name.</param>
/// <param name="Query">The address's query without <c>lang</c>, as it was sent, without <c>?</c>.</param>
/// <param name="Sent">Whether the page is the answer to what a form sent: then it cannot be had in another language.</param>
public sealed record PageFrame(Language Language, Words Office, string Query, bool Sent = false)
{
    /// <summary>This page in another language: the query alone, so that no path can lead elsewhere.</summary>
    public string InLanguage(Language other)
        => $"?{(Query.Length > 0 ? $"{Query}&" : "")}{LanguageChoice.Parameter}={LanguageChoice.Code(other)}";

    internal static PageFrame Of(HttpContext http, Words office)
    {
        var parts = (http.Request.QueryString.Value ?? "").TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Where(part => part.Split('=')[0] != LanguageChoice.Parameter);
        return new PageFrame(LanguageChoice.Of(http), office, string.Join('&', parts), HttpMethods.IsPost(http.Request.Method));
    }
}

/// <summary>The office whose pages these are.</summary>
public sealed record PageOffice(Words Name);
