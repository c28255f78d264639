using System.Net.WebSockets;
using Notary.Recorder.Desktop;
using Notary.Recorder.View;

namespace Notary.Recorder.Tests;

/// <summary>The desktop as its user has it: in a real browser, through the gate.</summary>
[TestClass]
public sealed class ViewGateTests
{
    public required TestContext TestContext { get; init; }

    private LocalDesktop Desktop { get; set; } = null!;

    private CancellationToken Cancel => TestContext.CancellationToken;

    [TestInitialize]
    public async Task StartAsync() => Desktop = (await OneDesktop.GetAsync()).Desktop;

    [TestMethod]
    public async Task AUserSeesTheDesktopAndTypesOnlyWhenConnectedAndNothingGoesThroughClipboards()
    {
        await Desktop.OpenAsync((await OneDesktop.GetAsync()).Site.Url, Cancel);
        await OneDesktop.UntilAsync(async () => await TitleAsync() == "Films", Cancel);
        await using var gate = await ViewGate.StartAsync(Desktop.ViewSocket, 0, new ViewPlace(), TimeProvider.System);
        await using var browser = await WebBrowser.StartAsync();
        var link = gate.NewLink();
        await using var visit = await browser.VisitAsync(new Uri(link, "/"));
        await visit.Page.GotoAsync(link.ToString());
        await Assertions.Expect(visit.Page.Locator("html")).ToHaveAttributeAsync("data-state", "connected");
        Assert.IsTrue(gate.Watched);
        Assert.DoesNotContain("#", visit.Page.Url);

        // Not connected: the gate lets nothing through, and neither would the server.
        var canvas = visit.Page.Locator("canvas");
        await canvas.ClickAsync();
        await visit.Page.Keyboard.TypeAsync("before");
        Assert.AreEqual(0, gate.Inputs);
        CollectionAssert.IsSubsetOf((string[])["AcceptPointerEvents=0", "AcceptKeyEvents=0"], (await Desktop.Server.SettingsAsync(Cancel)).ToList());

        gate.Connected = true;
        await Desktop.ConnectInputAsync(true, Cancel);
        // A page takes no click before it has been painted for the first time.
        await OneDesktop.UntilAsync(async () =>
        {
            await FieldAsync(visit, canvas);
            return await OneDesktop.EvaluateAsync(Desktop, "document.hasFocus() && document.activeElement.id", Cancel) == "name";
        }, Cancel);
        await visit.Page.Keyboard.TypeAsync("pirate");
        await OneDesktop.UntilAsync(async () => await TitleAsync() == "pirate", Cancel);
        await visit.PictureAsync("desktop");

        // The desktop's own clipboard works for its user.
        await visit.Page.Keyboard.PressAsync("Control+a");
        await visit.Page.Keyboard.PressAsync("Control+c");
        await visit.Page.Keyboard.PressAsync("End");
        await visit.Page.Keyboard.PressAsync("Control+v");
        await OneDesktop.UntilAsync(async () => await TitleAsync() == "piratepirate", Cancel);

        gate.Connected = false;
        await Desktop.ConnectInputAsync(false, Cancel);
        var inputs = gate.Inputs;
        await visit.Page.Keyboard.TypeAsync("after");
        Assert.AreEqual(inputs, gate.Inputs);
        Assert.AreEqual("", string.Join('\n', visit.Findings));
        Assert.AreEqual("", string.Join('\n', await visit.JudgeAsync()));

        // The link has counted, and while somebody watches a new one is not taken.
        Assert.AreEqual(HttpStatusCode.Conflict, await KnockAsync(gate.NewLink(), gate.NewLink()));
    }

    [TestMethod]
    public async Task ALinkCountsOnceForAWhileAndForItsOwnPageOnly()
    {
        var clock = new Clock();
        await using var gate = await ViewGate.StartAsync(Desktop.ViewSocket, 0, new ViewPlace(), clock);
        var link = gate.NewLink();
        Assert.AreEqual(HttpStatusCode.Forbidden, await KnockAsync(link, new Uri(link, "#" + new string('A', 43))));
        Assert.AreEqual(HttpStatusCode.BadRequest, await KnockAsync(link, link, "http://elsewhere.example"));
        Assert.AreEqual(HttpStatusCode.SwitchingProtocols, await KnockAsync(link, link));
        await OneDesktop.UntilAsync(() => Task.FromResult(!gate.Watched), Cancel);
        Assert.AreEqual(HttpStatusCode.Forbidden, await KnockAsync(link, link), "used");

        var former = gate.NewLink();
        var newest = gate.NewLink();
        Assert.AreEqual(HttpStatusCode.Forbidden, await KnockAsync(link, former), "replaced");
        clock.Ahead = ViewTokens.Lifetime;
        Assert.AreEqual(HttpStatusCode.Forbidden, await KnockAsync(link, newest), "too late");
    }

    [TestMethod]
    public async Task OnlyTheConsoleMayFrameItAndAProxysPageAloneMayOpenIt()
    {
        var place = new ViewPlace(ViewPlace.Origin("https://console.example"), ViewPlace.Template("https://desktops.example/{port}/"));
        await using var gate = await ViewGate.StartAsync(Desktop.ViewSocket, 0, place, TimeProvider.System);
        var link = gate.NewLink();
        StringAssert.StartsWith(link.ToString(), "https://desktops.example/");
        var own = new Uri($"http://127.0.0.1:{link.Segments[^1].TrimEnd('/')}/");
        using var http = new HttpClient();
        using var page = await http.GetAsync(own, Cancel);
        StringAssert.EndsWith(page.Headers.GetValues("Content-Security-Policy").Single(), "frame-ancestors https://console.example");
        Assert.AreEqual(HttpStatusCode.BadRequest, await KnockAsync(own, link));
        Assert.AreEqual(HttpStatusCode.SwitchingProtocols, await KnockAsync(own, link, "https://desktops.example"));
        foreach (var wrong in (string[])["ftp://a.example", "https://a.example/b", "https://u@a.example", "*", "'self'"])
            Assert.IsNull(ViewPlace.Origin(wrong), wrong);

        foreach (var wrong in (string[])["http://desktops.example/{port}/", "https://desktops.example/{port}", "https://desktops.example/{port}/#a", "{port}"])
            Assert.IsNull(ViewPlace.Template(wrong), wrong);
    }

    private async Task<HttpStatusCode> KnockAsync(Uri gate, Uri link, string? origin = null)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.AddSubProtocol("binary");
        socket.Options.AddSubProtocol("token." + link.Fragment[1..]);
        socket.Options.SetRequestHeader("Origin", origin ?? gate.GetLeftPart(UriPartial.Authority));
        try
        {
            await socket.ConnectAsync(new UriBuilder(gate) { Scheme = "ws", Path = "/screen", Fragment = "" }.Uri, Cancel);
        }
        catch (WebSocketException)
        {
            // Its status says why.
        }

        return socket.HttpStatusCode;
    }

    private Task<string> TitleAsync() => OneDesktop.TitleAsync(Desktop, Cancel);

    // The field stands at 96, 178 of the desktop's 1280 × 800 pixels; the canvas shows them smaller.
    private static async Task FieldAsync(Visit visit, ILocator canvas)
    {
        var box = await canvas.BoundingBoxAsync() ?? throw new InvalidOperationException("no canvas");
        await visit.Page.Mouse.ClickAsync(box.X + (box.Width * 96 / 1280), box.Y + (box.Height * 178 / 800));
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;
    }
}
