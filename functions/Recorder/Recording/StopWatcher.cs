namespace Notary.Recorder.Recording;

/// <summary>Knows whether the encoder or this process was held for a while, so that a gap can be called by its name.</summary>
internal sealed class StopWatcher(SessionClock clock)
{
    /// <summary>How often is looked.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    /// <summary>Microseconds between two looks that mean that this process stood still: an overloaded machine is late, too, but by less.</summary>
    private const long Late = ForensicsFormat.Second;

    private readonly Lock gate = new();
    private long looked;
    private long stoppedUntil = -1;

    /// <summary>One look.</summary>
    /// <param name="stopped">Whether the encoder is held now.</param>
    public void Look(bool stopped)
    {
        var now = clock.Now().Elapsed;
        lock (gate)
        {
            if (stopped || now - looked > Late)
                stoppedUntil = now;

            looked = now;
        }
    }

    /// <summary>Whether either was held since that moment.</summary>
    public bool StoodSince(long elapsed)
    {
        var now = clock.Now().Elapsed;
        lock (gate)
        {
            return stoppedUntil >= elapsed || now - looked > Late;
        }
    }
}
