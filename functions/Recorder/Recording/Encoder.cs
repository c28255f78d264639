namespace Notary.Recorder.Recording;

/// <summary>One run of ffmpeg over a screen: its output is a fragmented mp4 with a frame in each fragment.</summary>
/// <remarks>
/// Zero latency and no look-ahead: libx264 holds back no frame that a kill would lose. Frame times pass through, so that a stop is one gap and
/// never doubled frames. The probe is kept from reading frames ahead of time.
/// </remarks>
internal sealed class Encoder : IAsyncDisposable
{
    /// <summary>Microseconds between forced key frames, where a segment may begin.</summary>
    public const long SegmentLength = 4 * ForensicsFormat.Second;

    /// <summary>Key frames by number of frames, too: the forced ones go by the wall clock, which may be set back.</summary>
    private const int KeyFrameSeconds = 5;

    /// <summary>How long ffmpeg may take to write its last frame.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    private readonly Process process;
    private readonly Task<string> complaint;

    private readonly IDisplay display;
    private readonly StreamWriter input;

    private Encoder(Started started, IDisplay display)
    {
        (process, input, this.display, Id) = (started.Process, started.Input, display, started.Process.Id);
        complaint = started.Error.ReadToEndAsync();
        Output = started.Output;
    }

    /// <summary>The fragmented mp4.</summary>
    public Stream Output { get; }

    /// <summary>ffmpeg's, for whoever watches it.</summary>
    public int Id { get; }

    /// <summary>The arguments, from input to output format.</summary>
    public static IReadOnlyList<string> Arguments(RecordingOptions options, Screen screen)
        =>
        [
            "-hide_banner", "-nostats", "-loglevel", "error", "-probesize", "32", "-analyzeduration", "0",
            .. options.Screen.Grab(screen), .. Coding(screen.FramesPerSecond), "-f", "mp4",
        ];

    /// <summary>What decides the processor time: what a comparison has to be made with.</summary>
    public static IReadOnlyList<string> Coding(int framesPerSecond) =>
    [
        "-an", "-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-bf", "0", "-sc_threshold", "0", "-crf", "28", "-pix_fmt", "yuv420p",
        "-g", (framesPerSecond * KeyFrameSeconds).ToString(CultureInfo.InvariantCulture),
        "-force_key_frames", $"expr:if(isnan(prev_forced_t),1,gte(t,prev_forced_t+{SegmentLength / ForensicsFormat.Second}))",
        Passthrough, "passthrough", "-enc_time_base", "1:1000000", "-video_track_timescale", "1000000", "-flush_packets", "1",
        "-movflags", "+empty_moov+default_base_moof+frag_every_frame+skip_trailer",
    ];

    /// <summary>A name by system: the older one is what ffmpeg 4 to 7 understand, the newer one 5.1 and later.</summary>
    private static readonly string Passthrough = OperatingSystem.IsWindows() ? "-vsync" : "-fps_mode";

    /// <exception cref="IOException">It did not start.</exception>
    public static async Task<Encoder> StartAsync(RecordingOptions options, IReadOnlyList<string> arguments)
        => new(await options.Screen.StartAsync([.. arguments, "pipe:1"]), options.Screen);

    /// <summary>Whether a signal holds it.</summary>
    public bool IsStopped => display.IsHeld(Id);

    /// <summary>Asks it to write what it holds and end; kills it when it does not.</summary>
    public async Task StopAsync()
    {
        try
        {
            await input.WriteAsync('q');
            input.Close();
            await process.WaitForExitAsync().WaitAsync(Farewell);
        }
        catch (Exception e) when (e is IOException or TimeoutException or InvalidOperationException) // or it is gone already
        {
            Kill();
        }
    }

    /// <summary>SIGKILL, unless it is gone already.</summary>
    public void Kill()
    {
        try
        {
            Child.Kill(process);
        }
        catch (InvalidOperationException)
        {
            // Disposed by whoever started it, while another looked.
        }
    }

    /// <summary>What it said last, once its output has ended.</summary>
    public async Task<string> ComplaintAsync() => Child.LastLine(await complaint);

    /// <summary>Ends it at once.</summary>
    public async ValueTask DisposeAsync()
    {
        Kill();
        await process.WaitForExitAsync();
        await Output.DisposeAsync();
        process.Dispose();
    }
}
