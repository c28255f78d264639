using System.Net.Http.Headers;

namespace Notary.EndToEnd.Tests;

/// <summary>One platform, one app, one tenant: what a scenario plays on. The app can be killed and started again.</summary>
internal sealed class Scenario : IAsyncDisposable
{
    /// <summary>Sent with every deposit; its log lines carry it.</summary>
    public const string CorrelationId = "e2e-4711";

    /// <summary>For a state that will come: longer than any machine needs.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, string?> environment;

    private Scenario(Platform platform, Dictionary<string, string?> environment) => (Platform, this.environment) = (platform, environment);

    public Platform Platform { get; }

    public App App { get; private set; } = null!;

    public string Key { get; private set; } = "";

    public DirectoryInfo Folder { get; } = Directory.CreateTempSubdirectory("notary-e2e-");

    /// <summary>Starts everything. <paramref name="route"/> may put proxies in front of dependencies or change settings.</summary>
    public static async Task<Scenario> StartAsync(
        CancellationToken cancel, Func<Platform, Task<Dictionary<string, string?>>>? route = null, bool draws = false)
    {
        var platform = await Platform.StartAsync(new PlatformOptions { Azurite = Shared.Azurite, Draws = draws }, cancel);
        var environment = route is null ? platform.AppEnvironment() : await route(platform);
        environment["Notary__Chain__AnchorIntervalSeconds"] = "1";
        environment["Notary__Chain__Confirmations"] = "2";
        var scenario = new Scenario(platform, environment);
        await scenario.StartAppAsync(cancel);
        scenario.Key = await scenario.App.CreateTenantAsync(platform.OperatorKey, "tenant-a", "甲公司", cancel);
        return scenario;
    }

    /// <summary>Starts the app, and waits until it can work.</summary>
    public async Task StartAppAsync(CancellationToken cancel)
    {
        App = await App.StartAsync(environment, cancel: cancel);
        await App.ReadyAsync(cancel);
    }

    /// <summary>What a power cut does to the app.</summary>
    public async Task KillAppAsync()
    {
        App.Process.Kill();
        await App.Process.WaitForExitAsync();
        await App.DisposeAsync();
    }

    /// <summary>Deposits bytes under an idempotency key and returns the receipt's exact text; <paramref name="by"/> may lead to another instance.</summary>
    public async Task<string> DepositAsync(byte[] content, string name, string idempotencyKey, CancellationToken cancel, HttpClient? by = null)
    {
        using var own = by is null ? App.Client(Key) : null;
        var client = by ?? own!;
        using var request = new HttpRequestMessage(HttpMethod.Post, $"v1/deposits/file?name={Uri.EscapeDataString(name)}")
        { Content = new ByteArrayContent(content) };
        request.Headers.Add("Idempotency-Key", idempotencyKey);
        request.Headers.Add("X-Correlation-Id", CorrelationId);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var response = await client.SendAsync(request, cancel);
        var body = await response.Content.ReadAsStringAsync(cancel);
        Assert.AreEqual(201, (int)response.StatusCode, body);
        return body;
    }

    public async Task<JsonNode> GetAsync(string path, CancellationToken cancel)
    {
        using var client = App.Client(Key);
        return JsonNode.Parse(await client.GetStringAsync(new Uri(path, UriKind.Relative), cancel))!;
    }

    public async Task<byte[]> GetBytesAsync(string path, CancellationToken cancel)
    {
        using var client = App.Client(Key);
        return await client.GetByteArrayAsync(new Uri(path, UriKind.Relative), cancel);
    }

    /// <summary>Waits until a deposit is in a state, and returns its view.</summary>
    public async Task<JsonNode> WaitForAsync(string id, string state, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        JsonNode? view = null;
        while (clock.Elapsed < Patience)
        {
            try
            {
                view = await GetAsync($"v1/deposits/{id}", cancel);
                if ((string)view["state"]! == state)
                    return view;
            }
            catch (HttpRequestException e) when (e.StatusCode == System.Net.HttpStatusCode.ServiceUnavailable)
            {
                // On a busy machine storage may be too slow for an answer: asked again, like any client would.
            }

            await Task.Delay(200, cancel);
        }

        throw new AssertFailedException($"deposit {id} is not {state} after {Patience.TotalSeconds} s: {view}\n{App.Process.StandardOutput}");
    }

    /// <summary>Fetches a bundle to a file, with the trust roots beside it.</summary>
    public async Task<(string Bundle, string Trust)> BundleAsync(string id, CancellationToken cancel)
    {
        var (bundle, trust) = (Path.Combine(Folder.FullName, $"{id}.evidence.zip"), Path.Combine(Folder.FullName, "trust.json"));
        await File.WriteAllBytesAsync(bundle, await GetBytesAsync($"v1/deposits/{id}/bundle", cancel), cancel);
        await File.WriteAllBytesAsync(trust, await App.Http.GetByteArrayAsync(new Uri("v1/trust", UriKind.Relative), cancel), cancel);
        return (bundle, trust);
    }

    /// <summary>Runs the CLI.</summary>
    public static async Task<(int Code, string Output)> NotaryAsync(
        IReadOnlyDictionary<string, string?>? environment, CancellationToken cancel, params string[] arguments)
    {
        var start = new ProcessStartInfo(App.Executable("Cli", "notary"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;

        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(cancel), process.StandardError.ReadToEndAsync(cancel));
        await process.WaitForExitAsync(cancel);
        return (process.ExitCode, await output + await error);
    }

    /// <summary>Audits everything from raw storage, tokens and chain.</summary>
    public async Task FsckAsync(CancellationToken cancel)
    {
        var trust = Path.Combine(Folder.FullName, "fsck-trust.json");
        await File.WriteAllBytesAsync(trust, await App.Http.GetByteArrayAsync(new Uri("v1/trust", UriKind.Relative), cancel), cancel);
        var secrets = new Dictionary<string, string?> { ["NOTARY_STORAGE"] = Platform.ConnectionString, ["NOTARY_VAULT_TOKEN"] = Platform.Vault.Token };
        var (code, output) = await NotaryAsync(secrets, cancel, "fsck", "--trust", trust,
            "--rpc", Platform.Anvil.Url.ToString(), "--vault", Platform.Vault.Url.ToString());
        Assert.AreEqual(0, code, output);
    }

    public async ValueTask DisposeAsync()
    {
        if (App is not null)
            await App.DisposeAsync();

        await Platform.DisposeAsync();
        Folder.Delete(recursive: true);
    }
}
