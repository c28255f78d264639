using System.Net;
using System.Text.RegularExpressions;
using System.Web;
using Notary.Identity.People;

namespace Notary.Identity.Tests.Provider;

/// <summary>One answer, read whole.</summary>
internal sealed record Page(int Status, Uri? Location, string Text, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>The parameters of the address that the browser is sent to.</summary>
    public IReadOnlyDictionary<string, string> Sent
    {
        get
        {
            var query = HttpUtility.ParseQueryString(
                Location is { IsAbsoluteUri: true } there ? there.Query : Location?.OriginalString.Split('?', 2)[^1] ?? "");
            return query.AllKeys.Where(k => k is not null).ToDictionary(k => k!, k => query[k!]!, StringComparer.Ordinal);
        }
    }

    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    /// <summary>The error, wherever it is: in the address, in JSON, on the page.</summary>
    public string? Error => Sent.GetValueOrDefault("error")
        ?? (Text.StartsWith('{') && Json.TryGetProperty("error", out var error) ? error.GetString() : null)
        ?? (Regex.Match(Text, "<code>([a-z_]+)</code>") is { Success: true } match ? match.Groups[1].Value : null);
}

/// <summary>A browser with cookies of its own that follows nothing by itself.</summary>
internal sealed class Browser : IDisposable
{
    private readonly HttpClient http;
    private readonly CookieContainer cookies = new();

    public Browser(LoginBed bed) => http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = cookies })
    {
        BaseAddress = bed.Url,
        Timeout = TimeSpan.FromMinutes(2),
        DefaultRequestHeaders = { { "Accept-Language", "en" } },
    };

    public SignedIn? Who { get; private set; }

    /// <summary>Signs in by the test's cookie.</summary>
    public SignedIn SignIn(LoginBed bed, string person = "p1", string? tenant = LoginBed.Tenant, Role role = Role.Owner)
    {
        Who = new SignedIn(person, tenant, role, "张三", Guid.NewGuid().ToString("N"), bed.Clock.GetUtcNow());
        cookies.Add(bed.Url, new Cookie(LoginBed.WhoCookie, LoginBed.Cookie(Who)));
        return Who;
    }

    public Task<Page> GetAsync(string path, string? bearer = null) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path), bearer);

    public Task<Page> PostAsync(string path, IEnumerable<KeyValuePair<string, string>> form, string? bearer = null)
        => SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(form) }, bearer);

    public async Task<Page> SendAsync(HttpRequestMessage request, string? bearer = null)
    {
        using (request)
        {
            if (bearer is not null)
                request.Headers.Authorization = new("Bearer", bearer);

            using var response = await http.SendAsync(request);
            return new Page((int)response.StatusCode, response.Headers.Location, await response.Content.ReadAsStringAsync(),
                response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase));
        }
    }

    /// <summary>The hidden fields of the form on a page.</summary>
    public static Dictionary<string, string> FieldsOf(Page page)
        => Regex.Matches(page.Text, "<input type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\" ?/?>")
            .ToDictionary(m => WebUtility.HtmlDecode(m.Groups[1].Value), m => WebUtility.HtmlDecode(m.Groups[2].Value), StringComparer.Ordinal);

    /// <summary>Clicks a button of the consent page.</summary>
    public Task<Page> DecideAsync(Page page, string decision = "allow", string path = "/connect/authorize")
        => PostAsync(path, FieldsOf(page).Append(new("decision", decision)));

    public void Dispose() => http.Dispose();
}
