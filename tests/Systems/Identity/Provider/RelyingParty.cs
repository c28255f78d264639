using System.Buffers.Text;
using Microsoft.AspNetCore.Http.Extensions;
using Notary.Identity.Stores;

namespace Notary.Identity.Tests.Provider;

/// <summary>A client that does everything right, unless a test has it do one thing wrong.</summary>
internal sealed class RelyingParty(LoginBed bed, RegisteredClient client) : IDisposable
{
    private readonly Browser wire = new(bed);

    public RegisteredClient Client => client;

    public string Verifier { get; } = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public string State { get; } = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));

    public string Nonce { get; } = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));

    public Browser Wire => wire;

    /// <summary>An authorization request; a change of null leaves a parameter out.</summary>
    public Dictionary<string, string> Request(params (string Name, string? Value)[] changes)
    {
        var request = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["client_id"] = client.Client.Id,
            ["response_type"] = "code",
            ["redirect_uri"] = client.Client.RedirectUris[0],
            ["scope"] = string.Join(' ', client.Client.Scopes),
            ["state"] = State,
            ["nonce"] = Nonce,
            ["code_challenge"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier))),
            ["code_challenge_method"] = "S256",
        };
        return Change(request, changes);
    }

    public static string Authorize(IEnumerable<KeyValuePair<string, string>> request) => "/connect/authorize" + new QueryBuilder(request);

    /// <summary>From request to answer, consent included.</summary>
    public async Task<Page> AnswerAsync(Browser browser, params (string Name, string? Value)[] changes)
    {
        var page = await browser.GetAsync(Authorize(Request(changes)));
        return page.Status == 200 ? await browser.DecideAsync(page) : page;
    }

    public async Task<string> CodeAsync(Browser browser, params (string Name, string? Value)[] changes)
    {
        var answer = await AnswerAsync(browser, changes);
        Assert.IsTrue(answer.Sent.ContainsKey("code"), $"{answer.Status} {answer.Location} {answer.Text}");
        return answer.Sent["code"];
    }

    /// <summary>A request to an endpoint that the client authenticates at.</summary>
    public Task<Page> CallAsync(string path, Dictionary<string, string> form, bool basic = true, string? secret = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path);
        if (form.Remove("DPoP", out var proof))
            request.Headers.TryAddWithoutValidation("DPoP", proof);

        if ((secret ?? client.Secret) is { } own && basic)
            request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes($"{client.Client.Id}:{own}")));
        else
            form = Change(form, [("client_id", client.Client.Id), ("client_secret", secret ?? client.Secret)]);

        request.Content = new FormUrlEncodedContent(form);
        return wire.SendAsync(request);
    }

    public Task<Page> PushAsync(params (string Name, string? Value)[] changes) => CallAsync("/connect/par", Request(changes));

    public Task<Page> RedeemAsync(string code, params (string Name, string? Value)[] changes) => CallAsync("/connect/token", Change(
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = client.Client.RedirectUris[0],
            ["code_verifier"] = Verifier,
        }, changes));

    public Task<Page> RefreshAsync(string token, params (string Name, string? Value)[] changes) => CallAsync("/connect/token", Change(
        new Dictionary<string, string>(StringComparer.Ordinal) { ["grant_type"] = "refresh_token", ["refresh_token"] = token }, changes));

    /// <summary>The whole way to tokens.</summary>
    public async Task<JsonElement> TokensAsync(Browser browser, params (string Name, string? Value)[] changes)
    {
        var answer = await RedeemAsync(await CodeAsync(browser, changes));
        Assert.AreEqual(200, answer.Status, answer.Text);
        return answer.Json;
    }

    /// <summary>One of the tokens that <see cref="TokensAsync"/> gets, by its name there.</summary>
    public async Task<string> TokenAsync(Browser browser, string kind, params (string Name, string? Value)[] changes)
        => (await TokensAsync(browser, changes)).GetProperty(kind).GetString()!;

    public void Dispose() => wire.Dispose();

    private static Dictionary<string, string> Change(Dictionary<string, string> form, (string Name, string? Value)[] changes)
    {
        foreach (var (name, value) in changes)
        {
            if (value is null)
                form.Remove(name);
            else
                form[name] = value;
        }

        return form;
    }
}

/// <summary>Reads tokens without judging them.</summary>
internal static class Jwt
{
    /// <summary>Some members' texts, with blanks between.</summary>
    public static string Say(JsonElement json, params string[] names) => string.Join(' ', names.Select(n => json.GetProperty(n).ToString()));

    public static JsonElement Header(string token) => Part(token, 0);

    public static JsonElement Payload(string token) => Part(token, 1);

    public static string Part(object json) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(json));

    private static JsonElement Part(string token, int index) => JsonDocument.Parse(Base64Url.DecodeFromChars(token.Split('.')[index])).RootElement;
}
