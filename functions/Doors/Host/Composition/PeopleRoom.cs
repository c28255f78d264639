using Notary.Identity.People;

namespace Notary.Host.Composition;

/// <summary>The login centre's people, made when the first of them is asked for.</summary>
/// <param name="Upstream">Null where the office has no provider for its staff.</param>
internal sealed record PeopleRoom(
    Members Members, Passkeys Passkeys, Invitations Invitations, Sessions Sessions, Antiforgery Antiforgery, Ceremonies Ceremonies,
    Upstream? Upstream)
{
    public static PeopleRoom Open(IServiceProvider services)
    {
        var (settings, storage, tenants) = (
            services.GetRequiredService<HostSettings>(), services.GetRequiredService<StorageAccount>(), services.GetRequiredService<TenantStore>());
        var (clock, logs, url) = (services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILoggerFactory>(), settings.Office.PublicUrl);
        var (invitations, sessions, challenges) = (
            new Invitations(storage, clock), new Sessions(storage, url, clock), services.GetRequiredService<Challenges>());
        return new PeopleRoom(
            new Members(storage),
            new Passkeys(storage),
            invitations,
            sessions,
            new Antiforgery(url),
            new Ceremonies(storage, url, settings.Office.Name, async (tenant, cancel) => (await tenants.FindAsync(tenant, cancel))?.Name,
                challenges, invitations, sessions, clock, logs.CreateLogger<Ceremonies>()),
            settings.Staff is { } staff ? new Upstream(staff, storage, url, challenges, sessions, clock, logs.CreateLogger<Upstream>()) : null);
    }
}
