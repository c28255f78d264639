using System.Globalization;
using System.Text.RegularExpressions;

namespace Notary.Servers.Arm;

/// <summary>
/// Azure's resource manager, the desktop service, Graph and the identity endpoint of an app, as far as a broker of desktops calls them: tokens,
/// api-versions, deployments that take their time, 201 and 202 with Azure-AsyncOperation and Retry-After, and machines that run what they were told to.
/// </summary>
/// <remarks>Follows the REST reference; written without Azure at hand. What it makes stays until it is deleted.</remarks>
public sealed partial class ArmServer : IAsyncDisposable
{
    private readonly ArmServerOptions options;
    private readonly ArmState state;
    private readonly ConcurrentDictionary<string, DateTimeOffset> tokens = new();
    private readonly ConcurrentDictionary<string, Task> operations = new();
    private readonly ConcurrentQueue<string> calls = new();
    private readonly string header = Guid.NewGuid().ToString("N");
    private WebApplication app = null!;

    private ArmServer(ArmServerOptions options) => (this.options, state) = (options, new ArmState(options));

    public Uri Url { get; private set; } = null!;

    /// <summary>For how long a token is good.</summary>
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromHours(1);

    public ArmFault Fault
    {
        get => state.Fault;
        set => state.Fault = value;
    }

    /// <summary>Whatever of sessions there is: deployments, machines, disks, interfaces, hosts of the pool, sessions of users, device objects.</summary>
    public IReadOnlyList<string> Left => state.Left;

    /// <summary>What runs on machines.</summary>
    public IReadOnlyList<Process> Processes => state.Processes;

    /// <summary>Method and path of every call that was let in.</summary>
    public IReadOnlyList<string> Calls => [.. calls];

    public static async Task<ArmServer> StartAsync(ArmServerOptions options, CancellationToken cancel = default)
    {
        var server = new ArmServer(options);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        server.app = builder.Build();
        server.app.Run(server.AnswerAsync);
        await server.app.StartAsync(cancel);
        server.Url = new Uri(server.app.Urls.Single().TrimEnd('/') + "/");
        return server;
    }

    /// <summary>The settings of an app whose desktops come from here.</summary>
    /// <param name="environment">Gets them.</param>
    /// <param name="by">A proxy before this server; null for none.</param>
    public void Configure(IDictionary<string, string?> environment, Uri? by = null)
    {
        var group = $"/subscriptions/{options.Subscription}/resourceGroups/{options.PoolGroup}/providers";
        foreach (var (name, value) in new (string, string)[]
        {
            ("ResourceManager", (by ?? Url).ToString()), ("Graph", (by ?? Url).ToString()), ("SubscriptionId", options.Subscription),
            ("SessionsGroup", options.SessionsGroup), ("PoolGroup", options.PoolGroup), ("PoolName", options.Pool),
            ("ImageVersionId", $"{group}/Microsoft.Compute/galleries/g/images/forensic-desktop/versions/1.0.0"),
            ("SubnetId", $"{group}/Microsoft.Network/virtualNetworks/v/subnets/desktops"),
            ("LogRuleId", $"{group}/Microsoft.Insights/dataCollectionRules/r"),
            ("DesktopAddress", "https://windows.cloud.microsoft/webclient/avd/w/d?tenant=t"), ("ClientId", "00000000-0000-0000-0000-0000000000bb"),
        })
            environment["Notary__Forensics__Azure__" + name] = value;

        environment["IDENTITY_ENDPOINT"] = new Uri(Url, "msi/token").ToString();
        environment["IDENTITY_HEADER"] = header;
    }

    /// <summary>Takes none of the tokens any more that it gave.</summary>
    public void RevokeTokens() => tokens.Clear();

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        await Task.WhenAll(operations.Values);
        state.Dispose();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var path = http.Request.Path.Value!;
        if (path == "/msi/token")
        {
            await TokenAsync(http);
            return;
        }

        if (http.Request.Headers.Authorization.ToString() is not ['B', 'e', 'a', 'r', 'e', 'r', ' ', .. var token]
            || !tokens.TryGetValue(token, out var end) || end < TimeProvider.System.GetUtcNow())
        {
            http.Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
            await RefuseAsync(http, 401, "ExpiredAuthenticationToken");
            return;
        }

        calls.Enqueue($"{http.Request.Method} {path}");
        if (path.StartsWith("/v1.0/", StringComparison.Ordinal))
            await GraphAsync(http, path);
        else if (!Version().IsMatch(http.Request.Query["api-version"].ToString()))
            await RefuseAsync(http, 400, "MissingApiVersionParameter");
        else
            await ManageAsync(http, path);
    }

    /// <summary>As App Service gives tokens of an app's identities.</summary>
    private Task TokenAsync(HttpContext http)
    {
        if (http.Request.Headers["X-IDENTITY-HEADER"] != header || http.Request.Query["resource"].ToString().TrimEnd('/').Length == 0)
            return RefuseAsync(http, 400, "BadRequest");

        var token = Guid.NewGuid().ToString("N");
        var end = TimeProvider.System.GetUtcNow() + TokenLifetime;
        tokens[token] = end;
        return http.Response.WriteAsJsonAsync(new JsonObject
        {
            ["access_token"] = token, ["token_type"] = "Bearer", ["resource"] = http.Request.Query["resource"].ToString(),
            ["expires_on"] = end.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        });
    }

    private Task GraphAsync(HttpContext http, string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return (http.Request.Method, parts) switch
        {
            ("GET", [_, "users", var user]) => Uri.UnescapeDataString(user) == options.User
                ? http.Response.WriteAsJsonAsync(new JsonObject { ["id"] = "00000000-0000-0000-0000-0000000000cc" })
                : RefuseAsync(http, 404, "Request_ResourceNotFound"),
            ("GET", [_, "devices"]) => http.Response.WriteAsJsonAsync(ListOf(state.DevicesOf(Quoted().Match(http.Request.Query["$filter"]!).Groups[1].Value)
                .Select(id => new JsonObject { ["id"] = id }))),
            ("DELETE", [_, "devices", var id]) => state.RemoveDevice(id) ? EmptyAsync(http, 204) : RefuseAsync(http, 404, "Request_ResourceNotFound"),
            _ => RefuseAsync(http, 405, "MethodNotAllowed"),
        };
    }

    private static JsonObject ListOf(IEnumerable<JsonObject> all) => new() { ["value"] = new JsonArray([.. all]) };

    private static Task EmptyAsync(HttpContext http, int status)
    {
        http.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    private static Task RefuseAsync(HttpContext http, int status, string code)
    {
        http.Response.StatusCode = status;
        return http.Response.WriteAsJsonAsync(new JsonObject { ["error"] = new JsonObject { ["code"] = code, ["message"] = "no" } });
    }

    [GeneratedRegex(@"^20\d\d-\d\d-\d\d(-preview)?$")]
    private static partial Regex Version();

    [GeneratedRegex("'([^']*)'")]
    private static partial Regex Quoted();
}
