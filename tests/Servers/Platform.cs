using System.Numerics;
using Notary.Chain;
using Notary.Evidence.Ethereum;
using Notary.Keys;

namespace Notary.Servers;

/// <summary>Where the platform keeps its state and listens; 0 picks free ports.</summary>
public sealed record PlatformOptions
{
    /// <summary>State that survives a restart; null for a temporary folder, deleted at the end.</summary>
    public string? Folder { get; init; }

    public int BlobPort { get; init; }

    public int QueuePort { get; init; }

    public int TablePort { get; init; }

    public int ChainPort { get; init; }

    public int AuthorityAPort { get; init; }

    public int AuthorityBPort { get; init; }

    public int VaultPort { get; init; }

    /// <summary>Of the letters' certification authority.</summary>
    public int LetterAuthorityPort { get; init; }

    /// <summary>Whether a consortium decides who anchors; else an administrator does.</summary>
    public bool Consortium { get; init; }

    /// <summary>Whether draws are held: with a drand chain of its own and the draw registry.</summary>
    public bool Draws { get; init; }

    /// <summary>Of the drand chain.</summary>
    public int DrandPort { get; init; }

    /// <summary>A running Azurite to share; the platform then takes an account of its own in it.</summary>
    public Azurite? Azurite { get; init; }

    /// <summary>Told what is being started.</summary>
    public Action<string> Progress { get; init; } = _ => { };
}

/// <summary>Everything the app depends on, real and on this machine: storage, chain with the contracts, two authorities, vault with keys,
/// the letters' certificate.</summary>
public sealed class Platform : IAsyncDisposable
{
    /// <summary>anvil's chain id.</summary>
    public const long ChainId = 31337;

    // This machine's chain and clock are one; the registry wants whole seconds.
    private static readonly TimeSpan DrawMargin = TimeSpan.FromSeconds(1);

    private const string NoContractYet = "0x0000000000000000000000000000000000000000";

    /// <summary>Names of the two authorities.</summary>
    public const string AuthorityA = "national-time";
    public const string AuthorityB = "second-time";

    private readonly PlatformOptions options;
    private readonly string folder;
    private bool ownsAzurite;

    private Platform(PlatformOptions options)
    {
        this.options = options;
        folder = options.Folder ?? Directory.CreateTempSubdirectory("notary-").FullName;
    }

    public Azurite Azurite { get; private set; } = null!;

    /// <summary>The storage account of this platform.</summary>
    public string Account { get; private set; } = Azurite.DefaultAccount;

    public Anvil Anvil { get; private set; } = null!;

    /// <summary>Two authorities with keys and issuers of their own.</summary>
    public IReadOnlyList<TimestampAuthority> Authorities { get; private set; } = [];

    public VaultServer Vault { get; private set; } = null!;

    /// <summary>The authority that issued the letters' certificate, with its revocation list.</summary>
    public RevocationPublisher LetterAuthority { get; private set; } = null!;

    /// <summary>The anchor contract's address.</summary>
    public string Contract { get; private set; } = "";

    /// <summary>The consortium; null without <see cref="PlatformOptions.Consortium"/>, and for a chain of before there was one.</summary>
    public LocalConsortium? Consortium { get; private set; }

    /// <summary>The draw registry's address; null without <see cref="PlatformOptions.Draws"/>.</summary>
    public string? Registry { get; private set; }

    /// <summary>The drand chain; null without <see cref="PlatformOptions.Draws"/>.</summary>
    public DrandBeacon? Beacon { get; private set; }

    /// <summary>Certificates of letters: signer first, root last, PEM.</summary>
    public string LetterChainPem { get; private set; } = "";

    /// <summary>The operator's key; the app is told only its hash.</summary>
    public string OperatorKey { get; private set; } = "";

    public string ConnectionString => Azurite.ConnectionStringFor(Account);

    /// <summary>Starts everything, or takes it up again from <see cref="PlatformOptions.Folder"/>.</summary>
    public static async Task<Platform> StartAsync(PlatformOptions options, CancellationToken cancel = default)
    {
        var platform = new Platform(options);
        try
        {
            await platform.StartAllAsync(cancel);
            return platform;
        }
        catch
        {
            await platform.DisposeAsync();
            throw;
        }
    }

