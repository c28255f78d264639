using Azure.Core;
using Azure.Storage.Queues;
using Notary.Servers;
using Notary.Storage;

namespace Notary.Orchestration.Tests;

/// <summary>An empty queue is left alone, and nothing that lies in it waits longer than it must.</summary>
[TestClass]
public sealed class PatientLooksTests
{
    private static readonly TimeSpan Hidden = TimeSpan.FromSeconds(20);

    private static Azurite azurite = null!;

    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Cancel => TestContext.CancellationToken;

    [ClassInitialize]
    public static async Task StartAsync(TestContext context) => azurite = await Azurite.StartAsync(cancel: context.CancellationToken);

    [ClassCleanup]
    public static async Task StopAsync() => await azurite.DisposeAsync();

    [TestMethod]
    public async Task AnEmptyQueueIsAskedOnceAndAgainAfterTheIdlePoll()
    {
        await using var proxy = await FaultProxy.StartAsync(azurite.QueueEndpoint);
        var clock = new Clock();
        var (queue, stranger) = await OpenAsync(proxy, clock);
        for (var look = 0; look < 20; look++)
            Assert.IsEmpty((await queue.ReceiveMessagesAsync(32, Hidden, Cancel)).Value);

        Assert.HasCount(1, proxy.Requests.Where(request => request.Method == "GET"));

        await stranger.SendMessageAsync("from elsewhere", Cancel);
        Assert.IsEmpty((await queue.ReceiveMessagesAsync(32, Hidden, Cancel)).Value);
        clock.Now += TaskHub.IdlePoll;
        Assert.AreEqual("from elsewhere", (await queue.ReceiveMessagesAsync(32, Hidden, Cancel)).Value.Single().MessageText);
    }

    [TestMethod]
    public async Task WhatThisProcessSendsIsFoundAtOnceAndWhatItHidesWhenItIsDue()
    {
        await using var proxy = await FaultProxy.StartAsync(azurite.QueueEndpoint);
        var clock = new Clock();
        var (queue, _) = await OpenAsync(proxy, clock);
        Assert.IsEmpty((await queue.ReceiveMessagesAsync(32, Hidden, Cancel)).Value);
        await queue.SendMessageAsync("now", TimeSpan.Zero, cancellationToken: Cancel);
        var found = (await queue.ReceiveMessagesAsync(32, Hidden, Cancel)).Value.Single();
        Assert.AreEqual("now", found.MessageText);

        // There may be more behind it, so the next look is a real one; the one after is not.
        Assert.IsEmpty((await queue.ReceiveMessagesAsync(32, Hidden, Cancel)).Value);
        await queue.UpdateMessageAsync(found.MessageId, found.PopReceipt, "again", TimeSpan.FromSeconds(1), Cancel);
        Assert.IsEmpty((await queue.ReceiveMessagesAsync(32, Hidden, Cancel)).Value);
        clock.Now += TimeSpan.FromSeconds(1);
        string? text = null;
        while (text is null)
        {
            // The server's own clock decides; each look that finds nothing is followed by one that is due.
            text = (await queue.ReceiveMessagesAsync(32, Hidden, Cancel)).Value.SingleOrDefault()?.MessageText;
            clock.Now += TaskHub.IdlePoll;
        }

        Assert.AreEqual("again", text);
    }

    /// <summary>What the framework puts back, and not what it sends for later, such as a timer.</summary>
    [TestMethod]
    public async Task WhatIsPutBackForMinutesComesInSeconds()
    {
        await using var proxy = await FaultProxy.StartAsync(azurite.QueueEndpoint);
        var (queue, _) = await OpenAsync(proxy, new Clock());
        await queue.SendMessageAsync("early", TimeSpan.Zero, cancellationToken: Cancel);
        await queue.SendMessageAsync("a timer", TimeSpan.FromMinutes(10), cancellationToken: Cancel);
        var found = (await queue.ReceiveMessagesAsync(32, Hidden, Cancel)).Value.Single();
        found = found.Update((await queue.UpdateMessageAsync(found.MessageId, found.PopReceipt, visibilityTimeout: TimeSpan.FromMinutes(10),
            cancellationToken: Cancel)).Value);
        await queue.UpdateMessageAsync(found.MessageId, found.PopReceipt, visibilityTimeout: Hidden, cancellationToken: Cancel);
        var sent = proxy.Requests.Where(r => r.Method is "POST" or "PUT" && r.Path.Contains("/messages", StringComparison.Ordinal));
        Assert.AreEqual("POST 0, POST 600, PUT 5, PUT 20",
            string.Join(", ", sent.Select(r => $"{r.Method} {r.Path.Split("visibilitytimeout=")[1].Split('&')[0]}")));
    }

    [TestMethod]
    public async Task ALookThatFailsIsRepeated()
    {
        await using var proxy = await FaultProxy.StartAsync(azurite.QueueEndpoint);
        var (queue, stranger) = await OpenAsync(proxy, new Clock());
        await stranger.SendMessageAsync("there", Cancel);
        proxy.Add(new FaultRule("/messages", FaultKind.Status) { Method = "GET", Status = 400, Times = 1 });
        await Assert.ThrowsExactlyAsync<Azure.RequestFailedException>(() => queue.ReceiveMessagesAsync(32, Hidden, Cancel));
        Assert.AreEqual("there", (await queue.ReceiveMessagesAsync(32, Hidden, Cancel)).Value.Single().MessageText);
    }

    private async Task<(QueueClient Queue, QueueClient Stranger)> OpenAsync(FaultProxy proxy, TimeProvider clock)
    {
        var account = azurite.NewAccount();
        var storage = StorageAccount.Open(new StorageOptions { ConnectionString = azurite.ConnectionStringFor(account, queue: proxy.Url) });
        var options = storage.QueueOptions();
        options.AddPolicy(new PatientLooks(clock), HttpPipelinePosition.PerCall);
        var queue = storage.Open(options).GetQueueClient("looks");
        await queue.CreateAsync(cancellationToken: Cancel);
        return (queue, StorageAccount.Open(new StorageOptions { ConnectionString = azurite.ConnectionStringFor(account) }).Queue("looks"));
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
