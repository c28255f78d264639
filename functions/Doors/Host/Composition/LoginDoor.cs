using Notary.Identity.People;
using Notary.Identity.Provider;
using Notary.Keys;
using Notary.Pages.Login;

namespace Notary.Host.Composition;

/// <summary>The login centre, made when it is first asked for; none where the settings name no signing key.</summary>
internal sealed class LoginDoor(IServiceProvider services, HostSettings settings, TimeProvider clock) : IAsyncDisposable
{
    private readonly Lazy<LoginCentre>? centre = settings.Vault.LoginKey is { } key ? new(() => Open(services, settings, key)) : null;

    /// <summary>Null where there is none.</summary>
    public LoginCentre? Centre => centre?.Value;

    /// <summary>Answers a request to one of the login centre's endpoints.</summary>
    public Task ServeAsync(HttpContext http) => centre!.Value.ServeAsync(http);

    /// <summary>Whether a text could be an access token of ours; then <see cref="FindCallerAsync"/> says whose.</summary>
    public bool CouldBeToken(string text) => centre is not null && LoginCentre.IsAccessToken(text);

    /// <summary>Whom an access token speaks for, or null.</summary>
    public ValueTask<TokenCaller?> FindCallerAsync(string token, ShownProof? shown, CancellationToken cancel)
        => centre!.Value.FindCallerAsync(token, shown, cancel);

    /// <summary>Deletes what has ended, once an hour and as long as there is more.</summary>
    public async Task SweepAsync(CancellationToken cancel)
    {
        if (centre is null || (sweptAt is { } last && clock.GetElapsedTime(last) < SweepEvery))
            return;

        var start = clock.GetTimestamp();
        if (await centre.Value.PruneAsync(MaxSweep, cancel) < MaxSweep)
            sweptAt = start;
    }

    // What has ended is refused anyway; an idle platform pays one query an hour for looking.
    private static readonly TimeSpan SweepEvery = TimeSpan.FromHours(1);

    // A minute's share: at one request each it takes seconds.
    private const int MaxSweep = 500;
    private long? sweptAt;

    public async ValueTask DisposeAsync()
    {
        if (centre is { IsValueCreated: true })
            await centre.Value.DisposeAsync();
    }

    /// <summary>What the login centre asks about people.</summary>
    public static UserDirectory Directory(IServiceProvider services)
    {
        var people = services.GetRequiredService<PeopleRoom>();
        return new UserDirectory(
            people.Sessions.FindAsync,
            async (person, tenant, cancel) => await people.Members.FindAsync(tenant, person, cancel) is { } there ? new Standing(there.Role, there.Name) : null,
            async (http, cancel) => await people.Sessions.SignOutAsync(http, cancel));
    }

    private static async Task ShowAsync(TenantStore tenants, HttpContext http, int status, LoginPage page)
    {
        var owner = page is LoginPage.Consent { Client.Tenant: var id } ? (await tenants.FindAsync(id, http.RequestAborted))?.Name : null;
        await LoginScreens.Of(page, status, owner).ExecuteAsync(http);
    }

    private static LoginCentre Open(IServiceProvider services, HostSettings settings, string key)
    {
        return new LoginCentre(
            new LoginOptions
            {
                Issuer = settings.Office.PublicUrl,
                SigningKey = key,
                WrapKey = settings.Vault.WrapKey,
            },
            services.GetRequiredService<StorageAccount>(),
            services.GetRequiredService<KeyClient>(),
            services.GetRequiredService<UserDirectory>(),
            (http, status, page) => ShowAsync(services.GetRequiredService<TenantStore>(), http, status, page),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILoggerFactory>());
    }
}
