using Notary.Recorder.Desktop;
using Notary.Verification;
using Notary.Verification.Forensics;

namespace Notary.Recorder.Tests;

/// <summary>Whole sessions of the agent as a process.</summary>
[TestClass]
public sealed class SessionTests
{
    public required TestContext TestContext { get; init; }

    private CancellationToken Cancel => TestContext.CancellationToken;

    [TestMethod]
    public async Task AUserSeesDownloadsMarksAndLeavesAndTheVerifierFindsItWhole()
    {
        await using var site = await Site.StartAsync();
        await using var one = await TimestampAuthority.StartAsync(new TimestampAuthorityOptions { Name = "one" });
        await using var two = await TimestampAuthority.StartAsync(new TimestampAuthorityOptions { Name = "two" });
        var outside = Directory.CreateTempSubdirectory("session");
        var (id, folder) = (DepositId.New(TimeProvider.System), outside.CreateSubdirectory("recording").FullName);
        await File.WriteAllTextAsync(Path.Combine(outside.FullName, "letter.txt"), "a letter", Cancel);
        var before = SessionPlace.All().ToHashSet();
        await using var agent = await RecorderProcess.StartAsync("session", "--out", folder, "--page", site.Url.ToString(), "--authority", one.Url.ToString(),
            "--authority", two.Url.ToString(), "--allow", site.EndPoint.ToString(), "--session", id.ToString(), "--await-input");
        await agent.LinksAsync("cleanliness", 1, Cancel);
        await agent.LinksAsync("segment", 3, Cancel);
        Assert.IsFalse(agent.Kinds.Contains("input"), "connected before that was said");
        await agent.TellAsync("input");
        await agent.LinksAsync("input", 1, Cancel);
        await agent.TellAsync("link");
        await agent.LinksAsync("view", 1, Cancel);
        var place = SessionPlace.All().Except(before).Single();
        var kinds = agent.Kinds.ToList();
        Assert.IsLessThan(kinds.IndexOf("input"), kinds.IndexOf("cleanliness"), "measured and sealed before anybody could touch it");

        // Nobody is given a link unasked: it would end the one that was asked for.
        var link = new Uri((string)agent.Said.Single(line => (string?)line["kind"] == "view")["link"]!);
        await using var browser = await WebBrowser.StartAsync();
        await using var visit = await browser.VisitAsync(new Uri(link, "/"));
        await visit.Page.GotoAsync(link.ToString());
        await Assertions.Expect(visit.Page.Locator("html")).ToHaveAttributeAsync("data-state", "connected");
        var canvas = visit.Page.Locator("canvas");
        await OneDesktop.UntilAsync(async () =>
        {
            // The site's file, at 198, 176 of the desktop's 1280 × 800 pixels: as soon as the page is there to be clicked on.
            var box = await canvas.BoundingBoxAsync() ?? throw new InvalidOperationException("no canvas");
            await visit.Page.Mouse.ClickAsync(box.X + (box.Width * 198 / 1280), box.Y + (box.Height * 176 / 800));
            await Task.Delay(TimeSpan.FromSeconds(1), Cancel);
            return agent.Kinds.Contains("file");
        }, Cancel);
        await visit.PictureAsync("session");

        // What came is in the file manager, too, whose button stands at the screen's foot, to the left.
        await agent.TellAsync("upload letter.txt the letter.txt");
        await OneDesktop.UntilAsync(() => Task.FromResult(agent.Said.Any(line => (string?)line["kind"] == "uploaded")), Cancel);
        var manager = Remains.Processes(place.User).Last(p => p.Command.StartsWith(FileManager.Program, StringComparison.Ordinal));
        var home = $"/proc/{manager.Id}/root{Sandbox.Home}";
        CollectionAssert.AreEquivalent((string[])["Downloads/0001 film.txt", "Uploads/0002 the letter.txt"],
            Directory.EnumerateFiles(home, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(home, file)).ToList());
        var screen = await canvas.BoundingBoxAsync() ?? throw new InvalidOperationException("no canvas");
        await visit.Page.Mouse.ClickAsync(screen.X + (screen.Width * 40 / 1280), screen.Y + (screen.Height * 785 / 800));
        await OneDesktop.UntilAsync(async () => (await WindowsAsync(place)).Split("0x").Length - 1 == 4, Cancel, "a second window of the file manager");
        await visit.PictureAsync("session-files");
        await agent.TellAsync("mark this is the film");
        await agent.LinksAsync("mark", 1, Cancel);
        await agent.TellAsync("capture");
        await agent.LinksAsync("capture", 1, Cancel);
        await agent.TellAsync("close exit");
        Assert.AreEqual((0, ""), await agent.EndAsync(Cancel));

        var recorded = new Recorded(folder);
        var report = recorded.JudgeWhole();
        Assert.AreEqual(id, report.Session);
        Assert.AreEqual("", string.Join('\n', report.Findings.Where(f => f.Rung == ForensicsRung.Cleanliness && f.Mark != Mark.Pass)));
        var film = recorded.Of<LinkBody.File>().First();
        Assert.AreEqual(("film.txt", Digest.Of(Encoding.UTF8.GetBytes(Site.Film)), new Uri(site.Url, "/film.txt").ToString()),
            (film.Name, film.Content.Part.Digest, film.Address));
        Assert.AreEqual(Site.Film, await File.ReadAllTextAsync(Path.Combine(folder, film.Content.Name), Cancel));
        var page = report.Findings.Single(f => f.Rung == ForensicsRung.Captures);
        Assert.AreEqual((Mark.Pass, "agrees", site.Url.ToString()), (page.Mark, page.Code, recorded.Of<LinkBody.Capture>().Single().Address), page.Reason);
        CollectionAssert.AreEqual((bool[])[true, false], recorded.Of<LinkBody.Input>().Select(i => i.Connected).ToList());
        Assert.Contains(site.Url.ToString(), recorded.Events("address").Select(e => (string)e["url"]!).ToList());
        Assert.Contains(site.EndPoint.Port, recorded.Events("connection").Select(e => (int)e["port"]!).ToList());
        Assert.IsNotEmpty(recorded.Events("pointer"));
        Assert.Contains("pcmanfm", recorded.Events("window").Select(e => ((string)e["application"]!).ToLowerInvariant()).ToList());
        await NothingLeftAsync(place);
        Directory.Delete(folder, recursive: true);
    }

