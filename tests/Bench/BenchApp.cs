namespace Notary.Bench;

/// <summary>The app as its own process, on an account and a contract that nobody has used.</summary>
internal sealed class BenchApp : IAsyncDisposable
{
    private readonly App app;
    private readonly string connection;
    private readonly string operatorKey;

    private BenchApp(App app, HttpClient tenant, string connection, string operatorKey)
    {
        (this.app, Tenant, this.connection, this.operatorKey) = (app, tenant, connection, operatorKey);
        Storage = StorageAccount.Open(new StorageOptions { ConnectionString = connection });
    }

    /// <summary>The app as it is deployed, compiled ahead of time; scripts/bench publishes it.</summary>
    public static string Deployed => Path.Combine(Repository.Root, "artifacts", "app", "Notary.Host");

    /// <summary>Speaks as a tenant.</summary>
    public HttpClient Tenant { get; }

    /// <summary>The app's account, straight.</summary>
    public StorageAccount Storage { get; }

    public string ConnectionString => connection;

    /// <summary>Of the app.</summary>
    public int ProcessId => app.Process.Id;

    /// <summary>Peak of the app's resident memory so far, in MiB.</summary>
    public double PeakMiB => ReadStatus(app, "VmHWM:");

    /// <summary>A figure of Linux's /proc/PID/status in MiB.</summary>
    public static double ReadStatus(App app, string name)
    {
        var line = File.ReadLines($"/proc/{app.Process.Id}/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024.0;
    }

    /// <summary>Starts it, or another build of it, by way of proxies if any are given.</summary>
    public static async Task<BenchApp> StartAsync(Platform platform, Uri? blob = null, Uri? queue = null, Uri? table = null, string? executable = null)
    {
        var account = platform.Azurite.NewAccount();
        var environment = platform.AppEnvironment();
        environment["EvidenceStorage"] = platform.Azurite.ConnectionStringFor(account, blob, queue, table);
        environment["Notary__Chain__Contract"] = await DeployAsync(platform);
        environment["Notary__LogLevel"] = "Warning";
        environment["Notary__RateLimits__TenantPerSecond"] = "100000";
        environment["Notary__RateLimits__TenantBurst"] = "100000";
        foreach (var limit in (string[])["RequestsPerMinute", "ItemsPerMinute", "BytesPerMinute", "Uploads"])
            environment[$"Notary__Limits__Tenant{limit}"] = "1000000000000";

        var app = await App.StartAsync(environment, executable: executable);
        try
        {
            return new BenchApp(app, app.Client(await app.CreateTenantAsync(platform.OperatorKey, "firm", "Firm Example")),
                platform.Azurite.ConnectionStringFor(account), platform.OperatorKey);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Speaks as another tenant.</summary>
    public async Task<HttpClient> TenantAsync(string id) => app.Client(await app.CreateTenantAsync(operatorKey, id, id));

    /// <summary>What the operator sees of a deposit that does not come on.</summary>
    public async Task<string> DescribeAsync(string id)
    {
        using var client = app.Client(operatorKey);
        return await Tenant.GetStringAsync(new Uri($"v1/deposits/{id}", UriKind.Relative)) + "\n"
            + await client.GetStringAsync(new Uri("v1/operator/health", UriKind.Relative)) + "\n"
            + await client.GetStringAsync(new Uri("v1/processes?limit=100", UriKind.Relative)) + "\n" + app.Process.StandardError + app.Process.StandardOutput;
    }

    public async ValueTask DisposeAsync()
    {
        Tenant.Dispose();
        await app.DisposeAsync();
    }

    // The log of a new account starts at nothing, and a contract takes growing sizes only.
    private static async Task<string> DeployAsync(Platform platform)
    {
        using var http = new HttpClient();
        var sender = await VaultSigner.OpenAsync(new KeyClient(platform.Vault.Url, new LoopbackCredential(platform.Vault.Token)), KeyNames.ChainSender);
        return await new LocalChain(platform.Anvil, http).DeployAsync(ChainSigner.FromVault(sender).Address);
    }
}
