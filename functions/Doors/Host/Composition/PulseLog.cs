namespace Notary.Host.Composition;

/// <summary>Writes the platform's pulse, one line a minute. Alerts read it (infra/modules/alerts.bicep), so its names are public.</summary>
internal sealed partial class PulseLog(PulseReader reader, TimeAuthorities authorities, ILogger<PulseLog> log)
{
    public async Task BeatAsync(CancellationToken cancel)
    {
        var pulse = await reader.ReadAsync(cancel);
        var time = authorities.Health;
        var drift = time.Authorities.Select(a => a.Drift ?? TimeSpan.Zero).MaxBy(d => d.Duration());
        Beat(log, pulse.Size, pulse.Stamped, pulse.Anchored, Math.Round(pulse.Waiting.TotalSeconds), Math.Round(pulse.Unstamped.TotalSeconds),
            Math.Round(pulse.Unanchored.TotalSeconds), time.State.ToString(), Math.Round(drift.TotalSeconds, 3));
    }

    // Warning, so that the usual levels keep it: without it every alert on lag is blind, and the one on silence fires.
    [LoggerMessage(30, LogLevel.Warning, "pulse: log {Size}, stamped {Stamped}, anchored {Anchored}; "
        + "seconds waiting {Waiting}, unstamped {Unstamped}, unanchored {Unanchored}; time {Time}, drift {Drift}")]
    private static partial void Beat(
        ILogger log, long size, long stamped, long anchored, double waiting, double unstamped, double unanchored, string time, double drift);
}
