using Notary.Servers.Forensics;

namespace Notary.Pages.Tests;

/// <summary>The app under a name that browsers make passkeys for, with two tenants and the office's provider.</summary>
internal sealed class AccountSite : IAsyncDisposable
{
    private readonly OidcProvider provider;
    private readonly Platform platform;
    private readonly App app;
    private readonly DesktopFolder? desktops;

    private AccountSite(Uri url, OidcProvider provider, Platform platform, FaultProxy blobs, App app, DesktopFolder? desktops)
        => (Url, this.provider, this.platform, Blobs, this.app, this.desktops) = (url, provider, platform, blobs, app, desktops);

    /// <summary>A program in a desktop agent's place, which leaves real recordings of a test picture.</summary>
    public static string StandIn => Path.Combine(AppContext.BaseDirectory, "Notary.Servers");

    /// <summary>http://localhost: with a port.</summary>
    public Uri Url { get; }

    /// <summary>What stands between the blob service and everybody.</summary>
    public FaultProxy Blobs { get; }

    /// <summary>The account behind it, straight.</summary>
    public StorageAccount Storage => StorageAccount.Open(new StorageOptions { ConnectionString = platform.ConnectionString });

    public static async Task<AccountSite> StartAsync(bool draws = false, string? agent = null, string agentArguments = "",
        Action<Dictionary<string, string?>>? configure = null)
    {
        var port = ChildProcess.FreePort();
        var url = new Uri($"http://localhost:{port}");
        var platform = await Platform.StartAsync(new PlatformOptions { Draws = draws });
        var provider = await OidcProvider.StartAsync(url);
        await platform.Azurite.AdmitPagesAsync(platform.Account, url);
        var blobs = await FaultProxy.StartAsync(platform.Azurite.BlobEndpoint);
        blobs.Add(new FaultRule("/uploads/.*comp=blocklist", FaultKind.Callback, FaultPoint.AfterAnswer)
        { Method = "PUT", Times = int.MaxValue, Callback = () => AnnounceAsync(platform) });
        var environment = platform.AppEnvironment(blob: blobs.Url);
        provider.Configure(environment);
        var recordings = agent is null ? null : new DesktopFolder();
        if (recordings is not null)
        {
            environment["Notary__Forensics__Agent"] = agent;
            environment["Notary__Forensics__Folder"] = recordings.FullName;
            environment["Notary__Forensics__Arguments"] = agentArguments;
        }

        configure?.Invoke(environment);
        environment["NOTARY_PORT"] = $"{port}";
        environment["Notary__PublicUrl"] = url.ToString();

        // All visitors of a test come from one address, and some ask faster than a person could.
        foreach (var limit in (string[])["TenantPerSecond", "TenantBurst", "ClientPerSecond", "ClientBurst"])
            environment[$"Notary__RateLimits__{limit}"] = "100000";

        environment["Notary__Limits__TenantRequestsPerMinute"] = "6000000";

        var app = await App.StartAsync(environment);
        var key = await app.CreateTenantAsync(platform.OperatorKey, "firm", "甲公司 Firm A");
        await app.CreateTenantAsync(platform.OperatorKey, "other", "乙公司 Firm B");
        return new AccountSite(url, provider, platform, blobs, app, recordings) { Key = key };
    }

    /// <summary>What the app stands on.</summary>
    public Platform Platform => platform;

    /// <summary>A key of the tenant firm.</summary>
    public string Key { get; private init; } = "";

    /// <summary>Another tenant.</summary>
    public Task AddTenantAsync(string id) => app.CreateTenantAsync(platform.OperatorKey, id, id);

    /// <summary>A rehearsal of the tenant firm that takes objections for an hour, of candidates of these names, as far as a list takes them.</summary>
    public async Task<string> RehearseAsync(List<string> names)
    {
        static string At(int hours) => TimeProvider.System.GetUtcNow().AddHours(hours).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        using var http = app.Client(Key);
        async Task<(bool Done, JsonNode Answer)> SendAsync(HttpMethod method, string path, string body, string type = "application/json")
        {
            using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = new StringContent(body, null, type) };
            using var answer = await http.SendAsync(request);
            return (answer.IsSuccessStatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
        }

        var (_, draft) = await SendAsync(HttpMethod.Post, "v1/draws", $$$"""
            {"title":"a rehearsal","kind":"rehearsal","rules":{"groups":[],"rounds":[
              {"quota":5,"reserves":5,"groups":[],"earlierWinners":false,"weights":false}]},
             "schedule":{"objectionsUntil":"{{{At(1)}}}","commitsUntil":"{{{At(2)}}}","revealsUntil":"{{{At(3)}}}"},"beacon":"drand"}
            """);
        var id = (string)draft["drawId"]!;

        // One JSON object a line: what a list does not take is refused by its line's number, a hundred at a time.
        while (true)
        {
            var rows = names.Select((name, i) => new JsonObject { ["id"] = $"candidate-{i}", ["name"] = name }.ToJsonString());
            var (taken, answer) = await SendAsync(HttpMethod.Put, $"v1/draws/{id}/list", string.Join('\n', rows), "application/x-ndjson");
            if (taken)
                break;

            foreach (var line in answer["refusals"]!.AsArray().Select(r => (int)r!["line"]!).Distinct().OrderDescending())
                names.RemoveAt(line - 1);
        }

        var (submitted, why) = await SendAsync(HttpMethod.Post, $"v1/draws/{id}/submit", "{}");
        return submitted ? id : throw new InvalidOperationException(why.ToJsonString());
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
        if (desktops is not null)
            await desktops.DisposeAsync();
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
