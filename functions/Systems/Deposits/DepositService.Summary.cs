namespace Notary.Deposits;

/// <summary>How a tenant's deposits stand.</summary>
/// <param name="Counted">How many were looked at: the newest of the time asked for.</param>
/// <param name="More">Whether there are more in that time than were looked at.</param>
/// <param name="States">Of those looked at, by state; states that none is in are not there.</param>
/// <param name="Days">By day, the newest first; days without any are not there.</param>
/// <param name="Late">What has not come as far as its receipt promised, or has failed: the oldest first, at most <see cref="DepositLimits.MaxLate"/>.</param>
/// <param name="Letters">The newest letters, at most <see cref="DepositLimits.MaxNewestLetters"/>.</param>
public sealed record DepositSummary(int Counted, bool More, IReadOnlyDictionary<DepositState, int> States, IReadOnlyList<DayOfDeposits> Days,
    IReadOnlyList<LateDeposit> Late, IReadOnlyList<DepositView> Letters);

/// <summary>One day's deposits.</summary>
/// <param name="Day">The day.</param>
/// <param name="Deposits">How many.</param>
/// <param name="KeptBytes">Bytes of the originals that are kept for them.</param>
public sealed record DayOfDeposits(DateOnly Day, int Deposits, long KeptBytes);

/// <summary>A deposit that is not where its receipt promised.</summary>
/// <param name="Deposit">Which, and where it is.</param>
/// <param name="Due">By when it should have been further; null for one that has failed.</param>
public sealed record LateDeposit(DepositView Deposit, DateTimeOffset? Due);

public sealed partial class DepositService
{
    /// <summary>How the deposits since a time stand, judged by the newest <see cref="DepositLimits.MaxSummarised"/> of them: a count of all
    /// would read every row of a tenant.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="since">None received before.</param>
    /// <param name="zone">What a day is, from UTC.</param>
    /// <param name="cancel">Stops.</param>
    public async Task<DepositSummary> SummaryAsync(Tenant tenant, DateTimeOffset since, TimeSpan zone, CancellationToken cancel)
    {
        var (rows, next) = await newest.ReadAsync(tenant.Id, since, null, DepositLimits.MaxSummarised, cancel).ConfigureAwait(false);
        var (covered, now) = (await coverage.NowAsync(cancel).ConfigureAwait(false), clock.GetUtcNow());
        var judged = rows.Select(row => (Row: row, Manifest: row.Manifest, State: Coverage.State(row, covered))).ToList();
        var late = judged.Select(one => (one.Row, Due: Due(one.Row, one.State))).Where(one => one.Row.Fault is not null || one.Due < now)
            .Reverse().Take(DepositLimits.MaxLate).ToList();
        var letters = judged.Where(one => one.State == DepositState.Certified).Select(one => one.Row)
            .OrderByDescending(row => row.CertifiedAt).Take(DepositLimits.MaxNewestLetters).ToList();
        return new DepositSummary(
            rows.Count,
            next is not null,
            judged.CountBy(one => one.State).ToDictionary(),
            [.. judged.GroupBy(one => DateOnly.FromDateTime(one.Manifest.ReceivedAt.ToOffset(zone).DateTime)).OrderByDescending(day => day.Key)
                .Select(day => new DayOfDeposits(day.Key, day.Count(), day.Sum(one => Kept(one.Row, one.Manifest))))],
            [.. late.Select(one => new LateDeposit(View(one.Row, Coverage.State(one.Row, covered), [], null), one.Due))],
            [.. letters.Select(row => View(row, Coverage.State(row, covered), [], null))]);
    }

    // What the receipt promises; a letter's time is not promised.
    private static DateTimeOffset? Due(DepositRow row, DepositState state) => state switch
    {
        DepositState.Received or DepositState.Logged => row.TimestampedBy,
        DepositState.Timestamped => row.AnchoredBy,
        _ => null,
    };

    private static long Kept(DepositRow row, Manifest manifest)
        => row.Originals.Sum(item => manifest.Items[item].Size ?? row.Sizes.GetValueOrDefault(item));
}
