using Notary.Servers.Wine;
using Notary.Verification;
using Notary.Verification.Forensics;

namespace Notary.Recorder.Tests.Windows;

/// <summary>Recordings by the recorder for Windows, of a real desktop of Wine, judged by the verifier that a stranger would use.</summary>
[TestClass]
public sealed class WindowsRecordTests
{
    private static readonly string Root = Directory.CreateTempSubdirectory("notary-recorder-windows").FullName;

    private static Desk desk = null!;

    private static WinePrefix windows = null!;

    private static string programs = null!;

    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Cancel => TestContext.CancellationToken;

    private string Folder => Path.Combine(Root, TestContext.TestName!);

    [ClassInitialize]
    public static async Task StartAsync(TestContext context)
    {
        desk = await Desk.StartAsync(Root);
        windows = await WinePrefix.StartAsync(desk.Display, desk.Authority, context.CancellationToken);
        programs = await WindowsRecorder.FolderAsync(context.CancellationToken);
    }

    [ClassCleanup]
    public static async Task StopAsync()
    {
        await windows.DisposeAsync();
        await desk.DisposeAsync();
        Directory.Delete(Root, recursive: true);
    }

    [TestMethod]
    public async Task A_recording_of_Windows_is_whole_and_tells_what_happened()
    {
        await using var recorder = await RecordAsync();
        await recorder.LinksAsync("segment", 1, Cancel);
        using var notepad = windows.Start("wine", "notepad");
        await EventAsync("window", e => (string)e["application"]! == "notepad.exe");
        var (x, y) = await desk.MiddleAsync("Untitled - Notepad", Cancel);
        using (await desk.UseAsync(x, y, Cancel))
            await EventAsync("key", e => !(bool)e["down"]!);

        await recorder.TellAsync("mark this matters “动”");
        await recorder.LinksAsync("mark", 1, Cancel);
        notepad.Kill();
        await EventAsync("process", e => e.ContainsKey("ended") && ((string)e["command"]!).EndsWith("\\notepad.exe", StringComparison.Ordinal));
        await recorder.TellAsync("close idle");
        var (code, complaint) = await recorder.EndAsync(Cancel);
        Assert.AreEqual(0, code, complaint);

        var recorded = new Recorded(Folder);
        recorded.JudgeWhole();
        Assert.AreEqual(CloseReason.Idle, recorded.Of<LinkBody.Close>().Single().Reason);
        var mark = recorded.Of<LinkBody.Mark>().Single();
        Assert.AreEqual(("this matters “动”", "0001.png"), (mark.Note, mark.Picture?.Name));
        Assert.AreEqual(new Screen(1280, 800, 10), recorded.Of<LinkBody.Open>().Single().Screen);
        StringAssert.Contains(recorded.Of<LinkBody.Open>().Single().Encoder, "gdigrab");
        Assert.IsTrue(recorded.Events("window").Any(e => ((string)e["title"]!).EndsWith("Notepad", StringComparison.Ordinal)));
        var presses = recorded.Events("pointer").Where(e => e.ContainsKey("button")).ToList();
        CollectionAssert.AreEqual(new[] { $"{x} {y} 1 true", $"{x} {y} 1 false" },
            presses.Select(e => $"{e["x"]} {e["y"]} {e["button"]} {e["down"]}").ToList());
        CollectionAssert.AreEqual(new[] { true, false }, recorded.Events("key").Select(e => (bool)e["down"]!).ToList());
        Assert.IsTrue(recorded.Events("key").All(e => e.Select(m => m.Key).ToHashSet().SetEquals(["type", "at", "elapsed", "down"])));
    }

    [TestMethod]
    public async Task What_is_held_killed_or_broken_off_on_Windows_shows_as_what_it_was()
    {
        await using (var recorder = await RecordAsync())
        {
            await recorder.LinksAsync("segment", 1, Cancel);
            var encoder = await ProcessAsync("gdigrab");
            await RecorderProcess.SignalAsync(encoder, "STOP");
            // The one thing that is done for a time: it is what is measured.
            await Task.Delay(TimeSpan.FromSeconds(3), Cancel);
            await RecorderProcess.SignalAsync(encoder, "CONT");
            await recorder.LinksAsync("gap", 1, Cancel);
            await recorder.LinksAsync("segment", recorder.Kinds.Count(k => k == "segment") + 1, Cancel);
            await RecorderProcess.SignalAsync(encoder, "KILL");
            await recorder.LinksAsync("segment", recorder.Kinds.Count(k => k == "segment") + 3, Cancel);
            Assert.AreNotEqual(encoder, await ProcessAsync("gdigrab"));
            await recorder.SignalAsync("KILL");
            await recorder.EndAsync(Cancel);
        }

        // Nothing that it started outlives it.
        while (windows.Processes("gdigrab").Count + windows.Processes("notary-recorder").Count > 0)
            await Task.Delay(50, Cancel);

        var recorded = new Recorded(Folder);
        var report = recorded.Judge();
        Assert.IsFalse(report.Findings.Any(f => f.Mark == Mark.Fail), string.Join('\n', report.Findings));
        Assert.AreEqual("broken-off", report.Findings.Single(f => f.Rung == ForensicsRung.Close).Code);
        var gaps = recorded.Of<LinkBody.Gap>().ToList();
        Assert.IsTrue(gaps.Any(g => g.Reason is GapReason.FramesDropped or GapReason.Paused && g.Length > 2 * ForensicsFormat.Second), string.Join(' ', gaps));
        Assert.HasCount(1, gaps.Where(g => g.Reason == GapReason.Restarted).ToList());
    }

    private Task<RecorderProcess> RecordAsync()
        => RecorderProcess.StartAsync(windows, programs, "record", "--display", "desktop", "--out", WinePrefix.There(Folder));

    private async Task<int> ProcessAsync(string part)
    {
        while (true)
        {
            if (windows.Processes(part) is [var id, ..])
                return id;

            await Task.Delay(50, Cancel);
        }
    }

    private async Task EventAsync(string type, Func<JsonObject, bool> wanted)
    {
        while (!Directory.EnumerateFiles(Path.Combine(Folder, "segments"), "*.events").SelectMany(Lines)
            .Select(line => JsonNode.Parse(line)!.AsObject()).Any(e => (string)e["type"]! == type && wanted(e)))
            await Task.Delay(50, Cancel);
    }

    // Whole ones, of a file that grows.
    private static IEnumerable<string> Lines(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return new StreamReader(file).ReadToEnd().Split('\n')[..^1];
    }
}
