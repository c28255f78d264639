using Notary.Recorder.Recording;

namespace Notary.Recorder.Desktop;

/// <summary>The root in which the browser runs: what the machine has under /usr and a few named files, read-only; bounded memory for all else.</summary>
/// <remarks>Begins with a shell that waits for a line: so the desktop can be looked at before the browser has run.</remarks>
internal sealed class Sandbox(SessionPlace place, NetworkSpace network, XServer server)
{
    /// <summary>The user's home in the desktop.</summary>
    public const string Home = "/home/user";

    /// <summary>Where the browser keeps its profile.</summary>
    public const string Profile = Home + "/profile";

    /// <summary>Bytes of memory that a session's files may take: a bound on what one visitor can use up.</summary>
    private const long HomeSize = 2L << 30, ScratchSize = 256L << 20, SmallSize = 1L << 20;

    /// <summary>Processes and threads of the desktop: a browser with many tabs has some hundreds.</summary>
    private const int MaxThreads = 4096;

    /// <summary>Where everything that can be written is, in the desktop.</summary>
    public static IReadOnlyList<string> Writable { get; } = [Home, "/tmp", "/dev/shm", "/run"];

    /// <summary>The machine's programs and libraries; not what was put under /usr/local by hand.</summary>
    public static IReadOnlyList<string> System { get; } = [
        "--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin", "--symlink", "usr/sbin", "/sbin", "--symlink", "usr/lib", "/lib",
        "--symlink", "usr/lib64", "/lib64",
        "--size", $"{SmallSize}", "--tmpfs", "/usr/local", "--remount-ro", "/usr/local"];

    private Process? process;
    private Func<string> said = () => "";

    /// <summary>The process that is 1 in the desktop.</summary>
    public int Init { get; private set; }

    /// <summary>The browser's pipe, there from <see cref="StartAsync"/> on.</summary>
    public (Stream ToBrowser, Stream FromBrowser) Pipe { get; private set; }

    /// <summary>Ends when the desktop does.</summary>
    public Task Ended => process!.WaitForExitAsync();