    /// <summary>The app's settings, optionally by way of proxies in front of its dependencies.</summary>
    public Dictionary<string, string?> AppEnvironment(
        Uri? blob = null, Uri? queue = null, Uri? table = null, Uri? chain = null, Uri? vault = null, Uri? authorityA = null, Uri? authorityB = null)
    {
        var environment = new Dictionary<string, string?>
        {
            ["EvidenceStorage"] = Azurite.ConnectionStringFor(Account, blob, queue, table),
            ["Notary__Vault__Uri"] = (vault ?? Vault.Url).ToString(),
            ["Notary__Vault__DevToken"] = Vault.Token,
            ["Notary__Identity__SigningKey"] = KeyNames.LoginSigner,
            ["Notary__Time__Authorities__0__Name"] = AuthorityA,
            ["Notary__Time__Authorities__0__LegalName"] = "示范国家授时中心",
            ["Notary__Time__Authorities__0__Url"] = (authorityA ?? Authorities[0].Url).ToString(),
            ["Notary__Time__Authorities__0__RootPem"] = Authorities[0].Root.ExportCertificatePem(),
            ["Notary__Time__Authorities__1__Name"] = AuthorityB,
            ["Notary__Time__Authorities__1__LegalName"] = "示范时间戳服务有限公司",
            ["Notary__Time__Authorities__1__Url"] = (authorityB ?? Authorities[1].Url).ToString(),
            ["Notary__Time__Authorities__1__RootPem"] = Authorities[1].Root.ExportCertificatePem(),
            ["Notary__Chain__RpcUrls"] = (chain ?? Anvil.Url).ToString(),
            ["Notary__Chain__ChainId"] = ChainId.ToString(CultureInfo.InvariantCulture),
            ["Notary__Chain__Contract"] = Contract,
            ["Notary__Chain__Name"] = "示范存证链",
            ["Notary__Chain__Operator"] = "示范链运营有限公司",
            ["Notary__Chain__Confirmations"] = "3",
            ["Notary__Chain__AnchorIntervalSeconds"] = "5",
            ["Notary__Letters__CertificateChainPem"] = LetterChainPem,
            ["Notary__Office__Name"] = "示范公证处",
            ["Notary__Office__ShortName"] = "示范",
            ["Notary__Office__Address"] = "示范市示范路 1 号",
            ["Notary__Platform__Operator"] = "示范平台有限公司",
            ["Notary__PublicUrl"] = "http://127.0.0.1",
            ["Notary__Webhooks__AllowLoopback"] = "true",
            ["Notary__Log__Origin"] = "notary.local/log",
            ["Notary__Operator__KeyHash"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(OperatorKey))),
            ["NOTARY_PORT"] = "0",
        };
        if (Beacon is not null)
        {
            environment["Notary__Draws__Registry"] = Registry;
            environment["Notary__Draws__DrandUrls"] = Beacon.Url.ToString();
            environment["Notary__Draws__DrandChainHash"] = Beacon.Chain.Hash.ToString();
        }

