using Azure.Core;
using Azure.Identity;
using Notary.Audit;
using Notary.Chain.Explorer;
using Notary.Host.Api;
using Notary.Forensics;
using Notary.Identity.People;
using Notary.Keys;
using Notary.Lotteries;
using Notary.Pages;
using Notary.Webhooks;

namespace Notary.Host.Composition;

/// <summary>Builds each room's objects from its settings. Nothing here speaks to a dependency.</summary>
internal static class Services
{
    public static void Add(IServiceCollection services, HostSettings settings)
    {
        services.AddSingleton(s => Storage(settings, Clock(s)));
        services.AddSingleton(s => new ApiKeyStore(Table(s, Names.ApiKeys)));
        services.AddSingleton<KeyDesk>();
        services.AddSingleton<TenantDesk>();
        services.AddSingleton<TenantPageRoutes.Desks>();
        services.AddSingleton<EndpointPageRoutes.Desks>();
        services.AddSingleton(s => new TenantStore(Table(s, Names.Tenants)));
        services.AddSingleton(s => new TenantSettings(Table(s, Names.Tenants)));
        services.AddSingleton(s => new MendingTable(Table(s, Names.Operations)));
        services.AddSingleton<ProcessMending>();
        services.AddSingleton<ProcessLooks>();
        services.AddSingleton<CheckpointLoads>();
        services.AddSingleton(s => new RequestSeeds(Table(s, Names.Tenants), Clock(s)));
        services.AddSingleton(LoginDoor.Directory);
        services.AddSingleton<LoginDoor>();
        services.AddSingleton(s => new TrailWriter(s.GetRequiredService<StorageAccount>(), Clock(s)));
        services.AddSingleton<StaffTrail>();
        services.AddSingleton<TrailReader>();
        services.AddSingleton<HeadDeposit>();
        services.AddSingleton<TrailHeads>();
        services.AddSingleton<Authenticator>();
        services.AddSingleton(s => new Challenges(s.GetRequiredService<StorageAccount>(), Clock(s)));
        services.AddSingleton(PeopleRoom.Open);
        services.AddSingleton<PersonAccess>();
        services.AddSingleton<RateLimits>();
        services.AddSingleton(s => new LimitsTable(Table(s, Names.Tenants)));
        services.AddSingleton(s => new SharesTable(Table(s, Names.Usage)));
        services.AddSingleton<TenantQuotas>();
        services.AddSingleton(s => new UsageMeter(s.GetRequiredService<StorageAccount>(), Clock(s)));
        services.AddSingleton(settings.Listen.UnderFunctions ? Deadline.Functions : Deadline.OneMachine);

        services.AddSingleton(s => new KeyClient(settings.Vault.Uri, VaultCredential(settings), null, Clock(s)));
        services.AddSingleton(s => Chain(settings));
        services.AddSingleton(s => new ChainClient(s.GetRequiredService<ChainOptions>(), new HttpClient(), Clock(s)));
        services.AddSingleton<ChainExplorer>();
        services.AddSingleton(s => Time(settings, Clock(s)));
        services.AddSingleton<DurableDoor>();
        services.AddSingleton<FormerProcesses>();
        services.AddSingleton(s => new DepositWorkDoor(async cancel => (await s.GetRequiredService<Rooms>().OpenAsync(cancel)).Work));
        services.AddSingleton(s => new DrawWorkDoor(async cancel => (await s.GetRequiredService<Rooms>().OpenAsync(cancel)).Draws?.Work));
        services.AddSingleton(s => new SessionWorkDoor(async cancel => (await s.GetRequiredService<Rooms>().OpenAsync(cancel)).Sessions?.Work));
        services.AddSingleton<DrawWatch>();
        services.AddSingleton<PublicLog>();
        services.AddSingleton<DepositFinder>();
        services.AddSingleton(s => new DependencyHealth(s.GetRequiredService<StorageAccount>(), s.GetRequiredService<KeyClient>(),
            settings.Vault.LogKey, s.GetRequiredService<ChainClient>(), s.GetRequiredService<TimeAuthorities>()));
        services.AddSingleton<HealthWatch>();
        services.AddSingleton(s => new HealthHistory(Table(s, Names.Operations), Clock(s), s.GetRequiredService<ILogger<HealthHistory>>()));
        services.AddSingleton<HealthLooks>();
        services.AddSingleton<PulseReader>();
        services.AddSingleton<PulseLog>();
        services.AddSingleton<PortalLinks>();
        services.AddSingleton(s => new RevocationSource(TsaClient.CreateHttpClient(), Clock(s)));
        services.AddSingleton(s => new Listeners(s.GetRequiredService<StorageAccount>(), Clock(s)));
        services.AddSingleton<WebhookBell>();
        services.AddSingleton(s => new Sender(settings.WebhookLoopback, Clock(s)));
        services.AddSingleton(s => new Telling(s.GetRequiredService<Listeners>()));
        services.AddSingleton(s => new EventSink(s.GetRequiredService<StorageAccount>(), settings.Office.PublicUrl,
            s.GetRequiredService<WebhookBell>(), Clock(s)));
        services.AddSingleton(s => new WebhookHousekeeper(s.GetRequiredService<StorageAccount>(), s.GetRequiredService<Listeners>(), Clock(s)));
        services.AddSingleton<WebhookSweep>();
        services.AddSingleton<WebhookTools>();
        services.AddSingleton<RoomFactory>();
        services.AddSingleton<Rooms>();
        services.AddSingleton(s => new Errands(s.GetRequiredService<Rooms>(), s.GetRequiredService<PulseLog>(), s.GetRequiredService<DurableDoor>(),
            s.GetRequiredService<Challenges>(), s.GetRequiredService<LoginDoor>(), s.GetRequiredService<TrailHeads>(),
            s.GetRequiredService<HealthLooks>(), s.GetRequiredService<WebhookSweep>()));
        services.AddSingleton(s => new Pipeline(s, s.GetRequiredService<DurableDoor>(), s.GetRequiredService<ILogger<Pipeline>>()));
        services.AddConsole((settings.Office.Name, settings.Office.EnglishName));
        services.AddHostedService<Telemetry>();
        services.AddHostedService<UsageLoop>();
        services.AddHostedService<LimitsExchange>();
        services.AddHostedService(s => s.GetRequiredService<Rooms>());
    }

