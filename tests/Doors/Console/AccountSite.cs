namespace Notary.Pages.Tests;

/// <summary>The app under a name that browsers make passkeys for, with two tenants and the office's provider.</summary>
internal sealed class AccountSite : IAsyncDisposable
{
    private readonly OidcProvider provider;
    private readonly Platform platform;
    private readonly App app;

    private AccountSite(Uri url, OidcProvider provider, Platform platform, FaultProxy blobs, App app)
        => (Url, this.provider, this.platform, Blobs, this.app) = (url, provider, platform, blobs, app);

    /// <summary>http://localhost: with a port.</summary>
    public Uri Url { get; }

    /// <summary>What stands between the blob service and everybody.</summary>
    public FaultProxy Blobs { get; }

    /// <summary>The account behind it, straight.</summary>
    public StorageAccount Storage => StorageAccount.Open(new StorageOptions { ConnectionString = platform.ConnectionString });

    public static async Task<AccountSite> StartAsync()
    {
        var port = ChildProcess.FreePort();
        var url = new Uri($"http://localhost:{port}");
        var platform = await Platform.StartAsync(new PlatformOptions());
        var provider = await OidcProvider.StartAsync(url);
        await platform.Azurite.AdmitPagesAsync(platform.Account, url);
        var blobs = await FaultProxy.StartAsync(platform.Azurite.BlobEndpoint);
        blobs.Add(new FaultRule("/uploads/.*comp=blocklist", FaultKind.Callback, FaultPoint.AfterAnswer)
        { Method = "PUT", Times = int.MaxValue, Callback = () => AnnounceAsync(platform) });
        var environment = platform.AppEnvironment(blob: blobs.Url);
        provider.Configure(environment);
        environment["NOTARY_PORT"] = $"{port}";
        environment["Notary__PublicUrl"] = url.ToString();
        var app = await App.StartAsync(environment);
        await app.CreateTenantAsync(platform.OperatorKey, "firm", "甲公司 Firm A");
        await app.CreateTenantAsync(platform.OperatorKey, "other", "乙公司 Firm B");
        return new AccountSite(url, provider, platform, blobs, app);
    }

    /// <summary>A one-time link for an owner.</summary>
    public Task<string> InviteAsync(string tenant = "firm") => app.InviteAsync(platform.OperatorKey, tenant, "zhang@example.com");

    /// <summary>A one-time link for one of the staff.</summary>
    public Task<Uri> StaffAsync(string account) => provider.LinkAsync(account);

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        await Blobs.DisposeAsync();
        await provider.DisposeAsync();
        await platform.DisposeAsync();
    }

    /// <summary>What Event Grid does: an event for each upload that has come.</summary>
    private static async Task AnnounceAsync(Platform platform)
    {
        var storage = StorageAccount.Open(new StorageOptions { ConnectionString = platform.ConnectionString });
        await foreach (var blob in storage.Container(Names.Uploads).GetBlobsAsync())
        {
            var subject = $"/blobServices/default/containers/{Names.Uploads}/blobs/{blob.Name}";
            await storage.Queue(Names.UploadsQueue).SendMessageAsync(
                $$$"""{"type":"Microsoft.Storage.BlobCreated","subject":"{{{subject}}}","data":{"api":"PutBlockList"}}""");
        }
    }
}
