using System.Runtime.InteropServices;

namespace Notary.Servers.Wine;

/// <summary>A Windows of its own under Wine: disk, registry and users in a folder, its desktop on an X display. Whatever runs in it ends with it.</summary>
/// <remarks>What it cannot show (functions/Recorder/README.md): a service's session beside the user's, the secure desktop, RDP, Edge.</remarks>
public sealed class WinePrefix : IAsyncDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(50);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("notary-wine-");

    private WinePrefix(string display, string authority) => Environment = new Dictionary<string, string>
    {
        ["WINEPREFIX"] = folder.FullName, ["WINEDEBUG"] = "-all", ["WINEARCH"] = "win64", ["DISPLAY"] = display, ["XAUTHORITY"] = authority,
        // Its users' folders would else be those of this machine's user.
        ["HOME"] = folder.CreateSubdirectory("home").FullName,
        // What it would offer to download, and what would wait for somebody to read how a program broke. Without mscoree no .NET program's files load.
        ["WINEDLLOVERRIDES"] = "mshtml=;winedbg.exe=", ["LC_ALL"] = "C.UTF-8",
    };

    /// <summary>For programs that run in it.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>Drive C.</summary>
    public string Drive => Path.Combine(folder.FullName, "drive_c");

    /// <summary>A path of this machine as programs there know it.</summary>
    public static string There(string path) => "Z:" + path.Replace('/', '\\');

    /// <exception cref="InvalidOperationException">This machine has no Wine.</exception>
    public static async Task<WinePrefix> StartAsync(string display, string authority, CancellationToken cancel)
    {
        if (!File.Exists("/usr/bin/wine"))
            throw new InvalidOperationException("missing Debian packages: wine wine64 (apt-get install wine wine64)");

        var prefix = new WinePrefix(display, authority);
        try
        {
            await prefix.RunAsync("wineboot", ["--init"], cancel);
            return prefix;
        }
        catch
        {
            await prefix.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sets a value of its registry.</summary>
    public Task RegisterAsync(string key, string name, string kind, string value, CancellationToken cancel)
        => RunAsync("wine", ["reg", "add", key, .. name.Length > 0 ? (string[])["/v", name] : ["/ve"], "/t", kind, "/d", value, "/f"], cancel);

    /// <summary>A folder of its user's.</summary>
    public string Own(string name)
        => Path.Combine(Directory.EnumerateDirectories(Path.Combine(Drive, "users")).Single(u => Path.GetFileName(u) != "Public"), name);

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="InvalidOperationException">It did not end with 0.</exception>
    public async Task RunAsync(string program, string[] arguments, CancellationToken cancel)
    {
        using var process = Start(program, arguments);
        await process.WaitForExitAsync(cancel);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}");
    }

    /// <summary>Starts one. What it prints is nobody's: services that it starts live on, and would keep a pipe open.</summary>
    public Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("sh", ["-c", "exec \"$@\" </dev/null >/dev/null 2>&1", "sh", program, .. arguments]);
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;

        return Process.Start(start)!;
    }

    /// <summary>Processes in it whose command line has all of these.</summary>
    public IReadOnlyList<int> Processes(params string[] parts)
    {
        var found = new List<int>();
        foreach (var process in Directory.EnumerateDirectories("/proc"))
        {
            try
            {
                if (int.TryParse(Path.GetFileName(process), out var id)
                    && File.ReadAllText($"{process}/cmdline") is var line && parts.All(part => line.Contains(part, StringComparison.Ordinal))
                    && File.ReadAllText($"{process}/environ").Split('\0').Contains($"WINEPREFIX={folder.FullName}"))
                    found.Add(id);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has ended.
            }
        }

        return found;
    }

    public async ValueTask DisposeAsync()
    {
        // The server ends what runs there, and itself; both are known by the folder.
        using (var server = Start("wineserver", "-k"))
            await server.WaitForExitAsync();

        while (Processes() is { Count: > 0 } left)
        {
            foreach (var id in left)
                _ = kill(id, 9);

            await Task.Delay(Beat);
        }

        folder.Delete(recursive: true);
    }

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int process, int signal);
}
