namespace Notary.Processes;

/// <summary>How a <see cref="ProcessRunner"/> claims, retries and polls.</summary>
public sealed class RunnerOptions
{
    /// <summary>How long a step may take, and how long a crash holds its process back. 5 s to 10 min. Default 30 s.</summary>
    public TimeSpan ClaimDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Tries of one step before the process is parked, 1 to 100,000. Default 3,000: a day at the longest backoff, so that no outage shorter than that needs a person.</summary>
    public int MaxAttempts { get; set; } = 3000;

    /// <summary>Backoff after the first failure; it doubles from there. 10 ms to 1 min. Default 500 ms.</summary>
    public TimeSpan BackoffBase { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest backoff, up to 1 h. Default 30 s: the time by which the end of an outage is noticed.</summary>
    public TimeSpan BackoffMax { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Processes stepped at once, 1 to 256. Default 8.</summary>
    public int Parallelism { get; set; } = 8;

    /// <summary>Pause between looks when nothing is due and nobody nudges, 50 ms to 1 min. Default 1 s. Each look costs one query per partition (4).</summary>
    public TimeSpan IdlePoll { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Refuses at start-up what could only fail later, naming the setting.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public void Validate()
    {
        Require(ClaimDuration, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(10), nameof(ClaimDuration));
        Require(MaxAttempts, 1, 100_000, nameof(MaxAttempts));
        Require(BackoffBase, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1), nameof(BackoffBase));
        Require(BackoffMax, BackoffBase, TimeSpan.FromHours(1), nameof(BackoffMax));
        Require(Parallelism, 1, 256, nameof(Parallelism));
        Require(IdlePoll, TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(1), nameof(IdlePoll));
    }

    /// <summary>Exponential, bounded, and spread over its upper half so that what failed together does not come back together.</summary>
    /// <param name="attempt">From 1.</param>
    /// <param name="jitter">0 to 1.</param>
    internal TimeSpan Backoff(int attempt, double jitter)
    {
        var full = Math.Min(BackoffMax.TotalMilliseconds, BackoffBase.TotalMilliseconds * Math.Pow(2, Math.Clamp(attempt - 1, 0, 40)));
        return TimeSpan.FromMilliseconds(full * (0.5 + (jitter / 2)));
    }

    private static void Require<T>(T value, T least, T most, string setting)
        where T : IComparable<T>
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
        {
            throw new ArgumentException($"Processes:{setting} must be {least} to {most}, not {value}");
        }
    }
}
