using System.Runtime.Versioning;
using System.Security.Principal;
using Notary.Recorder.Cleanliness;
using Notary.Recorder.Recording;
using Notary.Recorder.Session;

namespace Notary.Recorder.Windows;

/// <summary>A session on a machine that is its desktop, which its user comes to by himself: 1 he has logged on, input held back, 2 recording, 3 measured and
/// sealed, 4 page, 5 input, 6 end. One machine, one session: the machine is deleted after it.</summary>
/// <remarks>There is no view: he sees the desktop by Azure's own client. There are no captures.</remarks>
[SupportedOSPlatform("windows")]
internal sealed class WindowsSession(SessionOptions options, Terminal terminal, BootTime clock) : IHeldSession
{
    /// <summary>How long the first segment may take: its four seconds, on a machine that has much else to do.</summary>
    private static readonly TimeSpan FirstSegment = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource sealedSegment = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private UserSession user = null!;
    private WatchSource watch = null!;
    private ScreenRecording recording = null!;
    private UserFiles files = null!;
    private bool connected;

    public async Task<bool> StartAsync(CancellationToken cancel)
    {
        // 1
        user = await UserSession.WaitAsync(options.Longest, clock, cancel);
        watch = new WatchSource(user, connected: false);
        // 2
        recording = await ScreenRecording.StartAsync(new RecordingOptions("desktop", options.Folder)
        {
            Session = options.Session ?? DepositId.New(clock),
            FramesPerSecond = options.FramesPerSecond,
            Sources = [watch, new SessionProcessSource(user, clock), new SocketSource(clock)],
        }, clock, Appended, cancel);
        files = new UserFiles(user, recording, options.Folder);
        // 3
        if (!await MeasureAsync(cancel))
            return false;

        // 4
        if (MachineLooks.BrowserProgram() is { } browser)
            user.StartAsUser(browser, [options.Page.AbsoluteUri]);

        return true;
    }

    public async Task ConnectAsync(CancellationToken cancel)
    {
        await recording.SealAsync(new LinkBody.Input(true));
        connected = true;
        watch.Connect(true);
    }

    public void Link() => terminal.Error.WriteLine("notary-recorder: this desktop has no view: its user comes by Azure's client");

    public void Capture() => recording.Emit("capture", new JsonObject { ["failed"] = "pages are not captured on Windows" });

    public async Task UploadAsync(string file, string name, CancellationToken cancel)
        => await terminal.Output.WriteLineAsync((await files.UploadAsync(file, name, cancel)).ToJsonString());

    public Task MarkAsync(string note, CancellationToken cancel) => recording.MarkAsync(note, cancel);

    public async Task<CloseReason> EndedAsync(CancellationToken cancel)
    {
        var (began, last, inputs) = (clock.GetTimestamp(), clock.GetTimestamp(), watch.Inputs);
        using var timer = new PeriodicTimer(Look, clock);
        while (await timer.WaitForNextTickAsync(cancel))
        {
            if (recording.Broken.IsCompleted)
                return CloseReason.Broken;

            if (!user.IsThere)
                return CloseReason.Exit;

            await files.TakeAsync(cancel);
            if (watch.Inputs != inputs)
                (inputs, last) = (watch.Inputs, clock.GetTimestamp());

            if (clock.GetElapsedTime(began) >= options.Longest)
                return CloseReason.Longest;

            if (clock.GetElapsedTime(last) >= options.Idle)
                return CloseReason.Idle;
        }

        return CloseReason.Aborted;
    }

    public async Task<CloseReason> CloseAsync(CloseReason reason)
    {
        if (connected)
        {
            watch.Connect(false);
            if (!recording.Broken.IsCompleted)
            {
                await recording.SealAsync(new LinkBody.Input(false));
                await files.TakeAsync(CancellationToken.None);
            }
        }

        return await recording.CloseAsync(reason);
    }

    public async ValueTask DisposeAsync()
    {
        if (recording is not null)
            await recording.DisposeAsync();
    }

    private async Task<bool> MeasureAsync(CancellationToken cancel)
    {
        using var http = new HttpClient();
        var settings = new CleanlinessSettings { Authorities = options.Authorities, Recorder = RecorderAsync };
        var checks = new List<CleanlinessCheck>();
        // Input is held back only when the watcher says so: waited for here, so that no check before it can be touched.
        foreach (var probe in (IEnumerable<Probe>)[new("recorder", CleanlinessSettings.Recording, RecorderAsync),
            .. new WindowsProbes(user, watch, options.Image).All, .. new ClockProbes(settings, http, clock).All])
            checks.Add(await probe.RunAsync(cancel));

        var report = new CleanlinessReport(recording.Session, clock.GetUtcNow(), checks);
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
}
