using System.Globalization;
using Notary.Verification;
using Notary.Verification.Forensics;

namespace Notary.Recorder.Tests;

/// <summary>Recordings of a real screen, judged by the verifier that a stranger would use.</summary>
[TestClass]
public sealed class RecordTests
{
    private static readonly string Root = Directory.CreateTempSubdirectory("notary-recorder").FullName;

    private static Desk desk = null!;

    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Cancel => TestContext.CancellationToken;

    private string Folder => Path.Combine(Root, TestContext.TestName!);

    [ClassInitialize]
    public static async Task StartAsync(TestContext context) => desk = await Desk.StartAsync(Root);

    [ClassCleanup]
    public static async Task StopAsync()
    {
        await desk.DisposeAsync();
        Directory.Delete(Root, recursive: true);
    }

    [TestMethod]
    public async Task A_recording_is_whole_and_tells_what_happened()
    {
        await using var recorder = await RecordAsync("--processes-below", $"{Environment.ProcessId}", "--network-of", $"{Environment.ProcessId}");
        await recorder.LinksAsync("segment", 1, Cancel);
        using (await desk.UseAsync(700, 500, Cancel))
        {
            using var program = Process.Start("sleep", "987.5");
            await recorder.TellAsync("mark this matters “动”");
            await recorder.LinksAsync("mark", 1, Cancel);
            await recorder.LinksAsync("segment", 3, Cancel);
            program.Kill();
        }

        await recorder.TellAsync("nonsense");
        await recorder.TellAsync("close idle");
        var (code, complaint) = await recorder.EndAsync(Cancel);
        Assert.AreEqual(0, code, complaint);
        StringAssert.Contains(complaint, "not understood");

        var recorded = new Recorded(Folder);
        var report = recorded.JudgeWhole();
        Assert.AreEqual(CloseReason.Idle, recorded.Of<LinkBody.Close>().Single().Reason);
        Assert.AreEqual("this matters “动”", recorded.Of<LinkBody.Mark>().Single().Note);
        Assert.IsGreaterThanOrEqualTo(3, report.Segments);
        Assert.AreEqual(new Screen(1280, 800, 10), recorded.Of<LinkBody.Open>().Single().Screen);

        // Another program finds the same frames in the video.
        foreach (var segment in recorded.Segments)
        {
            var video = Path.Combine(Folder, ForensicsFormat.Video(segment.Number));
            var hashes = await FfmpegAsync("ffmpeg", "-i", video, "-map", "0:v", "-c", "copy", "-f", "framehash", "-hash", "sha256", "-");
            CollectionAssert.AreEqual(recorded.Frames(segment.Number).Select(f => f[3]).ToList(),
                hashes.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l[0] != '#').Select(l => l.Split(',')[^1].Trim()).ToList());
        }

        // The picture is of the whole screen.
        var sizes = await FfmpegAsync("ffprobe", "-show_entries", "stream=width,height", "-of", "csv=p=0", Path.Combine(Folder, "marks", "0001.png"));
        Assert.AreEqual("1280,800", sizes.Trim());

        Assert.IsTrue(recorded.Events("window").Any(e => (string)e["title"]! == Desk.Title && (string)e["application"]! == "ffplay"));
        var presses = recorded.Events("pointer").Where(e => e.ContainsKey("button")).ToList();
        CollectionAssert.AreEqual(new[] { "700 500 1 true", "700 500 1 false" }, presses.Select(e => $"{e["x"]} {e["y"]} {e["button"]} {e["down"]}").ToList());
        CollectionAssert.AreEqual(new[] { true, false }, recorded.Events("key").Select(e => (bool)e["down"]!).ToList());
        var process = recorded.Events("process").Where(e => (string)e["command"]! == "sleep 987.5").ToList();
        Assert.IsTrue((bool)process[0]["started"]!);
        Assert.IsTrue(recorded.Events("connection").Any(e => $"{e["address"]} {e["port"]} {e["status"]}" == $"127.0.0.1 {desk.Port} open"));

