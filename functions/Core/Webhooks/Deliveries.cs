using System.Collections.Concurrent;

namespace Notary.Webhooks;

/// <summary>Delivers what waits: a lane of its own for each endpoint, so that a bad one delays nobody else.</summary>
/// <remarks>Rows say what waits and until when; a lane's lease lets another instance take it on after a crash. At least once: a lease that is lost while
/// something is under way may mean that it is sent twice, under the same id.</remarks>
public sealed class Deliveries
{
    /// <summary>Longest sleep: another instance's work is seen then at the latest, as by every sweep.</summary>
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(60);

    /// <summary>Shortest, so that rows which become due one after another are not looked for one after another.</summary>
    private static readonly TimeSpan ShortestSleep = TimeSpan.FromMilliseconds(50);

    /// <summary>After a failure of ours, before the same is tried again.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly TableClient table;
    private readonly WebhookSecrets secrets;
    private readonly EventSink sink;
    private readonly Sender sender;
    private readonly WebhookBell bell;
    private readonly TimeProvider clock;
    private readonly ILogger<Deliveries> logger;
    private readonly string instance = Guid.NewGuid().ToString("N");
    private readonly ConcurrentDictionary<string, Lane> lanes = new(StringComparer.Ordinal);

    /// <summary>Composed by the Host.</summary>
    public Deliveries(StorageAccount storage, VaultKeyEncryption vault, EventSink sink, Sender sender, WebhookBell bell, TimeProvider clock,
        ILogger<Deliveries> logger)
    {
        (this.sink, this.sender, this.bell, this.clock, this.logger) = (sink, sender, bell, clock, logger);
        table = storage.Table(Names.Webhooks);
        secrets = new WebhookSecrets(vault, clock);
    }

    /// <summary>0 to below 1, for jitter: a test's way to the ends of the schedule.</summary>
    internal Func<double> Random { get; init; } = System.Random.Shared.NextDouble;

    /// <summary>Delivers until cancelled.</summary>
    public async Task RunLoopAsync(CancellationToken cancel)
    {
        var running = new List<Task>();
        try
        {
            while (true)
            {
                var sleep = Pause;
                try
                {
                    sleep = await LookAsync(running, cancel).ConfigureAwait(false);
                }
                catch (Exception e) when (StorageFailure.Is(e, cancel))
                {
                    // The lanes that run go on by themselves.
                    logger.LogWarning(e, "what is to be delivered could not be read");
                }

                running.RemoveAll(task => task.IsCompleted);
                await bell.WaitAsync(sleep, cancel).ConfigureAwait(false);
            }
        }
        finally
        {
            await Task.WhenAll(running).ConfigureAwait(false);
        }
    }

    /// <summary>Starts lanes for what is due and wakes those that run; says when to look again.</summary>
    private async Task<TimeSpan> LookAsync(List<Task> running, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var next = now + LongestSleep;
        var rung = bell.Take();
        await foreach (var row in table.QueryAsync($"PartitionKey eq '{WebhookKeys.Work}'", cancel: cancel).ConfigureAwait(false))
        {
            var due = row.GetDateTimeOffset("Due") ?? now;
            var ours = row.GetString("Holder") == instance;
            var until = ours ? null : row.GetDateTimeOffset("Until");
            var from = until is { } held && held > due ? held : due;
            if (rung.Contains(row.RowKey) && (ours || until is null || until <= now))
                from = now;

            if (from > now)
            {
                next = from < next ? from : next;
                continue;
            }

            if (lanes.TryGetValue(row.RowKey, out var lane))
            {
                lane.Wake();

                // It may have ended between the two, and then nobody hears.
                if (!lanes.ContainsKey(row.RowKey))
                    bell.Ring(row.RowKey);

                continue;
            }

            var parts = row.RowKey.Split('|');
            lane = new Lane(table, secrets, sink, sender, clock, logger, instance, parts[0], parts[1]) { Random = Random };
            if (lanes.TryAdd(row.RowKey, lane))
                running.Add(RunAsync(row.RowKey, lane, cancel));
        }

        return next - now > ShortestSleep ? next - now : ShortestSleep;
    }

    private async Task RunAsync(string name, Lane lane, CancellationToken cancel)
    {
        await Task.Yield();
        try
        {
            await lane.RunAsync(cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            // The rows say what is left.
            logger.LogWarning(e, "deliveries to an endpoint broke off and are taken up again");
            await Task.WhenAny(Task.Delay(Pause, clock, cancel)).ConfigureAwait(false);
        }
        catch (Exception) when (cancel.IsCancellationRequested)
        {
            // The end of the process.
        }
        finally
        {
            lanes.TryRemove(name, out _);

            // What came while it ended.
            if (lane.Woken)
                bell.Ring(name);
            else
                bell.Ring();
        }
    }
}
