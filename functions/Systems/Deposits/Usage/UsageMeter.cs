using System.Collections.Concurrent;

namespace Notary.Deposits.Usage;

/// <summary>
/// Counts what tenants use, by day.
///  1. Counting is adding in memory: no request waits for it, and none costs a call.
///  2. Every <see cref="Pause"/>, and at the end of the process, each sum that has grown is written whole to this instance's own row.
///  3. Whoever reads adds up the rows of all instances, and this one's from memory.
/// </summary>
/// <remarks>Lost is what an instance counted since its last writing when it is killed, and what it could not write for <see cref="UsageTable.Open"/>
/// after the day. Never counted twice: a row has one writer, and the process another row than the one before it.</remarks>
public sealed class UsageMeter(StorageAccount storage, TimeProvider clock)
{
    /// <summary>Between writings: what a kill costs at most.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(15);

    /// <summary>Days of one answer.</summary>
    public const int MaxDays = 366;

    // Rows that are written beside each other: a thousand busy tenants take a second or two.
    private const int AtOnce = 8;

    // Another instance's clock may be ahead of ours: what it has added up must not be written again.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    // What the process's end may wait for storage.
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(2);

    private readonly UsageTable table = new(storage, clock);
    private readonly string instance = Guid.NewGuid().ToString("N");
    private readonly ConcurrentDictionary<(string Tenant, DateOnly Day), Sum> sums = new();

    /// <summary>Told of whatever is counted, by who counts it: it must be short, and not fail.</summary>
    public event Action<string, UsageCount>? Counted;

    /// <summary>Counts.</summary>
    public void Add(string tenant, UsageCount more)
    {
        // Told first: whoever adds up sums has heard of all that is in them.
        Counted?.Invoke(tenant, more);
        sums.GetOrAdd((tenant, Today()), _ => new Sum()).Add(more);
    }

    /// <summary>All bytes ever taken in for a tenant.</summary>
    public async Task<long> StoredAsync(string tenant, CancellationToken cancel)
        => (await AllAsync(tenant, cancel).ConfigureAwait(false)).Values.Sum(day => day.Bytes);

    /// <summary>Writes what has been counted, again and again, and a last time when it is cancelled.</summary>
    /// <param name="failed">Told of a failure of storage's, after which the same is tried again.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task RunLoopAsync(Action<Exception> failed, CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            await Task.Delay(Pause, clock, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            using var last = new CancellationTokenSource(LastPatience, clock);
            try
            {
                await FlushAsync(cancel.IsCancellationRequested ? last.Token : cancel).ConfigureAwait(false);
            }
            catch (Exception e) when (e is RequestFailedException or OperationCanceledException || StorageFailure.Is(e, cancel))
            {
                failed(e);
            }
        }
    }

    /// <summary>2.</summary>
    public async Task FlushAsync(CancellationToken cancel)
    {
        var later = clock.GetUtcNow() + Margin;
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel };
        await Parallel.ForEachAsync(sums, options, async (one, token) =>
        {
            var ((tenant, day), sum) = one;
            if (UsageTable.IsClosed(day, later))
                sums.TryRemove(one);
            else if (sum.Unwritten() is { } count)
            {
                await table.WriteAsync(tenant, day, instance, count, token).ConfigureAwait(false);
                sum.Wrote(count);
            }
        }).ConfigureAwait(false);
    }

    /// <summary>3. What a tenant has used from a day to another, both included.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>: no days, or more than <see cref="MaxDays"/>.</exception>
    public async Task<UsageReport> ReadAsync(string tenant, DateOnly from, DateOnly to, CancellationToken cancel)
    {
        if (to < from || to.DayNumber - from.DayNumber >= MaxDays)
            throw new FaultException(Fault.Malformed, $"from is not after to, and they are at most {MaxDays} days");

        var days = await AllAsync(tenant, cancel).ConfigureAwait(false);
        return new UsageReport(from, to, [.. days.Where(day => day.Key >= from && day.Key <= to && day.Value != default)
            .Select(day => new UsageDay(day.Key, day.Value))], days.Values.Sum(day => day.Bytes));
    }

    private async Task<SortedDictionary<DateOnly, UsageCount>> AllAsync(string tenant, CancellationToken cancel)
    {
        // A row a day: ten years are four pages.
        var days = await table.ReadAsync(tenant, DateOnly.MinValue, DateOnly.MaxValue.AddDays(-1), instance, cancel).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        foreach (var ((_, day), sum) in sums.Where(one => one.Key.Tenant == tenant && !UsageTable.IsClosed(one.Key.Day, now)))
            days[day] = days.GetValueOrDefault(day) + sum.Now();

        return days;
    }

    private DateOnly Today() => DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);

    private sealed class Sum
    {
        private readonly Lock one = new();
        private UsageCount count, written;

        public void Add(UsageCount more)
        {
            lock (one)
                count += more;
        }

        public UsageCount Now()
        {
            lock (one)
                return count;
        }

        public UsageCount? Unwritten()
        {
            lock (one)
                return count == written ? null : count;
        }

        public void Wrote(UsageCount sum)
        {
            lock (one)
                written = sum;
        }
    }
}
