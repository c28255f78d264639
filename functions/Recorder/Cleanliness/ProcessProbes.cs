using Notary.Recorder.Desktop;

namespace Notary.Recorder.Cleanliness;

/// <summary>What runs in the desktop, would start by itself, or listens; and that nobody's input is connected.</summary>
internal sealed class ProcessProbes(LocalDesktop desktop)
{
    public IEnumerable<Probe> All =>
    [
        new("processes", $"bwrap chrome_crashpad_handler chromium openbox {FileManager.Program} {Panel.Program}",
            _ => Task.FromResult(string.Join(' ', Programs()))),
        new("file manager", FileManager.Command(desktop.Place), _ => Task.FromResult(Managers())),
        new("autostart", "", c => FilesAsync(["/home/user/.config/autostart", "/home/user/.config/systemd", "/home/user/.config/openbox", "/etc/xdg"], c)),
        new("listening ports", "", _ => Task.FromResult(string.Join(' ', Listening()))),
        new("input and clipboards", "AcceptPointerEvents=0 AcceptKeyEvents=0 AcceptCutText=0 SendCutText=0 SendPrimary=0 SetPrimary=0",
            async c => string.Join(' ', await desktop.Server.SettingsAsync(c))),
        new("devices", "core fd full null ptmx pts random shm stderr stdin stdout tty urandom zero",
            async c => (await desktop.Sandbox.RunAsync(["ls", "/dev"], c)).Trim().Replace('\n', ' ')),
        new("downloads", "", c => FilesAsync([BrowserWatch.Downloads], c)),
    ];

    /// <summary>How it is called says what it can see and run.</summary>
    private string Managers() => string.Join(", ", Remains.Processes(desktop.Place.User).Select(p => p.Command.TrimEnd())
        .Where(c => c.Contains($"/{FileManager.Program} ", StringComparison.Ordinal)));

    /// <summary>Files in folders of the desktop, those that are not there included: none.</summary>
    private async Task<string> FilesAsync(string[] folders, CancellationToken cancel)
        => (await desktop.Sandbox.TryAsync(["find", .. folders, "-not", "-type", "d"], cancel)).Output.Trim().Replace('\n', ' ');

    // By the session's user, and by the namespace in which its processes are numbered, whoever they run as.
    private IEnumerable<string> Programs()
    {
        var space = Target($"/proc/{desktop.Sandbox.Init}/ns/pid");
        return Directory.EnumerateDirectories("/proc").Where(folder => Target($"{folder}/ns/pid") == space)
            .Select(folder => int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture))
            .Concat(Remains.Processes(desktop.Place.User).Select(p => p.Id)).Distinct()
            .Select(id => Target($"/proc/{id}/exe")).OfType<string>().Select(exe => Path.GetFileName(exe)!).Distinct().Order(StringComparer.Ordinal);
    }

    private static string? Target(string link)
    {
        try
        {
            return File.ResolveLinkTarget(link, returnFinalTarget: false)?.Name is { } name ? name : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // proc(5): state 0A is LISTEN; a UDP socket that waits for anybody has no peer.
    private IEnumerable<string> Listening()
        => ((string[])["tcp", "tcp6", "udp", "udp6"]).SelectMany(table => File.ReadLines($"/proc/{desktop.Sandbox.Init}/net/{table}").Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(f => f[3] == (table[0] == 't' ? "0A" : "07"))
            .Select(f => $"{table} {f[1]}"));
}
