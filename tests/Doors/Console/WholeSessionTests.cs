using System.Security.Cryptography;

namespace Notary.Pages.Tests;

/// <summary>One whole session as its user has it: asked for, entered inside the console's page, used, marked, ended, played back, verified.</summary>
[TestClass]
public sealed class WholeSessionTests
{
    private static string Recorder => Path.Combine(Repository.Root, "functions", "Recorder", "bin",
        AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug", "net10.0", "notary-recorder");

    [TestMethod]
    public async Task ADesktopInsideThePageIsUsedAndItsRecordingIsVerified()
    {
        await using var bank = await BankSite.StartAsync();
        var port = ChildProcess.FreePort();
        await using var site = await AccountSite.StartAsync(agent: Recorder, agentArguments: $"--allow 127.0.0.1:{bank.Url.Port} --port {port}");
        await using var person = await Person.VisitAsync(site.Url, besides: new Uri($"http://127.0.0.1:{port}"));
        await person.JoinAsync(await site.InviteAsync(), "Zhang San");
        var page = person.Page;
        await person.Visit.GoAsync("/desktops/new");
        await page.Locator("input[name=page]").FillAsync(bank.Url.ToString());
        await page.Locator("input[name=label]").FillAsync("网银取证");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask for it" }).ClickAsync();
        var state = page.Locator("[data-part=state]");
        await Expect(state).ToHaveAttributeAsync("data-state", "Ready");
        await page.GetByRole(AriaRole.Button, new() { Name = "Enter the desktop" }).ClickAsync();

        // Through the frame, by keyboard and pointer.
        var desktop = page.FrameLocator("iframe.desktop");
        await Expect(desktop.Locator("html")).ToHaveAttributeAsync("data-state", "connected");
        var canvas = desktop.Locator("canvas");
        await UntilAsync(() => bank.Typed.Length > 0, async () =>
        {
            await ClickAsync(canvas, 0.4);
            await page.Keyboard.PressAsync("a");
        });
        await UntilAsync(() => bank.Inside, async () =>
        {
            await ClickAsync(canvas, 0.8);
            await page.Keyboard.PressAsync("Control+a");
            await page.Keyboard.TypeAsync("secret");
            await page.Keyboard.PressAsync("Enter");
        });
        await UntilAsync(() => bank.Taken, () => ClickAsync(canvas, 0.6));
        StringAssert.StartsWith(bank.User, "a");
        await Expect(state).ToHaveAttributeAsync("data-state", "Active");
        await person.Visit.PictureAsync("whole-session");
        await page.Locator("input[name=note]").FillAsync("余额在此");
        await page.GetByRole(AriaRole.Button, new() { Name = "Mark", Exact = true }).ClickAsync();
        await Expect(page.Locator("[data-mark] [data-said]")).ToContainTextAsync("Marked: 余额在此");
        await page.GetByRole(AriaRole.Button, new() { Name = "Capture the page" }).ClickAsync();
        await Expect(page.Locator("[data-capture] [data-said]")).ToContainTextAsync("It is being captured");
        var evidence = new FilePayload { Name = "来函.txt", MimeType = "text/plain", Buffer = "received by post"u8.ToArray() };
        await page.Locator("[data-files] input").SetInputFilesAsync(evidence);
        await Expect(page.Locator("[data-sent] li")).ToContainTextAsync(Convert.ToHexStringLower(SHA256.HashData(evidence.Buffer)));
        await Expect(desktop.Locator("html")).ToHaveAttributeAsync("data-state", "connected");
        Assert.AreEqual("", string.Join('\n', await person.Visit.JudgeAsync()));

        await page.GetByRole(AriaRole.Button, new() { Name = "End and deposit" }).ClickAsync();
        await Expect(state).ToHaveAttributeAsync("data-state", "Deposited");
        var saved = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "Recording (zip)" }).ClickAsync());

        // What was done is in its recording.
        await page.GetByRole(AriaRole.Link, new() { Name = "Play back" }).ClickAsync();
        await Expect(page.Locator("[data-playback][data-ready][data-gathered]")).ToBeVisibleAsync();
        (string, string)[] happened = [("address", "/account"), ("file", "statement.txt"), ("file", "来函.txt"), ("mark", "余额在此"), ("capture", "/account")];
        foreach (var (kind, text) in happened)
            await Expect(page.Locator($"[data-list] [data-kind={kind}]").Filter(new() { HasText = text }).First).ToBeVisibleAsync();

        await page.Locator("[data-list] [data-kind=mark]").Filter(new() { HasText = "余额在此" }).GetByRole(AriaRole.Button).First.ClickAsync();
        await page.WaitForFunctionAsync(
            "() => { const v = document.querySelector('video'); return !v.seeking && v.readyState >= 2 && v.currentTime > 1 && v.videoWidth === 1280; }");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show the picture" }).First.ClickAsync();
        await Expect(page.Locator("canvas.thumbnail")).ToBeVisibleAsync();
        await person.Visit.PictureAsync("whole-playback");
        Assert.AreEqual("", string.Join('\n', await person.Visit.JudgeAsync()));

        // And anybody judges it.
        await person.Visit.GoAsync("/verify");
        await page.Locator("#file").SetInputFilesAsync(await saved.PathAsync());
        await Expect(page.Locator("#result")).ToHaveAttributeAsync("data-outcome", "verified");
        await person.Visit.PictureAsync("whole-verified");
        Assert.AreEqual("", string.Join('\n', await person.Visit.JudgeAsync()));
    }

    /// <summary>Into the middle, that far down.</summary>
    private static async Task ClickAsync(ILocator canvas, double down)
    {
        var box = await canvas.BoundingBoxAsync() ?? throw new InvalidOperationException("no desktop");
        await canvas.ClickAsync(new() { Position = new() { X = box.Width / 2, Y = (float)(box.Height * down) } });
    }

    /// <summary>A page takes no click before it has been painted: it is tried until it works.</summary>
    private static async Task UntilAsync(Func<bool> done, Func<Task> attempt)
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        while (!done())
        {
            await attempt();
            await Task.Delay(500, bound.Token);
        }
    }

    private static ILocatorAssertions Expect(ILocator part) => Assertions.Expect(part);
}
