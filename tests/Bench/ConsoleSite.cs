using Microsoft.Playwright;
using Notary.Browser;

namespace Notary.Bench;

/// <summary>The deployed app under a name that browsers make passkeys for, and a browser in which a tenant's owner has signed in.</summary>
internal sealed class ConsoleSite : IAsyncDisposable
{
    public const string Tenant = "firm";

    private readonly App app;

    private ConsoleSite(Platform platform, App app, Uri url, WebBrowser browser, string key)
        => (Platform, this.app, Url, Browser, Key) = (platform, app, url, browser, key);

    public Platform Platform { get; }

    public Uri Url { get; }

    public WebBrowser Browser { get; }

    /// <summary>The tenant's API key.</summary>
    public string Key { get; }

    /// <summary>The app's account, straight.</summary>
    public StorageAccount Storage => StorageAccount.Open(new StorageOptions { ConnectionString = Platform.ConnectionString });

    /// <summary>An owner's cookies.</summary>
    public IReadOnlyList<Cookie> Cookies { get; private set; } = [];

    public static async Task<ConsoleSite> StartAsync()
    {
        var url = new Uri($"http://localhost:{ChildProcess.FreePort()}");
        var platform = await Platform.StartAsync(new PlatformOptions());
        await platform.Azurite.AdmitPagesAsync(platform.Account, url);
        var environment = platform.AppEnvironment();
        environment["NOTARY_PORT"] = $"{url.Port}";
        environment["Notary__PublicUrl"] = url.ToString();
        environment["Notary__LogLevel"] = "Warning";
        foreach (var limit in (string[])["TenantPerSecond", "TenantBurst", "ClientPerSecond", "ClientBurst"])
            environment[$"Notary__RateLimits__{limit}"] = "100000";

        environment["Notary__Limits__TenantRequestsPerMinute"] = "6000000";

        var app = await App.StartAsync(environment, executable: BenchApp.Deployed);
        var key = await app.CreateTenantAsync(platform.OperatorKey, Tenant, "甲公司 Firm A");
        var site = new ConsoleSite(platform, app, url, await WebBrowser.StartAsync(), key);
        await using var visit = await site.SignInAsync();
        site.Cookies = [.. (await visit.Page.Context.CookiesAsync()).Select(c => new Cookie { Name = c.Name, Value = c.Value, Url = url.ToString() })];
        return site;
    }

    /// <summary>A browser's context with a passkey of its own and an owner signed in.</summary>
    public async Task<Visit> SignInAsync()
    {
        var visit = await Browser.VisitAsync(Url, new Look { Chinese = false }, Platform.Azurite.BlobEndpoint);
        var debugger = await visit.Page.Context.NewCDPSessionAsync(visit.Page);
        await debugger.SendAsync("WebAuthn.enable");
        await debugger.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2",
                ["transport"] = "internal",
                ["hasResidentKey"] = true,
                ["hasUserVerification"] = true,
                ["isUserVerified"] = true,
                ["automaticPresenceSimulation"] = true,
            },
        });
        await visit.GoAsync(await app.InviteAsync(Platform.OperatorKey, Tenant, "owner@example.com"));
        await visit.Page.Locator("input[name=name]").FillAsync("Zhang San");
        await visit.Page.Locator("form[data-passkey] button").ClickAsync();
        await Assertions.Expect(visit.Page.Locator("form[action='/sign-out']")).ToBeVisibleAsync();
        return visit;
    }

    /// <summary>A client without cookies of its own that follows nothing.</summary>
    public HttpClient Client()
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false }) { BaseAddress = Url };
        client.DefaultRequestHeaders.Add("Cookie", string.Join("; ", Cookies.Select(cookie => $"{cookie.Name}={cookie.Value}")));
        client.DefaultRequestHeaders.Add("Accept", "text/html");
        return client;
    }

    /// <summary>The load of the last minute, beside figures that others' work spoils.</summary>
    public static string Busy => $"load {File.ReadAllText("/proc/loadavg").Split(' ')[0]}";

    public async ValueTask DisposeAsync()
    {
        await Browser.DisposeAsync();
        await app.DisposeAsync();
        await Platform.DisposeAsync();
    }
}
