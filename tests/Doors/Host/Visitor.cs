using System.Text.RegularExpressions;
using Notary.Identity.Tests.People;

namespace Notary.Host.Tests;

/// <summary>A browser at the app's pages: it keeps cookies, repeats a page's token and follows nothing by itself.</summary>
internal sealed partial class Visitor(TestApp app)
{
    /// <summary>The origin of the app's pages, as <see cref="Platform.AppEnvironment"/> has it.</summary>
    public const string Origin = "http://127.0.0.1";

    public const string Session = "notary-session";

    public Dictionary<string, string> Cookies { get; private init; } = new(StringComparer.Ordinal);

    /// <summary>The token of the page that was loaded last.</summary>
    public string Token { get; set; } = "";

    /// <summary>The same browser in a thief's hands.</summary>
    public Visitor Copy() => new(app) { Cookies = new(Cookies, StringComparer.Ordinal), Token = Token };

    /// <summary>Loads a page and takes up its token.</summary>
    public async Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers)
    {
        var answer = await SendAsync(HttpMethod.Get, path, null, [("Accept", "text/html"), .. headers]);
        Token = TokenOf().Match(answer.Text) is { Success: true } found ? found.Groups[1].Value : Token;
        return answer;
    }

    /// <summary>Sends a form of the page, with its token.</summary>
    public Task<Answer> PostAsync(string path, params (string Name, string Value)[] fields)
        => SendAsync(HttpMethod.Post, path, Form([("antiforgery", Token), .. fields]), [("Accept", "text/html")]);

    /// <summary>Sends what the page's script sends.</summary>
    public Task<Answer> PostJsonAsync(string path, byte[] json, params (string Name, string Value)[] headers)
        => SendAsync(HttpMethod.Post, path, new ByteArrayContent(json) { Headers = { ContentType = new("application/json") } },
            [("X-Antiforgery", Token), ("Accept", "application/json"), .. headers]);

    public static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) => new(fields.ToDictionary(f => f.Name, f => f.Value));

    public async Task<Answer> SendAsync(HttpMethod method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        var cookies = string.Join("; ", Cookies.Select(c => $"{c.Key}={c.Value}"));
        var answer = await app.SendAsync(method, path, null, content, cookies.Length > 0 ? [("Cookie", cookies), .. headers] : headers);
        if (answer.Headers.TryGetValue("Set-Cookie", out var lines))
        {
            foreach (Match line in SetCookie().Matches(lines))
            {
                if (line.Groups[2].Length == 0)
                    Cookies.Remove(line.Groups[1].Value);
                else
                    Cookies[line.Groups[1].Value] = line.Groups[2].Value;
            }
        }

        return answer;
    }

    /// <summary>Follows an invitation to the end.</summary>
    public async Task<Answer> AcceptAsync(string link, SoftAuthenticator authenticator, string name = "张三")
    {
        var path = new Uri(link).AbsolutePath;
        if ((await GetAsync(path)).Status != 200)
            await GetAsync("/sign-in");

        var options = await PostJsonAsync(path + "/options", JsonSerializer.SerializeToUtf8Bytes(new { name }));
        return options.Status == 200 ? await PostJsonAsync(path, authenticator.Create(options.Text)) : options;
    }

    public async Task<Answer> SignInAsync(SoftAuthenticator authenticator, string query = "")
    {
        await GetAsync("/sign-in" + query);
        var options = await PostJsonAsync("/sign-in/options", "{}"u8.ToArray());
        return options.Status == 200 ? await PostJsonAsync("/sign-in" + query, authenticator.Get(options.Text)) : options;
    }

    /// <summary>Walks through the provider's pages as one of its accounts: the path with which it sends the browser back.</summary>
    public async Task<string> AskProviderAsync(OidcProvider provider, string account, string query = "")
    {
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        var begun = await GetAsync("/sign-in/staff" + query);
        Assert.AreEqual(302, begun.Status, begun.Text);
        var at = new Uri(begun.Headers["Location"]);
        Task<HttpResponseMessage> next = http.GetAsync(at);
        while (true)
        {
            using var answer = await next;
            if (answer.Headers.Location is { } location)
            {
                at = new Uri(at, location);
                if (at.Authority != provider.Issuer.Authority)
                    return at.PathAndQuery;

                next = http.GetAsync(at);
                continue;
            }

            using var form = Form(("account", account));
            next = http.PostAsync(at, form);
            await next;
        }
    }

    /// <summary>Whether somebody is signed in.</summary>
    public async Task<bool> IsInAsync() => (await GetAsync("/account")).Status == 200;

    [GeneratedRegex("name=\"antiforgery\" value=\"([0-9a-f]{64})\"")]
    private static partial Regex TokenOf();

    [GeneratedRegex("(notary-[a-z]+)=([^;,]*);")]
    private static partial Regex SetCookie();
}
