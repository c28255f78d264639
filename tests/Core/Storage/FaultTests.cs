using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Azure.Data.Tables;
using Notary.Evidence;
using Notary.Keys;

namespace Notary.Storage.Tests;

/// <summary>Storage that stalls, answers 5xx, loses answers, or does what it reports as failed.</summary>
[TestClass]
public sealed class FaultTests
{
    private static readonly byte[] Large = new byte[9 * 1024 * 1024];

    private VaultServer vault = null!;
    private VaultKeyEncryption key = null!;
    private FaultProxy proxy = null!;

    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Cancel => TestContext.CancellationToken;

    [TestInitialize]
    public async Task StartAsync()
    {
        vault = await VaultServer.StartAsync(cancel: Cancel);
        var client = new KeyClient(vault.Url, vault.Credential);
        await client.CreateRsaKeyAsync(KeyNames.KeyEncryption, 2048, Cancel);
        key = await VaultKeyEncryption.OpenAsync(client, KeyNames.KeyEncryption, Cancel);
    }

    [TestCleanup]
    public async Task StopAsync()
    {
        await proxy.DisposeAsync();
        await vault.DisposeAsync();
    }

    [TestMethod]
    public async Task Signed_requests_pass_the_proxy_unharmed()
    {
        proxy = await FaultProxy.StartAsync(Shared.Azurite.QueueEndpoint, cancel: Cancel);
        var name = Shared.Azurite.NewAccount();
        var queue = StorageAccount.Open(new() { ConnectionString = Shared.Azurite.ConnectionStringFor(name, queue: proxy.Url) }).Queue(Names.UploadsQueue);
        await queue.CreateAsync(cancellationToken: Cancel);
        await queue.SendMessageAsync("公证 & <look>", Cancel);
        Assert.AreEqual("公证 & <look>", (await queue.ReceiveMessageAsync(cancellationToken: Cancel)).Value.Body.ToString());
        Assert.AreEqual(3, proxy.Requests.Count);
    }

    [TestMethod]
    public async Task A_row_inserted_unseen_reads_as_a_conflict_and_is_ours()
    {
        var table = await NewTableAsync();
        proxy.Add(new("/things", FaultKind.Drop, FaultPoint.AfterEffect) { Method = "POST" });
        var failure = await Assert.ThrowsExactlyAsync<RequestFailedException>(
            () => table.AddEntityAsync(new TableEntity("p", "r") { ["write"] = "mine" }, Cancel));
        Assert.AreEqual((409, "EntityAlreadyExists"), (failure.Status, failure.ErrorCode));
        Assert.IsTrue(StorageFailure.IsConflict(failure));
        var row = (await table.GetEntityAsync("p", "r", cancel: Cancel)).Value;
        Assert.AreEqual("mine", row.GetString("write"));

        proxy.Add(new("/things", FaultKind.Status, FaultPoint.AfterEffect) { Method = "PATCH", Status = 503 });
        failure = await Assert.ThrowsExactlyAsync<RequestFailedException>(
            () => table.UpdateEntityAsync(new TableEntity("p", "r") { ["write"] = "next" }, row.ETag, cancellationToken: Cancel));
        Assert.AreEqual(412, failure.Status);
        Assert.IsTrue(StorageFailure.IsConflict(failure));
        Assert.AreEqual("next", (await table.GetEntityAsync("p", "r", cancel: Cancel)).Value.GetString("write"));
    }

    [TestMethod]
    public async Task A_transaction_done_unseen_reads_as_a_conflict_too()
    {
        var table = await NewTableAsync();
        proxy.Add(new("batch", FaultKind.Drop, FaultPoint.AfterEffect) { Method = "POST" });
        var failure = await Assert.ThrowsExactlyAsync<TableTransactionFailedException>(
            () => table.SubmitTransactionAsync([new(TableTransactionActionType.Add, new TableEntity("p", "r") { ["write"] = "mine" })], Cancel));
        Assert.IsTrue(StorageFailure.IsConflict(failure));
        Assert.AreEqual("mine", (await table.GetEntityAsync("p", "r", cancel: Cancel)).Value.GetString("write"));

        // Dropped unseen: the second try finds nothing, and that is no failure.
        proxy.Add(new("/things", FaultKind.Drop, FaultPoint.AfterEffect) { Method = "DELETE" });
        Assert.AreEqual(404, (await table.DeleteEntityAsync("p", "r", cancellationToken: Cancel)).Status);
    }

