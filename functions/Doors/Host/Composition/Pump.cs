using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;

namespace Notary.Host.Composition;

/// <summary>Where there is no Functions host: reads the same queue and the same clock and calls what the functions call.</summary>
/// <remarks>
/// As the host does: a message is leased for ten minutes; success deletes it; failure shows it again after
/// visibilityTimeout; the failure that reaches maxDequeueCount moves it to the poison queue.
/// </remarks>
internal sealed partial class Pump(
    StorageAccount storage, Rooms rooms, Errands errands, QueueSettings settings, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<Pump> log)
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

            await Task.WhenAll(PumpQueueAsync(storage.Queue(Names.UploadsQueue), stoppingToken), PumpTimerAsync("Sweep", errands.SweepAsync, stoppingToken),
                PumpTimerAsync("SweepUploads", errands.SweepUploadsAsync, stoppingToken),
                PumpTimerAsync("DepositTrail", errands.DepositTrailAsync, stoppingToken));
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

    private async Task PumpQueueAsync(QueueClient queue, CancellationToken cancel)
    {
        var running = new List<Task>();
        for (var pause = FirstPause; ;)
        {
            running.RemoveAll(t => t.IsCompleted);
            var messages = running.Count <= settings.NewBatchThreshold ? await ReceiveAsync(queue, cancel) : [];
            running.AddRange(messages.Select(m => DeliverAsync(queue, m, cancel)));
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

    private async Task DeliverAsync(QueueClient queue, QueueMessage message, CancellationToken cancel)
    {
        var done = await DoneAsync("OnUpload", token => errands.TakeUploadAsync(message.Body.ToString(), client: null, token), cancel);
        try
        {
            if (!done && message.DequeueCount < settings.MaxDequeueCount)
            {
                await queue.UpdateMessageAsync(message.MessageId, message.PopReceipt, visibilityTimeout: settings.VisibilityTimeout, cancellationToken: cancel);
                return;
            }

            if (!done)
            {
                await storage.Queue(Names.PoisonQueue(queue.Name))
                    .SendMessageAsync(message.Body, timeToLive: TimeSpan.FromSeconds(-1), cancellationToken: cancel);
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
    private async Task PumpTimerAsync(string what, Func<DurableTaskClient?, CancellationToken, Task> sweep, CancellationToken cancel)
    {
        while (true)
        {
            await DoneAsync(what, token => sweep(null, token), cancel);
            var now = clock.GetUtcNow();
            await Task.Delay(TimeSpan.FromTicks(Minute.Ticks - (now.Ticks % Minute.Ticks)), clock, cancel);
        }
    }

    // Cut off by functionTimeout, as the host does.
    private async Task<bool> DoneAsync(string what, Func<CancellationToken, Task> errand, CancellationToken cancel)
    {
        using var bound = new CancellationTokenSource(settings.FunctionTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancel);
        try
        {
            await errand(either.Token);
            return true;
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            Log.NotDone(log, e, what);
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

        [LoggerMessage(23, LogLevel.Warning, "{What} failed; it is tried again")]
        public static partial void NotDone(ILogger log, Exception exception, string what);
    }
}
