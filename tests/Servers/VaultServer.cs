using Azure.Core;

namespace Notary.Servers;

/// <summary>Where the vault listens and keeps its keys.</summary>
public sealed record VaultServerOptions
{
    /// <summary>The folder with its keys, to survive a restart; null keeps them in memory.</summary>
    public string? Folder { get; init; }

    /// <summary>A loopback port; 0 picks a free one.</summary>
    public int Port { get; init; }

    /// <summary>A bearer token that is always accepted; null makes one up. For apps configured with a fixed token.</summary>
    public string? Token { get; init; }

    /// <summary>How long a token from the token endpoint lasts.</summary>
    public TimeSpan TokenLifetime { get; init; } = TimeSpan.FromHours(1);

    public TimeProvider Clock { get; init; } = TimeProvider.System;
}

/// <summary>How the vault misbehaves while <see cref="VaultServer.Fault"/> says so.</summary>
public enum VaultFault
{
    None,
    Unauthorized401,
    Forbidden403,
    TooMany429,
    Error500,

    /// <summary>Answers signatures by another key and garbage data keys.</summary>
    WrongKey,

    /// <summary>Answers 200 with something that is not JSON.</summary>
    Garbage,

    /// <summary>Accepts the request and never answers.</summary>
    Silent,

    /// <summary>Challenges for a token to another domain.</summary>
    ForeignChallenge,
}

/// <summary>Azure Key Vault's keys REST API 7.4 with software keys: create, get, sign, verify, wrapkey, unwrapkey, challenge authentication.</summary>
/// <remarks>Follows the REST reference for what the platform calls; no soft delete, no rotation policy, no HSM. Plain http: for this machine only.</remarks>
public sealed class VaultServer : IAsyncDisposable
{
    private static readonly HashSet<string> ApiVersions = ["7.4", "7.5", "7.6"];

    private readonly VaultServerOptions options;
    private readonly VaultKeyStore keys;
    private readonly ConcurrentDictionary<string, DateTimeOffset> issued = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> calls = new(StringComparer.Ordinal);
    private readonly ECDsa wrongKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private WebApplication app = null!;
    private int faultsLeft;

    private VaultServer(VaultServerOptions options)
    {
        this.options = options;
        Token = options.Token ?? Guid.NewGuid().ToString("N");
        keys = new VaultKeyStore(options.Folder);
    }

    /// <summary>The vault's address, ending in a slash.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>The bearer token that is always accepted.</summary>
    public string Token { get; }

    /// <summary>A credential that gets its tokens from this vault's token endpoint.</summary>
    public TokenCredential Credential => new DevCredential(Url, options.Clock);

    /// <summary>The misbehaviour in force.</summary>
    public VaultFault Fault { get; private set; }

    /// <summary>Seconds that a 429 asks to wait.</summary>
    public int RetryAfterSeconds { get; set; } = 1;

    public static async Task<VaultServer> StartAsync(VaultServerOptions? options = null, CancellationToken cancel = default)
    {
        var server = new VaultServer(options ?? new VaultServerOptions());
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{server.options.Port}");
        server.app = builder.Build();
        server.app.Run(server.AnswerAsync);
        await server.app.StartAsync(cancel);
        server.Url = new Uri(server.app.Urls.Single().TrimEnd('/') + "/");
        return server;
    }

    /// <summary>Misbehaves for the next <paramref name="times"/> authenticated requests, or until told otherwise.</summary>
    public void Misbehave(VaultFault fault, int times = int.MaxValue)
    {
        faultsLeft = times;
        Fault = fault;
    }

    /// <summary>Requests seen of one operation (create, get, sign, verify, wrapkey, unwrapkey, token), faults included.</summary>
    public int Calls(string operation) => calls.GetValueOrDefault(operation);

