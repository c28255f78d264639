using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Notary.Servers.Forensics;

namespace Notary.Forensics.Tests;

/// <summary>A platform with desktops, its app as a process, and a tenant's client of it.</summary>
internal sealed class Office : IAsyncDisposable
{
    /// <summary>For a state that will come: longer than any machine needs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly Dictionary<string, string?> environment;
    private readonly DesktopFolder desktops = new();
    private App app = null!;

    private readonly Action<App> started;

    private Office(Platform platform, string? agent, Action<App> started)
    {
        (Platform, this.started) = (platform, started);
        environment = platform.AppEnvironment();
        environment["Notary__Chain__AnchorIntervalSeconds"] = "1";
        environment["Notary__Chain__Confirmations"] = "1";
        if (agent is null)
            return;

        environment["Notary__Forensics__Agent"] = agent;
        environment["Notary__Forensics__Folder"] = desktops.FullName;
    }

    public Platform Platform { get; }

    public App App => app;

    /// <summary>A program in the agent's place.</summary>
    public static string StandIn => Path.Combine(AppContext.BaseDirectory, "Notary.Servers");

    /// <summary>The agent itself, as it was built with this.</summary>
    public static string Recorder => Path.Combine(Repository.Root, "functions", "Recorder", "bin",
        AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug", "net10.0", "notary-recorder");

    /// <param name="agent">What makes desktops on this machine; null where they come from elsewhere.</param>
    /// <param name="cancel">Gives up.</param>
    /// <param name="configure">More settings.</param>
    /// <param name="started">Told of the app, each time that it has started.</param>
    public static async Task<Office> StartAsync(string? agent, CancellationToken cancel, Action<IDictionary<string, string?>>? configure = null,
        Action<App>? started = null)
    {
        var office = new Office(await Platform.StartAsync(new PlatformOptions(), cancel), agent, started ?? (_ => { }));
        configure?.Invoke(office.environment);
        await office.StartAppAsync();
        return office;
    }

    public async Task StartAppAsync()
    {
        app = await App.StartAsync(environment);
        started(app);
        await app.ReadyAsync();
    }

    /// <summary>As a power cut would.</summary>
    public async Task KillAppAsync()
    {
        app.Process.Kill();
        await app.Process.WaitForExitAsync();
        await app.DisposeAsync();
    }

    /// <summary>A tenant's key.</summary>
    public Task<string> TenantAsync() => app.CreateTenantAsync(Platform.OperatorKey, $"t-{Guid.NewGuid():N}"[..20], "甲公司");

    public async Task<(HttpStatusCode Status, JsonNode? Json)> SendAsync(
        string key, HttpMethod method, string path, JsonObject? body = null, string? idempotencyKey = null)
    {
        using var client = app.Client(key);
        using var request = new HttpRequestMessage(method, new Uri("v1/forensics/sessions" + path, UriKind.Relative));
        if (body is not null)
            request.Content = JsonContent.Create(body);

        if (idempotencyKey is not null)
            request.Headers.Add("Idempotency-Key", idempotencyKey);

        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }

    public async Task<string> CreateAsync(string key, string page = "https://site.example/film", string label = "", string? user = null)
    {
        var body = new JsonObject { ["page"] = page, ["label"] = label };
        if (user is not null)
            body["user"] = user;

        var (status, json) = await SendAsync(key, HttpMethod.Post, "", body);
        Assert.AreEqual(HttpStatusCode.Created, status, json?.ToJsonString());
        return (string)json!["id"]!;
    }

    /// <summary>Waits until the session is so.</summary>
    public async Task<JsonNode> UntilAsync(string key, string id, Func<JsonNode, bool> wanted, string what)
    {
        for (var begun = TimeProvider.System.GetTimestamp(); ;)
        {
            var json = (await SendAsync(key, HttpMethod.Get, "/" + id)).Json!;
            if (wanted(json))
                return json;

            Assert.IsTrue(TimeProvider.System.GetElapsedTime(begun) < Patience, $"{what}: {json.ToJsonString()}; {Said}");
            await Task.Delay(100);
        }
    }

    public Task<JsonNode> UntilAsync(string key, string id, SessionState state) => UntilAsync(key, id, json => IsIn(json, state), $"{state}");

    public static bool IsIn(JsonNode json, SessionState state) => (string?)json["state"] == state.ToString();

    /// <summary>What the app warned of.</summary>
    public string Said => string.Join('\n', app.Process.StandardOutput.Split('\n')
        .Where(line => !line.Contains("\"LogLevel\":\"Information\"", StringComparison.Ordinal)).TakeLast(20));

    /// <summary>The agent's process.</summary>
    public Process AgentOf(string id) => desktops.AgentOf(id);

    /// <summary>What lies there of a session.</summary>
    public IEnumerable<string> LeftOf(string id) => desktops.LeftOf(id);

    public async Task<JsonNode> DepositAsync(string key, string id, string state)
    {
        using var client = app.Client(key);
        for (var begun = TimeProvider.System.GetTimestamp(); ;)
        {
            var json = JsonNode.Parse(await client.GetStringAsync(new Uri("v1/deposits/" + id, UriKind.Relative)))!;
            if ((string?)json["state"] == state)
                return json;

            Assert.IsTrue(TimeProvider.System.GetElapsedTime(begun) < Patience, json.ToJsonString());
            await Task.Delay(200);
        }
    }

    /// <summary>What a stranger finds in a deposited package, by the platform's published trust roots.</summary>
    public async Task<ForensicsReport> JudgeAsync(string key, string deposit)
    {
        using var client = app.Client(key);
        var package = await client.GetByteArrayAsync(new Uri($"v1/deposits/{deposit}/original?item=0", UriKind.Relative));
        using var verifier = new ForensicsVerifier(TrustRoots.Parse(await app.Http.GetByteArrayAsync(new Uri("v1/trust", UriKind.Relative))));
        using var recording = new RecordingPackage(new MemoryStream(package));
        return verifier.Verify(recording, null, CancellationToken.None);
    }

    /// <summary>The whole platform's audit, from raw storage.</summary>
    public async Task<(int Code, string Report)> AuditAsync()
    {
        var trust = Path.Combine(desktops.FullName, "trust.json");
        await File.WriteAllBytesAsync(trust, await app.Http.GetByteArrayAsync(new Uri("v1/trust", UriKind.Relative)));
        using var process = Process.Start(new ProcessStartInfo(App.Executable("Cli", "notary"),
            ["fsck", "--trust", trust, "--storage", Platform.ConnectionString, "--no-chain", "--originals", "0"])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await error);
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        await Platform.DisposeAsync();
        await desktops.DisposeAsync();
    }
}
