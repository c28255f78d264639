namespace Notary.Timestamping.Tests;

/// <summary>The system's clock, wrong by <see cref="Offset"/>; its timers stay right, and its monotonic time moves only by what a test adds to it.</summary>
internal sealed class ShiftedClock : TimeProvider
{
    private long offset;

    public TimeSpan Offset
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref offset));
        set => Interlocked.Exchange(ref offset, value.Ticks);
    }

    /// <summary>Added to the monotonic clock, in its ticks of <see cref="TimeProvider.TimestampFrequency"/>.</summary>
    public TimeSpan Passed { get; set; }

    public override long GetTimestamp() => System.GetTimestamp() + (long)(Passed.TotalSeconds * TimestampFrequency);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Offset;
}
