using Notary.Recorder.Captures;

namespace Notary.Recorder.Desktop;

/// <summary>A desktop for one session on this machine: 1 its place, 2 its network, 3 its screen, 4 its root, 5 its browser.</summary>
/// <remarks>Between 4 and 5 nothing has run in it yet: that is when its emptiness is measured. It is used once and leaves nothing.</remarks>
public sealed class LocalDesktop : IAsyncDisposable
{
    private static readonly string[] Tools =
        ["ip", "nft", "nsenter", "setpriv", "prlimit", "mkfifo", "bwrap", "openbox", "Xtigervnc", "vncconfig", "xprop", Panel.Program, FileManager.Program,
         "/usr/lib/chromium/chromium"];

    /// <summary>Windows behind the browser's: the panel and the file manager.</summary>
    private const int Behind = 2;

    /// <summary>What programs may take to put up their windows; on a machine that does twenty things at once a browser takes a minute.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly FileStream owner;
    private BrowserWatch? watch;
    private bool disposed;

    private LocalDesktop(DesktopOptions options, SessionPlace place, FileStream owner)
    {
        (Options, Place, this.owner) = (options, place, owner);
        Network = new NetworkSpace(place, options);
        Server = new XServer(place, options);
        Sandbox = new Sandbox(place, Network, Server);
    }

    public DesktopOptions Options { get; }

    /// <summary>The display, for programs of this machine, such as <c>:200</c>.</summary>
    public string Display => $":{Place.Display}";

    /// <summary>The display's cookie.</summary>
    public string Authority => Server.Authority;

    /// <summary>Where the screen can be watched (RFB).</summary>
    public string ViewSocket => Place.ViewSocket;

    /// <summary>Files in the desktop's writable places before anything had run in it: none, or it is not clean.</summary>
    public IReadOnlyList<string> FoundAtStart { get; private set; } = [];

    /// <summary>What happens on the desktop; subscribe before <see cref="StartBrowserAsync"/>.</summary>
    public event Action<DesktopEvent>? Happened;

    /// <summary>A file has come; subscribe before <see cref="StartBrowserAsync"/>.</summary>
    public event Action<Download>? Downloaded;

    /// <summary>Ends when the desktop does: its user has closed the browser, or it died.</summary>
    public Task Ended => Sandbox.Ended;

    internal SessionPlace Place { get; }

    internal NetworkSpace Network { get; }

    internal XServer Server { get; }

    internal Sandbox Sandbox { get; }

    internal FixedFiles Files { get; private set; } = null!;

    internal BrowserPipe Browser => watch?.Pipe ?? throw new InvalidOperationException("the browser has not been started");

    /// <summary>Captures pages of the browser.</summary>
    /// <param name="vantage">A proxy by which pages are asked for a second time; null is none.</param>
    /// <param name="clock">Ours.</param>
    internal PageCapture Captures(Uri? vantage, TimeProvider clock) => new(
        Browser, watch!.Wire, new SecondFetch(Files.Written[FixedFiles.Roots], Options.Allow, vantage, clock), clock);

    /// <summary>What keeps this machine from holding desktops: one sentence; null is nothing.</summary>
    public static string? Missing()
    {
        if (!OperatingSystem.IsLinux())
            return "desktops need Linux";

        if (!Environment.IsPrivilegedProcess)
            return "desktops need root: they make namespaces, users and rules of their own";

        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        var missing = Tools.Where(tool => !folders.Any(folder => File.Exists(Path.Combine(folder, tool)))).ToList();
        return missing.Count == 0 ? null : $"desktops need programs that are missing here: {string.Join(", ", missing)}";
    }

    /// <summary>Whether this machine hands on packets that come in by an interface, as an uplink must.</summary>
    public static bool Forwards(string uplink) => NetworkSpace.Forwards(uplink);

    /// <summary>Clears what killed recorders left on this machine; how many sessions.</summary>
    public static Task<int> SweepAsync(CancellationToken cancel = default) => Remains.SweepAsync(cancel);

    /// <summary>Steps 1 to 4.</summary>
    /// <exception cref="ToolException">This machine cannot; why.</exception>
    public static async Task<LocalDesktop> PrepareAsync(DesktopOptions options, CancellationToken cancel)
    {
        if (Missing() is { } why)
            throw new ToolException(why);

        // 1
        var (place, owner) = SessionPlace.Claim(options.Session);
        var desktop = new LocalDesktop(options, place, owner);
        try
        {
            // 2
            await desktop.Network.CreateAsync(cancel);
            // 3
            await desktop.Server.StartAsync(cancel);
            // 4
            desktop.Files = await FixedFiles.WriteAsync(place, options, cancel);
            await desktop.Sandbox.StartAsync(desktop.Files, cancel);
            return desktop;
        }
        catch
        {
            await desktop.DisposeAsync();
            throw;
        }
    }

    /// <summary>Step 5, after a look at what is there: when this returns, its windows are there.</summary>
    public async Task StartBrowserAsync(CancellationToken cancel)
    {
        FoundAtStart = await ListAsync(cancel);
        watch = new BrowserWatch(Sandbox.Pipe, e => Happened?.Invoke(e), d => Downloaded?.Invoke(d));
        // The browser comes last: it is to stand on top.
        await Sandbox.BeginAsync(browser: false, cancel);
        await ShowAsync(Behind, cancel);
        await Sandbox.BeginAsync(browser: true, cancel);
        await watch.StartAsync(cancel);
        await ShowAsync(Behind + 1, cancel);
    }

