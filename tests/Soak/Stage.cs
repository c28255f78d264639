using System.Text.Json.Nodes;

namespace Notary.Soak;

/// <summary>One platform and the app on it, with a supervisor that starts the app again whenever it has died.</summary>
internal sealed class Stage : IAsyncDisposable
{
    /// <summary>Characters of the data of an Anchored event, 0x included; the membership events have none.</summary>
    private const int RootAndSender = 2 + (2 * 64);

    private readonly Dictionary<string, string?> environment;
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("notary-soak-");
    private readonly CancellationTokenSource ending = new();
    private readonly List<HttpClient> clients = [];
    private string key = "";
    private Task supervisor = Task.CompletedTask;
    private long upSince = Stopwatch.GetTimestamp();

    private Stage(Platform platform, Dictionary<string, string?> environment) => (Platform, this.environment) = (platform, environment);

    public Platform Platform { get; }

    public App App { get; private set; } = null!;

    /// <summary>Speaks as the tenant to the newest app.</summary>
    public HttpClient Tenant { get; private set; } = null!;

    /// <summary>The tenant's key.</summary>
    public string Key => key;

    /// <summary>Seconds from start to ready after each death.</summary>
    public List<double> ReadySeconds { get; } = [];

    /// <summary>The supervisor's own failure: an app that did not come up again.</summary>
    public Exception? Broken { get; private set; }