        return environment;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var authority in Authorities)
            await authority.DisposeAsync();

        if (Vault is not null)
            await Vault.DisposeAsync();

        if (LetterAuthority is not null)
            await LetterAuthority.DisposeAsync();

        if (Beacon is not null)
            await Beacon.DisposeAsync();

        if (Anvil is not null)
            await Anvil.DisposeAsync();

        if (ownsAzurite)
            await Azurite.DisposeAsync();

        if (options.Folder is null)
            Directory.Delete(folder, recursive: true);
    }

    private async Task StartAllAsync(CancellationToken cancel)
    {
        options.Progress("storage, chain, vault, time-stamp authorities");
        var azurite = StartAzuriteAsync(cancel);
        var anvil = Anvil.StartAsync(new AnvilOptions
        {
            Port = options.ChainPort,
            BlockTime = TimeSpan.FromSeconds(1),
            StateFile = Path.Combine(folder, "chain.json")
        }, cancel);
        Vault = await VaultServer.StartAsync(
            new VaultServerOptions { Port = options.VaultPort, Folder = Path.Combine(folder, "vault"), Token = Remember("vault-token") }, cancel);
        Authorities =
        [
            await TimestampAuthority.StartAsync(
                new TimestampAuthorityOptions { Name = AuthorityA, Folder = Path.Combine(folder, AuthorityA) }, options.AuthorityAPort),
            await TimestampAuthority.StartAsync(
                new TimestampAuthorityOptions { Name = AuthorityB, Key = TestKey.Rsa3072, Folder = Path.Combine(folder, AuthorityB) }, options.AuthorityBPort),
        ];
        await azurite;
        Anvil = await anvil;

        options.Progress("keys, certificate, contract");
        var keys = new KeyClient(Vault.Url, new LoopbackCredential(Vault.Token));
        await KeyNames.EnsureCreatedAsync(keys, cancel);
        var letterKey = await VaultSigner.OpenAsync(keys, KeyNames.LetterSigner, cancel);
        var letters = Path.Combine(folder, "letters");
        var root = TestCertificates.OpenRoot(letters, "root", "Model Notary Office Root");
        LetterAuthority = await RevocationPublisher.StartAsync(new TestRevocations(root, letters), options.LetterAuthorityPort);
        LetterChainPem = TestCertificates.OpenLetterSigner(
            letters, "signer", root, letterKey.PublicKeySpki, "示范公证处 Model Notary Office", LetterAuthority.Url).ExportCertificatePem()
            + "\n" + root.ExportCertificatePem();
        OperatorKey = Remember("operator-key");
        using var http = new HttpClient();
        var chain = new ChainClient(new ChainOptions { RpcUrls = [Anvil.Url], ChainId = ChainId, Contract = NoContractYet }, http, TimeProvider.System);

        // A chain that an earlier run has anchored to goes on with what it has.
        if (options.Consortium && (File.Exists(Path.Combine(folder, "consortium")) || !File.Exists(Path.Combine(folder, "contract"))))
        {
            Consortium = new LocalConsortium(Anvil, chain, Path.Combine(folder, "members"), await SignerAsync(KeyNames.ChainSender));
            Consortium.Contract = Address.Parse(await DeployAsync("consortium", KeyNames.ChainSender, (signer, o) => Consortium.FoundAsync(signer, o, cancel)));
        }

        Contract = await DeployAsync("contract", KeyNames.ChainSender, (signer, o) => Consortium is { Contract: var members }
            ? ContractDeployment.DeployConsortiumAnchorAsync(chain, signer, members, former: null, o, TimeProvider.System, cancel)
            : ContractDeployment.DeployAsync(chain, signer, [signer.Address], o, TimeProvider.System, cancel));
        if (options.Draws)
        {
            options.Progress("drand chain, draw registry");
            Beacon = await StartBeaconAsync(cancel);
            Registry = await DeployAsync("registry", KeyNames.DrawSender, (signer, o) =>
                ContractDeployment.DeployRegistryAsync(chain, signer, Beacon.Chain, DrawMargin, o, TimeProvider.System, cancel));
        }

        // The contract of an earlier run serves again as long as the chain still has it.
        async Task<string> DeployAsync(string name, string key, Func<ChainSigner, ChainOptions, Task<string>> deploy)
        {
            var file = Path.Combine(folder, name);
            if (File.Exists(file) && await File.ReadAllTextAsync(file, cancel) is var known && (await chain.CodeAsync(Address.Parse(known), cancel)).Length > 0)
                return known;

            var signer = await SignerAsync(key);
            await Anvil.FundAsync(signer.Address.ToString(), BigInteger.Pow(10, 21));
            var contract = await deploy(signer, new ChainOptions { RpcUrls = [Anvil.Url], ChainId = ChainId, Contract = NoContractYet });
            await File.WriteAllTextAsync(file, contract, cancel);
            return contract;
        }

        async Task<ChainSigner> SignerAsync(string key)
        {
            var sender = await VaultSigner.OpenAsync(keys, key, cancel);
            return ChainSigner.FromSpki(sender.PublicKeySpki, sender.SignAsync);
        }
    }

    private async Task StartAzuriteAsync(CancellationToken cancel)
    {
        if (options.Azurite is { } shared)
        {
            Azurite = shared;
            Account = shared.NewAccount();
            return;
        }

        Azurite = await Azurite.StartAsync(new AzuriteOptions
        {
            Folder = Directory.CreateDirectory(Path.Combine(folder, "storage")).FullName,
            BlobPort = options.BlobPort,
            QueuePort = options.QueuePort,
            TablePort = options.TablePort
        }, cancel);
        ownsAzurite = true;
    }

    /// <summary>The same chain again after a restart, with the rounds that came meanwhile.</summary>
    private Task<DrandBeacon> StartBeaconAsync(CancellationToken cancel)
    {
        var (genesis, file) = (TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(), Path.Combine(folder, "drand-genesis"));
        if (File.Exists(file))
            genesis = long.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture);
        else
            File.WriteAllText(file, genesis.ToString(CultureInfo.InvariantCulture));

        return DrandBeacon.StartAsync(new DrandBeaconOptions { Genesis = genesis, Port = options.DrandPort, Seed = Remember("drand-seed", 32) }, cancel);
    }

    /// <summary>A random secret, kept in the folder.</summary>
    private string Remember(string name, int bytes = 24)
    {
        var file = Path.Combine(folder, name);
        if (!File.Exists(file))
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(file, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(bytes)));
        }

        return File.ReadAllText(file);
    }
}
