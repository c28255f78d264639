using System.Text;
using System.Text.Json;
using Azure.Storage.Queues;
using Microsoft.Extensions.DependencyInjection;
using Notary.Host.Triggers;
using Notary.Storage;

namespace Notary.Host.Tests;

/// <summary>Envelopes as the Functions host posts them, and the pump that posts the same.</summary>
[TestClass]
public sealed class TriggerTests
{
    private const string Uploaded = "Microsoft.Storage.BlobCreated";
    private static readonly (string, string) Invocation = ("X-Azure-Functions-InvocationId", "0d6f2a37-7b7e-4f0c-9d0e-2d7f6a4a9d11");
    private static TestApp app = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _) => app = await Fixture.WholeAppAsync();

    [TestMethod]
    public async Task EveryShapeOfAQueueEnvelopeIsTaken()
    {
        // An event of another container: understood, and nothing to do.
        const string Event = """{"type":"Microsoft.Storage.BlobCreated","subject":"/blobServices/default/containers/other/blobs/x","data":{"api":"PutBlob"}}""";
        var twice = JsonSerializer.Serialize(JsonSerializer.Serialize(Event));
        var metadata = """{"DequeueCount":"1","ExpirationTime":"2026-03-08T09:00:00+00:00","Id":"\"7d0a\"","InsertionTime":"2026-03-01T09:00:00+00:00","NextVisibleTime":"2026-03-01T09:10:00+00:00","PopReceipt":"\"AgAAAAMA\"","sys":{"MethodName":"OnUpload","UtcNow":"2026-03-01T09:00:01.1Z","RandGuid":"24ad"},"type":"\"x\""}""";
        foreach (var (name, envelope) in new[]
        {
            ("encoded twice", $$$"""{"Data":{"msg":{{{twice}}}},"Metadata":{{{metadata}}}}"""),
            ("encoded once", $$$"""{"Data":{"msg":{{{JsonSerializer.Serialize(Event)}}}},"Metadata":{}}"""),
            ("base64", $$$"""{"Data":{"msg":"{{{Convert.ToBase64String(Encoding.UTF8.GetBytes(Event))}}}"},"Metadata":{}}"""),
            ("no metadata", $$$"""{"Data":{"msg":{{{twice}}}}}"""),
            ("object", $$$"""{"Data":{"msg":{{{Event}}}},"Metadata":{}}"""),
        })
        {
            var answer = await PostAsync("OnUpload", envelope);
            Assert.AreEqual(200, answer.Status, $"{name}: {answer.Text}");
            Done(answer);
        }
    }

    [TestMethod]
    [DataRow("""{"Data":{"timer":{"Schedule":{"AdjustForDST":true},"ScheduleStatus":{"Last":"2026-03-01T09:00:00Z","Next":"2026-03-01T09:01:00Z","LastUpdated":"2026-03-01T09:00:00Z"},"IsPastDue":false}},"Metadata":{"sys":{"MethodName":"Sweep","UtcNow":"2026-03-01T09:00:01.1Z","RandGuid":"24ad"}}}""")]
    [DataRow("""{"Data":{"timer":{"IsPastDue":true}}}""")]
    [DataRow("""{"Data":{"timer":"{\"IsPastDue\":true}"}}""")]
    public async Task EveryShapeOfATimerEnvelopeIsTaken(string envelope) => Done(await PostAsync("Sweep", envelope));

    [TestMethod]
    [DataRow("OnUpload", "")]
    [DataRow("OnUpload", "{")]
    [DataRow("OnUpload", "null")]
    [DataRow("OnUpload", "[]")]
    [DataRow("OnUpload", "{}")]
    [DataRow("OnUpload", """{"Data":{}}""")]
    [DataRow("OnUpload", """{"Data":{"msg":null}}""")]
    [DataRow("OnUpload", """{"Data":{"timer":{"IsPastDue":false}}}""")]
    [DataRow("Sweep", """{"Data":{"timer":5}}""")]
    [DataRow("OnUpload", """{"Data":{"msg":"no event"}}""")]
    public async Task WhatIsNoEnvelopeFails(string function, string body)
    {
        // Only failure makes the host show the message again and poison it in the end.
        var answer = await PostAsync(function, body);
        Assert.AreEqual(500, answer.Status, answer.Text);
        Assert.AreEqual("internal", answer.Code);
    }

    [TestMethod]
    [DataRow("x-ms-invocation-id", "1")]
    [DataRow("X-Forwarded-For", "203.0.113.7")]
    [DataRow("X-Forwarded-Host", "notary.example")]
    [DataRow("X-Forwarded-Proto", "https")]
    [DataRow("Forwarded", "for=203.0.113.7")]
    [DataRow("X-ARR-SSL", "1")]
    [DataRow("X-Original-URL", "/OnUpload")]
    [DataRow("CLIENT-IP", "203.0.113.7:1")]
    [DataRow("Origin", "https://evil.example")]
    [DataRow("Host", "notary.example")]
    public async Task AProxiedRequestReachesNoEnvelope(string header, string value)
    {
        foreach (var function in Functions.All.Where(f => f is not Function.Http))
        {
            var answer = await app.SendAsync(HttpMethod.Post, "/" + function.Name, null, TestApp.Json("""{"Data":{"msg":"x","timer":{"IsPastDue":false}}}"""), Invocation, (header, value));
            answer.MustBe(404, "not-found");
            var nothing = await app.SendAsync(HttpMethod.Post, "/NoSuchFunction", null, TestApp.Json("{}"), Invocation, (header, value));
            Assert.AreEqual(Bare(nothing), Bare(answer));
        }
    }

    [TestMethod]
    public async Task WithoutAnInvocationIdThereIsNoEnvelope()
        => (await app.SendAsync(HttpMethod.Post, "/OnUpload", null, TestApp.Json("""{"Data":{"msg":"x"}}"""))).MustBe(404, "not-found");

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
            Assert.AreNotEqual(201, await PutBlobAsync(url), "the signature creates once and never overwrites");
            var path = new Uri(url).AbsolutePath.Split("/uploads/")[1];
            var message = encode($$$"""{"specversion":"1.0","type":"{{{Uploaded}}}","source":"/s","id":"1","time":"2026-01-01T00:00:00Z","subject":"/blobServices/default/containers/uploads/blobs/{{{path}}}","data":{"api":"PutBlob"}}""");
            var envelope = JsonSerializer.Serialize(new { Data = new { msg = JsonSerializer.Serialize(message) }, Metadata = new { } });
            Done(await PostAsync("OnUpload", envelope));
            Done(await PostAsync("OnUpload", envelope));

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

    private static Task<Answer> PostAsync(string function, string envelope)
        => app.SendAsync(HttpMethod.Post, "/" + function, null, TestApp.Json(envelope), Invocation, ("X-Azure-Functions-HostVersion", "4.1037.0.0"));

    private static void Done(Answer answer)
    {
        Assert.AreEqual(200, answer.Status, answer.Text);
        StringAssert.StartsWith(answer.Headers["Content-Type"], "application/json");
        Assert.AreEqual("{}", answer.Text);
    }

    private static string Bare(Answer answer) => answer.Text.Replace(answer.Headers["X-Correlation-Id"], "", StringComparison.Ordinal).Split("\"traceId\"")[0];

    private static async Task<int> PutBlobAsync(string url)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Put, url) { Content = new StringContent("hello") };
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
            {
                return;
            }

            await Task.Delay(200);
        }

        Assert.Fail("did not happen within 30 s");
    }
}
