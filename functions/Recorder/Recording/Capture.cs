namespace Notary.Recorder.Recording;

/// <summary>What comes from the encoder, in order.</summary>
internal abstract record Captured
{
    /// <summary>An encoder has begun.</summary>
    public sealed record Begun(FragmentHead Head) : Captured;

    /// <summary>A frame.</summary>
    /// <param name="Fragment">moof and mdat, still with the encoder's times.</param>
    /// <param name="Sample">Bytes of the frame itself, at their end.</param>
    /// <param name="IsKey">Can be decoded without another.</param>
    /// <param name="Arrival">When the recorder had it.</param>
    /// <param name="Duration">Microseconds until it had the next.</param>
    public sealed record Frame(byte[] Fragment, int Sample, bool IsKey, Arrival Arrival, long Duration) : Captured;

    /// <summary>The encoder has ended.</summary>
    public sealed record Ended : Captured;
}

/// <summary>Keeps an encoder running and gives each of its frames the moment at which the recorder had it.</summary>
/// <remarks>
/// The encoder's own frame times follow the wall clock, and flatten where that is set back; so they are not used. The muxer lets a frame go
/// when the next one has come: a frame came when the one before it went out.
/// </remarks>
internal sealed class Capture(RecordingOptions options, Screen screen, SessionClock clock, TimeProvider time, ChannelWriter<Captured> output)
{
    /// <summary>Encoders that end without a frame, one after the other, before the session is given up.</summary>
    private const int MostFailures = 3;

    /// <summary>Looks without a frame before an encoder is thought dead, 20 s: a loaded machine needs seconds to start one.</summary>
    private const int MostSilentLooks = 80;

    /// <summary>Before an encoder is started again: never so short that no gap could be seen.</summary>
    private readonly TimeSpan pause = TimeSpan.FromMicroseconds((ForensicsFormat.GapIntervals + 2) * ForensicsFormat.Interval(screen.FramesPerSecond));

    private volatile Encoder? current;
    private volatile bool stopping;
    private long came;
    private long cameAtLook;
    private int silentLooks;

    /// <summary>The arguments of every encoder.</summary>
    public IReadOnlyList<string> Arguments { get; } = Encoder.Arguments(options, screen);

    /// <summary>Runs until stopped.</summary>
    /// <exception cref="IOException">The encoder gives no frames.</exception>
    public async Task RunAsync()
    {
        var failures = 0;
        while (true)
        {
            await using var encoder = await Encoder.StartAsync(options, Arguments);
            current = encoder;
            if (stopping)
                return;

            var before = came;
            await ReadAsync(encoder);
            current = null;
            await output.WriteAsync(new Captured.Ended());
            if (stopping)
                return;

            failures = came > before ? 0 : failures + 1;
            if (failures == MostFailures)
                throw new IOException($"ffmpeg ended {failures} times without a frame: {await encoder.ComplaintAsync()}");

            await Task.Delay(pause, time);
        }
    }

    /// <summary>Lets the encoder write its last frame and end.</summary>
    public async Task StopAsync()
    {
        stopping = true;
        if (current is { } encoder)
            await encoder.StopAsync();
    }

    /// <summary>One look at the encoder. Kills one that has given nothing for long.</summary>
    /// <returns>Whether a signal holds it.</returns>
    public bool Look()
    {
        var now = Interlocked.Read(ref came);
        silentLooks = now > cameAtLook ? 0 : silentLooks + 1;
        cameAtLook = now;
        if (current is not { } encoder)
            return false;

        if (silentLooks >= MostSilentLooks)
        {
            encoder.Kill();
            silentLooks = 0;
        }

        return encoder.IsStopped;
    }

    private async Task ReadAsync(Encoder encoder)
    {
        var reader = new FragmentReader(new BufferedStream(encoder.Output, 64 * 1024));
        if (await reader.ReadHeadAsync(default) is not { } head)
            return;

        var arrival = clock.Now();
        await output.WriteAsync(new Captured.Begun(head));
        while (await reader.ReadAsync(default) is { } fragment)
        {
            var next = clock.Now();
            Interlocked.Increment(ref came);
            await output.WriteAsync(new Captured.Frame(
                fragment.Bytes.ToArray(), fragment.Sample.Length, fragment.IsSync, arrival, next.Elapsed - arrival.Elapsed));
            arrival = next;
        }
    }
}
