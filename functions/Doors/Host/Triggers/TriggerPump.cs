using System.Text;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Notary.Host.Composition;
using Notary.Storage;

namespace Notary.Host.Triggers;

/// <summary>
/// Stands in for the Functions host's listeners when the app runs by itself: polls the same queues and the same clock and
/// posts the same envelopes to the app's own port, so that every local run exercises the contract.
/// </summary>
/// <remarks>
/// As the host does: a message is leased for ten minutes; success deletes it; failure shows it again after
/// visibilityTimeout; the failure that reaches maxDequeueCount moves it to the poison queue.
/// </remarks>
internal sealed partial class TriggerPump(StorageAccount storage, Rooms rooms, IServer server, QueueSettings settings, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<TriggerPump> log)
    : BackgroundService
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            await Lifetimes.StartedAsync(lifetime, stoppingToken);

            while (!await StoredAsync(stoppingToken))
            {
            }

            using var http = new HttpClient { BaseAddress = new Uri(server.Features.Get<IServerAddressesFeature>()!.Addresses.First()), Timeout = settings.FunctionTimeout };
            await Task.WhenAll(Functions.All.Select(function => function switch
            {
                Function.Queue queue => PumpQueueAsync(http, queue, stoppingToken),
                Function.Timer timer => PumpTimerAsync(http, timer, stoppingToken),
                _ => Task.CompletedTask,
            }));
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // The end of the process: a call that was cut short may say so in its own way.
        }
    }

    private async Task<bool> StoredAsync(CancellationToken cancel)
    {
        try
        {
            await rooms.DemandStorageAsync(cancel);
            return true;
        }
        catch (Evidence.FaultException)
        {
            return false;
        }
    }

    private async Task PumpQueueAsync(HttpClient http, Function.Queue function, CancellationToken cancel)
    {
        var queue = storage.Queue(function.QueueName);
        var running = new List<Task>();
        for (var pause = FirstPause; ;)
        {
            running.RemoveAll(t => t.IsCompleted);
            var messages = running.Count <= settings.NewBatchThreshold ? await ReceiveAsync(queue, cancel) : [];
            running.AddRange(messages.Select(m => DeliverAsync(http, function, queue, m, cancel)));
            pause = messages.Length > 0 ? FirstPause : pause * 2 < settings.MaxPollingInterval ? pause * 2 : settings.MaxPollingInterval;
            await (running.Count > settings.NewBatchThreshold ? Task.WhenAny(running) : Task.Delay(pause, clock, cancel));
        }
    }

    private async Task<QueueMessage[]> ReceiveAsync(QueueClient queue, CancellationToken cancel)
    {
        try
        {
            return await queue.ReceiveMessagesAsync(settings.BatchSize, Lease, cancel);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            Log.NotReceived(log, queue.Name, e.Message);
            return [];
        }
    }

    private async Task DeliverAsync(HttpClient http, Function.Queue function, QueueClient queue, QueueMessage message, CancellationToken cancel)
    {
        var done = await PostAsync(http, function.Name, EnvelopeWriter.Queue(function.Name, message, message.Body.ToString(), clock.GetUtcNow()), cancel);
        try
        {
            if (!done && message.DequeueCount < settings.MaxDequeueCount)
            {
                await queue.UpdateMessageAsync(message.MessageId, message.PopReceipt, visibilityTimeout: settings.VisibilityTimeout, cancellationToken: cancel);
                return;
            }

            if (!done)
            {
                await storage.Queue(Names.PoisonQueue(queue.Name)).SendMessageAsync(message.Body, timeToLive: TimeSpan.FromSeconds(-1), cancellationToken: cancel);
                Log.Poisoned(log, queue.Name, message.MessageId);
            }

            await queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, cancel);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            // It comes back when its lease ends; every function is safe to repeat.
            Log.NotSettled(log, queue.Name, message.MessageId, e.Message);
        }
    }

    /// <summary>Each full minute, and once at the start: the host calls a timer that was missed while it was down.</summary>
    private async Task PumpTimerAsync(HttpClient http, Function.Timer function, CancellationToken cancel)
    {
        var last = clock.GetUtcNow();
        for (var late = true; ; late = false)
        {
            var now = clock.GetUtcNow();
            var next = new DateTimeOffset(now.Ticks - (now.Ticks % Minute.Ticks), TimeSpan.Zero) + Minute;
            await PostAsync(http, function.Name, EnvelopeWriter.Timer(function.Name, late, last, next, now), cancel);
            last = now;
            var left = next - clock.GetUtcNow();
            await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, clock, cancel);
        }
    }

    private async Task<bool> PostAsync(HttpClient http, string function, string envelope, CancellationToken cancel)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/" + function) { Content = new StringContent(envelope, Encoding.UTF8, "application/json") };
            request.Headers.Add(EnvelopeGuard.InvocationHeader, Guid.NewGuid().ToString());
            request.Headers.Add("X-Azure-Functions-HostVersion", "0.0.0-pump");
            using var response = await http.SendAsync(request, cancel);
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            Log.NotPosted(log, function, e.Message);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(20, LogLevel.Warning, "queue {Queue} was not read: {Reason}")]
        public static partial void NotReceived(ILogger log, string queue, string reason);

        [LoggerMessage(21, LogLevel.Error, "message {Message} of {Queue} moved to the poison queue")]
        public static partial void Poisoned(ILogger log, string queue, string message);

        [LoggerMessage(22, LogLevel.Warning, "message {Message} of {Queue} was not settled: {Reason}")]
        public static partial void NotSettled(ILogger log, string queue, string message, string reason);

        [LoggerMessage(23, LogLevel.Warning, "function {Function} was not reached: {Reason}")]
        public static partial void NotPosted(ILogger log, string function, string reason);
    }
}
