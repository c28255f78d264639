using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notary.Chain.Draws;
using Notary.Evidence.Drand;

namespace Notary.Chain.Tests.Draws;

/// <summary>A chain with a registry on it, which verifies a local drand chain whose clock is a day ahead; anybody can send anything. Blocks come
/// only when asked for.</summary>
internal sealed class DrawScene : IAsyncDisposable
{
    public const int Margin = 12;

    // From the publication; nothing here mines that many seconds unasked.
    private const int RoundAfter = 3600;

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromMinutes(2) };

    public required Anvil Anvil { get; init; }

    public required DrandBeacon Beacon { get; init; }

    public required DrandChain Drand { get; init; }

    public required ChainOptions Options { get; init; }

    public required ChainClient Client { get; init; }

    public required DrawRegistry Registry { get; init; }

    public Address Publisher { get; } = Somebody();

    public DrandClient DrandClient => DrandClientOf(Beacon.Url);

    public static async Task<DrawScene> CreateAsync(AnvilOptions? options = null, DrandChain? drand = null)
    {
        var beacon = await DrandBeacon.StartAsync(new DrandBeaconOptions { Genesis = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 1000 });
        await beacon.TellAsync(new DrandBehaviour(Ahead: 86_400));
        drand ??= DrandChain.ParseInfo(await beacon.InfoAsync());
        var anvil = await Anvil.StartAsync(options);
        var chain = new ChainOptions
        {
            RpcUrls = [anvil.Url],
            ChainId = anvil.ChainId,
            Contract = "0x" + new string('0', 40),
            Confirmations = ChainScene.Confirmations,
            RequestTimeout = TimeSpan.FromSeconds(20),
        };
        var client = new ChainClient(chain, Http, TimeProvider.System);
        using var key = ECDsa.Create(ECCurve.CreateFromValue("1.3.132.0.10"));
        var deployer = SignerOf(key);
        await anvil.FundAsync(deployer.Address.ToLowerHex(), BigInteger.Pow(10, 20));
        var address = await ContractDeployment.DeployRegistryAsync(client, deployer, drand, TimeSpan.FromSeconds(Margin), chain, TimeProvider.System);
        Assert.AreEqual(address,
            await ContractDeployment.DeployRegistryAsync(client, deployer, drand, TimeSpan.FromSeconds(Margin), chain, TimeProvider.System), "found again");
        await anvil.CallAsync("evm_setAutomine", false);
        await anvil.CallAsync("anvil_autoImpersonateAccount", true);
        return new DrawScene
        {
            Anvil = anvil,
            Beacon = beacon,
            Drand = drand,
            Options = chain,
            Client = client,
            Registry = new DrawRegistry(client, Address.Parse(address)),
        };
    }

    public static ChainSigner SignerOf(ECDsa key)
        => ChainSigner.FromSpki(key.ExportSubjectPublicKeyInfo(), (hash, _) => Task.FromResult(key.SignHash(hash.Span)));

    public static Address Somebody() => new(RandomNumberGenerator.GetBytes(Address.Size));

    public static Digest Some() => new(RandomNumberGenerator.GetBytes(Digest.Size));

    /// <summary>An app's sender with a key and books of its own, and money; perhaps by way of another address.</summary>
    public async Task<DrawSender> SenderAsync(DrawAccount account, Uri? url = null)
    {
        await Anvil.FundAsync(account.Signer.Address.ToLowerHex(), BigInteger.Pow(10, 20));
        var options = url is null ? Options : new ChainOptions
        {
            RpcUrls = [url], ChainId = Options.ChainId, Contract = Options.Contract, Confirmations = Options.Confirmations,
            RequestTimeout = TimeSpan.FromSeconds(5),
        };
        return new DrawSender(new ChainClient(options, Http, TimeProvider.System), account.Signer, Registry.Contract, account.Table, options);
    }

    public DrandClient DrandClientOf(params Uri[] urls)
        => new(new DrandOptions { Urls = urls, ChainHash = Drand.Hash.ToString() }, Http, TimeProvider.System);

    /// <summary>A plan with ten blocks for commits and ten for reveals.</summary>
    public async Task<DrawPlan> PlanAsync(BeaconSource source = BeaconSource.Drand, params Address[] kept)
    {
        var head = await Client.HeadAsync();
        var number = source == BeaconSource.Block ? 3 : Drand.RoundFrom(await TimeAsync() + TimeSpan.FromSeconds(RoundAfter));
        return new DrawPlan(DrawPlan.NewId(Publisher), DrawKind.Draw, Some(), head.Block + 10, head.Block + 20, source, number, kept);
    }

    /// <summary>The same, published.</summary>
    public async Task<DrawPlan> PublishAsync(BeaconSource source = BeaconSource.Drand, params Address[] kept)
    {
        var plan = await PlanAsync(source, kept);
        await DoAsync(Publisher, DrawCall.Publish(plan));
        return plan;
    }

    /// <summary>Published, with so many parties of whom the first <paramref name="revealing"/> revealed, and closed.</summary>
    public async Task<(DrawPlan Plan, IReadOnlyList<(Address Account, Digest Secret)> Parties)> PlayAsync(
        BeaconSource source = BeaconSource.Drand, int committing = 2, int revealing = 2)
    {
        var plan = await PublishAsync(source);
        var parties = Enumerable.Range(0, committing).Select(_ => (Account: Somebody(), Secret: Some())).ToList();
        foreach (var (account, secret) in parties)
            await DoAsync(account, DrawCall.Commit(plan.DrawId, account, secret.ToArray()));

        await MineToAsync(plan.CommitDeadline);
        foreach (var (account, secret) in parties.Take(revealing))
            await DoAsync(account, DrawCall.Reveal(plan.DrawId, secret.ToArray()));

        await MineToAsync(plan.RevealDeadline + (source == BeaconSource.Block ? plan.Number : 0));
        return (plan, parties);
    }

    public async Task<DrandRound> RoundAsync(long round) => await DrandClient.RoundAsync(round) ?? throw new InvalidOperationException("no such round");

    public async Task<DrawCall> SeedCallAsync(DrawPlan plan)
        => plan.Source == BeaconSource.Block ? DrawCall.FixSeed(plan.DrawId) : DrawCall.FixSeed(plan.DrawId, await RoundAsync(plan.Number));

    public async Task<DrawOnChain> StateAsync(Digest drawId) => await Registry.ReadAsync(drawId) ?? throw new InvalidOperationException("no such draw");

    /// <summary>Sends the call in the next block; it must succeed.</summary>
    /// <returns>The gas it took.</returns>
    public async Task<long> DoAsync(Address from, DrawCall call)
    {
        var (error, gas) = await SendAsync(from, call.Data);
        return error is null ? gas : throw new InvalidOperationException($"{call.Name} was refused: {error}");
    }

    /// <summary>Sends the call in the next block; it must be reverted with that error.</summary>
    public async Task RefusedAsync(string error, Address from, DrawCall call, string why = "")
        => Assert.AreEqual(error, (await SendAsync(from, call.Data)).Error, $"{call.Name} {why}");

    /// <summary>Makes blocks until the newest has that number; the next one is the first after it.</summary>
    public async Task MineToAsync(long block)
    {
        var head = (await Client.HeadAsync()).Block;
        if (block > head)
            await Anvil.MineAsync((int)(block - head));
    }

    /// <summary>The newest block's time.</summary>
    public async Task<DateTimeOffset> TimeAsync()
        => DateTimeOffset.FromUnixTimeSeconds(Hex.Long((await Anvil.CallAsync("eth_getBlockByNumber", "latest", false)).GetProperty("timestamp").GetString()));

    /// <summary>Gives the next block that time.</summary>
    public Task NextAtAsync(DateTimeOffset time) => Anvil.CallAsync("evm_setNextBlockTimestamp", time.ToUnixTimeSeconds());

    public async Task<(string? Error, long Gas)> SendAsync(Address from, byte[] data)
    {
        await Anvil.FundAsync(from.ToLowerHex(), BigInteger.Pow(10, 20));
        var hash = (await Anvil.CallAsync("eth_sendTransaction", new JsonObject
        {
            ["from"] = from.ToLowerHex(), ["to"] = Registry.Contract.ToLowerHex(), ["data"] = Hex.Of(data), ["gas"] = "0x4c4b40",
        })).GetString()!;
        await Anvil.MineAsync();
        var receipt = await Anvil.CallAsync("eth_getTransactionReceipt", hash);
        var gas = Hex.Long(receipt.GetProperty("gasUsed").GetString());
        if (receipt.GetProperty("status").GetString() == "0x1")
            return (null, gas);

        var trace = await Anvil.CallAsync("debug_traceTransaction", hash, new JsonObject { ["tracer"] = "callTracer" });
        var output = trace.TryGetProperty("output", out var o) ? o.GetString() ?? "" : "";
        return (ContractArtifact.DrawRegistry.Error(output)?.Name ?? $"reverted with {output}", gas);
    }

    public async ValueTask DisposeAsync()
    {
        await Anvil.DisposeAsync();
        await Beacon.DisposeAsync();
    }
}
