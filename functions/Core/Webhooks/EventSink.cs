namespace Notary.Webhooks;

/// <summary>Takes events of tenants: writes each once, with a delivery for each endpoint that wants it.</summary>
/// <remarks>An event that is there already is left as it is, so whoever tells of a state may tell again after a crash.</remarks>
public sealed class EventSink(StorageAccount storage, Uri source, WebhookBell bell, TimeProvider clock)
{
    private readonly TableClient table = storage.Table(Names.Webhooks);

    /// <summary>Writes events of one tenant down. Durable on return; nothing is written for a tenant without endpoints.</summary>
    public async Task AppendAsync(string tenant, IReadOnlyList<NewEvent> events, CancellationToken cancel)
    {
        var endpoints = await EndpointsAsync(table, tenant, cancel).ConfigureAwait(false);
        if (endpoints.Count > 0 && events.Count > 0)
            await AppendAsync(tenant, events, type => [.. endpoints.Where(e => e.Enabled && EventTypes.Wants(e.Types, type))], cancel).ConfigureAwait(false);
    }

    /// <summary>The same for chosen endpoints.</summary>
    internal async Task AppendAsync(
        string tenant, IReadOnlyList<NewEvent> events, Func<string, IReadOnlyList<EndpointView>> wanted, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var endpoints = events.SelectMany(e => wanted(e.Type)).Select(e => e.Id).Distinct().ToList();
        await AnnounceAsync(tenant, endpoints, now, cancel).ConfigureAwait(false);
        var rows = 0;
        var batch = new List<List<TableTransactionAction>>();
        foreach (var one in events)
        {
            var actions = Actions(tenant, one, wanted(one.Type), now).ToList();
            if (rows + actions.Count > TableRows.MaxTransactionActions)
            {
                await WriteAsync(batch, cancel).ConfigureAwait(false);
                (rows, batch) = (0, []);
            }

            rows += actions.Count;
            batch.Add(actions);
        }

        await WriteAsync(batch, cancel).ConfigureAwait(false);
        Ring(tenant, endpoints);
    }

    /// <summary>Tells this process that deliveries are written.</summary>
    internal void Ring(string tenant, IEnumerable<string> endpoints) => bell.Ring([.. endpoints.Select(endpoint => WebhookKeys.WorkOf(tenant, endpoint))]);

    /// <summary>An event's rows.</summary>
    internal IEnumerable<TableTransactionAction> Actions(string tenant, NewEvent one, IReadOnlyList<EndpointView> wanted, DateTimeOffset now)
    {
        var (id, body) = (one.Id(tenant), one.Body(tenant, source));
        yield return new(TableTransactionActionType.Add,
            new TableEntity(tenant, WebhookKeys.Event(id)) { ["Type"] = one.Type, ["Time"] = one.Time, ["Body"] = body });
        yield return new(TableTransactionActionType.UpsertReplace, new TableEntity(tenant, WebhookKeys.Time(one.Time, id)) { ["Type"] = one.Type });
        foreach (var endpoint in wanted)
            yield return Delivery(tenant, endpoint.Id, now, id, one.Type, body, attempts: 0);
    }

    /// <summary>A delivery that waits. It has the body too: reading it elsewhere would cost a call for each.</summary>
    internal static TableTransactionAction Delivery(string tenant, string endpoint, DateTimeOffset due, string id, string type, byte[] body, int attempts)
        => new(TableTransactionActionType.UpsertReplace,
            new TableEntity(tenant, WebhookKeys.Delivery(endpoint, due, id)) { ["Type"] = type, ["Body"] = body, ["Attempts"] = attempts });

    /// <summary>Says that endpoints get something. Before their deliveries are written, since those without work would wait for nobody; the work stays for
    /// <see cref="Lane.Settling"/>, so that a lane which finds none yet does not take it away.</summary>
    internal async Task AnnounceAsync(string tenant, IEnumerable<string> endpoints, DateTimeOffset due, CancellationToken cancel)
    {
        var actions = endpoints.Select(endpoint => new TableTransactionAction(TableTransactionActionType.UpsertMerge,
            new TableEntity(WebhookKeys.Work, WebhookKeys.WorkOf(tenant, endpoint)) { ["Due"] = due, ["Announced"] = due })).ToList();
        if (actions.Count > 0)
            await table.SubmitTransactionAsync(actions, cancel).ConfigureAwait(false);
    }

    internal static async Task<IReadOnlyList<EndpointView>> EndpointsAsync(TableClient table, string tenant, CancellationToken cancel)
        => await table.QueryAsync(Range(tenant, WebhookKeys.EndpointsFrom, WebhookKeys.EndpointsTo), cancel: cancel)
            .Select(row => StoredEndpoint.From(row).View).ToListAsync(cancel).ConfigureAwait(false);

    /// <summary>Rows of one partition between two keys, the second excluded.</summary>
    internal static string Range(string partition, string from, string to)
        => TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {from} and RowKey lt {to}");

    private async Task WriteAsync(List<List<TableTransactionAction>> batch, CancellationToken cancel)
    {
        if (batch.Count == 0)
            return;

        try
        {
            await table.SubmitTransactionAsync(batch.SelectMany(actions => actions), cancel).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.Status == 409 && batch.Count == 1)
        {
            // Told before, with its deliveries.
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            foreach (var one in batch)
                await WriteAsync([one], cancel).ConfigureAwait(false);
        }
    }
}
