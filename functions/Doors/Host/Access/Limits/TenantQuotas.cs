using System.Collections.Concurrent;

namespace Notary.Host.Access.Limits;

/// <summary>The route takes what is deposited: it is counted in items and bytes, and what is kept is bounded.</summary>
/// <param name="IsBody">Its body is the content: such requests under way at once are bounded.</param>
internal sealed record TakesDeposit(bool IsBody);

/// <summary>Which policy a request was refused by, for the problem.</summary>
internal sealed record ViolatedPolicy(string Name);

/// <summary>
/// Limits of tenants, the same over all instances to within what <see cref="LimitsExchange"/> says.
///  1. A tenant's first request on an instance asks storage for his own limits and for what is kept for him; no other waits for anything.
///  2. A request is let in or refused by what is in memory; what a body holds is counted as it comes, what is deposited when it is durable.
///  3. One request may hold more than is left: then those after it wait, until it is paid back.
/// </summary>
internal sealed class TenantQuotas : IDisposable
{
    // Some 20 KiB each at most; whoever has been quiet for longer than a window begins anew.
    private const int MaxLedgers = 5_000;
    private const int QuietSeconds = 10 * SlidingWindow.Seconds;

    /// <summary>Counts of what is kept for a tenant that one refresh makes, however many he is one of: those that were counted longest ago.</summary>
    internal const int CountsAtOnce = 64;

    // Beside each other: the exchange waits for them.
    private const int CountsBeside = 8;

    private readonly ConcurrentDictionary<string, Entry> ledgers = new(StringComparer.Ordinal);
    private readonly LimitsTable table;
    private readonly UsageMeter usage;
    private readonly HostSettings settings;
    private readonly TimeProvider clock;

    private sealed record Entry(TenantLedger Ledger, Lazy<Task> Opened);

    public TenantQuotas(LimitsTable table, UsageMeter usage, HostSettings settings, TimeProvider clock)
    {
        (this.table, this.usage, this.settings, this.clock) = (table, usage, settings, clock);
        usage.Counted += Counted;
    }

    /// <summary>Ledgers of tenants that this instance has seen of late.</summary>
    public IEnumerable<(string Tenant, TenantLedger Ledger)> Known
        => ledgers.Where(one => one.Value.Opened is { IsValueCreated: true, Value.IsCompletedSuccessfully: true }).Select(one => (one.Key, one.Value.Ledger));

    /// <summary>What counts where the operator set nothing.</summary>
    public TenantLimits ForAll => settings.Access.TenantLimits;

    /// <summary>Whole seconds of a clock that nobody sets.</summary>
    public long Now => clock.GetTimestamp() / clock.TimestampFrequency;

    /// <summary>Lets a request in, or refuses it, and says in its headers what is left.</summary>
    /// <exception cref="FaultException">RateLimited; QuotaExceeded: nothing more is kept.</exception>
    /// <remarks>What is begun ends with the request's <see cref="Upload"/>, a feature of it, of which the caller MUST dispose.</remarks>
    public async ValueTask DemandAsync(HttpContext http, string tenant, CancellationToken cancel)
    {
        var (ledger, now) = (await OpenAsync(tenant, cancel), Now);
        var against = ledger.TryRequest(now);
        if (against is null && http.GetEndpoint()?.Metadata.GetMetadata<TakesDeposit>() is { } takes)
        {
            if (ledger.IsFull())
                throw new FaultException(Fault.QuotaExceeded, "as much is kept for the tenant as may be; the office can raise it");

            against = ledger.FindExhausted(now);
            if (against is null && takes.IsBody && (against = ledger.TryUpload(now)) is null)
            {
                http.Request.Body = new CountedBody(http.Request.Body, count => ledger.Came(Now, count));
                http.Features.Set(new Upload(ledger));
            }
        }

        Tell(http.Response.Headers, ledger.Look(now));
        if (against is { } limit)
            throw Refused(http, limit);
    }

    /// <summary>What stands against one more ticket of a tenant whose request was let in: as many open ones and bodies as he may have at once, or too
    /// little that may still be kept beside what open ones announced.</summary>
    public FaultException? FindAgainst(HttpContext http, string tenant, OpenTickets open, long? announced)
    {
        if (!ledgers.TryGetValue(tenant, out var entry))
            return null;

        if (entry.Ledger.LeftBytes() - open.Bytes is var left && (left <= 0 || announced > left))
            return new FaultException(Fault.QuotaExceeded, $"{Math.Max(0, left)} bytes more may be kept for the tenant, what open uploads announced taken off");

        if (entry.Ledger.Look(Now)[3] is var uploads && open.Count < uploads.Left)
            return null;

        var headers = http.Response.Headers;
        headers["RateLimit"] = headers["RateLimit"].ToString().Replace($"\"uploads\";r={uploads.Left}", "\"uploads\";r=0", StringComparison.Ordinal);
        return Refused(http, uploads);
    }

    /// <summary>Bytes that may still be kept for a tenant, counted now; less than none where his limit was lowered.</summary>
    public async Task<long> LeftBytesAsync(string tenant, CancellationToken cancel)
    {
        var ledger = await OpenAsync(tenant, cancel);
        ledger.LearnStored(Now, await usage.StoredAsync(tenant, cancel));
        return ledger.LeftBytes();
    }

    /// <summary>What the operator set for a tenant, and what counts.</summary>
    public async Task<LimitsView> FindAsync(string tenant, CancellationToken cancel)
    {
        var own = await table.FindAsync(tenant, cancel);
        return new LimitsView(own, own.Over(settings.Access.TenantLimits));
    }

