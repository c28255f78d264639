using Azure.Data.Tables;
using Nethereum.Model;
using Notary.Storage;

namespace Notary.Chain.Tests;

[TestClass]
public sealed class SharedServers
{
    private static Azurite? azurite;

    public static Azurite Azurite => azurite ?? throw new InvalidOperationException("not started");

    [AssemblyInitialize]
    public static async Task StartAsync(TestContext context) => azurite = await Azurite.StartAsync(cancel: context.CancellationToken);

    [AssemblyCleanup]
    public static async Task StopAsync()
    {
        if (azurite is not null)
            await azurite.DisposeAsync();
    }
}

/// <summary>A chain of its own with the contract on it, a table of its own, and a permitted sender with money. Blocks come only when asked for.</summary>
internal sealed class ChainScene : IAsyncDisposable
{
    public const int Confirmations = 3;

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromMinutes(2) };

    private readonly List<ECDsa> keys = [];

    public required Anvil Anvil { get; init; }

    public required TableClient Table { get; init; }

    /// <summary>The table's storage account.</summary>
    public required string Account { get; init; }

    public required ChainOptions Options { get; init; }

    public required ChainSigner Signer { get; init; }

    public required ChainSigner Admin { get; init; }

    public required ChainClient Client { get; init; }

    public required AnchorSender Sender { get; init; }

    public Address Contract => Address.Parse(Options.Contract);

    public static async Task<ChainScene> CreateAsync(AnvilOptions? options = null, Action<ChainOptions>? configure = null, bool permitted = true)
    {
        var anvil = await Anvil.StartAsync(options);
        var keys = new List<ECDsa>();
        var (admin, signer) = (NewSigner(keys), NewSigner(keys));
        foreach (var funded in new[] { admin, signer })
            await anvil.FundAsync(funded.Address.ToLowerHex(), BigInteger.Pow(10, 20));

        var chain = new ChainOptions
        {
            RpcUrls = [anvil.Url],
            ChainId = anvil.ChainId,
            Contract = "0x" + new string('0', 40),
            Confirmations = Confirmations,
            RequestTimeout = TimeSpan.FromSeconds(20)
        };
        configure?.Invoke(chain);
        chain.Contract = await ContractDeployment.DeployAsync(new ChainClient(chain, Http, TimeProvider.System),
            admin, permitted ? [signer.Address] : [], chain, TimeProvider.System);
        await anvil.CallAsync("evm_setAutomine", false);

        var account = SharedServers.Azurite.NewAccount();
        var table = new TableClient(SharedServers.Azurite.ConnectionStringFor(account), Names.Chain);
        await table.CreateIfNotExistsAsync();
        var client = new ChainClient(chain, Http, TimeProvider.System);
        var scene = new ChainScene
        {
            Anvil = anvil,
            Table = table,
            Account = account,
            Options = chain,
            Signer = signer,
            Admin = admin,
            Client = client,
            Sender = new AnchorSender(client, signer, table, chain)
        };
        scene.keys.AddRange(keys);
        return scene;
    }

    /// <summary>A second app instance: same table, same key, own everything else; perhaps by way of other addresses.</summary>
    public AnchorSender AnotherSender(params Uri[] urls) => AnotherSender(Table, urls);

    public AnchorSender AnotherSender(TableClient table, params Uri[] urls)
    {
        var options = new ChainOptions
        {
            RpcUrls = urls.Length == 0 ? Options.RpcUrls : urls,
            ChainId = Options.ChainId,
            Contract = Options.Contract,
            Confirmations = Options.Confirmations,
            RequestTimeout = Options.RequestTimeout,
            MaxFeePerGas = Options.MaxFeePerGas,
            BumpAfterBlocks = Options.BumpAfterBlocks,
        };
        return new AnchorSender(new ChainClient(options, Http, TimeProvider.System), Signer, table, options);
    }

    public ChainClient ClientOf(params Uri[] urls) => ClientOf(Options.ChainId, TimeSpan.FromSeconds(5), urls);

    public ChainClient ClientOf(long chainId, TimeSpan timeout, params Uri[] urls)
        => new(new ChainOptions { RpcUrls = urls, ChainId = chainId, Contract = Options.Contract, RequestTimeout = timeout }, Http, TimeProvider.System);

    /// <summary>Signs and sends something else with the sender's key, as a person at a console would.</summary>
    public async Task<string> SendForeignAsync(
        long nonce, BigInteger maxFee, BigInteger tip, ChainSigner? signer = null, Address? to = null, byte[]? data = null)
    {
        var by = signer ?? Signer;
        var signed = await by.SignAsync(
            new Transaction1559(Options.ChainId, nonce, tip, maxFee, 100_000, (to ?? by.Address).ToLowerHex(), 0, Hex.Of(data ?? []), []));
        var answer = await Client.SendAsync(signed);
        Assert.AreEqual(SendOutcome.Accepted, answer.Outcome, answer.Message);
        return NodeRlp.Hash(signed);
    }

    /// <summary>What the contract emitted on the canonical chain, in order.</summary>
    public async Task<IReadOnlyList<Anchored>> EventsAsync()
    {
        var logs = await Anvil.CallAsync("eth_getLogs",
            new System.Text.Json.Nodes.JsonObject { ["address"] = Options.Contract, ["fromBlock"] = "0x0", ["toBlock"] = "latest" });
        return [.. logs.EnumerateArray().Select(Anchored).OfType<Anchored>()];
    }

    /// <summary>Through the judge's eyes and the writer's, which must see the same.</summary>
    private static Anchored? Anchored(System.Text.Json.JsonElement json)
    {
        var topics = json.GetProperty("topics").EnumerateArray().Select(t => Hex.Bytes(t.GetString(), 32)).ToArray();
        var log = new EventLog(Address.Parse(NodeRlp.Text(json, "address")), topics, Hex.Bytes(NodeRlp.Text(json, "data")));
        AnchorContract.TryDecodeAnchored(log, out var anchored);
        (long, Digest)? judged = anchored is null ? null : (anchored.Size, anchored.Root);
        Assert.AreEqual(judged, ContractArtifact.EvidenceAnchor.Anchored(json));
        return anchored;
    }

    /// <summary>The call data of the contract's function.</summary>
    public static byte[] Call(string function, params object[] values) => ContractArtifact.EvidenceAnchor.Call(function, values);

    /// <summary>What the books say.</summary>
    public async Task<AnchorRecord> RecordAsync(long size)
        => await new AnchorLedger(Table, Options.ChainId, Signer.Address, Contract).FindAsync(size, default)
            ?? throw new InvalidOperationException("not recorded");

    public Task<long> NonceAsync() => Client.NonceAsync(Signer.Address);

    public async ValueTask DisposeAsync()
    {
        await Anvil.DisposeAsync();
        keys.ForEach(k => k.Dispose());
    }

    public static Digest Root(long size) => Digest.Of(BitConverter.GetBytes(size));

    private static ChainSigner NewSigner(List<ECDsa> keys)
    {
        var key = ECDsa.Create(ECCurve.CreateFromValue("1.3.132.0.10"));
        keys.Add(key);
        return ChainSigner.FromSpki(key.ExportSubjectPublicKeyInfo(), (hash, _) => Task.FromResult(key.SignHash(hash.Span)));
    }
}
