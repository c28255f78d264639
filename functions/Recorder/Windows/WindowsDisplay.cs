using System.Runtime.Versioning;
using Notary.Recorder.Recording;

namespace Notary.Recorder.Windows;

/// <summary>The desktop of the interactive session, by ffmpeg's gdigrab.</summary>
[SupportedOSPlatform("windows")]
internal sealed class WindowsDisplay(UserSession session) : IDisplay
{
    public async Task<Screen> SizeAsync(int framesPerSecond, CancellationToken cancel)
    {
        // Asked there: a service's own session has no screen.
        var started = session.Start(Environment.ProcessPath!, ["watch", "--size"]);
        using var process = started.Process;
        using var output = new StreamReader(started.Output);
        var said = await output.ReadToEndAsync(cancel);
        return said.Trim().Split('x') is [var width, var height] && int.TryParse(width, CultureInfo.InvariantCulture, out var w)
            && int.TryParse(height, CultureInfo.InvariantCulture, out var h) && w > 0 && h > 0
            // libx264 takes whole pairs of pixels.
            ? new Screen(w / 2 * 2, h / 2 * 2, framesPerSecond) : throw new IOException($"the desktop does not say how large it is: {said}");
    }

    public IReadOnlyList<string> Grab(Screen screen) =>
    [
        "-f", "gdigrab", "-framerate", screen.FramesPerSecond.ToString(CultureInfo.InvariantCulture),
        "-video_size", string.Create(CultureInfo.InvariantCulture, $"{screen.Width}x{screen.Height}"), "-draw_mouse", "1", "-i", "desktop",
    ];

    public Task<Started> StartAsync(IReadOnlyList<string> arguments) => Task.Run(() => session.Start(Tools.Ffmpeg, arguments));

    // Windows shows a suspended process by its threads only; who may suspend this one could also end it. It shows as frames that are missing.
    public bool IsHeld(int process) => false;
}
