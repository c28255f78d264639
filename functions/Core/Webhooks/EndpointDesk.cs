namespace Notary.Webhooks;

/// <summary>What a tenant's people and programs do with his endpoints. The tenant is the first argument of everything.</summary>
/// <remarks>Seeds make ids: the same request again finds what the first one made.</remarks>
public sealed class EndpointDesk
{
    private const string IdPrefix = "ep_";
    private const int IdDigits = 32;

    /// <summary>Tries of a change while others change the same endpoint.</summary>
    private const int Tries = 10;

    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");

    private readonly TableClient table;
    private readonly WebhookSecrets secrets;
    private readonly Listeners listeners;
    private readonly EventSink sink;
    private readonly bool allowLoopback;
    private readonly TimeProvider clock;

    /// <summary>Composed by the Host.</summary>
    public EndpointDesk(StorageAccount storage, VaultKeyEncryption vault, Listeners listeners, EventSink sink, bool allowLoopback, TimeProvider clock)
    {
        (this.listeners, this.sink, this.allowLoopback, this.clock) = (listeners, sink, allowLoopback, clock);
        table = storage.Table(Names.Webhooks);
        secrets = new WebhookSecrets(vault, clock);
    }

    /// <summary>Makes an endpoint, or answers what the same seed made before.</summary>
    /// <exception cref="FaultException">EndpointRefused: not an address for an endpoint; Malformed; Conflict: too many, or changed since.</exception>
    public async Task<IssuedSecret> CreateAsync(
        string tenant, string url, string label, IReadOnlyList<string> types, byte[] seed, DateTimeOffset at, CancellationToken cancel)
    {
        var (address, filters) = (EndpointAddress.Demand(url, allowLoopback), Checked(label, types));
        var id = IdPrefix + From(seed, "endpoint");
        if (await FindStoredAsync(tenant, id, cancel).ConfigureAwait(false) is not { } stored)
        {
            if ((await ListAsync(tenant, cancel).ConfigureAwait(false)).Items.Count >= WebhookLimits.MaxEndpoints)
                throw new FaultException(Fault.Conflict, $"the tenant has {WebhookLimits.MaxEndpoints} endpoints: delete one first");

            await listeners.AddAsync(tenant, cancel).ConfigureAwait(false);
            var view = new EndpointView(id, address, label, filters, true, null, null, null, at, []);
            await AddAsync(new StoredEndpoint(tenant, view, [secrets.New(From(seed, "secret"), at, cancel)], default), cancel).ConfigureAwait(false);
            stored = await DemandAsync(tenant, id, cancel).ConfigureAwait(false);
        }

        return await IssuedAsync(stored, From(seed, "secret"), cancel).ConfigureAwait(false);
    }

    /// <summary>A tenant's endpoints, all of them: they are few.</summary>
    public async Task<EndpointPage> ListAsync(string tenant, CancellationToken cancel)
        => new(await EventSink.EndpointsAsync(table, tenant, cancel).ConfigureAwait(false));

    /// <summary>One of them; null when it is not his.</summary>
    public async Task<EndpointView?> FindAsync(string tenant, string id, CancellationToken cancel)
        => (await FindStoredAsync(tenant, id, cancel).ConfigureAwait(false))?.View;

    /// <summary>Changes everything but the secrets. Enabled again, it gets what has waited.</summary>
    /// <exception cref="FaultException">NotFound, EndpointRefused, Malformed.</exception>
    public async Task<EndpointView> ChangeAsync(
        string tenant, string id, string url, string label, IReadOnlyList<string> types, bool enabled, CancellationToken cancel)
    {
        var (address, filters) = (EndpointAddress.Demand(url, allowLoopback), Checked(label, types));
        var changed = await SwapAsync(tenant, id, stored =>
        {
            var view = stored.View with { Url = address, Label = label, Types = filters };
            return stored with
            {
                View = enabled == view.Enabled ? view
                    : enabled ? view with { Enabled = true, DisabledReason = null, DisabledAt = null, FailingSince = null }
                    : view with { Enabled = false, DisabledReason = DisabledReason.ByOwner, DisabledAt = clock.GetUtcNow() },
            };
        }, cancel).ConfigureAwait(false);
        if (changed.View.Enabled)
        {
            await sink.AnnounceAsync(tenant, [id], clock.GetUtcNow(), cancel).ConfigureAwait(false);
            sink.Ring(tenant, [id]);
        }

        return changed.View;
    }

