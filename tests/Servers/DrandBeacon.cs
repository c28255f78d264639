using System.Net.Http.Json;
using Notary.Evidence.Drand;

namespace Notary.Servers;

/// <summary>What to start a local drand chain with.</summary>
public sealed record DrandBeaconOptions
{
    /// <summary>When round 1 came, seconds since 1970; null for now.</summary>
    public long? Genesis { get; init; }

    /// <summary>Seconds between rounds. Quicknet's is 3.</summary>
    public int Period { get; init; } = 1;

    /// <summary>Members whose shares a round needs.</summary>
    public int Threshold { get; init; } = 3;

    public int Members { get; init; } = 5;

    /// <summary>Loopback port; 0 picks a free one.</summary>
    public int Port { get; init; }

    /// <summary>32 bytes in hexadecimal from which the key comes: the same seed and genesis are the same chain. Null for a random one.</summary>
    public string? Seed { get; init; }
}

/// <summary>How a local drand chain behaves from now on.</summary>
/// <param name="Up">Members that work; below the threshold there are no rounds.</param>
/// <param name="Ahead">Seconds its clock is ahead, so that nobody waits for a round.</param>
/// <param name="Lie">How its rounds are wrong, by a name in drand-beacon.mjs; empty for not.</param>
public sealed record DrandBehaviour(int Up = 5, long Ahead = 0, string Lie = "");

/// <summary>A drand chain of quicknet's scheme on this machine: a threshold of shares really combined, under drand's HTTP paths.</summary>
public sealed class DrandBeacon : IAsyncDisposable
{
    private static readonly HttpClient Http = new();

    private readonly ChildProcess process;

    private DrandBeacon(ChildProcess process, Uri url, DrandChain chain) => (this.process, Url, Chain) = (process, url, chain);

    public Uri Url { get; }

    /// <summary>Its key, times and hash.</summary>
    public DrandChain Chain { get; }

    /// <summary>The child itself, to be stalled or killed.</summary>
    public ChildProcess Process => process;

    /// <summary>Starts it and waits until it listens.</summary>
    public static async Task<DrandBeacon> StartAsync(DrandBeaconOptions? options = null, CancellationToken cancel = default)
    {
        options ??= new DrandBeaconOptions();
        var port = options.Port == 0 ? ChildProcess.FreePort() : options.Port;
        var process = await ChildProcess.StartAsync(
            new ChildStart("node", Path.Combine(Repository.Root, "tests", "Servers", "drand-beacon.mjs"), $"{port}",
                $"{options.Genesis ?? TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()}", $"{options.Period}", $"{options.Threshold}",
                $"{options.Members}", options.Seed ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)))
            {
                Ready = (child, _) => Task.FromResult(child.StandardOutput.Contains("listening ", StringComparison.Ordinal)),
            },
            cancel);
        var url = new Uri($"http://127.0.0.1:{port}/");
        return new DrandBeacon(process, url, DrandChain.ParseInfo(await Http.GetByteArrayAsync(new Uri(url, "info"), cancel)));
    }

    /// <summary>What it says of itself under <c>/info</c>.</summary>
    public Task<byte[]> InfoAsync(CancellationToken cancel = default) => Http.GetByteArrayAsync(new Uri(Url, "info"), cancel);

    /// <summary>Makes it behave so until told otherwise.</summary>
    public async Task TellAsync(DrandBehaviour behaviour, CancellationToken cancel = default)
    {
        using var reply = await Http.PostAsJsonAsync(new Uri(Url, "tell"), behaviour, cancel);
        reply.EnsureSuccessStatusCode();
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();
}
