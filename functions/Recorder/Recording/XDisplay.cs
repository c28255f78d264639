using System.Text.RegularExpressions;

namespace Notary.Recorder.Recording;

/// <summary>An X display, by x11grab.</summary>
internal sealed partial class XDisplay(RecordingOptions options) : IDisplay
{
    public async Task<Screen> SizeAsync(int framesPerSecond, CancellationToken cancel)
    {
        var information = await Child.RunAsync("xdpyinfo", [], options.Environment, cancel);
        var size = Dimensions().Match(information);
        return size.Success ? new Screen(Number(size.Groups[1]), Number(size.Groups[2]), framesPerSecond)
            : throw new IOException($"display {options.Display} does not say how large it is");
    }

    public IReadOnlyList<string> Grab(Screen screen) =>
    [
        "-f", "x11grab", "-framerate", screen.FramesPerSecond.ToString(CultureInfo.InvariantCulture),
        "-video_size", string.Create(CultureInfo.InvariantCulture, $"{screen.Width}x{screen.Height}"), "-draw_mouse", "1", "-i", options.Display,
    ];

    public async Task<Started> StartAsync(IReadOnlyList<string> arguments)
    {
        var process = await Child.StartAsync("ffmpeg", arguments, options.Environment, input: true);
        return new Started(process, process.StandardInput, process.StandardOutput.BaseStream, process.StandardError);
    }

    // proc(5), /proc/pid/stat.
    public bool IsHeld(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[stat.LastIndexOf(')') + 2] is 'T' or 't';
        }
        catch (IOException)
        {
            return false; // It has ended.
        }
    }

    private static int Number(Group digits) => int.Parse(digits.ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\s*dimensions:\s+(\d{1,5})x(\d{1,5}) pixels", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Dimensions();
}
