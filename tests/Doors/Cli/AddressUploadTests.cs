using Azure.Storage.Blobs.Models;
using Notary.Servers;

namespace Notary.Cli.Tests;

/// <summary><c>notary deposit</c> by way of a signed address of storage. Storage on one machine sends no events:
/// the tests send them as Event Grid does.</summary>
[TestClass]
[DoNotParallelize]
public sealed class AddressUploadTests
{
    private const int Large = (64 << 20) + 1;

    [ClassInitialize]
    public static Task StartAsync(TestContext _) => FsckBed.StartAsync();

    [ClassCleanup]
    public static Task EndAsync() => FsckBed.SettleAsync();

    [TestMethod]
    public async Task A_large_file_goes_by_an_address_where_the_host_bounds_bodies()
    {
        var file = await FileAsync(Large);
        await using var platform = await Platform.StartAsync(new PlatformOptions { Azurite = FsckBed.Platform.Azurite });
        string key;
        await using (var app = await App.StartAsync(platform.AppEnvironment()))
            key = await app.CreateTenantAsync(platform.OperatorKey, "firm", "甲公司");

        await using var host = await FunctionsHost.StartAsync(Path.GetDirectoryName(App.Executable("Host", "Notary.Host"))!, platform.AppEnvironment());
        await WaitAsync(async () =>
        {
            using var http = new HttpClient();
            return (await http.GetAsync(new Uri(host.Url, "readyz"))).IsSuccessStatusCode;
        });
        var running = Run.AsyncOf("deposit", file, "--url", host.Url.ToString(), "--key", key, "--note", "no=9", "--out", FsckBed.Folder.FullName, "--json");
        await WaitForBlobAsync(StorageAccount.Open(new StorageOptions { ConnectionString = platform.ConnectionString }),
            running, message => host.QueueAsync("OnUpload", message));
        await IsDepositedAsync(await running, file, host.Url, key);
    }

    [TestMethod]
    public async Task One_that_was_cut_off_goes_on_under_its_key_and_is_one_deposit()
    {
        var file = await FileAsync(10_000);
        await using var proxy = await FaultProxy.StartAsync(FsckBed.App.Url);
        string[] line = ["deposit", file, "--url", proxy.Url.ToString(), "--key", FsckBed.Key, "--via", "address",
            "--idempotency-key", "address-1", "--retries", "0", "--out", FsckBed.Folder.FullName, "--json"];
        var ticket = proxy.Add(new FaultRule("/v1/uploads$", FaultKind.Drop, FaultPoint.AfterEffect) { Method = "POST" });
        var cut = await Run.AsyncOf(line);
        Assert.AreEqual(2, cut.Exit, cut.Error);
        StringAssert.Contains(cut.Error, "--idempotency-key address-1");
        Assert.AreEqual(1, ticket.Strikes);

        // Put, and the next look is lost.
        var look = proxy.Add(new FaultRule("/v1/uploads/[0-9a-f-]+$", FaultKind.Drop) { Method = "GET", Nth = 2 });
        Assert.AreEqual(2, (await Run.AsyncOf(line)).Exit);
        Assert.AreEqual(1, look.Strikes);
        proxy.Clear();
        var running = Run.AsyncOf(line);
        await WaitForBlobAsync(FsckBed.Account, running, message => FsckBed.Account.Queue(Names.UploadsQueue).SendMessageAsync(message));
        await IsDepositedAsync(await running, file);
        await IsDepositedAsync(await Run.AsyncOf(line), file);
    }