    /// <summary>A user who has no privilege and cannot get one, as arguments of setpriv(1).</summary>
    public static string[] As(int user)
        => ["--pdeathsig", "KILL", "--reuid", $"{user}", "--regid", $"{user}", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs"];

    /// <summary>Makes the root; nothing of the desktop runs in it yet.</summary>
    public async Task StartAsync(FixedFiles files, CancellationToken cancel)
    {
        var (toBrowser, fromBrowser, info) = (place.File("to-browser"), place.File("from-browser"), place.File("sandbox"));
        await Tool.RunAsync("mkfifo", ["-m", "600", toBrowser, fromBrowser], cancel: cancel);
        process = await Tool.StartAsync("sh", [
            "-c", "exec 3<\"$1\" 4>\"$2\" 5>\"$3\"; shift 3; exec \"$@\"", "sh", toBrowser, fromBrowser, info,
            "nsenter", "--net=" + network.Handle, "--", "prlimit", $"--nproc={MaxThreads}", "--core=0", "setpriv", .. As(place.User),
            "bwrap", "--die-with-parent", "--new-session", "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup",
            "--hostname", "desktop", "--clearenv", .. Environment(place).SelectMany(v => (string[])["--setenv", v.Key, v.Value]),
            .. System, "--proc", "/proc", "--dev", "/dev", "--size", $"{ScratchSize}", "--tmpfs", "/dev/shm", "--remount-ro", "/dev",
            .. files.All.SelectMany(f => (string[])["--ro-bind", f.Here, f.There]),
            "--size", $"{ScratchSize}", "--tmpfs", "/tmp", "--ro-bind", place.ServerSocket, place.DisplaySocket,
            "--size", $"{HomeSize}", "--tmpfs", Home, "--size", $"{SmallSize}", "--tmpfs", "/run", "--ro-bind", server.UserAuthority, "/run/xauthority",
            "--dir", "/run/user", "--remount-ro", "/", "--chdir", Home, "--info-fd", "5", "sh", "-c", FixedFiles.Start]);
        said = Drain(process);
        Pipe = await OpenAsync(toBrowser, fromBrowser, cancel);
        await UntilAsync(() => ReadInit(info) is not null, process, said, cancel);
        Init = ReadInit(info)!.Value;
        // bwrap has made the root when the shell in it waits for its line.
        await UntilAsync(() => Remains.Processes(place.User).Any(p => p.Command.StartsWith("sh ", StringComparison.Ordinal)), process, said, cancel);
    }

    /// <summary>Lets the next programs begin: window manager, panel and file manager; then, at the second word, the browser.</summary>
    public async Task BeginAsync(bool browser, CancellationToken cancel)
    {
        await process!.StandardInput.WriteLineAsync("begin".AsMemory(), cancel);
        await process.StandardInput.FlushAsync(cancel);
        if (browser)
            process.StandardInput.Close();
    }

    /// <summary>Ends everything in it (bwrap --die-with-parent).</summary>
    public void Kill() => Child.Kill(process!);

    /// <summary>Runs a program in the desktop as its user: what it reads and writes, its user may.</summary>
    public Task<string> RunAsync(IEnumerable<string> command, CancellationToken cancel) => Tool.RunAsync("nsenter", Enter(command), cancel: cancel);

    /// <summary>The same, with the code it ended with.</summary>
    public Task<(int Code, string Output, string Error)> TryAsync(IEnumerable<string> command, CancellationToken cancel)
        => Tool.TryAsync("nsenter", Enter(command), null, cancel);

    /// <summary>The call of nsenter(1) that runs a program in the desktop as its user.</summary>
    public IEnumerable<string> Enter(IEnumerable<string> command)
        => ["--target", $"{Init}", "--user", "--mount", "--net", "--pid", "--ipc", "--uts", "--setuid", $"{place.User}", "--setgid", $"{place.User}",
            "--", "env", "-i", .. Environment(place).Select(v => $"{v.Key}={v.Value}"), .. command];

    /// <summary>All that programs of the desktop find in their environment.</summary>
    public static IReadOnlyDictionary<string, string> Environment(SessionPlace place) => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["PATH"] = "/usr/bin",
        ["HOME"] = Home,
        ["LANG"] = "C.UTF-8",
        ["TZ"] = "UTC",
        ["DISPLAY"] = $":{place.Display}",
        ["XAUTHORITY"] = "/run/xauthority",
        ["XDG_RUNTIME_DIR"] = "/run/user",
        ["XDG_CONFIG_DIRS"] = "/etc/desk",
        // Nothing here has a bus; without this word GLib would look for a program that starts one.
        ["DBUS_SESSION_BUS_ADDRESS"] = "disabled:",
    };

    /// <summary>Reads both streams of a program, so that it never waits for us, and keeps their last words.</summary>
    internal static Func<string> Drain(Process process)
    {
        var last = "";
        process.OutputDataReceived += (_, e) => Keep(e.Data);
        process.ErrorDataReceived += (_, e) => Keep(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return () => Volatile.Read(ref last);

        void Keep(string? line)
        {
            if (line is { Length: > 0 })
                Volatile.Write(ref last, line.Length > 500 ? line[..500] : line);
        }
    }

    /// <summary>Waits for a state.</summary>
    /// <exception cref="ToolException">The program ended before, or the state does not come.</exception>
    internal static async Task UntilAsync(Func<bool> state, Process process, Func<string> said, CancellationToken cancel)
    {
        while (!state())
        {
            if (process.HasExited)
                throw new ToolException($"bwrap ended with {process.ExitCode}: {said()}");

            await Task.Delay(Beat, TimeProvider.System, cancel);
        }
    }

    /// <summary>How often a state is looked at.</summary>
    internal static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(20);

    private static int? ReadInit(string info)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(info))?["child-pid"]?.GetValue<int>();
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            return null;
        }
    }

    // Opening a named pipe waits for its other end; when the program has died on the way, we are that end.
    private async Task<(Stream, Stream)> OpenAsync(string toBrowser, string fromBrowser, CancellationToken cancel)
    {
        var opened = Task.Run(() => ((Stream)new FileStream(toBrowser, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 1),
            (Stream)new FileStream(fromBrowser, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1)), cancel);
        var first = await Task.WhenAny(opened, process!.WaitForExitAsync(cancel));
        if (first == opened)
            return await opened;

        using var one = new FileStream(toBrowser, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, 1);
        using var other = new FileStream(fromBrowser, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, 1);
        var (write, read) = await opened;
        await write.DisposeAsync();
        await read.DisposeAsync();
        throw new ToolException($"bwrap ended with {process.ExitCode}: {said()}");
    }
}
