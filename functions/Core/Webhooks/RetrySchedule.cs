namespace Notary.Webhooks;

/// <summary>When a delivery that failed is tried again.</summary>
public static class RetrySchedule
{
    /// <summary>Pauses after the first attempt, the second, and so on: together more than seven days, since jitter only adds.</summary>
    private static readonly TimeSpan[] Pauses =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(30),
        TimeSpan.FromHours(1), TimeSpan.FromHours(2), TimeSpan.FromHours(4), TimeSpan.FromHours(8), TimeSpan.FromHours(12),
        .. Enumerable.Repeat(TimeSpan.FromDays(1), 6),
    ];

    /// <summary>What a pause may grow by, so that a thousand deliveries that failed together do not come back together.</summary>
    private const double Jitter = 0.2;

    /// <summary>A receiver that asks for longer is asked again after this all the same.</summary>
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromDays(1);

    /// <summary>Attempts of one delivery.</summary>
    public static int Attempts => Pauses.Length + 1;

    /// <summary>How long to wait after an attempt; null when it was the last.</summary>
    /// <param name="attempt">1 for the first.</param>
    /// <param name="retryAfter">What the receiver asked for.</param>
    /// <param name="random">0 to below 1.</param>
    public static TimeSpan? After(int attempt, TimeSpan? retryAfter, double random)
    {
        if (attempt > Pauses.Length)
            return null;

        var pause = Pauses[attempt - 1] * (1 + (Jitter * random));
        return retryAfter is not { } asked || asked <= pause ? pause : asked < LongestRetryAfter ? asked
            : pause > LongestRetryAfter ? pause : LongestRetryAfter;
    }
}
