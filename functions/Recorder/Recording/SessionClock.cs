namespace Notary.Recorder.Recording;

/// <summary>Both clocks of a session, read together. Every moment that is written down comes from here, so no jump goes unsaid.</summary>
internal sealed class SessionClock
{
    /// <summary>Microseconds that the wall clock may move against the elapsed time before it is said: far more than a reading takes.</summary>
    public const long Jump = ForensicsFormat.Second / 5;

    /// <summary>Microseconds between the two readings around the wall's: more, and all are read again, since the reader was held up.</summary>
    private const long Tight = 20_000;

    private const int Readings = 20;

    private readonly Lock gate = new();
    private readonly TimeProvider time;
    private readonly Action<LinkBody.Gap> jumped;
    private readonly long origin;
    private DateTimeOffset expected;
    private long last;

    /// <param name="time">The wall's time, and timestamps that nobody can set.</param>
    /// <param name="jumped">Told of every jump, by the thread that reads the clock.</param>
    public SessionClock(TimeProvider time, Action<LinkBody.Gap> jumped)
    {
        (this.time, this.jumped) = (time, jumped);
        for (var i = 0; i < Readings && (i == 0 || Elapsed() >= Tight); i++)
            (origin, expected) = (time.GetTimestamp(), time.GetUtcNow());

        Start = new Arrival(expected, 0);
    }

    /// <summary>The making of this object: the moment of the first link.</summary>
    public Arrival Start { get; }

    /// <summary>Now, by both clocks; elapsed since <see cref="Start"/>.</summary>
    public Arrival Now()
    {
        lock (gate)
        {
            var (wall, elapsed) = Read();
            var moved = (wall - expected).Ticks / TimeSpan.TicksPerMicrosecond - elapsed;
            if (Math.Abs(moved) >= Jump)
            {
                jumped(new LinkBody.Gap(GapReason.ClockJump, last, elapsed, moved));
                expected += TimeSpan.FromMicroseconds(moved);
            }

            last = elapsed;
            return new Arrival(wall, elapsed);
        }
    }

    private (DateTimeOffset Wall, long Elapsed) Read()
    {
        for (var i = 1; ; i++)
        {
            var before = Elapsed();
            var wall = time.GetUtcNow();
            var after = Elapsed();
            if (after - before < Tight || i == Readings)
                return (wall, after);
        }
    }

    private long Elapsed() => time.GetElapsedTime(origin).Ticks / TimeSpan.TicksPerMicrosecond;
}
