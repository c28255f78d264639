using Azure.Identity;
using Notary.Host.Access;
using Notary.Storage;

namespace Notary.Host.Composition;

/// <summary>Builds each room's objects from its settings. Nothing here speaks to a dependency.</summary>
internal static class Services
{
    public static void Add(IServiceCollection services, HostSettings settings)
    {
        services.AddSingleton(_ => Storage(settings));
        services.AddSingleton(s => new ApiKeyStore(s.GetRequiredService<StorageAccount>().Table(Names.ApiKeys)));
        services.AddSingleton(s => new TenantStore(s.GetRequiredService<StorageAccount>().Table(Names.Tenants)));
        services.AddSingleton(s => new RequestSeeds(s.GetRequiredService<StorageAccount>().Table(Names.Tenants), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<Startup>();
        services.AddHostedService(s => s.GetRequiredService<Startup>());
        services.AddSingleton<Authenticator>();
        services.AddSingleton<RateLimits>();
    }

    private static StorageAccount Storage(HostSettings settings) => StorageAccount.Open(
        new StorageOptions
        {
            ConnectionString = settings.Storage.ConnectionString,
            BlobServiceUri = settings.Storage.Blobs,
            QueueServiceUri = settings.Storage.Queues,
            TableServiceUri = settings.Storage.Tables,
        },
        Identity(settings));

    /// <summary>The app's own identity in Azure; nothing else is tried, so a developer's login is never used by accident.</summary>
    private static ManagedIdentityCredential Identity(HostSettings settings)
        => new ManagedIdentityCredential(settings.IdentityClientId is { } id
            ? ManagedIdentityId.FromUserAssignedClientId(id)
            : ManagedIdentityId.SystemAssigned);
}
