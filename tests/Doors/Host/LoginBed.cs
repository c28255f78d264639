using System.Buffers.Text;
using System.Net;
using System.Text.RegularExpressions;
using Notary.Host.Composition;
using Notary.Identity.People;
using Notary.Identity.Provider;
using Notary.Identity.Stores;
using Notary.Identity.Tests.Provider;

namespace Notary.Host.Tests;

/// <summary>The whole app with its login centre, where a header says who is signed in with the browser.</summary>
internal sealed class LoginBed : IAsyncDisposable
{
    private const string WhoHeader = "X-Test-Who";
    private const string Callback = "https://client.example/callback";

    private LoginBed(TestApp app) => App = app;

    public TestApp App { get; }

    public LoginCentre Centre => App.Services.GetRequiredService<LoginDoor>().Centre!;

    /// <summary>Members who are there no more.</summary>
    public HashSet<string> Gone { get; private init; } = [];

    public static async Task<LoginBed> StartAsync()
    {
        var gone = new HashSet<string>();
        var people = new UserDirectory(
            (http, _) => ValueTask.FromResult(http.Request.Headers[WhoHeader] is [{ } who] && who.Split('|') is [var person, var tenant, var role]
                ? new SignedIn(person, tenant, Enum.Parse<Role>(role), "Test", "session", DateTimeOffset.FromUnixTimeSeconds(1_790_000_000)) : null),
            (person, _, _) => ValueTask.FromResult(gone.Contains(person) ? null : new Standing(Enum.Parse<Role>(person.Split('-')[0]), "Test")),
            (_, _) => ValueTask.CompletedTask);
        var port = ChildProcess.FreePort();
        var app = await TestApp.StartOnAsync(await Fixture.PlatformAsync(), variables =>
        {
            variables["NOTARY_PORT"] = $"{port}";
            variables["Notary__PublicUrl"] = $"http://127.0.0.1:{port}";
        }, services => services.AddSingleton(people));
        return new LoginBed(app) { Gone = gone };
    }

    public Task<RegisteredClient> RegisterAsync(string tenant) => Centre.Clients.RegisterAsync(tenant,
        new NewClient("Platform", "archive", ["openid", "offline_access", "read", "write"], [Callback]), CancellationToken.None);

    /// <summary>The form of a consent page, allowed.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Allow(Answer page)
        => Regex.Matches(page.Text, "<input type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\" ?/?>")
            .Select(m => new KeyValuePair<string, string>(WebUtility.HtmlDecode(m.Groups[1].Value), WebUtility.HtmlDecode(m.Groups[2].Value)))
            .Append(new("decision", "allow"));

    /// <summary>From request to tokens, for somebody whose id begins with his role.</summary>
    public async Task<JsonElement> TokensAsync(RegisteredClient client, string tenant, Role role, string? person = null, ProofKey? key = null)
    {
        var who = (WhoHeader, $"{person ?? $"{role}-{Guid.NewGuid():N}"}|{tenant}|{role}");
        var verifier = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
        var page = await App.GetAsync($"/connect/authorize?client_id={client.Client.Id}&response_type=code&redirect_uri={Uri.EscapeDataString(Callback)}"
            + $"&scope=openid+offline_access+read+write&state=s&code_challenge={challenge}&code_challenge_method=S256", null, who);
        if (page.Status == 200)
        {
            var cookie = ("Cookie", page.Headers["Set-Cookie"].Split(';')[0]);
            page = await App.SendAsync(HttpMethod.Post, "/connect/authorize", null, new FormUrlEncodedContent(Allow(page)), who, cookie);
        }

        Assert.AreEqual(302, page.Status, page.Text);
        var code = System.Web.HttpUtility.ParseQueryString(new Uri(page.Headers["Location"]).Query)["code"]!;
        var answer = await App.SendAsync(HttpMethod.Post, "/connect/token", null, new FormUrlEncodedContent(
        [
            new("grant_type", "authorization_code"), new("code", code), new("redirect_uri", Callback), new("code_verifier", verifier),
            new("client_id", client.Client.Id), new("client_secret", client.Secret!),
        ]), key is null ? [] : [("DPoP", key.Prove("POST", At("/connect/token"), Now))]);
        Assert.AreEqual(200, answer.Status, answer.Text);
        return answer.Json;
    }

    public DateTimeOffset Now => App.Services.GetRequiredService<TimeProvider>().GetUtcNow();

    /// <summary>An address by the office's public name.</summary>
    public Uri At(string path) => new(App.Services.GetRequiredService<HostSettings>().Office.PublicUrl, path);

    public async Task<string> AccessAsync(RegisteredClient client, string tenant, Role role, string? person = null)
        => (await TokensAsync(client, tenant, role, person)).GetProperty("access_token").GetString()!;

    public ValueTask DisposeAsync() => App.DisposeAsync();
}
