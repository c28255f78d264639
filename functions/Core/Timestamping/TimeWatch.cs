namespace Notary.Timestamping;

/// <summary>The controller behind <see cref="TimeAuthorities"/>: remembers each authority's latest answer and decides Ok, Degraded or Stopped.</summary>
/// <remarks>Once Stopped, only a round begun afterwards that heard every authority, all within the bounds and agreeing, leads out.</remarks>
internal sealed class TimeWatch
{
    private readonly Lock gate = new();
    private readonly Entry[] entries;
    private readonly TimeHealthOptions options;
    private readonly TimeProvider clock;
    private TimeState state = TimeState.Ok;
    private string reason = "ok";
    private DateTimeOffset since;
    private long stoppedAt;
    private long lastProbe;

    public TimeWatch(IReadOnlyList<string> names, TimeHealthOptions options, TimeProvider clock)
    {
        entries = [.. names.Select(n => new Entry(n))];
        this.options = options;
        this.clock = clock;
        since = clock.GetUtcNow();
    }

    public TimeHealth Health
    {
        get
        {
            lock (gate)
            {
                return new TimeHealth(state, reason, since,
                    [.. entries.Select(e => new AuthorityHealth(e.Name, e.Ok, e.Reason, e.Drift, e.LastAsked, e.LastToken))]);
            }
        }
    }

    /// <summary>True for one caller per interval; monotonic, for our own clock may be what is wrong.</summary>
    public bool TryBeginProbe()
    {
        lock (gate)
        {
            if (clock.GetElapsedTime(Math.Max(stoppedAt, lastProbe)) < options.ProbeInterval)
                return false;

            lastProbe = clock.GetTimestamp();
            return true;
        }
    }

    /// <summary>Takes in one round's answers, all at once, so that two rounds never mix; returns the state they led to.</summary>
    /// <param name="begun">The clock's timestamp before the first question went out.</param>
    public TimeState Note(IReadOnlyList<(string Name, TsaReply Reply)> round, long begun)
    {
        lock (gate)
        {
            foreach (var (name, reply) in round)
                Array.Find(entries, e => e.Name == name)!.Take(reply, clock.GetUtcNow(), clock.GetTimestamp());

            var (next, why) = Decide(round, begun);
            if (next != state)
            {
                since = clock.GetUtcNow();
                stoppedAt = next == TimeState.Stopped ? clock.GetTimestamp() : stoppedAt;
            }

            (state, reason) = (next, why);
            return state;
        }
    }

    internal static string Why(TsaReply reply) => reply switch
    {
        TsaReply.Granted => "ok",
        TsaReply.Unreachable r => r.Why,
        TsaReply.Refused r => r.Why,
        TsaReply.Invalid r => $"{r.Why} ({r.Code})",
        TsaReply.OffTime r => r.Why,
        _ => throw new InvalidOperationException($"unhandled {reply.GetType().Name}"),
    };

    private (TimeState State, string Reason) Decide(IReadOnlyList<(string Name, TsaReply Reply)> round, long begun)
    {
        if (Disagreement(round) is { } wrong)
            return (TimeState.Stopped, wrong);

        var bad = Array.Find(entries, e => !e.Ok);
        if (state == TimeState.Stopped && !(begun >= stoppedAt && round.Count == entries.Length && bad is null))
        {
            return (TimeState.Stopped, reason); // not everyone who disagreed has been heard again
        }

        return bad is null ? (TimeState.Ok, "ok") : (TimeState.Degraded, $"{bad.Name}: {bad.Reason}");
    }

    private string? Disagreement(IReadOnlyList<(string Name, TsaReply Reply)> round)
    {
        foreach (var (name, reply) in round)
        {
            if (reply is TsaReply.OffTime off)
                return $"{name}: {off.Why}";
        }

        var measured = entries.Where(e => e.Drift is not null && clock.GetElapsedTime(e.MeasuredAt) <= options.DriftLifetime).OrderBy(e => e.Drift).ToList();
        if (measured.Count < 2 || measured[^1].Drift - measured[0].Drift <= options.MaxDisagreement)
            return null;

        var apart = (measured[^1].Drift - measured[0].Drift)!.Value.TotalSeconds;
        return $"{measured[0].Name} and {measured[^1].Name} are {apart:0.#} s apart, more than {options.MaxDisagreement.TotalSeconds:0.#} s";
    }

    private sealed class Entry(string name)
    {
        public string Name { get; } = name;

        public bool Ok { get; private set; } = true;

        public string Reason { get; private set; } = "not asked yet";

        public TimeSpan? Drift { get; private set; }

        public long MeasuredAt { get; private set; }

        public DateTimeOffset? LastAsked { get; private set; }

        public DateTimeOffset? LastToken { get; private set; }

        public void Take(TsaReply reply, DateTimeOffset now, long ticks)
        {
            Ok = reply is TsaReply.Granted;
            Reason = Why(reply);
            LastAsked = now;
            LastToken = Ok ? now : LastToken;
            if (reply is TsaReply.Granted { Drift: var drift })
                (Drift, MeasuredAt) = (drift, ticks);
            else if (reply is TsaReply.OffTime { Drift: var off })
                (Drift, MeasuredAt) = (off, ticks);
        }
    }
}