    [TestMethod]
    public async Task Passing_trouble_is_retried_and_lasting_trouble_is_storages()
    {
        var table = await NewTableAsync();
        var passing = proxy.Add(new("/things", FaultKind.Status) { Status = 503, Times = 2 });
        await table.AddEntityAsync(new TableEntity("p", "r"), Cancel);
        Assert.AreEqual(2, passing.Strikes);

        // However it is silent, and whatever the SDK makes of it.
        foreach (var rule in new FaultRule[]
        {
            new("/things", FaultKind.Drop) { Times = int.MaxValue },
            new("/things", FaultKind.Status) { Status = 500, Times = int.MaxValue },
            new("/things", FaultKind.Garbage) { Times = int.MaxValue },
            new("/things", FaultKind.Truncate, FaultPoint.AfterEffect) { Times = int.MaxValue },
        })
        {
            proxy.Clear();
            proxy.Add(rule);
            Exception? failure = null;
            try
            {
                await table.GetEntityIfExistsAsync("p", "r", cancel: Cancel);
            }
            catch (Exception e)
            {
                failure = e;
            }

            Assert.IsNotNull(failure, $"{rule.Kind}");
            Assert.IsTrue(StorageFailure.Is(failure, Cancel), $"{rule.Kind}: {failure}");
            Assert.IsFalse(StorageFailure.IsConflict(failure), $"{rule.Kind}: {failure}");
        }

        proxy.Clear();
        proxy.Add(new("/things", FaultKind.Delay) { Delay = TimeSpan.FromSeconds(30), Times = int.MaxValue });
        using var bound = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        var cancelled = await Assert.ThrowsAsync<OperationCanceledException>(() => table.GetEntityIfExistsAsync("p", "r", cancel: bound.Token));
        Assert.IsFalse(StorageFailure.Is(cancelled, bound.Token), "the caller's own end is not storage's failure");
    }

    [TestMethod]
    public async Task A_server_that_does_not_listen_is_storages_failure()
    {
        proxy = await FaultProxy.StartAsync(Shared.Azurite.TableEndpoint, cancel: Cancel);
        var gone = StorageAccount.Open(
            new() { ConnectionString = Shared.Azurite.ConnectionStringFor(Shared.Azurite.NewAccount(), table: proxy.Url, queue: proxy.Url, blob: proxy.Url) });
        await proxy.DisposeAsync();
        foreach (var ask in new Func<Task>[]
        {
            () => gone.Table("things").GetEntityIfExistsAsync("p", "r", cancel: Cancel),
            () => gone.Queue(Names.UploadsQueue).PeekMessagesAsync(1, Cancel),
            () => gone.Container(Names.Log).ExistsAsync(Cancel),
        })
        {
            var failure = await Assert.ThrowsAsync<Exception>(ask);
            Assert.IsTrue(StorageFailure.Is(failure, Cancel), failure.ToString());
        }
    }

