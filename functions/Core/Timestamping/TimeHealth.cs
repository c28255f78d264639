namespace Notary.Timestamping;

/// <summary>How trusted time stands.</summary>
public enum TimeState
{
    /// <summary>Every authority's latest answer was a valid token within the bounds, or none has been asked yet.</summary>
    Ok,

    /// <summary>Some authority does not answer, refuses or answers wrongly; the others still stamp. Deposits wait for the missing tokens.</summary>
    Degraded,

    /// <summary>The authorities disagree with each other or with our clock: nothing is stamped until a probe finds all of them agreeing.</summary>
    Stopped,
}

/// <param name="Reason">One sentence: what is wrong, or "ok".</param>
/// <param name="Since">When this state began, by our clock.</param>
public sealed record TimeHealth(TimeState State, string Reason, DateTimeOffset Since, IReadOnlyList<AuthorityHealth> Authorities);

/// <param name="Ok">Its latest answer was a valid token within the bounds, or it has not been asked yet.</param>
/// <param name="Reason">"ok", "not asked yet", or what was wrong with the latest answer.</param>
/// <param name="Drift">genTime minus our clock at the latest genuine token; null before the first.</param>
/// <param name="LastAsked">By our clock.</param>
/// <param name="LastToken">When the latest valid token within the bounds was received.</param>
public sealed record AuthorityHealth(string Name, bool Ok, string Reason, TimeSpan? Drift, DateTimeOffset? LastAsked, DateTimeOffset? LastToken);

/// <summary>Bounds for several authorities together.</summary>
public sealed class TimeHealthOptions
{
    /// <summary>How far two authorities' clocks may lie apart, measured against ours; 1 s to 1 h, default 30 s.
    /// Wider hides one authority's wrong clock behind the other's.</summary>
    public TimeSpan MaxDisagreement { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>While stopped or degraded, the shortest time between two probes; 100 ms to 10 minutes, default 5 s.
    /// Shorter only burdens the authorities.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an authority's measured drift is worth comparing with another's; 10 s to 1 day, default 10 minutes. Clocks wander;
    /// a stale figure would accuse the innocent.</summary>
    public TimeSpan DriftLifetime { get; init; } = TimeSpan.FromMinutes(10);

    /// <exception cref="ArgumentException">Names the setting that is wrong.</exception>
    internal void Validate()
    {
        Require(MaxDisagreement, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), nameof(MaxDisagreement), "1 s to 1 h");
        Require(ProbeInterval, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10), nameof(ProbeInterval), "100 ms to 10 minutes");
        Require(DriftLifetime, TimeSpan.FromSeconds(10), TimeSpan.FromDays(1), nameof(DriftLifetime), "10 s to 1 day");
    }

    private static void Require(TimeSpan value, TimeSpan least, TimeSpan most, string setting, string range)
    {
        if (value < least || value > most)
            throw new ArgumentException($"trusted time: {setting} must be {range}", setting);
    }
}