        // And a changed byte is found where it is.
        var changed = Path.Combine(Folder, ForensicsFormat.Video(1));
        var bytes = await File.ReadAllBytesAsync(changed, Cancel);
        bytes[^100] ^= 1;
        await File.WriteAllBytesAsync(changed, bytes, Cancel);
        Assert.AreEqual(1, recorded.Judge().Findings.First(f => f.Mark == Mark.Fail).Place.Segment);
    }

    [TestMethod]
    public async Task Whatever_stops_shows_as_a_gap_of_its_length()
    {
        await using var recorder = await RecordAsync();
        await recorder.LinksAsync("segment", 1, Cancel);
        var encoder = await recorder.EncoderAsync(Cancel);
        await HoldAsync(signal => RecorderProcess.SignalAsync(encoder, signal));
        await recorder.LinksAsync("gap", 1, Cancel);
        await recorder.LinksAsync("segment", 2, Cancel);
        await HoldAsync(recorder.SignalAsync);
        await recorder.LinksAsync("segment", 3, Cancel);
        await RecorderProcess.SignalAsync(encoder, "KILL");
        await recorder.LinksAsync("segment", 5, Cancel);
        Assert.AreNotEqual(encoder, await recorder.EncoderAsync(Cancel));
        await recorder.TellAsync("close exit");
        Assert.AreEqual(0, (await recorder.EndAsync(Cancel)).Code);

        var recorded = new Recorded(Folder);
        recorded.JudgeWhole();
        var times = recorded.Times;
        var gaps = recorded.Of<LinkBody.Gap>().ToList();
        foreach (var gap in gaps)
            Assert.AreEqual(gap.To, times[times.ToList().IndexOf(gap.From) + 1]);

        // On a busy machine frames may be late besides; what was held for three seconds is called by its name.
        var long2 = gaps.Where(g => g.Reason == GapReason.Paused && g.Length > 2 * ForensicsFormat.Second).ToList();
        Assert.HasCount(2, long2, string.Join(' ', gaps));
        Assert.HasCount(1, gaps.Where(g => g.Reason == GapReason.Restarted).ToList());
    }

    [TestMethod]
    public async Task A_killed_recorder_leaves_every_whole_frame_and_no_program()
    {
        int encoder;
        await using (var recorder = await RecordAsync())
        {
            await recorder.LinksAsync("segment", 1, Cancel);
            encoder = await recorder.EncoderAsync(Cancel);
            var open = Path.Combine(Folder, ForensicsFormat.FrameList(1));
            while (!File.Exists(open) || File.ReadAllLines(open).Length < 5)
                await Task.Delay(50, Cancel);

            await recorder.SignalAsync("KILL");
            await recorder.EndAsync(Cancel);
        }

        while (Directory.Exists($"/proc/{encoder}"))
            await Task.Delay(50, Cancel);

        var recorded = new Recorded(Folder);
        var report = recorded.Judge();
        Assert.IsFalse(report.Findings.Any(f => f.Mark == Mark.Fail), string.Join('\n', report.Findings));
        Assert.AreEqual("broken-off", report.Findings.Single(f => f.Rung == ForensicsRung.Close).Code);

        // The open segment: what its list names is in the video, whole.
        await using var video = File.OpenRead(Path.Combine(Folder, ForensicsFormat.Video(recorded.Segments.Count)));
        var reader = new FragmentReader(video);
        Assert.IsNotNull(await reader.ReadHeadAsync(Cancel));
        foreach (var frame in recorded.Frames(recorded.Segments.Count))
            Assert.AreEqual(frame[3], Digest.Of((await reader.ReadAsync(Cancel))!.Value.Sample.Span).ToString());
    }

    [TestMethod]
    public async Task A_clock_that_is_set_and_a_source_that_is_lost_are_told()
    {
        var clock = new MovedClock();
        var links = new List<Appended>();
        await using var recording = await ScreenRecording.StartAsync(Options() with { Sources = [new Lost()] }, clock, links.Add, Cancel);
        await recording.FirstFrame;
        clock.Moved = TimeSpan.FromSeconds(-7);
        while (!links.ToArray().Any(l => l.Link.Body is LinkBody.Gap { Reason: GapReason.ClockJump }))
            await Task.Delay(50, Cancel);

        await recording.SealAsync(new CleanlinessReport(recording.Session, clock.GetUtcNow(), [new("display", "its own", "its own", CheckVerdict.Pass)]));
        await recording.SealAsync(new LinkBody.Input(true));
        Directory.CreateDirectory(Path.Combine(Folder, "files"));
        await File.WriteAllTextAsync(Path.Combine(Folder, "files", "0001"), "brought in", Cancel);
        await recording.SealFileAsync("brought.txt", "files/0001", FileOrigin.Upload, null);
        Assert.AreEqual(CloseReason.Longest, await recording.CloseAsync(CloseReason.Longest));
        await Assert.ThrowsExactlyAsync<InvalidOperationException>(() => recording.SealAsync(new LinkBody.Input(false)));

        var recorded = new Recorded(Folder);
        recorded.JudgeWhole();
        Assert.AreEqual(-7.0, recorded.Of<LinkBody.Gap>().Single(g => g.Reason == GapReason.ClockJump).Length / 1e6, 0.5);
        var lost = recorded.Events("source").First(e => !(bool)e["running"]!);
        Assert.AreEqual("nothing more to tell", (string)lost["why"]!);
    }

    [TestMethod]
    public async Task A_folder_that_cannot_be_written_any_more_ends_the_session_as_broken()
    {
        await using var recorder = await RecordAsync();
        await recorder.LinksAsync("segment", 1, Cancel);
        Directory.Move(Path.Combine(Folder, "segments"), Path.Combine(Folder, "away"));
        var (code, complaint) = await recorder.EndAsync(Cancel);
        Assert.AreEqual(1, code);
        StringAssert.Contains(complaint, "segments");
        Directory.Move(Path.Combine(Folder, "away"), Path.Combine(Folder, "segments"));
        var recorded = new Recorded(Folder);
        Assert.AreEqual(CloseReason.Broken, recorded.Of<LinkBody.Close>().Single().Reason);
        Assert.AreEqual("", string.Join('\n', recorded.Judge().Findings.Where(f => f.Mark == Mark.Fail)));
    }

    [TestMethod]
    [DataRow("the folder is not empty: one folder, one session", "--display", "{display}", "--out", "{root}")]
    [DataRow("unable to open display", "--display", ":54321", "--out", "{folder}")]
    [DataRow("--frames is a whole number from 1 to 60", "--display", "{display}", "--out", "{folder}", "--frames", "61")]
    [DataRow("--out", "--display", "{display}")]
    public async Task A_wrong_call_is_a_sentence(string says, params string[] arguments)
    {
        await using var recorder = await RecorderProcess.StartAsync(["record", "--xauthority", desk.Authority, .. arguments
            .Select(a => a.Replace("{display}", desk.Display, StringComparison.Ordinal).Replace("{root}", Root, StringComparison.Ordinal)
                .Replace("{folder}", Folder, StringComparison.Ordinal))]);
        var (code, complaint) = await recorder.EndAsync(Cancel);
        Assert.AreEqual(2, code, complaint);
        StringAssert.Contains(complaint, says);
        Assert.HasCount(1, complaint.TrimEnd().Split('\n'));
    }

    private RecordingOptions Options() => new(desk.Display, Folder) { Authority = desk.Authority };

    private Task<RecorderProcess> RecordAsync(params string[] more)
        => RecorderProcess.StartAsync(["record", "--display", desk.Display, "--xauthority", desk.Authority, "--out", Folder, .. more]);

    // The one thing that is done for a time: it is what is measured.
    private async Task HoldAsync(Func<string, Task> signal)
    {
        await signal("STOP");
        await Task.Delay(TimeSpan.FromSeconds(3), Cancel);
        await signal("CONT");
    }

    private Task<string> FfmpegAsync(string program, params string[] arguments)
        => Child.RunAsync(program, ["-v", "error", .. arguments], new Dictionary<string, string>(), Cancel);

    private sealed class MovedClock : BootTime
    {
        public TimeSpan Moved { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Moved;
    }

    private sealed class Lost : IEventSource
    {
        public string Name => "lost";

        public Task RunAsync(Action<string, JsonObject> emit, CancellationToken cancel) => throw new IOException("nothing more to tell");
    }
}
