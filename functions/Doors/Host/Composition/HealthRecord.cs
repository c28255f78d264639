using Notary.Pages.Watching;

namespace Notary.Host.Composition;

/// <summary>How a dependency stood at one look.</summary>
internal sealed record HealthReading(string Name, HealthState State, string Reason);

/// <summary>One look at all of them.</summary>
internal sealed record HealthSample(DateTimeOffset At, IReadOnlyList<HealthReading> Readings);

/// <summary>The state that a dependency is in.</summary>
/// <param name="Began">The first look at it.</param>
/// <param name="Since">When it came to this state: the look that found it so.</param>
internal sealed record HealthSince(HealthState State, string Reason, DateTimeOffset Began, DateTimeOffset Since);

/// <summary>Where the history stands: one row, replaced by each look. Pure.</summary>
/// <param name="Seen">The last look of any instance.</param>
internal sealed record HealthRecord(DateTimeOffset Seen, IReadOnlyDictionary<string, HealthSince> States)
{
    /// <summary>Looks further apart than this have a gap between them, of which nothing is known: a look is due each minute.</summary>
    public static readonly TimeSpan MaxGap = TimeSpan.FromSeconds(150);

    /// <summary>Takes up a look. What has ended by it is returned, to be kept; one that is not newer than the last changes nothing.</summary>
    public static (HealthRecord Record, IReadOnlyList<Outage> Ended) Take(HealthRecord? before, HealthSample sample)
    {
        if (before is not null && sample.At <= before.Seen)
            return (before, []);

        var gap = before is not null && sample.At - before.Seen > MaxGap;
        var ended = new List<Outage>();
        if (gap)
            ended.Add(new Outage(Outage.Everything, HealthState.Unknown, before!.Seen, sample.At, ""));

        foreach (var (name, was) in before?.States ?? new Dictionary<string, HealthSince>())
        {
            var now = sample.Readings.FirstOrDefault(reading => reading.Name == name);
            if (was.State != HealthState.Up && (gap || now?.State != was.State))
                ended.Add(new Outage(name, was.State, was.Since, gap || now is null ? before!.Seen : sample.At, was.Reason));
        }

        return (new HealthRecord(sample.At, sample.Readings.ToDictionary(now => now.Name, now => Since(before, gap, now, sample.At), StringComparer.Ordinal)),
            [.. ended.Where(outage => outage.From < outage.Until)]);
    }

    /// <summary>A window of one dependency's history.</summary>
    /// <param name="name">The dependency.</param>
    /// <param name="ended">What is kept: newest first, whole from <paramref name="known"/> on.</param>
    /// <param name="known">Before it nothing is known.</param>
    /// <param name="from">The window's beginning.</param>
    /// <param name="now">Its end.</param>
    public HealthStrip Strip(string name, IEnumerable<Outage> ended, DateTimeOffset known, DateTimeOffset from, DateTimeOffset now)
    {
        var state = States.GetValueOrDefault(name);
        var begun = state is null ? now : state.Began > known ? state.Began : known;
        var pieces = ended.Where(outage => outage.Name == name || outage.Name == Outage.Everything).Reverse().ToList();
        pieces.Insert(0, new Outage(name, HealthState.Unknown, DateTimeOffset.MinValue, begun, ""));
        if (state is { State: not HealthState.Up })
            pieces.Add(new Outage(name, state.State, state.Since, Lost(now) ? Seen : now, state.Reason));

        if (Lost(now))
            pieces.Add(new Outage(name, HealthState.Unknown, Seen, now, ""));

        return new HealthStrip(from, now, [.. pieces
            .Select(piece => piece with
            {
                From = Later(piece.From, piece == pieces[0] ? from : Later(begun, from)),
                Until = piece.Until < now ? piece.Until : now,
            })
            .Where(piece => piece.From < piece.Until)]);
    }

    private bool Lost(DateTimeOffset now) => now - Seen > MaxGap;

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static HealthSince Since(HealthRecord? before, bool gap, HealthReading now, DateTimeOffset at)
        => before?.States.GetValueOrDefault(now.Name) is not { } was ? new(now.State, now.Reason, at, at)
            : was.State == now.State && !gap ? was
            : new(now.State, now.Reason, was.Began, at);
}