    /// <summary>Makes a new secret; the older ones go on for a while, and until then each delivery has a signature by each.</summary>
    /// <exception cref="FaultException">NotFound; Conflict: too many are good at once, or the same request's secret is gone.</exception>
    public async Task<IssuedSecret> RotateAsync(string tenant, string id, int overlapSeconds, byte[] seed, DateTimeOffset at, CancellationToken cancel)
    {
        var (secretId, now) = (From(seed, "secret"), clock.GetUtcNow());
        var fresh = secrets.New(secretId, at, cancel);
        var changed = await SwapAsync(tenant, id, stored =>
        {
            if (stored.Secrets.Any(secret => secret.Id == secretId))
                return stored;

            var end = at.AddSeconds(overlapSeconds);
            var good = stored.Secrets.Select(secret => secret.ExpiresAt is { } earlier && earlier < end ? secret : secret with { ExpiresAt = end })
                .Where(secret => secret.IsGood(now)).ToList();
            return good.Count < WebhookLimits.MaxSecrets ? stored with { Secrets = [.. good, fresh] }
                : throw new FaultException(Fault.Conflict,
                    $"the endpoint has {WebhookLimits.MaxSecrets} secrets that are good: rotate without overlap, or wait");
        }, cancel).ConfigureAwait(false);
        return await IssuedAsync(changed, secretId, cancel).ConfigureAwait(false);
    }

    /// <summary>Deletes an endpoint. False when it is not there. What waits for it goes with the next housekeeping.</summary>
    public async Task<bool> DeleteAsync(string tenant, string id, CancellationToken cancel)
        => IsId(id) && !(await table.DeleteEntityAsync(tenant, WebhookKeys.Endpoint(id), ETag.All, cancel).ConfigureAwait(false)).IsError;

    /// <summary>Sends an event of no meaning to one endpoint.</summary>
    /// <exception cref="FaultException">NotFound; Conflict: it is disabled.</exception>
    public async Task<EventView> TestAsync(string tenant, string id, byte[] seed, DateTimeOffset at, CancellationToken cancel)
    {
        var endpoint = await EnabledAsync(tenant, id, cancel).ConfigureAwait(false);
        var test = new NewEvent(EventTypes.Test, id, at, From(seed, "test"), new Dictionary<string, object> { ["endpoint"] = id });
        await sink.AppendAsync(tenant, [test], _ => [endpoint], cancel).ConfigureAwait(false);
        return (await FindEventAsync(tenant, test.Id(tenant), cancel).ConfigureAwait(false))!;
    }

    /// <summary>An event; null when it is not his, or older than <see cref="WebhookLimits.Keep"/>.</summary>
    public async Task<EventView?> FindEventAsync(string tenant, string id, CancellationToken cancel)
        => NewEvent.IsId(id) && await table.GetEntityIfExistsAsync(tenant, WebhookKeys.Event(id), cancel: cancel).ConfigureAwait(false)
            is { HasValue: true, Value: { } row }
            ? View(row) : null;

    /// <summary>Events in the order of their times, after <paramref name="continuation"/>.</summary>
    public async Task<EventPage> EventsAsync(
        string tenant, DateTimeOffset since, DateTimeOffset until, int limit, string? continuation, CancellationToken cancel)
    {
        var from = continuation is { } after && after.StartsWith(WebhookKeys.TimesFrom, StringComparison.Ordinal) ? after + "!"
            : continuation is null ? WebhookKeys.TimeFrom(since) : throw new FaultException(Fault.Malformed, "continuation is the value of the page before");
        var rows = await table.QueryAsync(EventSink.Range(tenant, from, WebhookKeys.TimeFrom(until)), limit + 1, ["RowKey"], cancel)
            .Take(limit + 1).Select(row => row.RowKey).ToListAsync(cancel).ConfigureAwait(false);
        var found = await Task.WhenAll(rows.Take(limit).Select(row => FindEventAsync(tenant, WebhookKeys.EventOf(row), cancel))).ConfigureAwait(false);
        return new EventPage([.. found.OfType<EventView>()], rows.Count > limit ? rows[limit - 1] : null);
    }

