using Notary.Chain;
using Notary.Deposits.Usage;
using Notary.Keys;
using Notary.Orchestration;
using Notary.Verification;
using Notary.Verification.Letters;

namespace Notary.Deposits.Tests;

/// <summary>Intake and sequencer on a real storage account and a real vault; the chain is out of reach, which intake must not mind.</summary>
internal sealed class Bed : IAsyncDisposable
{
    public const string Origin = "test.example/log";

    public static readonly Tenant TenantA = new("tenant-a", "甲公司", "did:web:a.example", false);
    public static readonly Tenant TenantB = new("tenant-b", "乙公司", "did:web:b.example", false);

    private Bed(StorageAccount storage, VaultServer vault, VaultSigner signer, VaultKeyEncryption wrap)
    {
        (Storage, Vault, Signer, Wrap) = (storage, vault, signer, wrap);
        hub = new TaskHub(storage, NullLoggerFactory.Instance);
        Door.Offer(hub.Client());
    }

    private readonly TaskHub hub;

    public StorageAccount Storage { get; }

    /// <summary>To a task hub that nothing works on: what is started stays where it is.</summary>
    public DurableDoor Door { get; } = new();

    public OrchestrationStarter Starter => new(Storage, Door);

    public VaultServer Vault { get; }

    public VaultSigner Signer { get; }

    public VaultKeyEncryption Wrap { get; }

    public static DepositsSettings Settings { get; } = new()
    {
        Origin = Origin,
        Office = new LetterOffice("示范公证处", "Model Notary Office"),
        Parties = new LetterParties("示范", "示范市示范路 1 号", "示范平台有限公司", "示范存证链", "示范链运营有限公司"),
        PublicUrl = new Uri("http://127.0.0.1"),
        BatchInterval = TimeSpan.FromMilliseconds(20),
        LeaseDuration = TimeSpan.FromSeconds(2),
    };

    /// <param name="azurite">Whose account.</param>
    /// <param name="cancel">Stops.</param>
    /// <param name="clock">What storage's is compared with.</param>
    /// <param name="blobs">Where blobs are asked for, in place of the server itself.</param>
    public static async Task<Bed> StartAsync(Azurite azurite, CancellationToken cancel, TimeProvider? clock = null, Uri? blobs = null)
    {
        var storage = StorageAccount.Open(new StorageOptions { ConnectionString = azurite.ConnectionStringFor(azurite.NewAccount(), blobs) }, time: clock);
        await storage.EnsureCreatedAsync(cancel);
        var vault = await VaultServer.StartAsync(cancel: cancel);
        var keys = new KeyClient(vault.Url, vault.Credential);
        await KeyNames.EnsureCreatedAsync(keys, cancel);
        return new Bed(storage, vault, await VaultSigner.OpenAsync(keys, KeyNames.LogSigner, cancel),
            await VaultKeyEncryption.OpenAsync(keys, KeyNames.KeyEncryption, cancel));
    }

    /// <summary>A sequencer as one app instance has it.</summary>
    public Sequencer Sequencer(DepositsSettings? settings = null)
        => new(Storage, Signer, Starter, settings ?? Settings, TimeProvider.System, NullLogger<Sequencer>.Instance);

    /// <summary>Intake as one app instance has it.</summary>
    public DepositService Service(Sequencer sequencer, TimeProvider? clock = null, UsageMeter? usage = null)
    {
        var chain = new ChainClient(new ChainOptions
        {
            RpcUrls = [new Uri("http://127.0.0.1:9/")],
            ChainId = 1,
            Contract = "0x0000000000000000000000000000000000000001"
        }, new HttpClient(), TimeProvider.System);
        var trust = new TrustRoots
        {
            Origin = Origin,
            LogKeySpki = Signer.PublicKeySpki,
            Authorities = [],
            LetterRoots = [],
            ChainId = 1,
            Contract = "0x0000000000000000000000000000000000000001"
        };
        return new DepositService(
            Storage,
            new OriginalStore(Storage, Wrap, Wrap),
            new ChainHeads(chain, 1, TimeProvider.System, NullLogger<ChainHeads>.Instance),
            sequencer,
            new Coverage(Storage, TimeProvider.System),
            new EvidenceFiles(Storage, new PublicLog(Storage), trust, Settings, TimeProvider.System),
            Starter,
            new BatchIndexer(Storage, NullLogger<BatchIndexer>.Instance),
            Settings,
            clock ?? TimeProvider.System) { Usage = usage };
    }

    public static DepositOptions Options(string? key = null, string? name = null, Digest? contentDigest = null)
        => new(name, null, new Dictionary<string, string>(), null, key, contentDigest, LetterOnRequest: true);

    public static DigestItem Item(int n) => new($"item {n}", n, "text/plain", Digest.Of(BitConverter.GetBytes(n)));

    /// <summary>Every leaf of the log, read back from the published entry bundles.</summary>
    public async Task<IReadOnlyList<Digest>> LeavesAsync(CancellationToken cancel)
    {
        var log = new PublicLog(Storage);
        if (await log.ReadAsync("checkpoint", cancel) is not { } note)
            return [];

        Assert.IsTrue(SignedNote.TryVerify(System.Text.Encoding.UTF8.GetString(note.Bytes), Origin, Signer.PublicKeySpki, out var body));
        var checkpoint = Checkpoint.Parse(body);
        var leaves = new List<Digest>();
        for (long bundle = 0; leaves.Count < checkpoint.Size; bundle++)
        {
            var width = (int)Math.Min(Tiles.FullWidth, checkpoint.Size - (bundle * Tiles.FullWidth));
            var file = await log.ReadAsync(Tiles.EntriesPath(bundle, width), cancel);
            Assert.IsNotNull(file, $"entry bundle {bundle} of width {width} is not published");
            leaves.AddRange(Tiles.ParseEntries(file.Bytes).Select(entry => new Digest(entry)));
        }

        Assert.AreEqual(checkpoint.Root, Merkle.Root([.. leaves.Select(leaf => Merkle.LeafHash(leaf.ToArray()))]), "the signed root is not the entries' root");
        return leaves;
    }

    /// <summary>Rows as intake writes them, at times of our choice: a real deposit's columns under other ids.</summary>
    public async Task FillAsync(string tenant, IReadOnlyList<DepositId> ids, CancellationToken cancel)
    {
        using var sequencer = Sequencer();
        var model = new Tenant("model", "示范", "did:web:model.example", false);
        var id = (await Service(sequencer).DepositDigestsAsync(model, Options(), [Item(1)], cancel)).Id;
        var table = Storage.Table(Names.Deposits);
        var row = (await table.GetEntityAsync<TableEntity>(DepositKeys.Shard(model.Id), DepositKeys.Deposit(model.Id, id), cancellationToken: cancel)).Value;
        foreach (var batch in ids.Chunk(100))
        {
            await table.SubmitTransactionAsync(batch.Select(each => new TableTransactionAction(TableTransactionActionType.UpsertReplace,
                new TableEntity(row)
                {
                    PartitionKey = DepositKeys.Shard(tenant), RowKey = DepositKeys.Deposit(tenant, each), ["Id"] = each.ToString(), ["Tenant"] = tenant,
                })), cancel);
        }
    }

    public async ValueTask DisposeAsync()
    {
        hub.Dispose();
        await Vault.DisposeAsync();
    }
}
