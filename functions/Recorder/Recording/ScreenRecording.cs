using Notary.Evidence.Forensics.Captures;

namespace Notary.Recorder.Recording;

/// <summary>Records a screen into a session's folder and seals it while it is recorded. Safe for several threads.</summary>
/// <remarks>
/// 1. <see cref="Capture"/> reads the encoder and gives each frame its moment; it does nothing else, so nothing delays it.
/// 2. <see cref="FrameRecorder"/> writes each frame through to the open segment and cuts segments at key frames.
/// 3. <see cref="Chain"/> makes segments durable and appends their links, while the next segment is written.
/// </remarks>
public sealed class ScreenRecording : IAsyncDisposable
{
    /// <summary>Frames between reading and writing: a minute of a disk that does not answer, before the encoder has to wait.</summary>
    private const int MostFrames = 600;

    /// <summary>Before a source that was lost is run again.</summary>
    private static readonly TimeSpan SourcePause = TimeSpan.FromSeconds(1);

    private readonly RecordingOptions options;
    private readonly TimeProvider time;
    private readonly SessionClock clock;
    private readonly Chain chain;
    private readonly StopWatcher watcher;
    private readonly Capture capture;
    private readonly FrameRecorder frames;
    private readonly CancellationTokenSource ending = new();
    private readonly TaskCompletionSource broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task recording = Task.CompletedTask;
    private Task around = Task.CompletedTask;
    private readonly Channel<Captured> captured = Channel.CreateBounded<Captured>(MostFrames);
    private int pictures;
    private int closing;

    private ScreenRecording(RecordingOptions options, Screen screen, TimeProvider time, Action<Appended> appended)
    {
        (this.options, this.time, Screen) = (options, time, screen);
        Session = options.Session ?? DepositId.New(time);
        clock = new SessionClock(time, jump => Seal(() => jump));
        chain = new Chain(options.Folder, clock, appended);
        watcher = new StopWatcher(clock);
        frames = new FrameRecorder(options.Folder, screen.FramesPerSecond, clock, watcher, Seal);
        capture = new Capture(options, screen, clock, time, captured);
    }

    /// <summary>The session's id.</summary>
    public DepositId Session { get; }

    /// <summary>What is recorded.</summary>
    public Screen Screen { get; }

    /// <summary>Completes when the first frame is in the folder; never, when recording breaks before.</summary>
    public Task FirstFrame => frames.First;

    /// <summary>Fails when recording cannot go on: whoever waits for it then closes.</summary>
    public Task Broken => broken.Task;

    /// <summary>Begins: the first link is durable, the encoder runs.</summary>
    /// <param name="options">What and where.</param>
    /// <param name="time">The wall's time, and timestamps that nobody can set: <see cref="BootTime"/>.</param>
    /// <param name="appended">Told of every link once it is durable, in their order.</param>
    /// <param name="cancel">Only of the beginning.</param>
    /// <exception cref="IOException">The folder holds a session, or cannot be written; or the display cannot be opened.</exception>
    public static async Task<ScreenRecording> StartAsync(RecordingOptions options, TimeProvider time, Action<Appended> appended, CancellationToken cancel)
    {
        if (Directory.Exists(options.Folder) && Directory.EnumerateFileSystemEntries(options.Folder).Any())
            throw new IOException($"the folder is not empty: one folder, one session");

        Directory.CreateDirectory(Path.Combine(options.Folder, "segments"));
        var screen = await options.Screen.SizeAsync(options.FramesPerSecond, cancel);
        var tools = await Tools.VersionsAsync(options, cancel);
        var started = new ScreenRecording(options, screen, time, appended);
        await started.OpenAsync(tools);
        return started;
    }

    /// <summary>Appends a link that needs no file of its own.</summary>
    /// <returns>The link, durable.</returns>
    public Task<Appended> SealAsync(LinkBody body) => chain.AppendAsync(() => body);

    /// <summary>Writes the report into the folder and seals it.</summary>
    public Task<Appended> SealAsync(CleanlinessReport report) => chain.AppendAsync(
        () => new LinkBody.Cleanliness(Write(ForensicsFormat.Cleanliness, report.ToBytes()), report.Clean));

    /// <summary>Seals a file that is complete in the folder, and makes it durable.</summary>
    /// <param name="name">As the user knows it.</param>
    /// <param name="path">In the folder, under files/.</param>
    /// <param name="origin">Whence.</param>
    /// <param name="address">Whence exactly.</param>
    public Task<Appended> SealFileAsync(string name, string path, FileOrigin origin, string? address) => chain.AppendAsync(
        () => new LinkBody.File(name, new NamedPart(path, Measure(path)), origin, address));

    /// <summary>Seals a captured page whose files are complete in the folder, and makes them durable.</summary>
    /// <param name="number">Of the capture.</param>
    /// <param name="address">Of the page.</param>
    /// <param name="files">In the capture's folder.</param>
    public Task<Appended> SealCaptureAsync(long number, string address, IReadOnlyList<string> files) => chain.AppendAsync(
        () => new LinkBody.Capture(number, address, [.. files.Select(f => CaptureFormat.File(number, f)).Select(path => new NamedPart(path, Measure(path)))]));