    /// <summary>Puts one event in line again: for one endpoint, whatever it filters, or for all that want it.</summary>
    /// <exception cref="FaultException">NotFound: no such event or endpoint; Conflict: the endpoint is disabled.</exception>
    public async Task<ReplayView> ReplayAsync(string tenant, string id, string? endpoint, DateTimeOffset at, CancellationToken cancel)
    {
        var found = await FindEventAsync(tenant, id, cancel).ConfigureAwait(false) ?? throw Absent();
        var to = endpoint is not null ? [await EnabledAsync(tenant, endpoint, cancel).ConfigureAwait(false)]
            : (await ListAsync(tenant, cancel).ConfigureAwait(false)).Items.Where(e => e.Enabled && EventTypes.Wants(e.Types, found.Type)).ToList();
        await QueueAsync(tenant, [.. to.Select(one => (one.Id, found))], at, cancel).ConfigureAwait(false);
        return new ReplayView(to.Count, null);
    }

    /// <summary>Puts the events of a time in line again for one endpoint, those that it wants; at most <see cref="WebhookLimits.MaxReplayed"/>.</summary>
    /// <exception cref="FaultException">NotFound; Conflict: the endpoint is disabled.</exception>
    public async Task<ReplayView> ReplayAsync(
        string tenant, string endpoint, DateTimeOffset since, DateTimeOffset until, DateTimeOffset at, CancellationToken cancel)
    {
        var to = await EnabledAsync(tenant, endpoint, cancel).ConfigureAwait(false);
        var queued = 0;
        string? continuation = null;
        do
        {
            var page = await EventsAsync(tenant, since, until, WebhookLimits.MaxPage, continuation, cancel).ConfigureAwait(false);
            var wanted = page.Items.Where(one => EventTypes.Wants(to.Types, one.Type)).ToList();
            if (queued + wanted.Count > WebhookLimits.MaxReplayed)
                return new ReplayView(queued, page.Items[0].Time);

            await QueueAsync(tenant, [.. wanted.Select(one => (endpoint, one))], at, cancel).ConfigureAwait(false);
            (queued, continuation) = (queued + wanted.Count, page.Continuation);
        }
        while (continuation is not null);

        return new ReplayView(queued, null);
    }

    /// <summary>Attempts to reach an endpoint, newest first.</summary>
    /// <exception cref="FaultException">NotFound.</exception>
    public async Task<AttemptPage> AttemptsAsync(string tenant, string endpoint, int limit, string? continuation, CancellationToken cancel)
    {
        await DemandAsync(tenant, endpoint, cancel).ConfigureAwait(false);
        var begin = WebhookKeys.AttemptsOf(endpoint);
        var from = continuation is null ? begin : continuation.StartsWith(begin, StringComparison.Ordinal) ? continuation + "!"
            : throw new FaultException(Fault.Malformed, "continuation is the value of the page before");
        var rows = await table.QueryAsync(EventSink.Range(tenant, from, begin[..^1] + "}"), limit + 1, null, cancel)
            .Take(limit + 1).ToListAsync(cancel).ConfigureAwait(false);
        return new AttemptPage([.. rows.Take(limit).Select(Attempt)], rows.Count > limit ? rows[limit - 1].RowKey : null);
    }

    /// <summary>Whether a text could be an endpoint's id.</summary>
    public static bool IsId(string text)
        => text.Length == IdPrefix.Length + IdDigits && text.StartsWith(IdPrefix, StringComparison.Ordinal)
            && !text.AsSpan(IdPrefix.Length).ContainsAnyExcept(Hex);

    private async Task QueueAsync(string tenant, IReadOnlyList<(string Endpoint, EventView Event)> what, DateTimeOffset at, CancellationToken cancel)
    {
        if (what.Count == 0)
            return;

        var endpoints = what.Select(one => one.Endpoint).Distinct().ToList();
        await sink.AnnounceAsync(tenant, endpoints, clock.GetUtcNow(), cancel).ConfigureAwait(false);
        foreach (var some in what.Chunk(TableRows.MaxTransactionActions))
            await table.SubmitTransactionAsync(some.Select(one => EventSink.Delivery(tenant, one.Endpoint, at, one.Event.Id, one.Event.Type,
                Encoding.UTF8.GetBytes(one.Event.Body), attempts: 0)), cancel).ConfigureAwait(false);

        sink.Ring(tenant, endpoints);
    }

