using System.Net.Sockets;

namespace Notary.Servers;

/// <summary>
/// What <c>scripts/run</c> does.
///  1. Ports: each must be free.
///  2. Start the dependencies, then the app, then the demo tenant.
///  3. With --once: deposit, wait, fetch the bundle, verify it offline; else stay until Ctrl-C.
///  4. End every child, the app first.
/// </summary>
internal sealed class RunCommand(RunArguments arguments)
{
    private static readonly (string Variable, int Port)[] Ports =
    [
        ("NOTARY_PORT", 8080), ("NOTARY_BLOB_PORT", 10000), ("NOTARY_QUEUE_PORT", 10001), ("NOTARY_TABLE_PORT", 10002),
        ("NOTARY_CHAIN_PORT", 8545), ("NOTARY_TSA_A_PORT", 3161), ("NOTARY_TSA_B_PORT", 3162), ("NOTARY_VAULT_PORT", 8200),
        ("NOTARY_CA_PORT", 3163), ("NOTARY_OIDC_PORT", 3164), ("NOTARY_DRAND_PORT", 3165),
    ];

    private const string DemoTenant = "demo";

    private readonly string folder = Path.GetFullPath(
        Environment.GetEnvironmentVariable("NOTARY_STATE") is { Length: > 0 } named ? named : Path.Combine(Repository.Root, ".local"));

    public async Task<int> RunAsync(CancellationToken cancel)
    {
        // 1.
        var ports = new Dictionary<string, int>();
        foreach (var (variable, fallback) in Ports)
        {
            if (Port(variable, fallback) is not { } port)
                return 2;

            ports[variable] = port;
        }

        if (arguments.Fresh && Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);

        // 2.
        await using var platform = await Platform.StartAsync(
            new PlatformOptions
            {
                Folder = folder,
                BlobPort = ports["NOTARY_BLOB_PORT"],
                QueuePort = ports["NOTARY_QUEUE_PORT"],
                TablePort = ports["NOTARY_TABLE_PORT"],
                ChainPort = ports["NOTARY_CHAIN_PORT"],
                AuthorityAPort = ports["NOTARY_TSA_A_PORT"],
                AuthorityBPort = ports["NOTARY_TSA_B_PORT"],
                VaultPort = ports["NOTARY_VAULT_PORT"],
                LetterAuthorityPort = ports["NOTARY_CA_PORT"],
                Consortium = true,
                Draws = true,
                DrandPort = ports["NOTARY_DRAND_PORT"],
                Progress = Say,
            },
            cancel);
        Say("app");
        var environment = platform.AppEnvironment();
        environment["NOTARY_PORT"] = ports["NOTARY_PORT"].ToString(CultureInfo.InvariantCulture);

        // By its name: browsers make passkeys for names alone, never for an address.
        var publicUrl = new Uri($"http://localhost:{ports["NOTARY_PORT"]}");
        environment["Notary__PublicUrl"] = publicUrl.ToString();
        await platform.Azurite.AdmitPagesAsync(platform.Account, publicUrl, cancel);
        await using var provider = await OidcProvider.StartAsync(publicUrl, ports["NOTARY_OIDC_PORT"], cancel: cancel);
        provider.Configure(environment);
        if (arguments.Desktops)
            RunDesktop.Configure(environment, folder, ports["NOTARY_PORT"]);

        var log = Path.Combine(folder, "app.log");
        if (File.Exists(log))
            File.Move(log, log + ".1", overwrite: true);

        await using var app = await App.StartAsync(environment, log, cancel: cancel);
        var key = await DemoKeyAsync(app, platform, cancel);
        var trust = Path.Combine(folder, "trust.json");
        await File.WriteAllBytesAsync(trust, await app.Http.GetByteArrayAsync(new Uri("v1/trust", UriKind.Relative), cancel), cancel);

        // 3.
        if (arguments.Once is { } file)
            return await OnceAsync(app, platform, key, trust, file, cancel);

        Console.WriteLine($"""
            console       {publicUrl}
            as an owner   {await app.InviteAsync(platform.OperatorKey, DemoTenant, "示范管理人 Demo Owner", cancel)}
            as a clerk    {await provider.LinkAsync("clerk", cancel)}
                          (each link works once; sign in as other staff at {publicUrl}sign-in)
            app           {app.Url}
            log           {app.Url}v1/log/checkpoint
            OpenAPI       {app.Url}openapi/v1.json
            storage       {platform.Azurite.BlobEndpoint} {platform.Azurite.QueueEndpoint} {platform.Azurite.TableEndpoint}
            chain         {platform.Anvil.Url} contract {platform.Contract}{Consortium(platform)}
            draws         registry {platform.Registry} drand {platform.Beacon!.Url}
            authorities   {platform.Authorities[0].Url} {platform.Authorities[1].Url}
            vault         {platform.Vault.Url}
            operator key  {platform.OperatorKey}
            tenant key    {key}
            trust roots   {trust}
            app's log     {log}
            Ctrl-C ends everything; state stays under {folder} until --fresh.
            """);
        if (arguments.Desktops)
            await RunDesktop.ShowAsync(app, publicUrl, key, Say, cancel);

        await app.Process.WaitForExitAsync(cancel);
        await Console.Error.WriteLineAsync($"the app ended by itself with code {app.Process.ExitCode}: {app.Process.StandardError}");
        return 1;
    }

