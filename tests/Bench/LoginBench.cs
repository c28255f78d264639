using System.Buffers.Text;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Web;
using Microsoft.Extensions.Logging.Abstractions;
using Notary.Identity.Provider;
using Notary.Identity.Stores;

namespace Notary.Bench;

/// <summary>Sign-ins with a client by whoever has a session: from the authorization request to the tokens.</summary>
internal static partial class LoginBench
{
    private const string Callback = "https://client.example/callback";
    private const double LeastPerSecond = 200;
    private const int SignIns = 1000;
    private const int WarmUp = 600;
    private const int Runs = 5;

    public static async Task<IReadOnlyList<Figure>> RunAsync(ConsoleSite site)
    {
        // For its directory of clients alone: it opens nothing before it is asked.
        await using var centre = new LoginCentre(
            new LoginOptions { Issuer = site.Url, SigningKey = KeyNames.LoginSigner, WrapKey = KeyNames.KeyEncryption },
            site.Storage, new KeyClient(site.Platform.Vault.Url, new LoopbackCredential(site.Platform.Vault.Token)),
            new UserDirectory((_, _) => default, (_, _, _) => default, (_, _) => default), (_, _, _) => Task.CompletedTask,
            TimeProvider.System, NullLoggerFactory.Instance);
        var client = await centre.Clients.RegisterAsync(
            ConsoleSite.Tenant, new NewClient("Platform", "archive", ["openid", "read", "write"], [Callback]), CancellationToken.None);
        using var browser = site.Client();
        using var program = new HttpClient { BaseAddress = site.Url };
        await AllowAsync(browser, client);
        await Load.RunAsync(WarmUp, () => SignInAsync(browser, program, client));
        var rates = new List<double>();
        for (var run = 1; run <= Runs; run++)
        {
            rates.Add(await Load.RunAsync(SignIns, () => SignInAsync(browser, program, client)));
            await Console.Error.WriteLineAsync(Figure.Say($"sign-ins: run {run} of {Runs}, {rates[^1]:0} a second; {ConsoleSite.Busy}"));
        }

        return
        [
            new Least("sign-ins", rates.Order().ElementAt(Runs / 2), "a second", LeastPerSecond, Figure.Say(
                $"median of {Runs} runs of {SignIns} (min {rates.Min():0}, max {rates.Max():0}), {Load.Concurrency} at once: authorize with a session, ",
                $"code, access and ID token signed by the vault; {ConsoleSite.Busy}")),
        ];
    }

    private static async Task SignInAsync(HttpClient browser, HttpClient program, RegisteredClient client)
    {
        var (verifier, path) = Request(client);
        using var answer = await browser.GetAsync(path);
        if (answer.StatusCode != HttpStatusCode.Redirect || HttpUtility.ParseQueryString(answer.Headers.Location!.Query)["code"] is not { } code)
            throw new InvalidOperationException($"no code: {(int)answer.StatusCode} {answer.Headers.Location}");

        using var tokens = await program.PostAsync(new Uri("/connect/token", UriKind.Relative), new FormUrlEncodedContent(
        [
            new("grant_type", "authorization_code"), new("code", code), new("redirect_uri", Callback), new("code_verifier", verifier),
            new("client_id", client.Client.Id), new("client_secret", client.Secret!),
        ]));
        var given = await tokens.Content.ReadFromJsonAsync<JsonObject>();
        if (given!["access_token"] is null || given["id_token"] is null)
            throw new InvalidOperationException($"no tokens: {(int)tokens.StatusCode}");
    }

    /// <summary>The consent, which is given once.</summary>
    private static async Task AllowAsync(HttpClient browser, RegisteredClient client)
    {
        using var page = await browser.GetAsync(Request(client).Path);
        var fields = Hidden().Matches(await page.Content.ReadAsStringAsync())
            .Select(m => new KeyValuePair<string, string>(WebUtility.HtmlDecode(m.Groups[1].Value), WebUtility.HtmlDecode(m.Groups[2].Value)))
            .Append(new("decision", "allow"));
        using var allowed = new HttpRequestMessage(HttpMethod.Post, "/connect/authorize") { Content = new FormUrlEncodedContent(fields) };
        var cookies = page.Headers.GetValues("Set-Cookie").Select(cookie => cookie.Split(';')[0]);
        allowed.Headers.Add("Cookie", string.Join("; ", [.. browser.DefaultRequestHeaders.GetValues("Cookie"), .. cookies]));
        using var answer = await browser.SendAsync(allowed);
        if (answer.Headers.Location?.OriginalString.StartsWith(Callback, StringComparison.Ordinal) != true)
            throw new InvalidOperationException($"the consent was not taken: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    private static (string Verifier, Uri Path) Request(RegisteredClient client)
    {
        var verifier = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
        return (verifier, new Uri($"/connect/authorize?client_id={client.Client.Id}&response_type=code&redirect_uri={Uri.EscapeDataString(Callback)}"
            + $"&scope=openid+read+write&state=s&code_challenge={challenge}&code_challenge_method=S256", UriKind.Relative));
    }

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\"")]
    private static partial Regex Hidden();
}
