namespace Notary.Pages.Watching;

/// <summary>How a dependency stands, or stood.</summary>
public enum HealthState
{
    /// <summary>It answered.</summary>
    Up,

    /// <summary>It did not.</summary>
    Down,

    /// <summary>Nobody looked, or it could not be told: never counted as up.</summary>
    Unknown,
}

/// <summary>A stretch of time in which a dependency was not up.</summary>
/// <param name="Reason">Its first one.</param>
public sealed record Outage(string Name, HealthState State, DateTimeOffset From, DateTimeOffset Until, string Reason)
{
    /// <summary>In the place of a name: of all dependencies, because no instance ran.</summary>
    public const string Everything = "*";
}

/// <summary>A window of a dependency's history: what in it was not up, in the order of time.</summary>
public sealed record HealthStrip(DateTimeOffset From, DateTimeOffset Until, IReadOnlyList<Outage> Pieces)
{
    /// <summary>The time in which it was looked at.</summary>
    public TimeSpan Observed => Until - From - Sum(HealthState.Unknown);

    /// <summary>How much of it it was up, 0 to 1; null when nobody looked.</summary>
    public double? Availability => Observed > TimeSpan.Zero ? 1 - (Sum(HealthState.Down) / Observed) : null;

    private TimeSpan Sum(HealthState state)
        => Pieces.Where(piece => piece.State == state).Aggregate(TimeSpan.Zero, (sum, piece) => sum + (piece.Until - piece.From));
}

/// <summary>One dependency: how it stands now and how it stood.</summary>
/// <param name="Reason">In the machine's words; empty when it is up.</param>
/// <param name="Since">When it came to this state, as far as is recorded.</param>
/// <param name="Drift">Of an authority: its clock minus ours at its latest token.</param>
/// <param name="LastAsked">Of an authority.</param>
public sealed record DependencyView(
    string Name, HealthState State, string Reason, DateTimeOffset? Since, HealthStrip Day, HealthStrip Month, TimeSpan? Drift, DateTimeOffset? LastAsked);

/// <summary>A version of the login centre's signing key.</summary>
public sealed record LoginKeyView(string Version, DateTimeOffset SeenAt, bool Signs);

/// <summary>The newest anchor, under way or final.</summary>
public sealed record AnchorAge(long Size, DateTimeOffset At, bool Final);

/// <summary>The platform as it stands. What could not be read is null.</summary>
/// <param name="At">When it was looked at.</param>
/// <param name="Started">Whether the instance that was asked takes deposits.</param>
/// <param name="Dependencies">Each by name.</param>
/// <param name="Outages">Of the last 30 days, newest first.</param>
/// <param name="OutagesCut">There were more than are kept to be read.</param>
/// <param name="Pulse">How far everything has come.</param>
/// <param name="NewestCheckpoint">When the newest was written.</param>
/// <param name="Anchor">The newest.</param>
/// <param name="Parked">Processes that wait for somebody; null when it could not be read.</param>
/// <param name="ParkedCut">There are at least so many.</param>
/// <param name="Overdue">Uploads that are overdue.</param>
/// <param name="Refused">Uploads that were refused lately.</param>
/// <param name="ClockOffset">Our clock minus storage's.</param>
/// <param name="LoginKeys">Empty where there is no login centre.</param>
public sealed record OfficeHealth(
    DateTimeOffset At, bool Started, IReadOnlyList<DependencyView> Dependencies, IReadOnlyList<Outage> Outages, bool OutagesCut, Pulse? Pulse,
    DateTimeOffset? NewestCheckpoint, AnchorAge? Anchor, int? Parked, bool ParkedCut, int? Overdue, int? Refused, TimeSpan ClockOffset,
    IReadOnlyList<LoginKeyView>? LoginKeys);