    private static string Consortium(Platform platform)
        => platform.Consortium is { } c ? $" consortium {c.Contract.ToLowerHex()} members' keys {c.Folder}" : "";

    private async Task<int> OnceAsync(App app, Platform platform, string key, string trust, string file, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        var output = Directory.CreateDirectory(arguments.Out!).FullName;
        var notary = App.Executable("Cli", "notary");
        var (deposited, answer) = await CallAsync(notary, ["deposit", file, "--url", app.Url.ToString(), "--wait", "--out", output, "--json"], key, cancel);
        if (deposited != 0)
        {
            await Console.Error.WriteLineAsync($"the deposit failed with code {deposited}; the app said: {app.Process.StandardError}");
            return deposited;
        }

        var deposit = JsonNode.Parse(answer)!;
        var bundle = (string)deposit["bundle"]!;
        var (verified, ladder) = await CallAsync(notary,
            ["verify", bundle, "--original", file, "--trust", trust, "--rpc", platform.Anvil.Url.ToString()], key, cancel);
        Console.Write(ladder);
        Console.WriteLine(new JsonObject
        {
            ["id"] = (string)deposit["id"]!,
            ["state"] = (string)deposit["state"]!,
            ["bundle"] = bundle,
            ["seconds"] = Math.Round(clock.Elapsed.TotalSeconds, 1),
        }.ToJsonString(JsonSerializerOptions.Default));
        return verified;
    }

    /// <summary>Runs the CLI; its progress goes straight to our standard error.</summary>
    private static async Task<(int Code, string Output)> CallAsync(string program, IReadOnlyList<string> arguments, string key, CancellationToken cancel)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, Environment = { ["NOTARY_KEY"] = key } })!;
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync(cancel);
            await process.WaitForExitAsync(cancel);
            return (process.ExitCode, output);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }

    private async Task<string> DemoKeyAsync(App app, Platform platform, CancellationToken cancel)
    {
        var file = Path.Combine(folder, "tenant-key");
        if (!File.Exists(file))
            await File.WriteAllTextAsync(file, await app.CreateTenantAsync(platform.OperatorKey, DemoTenant, "示范委托人 Demo Depositor", cancel), cancel);

        return await File.ReadAllTextAsync(file, cancel);
    }

    /// <summary>The port of a service, or null after saying what is wrong with it.</summary>
    private static int? Port(string variable, int fallback)
    {
        var text = Environment.GetEnvironmentVariable(variable);
        if (!int.TryParse(string.IsNullOrEmpty(text) ? fallback.ToString(CultureInfo.InvariantCulture) : text,
            NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
        {
            Console.Error.WriteLine($"{variable} is '{text}'; it should be a TCP port, 1 to 65535");
            return null;
        }

        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, port);
            probe.Start();
            return port;
        }
        catch (SocketException)
        {
            Console.Error.WriteLine($"port {port} is taken; end what uses it or set {variable} to another port");
            return null;
        }
    }

    private static void Say(string what) => Console.Error.WriteLine($"starting {what}");
}
