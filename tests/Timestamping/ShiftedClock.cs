namespace Notary.Timestamping.Tests;

/// <summary>The system's clock, wrong by <see cref="Offset"/>; its timers and monotonic time stay right, as on a real machine.</summary>
internal sealed class ShiftedClock : TimeProvider
{
    private long offset;

    public TimeSpan Offset
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref offset));
        set => Interlocked.Exchange(ref offset, value.Ticks);
    }

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Offset;
}
