namespace Notary.Recorder.Recording;

/// <summary>The wall's time, and timestamps by a clock that nobody sets and that runs on while the machine sleeps (CLOCK_BOOTTIME).</summary>
public class BootTime : TimeProvider
{
    /// <summary>Nanoseconds.</summary>
    public override long TimestampFrequency => 1_000_000_000;

    public override long GetTimestamp() => Posix.BootTime();
}
