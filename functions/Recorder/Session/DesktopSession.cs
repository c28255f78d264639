using Notary.Recorder.Captures;
using Notary.Recorder.Cleanliness;
using Notary.Recorder.Desktop;
using Notary.Recorder.Recording;
using Notary.Recorder.Recording.Sources;
using Notary.Recorder.View;

namespace Notary.Recorder.Session;

/// <summary>A session from the desktop's start to its end: 1 desktop, 2 recording, 3 browser, 4 measured and sealed, 5 page, 6 input and view, 7 end.</summary>
/// <remarks>Input is connected only after the link that says so, and that only after a clean report's. The desktop ends before the recording does.</remarks>
internal sealed class DesktopSession(SessionOptions options, Terminal terminal, BootTime clock) : IHeldSession
{
    /// <summary>How long the first segment may take: its four seconds, on a machine that has much else to do.</summary>
    private static readonly TimeSpan FirstSegment = TimeSpan.FromMinutes(2);

    /// <summary>How often the rests of time are looked at.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource sealedSegment = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<Download> downloads = Channel.CreateBounded<Download>(Downloads.Most);
    private int files;
    private LocalDesktop desktop = null!;
    private ScreenRecording recording = null!;
    private ViewGate? gate;
    private Task taking = Task.CompletedTask;
    private CaptureQueue? captures;

    /// <summary>Steps 1 to 5.</summary>
    /// <returns>Whether the desktop was clean and may be its user's.</returns>
    /// <exception cref="IOException">This machine cannot, or the folder is not empty.</exception>
    public async Task<bool> StartAsync(CancellationToken cancel)
    {
        // 1
        await LocalDesktop.SweepAsync(cancel);
        desktop = await LocalDesktop.PrepareAsync(new DesktopOptions
        {
            Session = options.Session ?? DepositId.New(clock),
            Allow = options.Allow,
            Resolver = options.Resolver,
            Uplink = options.Uplink,
        }, cancel);
        // 2
        var recorded = new RecordingOptions(desktop.Display, options.Folder)
        {
            Session = desktop.Options.Session,
            Authority = desktop.Authority,
            FramesPerSecond = options.FramesPerSecond,
        };
        recording = await ScreenRecording.StartAsync(recorded with
        {
            Sources =
            [
                new InputSource(recorded.Environment), new WindowSource(recorded.Environment),
                new ProcessSource(desktop.Sandbox.Init, clock), new ConnectionSource(desktop.Sandbox.Init, clock),
            ],
        }, clock, Appended, cancel);
        // 3
        desktop.Happened += Emit;
        desktop.Downloaded += download => downloads.Writer.TryWrite(download);
        await desktop.StartBrowserAsync(cancel);
        captures = new CaptureQueue(desktop.Captures(options.Vantage, clock), recording, options.Folder);
        taking = new Downloads(desktop, recording, options.Folder, NextFile).TakeAsync(downloads.Reader);
        // 4
        if (!await MeasureAsync(cancel))
            return false;

        // 5
        await desktop.OpenAsync(options.Page, cancel);
        return true;
    }

    /// <summary>Step 6.</summary>
    public async Task ConnectAsync(CancellationToken cancel)
    {
        gate = await ViewGate.StartAsync(desktop.ViewSocket, options.Port, options.View, clock);
        await recording.SealAsync(new LinkBody.Input(true));
        await desktop.ConnectInputAsync(true, cancel);
        gate.Connected = true;

        // Who says when input is connected also asks for links: one more would end the one that he has just been given.
        if (!options.AwaitInput)
            Link();
    }

    /// <summary>Prints a link to the view; the one before counts no more.</summary>
    public void Link() => terminal.Output.WriteLine(new JsonObject { ["kind"] = "view", ["link"] = gate!.NewLink().ToString() }.ToJsonString());

    /// <summary>Has the page captured that the browser shows; its link says when it is.</summary>
    public void Capture() => captures!.Ask();

    /// <summary>Seals a file that was brought in, and says so.</summary>
    public async Task UploadAsync(string file, string name, CancellationToken cancel)
    {
        var said = await new Uploads(desktop, recording, options.Folder).TakeAsync(file, name, NextFile(), cancel);
        terminal.Output.WriteLine(said.ToJsonString());
    }

