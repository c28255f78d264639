using System.Net.Http.Json;
using System.Numerics;
using System.Text.RegularExpressions;

namespace Notary.Servers;

/// <summary>How anvil makes blocks and where it keeps them.</summary>
public sealed record AnvilOptions
{
    /// <summary>A block every so often, whole seconds; null makes one for every transaction.</summary>
    public TimeSpan? BlockTime { get; init; }

    /// <summary>Neither: only when <see cref="Anvil.MineAsync"/> is called.</summary>
    public bool NoMining { get; init; }

    /// <summary>The file that state is loaded from at the start, saved to every ten seconds and on SIGTERM; null for none.</summary>
    public string? StateFile { get; init; }

    public long ChainId { get; init; } = 31337;

    /// <summary>Loopback port; 0 lets anvil pick a free one.</summary>
    public int Port { get; init; }

    /// <summary>More arguments, such as <c>--hardfork cancun</c>.</summary>
    public IReadOnlyList<string> Extra { get; init; } = [];
}

/// <summary>An Ethereum node for tests and local runs: anvil, whose accounts hold play money and whose blocks can be made and unmade by hand.</summary>
/// <remarks>After a reorganisation or revert anvil forgets the transactions and rewinds the nonces, as a node with a small pool may.</remarks>
public sealed partial class Anvil : IAsyncDisposable
{
    private const string SaveSeconds = "10";

    private static readonly HttpClient Http = new();

    private readonly ChildProcess child;
    private int disposed;

    private Anvil(ChildProcess child, Uri url, long chainId)
    {
        this.child = child;
        Url = url;
        ChainId = chainId;
    }

    /// <summary>Its JSON-RPC address.</summary>
    public Uri Url { get; }

    public long ChainId { get; }

    /// <summary>The child itself, to be stalled or killed.</summary>
    public ChildProcess Process => child;

    /// <summary>Starts it and waits until it listens.</summary>
    public static async Task<Anvil> StartAsync(AnvilOptions? options = null, CancellationToken cancel = default)
    {
        options ??= new AnvilOptions();
        var process = await ChildProcess.StartAsync(
            new ChildStart(Program(), Arguments(options))
            {
                Ready = (started, _) => Task.FromResult(Listening().IsMatch(started.StandardOutput)),
                // Saving a state of many blocks takes a while.
                StopTimeout = TimeSpan.FromSeconds(30),
            },
            cancel).ConfigureAwait(false);
        var port = int.Parse(Listening().Match(process.StandardOutput).Groups[1].Value, CultureInfo.InvariantCulture);
        return new Anvil(process, new Uri($"http://127.0.0.1:{port}/"), options.ChainId);
    }

    /// <summary>One JSON-RPC call; throws on an error answer.</summary>
    public async Task<JsonElement> CallAsync(string method, params JsonNode?[] parameters)
    {
        var body = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = 1, ["method"] = method, ["params"] = new JsonArray([.. parameters]) };
        using var reply = await Http.PostAsJsonAsync(Url, body).ConfigureAwait(false);
        var json = await reply.Content.ReadFromJsonAsync<JsonElement>().ConfigureAwait(false);
        return json.TryGetProperty("error", out var error)
            ? throw new InvalidOperationException($"anvil answered {method} with {error}") : json.GetProperty("result").Clone();
    }

    /// <summary>Makes blocks now.</summary>
    public Task MineAsync(int blocks = 1) => CallAsync("anvil_mine", $"0x{blocks:x}");

    /// <summary>Sets an account's money, in wei.</summary>
    public Task FundAsync(string address, BigInteger wei)
        => CallAsync("anvil_setBalance", address, "0x" + wei.ToString("x", CultureInfo.InvariantCulture).TrimStart('0'));

    /// <summary>Replaces the newest blocks by as many empty ones; their transactions are forgotten.</summary>
    public Task ReorganiseAsync(int depth) => CallAsync("anvil_reorg", depth, new JsonArray());

    public ValueTask DisposeAsync() => Interlocked.Exchange(ref disposed, 1) == 0 ? child.DisposeAsync() : ValueTask.CompletedTask;

    // The npm package's launcher is a Node program in front of this binary: one process more, and signals to lose.
    private static string Program()
    {
        var packages = Path.Combine(Repository.Root, "scripts", "node_modules", "@foundry-rs");
        var binary = Directory.Exists(packages) ? Directory.EnumerateFiles(packages, "anvil", SearchOption.AllDirectories).FirstOrDefault() : null;
        return binary ?? Repository.NodeTool("anvil");
    }

    private static List<string> Arguments(AnvilOptions options)
    {
        List<string> arguments = ["--host", "127.0.0.1", "--port", $"{options.Port}", "--chain-id", options.ChainId.ToString(CultureInfo.InvariantCulture)];
        if (options.BlockTime is { } time)
            arguments.AddRange(["--block-time", ((long)time.TotalSeconds).ToString(CultureInfo.InvariantCulture)]);

        if (options.NoMining)
            arguments.Add("--no-mining");

        if (options.StateFile is { } file)
            arguments.AddRange(["--state", file, "--state-interval", SaveSeconds, "--preserve-historical-states"]);

        return [.. arguments, .. options.Extra];
    }

    [GeneratedRegex(@"Listening on [^\s]*:(\d+)")]
    private static partial Regex Listening();
}
