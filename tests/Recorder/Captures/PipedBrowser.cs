using Notary.Recorder.Captures;
using Notary.Recorder.Desktop;

namespace Notary.Recorder.Tests.Captures;

/// <summary>A real browser by its pipe, without a desktop's policies: with an extension, and behind a proxy.</summary>
internal sealed class PipedBrowser : IAsyncDisposable
{
    private const string Extension =
        """{"manifest_version":3,"name":"edits","version":"1","content_scripts":[{"matches":["*://*/*extended*"],"js":["edit.js"]}]}""";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("notary-piped-");
    private Process process = null!;
    private Replay? replay;

    public BrowserWatch Watch { get; private set; } = null!;

    public BrowserPipe Pipe => Watch.Pipe;

    /// <param name="proxy">By which it asks for http, also on this machine.</param>
    /// <param name="script">What its extension runs in a page whose address has the word extended.</param>
    /// <param name="cancel">Of the start.</param>
    public static async Task<PipedBrowser> StartAsync(Uri proxy, string script, CancellationToken cancel)
    {
        var browser = new PipedBrowser();
        await browser.BeginAsync(proxy, script, cancel);
        return browser;
    }

    /// <summary>Opens a page in a new tab, the only one then, and waits for what it must be.</summary>
    /// <param name="page">Its address.</param>
    /// <param name="until">A script that is true then.</param>
    /// <param name="cancel">Ends it.</param>
    /// <param name="from">What alone answers; null is the network.</param>
    /// <returns>The session in which the recorder listens to it.</returns>
    public async Task<string> OpenAsync(Uri page, string until, CancellationToken cancel, Replay? from = null)
    {
        replay = from;
        var old = await TargetsAsync(cancel);
        var target = (await Pipe.SendAsync("Target.createTarget", new JsonObject { ["url"] = "about:blank" }, cancel: cancel))["targetId"]!.GetValue<string>();
        foreach (var other in old)
            await Pipe.SendAsync("Target.closeTarget", new JsonObject { ["targetId"] = other }, cancel: cancel);

        // What is heard of a page begins when its network is listened to.
        await OneDesktop.UntilAsync(() => Task.FromResult(Watch.Wire.SessionOf(target) is not null), cancel);
        var session = Watch.Wire.SessionOf(target)!;
        if (from is not null)
            await Pipe.SendAsync("Fetch.enable", session: session, cancel: cancel);

        await Pipe.SendAsync("Page.navigate", new JsonObject { ["url"] = page.ToString() }, session, cancel);
        await UntilAsync(session, $"document.readyState === 'complete' && ({until})", cancel);
        return session;
    }

    public async Task<string> RunAsync(string session, string script, CancellationToken cancel)
    {
        var said = await Pipe.SendAsync("Runtime.evaluate", new JsonObject { ["expression"] = $"String({script})" }, session, cancel);
        return said["result"]!["value"]!.GetValue<string>();
    }

    public Task UntilAsync(string session, string state, CancellationToken cancel)
        => OneDesktop.UntilAsync(async () => await RunAsync(session, state, cancel) == "true", cancel, state);

    public async ValueTask DisposeAsync()
    {
        Child.Kill(process);
        await process.WaitForExitAsync();
        await Watch.DisposeAsync();
        process.Dispose();
        folder.Delete(recursive: true);
    }

    private async Task BeginAsync(Uri proxy, string script, CancellationToken cancel)
    {
        string File(string name) => Path.Combine(folder.FullName, name);
        folder.CreateSubdirectory("extension");
        await System.IO.File.WriteAllTextAsync(File("extension/manifest.json"), Extension, cancel);
        await System.IO.File.WriteAllTextAsync(File("extension/edit.js"), script, cancel);
        await Child.RunAsync("mkfifo", [File("to"), File("from")], new Dictionary<string, string>(), cancel);
        process = await Child.StartAsync("sh", ["-c", "exec 3<\"$1\" 4>\"$2\"; shift 2; exec \"$@\"", "sh", File("to"), File("from"),
            "/usr/lib/chromium/chromium", "--remote-debugging-pipe", "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", $"--user-data-dir={File("profile")}", "--window-size=1280,800",
            $"--proxy-server=http={proxy.Authority}", "--proxy-bypass-list=<-loopback>", "--ignore-certificate-errors", $"--load-extension={File("extension")}",
            "--disable-features=DisableLoadExtensionCommandLineSwitch", "about:blank"], new Dictionary<string, string>());
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        var pipe = await Task.Run(() => ((Stream)new FileStream(File("to"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 1),
            (Stream)new FileStream(File("from"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1)), cancel);
        Watch = new BrowserWatch(pipe, _ => { }, _ => { }, e => replay?.Answer(Pipe, e));
        await Watch.StartAsync(cancel);
    }

    private async Task<IReadOnlyList<string>> TargetsAsync(CancellationToken cancel)
        => [.. (await Pipe.SendAsync("Target.getTargets", cancel: cancel))["targetInfos"]!.AsArray()
            .Where(t => t!["type"]!.GetValue<string>() == "page").Select(t => t!["targetId"]!.GetValue<string>())];
}
