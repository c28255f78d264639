namespace Notary.Host.Access.Limits;

/// <summary>
/// Tells other instances what this one has let in, and learns what they have.
///  1. Every <see cref="Pause"/> in which tenants came: one row is written if anything changed, and the others' rows are read.
///  2. What another has let in since it told last, of a tenant who is new here within the minute before, is put to his ledger: late, and never twice.
///  3. Every <see cref="Refresh"/> limits that the operator set are read, and what is kept is counted anew for those who wanted to deposit something.
/// </summary>
/// <remarks>
/// The error: an instance knows what the others let in <see cref="Pause"/> twice and two calls to storage ago, some four seconds. So in the worst minute
/// each of N instances lets in what comes to it in four seconds, at most a limit, beyond what is left: N limits where all of it comes at once. What
/// was let in too much is taken off the minutes that follow. Storage is asked for one write and one query each <see cref="Pause"/>, and for one query
/// and at most <see cref="TenantQuotas.CountsAtOnce"/> counts each <see cref="Refresh"/>, however many tenants there are; a quiet process asks for nothing.
/// </remarks>
internal sealed partial class LimitsExchange(
    TenantQuotas quotas, SharesTable table, Rooms rooms, TimeProvider clock, ILogger<LimitsExchange> log) : BackgroundService
{
    /// <summary>Between exchanges.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>How late a change of limits is felt at other instances.</summary>
    public static readonly TimeSpan Refresh = TimeSpan.FromSeconds(15);

    // Whoever has been quiet for a window has nothing left to learn about.
    private const int ActiveSeconds = 2 * SlidingWindow.Seconds;

    // An instance that has not told for so long is dead, or has nothing under way: while it has, it tells every time.
    private static readonly TimeSpan Silent = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(2);

    private readonly string instance = Guid.NewGuid().ToString("N");
    private readonly Dictionary<string, Other> others = new(StringComparer.Ordinal);
    private readonly Queue<(long At, Dictionary<string, TenantShare> Shares)> past = new();
    private Dictionary<string, TenantShare> told = [];

    private sealed class Other
    {
        public Dictionary<string, (TenantShare Share, TenantLedger? Ledger)> Known { get; } = new(StringComparer.Ordinal);

        public ETag Version { get; set; }

        public long HeardAt { get; set; }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var refreshed = clock.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await rooms.DemandStorageAsync(stoppingToken);
                await ExchangeAsync(stoppingToken);
                if (clock.GetElapsedTime(refreshed) >= Refresh && quotas.Known.Any())
                {
                    await quotas.RefreshAsync(stoppingToken);
                    refreshed = clock.GetTimestamp();
                }
            }
            catch (Exception e) when (e is FaultException or OperationCanceledException || StorageFailure.Is(e, stoppingToken))
            {
                if (!stoppingToken.IsCancellationRequested)
                    Log.NotExchanged(log, e.Message.Split('\n')[0]);
            }
        }

        if (told.Count > 0)
        {
            using var last = new CancellationTokenSource(LastPatience, clock);
            await ((Task)table.ForgetAsync(instance, last.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>1 and 2, once.</summary>
    internal async Task ExchangeAsync(CancellationToken cancel)
    {
        // 1
        var (known, now) = (quotas.Known.ToDictionary(one => one.Tenant, one => one.Ledger, StringComparer.Ordinal), quotas.Now);
        while (past.Count > 1 && past.ElementAt(1).At <= now - SlidingWindow.Seconds)
            past.Dequeue();

        past.Enqueue((now, known.ToDictionary(one => one.Key, one => one.Value.Own)));
        var active = known.Where(one => now - one.Value.UsedAt < ActiveSeconds || one.Value.Own.Uploads > 0).ToDictionary();
        if (active.Count == 0)
            return;

        var shares = active.ToDictionary(one => one.Key, one => one.Value.Own);
        if (shares.Any(one => one.Value.Uploads > 0) || shares.Any(one => !told.TryGetValue(one.Key, out var before) || before != one.Value))
        {
            var before = past.Peek() is var (at, old) && at <= now - SlidingWindow.Seconds ? old : [];
            await table.TellAsync(instance, shares.Select(one => (one.Key, one.Value, Since(before.GetValueOrDefault(one.Key), one.Value))), cancel);
            told = shares;
        }

        // 2
        var uploads = new Dictionary<string, long>();
        foreach (var row in await table.OthersAsync(instance, clock.GetUtcNow(), cancel))
            Learn(row, known, uploads, now);

        foreach (var (tenant, ledger) in known)
            ledger.LearnUploads(uploads.GetValueOrDefault(tenant));
    }

    private void Learn(ToldShares row, Dictionary<string, TenantLedger> known, Dictionary<string, long> uploads, long now)
    {
        if (!others.TryGetValue(row.Instance, out var other))
            others[row.Instance] = other = new Other();

        if (other.Version != row.Version)
            (other.Version, other.HeardAt) = (row.Version, clock.GetTimestamp());

        var isAlive = clock.GetElapsedTime(other.HeardAt) < Silent;
        var isRecent = clock.GetUtcNow() - row.At < TimeSpan.FromSeconds(SlidingWindow.Seconds);
        foreach (var (tenant, (share, recent)) in row.Shares)
        {
            var (before, met) = other.Known.GetValueOrDefault(tenant);
            var ledger = known.GetValueOrDefault(tenant);
            other.Known[tenant] = (share, ledger);
            if (isAlive)
                uploads[tenant] = uploads.GetValueOrDefault(tenant) + share.Uploads;

            // What is kept is known from storage when the ledger is new.
            if (ledger is not null && ledger == met)
                ledger.Learn(now, Since(before, share));
            else if (isRecent)
                ledger?.Learn(now, recent with { Stored = 0 });
        }
    }

    // One that has forgotten a tenant meanwhile counts him from zero.
    private static TenantShare Since(TenantShare before, TenantShare share) => share.Requests < before.Requests || share.Items < before.Items
        || share.Bytes < before.Bytes || share.Stored < before.Stored ? share
        : new TenantShare(share.Requests - before.Requests, share.Items - before.Items, share.Bytes - before.Bytes, share.Stored - before.Stored, 0);

    private static partial class Log
    {
        [LoggerMessage(37, LogLevel.Warning, "limits are not exchanged: {Reason}")]
        public static partial void NotExchanged(ILogger log, string reason);
    }
}