    /// <summary>Seals a note with a picture of the newest frame, decoded from the recording itself.</summary>
    public async Task<Appended> MarkAsync(string note, CancellationToken cancel)
    {
        if (frames.Newest is not (>= 0 and var segment, var count))
            return await SealAsync(new LinkBody.Mark(note, null));

        var name = $"{Interlocked.Increment(ref pictures):D4}.png";
        var path = ForensicsFormat.Picture(name);
        Directory.CreateDirectory(InFolder("marks"));
        byte[] picture;
        try
        {
            picture = await Tools.PictureAsync(InFolder(ForensicsFormat.Video(segment)), count - 1, cancel);
        }
        catch (IOException)
        {
            // The moment matters, and the recording shows it.
            return await SealAsync(new LinkBody.Mark(note, null));
        }

        return await chain.AppendAsync(() => new LinkBody.Mark(note, new NamedPart(name, Write(path, picture))));
    }

    /// <summary>Adds an event: to the open segment, or to the next.</summary>
    /// <param name="type">Such as <c>address</c>.</param>
    /// <param name="members">Of that type; at, elapsed and type are added.</param>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>: no reader would take it.</exception>
    public void Emit(string type, JsonObject members)
    {
        var line = EventLine.Write(clock.Now(), type, members);
        try
        {
            frames.Event(line);
        }
        catch (IOException e)
        {
            Break(e);
        }
    }

    /// <summary>Ends: seals the last segment, says how it ended, and forgets the key.</summary>
    /// <returns>The reason that was written: <see cref="CloseReason.Broken"/> whatever was asked for, when recording had failed.</returns>
    /// <exception cref="IOException">The last link could not be written: the folder is broken off.</exception>
    public async Task<CloseReason> CloseAsync(CloseReason reason)
    {
        if (Interlocked.Exchange(ref closing, 1) == 1)
            throw new InvalidOperationException("the session is closed already");

        await StopAsync();
        await chain.AppendAsync(() =>
        {
            // Everything before it is appended, or has failed, by now.
            reason = broken.Task.IsCompleted ? CloseReason.Broken : reason;
            return new LinkBody.Close(reason, chain.Segments, chain.Frames, chain.Gaps);
        });
        return reason;
    }

    /// <summary>Ends without a close where there was none: the folder is broken off.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref closing, 1) == 0)
            await StopAsync();

        await chain.DisposeAsync();
        frames.Dispose();
        ending.Dispose();
    }

    private async Task OpenAsync(IReadOnlyDictionary<string, string> tools)
    {
        await SealAsync(new LinkBody.Open(Session, chain.PublicKey, Screen, string.Join(' ', capture.Arguments), tools));
        recording = RecordAsync();
        around = Task.WhenAll(options.Sources.Select(source => TellAsync(source)).Append(LookAsync()));
    }

    private async Task StopAsync()
    {
        await ending.CancelAsync();
        await around;
        await capture.StopAsync();
        await recording;
    }

    private async Task RecordAsync()
    {
        var capturing = CaptureAsync();
        try
        {
            await frames.RunAsync(captured.Reader);
        }
        catch (Exception e)
        {
            Break(e);
            await capture.StopAsync();
            await foreach (var _ in captured.Reader.ReadAllAsync()) // Nobody takes them any more, and the encoder must not wait for that.
            {
            }
        }

        await capturing;
    }

    private async Task CaptureAsync()
    {
        try
        {
            await capture.RunAsync();
        }
        catch (Exception e)
        {
            Break(e);
        }
        finally
        {
            captured.Writer.Complete();
        }
    }

    /// <summary>Looks at the encoder, and at the clocks even while no frame comes.</summary>
    private async Task LookAsync()
    {
        using var timer = new PeriodicTimer(StopWatcher.Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(ending.Token))
                watcher.Look(capture.Look());
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task TellAsync(IEventSource source)
    {
        while (!ending.IsCancellationRequested)
        {
            try
            {
                Emit("source", new JsonObject { ["name"] = source.Name, ["running"] = true });
                await source.RunAsync(Emit, ending.Token);
                throw new IOException("it ended");
            }
            catch (Exception e)
            {
                // Also at the session's end: from here on nothing more is told.
                var why = ending.IsCancellationRequested ? "the session ends" : e.Message;
                Emit("source", new JsonObject { ["name"] = source.Name, ["running"] = false, ["why"] = why });
            }

            await Task.Delay(SourcePause, time, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async void Seal(Func<LinkBody> body)
    {
        try
        {
            await chain.AppendAsync(body);
        }
        catch (Exception e)
        {
            Break(e);
        }
    }

    private void Break(Exception e) => broken.TrySetException(e);

    private string InFolder(string path) => Path.Combine(options.Folder, path);

    private Part Write(string path, ReadOnlySpan<byte> content)
    {
        using var file = new Appender(InFolder(path));
        file.Append(content);
        file.Sync();
        Posix.SyncFolder(Path.GetDirectoryName(InFolder(path))!);
        return file.Part();
    }

    private Part Measure(string path)
    {
        // To write, too: Windows makes nothing durable that is open to be read alone.
        using var file = File.OpenHandle(InFolder(path), FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(file);
        Posix.SyncFolder(Path.GetDirectoryName(InFolder(path))!);
        using var stream = new FileStream(file, FileAccess.Read);
        return new Part(stream.Length, new Digest(SHA256.HashData(stream)));
    }
}