    /// <summary>Forgets the tokens it issued, as an identity service does when a principal is disabled.</summary>
    public void RevokeTokens() => issued.Clear();

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        wrongKey.Dispose();
    }

    private static Task RefuseAsync(HttpContext http, int status, string code, string message)
    {
        http.Response.StatusCode = status;
        return http.Response.WriteAsJsonAsync(new JsonObject { ["error"] = new JsonObject { ["code"] = code, ["message"] = message } });
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var path = http.Request.Path.Value!.Trim('/').Split('/');
        if (path is [_, "oauth2", "v2.0", "token"])
        {
            await IssueTokenAsync(http);
            return;
        }

        if (path is not ["keys", var name, .. var rest] || rest.Length > 2)
        {
            await RefuseAsync(http, 404, "NotFound", "no such resource");
            return;
        }

        if (!ApiVersions.Contains(http.Request.Query["api-version"].ToString()))
        {
            await RefuseAsync(http, 400, "BadParameter", "the api-version is missing or not supported");
            return;
        }

        if (!await AuthorizeAsync(http))
            return;

        var operation = (http.Request.Method, rest) switch
        {
            ("POST", ["create"]) => "create",
            ("GET", [] or [_]) => "get",
            ("POST", [_, "sign" or "verify" or "wrapkey" or "unwrapkey"]) => rest[1],
            _ => "",
        };
        calls.AddOrUpdate(operation, 1, (_, count) => count + 1);
        if (Fault != VaultFault.None && Interlocked.Decrement(ref faultsLeft) >= 0 && await MisbehaveAsync(http, operation))
            return;

        await OperateAsync(http, operation, name, rest);
    }

    private async Task OperateAsync(HttpContext http, string operation, string name, string[] rest)
    {
        try
        {
            if (operation == "create")
            {
                await http.Response.WriteAsJsonAsync(keys.Create(name, await BodyAsync(http), options.Clock.GetUtcNow()).Describe(Url));
                return;
            }

            if (operation == "")
                await RefuseAsync(http, 405, "MethodNotAllowed", "no such operation");
            else if (keys.Find(name, rest.Length > 0 ? rest[0] : null) is not { } key)
                await RefuseAsync(http, 404, "KeyNotFound", $"A key with (name/id) {name} was not found in this key vault.");
            else
                await http.Response.WriteAsJsonAsync(operation == "get" ? key.Describe(Url) : key.Operate(Url, operation, await BodyAsync(http)));
        }
        catch (Exception bad) when (bad is ArgumentException or JsonException or CryptographicException or InvalidOperationException)
        {
            await RefuseAsync(http, 400, "BadParameter", bad.Message);
        }
    }

    private static async Task<JsonObject> BodyAsync(HttpContext http)
        => await JsonSerializer.DeserializeAsync<JsonObject>(http.Request.Body, cancellationToken: http.RequestAborted)
            ?? throw new ArgumentException("the body is not an object");

    private async Task<bool> AuthorizeAsync(HttpContext http)
    {
        var token = http.Request.Headers.Authorization.ToString() is ['B', 'e', 'a', 'r', 'e', 'r', ' ', .. var rest] ? rest : "";
        var foreign = Fault == VaultFault.ForeignChallenge;
        if (!foreign && (token == Token || (issued.TryGetValue(token, out var end) && end > options.Clock.GetUtcNow())))
            return true;

        var resource = foreign ? "https://management.example.org" : $"http://{Url.Host}";
        http.Response.Headers.WWWAuthenticate = $"Bearer authorization=\"{Url}local\", resource=\"{resource}\"";
        await RefuseAsync(http, 401, "Unauthorized", "AKV10000: Request is missing a Bearer or PoP token.");
        return false;
    }

    private async Task IssueTokenAsync(HttpContext http)
    {
        calls.AddOrUpdate("token", 1, (_, count) => count + 1);
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        if (form["scope"] != $"http://{Url.Host}/.default")
        {
            await RefuseAsync(http, 400, "invalid_scope", "no token to that");
            return;
        }

        var token = Guid.NewGuid().ToString("N");
        issued[token] = options.Clock.GetUtcNow() + options.TokenLifetime;
        await http.Response.WriteAsJsonAsync(
            new JsonObject { ["token_type"] = "Bearer", ["access_token"] = token, ["expires_in"] = (long)options.TokenLifetime.TotalSeconds });
    }

    private async Task<bool> MisbehaveAsync(HttpContext http, string operation)
    {
        switch (Fault)
        {
            case VaultFault.Unauthorized401:
                http.Response.Headers.WWWAuthenticate = $"Bearer authorization=\"{Url}local\", resource=\"http://{Url.Host}\"";
                await RefuseAsync(http, 401, "Unauthorized", "the token is not accepted");
                return true;
            case VaultFault.Forbidden403:
                await RefuseAsync(http, 403, "Forbidden", "the caller has no permission");
                return true;
            case VaultFault.TooMany429:
                http.Response.Headers.RetryAfter = $"{RetryAfterSeconds}";
                await RefuseAsync(http, 429, "Throttled", "too many requests");
                return true;
            case VaultFault.Error500:
                await RefuseAsync(http, 500, "InternalServerError", "out of order");
                return true;
            case VaultFault.Garbage:
                await http.Response.WriteAsync("<html>it works</html>");
                return true;
            case VaultFault.Silent:
                await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
                return true;
            case VaultFault.WrongKey when operation is "sign" or "unwrapkey":
                var digest = System.Buffers.Text.Base64Url.DecodeFromChars((string)(await BodyAsync(http))["value"]!);
                var value = operation == "sign"
                    ? wrongKey.SignHash(digest, DSASignatureFormat.IeeeP1363FixedFieldConcatenation) : RandomNumberGenerator.GetBytes(32);
                await http.Response.WriteAsJsonAsync(new JsonObject { ["kid"] = "wrong", ["value"] = System.Buffers.Text.Base64Url.EncodeToString(value) });
                return true;
            default:
                return false;
        }
    }
}