    public static async Task<Stage> StartAsync(Azurite? azurite = null, Func<Platform, Task<Dictionary<string, string?>>>? route = null)
    {
        var platform = await Platform.StartAsync(new PlatformOptions { Azurite = azurite });
        var environment = route is null ? platform.AppEnvironment() : await route(platform);
        environment["Notary__Chain__AnchorIntervalSeconds"] = "1";
        environment["Notary__Chain__Confirmations"] = "2";
        environment["Notary__LogLevel"] = "Warning";
        foreach (var (setting, value) in new[] { ("PerSecond", "100000"), ("Burst", "1000000") })
            environment[$"Notary__RateLimits__Tenant{setting}"] = environment[$"Notary__RateLimits__Client{setting}"] = value;

        foreach (var limit in (string[])["RequestsPerMinute", "ItemsPerMinute", "BytesPerMinute", "Uploads"])
            environment[$"Notary__Limits__Tenant{limit}"] = "1000000000000";

        var stage = new Stage(platform, environment);
        try
        {
            stage.App = await App.StartAsync(environment);
            stage.key = await stage.App.CreateTenantAsync(platform.OperatorKey, "tenant-a", "甲公司");
            stage.clients.Add(stage.Tenant = stage.App.Client(stage.key));
            stage.supervisor = stage.SuperviseAsync();
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <summary>What a power cut does to the app.</summary>
    public async Task KillAsync()
    {
        var process = App.Process;
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>Sends a request until it is answered 201, as a client does whose connection breaks or who reads 503.</summary>
    /// <param name="make">The same request each time, under one idempotency key.</param>
    /// <param name="patience">How long to go on; counted anew whenever the app has come up again.</param>
    /// <param name="as">The key of another tenant.</param>
    /// <returns>The receipt's exact text.</returns>
    /// <exception cref="InvalidOperationException">Another answer, or none in time.</exception>
    public async Task<string> DepositAsync(Func<HttpRequestMessage> make, TimeSpan patience, string? @as = null)
    {
        var begun = Stopwatch.GetTimestamp();
        for (var last = ""; ;)
        {
            try
            {
                using var request = make();
                if (@as is not null)
                    request.Headers.Authorization = new("Bearer", @as);

                using var answer = await Tenant.SendAsync(request);
                var text = await answer.Content.ReadAsStringAsync();
                if ((int)answer.StatusCode == 201)
                    return text;

                last = (int)answer.StatusCode >= 500 ? text : throw new InvalidOperationException($"{(int)answer.StatusCode}: {text}");
            }
            catch (Exception broken) when (broken is HttpRequestException or IOException)
            {
                last = broken.Message;
            }

            if (Waited(begun) > patience || Broken is not null)
                throw new InvalidOperationException($"not acknowledged within {patience.TotalSeconds} s: {last}", Broken);

            await Task.Delay(100);
        }
    }

    /// <summary>A deposit's view, or null while nobody answers.</summary>
    /// <exception cref="InvalidOperationException">There is no such deposit.</exception>
    public async Task<JsonNode?> ViewAsync(string id)
    {
        try
        {
            using var answer = await Tenant.GetAsync(new Uri($"v1/deposits/{id}", UriKind.Relative));
            var text = await answer.Content.ReadAsStringAsync();
            return answer.IsSuccessStatusCode
                ? JsonNode.Parse(text) : (int)answer.StatusCode >= 500 ? null : throw new InvalidOperationException($"{id}: {text}");
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException)
        {
            return null;
        }
    }

    /// <summary>Deposits, however often it takes, and waits for the certificate.</summary>
    /// <returns>The receipt's exact text.</returns>
    public async Task<string> CertifiedAsync(Func<HttpRequestMessage> request, TimeSpan patience)
    {
        var begun = Stopwatch.GetTimestamp();
        var receipt = await DepositAsync(request, patience);
        var id = (string)JsonNode.Parse(receipt)!["id"]!;
        for (JsonNode? view = null; ; view = await ViewAsync(id) ?? view)
        {
            if ((string?)view?["state"] == "Certified")
                return receipt;

            if (Waited(begun) > patience)
                throw new InvalidOperationException($"not certified within {patience.TotalSeconds} s: {view}");

            await Task.Delay(100);
        }
    }

    /// <summary>How long somebody has waited for the app that runs now.</summary>
    /// <param name="begun">When he began, a timestamp of <see cref="Stopwatch"/>.</param>
    public TimeSpan Waited(long begun) => Stopwatch.GetElapsedTime(Math.Max(begun, Volatile.Read(ref upSince)));

    /// <summary>Leaves of the log, by its newest signed checkpoint.</summary>
    public async Task<int> LeavesAsync()
        => int.Parse((await App.Http.GetStringAsync(new Uri("v1/log/checkpoint", UriKind.Relative))).Split('\n')[1], CultureInfo.InvariantCulture);

    /// <summary>Sizes of the log that the contract has recorded, one for each event.</summary>
    public async Task<IReadOnlyList<string>> AnchorsAsync()
    {
        var logs = await Platform.Anvil.CallAsync("eth_getLogs",
            new JsonObject { ["address"] = Platform.Contract, ["fromBlock"] = "0x0", ["toBlock"] = "latest" });
        return [.. logs.EnumerateArray().Where(log => log.GetProperty("data").GetString()!.Length == RootAndSender)
            .Select(log => log.GetProperty("topics")[1].GetString()!)];
    }

    /// <summary>Runs <c>notary fsck</c> over everything.</summary>
    /// <returns>What it found; null when all is well.</returns>
    public async Task<string?> FsckAsync()
    {
        var (code, said) = await NotaryAsync(
            "fsck", "--trust", await TrustAsync(), "--rpc", Platform.Anvil.Url.ToString(), "--vault", Platform.Vault.Url.ToString());
        return code == 0 ? null : said;
    }

    /// <summary>Whether a deposit's bundle and its original convince <c>notary verify</c>.</summary>
    public async Task<bool> VerifyAsync(string id, byte[] original)
    {
        var (bundle, content) = (Path.Combine(folder.FullName, "evidence.zip"), Path.Combine(folder.FullName, "original"));
        await File.WriteAllBytesAsync(bundle, await Tenant.GetByteArrayAsync(new Uri($"v1/deposits/{id}/bundle", UriKind.Relative)));
        await File.WriteAllBytesAsync(content, original);
        return (await NotaryAsync("verify", bundle, "--original", content, "--trust", await TrustAsync())).Code == 0;
    }

    private async Task<string> TrustAsync()
    {
        var trust = Path.Combine(folder.FullName, "trust.json");
        await File.WriteAllBytesAsync(trust, await App.Http.GetByteArrayAsync(new Uri("v1/trust", UriKind.Relative)));
        return trust;
    }

    private async Task<(int Code, string Said)> NotaryAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(App.Executable("Cli", "notary"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["NOTARY_STORAGE"] = Platform.ConnectionString, ["NOTARY_VAULT_TOKEN"] = Platform.Vault.Token },
        };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await error);
    }

    /// <summary>A figure of the app's memory in MiB, such as VmRSS or VmHWM.</summary>
    public double MemoryMiB(string name)
        => long.Parse(File.ReadLines($"/proc/{App.Process.Id}/status").First(line => line.StartsWith(name + ":", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024.0;

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await supervisor;
        if (App is not null)
            await App.DisposeAsync();

        await Platform.DisposeAsync();
        clients.ForEach(client => client.Dispose());
        folder.Delete(recursive: true);
        ending.Dispose();
    }

    private async Task SuperviseAsync()
    {
        try
        {
            while (true)
            {
                await App.Process.WaitForExitAsync(ending.Token);
                var clock = Stopwatch.StartNew();
                var next = await App.StartAsync(environment, cancel: ending.Token);
                while (!await IsReadyAsync(next))
                    await Task.Delay(20, ending.Token);

                lock (ReadySeconds)
                {
                    ReadySeconds.Add(clock.Elapsed.TotalSeconds);
                }

                var old = App;
                Volatile.Write(ref upSince, Stopwatch.GetTimestamp());
                App = next;
                clients.Add(Tenant = next.Client(key));
                await old.DisposeAsync();
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
        }
        catch (Exception failure)
        {
            Broken = failure;
            SoakOptions.Say($"the app did not come up again: {failure.Message}");
        }
    }

    private static async Task<bool> IsReadyAsync(App app)
    {
        using var answer = await app.Http.GetAsync(new Uri("readyz", UriKind.Relative));
        return answer.IsSuccessStatusCode;
    }
}