    [TestMethod]
    [DataRow(false, FaultKind.Drop, 1)]
    [DataRow(false, FaultKind.Status, 1)]
    [DataRow(false, FaultKind.Status, int.MaxValue)]
    [DataRow(true, FaultKind.Drop, 1)]
    [DataRow(true, FaultKind.Status, 1)]
    [DataRow(true, FaultKind.Status, int.MaxValue)]
    public async Task An_original_committed_unseen_counts_as_stored(bool large, FaultKind kind, int times)
    {
        using var store = await NewStoreAsync();
        var content = large ? Large : Large[..1000];
        var rule = proxy.Add(new(large ? "comp=blocklist" : "/originals/d/0", kind, FaultPoint.AfterEffect) { Method = "PUT", Times = times });
        Assert.AreEqual(StoredOriginal.Of(content), await store.WriteAsync("d/0", new MemoryStream(content), cancel: Cancel));
        Assert.IsTrue(rule.Strikes > 0);
        await using var stream = await store.OpenReadAsync("d/0", cancel: Cancel);
        Assert.AreEqual(Digest.Of(content), new Digest(await System.Security.Cryptography.SHA256.HashDataAsync(stream, Cancel)));
    }

    [TestMethod]
    [DataRow("comp=block&", FaultKind.Status)]
    [DataRow("comp=blocklist", FaultKind.Drop)]
    public async Task Storage_that_stays_down_leaves_no_original(string path, FaultKind kind)
    {
        using var store = await NewStoreAsync();
        proxy.Add(new(path, kind) { Method = "PUT", Times = int.MaxValue, Status = 500 });
        var failure = await Assert.ThrowsExactlyAsync<FaultException>(() => store.WriteAsync("d/0", new MemoryStream(Large), cancel: Cancel));
        Assert.AreEqual(Fault.StorageUnavailable, failure.Fault);
        Assert.IsFalse(await store.ExistsAsync("d/0", Cancel));
        proxy.Clear();
        await store.WriteAsync("d/0", new MemoryStream(Large), cancel: Cancel);
    }

    [TestMethod]
    public async Task A_download_cut_off_goes_on_by_itself()
    {
        using var store = await NewStoreAsync();
        await store.WriteAsync("d/0", new MemoryStream(Large), cancel: Cancel);
        var rule = proxy.Add(new("/originals/d/0", FaultKind.Truncate, FaultPoint.AfterEffect) { Method = "GET" });
        await using var stream = await store.OpenReadAsync("d/0", cancel: Cancel);
        Assert.AreEqual(Digest.Of(Large), new Digest(await System.Security.Cryptography.SHA256.HashDataAsync(stream, Cancel)));
        Assert.AreEqual(1, rule.Strikes);
    }

    [TestMethod]
    public async Task Calls_are_counted_with_their_retries()
    {
        var counts = new ConcurrentDictionary<string, long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == StorageAccount.MeterName)
                    self.EnableMeasurementEvents(instrument);
            },
        };
        var mine = new AsyncLocal<bool> { Value = true };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            if (mine.Value)
                counts.AddOrUpdate($"{tags[0].Value} {tags[1].Value}", value, (_, sum) => sum + value);
        });
        var table = await NewTableAsync();
        listener.Start();
        proxy.Add(new("/things", FaultKind.Status) { Status = 503 });
        await table.AddEntityAsync(new TableEntity("p", "r"), Cancel);
        Assert.AreEqual(2, counts["table POST"]);
        Assert.AreEqual(1, counts.Count);
    }

    private async Task<TableClient> NewTableAsync()
    {
        proxy = await FaultProxy.StartAsync(Shared.Azurite.TableEndpoint, cancel: Cancel);
        var account = StorageAccount.Open(new() { ConnectionString = Shared.Azurite.ConnectionStringFor(Shared.Azurite.NewAccount(), table: proxy.Url) });
        await account.Table("things").CreateIfNotExistsAsync(Cancel);
        return account.Table("things");
    }

    private async Task<OriginalStore> NewStoreAsync()
    {
        proxy = await FaultProxy.StartAsync(Shared.Azurite.BlobEndpoint, cancel: Cancel);
        var account = StorageAccount.Open(new() { ConnectionString = Shared.Azurite.ConnectionStringFor(Shared.Azurite.NewAccount(), blob: proxy.Url) });
        await account.Container(Names.Originals).CreateAsync(cancellationToken: Cancel);
        return new OriginalStore(account, key, key);
    }
}
