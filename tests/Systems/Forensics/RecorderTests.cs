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
    }

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
