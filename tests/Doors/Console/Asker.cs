using System.Collections.Concurrent;
using System.Net;
using AngleSharp;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace Notary.Pages.Tests;

/// <summary>A signed-in person's browser without its window: asks thousands of pages and judges what is there besides what we build them of.</summary>
internal sealed class Asker : IDisposable
{
    private static readonly HashSet<string> Foreign = ["iframe", "object", "embed", "base", "style", "math", "xmp", "plaintext", "img"];
    private static readonly HashSet<string> Leads = ["href", "src", "action", "formaction"];

    // As it is written: a path with dots in it is the server's to make sense of.
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = TimeSpan.FromMinutes(10) };
    private readonly ConcurrentDictionary<string, string> cookies;
    private readonly string origin;

    private Asker(Uri site, IEnumerable<BrowserContextCookiesResult> cookies)
        => (origin, this.cookies) = (site.GetLeftPart(UriPartial.Authority), new(cookies.Select(c => KeyValuePair.Create(c.Name, c.Value))));

    /// <summary>What forms carry, and what scripts do.</summary>
    public string Antiforgery { get; private set; } = "";

    /// <summary>Whatever was wrong so far.</summary>
    public ConcurrentQueue<string> Wrong { get; } = new();

    public static async Task<Asker> OfAsync(Person person, Uri site)
    {
        var asker = new Asker(site, await person.Page.Context.CookiesAsync());
        asker.Antiforgery = Value((await asker.LookAsync("/account")).Page!.QuerySelector("[name=antiforgery]")!)!;
        return asker;
    }

    /// <summary>Hands a form in.</summary>
    public async Task<bool> PostAsync(string path, params IEnumerable<KeyValuePair<string, string>> fields)
    {
        var all = new Dictionary<string, string>(fields);
        all.TryAdd("antiforgery", Antiforgery);
        return (await LookAsync(path, new FormUrlEncodedContent(all))).Done;
    }

    /// <summary>Asks and judges.</summary>
    /// <param name="path">With its query.</param>
    /// <param name="content">What is sent; nothing is a question.</param>
    /// <param name="field">A field of the page that should say <paramref name="text"/>, if there is one.</param>
    /// <param name="text">Likewise.</param>
    public async Task<(bool Done, IDocument? Page, string Body)> LookAsync(string path, HttpContent? content = null, string? field = null, string text = "")
    {
        using var request = new HttpRequestMessage(content is null ? HttpMethod.Get : HttpMethod.Post, new Uri(origin + path, AsWritten)) { Content = content };
        request.Headers.Add("Accept", "text/html, */*;q=0.5");
        request.Headers.Add("Cookie", string.Join("; ", cookies.Select(c => $"{c.Key}={c.Value}")));
        if (content is not null)
        {
            request.Headers.Add("Origin", origin);
            request.Headers.Add("Sec-Fetch-Site", "same-origin");
            request.Headers.Add("X-Antiforgery", Antiforgery);
        }

        using var answer = await http.SendAsync(request);
        foreach (var cookie in answer.Headers.TryGetValues("Set-Cookie", out var set) ? set : [])
            cookies[cookie[..cookie.IndexOf('=', StringComparison.Ordinal)]] = cookie.Split(';')[0].Split('=', 2)[1];

        var body = await answer.Content.ReadAsStringAsync();
        if (answer.StatusCode is >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests)
            Wrong.Enqueue($"{path}: status {(int)answer.StatusCode}");

        if ((int)answer.StatusCode is >= 300 and < 400)
            return (true, null, body);

        if (answer.Content.Headers.ContentType?.MediaType != "text/html")
            return (answer.IsSuccessStatusCode, null, body);

        // As a browser reads it that runs scripts.
        var page = new HtmlParser(new HtmlParserOptions { IsScripting = true }).ParseDocument(body);
        Judge(page);
        if (field is not null && answer.IsSuccessStatusCode)
            JudgeField(page, field, text);

        return (answer.IsSuccessStatusCode, page, body);
    }

    public void Dispose() => http.Dispose();

    private void Judge(IDocument page)
    {
        foreach (var element in page.All)
        {
            if (Foreign.Contains(element.LocalName))
                Wrong.Enqueue($"element {element.LocalName}");

            if (element is IHtmlScriptElement && element.GetAttribute("src")?.StartsWith("/assets/", StringComparison.Ordinal) != true)
                Wrong.Enqueue("a script that is not ours");

            if (element is IHtmlMetaElement && element.HasAttribute("http-equiv"))
                Wrong.Enqueue("meta http-equiv");

            foreach (var attribute in element.Attributes)
            {
                if (attribute.LocalName.StartsWith("on", StringComparison.Ordinal) || attribute.LocalName is "style" or "srcdoc")
                    Wrong.Enqueue($"attribute {attribute.LocalName}");

                if (Leads.Contains(attribute.LocalName) && new Url(new Url(origin), attribute.Value).Origin != origin)
                    Wrong.Enqueue($"leads to {attribute.Value}");
            }
        }
    }

    /// <summary>A field says what it was told, as far as HTML has a way to write it (&#x80; is a euro sign) and the field holds.</summary>
    private void JudgeField(IDocument page, string field, string text)
    {
        if (text.Any(char.IsControl) || page.QuerySelector($"[name='{field}']") is not { } input || Value(input) is not { } says || says.Trim().Length == 0)
            return;

        var cut = int.TryParse(input.GetAttribute("maxlength"), CultureInfo.InvariantCulture, out var most) && text.Length > most;
        if (!(cut ? text.StartsWith(says[..^1], StringComparison.Ordinal) : says.Trim() == text.Trim())) // perhaps cut within a character
            Wrong.Enqueue($"the field says {says}");
    }

    private static string? Value(IElement field) => field is IHtmlTextAreaElement or IHtmlOptionElement ? field.TextContent : field.GetAttribute("value");
}