    private async Task<EndpointView> EnabledAsync(string tenant, string id, CancellationToken cancel)
        => (await DemandAsync(tenant, id, cancel).ConfigureAwait(false)).View is { Enabled: true } view ? view
            : throw new FaultException(Fault.Conflict, "the endpoint is disabled: enable it first");

    private async Task<StoredEndpoint?> FindStoredAsync(string tenant, string id, CancellationToken cancel)
        => IsId(id) && await table.GetEntityIfExistsAsync(tenant, WebhookKeys.Endpoint(id), cancel: cancel).ConfigureAwait(false)
            is { HasValue: true, Value: { } row }
            ? StoredEndpoint.From(row) : null;

    private async Task<StoredEndpoint> DemandAsync(string tenant, string id, CancellationToken cancel)
        => await FindStoredAsync(tenant, id, cancel).ConfigureAwait(false) ?? throw Absent();

    private async Task AddAsync(StoredEndpoint endpoint, CancellationToken cancel)
    {
        try
        {
            await table.AddEntityAsync(endpoint.ToEntity(), cancel).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            // The same request beside this one, or our own first try.
        }
    }

    private async Task<StoredEndpoint> SwapAsync(string tenant, string id, Func<StoredEndpoint, StoredEndpoint> change, CancellationToken cancel)
    {
        for (var tries = 0; ; tries++)
        {
            var stored = await DemandAsync(tenant, id, cancel).ConfigureAwait(false);
            var changed = change(stored);
            try
            {
                await table.UpdateEntityAsync(changed.ToEntity(), stored.ETag, TableUpdateMode.Replace, cancel).ConfigureAwait(false);
                return StoredEndpoint.From(changed.ToEntity());
            }
            catch (RequestFailedException e) when (e.Status == 412 && tries < Tries)
            {
                // A delivery has told how it went, or somebody else changes it too.
            }
        }
    }

    private async Task<IssuedSecret> IssuedAsync(StoredEndpoint stored, string secretId, CancellationToken cancel)
        => stored.Secrets.FirstOrDefault(secret => secret.Id == secretId) is { } secret
            ? new IssuedSecret(stored.View.Id, await secrets.TextAsync(secret, cancel).ConfigureAwait(false), secret.Id, secret.CreatedAt)
            : throw new FaultException(Fault.Conflict, "the endpoint's secret has been rotated since: its first answer cannot be given again");

    private static List<string> Checked(string label, IReadOnlyList<string> types)
        => label.Length > WebhookLimits.MaxLabel ? throw new FaultException(Fault.Malformed, $"label has at most {WebhookLimits.MaxLabel} characters")
            : types.Count > WebhookLimits.MaxTypes || !types.All(EventTypes.IsFilter)
            ? throw new FaultException(Fault.Malformed, "types are names of events, or families such as deposit.*")
            : [.. types.Distinct()];

    private static string From(byte[] seed, string purpose)
        => Convert.ToHexStringLower(HMACSHA256.HashData(seed, Encoding.ASCII.GetBytes(purpose)))[..IdDigits];

    private static FaultException Absent() => new(Fault.NotFound, "there is no such thing");

    private static EventView View(TableEntity row) => new(row.RowKey[(row.RowKey.LastIndexOf('|') + 1)..], row.GetString("Type")!,
        row.GetDateTimeOffset("Time")!.Value, Encoding.UTF8.GetString(row.GetBinary("Body")!));

    private static AttemptView Attempt(TableEntity row) => new(
        row.RowKey.Split('|')[3], row.GetString("Type")!, row.GetInt32("Number")!.Value, WebhookKeys.AttemptedAt(row.RowKey), row.GetString("Address"),
        row.GetInt32("Status"), row.GetInt64("Milliseconds")!.Value, row.GetString("Outcome")!,
        new string([.. Encoding.UTF8.GetString(row.GetBinary("Answer")!).Select(c => char.IsControl(c) ? ' ' : c)]), row.GetDateTimeOffset("NextAt"));
}
