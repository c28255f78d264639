namespace Notary.Recorder.Desktop;

/// <summary>The files that the desktop finds under /etc: written for it or the machine's, and none of them its to change.</summary>
internal sealed class FixedFiles
{
    /// <summary>Debian's list of authorities, a file each (package ca-certificates).</summary>
    public const string Authorities = "/usr/share/ca-certificates/mozilla";

    /// <summary>The certificates that the desktop trusts.</summary>
    public const string Roots = "/etc/ssl/certs/ca-certificates.crt";

    /// <summary>What the shell that is first in the desktop does.</summary>
    /// <remarks>A line begins the window manager and what stands behind the browser, another the browser. Its pipe, descriptors 3 and 4, is the browser's
    /// alone.</remarks>
    public const string Start = "read -r begin || exit; { openbox --config-file /etc/openbox.xml --sm-disable & "
        + $"{Panel.Program} -c {Panel.File} & sh {FileManager.Script} & }} </dev/null 3<&- 4>&-; read -r browser || exit; exec </dev/null; exec " + Browser;

    /// <summary>How the browser is called.</summary>
    /// <remarks>A page behind the file manager's window is still the one that the browser shows, and can be captured.</remarks>
    public const string Browser = "/usr/lib/chromium/chromium --remote-debugging-pipe --user-data-dir=" + Sandbox.Profile
        + " --no-first-run --no-default-browser-check --disable-gpu --disable-background-networking --disable-component-update"
        + " --disable-backgrounding-occluded-windows --start-maximized about:blank";

    // No menu, no key, no title bar: nothing but the file manager can be started, and that waits in the panel.
    private const string Windows = """
        <?xml version="1.0" encoding="UTF-8"?>
        <openbox_config xmlns="http://openbox.org/3.4/rc">
          <desktops><number>1</number><popupTime>0</popupTime></desktops>
          <keyboard/>
          <mouse><context name="Client"><mousebind button="Left" action="Press"><action name="Focus"/><action name="Raise"/></mousebind></context></mouse>
          <menu/>
          <applications><application class="*"><decor>no</decor></application><application type="normal"><maximized>yes</maximized></application></applications>
        </openbox_config>

        """;

    private readonly List<(string Here, string There)> all = [];

    private FixedFiles()
    {
    }

    /// <summary>On this machine, and in the desktop.</summary>
    public IReadOnlyList<(string Here, string There)> All => all;

    /// <summary>What was written for the desktop, by its path there.</summary>
    public Dictionary<string, string> Written { get; } = new(StringComparer.Ordinal);

    public static async Task<FixedFiles> WriteAsync(SessionPlace place, DesktopOptions options, CancellationToken cancel)
    {
        var files = new FixedFiles();
        Directory.CreateDirectory(place.File("etc"));
        foreach (var (path, text) in (IEnumerable<(string, string)>)[
            ("/etc/passwd", $"user:x:{place.User}:{place.User}::{Sandbox.Home}:/usr/sbin/nologin\n"),
            ("/etc/group", $"user:x:{place.User}:\n"),
            ("/etc/hosts", "127.0.0.1\tlocalhost desktop\n"),
            ("/etc/resolv.conf", options.Resolver is null ? "" : $"nameserver {place.Gateway}\n"),
            ("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"),
            ("/etc/machine-id", Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)) + "\n"),
            ("/etc/openbox.xml", Windows),
            (Panel.File, Panel.Settings),
            (FileManager.Script, FileManager.Start(place)),
            .. FileManager.Settings.Select(setting => (setting.Key, setting.Value)),
            ("/etc/chromium/policies/managed/notary.json", BrowserPolicy.Text),
            (Roots, await RootsAsync(cancel))])
        {
            var here = Path.Combine(place.File("etc"), Path.GetFileName(path));
            await File.WriteAllTextAsync(here, text, cancel);
            files.Written[path] = text;
            files.all.Add((here, path));
        }

        files.all.AddRange(((string[])["/etc/fonts", "/etc/alternatives", "/etc/ld.so.cache", "/var/cache/fontconfig"]).Where(Path.Exists).Select(p => (p, p)));
        return files;
    }

    // The package's own list, not the machine's bundle or folder: authorities that someone added to this machine are none of the desktop's.
    private static async Task<string> RootsAsync(CancellationToken cancel)
    {
        if (!Directory.Exists(Authorities))
            throw new ToolException("the package ca-certificates is missing");

        var text = new StringBuilder();
        var listed = (await Tool.RunAsync("dpkg-query", ["--listfiles", "ca-certificates"], cancel: cancel)).Split('\n')
            .Where(file => file.StartsWith(Authorities, StringComparison.Ordinal) && file.EndsWith(".crt", StringComparison.Ordinal));
        foreach (var file in listed.Order(StringComparer.Ordinal))
            text.Append(await File.ReadAllTextAsync(file, cancel)).Append('\n');

        return text.ToString();
    }
}
