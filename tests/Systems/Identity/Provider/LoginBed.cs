using System.Collections.Concurrent;
using System.Globalization;
using System.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Notary.Identity.People;
using Notary.Identity.Provider;
using Notary.Identity.Stores;
using Notary.Keys;
using Notary.Pages;
using Notary.Pages.Login;

namespace Notary.Identity.Tests.Provider;

/// <summary>A login centre on real storage, a real vault and Kestrel, with a sign-in of the test's own: a cookie that says who it is.</summary>
internal sealed class LoginBed : IAsyncDisposable
{
    public const string SigningKey = "login-signer";
    public const string WrapKey = "key-encryption";
    public const string Tenant = "alpha";
    public const string WhoCookie = "who";
    public const string Callback = "https://client.example/callback";
    public const string AfterLogout = "https://client.example/bye";

    private readonly WebApplication app;
    private LoginCentre centre = null!;

    private LoginBed(VaultServer vault, StorageAccount storage)
    {
        (Vault, Storage, Keys) = (vault, storage, new KeyClient(vault.Url, new LoopbackCredential(vault.Token)));
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddConsole(("示范公证处", "Model Notary Office"));
        app = builder.Build();
        app.Run(ServeAsync);
    }

    public VaultServer Vault { get; }

    public KeyClient Keys { get; }

    public StorageAccount Storage { get; }

    public TestClock Clock { get; } = new();

    public Uri Url { get; private set; } = null!;

    public LoginCentre Centre => centre;

    /// <summary>Who is there no more, or stands elsewhere than his session says.</summary>
    public ConcurrentDictionary<string, Standing?> Standings { get; } = new(StringComparer.Ordinal);

    public static async Task<LoginBed> StartAsync()
    {
        var vault = await VaultServer.StartAsync();
        var storage = StorageAccount.Open(new StorageOptions { ConnectionString = Shared.Azurite.ConnectionStringFor(Shared.Azurite.NewAccount()) });
        var bed = new LoginBed(vault, storage);
        await bed.Keys.CreateEcKeyAsync(SigningKey, KeyCurveName.P256);
        await bed.Keys.CreateRsaKeyAsync(WrapKey, 3072);
        await storage.EnsureCreatedAsync();
        await bed.app.StartAsync();
        bed.Url = new Uri(bed.app.Urls.Single());
        bed.centre = bed.NewCentre();
        return bed;
    }

    /// <summary>Another instance on the same storage and vault.</summary>
    public LoginCentre NewCentre(string signingKey = SigningKey) => new(
        new LoginOptions { Issuer = Url, SigningKey = signingKey, WrapKey = WrapKey },
        Storage, Keys,
        new UserDirectory(
            (http, _) => ValueTask.FromResult(ReadCookie(http)),
            (person, tenant, _) => ValueTask.FromResult(Standings.TryGetValue(person, out var there) ? there : new Standing(Role.Owner, "张三")),
            (http, _) =>
            {
                http.Response.Cookies.Delete(WhoCookie);
                return ValueTask.CompletedTask;
            }),
        (http, status, page) => LoginScreens.Of(page, status, null).ExecuteAsync(http),
        Clock, LoggerFactory.Create(log => log.SetMinimumLevel(LogLevel.Trace)));

    /// <summary>A client of <see cref="Tenant"/>'s with all scopes.</summary>
    public Task<RegisteredClient> RegisterAsync(Func<NewClient, NewClient>? change = null, string tenant = Tenant)
    {
        var wanted = new NewClient("合同平台", "归档合同 archive contracts", ["openid", "profile", "offline_access", "read", "write"], [Callback], [AfterLogout]);
        return Centre.Clients.RegisterAsync(tenant, change is null ? wanted : change(wanted), CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        await centre.DisposeAsync();
        await Vault.DisposeAsync();
    }

    /// <summary>What a browser's cookie says.</summary>
    public static string Cookie(SignedIn who)
        => HttpUtility.UrlEncode(string.Join('|', who.Person, who.Tenant, who.Role, who.Name, who.Session, who.At.ToUnixTimeMilliseconds()));

    private static SignedIn? ReadCookie(HttpContext http)
        => http.Request.Cookies[WhoCookie] is { Length: > 0 } text
            && HttpUtility.UrlDecode(text).Split('|') is [var person, var tenant, var role, var name, var session, var at]
            ? new SignedIn(person, tenant.Length == 0 ? null : tenant, Enum.Parse<Role>(role), name, session,
                DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(at, CultureInfo.InvariantCulture)))
            : null;

    private async Task ServeAsync(HttpContext http)
    {
        try
        {
            // What the app's pipeline does to a public route.
            http.Request.Host = default;
            await centre.ServeAsync(http);
        }
        catch (FaultException e)
        {
            http.Response.StatusCode = e.Fault switch { Fault.NotFound => 404, Fault.Malformed => 400, Fault.TooLarge => 413, _ => 503 };
            await http.Response.WriteAsync(e.Fault.ToString());
        }
    }
}
