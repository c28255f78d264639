using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;

namespace Notary.Forensics.Tests;

/// <summary>A session on a desktop of this machine, by the recorder itself: what its user does on it, tests/Recorder has.</summary>
[TestClass]
public sealed class RecorderTests
{
    public required TestContext TestContext { get; init; }

    [TestMethod]
    public async Task ADesktopIsMeasuredLoggedOpenedClosedAndDeposited()
    {
        await using var office = await Office.StartAsync(Office.Recorder, TestContext.CancellationToken);
        var key = await office.TenantAsync();
        var id = await office.CreateAsync(key, "http://127.0.0.1:9/");
        await office.UntilAsync(key, id, SessionState.Ready);

        // Of two that are asked for at once the later counts.
        var links = await Task.WhenAll(Enumerable.Range(0, 2).Select(async _ =>
        {
            var (entered, link) = await office.SendAsync(key, HttpMethod.Post, $"/{id}/entrance");
            Assert.AreEqual(HttpStatusCode.OK, entered);
            return new Uri((string)link!["url"]!);
        }));
        var opened = 0;
        foreach (var link in links)
            opened += await OpensAsync(link) ? 1 : 0;

        Assert.AreEqual((2, 1), (links.DistinctBy(link => link.Fragment).Count(), opened));
        Assert.AreEqual(HttpStatusCode.NoContent,
            (await office.SendAsync(key, HttpMethod.Post, $"/{id}/marks", new JsonObject { ["note"] = "此处重要" })).Status);
        await office.SendAsync(key, HttpMethod.Post, $"/{id}/exit");
        var done = await office.UntilAsync(key, id, SessionState.Deposited);
        var report = await office.JudgeAsync(key, (string)done["deposit"]!);
        Assert.AreEqual((Outcome.Verified, id), (report.Outcome, $"{report.Session}"),
            string.Join('\n', report.Findings.Select(f => $"{f.Mark} {f.Rung} {f.Place}: {f.Reason} [{f.Code}]")));

        // On the letter's pages is what the mark's picture shows.
        var (facts, pdf) = await office.LetterAsync(key, id);
        Assert.AreEqual((1, "clean"), (facts.PicturesShown().Count(), facts.Recording.Cleanliness));
        if (Environment.GetEnvironmentVariable("NOTARY_PICTURES") is { } folder)
            await File.WriteAllBytesAsync(Path.Combine(folder, "recording-real.pdf"), pdf, TestContext.CancellationToken);
    }

    /// <summary>As whom desktops' programs run: two users for each slot (functions/Recorder, SessionPlace).</summary>
    private const int FirstUser = 1_900_000_000;

    [TestMethod]
    public async Task WhoeverOfADesktopIsKilledNothingOfItIsLeftOnTheMachine()
    {
        await using var office = await Office.StartAsync(Office.Recorder, TestContext.CancellationToken, new Dictionary<string, string> { ["AtOnce"] = "3" });
        var key = await office.TenantAsync();
        await Task.WhenAll(((string[])["notary-recorder", "Xtigervnc", "chromium"]).Select(async victim =>
        {
            var id = await office.CreateAsync(key, "http://127.0.0.1:9/");
            await office.UntilAsync(key, id, SessionState.Ready);
            var name = "notary-" + id[^8..];
            var place = Directory.GetDirectories("/run/notary-recorder", "*." + name).Single();
            var user = FirstUser + (2 * int.Parse(Path.GetFileName(place).Split('.')[0], CultureInfo.InvariantCulture));
            Assert.IsTrue(File.Exists("/run/netns/" + name));
            var all = Processes(user).Concat(Processes(user + 1)).Append(office.AgentOf(id)).ToList();
            all.OrderBy(p => p.Id).First(p => p.ProcessName.StartsWith(victim[..8], StringComparison.Ordinal)).Kill();

            var ended = await office.UntilAsync(key, id, json => json["deposit"] is not null, $"the end of a killed {victim}");
            Assert.IsTrue(victim == "chromium" || Office.IsIn(ended, SessionState.Broken), $"{victim}: {ended.ToJsonString()}");
            var report = await office.JudgeAsync(key, (string)ended["deposit"]!);
            Assert.IsEmpty(report.Findings.Where(f => f.Mark == Mark.Fail && f.Code != "tail"),
                string.Join('\n', report.Findings.Select(f => $"{victim}: {f.Mark} {f.Rung} {f.Place}: {f.Reason} [{f.Code}]")));
            await office.UntilAsync(key, id, _ => !office.LeftOf(id).Any(), "nothing left");
            Assert.IsFalse(Directory.Exists(place) || File.Exists("/run/netns/" + name) || Directory.Exists("/sys/class/net/" + name), victim);
            Assert.AreEqual("", string.Join(' ', all.Where(p => !p.HasExited).Select(p => p.ProcessName)), victim);
            Assert.DoesNotContain(name, await File.ReadAllTextAsync("/proc/mounts", TestContext.CancellationToken));
        }));
    }

    /// <summary>Of a user that no other session has while this one's place is there.</summary>
    private static IEnumerable<Process> Processes(int user)
        => Process.GetProcesses().Where(p =>
        {
            try
            {
                var status = File.ReadAllText($"/proc/{p.Id}/status");
                return status.Contains($"\nUid:\t{user}\t", StringComparison.Ordinal) && !status.Contains("\nState:\tZ", StringComparison.Ordinal);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        });

    private async Task<bool> OpensAsync(Uri link)
    {
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("binary");
        socket.Options.AddSubProtocol("token." + link.Fragment[1..]);
        socket.Options.SetRequestHeader("Origin", link.GetLeftPart(UriPartial.Authority));
        try
        {
            await socket.ConnectAsync(new UriBuilder(link) { Scheme = "ws", Path = "/screen", Fragment = "" }.Uri, TestContext.CancellationToken);
            return true;
        }
        catch (WebSocketException)
        {
            return false;
        }
    }
}
