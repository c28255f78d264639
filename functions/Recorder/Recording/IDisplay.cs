namespace Notary.Recorder.Recording;

/// <summary>A screen as ffmpeg records it on this system.</summary>
internal interface IDisplay
{
    /// <summary>Its size.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    Task<Screen> SizeAsync(int framesPerSecond, CancellationToken cancel);

    /// <summary>ffmpeg's arguments from <c>-f</c> to <c>-i</c>.</summary>
    IReadOnlyList<string> Grab(Screen screen);

    /// <summary>Starts ffmpeg where the screen is: it MUST end when this process does, however that ends.</summary>
    /// <exception cref="IOException">It did not start.</exception>
    Task<Started> StartAsync(IReadOnlyList<string> arguments);

    /// <summary>Whether a signal holds that process, as far as the system shows it.</summary>
    bool IsHeld(int process);
}

/// <summary>A program that was started, and its streams; whoever has it disposes of it.</summary>
internal sealed record Started(Process Process, StreamWriter Input, Stream Output, StreamReader Error);
