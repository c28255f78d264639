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
        // A copy: its list of the image stands beside it.
        programs = Path.Combine(Root, "recorder");
        await Child.RunAsync("cp", ["-a", await WindowsRecorder.FolderAsync(context.CancellationToken), programs], new Dictionary<string, string>(),
            context.CancellationToken);
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

    [TestMethod]
    public async Task A_session_on_Windows_is_measured_before_its_user_and_refused_when_it_is_dirty()
    {
        // An image: what is told to be its browser, what that is told, and the list of it all.
        await windows.RegisterAsync(@"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\msedge.exe", "",
            "REG_SZ", @"C:\windows\system32\winemine.exe", Cancel);
        await windows.RegisterAsync(@"HKLM\SOFTWARE\Policies\Microsoft\Edge", "DeveloperToolsAvailability", "REG_DWORD", "2", Cancel);
        await windows.RunAsync("wine", [Path.Combine(programs, "notary-recorder.exe"), "image"], Cancel);
        var list = Digest.Of(await File.ReadAllBytesAsync(Path.Combine(programs, "image.json"), Cancel));
        await using var one = await TimestampAuthority.StartAsync(new TimestampAuthorityOptions { Name = "one" });
        await using var two = await TimestampAuthority.StartAsync(new TimestampAuthorityOptions { Name = "two" });
        string[] arguments = ["session", "--page", "http://127.0.0.1:9/", "--authority", $"{one.Url}", "--authority", $"{two.Url}", "--await-input",
            "--image", $"{list}", "--out"];
        var folder = Path.Combine(Folder, "clean");
        Directory.CreateDirectory(Folder);
        await using (var session = await RecorderProcess.StartAsync(windows, programs, [.. arguments, WinePrefix.There(folder)]))
            Assert.AreEqual(1, (await session.EndAsync(Cancel)).Code);

        // Wine 8 has no RSA that .NET could use, so the authorities' tokens cannot be judged: a desktop whose clock is not known is refused.
        Assert.AreEqual(Clock, string.Join(", ", Dirt(folder)));
        var recorded = new Recorded(folder);
        Assert.AreEqual("not-clean", recorded.Judge().Findings.Single(f => f.Mark == Mark.Fail).Code);
        Assert.AreEqual(CloseReason.Aborted, recorded.Of<LinkBody.Close>().Single().Reason);

        await File.AppendAllTextAsync(Path.Combine(windows.Drive, "windows", "system32", "drivers", "etc", "hosts"), "203.0.113.9 bank.example\n", Cancel);
        await windows.RegisterAsync(@"HKCU\Software\Microsoft\Windows\CurrentVersion\Internet Settings", "ProxyEnable", "REG_DWORD", "1", Cancel);
        await windows.RegisterAsync(@"HKLM\Software\Microsoft\Windows\CurrentVersion\Run", "helper", "REG_SZ", "helper.exe", Cancel);
        await windows.RegisterAsync(@"HKCU\Software\Microsoft\Windows\CurrentVersion\Run", "helper", "REG_SZ", "helper.exe", Cancel);
        await windows.RegisterAsync(@"HKCU\Software\Microsoft\SystemCertificates\Root\Certificates\ROGUE", "Blob", "REG_BINARY", "00", Cancel);
        await windows.RegisterAsync(@"HKLM\SOFTWARE\Policies\Microsoft\Edge", "DeveloperToolsAvailability", "REG_DWORD", "1", Cancel);
        await windows.RegisterAsync(@"HKLM\SYSTEM\CurrentControlSet\Services\spy", "Start", "REG_DWORD", "2", Cancel);
        await windows.RegisterAsync(@"HKLM\SYSTEM\CurrentControlSet\Services\spy", "Type", "REG_DWORD", "16", Cancel);
        await windows.RegisterAsync(@"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters\Interfaces\{0}", "NameServer", "REG_SZ", "203.0.113.9", Cancel);
        await windows.RegisterAsync(@"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters\PersistentRoutes", "203.0.113.0", "REG_SZ", "", Cancel);
        var profile = Directory.CreateDirectory(windows.Own("AppData/Local/Microsoft/Edge/User Data/Default"));
        await File.WriteAllTextAsync(Path.Combine(profile.FullName, "History"), "", Cancel);
        File.Copy(Path.Combine(programs, "ffmpeg.exe"), Path.Combine(windows.Drive, "stranger.exe"));
        using var stranger = windows.Start("wine", @"C:\stranger.exe", "-re", "-f", "lavfi", "-i", "anullsrc", "-f", "null", "-");
        folder = Path.Combine(Folder, "dirty");
        await using (var session = await RecorderProcess.StartAsync(windows, programs, [.. arguments, WinePrefix.There(folder)]))
        {
            var (code, complaint) = await session.EndAsync(Cancel);
            Assert.AreEqual(1, code, complaint);
        }

        stranger.Kill();
        Assert.AreEqual("autostart, browser policies, browser profile, clock, clock, hosts file, "
            + "programs, proxy, resolver, routes, services, time authorities, user's autostart, user's roots",
            string.Join(", ", Dirt(folder)));
        Assert.IsFalse(new Recorded(folder).Of<LinkBody.Input>().Any());
    }

    private const string Clock = "clock, clock, time authorities";

    // A clock's check is named after its authority, and that has a port.
    private static IEnumerable<string> Dirt(string folder)
        => new Recorded(folder).Report().Checks.Where(c => c.Verdict != CheckVerdict.Pass)
            .Select(c => c.Name.StartsWith("clock ", StringComparison.Ordinal) ? "clock" : c.Name).Order(StringComparer.Ordinal);

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

    private Task EventAsync(string type, Func<JsonObject, bool> wanted) => EventAsync(Folder, type, wanted);

    private async Task EventAsync(string folder, string type, Func<JsonObject, bool> wanted)
    {
        while (!Events(folder).Any(e => (string)e["type"]! == type && wanted(e)))
            await Task.Delay(50, Cancel);
    }

    private static IEnumerable<JsonObject> Events(string folder)
        => Directory.EnumerateFiles(Path.Combine(folder, "segments"), "*.events").SelectMany(Lines).Select(line => JsonNode.Parse(line)!.AsObject());

    // Whole ones, of a file that grows.
    private static IEnumerable<string> Lines(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return new StreamReader(file).ReadToEnd().Split('\n')[..^1];
    }
}