    public Task MarkAsync(string note, CancellationToken cancel) => recording.MarkAsync(note, cancel);

    // Files of both origins have one row of numbers.
    private string NextFile() => string.Create(CultureInfo.InvariantCulture, $"files/{Interlocked.Increment(ref files):D4}");

    /// <summary>Waits until the session ends by itself.</summary>
    /// <returns>Why.</returns>
    public async Task<CloseReason> EndedAsync(CancellationToken cancel)
    {
        var (began, last, inputs) = (clock.GetTimestamp(), clock.GetTimestamp(), 0L);
        using var timer = new PeriodicTimer(Look, clock);
        var ended = await Task.WhenAny(desktop.Ended, recording.Broken, LookAsync());
        return ended == desktop.Ended ? CloseReason.Exit : ended == recording.Broken ? CloseReason.Broken : await (Task<CloseReason>)ended;

        async Task<CloseReason> LookAsync()
        {
            while (await timer.WaitForNextTickAsync(cancel))
            {
                if (gate!.Inputs != inputs)
                    (inputs, last) = (gate.Inputs, clock.GetTimestamp());

                if (clock.GetElapsedTime(began) >= options.Longest)
                    return CloseReason.Longest;

                if (clock.GetElapsedTime(last) >= options.Idle)
                    return CloseReason.Idle;
            }

            return CloseReason.Aborted;
        }
    }

    /// <summary>Step 7: input away, view shut, files taken, desktop gone, recording sealed.</summary>
    /// <returns>The reason that was written.</returns>
    public async Task<CloseReason> CloseAsync(CloseReason reason)
    {
        if (gate is { } open)
        {
            open.Connected = false;
            gate = null;
            await open.DisposeAsync();
            if (!recording.Broken.IsCompleted)
                await recording.SealAsync(new LinkBody.Input(false));
        }

        downloads.Writer.TryComplete();
        await taking;
        await captures!.Done;
        await desktop.EndBrowserAsync();
        return await recording.CloseAsync(reason);
    }

    public async ValueTask DisposeAsync()
    {
        downloads.Writer.TryComplete();
        if (gate is not null)
            await gate.DisposeAsync();

        if (recording is not null)
            await recording.DisposeAsync();

        if (desktop is not null)
            await desktop.DisposeAsync();

        await taking;
        await (captures?.Done ?? Task.CompletedTask);
    }

    private async Task<bool> MeasureAsync(CancellationToken cancel)
    {
        using var http = new HttpClient();
        var settings = new CleanlinessSettings
        {
            Authorities = options.Authorities,
            Recorder = RecorderAsync,
            Names = [options.Page.Host],
            Image = options.Image,
            Site = options.Probe,
            SiteRoots = options.ProbeRoots,
        };
        var report = await new Measurement(desktop, settings, http, clock).MeasureAsync(cancel);
        await recording.SealAsync(report);
        if (!report.Clean)
            await terminal.Error.WriteLineAsync("notary-recorder: the desktop is not clean: "
                + string.Join("; ", report.Checks.Where(c => c.Verdict != CheckVerdict.Pass).Select(c => c.Name)));

        return report.Clean;
    }

    private async Task<string> RecorderAsync(CancellationToken cancel)
    {
        await Task.WhenAny(sealedSegment.Task, recording.Broken, Task.Delay(FirstSegment, clock, cancel));
        return recording.Broken.IsCompleted ? "not recording" : sealedSegment.Task.IsCompleted ? CleanlinessSettings.Recording : "no frame sealed";
    }

    private void Appended(Appended link)
    {
        RecordCommand.Print(terminal, link);
        if (link.Link.Body is LinkBody.Segment)
            sealedSegment.TrySetResult();
    }

    private void Emit(DesktopEvent happened)
    {
        try
        {
            recording.Emit(happened.Type, happened.Members);
        }
        catch (FaultException)
        {
            // A page chose an address or a title that no event can hold: it stands on the screen.
        }
    }
}