    [TestMethod]
    public async Task OfAKilledAgentASweepLeavesNothing()
    {
        var folder = Directory.CreateTempSubdirectory("session").FullName;
        var before = SessionPlace.All().ToHashSet();
        await using var agent = await RecorderProcess.StartAsync("session", "--out", folder, "--page", "http://127.0.0.1:9/",
            "--authority", "http://127.0.0.1:9/", "--authority", "http://127.0.0.1:9/");
        await agent.LinksAsync("segment", 1, Cancel);
        var place = SessionPlace.All().Except(before).Single();
        Assert.IsNotEmpty(Remains.Processes(place.User).ToList());
        Assert.IsTrue(File.Exists("/run/netns/" + place.Name));
        await agent.SignalAsync("KILL");
        await agent.EndAsync(Cancel);

        // What this machine keeps of it by itself is names; its processes die with the agent.
        await OneDesktop.UntilAsync(() => Task.FromResult(place.IsAbandoned()
            && !Remains.Processes(place.User).Concat(Remains.Processes(place.ServerUser)).Any()), Cancel);
        Assert.IsGreaterThan(0, await LocalDesktop.SweepAsync(Cancel));
        await NothingLeftAsync(place);
        Assert.IsNull(new Recorded(folder).Links[^1].Body as LinkBody.Close, "broken off");
        Directory.Delete(folder, recursive: true);
    }

    [TestMethod]
    [DataRow("a clock is judged by 2 authorities", "--authority", "http://127.0.0.1:9/")]
    [DataRow("--page cannot be films", "--page", "films")]
    [DataRow("--probe cannot be http://127.0.0.1:9/", "--probe", "http://127.0.0.1:9/")]
    [DataRow("--allow cannot be 127.0.0.1", "--allow", "127.0.0.1")]
    [DataRow("--longest cannot be 0", "--longest", "0")]
    [DataRow("this machine does not forward for none0", "--uplink", "none0", "--authority", "http://127.0.0.1:9/", "--authority", "http://127.0.0.1:9/")]
    public async Task AWrongCallIsASentenceAndLeavesNothing(string sentence, params string[] arguments)
    {
        var folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var before = SessionPlace.All().ToHashSet();
        string[] page = arguments.Contains("--page") ? [] : ["--page", "http://127.0.0.1:9/"];
        await using var agent = await RecorderProcess.StartAsync(["session", "--out", folder, .. page, .. arguments]);
        var (code, complaint) = await agent.EndAsync(Cancel);
        StringAssert.Contains(complaint, sentence);
        Assert.AreEqual((2, 1), (code, complaint.TrimEnd().Split('\n').Length));
        Assert.IsFalse(Directory.Exists(folder));
        Assert.AreEqual("", string.Join(' ', SessionPlace.All().Except(before)));
    }

    private Task<string> WindowsAsync(SessionPlace place) => Tool.RunAsync("env",
        [$"DISPLAY=:{place.Display}", $"XAUTHORITY={place.File("xauthority")}", "xprop", "-root", "_NET_CLIENT_LIST"], cancel: Cancel);

    private async Task NothingLeftAsync(SessionPlace place)
    {
        Assert.AreEqual("", string.Join('\n', Remains.Processes(place.User).Concat(Remains.Processes(place.ServerUser))));
        Assert.IsFalse(File.Exists("/run/netns/" + place.Name), "namespace");
        Assert.IsFalse(Directory.Exists("/sys/class/net/" + place.Name), "link");
        Assert.AreNotEqual(0, (await Tool.TryAsync("nft", ["list", "table", "inet", place.Name], null, Cancel)).Code, "rules");
        Assert.IsFalse(Directory.Exists(place.Folder), "folder");
        Assert.IsNull(new FileInfo(place.DisplaySocket).LinkTarget, "display");
        Assert.DoesNotContain(place.Name, await File.ReadAllTextAsync("/proc/mounts", Cancel));
    }
}
