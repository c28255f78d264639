using Notary.Chain.Draws;
using Notary.Evidence.Ethereum;
using Notary.Forensics;
using Notary.Forensics.Agents;
using Notary.Forensics.Desktops;
using Notary.Forensics.VirtualDesktops;
using Notary.Keys;
using Notary.Letters;
using Notary.Lotteries;
using Notary.Verification.Letters;
using Notary.Webhooks;

namespace Notary.Host.Composition;

/// <summary>Builds the rooms that stand on the vault's keys.</summary>
internal sealed class RoomFactory(
    HostSettings settings, StorageAccount storage, KeyClient vault, ChainClient chain, ChainOptions chainOptions, TimeAuthorities authorities,
    RevocationSource revocations, DurableDoor door, PublicLog log, WebhookTools hooks, UsageMeter usage, TenantQuotas quotas, TenantStore tenants,
    TimeProvider clock, ILoggerFactory logs)
{
    /// <summary>What one answer of Azure may take.</summary>
    private static readonly TimeSpan AzurePatience = TimeSpan.FromSeconds(30);

    private readonly HttpClient drand = TsaClient.CreateHttpClient();

    /// <summary>Asks the vault for the public halves and puts everything together. Safe to repeat after a failure.</summary>
    /// <exception cref="SettingException">The letters' certificate is for another key than the vault's.</exception>
    public async Task<OpenRooms> OpenAsync(CancellationToken cancel)
    {
        var opening = VaultKeyEncryption.OpenAsync(vault, settings.Vault.WrapKey, cancel);
        string[] names = [settings.Vault.LogKey, settings.Vault.LetterKey, settings.Vault.ChainKey];
        var signers = await Task.WhenAll(names.Select(name => VaultSigner.OpenAsync(vault, name, cancel)));
        var (logSigner, letterSigner, chainSigner, encryption) = (signers[0], signers[1], signers[2], await opening);
        var issuer = DemandCertificate(letterSigner);

        var deposits = Deposits(issuer);
        var sender = new AnchorSender(chain, ChainSigner.FromSpki(chainSigner.PublicKeySpki, chainSigner.SignAsync), storage.Table(Names.Chain), chainOptions);
        var trust = Trust(logSigner, sender, issuer);
        var starter = new OrchestrationStarter(storage, door);
        var sequencer = new Sequencer(storage, logSigner, starter, deposits, clock, logs.CreateLogger<Sequencer>()) { Telling = hooks.Telling };
        var heads = new ChainHeads(chain, settings.Chain.Confirmations, clock, logs.CreateLogger<ChainHeads>());
        var files = new EvidenceFiles(storage, log, trust, deposits, clock);
        var indexer = new BatchIndexer(storage, logs.CreateLogger<BatchIndexer>());
        var coverage = new Coverage(storage, clock);
        var service = new DepositService(storage, new OriginalStore(storage, encryption, encryption),
            heads, sequencer, coverage, files, starter, indexer, deposits, clock) { Usage = usage };
        var uploads = new Uploads(storage, service, clock, logs.CreateLogger<Uploads>()) { LeftBytes = quotas.LeftBytesAsync };
        var housekeeper = new Housekeeper(storage, door, settings.Housekeeping, logs.CreateLogger<Housekeeper>());
        var signer = new LetterSigner(settings.Office.LetterChain, letterSigner.SignAsync,
            async (imprint, token) => (await authorities.StampOneAsync(imprint, token)).Token);
        var keeper = new Keeper(storage, starter, door, logs.CreateLogger<Keeper>());
        var archiving = new LetterArchiving(new LetterVerifier(trust.LetterRoots, trust.Authorities, trust.Issuer), revocations, authorities);
        var letters = new LetterWork(storage, authorities, files, log, signer, archiving, new BundleVerifier(trust), hooks.Telling, clock,
            logs.CreateLogger<LetterWork>());
        return new OpenRooms(
            service,
            uploads,
            sequencer,
            indexer,
            new Sweeper(storage, sequencer, keeper, housekeeper, indexer, clock, logs.CreateLogger<Sweeper>()),
            new DepositWork(new CheckpointWork(storage, authorities, sender, deposits, clock), letters),
            heads,
            new PublicEvidenceReader(storage, log, files),
            trust,
            new WebhookRooms(
                new EndpointDesk(storage, encryption, hooks.Listeners, hooks.Sink, settings.WebhookLoopback, clock),
                new Teller(storage, hooks.Telling, hooks.Sink, coverage, clock, logs.CreateLogger<Teller>()) { IsSandbox = tenants.IsSandboxAsync },
                new Deliveries(storage, encryption, hooks.Sink, hooks.Sender, hooks.Bell, clock, logs.CreateLogger<Deliveries>())),
            settings.Draws is { } draws ? await DrawsAsync(draws, service, encryption, Certifier(signer, archiving, trust), cancel) : null,
            settings.Desktops is { } desktops ? Sessions(desktops, service, encryption, new SessionLetters(
                storage, signer, archiving, trust, settings.Office.Parties, settings.Office.PublicUrl, clock)) : null);
    }

    private DrawCertifier Certifier(LetterSigner signer, LetterArchiving archiving, TrustRoots trust)
        => new(signer, archiving, new LetterVerifier(trust.LetterRoots, trust.Authorities, trust.Issuer), trust.Issuer!.Office, settings.Office.Parties, clock);

    private async Task<DrawRooms> DrawsAsync(
        DrawSettings draws, DepositService deposits, VaultKeyEncryption encryption, DrawCertifier certifier, CancellationToken cancel)
    {
        var key = await VaultSigner.OpenAsync(vault, settings.Vault.DrawKey, cancel);
        var contract = Address.Parse(draws.Registry);
        var sender = new DrawSender(chain, ChainSigner.FromSpki(key.PublicKeySpki, key.SignAsync), contract, storage.Table(Names.Chain), chainOptions);
        var options = new DrandOptions { Urls = draws.DrandUrls, ChainHash = draws.DrandChainHash };
        var lotteries = new LotterySettings
        {
            PublicUrl = settings.Office.PublicUrl, ChainId = settings.Chain.ChainId, Confirmations = settings.Chain.Confirmations,
        };
        var (registry, starter) = (new DrawRegistry(chain, contract), new DrawStarter(door, logs.CreateLogger<DrawStarter>()));
        var signers = new Signers(storage, settings.Office.PublicUrl, settings.Office.Name, clock);
        return new DrawRooms(
            new Lottery(storage, encryption, sender.Account, registry, lotteries, starter, signers, clock),
            signers,
            new DrawWork(storage, encryption, sender, registry, new DrandClient(options, drand, clock), deposits, certifier, lotteries, clock),
            new DrawKeeper(storage, starter, door, clock, logs.CreateLogger<DrawKeeper>()));
    }

    private SessionRooms Sessions(DesktopSettings desktops, DepositService deposits, VaultKeyEncryption encryption, SessionLetters letters)
    {
        var starter = new SessionStarter(door, logs.CreateLogger<SessionStarter>());

        // The agent's own limits are behind ours.
        static int Minutes(TimeSpan ours) => (int)ours.TotalMinutes + 2;
        var terms = new AgentTerms([.. settings.Time.Authorities.Select(a => a.Url)], Minutes(desktops.Sessions.Idle), Minutes(desktops.Sessions.Longest));
        var agents = new RemoteAgents(storage, new OriginalStore(storage, encryption, encryption, container: Names.Recordings), terms,
            id => _ = starter.WakeAsync(id, CancellationToken.None), clock);
        IDesktopProvider provider = desktops.Azure is { } azure ? Azure(azure, desktops, agents) : Local(desktops.Local!, terms, agents, starter);
        return new SessionRooms(
            new SessionDesk(storage, provider, starter, letters, desktops.Sessions, clock),
            new SessionWork(storage, provider, deposits, letters, desktops.Sessions, clock),
            new SessionKeeper(storage, provider, starter, door, clock, logs.CreateLogger<SessionKeeper>()),
            agents);
    }

    private LocalDesktops Local(LocalDesktopOptions options, AgentTerms terms, RemoteAgents recordings, SessionStarter starter)
    {
        // What measures a desktop's clock asks the authorities that stamp its recording.
        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
        string[] limits = ["--ancestor", settings.Office.PublicUrl.GetLeftPart(UriPartial.Authority),
            "--idle", Text(terms.IdleMinutes), "--longest", Text(terms.LongestMinutes)];
        var authorities = terms.Authorities.SelectMany(a => (string[])["--authority", a.AbsoluteUri]);
        var local = options with { Arguments = [.. options.Arguments, .. authorities, .. limits] };
        return new LocalDesktops(local, recordings, id => _ = starter.WakeAsync(id, CancellationToken.None));
    }

    private AzureDesktops Azure(AzureDesktopOptions options, DesktopSettings desktops, RemoteAgents agents)
    {
        // An answer that leads elsewhere would take the token along.
        var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
        {
            Timeout = AzurePatience,
        };
        return new AzureDesktops(options, AzureDesktops.Template, agents, Services.Identity(desktops.BrokerClientId ?? settings.IdentityClientId), http, clock,
            logs.CreateLogger<AzureDesktops>());
    }

    private DepositsSettings Deposits(LetterIssuer issuer) => new()
    {
        Origin = settings.Office.LogOrigin,
        Office = issuer.Office,
        Parties = settings.Office.Parties,
        PublicUrl = settings.Office.PublicUrl,
        AnchorInterval = settings.Chain.AnchorInterval,
        Confirmations = settings.Chain.Confirmations,
    };

    private TrustRoots Trust(VaultSigner logSigner, AnchorSender sender, LetterIssuer issuer) => new()
    {
        Origin = settings.Office.LogOrigin,
        LogKeySpki = logSigner.PublicKeySpki,
        Authorities = [.. settings.Time.Authorities.Select(a => new TrustedAuthority(a.Name, a.Roots, a.PolicyOid) { LegalName = a.LegalName })],
        LetterRoots = [settings.Office.LetterChain[^1]],
        Issuer = issuer,
        ChainId = settings.Chain.ChainId,
        Contract = settings.Chain.Contract,
        FormerContracts = settings.Chain.FormerContracts,
        Senders = [sender.Account.ToLowerHex()],
    };

    // A certificate for another key, or one that no verifier takes, would only be found out by the first letter, hours later.
    private LetterIssuer DemandCertificate(VaultSigner letterSigner)
    {
        var signer = settings.Office.LetterChain[0];
        using var key = signer.GetECDsaPublicKey();
        if (key is null || !key.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(letterSigner.PublicKeySpki))
            throw new SettingException(Settings.LetterChain.Name,
                $"PEM whose first certificate is for the vault's key {settings.Vault.LetterKey}, but it is for another");

        try
        {
            return LetterIssuer.Of(signer, new LetterOffice(settings.Office.Name, settings.Office.EnglishName), settings.Office.Parties.ShortName);
        }
        catch (FaultException e)
        {
            throw new SettingException(Settings.LetterChain.Name, $"PEM whose first certificate may sign letters, but {e.Message}");
        }
    }
}