    /// <summary>Leads the browser's first tab there.</summary>
    public async Task OpenAsync(Uri page, CancellationToken cancel)
    {
        var target = (await PagesAsync(cancel))[0];
        var attached = await Browser.SendAsync(
            "Target.attachToTarget", new JsonObject { ["targetId"] = target, ["flatten"] = true }, cancel: cancel);
        var session = attached["sessionId"]!.GetValue<string>();
        await Browser.SendAsync("Page.navigate", new JsonObject { ["url"] = page.AbsoluteUri }, session, cancel);
        await Browser.SendAsync("Target.detachFromTarget", new JsonObject { ["sessionId"] = session }, cancel: cancel);
    }

    /// <summary>Lets the viewer's keyboard and pointer through, or no longer.</summary>
    public Task ConnectInputAsync(bool connected, CancellationToken cancel) => Server.ConnectInputAsync(connected, cancel);

    /// <summary>Copies a file out of the desktop: read as the desktop's user, so that no link of his leads to a file of this machine.</summary>
    /// <returns>Size and digest.</returns>
    /// <exception cref="ToolException">It cannot be read, or is larger than <paramref name="most"/> bytes.</exception>
    public async Task<(long Size, Digest Digest)> TakeAsync(string path, Stream into, long most, CancellationToken cancel)
    {
        using var process = await Tool.StartAsync("nsenter", Sandbox.Enter(["cat", "--", path]));
        process.StandardInput.Close();
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (size, buffer) = (0L, new byte[128 * 1024]);
        while (await process.StandardOutput.BaseStream.ReadAsync(buffer, cancel) is > 0 and var read)
        {
            if ((size += read) > most)
            {
                process.Kill(entireProcessTree: true);
                throw new ToolException($"a file of the desktop is larger than {most} bytes");
            }

            sha.AppendData(buffer, 0, read);
            await into.WriteAsync(buffer.AsMemory(0, read), cancel);
        }

        await process.WaitForExitAsync(cancel);
        return process.ExitCode == 0 ? (size, new Digest(sha.GetHashAndReset())) : throw new ToolException("a file of the desktop cannot be read");
    }

    /// <summary>Copies a file of this machine into the desktop, as its user.</summary>
    /// <param name="from">Here.</param>
    /// <param name="path">There; its folder is made.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="ToolException">There is no room for it.</exception>
    public async Task PutAsync(string from, string path, CancellationToken cancel)
    {
        using var process = await Tool.StartAsync("nsenter", Sandbox.Enter(
            ["sh", "-c", "mkdir -p -- \"${1%/*}\" && cat >\"$1\" && chmod 444 -- \"$1\" || { rm -f -- \"$1\"; exit 1; }", "sh", path]));
        try
        {
            await using (var file = File.OpenRead(from))
            {
                await file.CopyToAsync(process.StandardInput.BaseStream, cancel);
            }

            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It reads no more, and its code says so.
        }

        await process.WaitForExitAsync(cancel);
        if (process.ExitCode != 0)
            throw new ToolException("the desktop has no room for the file");
    }

    /// <summary>Removes a file of the desktop.</summary>
    public Task RemoveAsync(string path, CancellationToken cancel) => Sandbox.RunAsync(["rm", "-f", "--", path], cancel);

    /// <summary>Gives a file of the desktop another name, where nothing has it yet.</summary>
    public Task RenameAsync(string path, string other, CancellationToken cancel) => Sandbox.RunAsync(["mv", "-n", "--", path, other], cancel);

    /// <summary>The pages that are open, the oldest last.</summary>
    internal async Task<IReadOnlyList<string>> PagesAsync(CancellationToken cancel)
        => [.. (await Browser.SendAsync("Target.getTargets", cancel: cancel))["targetInfos"]!.AsArray()
            .Where(t => t!["type"]!.GetValue<string>() == "page" && !t["url"]!.GetValue<string>().StartsWith("chrome:", StringComparison.Ordinal))
            .Select(t => t!["targetId"]!.GetValue<string>())];

    /// <summary>Files in the desktop's writable places, but the display's socket and cookie, which are ours.</summary>
    internal async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancel)
        => [.. (await Sandbox.RunAsync(["find", .. Sandbox.Writable, "-not", "-type", "d"], cancel))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(f => f != Place.DisplaySocket && f != "/run/xauthority").Order(StringComparer.Ordinal)];

    /// <summary>Ends the desktop's programs; nothing more happens on it.</summary>
    public async Task EndBrowserAsync()
    {
        Sandbox.Kill();
        await Ended;
    }

    public async ValueTask DisposeAsync()
    {
        if (disposed)
            return;

        disposed = true;
        using (SessionPlace.Alone())
        {
            await Remains.ClearAsync(Place);
        }

        if (watch is not null)
            await watch.DisposeAsync();

        await owner.DisposeAsync();
    }

    /// <summary>Waits for so many windows.</summary>
    /// <exception cref="ToolException">They do not come.</exception>
    private async Task ShowAsync(int windows, CancellationToken cancel)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (await WindowsAsync(cancel) is var there && there < windows)
        {
            if (Ended.IsCompleted || TimeProvider.System.GetElapsedTime(began) > Patience)
                throw new ToolException($"of the desktop's {Behind + 1} windows {there} came");

            await Task.Delay(Sandbox.Beat, TimeProvider.System, cancel);
        }
    }

    private async Task<int> WindowsAsync(CancellationToken cancel)
        => (await Server.ClientAsync("xprop", ["-root", "_NET_CLIENT_LIST"], cancel)).Split("0x").Length - 1;
}
