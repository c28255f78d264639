using Notary.Recorder.Desktop;

namespace Notary.Recorder.Cleanliness;

/// <summary>Measures a desktop, from outside and from inside, before its user may touch it. It MUST be called while input is not connected.</summary>
/// <remarks>Looks from outside wherever that is possible; what runs inside runs as the desktop's user, from the image that is measured, too.</remarks>
public sealed class Measurement(LocalDesktop desktop, CleanlinessSettings settings, HttpClient http, TimeProvider clock)
{
    internal IReadOnlyList<Probe> Probes { get; } =
    [
        new("recorder", CleanlinessSettings.Recording, settings.Recorder), .. new ImageProbes(desktop, settings).All, .. new ProcessProbes(desktop).All,
        .. new NetworkProbes(desktop, settings).All, .. new BrowserProbes(desktop).All, .. new ClockProbes(settings, http, clock).All,
        // Last: the browser makes its store of roots when it opens an https site.
        new ChainProbe(desktop, settings).Check,
    ];

    /// <summary>Every check, one after another: a program of one check must not be a process that another finds.</summary>
    public async Task<CleanlinessReport> MeasureAsync(CancellationToken cancel)
    {
        var checks = new List<CleanlinessCheck>();
        foreach (var probe in Probes)
            checks.Add(await probe.RunAsync(cancel));

        return new CleanlinessReport(desktop.Options.Session, clock.GetUtcNow(), checks);
    }
}
