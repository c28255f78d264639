namespace Notary.Webhooks;

/// <summary>
/// The deliveries of one endpoint.
///  1. Lease the endpoint's work; load the endpoint and its secrets.
///  2. Take what is due, and say in its rows that it is under way: nothing is sent unrecorded.
///  3. Send, several at once.
///  4. Record what came: the attempt, and the next one's place or none, in one transaction.
///  5. When nothing is due, leave the work's row with the time of the next, or without any delete it, unless somebody announced more meanwhile.
/// </summary>
internal sealed class Lane(
    TableClient table, WebhookSecrets secrets, EventSink sink, Sender sender, TimeProvider clock, ILogger logger,
    string instance, string tenant, string endpointId)
{
    /// <summary>What is waited before the next look when the vault tells no secret.</summary>
    private static readonly TimeSpan VaultPause = TimeSpan.FromSeconds(10);

    /// <summary>How long work stays after it was announced: longer than writing what was announced may take.</summary>
    internal static readonly TimeSpan Settling = TimeSpan.FromMinutes(5);

    /// <summary>How late work of another process's announcement is seen while ours is under way.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>Rows read at once; those under way are among them.</summary>
    private const int Page = 64;

    /// <summary>Rows taken for each that may be under way: the next ones wait at hand, and few are cut off by a kill.</summary>
    private const int TakenPerFlight = 2;

    /// <summary>Between two rounds of an endpoint that fails: its thousands would wear out what others need.</summary>
    private static readonly TimeSpan FailingPause = TimeSpan.FromSeconds(1);

    /// <summary>Results recorded at once: four rows each.</summary>
    private const int Record = 24;

    private readonly Dictionary<string, Task<(Delivery, Sent)>> flying = new(StringComparer.Ordinal);
    private readonly Queue<Delivery> taken = new();
    private readonly LaneWork work = new(table, clock, instance, tenant, endpointId);
    private DateTimeOffset opened;
    private StoredEndpoint endpoint = null!;
    private IReadOnlyList<byte[]> keys = [];
    private IReadOnlyList<string> told = [];

    private volatile TaskCompletionSource woken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether it was woken since it looked last.</summary>
    public bool Woken => woken.Task.IsCompleted;

    /// <summary>Says that there may be more.</summary>
    public void Wake() => woken.TrySetResult();

    public Func<double> Random { get; init; } = System.Random.Shared.NextDouble;

    /// <summary>A delivery as it stood when it was taken.</summary>
    private sealed record Delivery(string RowKey, string Event, string Type, int Attempt, byte[] Body);

    public async Task RunAsync(CancellationToken cancel)
    {
        // 1
        if (!await work.LeaseAsync(cancel).ConfigureAwait(false))
            return;

        while (await OpenAsync(cancel).ConfigureAwait(false))
        {
            // 2
            var failing = endpoint.View.FailingSince is not null;
            var atOnce = failing ? WebhookLimits.AtOnceFailing : WebhookLimits.AtOnce;
            if (taken.Count == 0 && flying.Count < atOnce)
                await TakeAsync(atOnce * TakenPerFlight, cancel).ConfigureAwait(false);

            // 3
            while (flying.Count < atOnce && taken.TryDequeue(out var delivery))
                flying.Add(delivery.RowKey, FlyAsync(delivery, cancel));

            // 5
            if (flying.Count == 0)
            {
                if (await LeaveAsync(cancel).ConfigureAwait(false))
                    return;

                continue;
            }

            // 4
            using (var tick = CancellationTokenSource.CreateLinkedTokenSource(cancel))
            {
                await Task.WhenAny([.. flying.Values, woken.Task, Task.Delay(Look, clock, tick.Token)]).ConfigureAwait(false);
                await tick.CancelAsync().ConfigureAwait(false);
            }

            await RecordAsync(cancel).ConfigureAwait(false);
            if (failing)
                await Task.Delay(FailingPause, clock, cancel).ConfigureAwait(false);

            if (work.IsAging && !await work.LeaseAsync(cancel).ConfigureAwait(false))
                return;
        }
    }

    /// <summary>Loads the endpoint; false when there is nothing to do for it now.</summary>
    private async Task<bool> OpenAsync(CancellationToken cancel)
    {
        if (clock.GetUtcNow() - opened < Look)
            return true;

        var found = await table.GetEntityIfExistsAsync(tenant, WebhookKeys.Endpoint(endpointId), cancel: cancel).ConfigureAwait(false);
        if (!found.HasValue || StoredEndpoint.From(found.Value!) is not { View.Enabled: true } open)
        {
            // What is under way is waited for and recorded; a disabled endpoint's deliveries stay, until somebody enables it or they are too old.
            while (flying.Count > 0)
            {
                await Task.WhenAny(flying.Values).ConfigureAwait(false);
                await RecordAsync(cancel).ConfigureAwait(false);
            }

            await work.DropAsync(cancel).ConfigureAwait(false);
            return false;
        }

        endpoint = open;
        try
        {
            keys = await secrets.GoodAsync(endpoint, cancel).ConfigureAwait(false);
            opened = clock.GetUtcNow();
            return true;
        }
        catch (FaultException e) when (flying.Count == 0)
        {
            logger.LogWarning("no secret of an endpoint could be had: {Code}", e.Fault.Code());
            await work.LeaveAsync(clock.GetUtcNow() + VaultPause, cancel).ConfigureAwait(false);
            return false;
        }
    }

    /// <summary>Takes due deliveries that are not under way. True when there may be more.</summary>
    private async Task<bool> TakeAsync(int most, CancellationToken cancel)
    {
        woken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var now = clock.GetUtcNow();
        var rows = await table.QueryAsync(EventSink.Range(tenant, WebhookKeys.DeliveriesOf(endpointId), WebhookKeys.DueTo(endpointId, now)), Page, null, cancel)
            .Where(row => !flying.ContainsKey(row.RowKey)).Take(most).ToListAsync(cancel).ConfigureAwait(false);
        if (rows.Count == 0)
            return false;

        // What was under way when a process ended: its attempt counts, and nobody knows what came of it.
        var attempts = rows.Where(row => row.GetDateTimeOffset("Started") is not null).Select(row => AttemptRow(
            WebhookKeys.EventOf(row.RowKey), row.GetString("Type") ?? "", (row.GetInt32("Attempts") ?? 0) + 1,
            new Sent(row.GetDateTimeOffset("Started")!.Value, TimeSpan.Zero, null, null, Sent.CutOff, [], null), now)).ToList();
        foreach (var some in attempts.Chunk(TableRows.MaxTransactionActions))
            await table.SubmitTransactionAsync(some, cancel).ConfigureAwait(false);

        var claims = new List<TableTransactionAction>();
        foreach (var row in rows)
        {
            var attempt = (row.GetInt32("Attempts") ?? 0) + (row.GetDateTimeOffset("Started") is null ? 1 : 2);
            var claim = new TableEntity(tenant, row.RowKey) { ["Attempts"] = attempt - 1, ["Started"] = now };
            claims.Add(new(TableTransactionActionType.UpdateMerge, claim, ETag.All));
            taken.Enqueue(new Delivery(row.RowKey, WebhookKeys.EventOf(row.RowKey), row.GetString("Type")!, attempt, row.GetBinary("Body")!));
        }

        await table.SubmitTransactionAsync(claims, cancel).ConfigureAwait(false);
        return rows.Count == most;
    }

    private async Task<(Delivery, Sent)> FlyAsync(Delivery delivery, CancellationToken cancel)
    {
        await Task.Yield();
        return (delivery, await sender.SendAsync(endpoint.View.Url, delivery.Event, delivery.Body, keys, cancel).ConfigureAwait(false));
    }

    private async Task RecordAsync(CancellationToken cancel)
    {
        var results = new List<(Delivery Delivery, Sent Sent)>();
        foreach (var done in flying.Values.Where(task => task.IsCompleted).Take(Record))
            results.Add(await done.ConfigureAwait(false));

        if (results.Count == 0)
            return;

        var now = clock.GetUtcNow();
        List<TableTransactionAction> actions = [];
        foreach (var (delivery, sent) in results)
        {
            var pause = sent.Good ? null : RetrySchedule.After(delivery.Attempt, sent.RetryAfter, Random());
            actions.Add(new(TableTransactionActionType.Delete, new TableEntity(tenant, delivery.RowKey), ETag.All));
            if (pause is { } wait && !sent.Gone)
            {
                var again = EventSink.Delivery(tenant, endpointId, now + wait, delivery.Event, delivery.Type, delivery.Body, delivery.Attempt);
                actions.Add(again);
                actions.Add(AttemptRow(delivery.Event, delivery.Type, delivery.Attempt, sent, now + wait));
            }
            else
            {
                actions.Add(AttemptRow(delivery.Event, delivery.Type, delivery.Attempt, sent, null));
            }
        }

        var judged = Judge([.. results.Select(result => result.Sent)], now);
        if (judged.View != endpoint.View)
            actions.AddRange(await ChangesAsync(judged, now, cancel).ConfigureAwait(false));

        await WriteAsync(actions, cancel).ConfigureAwait(false);
        foreach (var (delivery, _) in results)
            flying.Remove(delivery.RowKey);

        endpoint = judged;
        if (!judged.View.Enabled)
        {
            opened = default;
            sink.Ring(tenant, told);
        }
    }

    /// <summary>What these results make of the endpoint.</summary>
    private StoredEndpoint Judge(IReadOnlyList<Sent> sent, DateTimeOffset now)
    {
        var view = endpoint.View;
        if (!view.Enabled)
            return endpoint;

        if (sent.Any(one => one.Gone))
            return endpoint with { View = view with { Enabled = false, DisabledReason = DisabledReason.Gone, DisabledAt = now } };

        if (sent.Any(one => one.Good))
            return endpoint with { View = view with { FailingSince = null } };

        var since = view.FailingSince ?? now;
        return now - since < WebhookLimits.DisableAfter ? endpoint with { View = view with { FailingSince = since } }
            : endpoint with { View = view with { FailingSince = since, Enabled = false, DisabledReason = DisabledReason.Failing, DisabledAt = now } };
    }

    /// <summary>The endpoint's columns, and the event that it was disabled, in the transaction that says so.</summary>
    private async Task<IReadOnlyList<TableTransactionAction>> ChangesAsync(StoredEndpoint judged, DateTimeOffset now, CancellationToken cancel)
    {
        var view = judged.View;
        var columns = new TableEntity(tenant, WebhookKeys.Endpoint(endpointId)) { ["FailingSince"] = view.FailingSince ?? DateTimeOffset.UnixEpoch };
        List<TableTransactionAction> actions = [];
        if (!view.Enabled)
        {
            (columns["Reason"], columns["DisabledAt"]) = (view.DisabledReason!.Value.ToString(), now);
            var disabled = new NewEvent(EventTypes.EndpointDisabled, endpointId, now, now.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
                new Dictionary<string, object> { ["endpoint"] = endpointId, ["reason"] = view.DisabledReason.Value.ToString() });
            var others = (await EventSink.EndpointsAsync(table, tenant, cancel).ConfigureAwait(false))
                .Where(other => other.Id != endpointId && other.Enabled && EventTypes.Wants(other.Types, disabled.Type)).ToList();
            told = [.. others.Select(other => other.Id)];
            await sink.AnnounceAsync(tenant, told, now, cancel).ConfigureAwait(false);
            actions.AddRange(sink.Actions(tenant, disabled, others, now));
            WebhookLog.Disabled(logger, tenant, endpointId, view.DisabledReason.Value);
        }

        actions.Add(new(TableTransactionActionType.UpdateMerge, columns, ETag.All));
        return actions;
    }

    private async Task WriteAsync(List<TableTransactionAction> actions, CancellationToken cancel)
    {
        try
        {
            await table.SubmitTransactionAsync(actions, cancel).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.Status is 404 or 409)
        {
            // Part of it is done already, by a try whose answer was lost or by whoever held the lease: one by one, and what is there is there.
            foreach (var action in actions)
            {
                try
                {
                    await table.SubmitTransactionAsync([action], cancel).ConfigureAwait(false);
                }
                catch (RequestFailedException there) when (there.Status is 404 or 409)
                {
                }
            }
        }
    }

    private TableTransactionAction AttemptRow(string id, string type, int attempt, Sent sent, DateTimeOffset? next)
    {
        var row = new TableEntity(tenant, WebhookKeys.Attempt(endpointId, sent.At, id, attempt))
        {
            ["Type"] = type,
            ["Number"] = attempt,
            ["Milliseconds"] = (long)sent.Took.TotalMilliseconds,
            ["Outcome"] = sent.Outcome,
            ["Answer"] = sent.Answer,
        };
        if (sent.Address is { } address)
            row["Address"] = address;

        if (sent.Status is { } status)
            row["Status"] = status;

        if (next is { } at)
            row["NextAt"] = at;

        return new(TableTransactionActionType.UpsertReplace, row);
    }

    /// <summary>Leaves when nothing is due. False when something was announced meanwhile.</summary>
    private async Task<bool> LeaveAsync(CancellationToken cancel)
    {
        var first = await table.QueryAsync(EventSink.Range(tenant, WebhookKeys.DeliveriesOf(endpointId), WebhookKeys.DeliveriesOf(endpointId)[..^1] + "}"),
            1, ["RowKey"], cancel).Take(1).ToListAsync(cancel).ConfigureAwait(false);
        if (first.Count > 0 && WebhookKeys.DueOf(first[0].RowKey) <= clock.GetUtcNow())
            return false;

        var settled = work.Announced + Settling;
        return first.Count > 0 && WebhookKeys.DueOf(first[0].RowKey) is var due
            ? await work.LeaveAsync(due < settled || settled < clock.GetUtcNow() ? due : settled, cancel)
                .ConfigureAwait(false)
            : settled > clock.GetUtcNow() ? await work.LeaveAsync(settled, cancel).ConfigureAwait(false)
            : await work.DropAsync(cancel).ConfigureAwait(false);
    }
}