    /// <summary>Storage refuses the rest, as at a kill: what it took before is not sent again. And an address that ran out is signed anew.</summary>
    [TestMethod]
    public async Task Upload_goes_on_with_the_blocks_that_are_missing_and_has_its_address_signed_anew()
    {
        var file = await FileAsync(Large);
        await using var platform = await Platform.StartAsync(new PlatformOptions { Azurite = FsckBed.Platform.Azurite });
        await using var blobs = await FaultProxy.StartAsync(platform.Azurite.BlobEndpoint);
        await using var app = await App.StartAsync(platform.AppEnvironment(blob: blobs.Url));
        var key = await app.CreateTenantAsync(platform.OperatorKey, "firm", "甲公司");
        await using var api = await FaultProxy.StartAsync(app.Url);
        string[] line = ["upload", file, "--url", api.Url.ToString(), "--key", key, "--retries", "0", "--out", FsckBed.Folder.FullName, "--json"];
        const string block = "/uploads/.*comp=block&";
        blobs.Add(new FaultRule(block, FaultKind.Status) { Method = "PUT", Nth = 6, Times = int.MaxValue, Status = 403 });
        var cut = await Run.AsyncOf(line);
        Assert.AreEqual(2, cut.Exit, cut.Error);

        // Four at most were on their way, so two at least had been taken and kept.
        var kept = UploadState.Open(file, api.Url).Done(8 << 20).Order().ToList();
        Assert.IsGreaterThanOrEqualTo(2, kept.Count);
        var state = await File.ReadAllTextAsync(file + UploadState.Suffix);
        Assert.IsFalse(state.Contains(key, StringComparison.Ordinal) || state.Contains("sig=", StringComparison.Ordinal), "it holds no secret");

        blobs.Clear();
        api.Clear();
        var expired = blobs.Add(new FaultRule(block, FaultKind.Status) { Method = "PUT", Status = 403 });
        var account = StorageAccount.Open(new StorageOptions { ConnectionString = platform.ConnectionString });
        var running = Run.AsyncOf(line);
        await WaitForBlobAsync(account, running, message => account.Queue(Names.UploadsQueue).SendMessageAsync(message));
        var done = await running;
        StringAssert.Contains(done.Error, $"{kept.Count} of 9 blocks are there already");
        Assert.AreEqual(1, expired.Strikes);
        Assert.IsGreaterThanOrEqualTo(3, api.Requests.Count(request => request is { Method: "POST", Path: "/v1/uploads" }), "another address");
        var sent = blobs.Requests.Where(request => request is { Method: "PUT", Status: 201 }
                && System.Text.RegularExpressions.Regex.IsMatch(request.Path, block))
            .Select(request => Uri.UnescapeDataString(request.Path.Split("blockid=")[1].Split('&')[0]))
            .Select(name => int.Parse(Encoding.ASCII.GetString(Convert.FromBase64String(name)), CultureInfo.InvariantCulture)).Order().ToList();
        CollectionAssert.AreEqual(Enumerable.Range(0, 9).Except(kept).ToList(), sent, "what is there is not sent again");
        await IsDepositedAsync(done, file, app.Url, key);
        Assert.IsFalse(File.Exists(file + UploadState.Suffix));
    }

    [TestMethod]
    public async Task On_one_machine_a_large_file_is_the_requests_body()
    {
        var file = await FileAsync(Large);
        await using var proxy = await FaultProxy.StartAsync(FsckBed.App.Url);
        await IsDepositedAsync(await Run.AsyncOf("deposit", file, "--url", proxy.Url.ToString(),
            "--key", FsckBed.Key, "--out", FsckBed.Folder.FullName, "--json"), file);
        Assert.IsFalse(proxy.Requests.Any(r => r.ToString()!.Contains("/v1/uploads", StringComparison.Ordinal)));
    }

    private static async Task<string> FileAsync(long size)
    {
        var path = FsckBed.At($"address {Guid.NewGuid():N}.bin");
        await using var file = File.Create(path);
        await file.WriteAsync(Guid.NewGuid().ToByteArray());
        file.SetLength(size);
        return path;
    }

    /// <summary>The receipt that was checked and kept is the only deposit's of this content.</summary>
    private static async Task IsDepositedAsync(Run run, string file, Uri? url = null, string? key = null)
    {
        Assert.AreEqual(0, run.Exit, run.Error);
        var id = JsonDocument.Parse(run.Output).RootElement.GetProperty("id").GetString();
        Assert.IsTrue(File.Exists(FsckBed.At($"{id}.receipt.json")));
        await using var content = File.OpenRead(file);
        var digest = Convert.ToHexStringLower(await System.Security.Cryptography.SHA256.HashDataAsync(content));
        using var client = new HttpClient { BaseAddress = url ?? FsckBed.App.Url };
        client.DefaultRequestHeaders.Authorization = new("Bearer", key ?? FsckBed.Key);
        using var found = JsonDocument.Parse(await client.GetStringAsync(new Uri($"v1/deposits?sha256={digest}", UriKind.Relative)));
        Assert.AreEqual(id, found.RootElement.GetProperty("items").EnumerateArray().Single().GetProperty("id").GetString());
    }

    private static async Task WaitForBlobAsync(StorageAccount account, Task running, Func<string, Task> deliver)
    {
        BlobItem? blob = null;
        await WaitAsync(async () => running.IsCompleted || (blob = await account.Container(Names.Uploads).GetBlobsAsync().FirstOrDefaultAsync()) is not null);
        if (blob is not null)
            await deliver(new JsonObject { ["type"] = "Microsoft.Storage.BlobCreated", ["subject"] =
                $"/blobServices/default/containers/uploads/blobs/{blob.Name}", ["data"] = new JsonObject { ["api"] = "PutBlockList" } }.ToJsonString());
    }

    private static async Task WaitAsync(Func<Task<bool>> holds)
    {
        for (var since = TimeProvider.System.GetTimestamp(); !await holds(); await Task.Delay(100))
            Assert.IsLessThan(TimeSpan.FromMinutes(3), TimeProvider.System.GetElapsedTime(since));
    }
}
