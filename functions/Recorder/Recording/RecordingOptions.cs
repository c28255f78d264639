using Notary.Recorder.Windows;

namespace Notary.Recorder.Recording;

/// <summary>What to record, and where to.</summary>
/// <param name="Display">An X display, such as <c>:77</c>; on Windows <c>desktop</c>, the user's.</param>
/// <param name="Folder">The session's; must be empty or not there.</param>
public sealed record RecordingOptions(string Display, string Folder)
{
    /// <summary>A file with the display's cookie; absent: what the environment names.</summary>
    public string? Authority { get; init; }

    /// <summary>Frames a second; 1 to 60.</summary>
    public int FramesPerSecond { get; init; } = 10;

    /// <summary>Set by whoever told a session's id before it began.</summary>
    public DepositId? Session { get; init; }

    /// <summary>More versions for the first link: of the desktop, the browser.</summary>
    public IReadOnlyDictionary<string, string> Tools { get; init; } = new Dictionary<string, string>();

    /// <summary>What is told of the desktop besides its picture.</summary>
    public IReadOnlyList<IEventSource> Sources { get; init; } = [];

    /// <summary>The screen, as this system records it.</summary>
    internal IDisplay Screen => OperatingSystem.IsWindows()
        ? new WindowsDisplay(UserSession.Find() ?? throw new IOException("nobody is logged on")) : new XDisplay(this);

    /// <summary>For programs that speak to the display. No proxy, no locale but one: their output is read.</summary>
    internal IReadOnlyDictionary<string, string> Environment
    {
        get
        {
            var environment = new Dictionary<string, string> { ["DISPLAY"] = Display, ["LC_ALL"] = "C.UTF-8" };
            if (Authority is { } file)
                environment["XAUTHORITY"] = file;

            return environment;
        }
    }
}
