using Azure.Storage.Queues;

namespace Notary.Host.Tests;

/// <summary>What queue and timer ask for, and the pump that asks where there is no Functions host.</summary>
[TestClass]
public sealed class ErrandTests
{
    private const string Uploaded = "Microsoft.Storage.BlobCreated";
    private static TestApp app = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _) => app = await Fixture.WholeAppAsync();

    [TestMethod]
    public async Task AnUploadBecomesADepositWhenItsEventArrives()
    {
        var (_, key) = await app.TenantAsync();
        foreach (var encode in new Func<string, string>[] { text => text, text => Convert.ToBase64String(Encoding.UTF8.GetBytes(text)) })
        {
            var ticket = await app.PostAsync("/v1/uploads", key, """{"name":"大.bin","letter":"onRequest"}""");
            Assert.AreEqual(201, ticket.Status, ticket.Text);
            var id = ticket.Json.GetProperty("id").GetString()!;
            Assert.AreEqual("waiting", (await app.GetAsync(ticket.Headers["Location"], key)).Json.GetProperty("state").GetString());

            var url = ticket.Json.GetProperty("url").GetString()!;
            Assert.AreEqual(201, await PutBlobAsync(url));
            var path = new Uri(url).AbsolutePath.Split("/uploads/")[1];
            var message = encode(
                $$$"""{"specversion":"1.0","type":"{{{Uploaded}}}","source":"/s","id":"1","time":"2026-01-01T00:00:00Z","""
                + $$$""" "subject":"/blobServices/default/containers/uploads/blobs/{{{path}}}","data":{"api":"PutBlob"}}""");
            var errands = app.Services.GetRequiredService<Errands>();
            await errands.TakeUploadAsync(message, client: null, CancellationToken.None);
            Assert.AreEqual(201, await PutBlobAsync(url, "written afterwards"));
            await errands.TakeUploadAsync(message, client: null, CancellationToken.None);

            var upload = await app.GetAsync($"/v1/uploads/{id}", key);
            Assert.AreEqual("deposited", upload.Json.GetProperty("state").GetString(), upload.Text);
            var deposit = await app.GetAsync($"/v1/deposits/{upload.Json.GetProperty("depositId").GetString()}/original", key);
            Assert.AreEqual("hello", deposit.Text);
        }
    }

    [TestMethod]
    public async Task ThePumpDeliversRetriesAndPoisons()
    {
        await using var own = await TestApp.StartAsync(
            change: v => v["EvidenceStorage"] = Fixture.Storage.ConnectionStringFor(Fixture.Storage.NewAccount()),
            replace: s => s.AddSingleton(QueueSettings.ReadBesideApp() with { MaxDequeueCount = 3, VisibilityTimeout = TimeSpan.Zero }));
        var account = own.Services.GetRequiredService<StorageAccount>();
        QueueClient queue = account.Queue(Names.UploadsQueue), poison = account.Queue(Names.PoisonQueue(Names.UploadsQueue));
        await WaitAsync(async () => await queue.ExistsAsync() && await poison.ExistsAsync());

        // No event at all: tried as often as host.json says, then kept where a person finds it.
        await queue.SendMessageAsync("no event");
        await WaitAsync(async () => (await poison.PeekMessagesAsync(10)).Value is [{ MessageText: "no event" }]);
        await WaitAsync(async () => (await queue.GetPropertiesAsync()).Value.ApproximateMessagesCount == 0);

        // An event of another container is nothing to do: taken and gone.
        await queue.SendMessageAsync($$$"""{"type":"{{{Uploaded}}}","subject":"/blobServices/default/containers/other/blobs/x","data":{"api":"PutBlob"}}""");
        await WaitAsync(async () => (await queue.GetPropertiesAsync()).Value.ApproximateMessagesCount == 0);
        Assert.HasCount(1, (await poison.PeekMessagesAsync(10)).Value);
    }

    private static async Task<int> PutBlobAsync(string url, string text = "hello")
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Put, url) { Content = new StringContent(text) };
        request.Headers.Add("x-ms-blob-type", "BlockBlob");
        request.Headers.Add("x-ms-version", "2023-01-03");
        using var response = await http.SendAsync(request);
        return (int)response.StatusCode;
    }

    private static async Task WaitAsync(Func<Task<bool>> holds)
    {
        for (var i = 0; i < 150; i++)
        {
            if (await holds())
                return;

            await Task.Delay(200);
        }

        Assert.Fail("did not happen within 30 s");
    }
}
