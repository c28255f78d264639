namespace Notary.Recorder.Recording;

/// <summary>The wall's time, and timestamps by a clock that nobody sets and that runs on while the machine sleeps: CLOCK_BOOTTIME; on Windows the
/// performance counter, which counts ticks "including the time when the machine was in a sleep state" (Acquiring high-resolution time stamps).</summary>
public class BootTime : TimeProvider
{
    /// <summary>Of Linux: nanoseconds.</summary>
    public override long TimestampFrequency => OperatingSystem.IsWindows() ? base.TimestampFrequency : 1_000_000_000;

    public override long GetTimestamp() => OperatingSystem.IsWindows() ? base.GetTimestamp() : Posix.BootTime();
}