    /// <summary>Sets a tenant's limits: here at once, at other instances within <see cref="LimitsExchange.Refresh"/>.</summary>
    public async Task<LimitsView> SetAsync(string tenant, OwnLimits own, CancellationToken cancel)
    {
        await table.SetAsync(tenant, own, cancel);
        var view = new LimitsView(own, own.Over(settings.Access.TenantLimits));
        if (ledgers.TryGetValue(tenant, out var entry))
            entry.Ledger.Set(view.InForce);

        return view;
    }

    /// <summary>Takes up what the operator has set at other instances, counts anew what is kept for those who wanted to deposit something since, and
    /// forgets who has long been quiet.</summary>
    /// <remarks>One query for all limits, and one for each count, at most <see cref="CountsAtOnce"/>.</remarks>
    public async Task RefreshAsync(CancellationToken cancel)
    {
        var (set, now) = (await table.AllAsync(cancel), Now);
        foreach (var (tenant, ledger) in Known)
        {
            ledger.Set((set.GetValueOrDefault(tenant) ?? new OwnLimits()).Over(settings.Access.TenantLimits));
            if (now - ledger.UsedAt > QuietSeconds && ledger.Own.Uploads == 0)
                ledgers.TryRemove(tenant, out _);
        }

        var due = Known.Where(one => one.Ledger.IsDue).OrderBy(one => one.Ledger.CountedAt).Take(CountsAtOnce);
        await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = CountsBeside, CancellationToken = cancel },
            async (one, token) => one.Ledger.LearnStored(Now, await usage.StoredAsync(one.Tenant, token)));
    }

    public void Dispose() => usage.Counted -= Counted;

    private async ValueTask<TenantLedger> OpenAsync(string tenant, CancellationToken cancel)
    {
        if (!ledgers.TryGetValue(tenant, out var entry))
        {
            if (ledgers.Count >= MaxLedgers)
                ForgetQuietest();

            entry = ledgers.GetOrAdd(tenant, Begin);
        }

        if (!entry.Opened.Value.IsCompletedSuccessfully)
        {
            try
            {
                await entry.Opened.Value.WaitAsync(cancel);
            }
            catch (Exception) when (entry.Opened.Value.IsFaulted)
            {
                // The next request asks again.
                ledgers.TryRemove(new(tenant, entry));
                throw;
            }
        }

        return entry.Ledger;
    }

    // A quarter at once, so that it is seldom: whoever comes back begins with what others have told of him.
    private void ForgetQuietest()
    {
        foreach (var (tenant, ledger) in Known.Where(one => one.Ledger.Own.Uploads == 0).OrderBy(one => one.Ledger.UsedAt).Take(MaxLedgers / 4).ToList())
            ledgers.TryRemove(tenant, out _);
    }

    private Entry Begin(string tenant)
    {
        // Not under one caller's token: the others still want the answer when he has gone.
        var ledger = new TenantLedger();
        return new Entry(ledger, new(async () => ledger.Open((await FindAsync(tenant, CancellationToken.None)).InForce,
            await usage.StoredAsync(tenant, CancellationToken.None), Now)));
    }

    private void Counted(string tenant, UsageCount count)
    {
        if ((count.Items > 0 || count.Bytes > 0) && ledgers.TryGetValue(tenant, out var entry))
            entry.Ledger.Took(Now, count.Items, count.Bytes);
    }

    private static void Tell(IHeaderDictionary headers, LimitState[] limits)
    {
        var (policies, states) = (new StringBuilder(headers["RateLimit-Policy"]), new StringBuilder(headers["RateLimit"]));
        foreach (var limit in limits)
        {
            policies.Append(CultureInfo.InvariantCulture, $", \"{limit.Name}\";q={limit.Limit}");
            if (limit.Unit != "requests")
                policies.Append(CultureInfo.InvariantCulture, $";qu=\"{limit.Unit}\"");

            states.Append(CultureInfo.InvariantCulture, $", \"{limit.Name}\";r={limit.Left}");
            if (limit.Wait is { } wait)
            {
                policies.Append(CultureInfo.InvariantCulture, $";w={SlidingWindow.Seconds}");
                states.Append(CultureInfo.InvariantCulture, $";t={wait}");
            }
        }

        (headers["RateLimit-Policy"], headers["RateLimit"]) = (policies.ToString(), states.ToString());
    }

    private static FaultException Refused(HttpContext http, LimitState limit)
    {
        http.Features.Set(new ViolatedPolicy(limit.Name));
        var headers = http.Response.Headers;
        headers["RateLimit-Limit"] = limit.Limit.ToString(CultureInfo.InvariantCulture);
        headers["RateLimit-Remaining"] = "0";
        if (limit.Wait is { } wait)
        {
            headers["RateLimit-Reset"] = headers.RetryAfter = wait.ToString(CultureInfo.InvariantCulture);
            return new FaultException(Fault.RateLimited, $"the tenant's {limit.Name} of a minute are used up; see RateLimit and Retry-After");
        }

        headers.Remove("RateLimit-Reset");
        return new FaultException(Fault.RateLimited, "the tenant has as many uploads under way, open tickets too, as he may; send it when one has ended");
    }

    /// <summary>A body under way.</summary>
    internal sealed class Upload(TenantLedger ledger) : IDisposable
    {
        private int ended;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref ended, 1) == 0)
                ledger.EndUpload();
        }
    }

    private sealed class CountedBody(Stream inner, Action<long> came) : ForwardStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            if (read > 0)
                came(read);

            return read;
        }
    }
}