    private static TimeProvider Clock(IServiceProvider services) => services.GetRequiredService<TimeProvider>();

    private static TableClient Table(IServiceProvider services, string name) => services.GetRequiredService<StorageAccount>().Table(name);

    private static StorageAccount Storage(HostSettings settings, TimeProvider clock) => StorageAccount.Open(
        new StorageOptions
        {
            ConnectionString = settings.Storage.ConnectionString,
            BlobServiceUri = settings.Storage.Blobs,
            QueueServiceUri = settings.Storage.Queues,
            TableServiceUri = settings.Storage.Tables,
        },
        Identity(settings.IdentityClientId),
        clock);

    private static ChainOptions Chain(HostSettings settings) => new()
    {
        RpcUrls = settings.Chain.RpcUrls,
        ChainId = settings.Chain.ChainId,
        Contract = settings.Chain.Contract,
        FormerContracts = settings.Chain.FormerContracts,
        Confirmations = settings.Chain.Confirmations,
        KeyName = settings.Vault.ChainKey,
    };

    private static TimeAuthorities Time(HostSettings settings, TimeProvider clock)
    {
        var http = TsaClient.CreateHttpClient();
        return new TimeAuthorities(
            [.. settings.Time.Authorities.Select(a => new TsaClient(http, new TsaOptions
            {
                Name = a.Name,
                Url = a.Url,
                Roots = a.Roots,
                PolicyOid = a.PolicyOid,
                Timeout = settings.Time.Timeout,
                MaxSkew = settings.Time.MaxSkew,
            }, clock))],
            new TimeHealthOptions { MaxDisagreement = settings.Time.MaxDisagreement },
            clock);
    }

    private static TokenCredential VaultCredential(HostSettings settings)
        => settings.Vault.DevToken is { } token ? new LoopbackCredential(token) : Identity(settings.IdentityClientId);

    /// <summary>An identity of the app in Azure; nothing else is tried, so a developer's login is never used by accident.</summary>
    public static ManagedIdentityCredential Identity(string? clientId)
        => new(clientId is { } id ? ManagedIdentityId.FromUserAssignedClientId(id) : ManagedIdentityId.SystemAssigned);
}
