namespace Notary.Pages.Tests;

/// <summary>What all tests here share: a browser, the design system's pages, and a platform with the app on it and one certified deposit.</summary>
[TestClass]
public static class Fixture
{
    private static readonly SemaphoreSlim One = new(1, 1);
    private static WebBrowser? browser;
    private static GallerySite? gallery;
    private static Platform? platform;
    private static App? app;
    private static Evidence? evidence;
    private static AccountSite? draws;

    /// <summary>The deposit's original, what the public may see of it, and its bundle and letter.</summary>
    internal sealed record Evidence(App App, byte[] Original, JsonObject Deposit, byte[] Bundle, byte[] Letter, byte[] Trust, Uri Node)
    {
        /// <summary>The path that stands on the letter.</summary>
        public string VerifyPath => $"/verify/{Deposit["manifestDigest"]}?index={Deposit["index"]}";
    }

    internal static Task<WebBrowser> BrowserAsync() => OnceAsync(() => browser, async () => browser = await WebBrowser.StartAsync());

    internal static Task<GallerySite> GalleryAsync() => OnceAsync(() => gallery, async () => gallery = await GallerySite.StartAsync());

    internal static Task<Evidence> EvidenceAsync() => OnceAsync(() => evidence, async () => evidence = await DepositAsync());

    /// <summary>A platform that holds draws and a stand-in's desktops, for people who sign in: each test makes draws of its own there.</summary>
    internal static Task<AccountSite> DrawsAsync() => OnceAsync(() => draws,
        async () => draws = await AccountSite.StartAsync(draws: true, agent: AccountSite.StandIn));

    [AssemblyCleanup]
    public static async Task StopAsync()
    {
        foreach (var one in new IAsyncDisposable?[] { browser, gallery, app, platform, draws })
        {
            if (one is not null)
                await one.DisposeAsync();
        }
    }

    private static async Task<T> OnceAsync<T>(Func<T?> known, Func<Task<T>> make)
        where T : class
    {
        await One.WaitAsync();
        try
        {
            return known() ?? await make();
        }
        finally
        {
            One.Release();
        }
    }

    private static async Task<Evidence> DepositAsync()
    {
        platform = await Platform.StartAsync(new PlatformOptions());
        app = await App.StartAsync(platform.AppEnvironment());
        using var tenant = app.Client(await app.CreateTenantAsync(platform.OperatorKey, "firm", "甲公司"));
        byte[] original = [.. Enumerable.Range(0, 70_000).Select(i => (byte)(i * 37))];
        using var body = new ByteArrayContent(original);
        using var made = await tenant.PostAsync(new Uri("v1/deposits/file?name=%E5%90%88%E5%90%8C.pdf&note.contractNo=A-17", UriKind.Relative), body);
        made.EnsureSuccessStatusCode();
        var id = made.Headers.Location!.ToString().TrimStart('/');
        var deposit = await UntilCertifiedAsync(tenant, id);
        Task<byte[]> Read(string what) => tenant.GetByteArrayAsync(new Uri(what, UriKind.Relative));
        return new Evidence(app, original, deposit, await Read($"{id}/bundle"), await Read($"{id}/letter"), await Read("v1/trust"), platform.Anvil.Url);
    }

    private static async Task<JsonObject> UntilCertifiedAsync(HttpClient tenant, string deposit)
    {
        // A state is waited for; the bound only ends a run that is lost.
        using var bound = new CancellationTokenSource(TimeSpan.FromMinutes(10));
        while (true)
        {
            var view = JsonNode.Parse(await tenant.GetStringAsync(new Uri(deposit, UriKind.Relative), bound.Token))!.AsObject();
            if ((string?)view["state"] == nameof(DepositState.Certified))
                return view;

            await Task.Delay(200, bound.Token);
        }
    }
}
