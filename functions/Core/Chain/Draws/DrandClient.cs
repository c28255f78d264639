namespace Notary.Chain.Draws;

/// <summary>Which drand chain, and where it is read.</summary>
public sealed class DrandOptions
{
    /// <summary>Nodes or relays with drand's HTTP paths, in order of preference. At least one; the next is asked when one fails.</summary>
    public Uri[] Urls { get; set; } = [];

    /// <summary>The chain hash, 64 lower-case digits. Default: quicknet's. It pins the chain's key: no node is believed about that.</summary>
    public string ChainHash { get; set; } = DrandChain.Quicknet.Hash.ToString();

    /// <summary>For one request to one node: 100 ms to 1 min. Default 5 s.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Checks every setting.</summary>
    /// <exception cref="ArgumentException">Names the setting.</exception>
    public void Validate()
    {
        Require(Urls.Length > 0 && Urls.All(u => u is { IsAbsoluteUri: true, Scheme: "http" or "https" }),
            nameof(Urls), "one or more absolute http(s) addresses");
        Require(Digest.TryParse(ChainHash, out _), nameof(ChainHash), "64 lower-case hexadecimal digits");
        Require(RequestTimeout >= TimeSpan.FromMilliseconds(100) && RequestTimeout <= TimeSpan.FromMinutes(1), nameof(RequestTimeout), "100 ms to 1 min");
    }

    private static void Require(bool holds, string name, string what)
    {
        if (!holds)
            throw new ArgumentException($"Drand:{name} must be {what}");
    }
}

/// <summary>Reads one drand chain over HTTP from several nodes.</summary>
/// <remarks>
/// What is not of the pinned chain or round, or cannot be read, is as if the node did not answer. A round's signature is not verified here but by
/// the registry, so a node can at worst cost a refused transaction. Fault: <see cref="Fault.BeaconUnreachable"/> when no node was of use.
/// </remarks>
public sealed class DrandClient
{
    // A round has some 300 bytes and a chain's description 700.
    private const int MaxReplyBytes = 16 * 1024;

    // "Too early", which newer relays answer instead of 404 for a round to come.
    private const int TooEarly = 425;

    private readonly DrandOptions options;
    private readonly HttpClient http;
    private readonly TimeProvider clock;

    /// <param name="options">Validated here.</param>
    /// <param name="http">Should not follow redirects; its own timeout should be above the options'.</param>
    /// <param name="clock">Counts the timeouts.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public DrandClient(DrandOptions options, HttpClient http, TimeProvider clock)
    {
        options.Validate();
        (this.options, this.http, this.clock) = (options, http, clock);
    }

    /// <summary>The chain of the pinned hash: key, times and group as a node tells them, found to hash to it.</summary>
    public async Task<DrandChain> ChainAsync(CancellationToken cancel = default)
        => await AskAsync("info", bytes => DrandChain.ParseInfo(bytes) is var chain && chain.Hash.ToString() == options.ChainHash
            ? chain
            : throw new FaultException(Fault.Malformed, "this is another drand chain"), cancel).ConfigureAwait(false)
            ?? throw new FaultException(Fault.BeaconUnreachable, "no drand node knows the pinned chain");

    /// <summary>The round; null while no node that answers has it.</summary>
    public Task<DrandRound?> RoundAsync(long round, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(round);
        return AskAsync(string.Create(CultureInfo.InvariantCulture, $"public/{round}"), bytes => DrandRound.Parse(bytes, round), cancel);
    }

    private async Task<T?> AskAsync<T>(string path, Func<byte[], T> read, CancellationToken cancel)
        where T : class
    {
        Exception? last = null;
        var lacking = 0;
        foreach (var url in options.Urls)
        {
            try
            {
                if (await GetAsync(new Uri(url, $"{url.AbsolutePath.TrimEnd('/')}/{options.ChainHash}/{path}"), cancel).ConfigureAwait(false) is { } bytes)
                    return read(bytes);

                lacking++;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or FaultException { Fault: Fault.Malformed }
                || (e is OperationCanceledException && !cancel.IsCancellationRequested))
            {
                last = e;
            }
        }

        return lacking > 0
            ? null
            : throw new FaultException(Fault.BeaconUnreachable,
                $"none of {options.Urls.Length} drand nodes was of use; the last: {last?.GetType().Name}", last);
    }

    private async Task<byte[]?> GetAsync(Uri url, CancellationToken cancel)
    {
        using var timeout = new CancellationTokenSource(options.RequestTimeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancel);
        using var reply = await http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, both.Token).ConfigureAwait(false);
        if ((int)reply.StatusCode is 404 or TooEarly)
            return null;

        reply.EnsureSuccessStatusCode();
        await reply.Content.LoadIntoBufferAsync(MaxReplyBytes, both.Token).ConfigureAwait(false);
        return await reply.Content.ReadAsByteArrayAsync(both.Token).ConfigureAwait(false);
    }
}
