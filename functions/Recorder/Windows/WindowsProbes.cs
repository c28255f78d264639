using System.Net.NetworkInformation;
using System.Runtime.Versioning;
using Microsoft.Win32;
using Notary.Recorder.Cleanliness;

namespace Notary.Recorder.Windows;

/// <summary>The checks of a Windows machine, before its user may touch it: against the image's list, and against what never may be.</summary>
[SupportedOSPlatform("windows")]
internal sealed class WindowsProbes(UserSession session, WatchSource watch, Digest? pinned)
{
    /// <summary>Lines of what is too much that are told.</summary>
    private const int Told = 10;

    /// <summary>Where Azure itself puts programs once the machine is there; only administrators write in them.</summary>
    private static readonly string[] AzureFolders =
    [
        @"C:\WINDOWSAZURE\", @"C:\PACKAGES\PLUGINS\", @"C:\PROGRAM FILES\MICROSOFT RDINFRA\", @"C:\PROGRAM FILES\AZURE MONITOR AGENT\",
        @"C:\PROGRAMDATA\MICROSOFT\WINDOWS DEFENDER\PLATFORM\",
    ];

    private const string Internet = @"Software\Microsoft\Windows\CurrentVersion\Internet Settings",
        Tcpip = @"SYSTEM\CurrentControlSet\Services\Tcpip\Parameters";

    private readonly ImageList image = ImageList.Read();

    public IEnumerable<Probe> All =>
    [
        new("image", pinned is { } digest ? $"sha-256 {digest}" : "a list", _ => Said($"sha-256 {image.Digest}"))
        {
            Accept = found => pinned is null || found == $"sha-256 {pinned}",
        },
        .. ((string[])[MachineLooks.System, MachineLooks.Browser, MachineLooks.Policies, MachineLooks.Roots]).Select(Same),
        .. ((string[])[MachineLooks.Autostart, MachineLooks.Tasks, MachineLooks.Disks]).Select(name => NoMore(name, MachineLooks.All[name])),
        NoMore(MachineLooks.Services, () => MachineLooks.All[MachineLooks.Services]()
            .Where(line => !AzureFolders.Any(f => line.Contains(f, StringComparison.OrdinalIgnoreCase)))),
        NoMore(MachineLooks.Programs, Running),
        None("user's autostart", () => [.. MachineLooks.Runs(Hive(), "Software"), .. Own(@"AppData\Roaming\Microsoft\Windows\Start Menu\Programs\Startup")]),
        None("user's roots", () => MachineLooks.Keys(Hive(), @"Software\Microsoft\SystemCertificates\Root\Certificates")),
        None("user's browser policies", () => MachineLooks.Tree(Hive(), @"Software\Policies\Microsoft\Edge")),
        None("browser profile", () => Own(@"AppData\Local\Microsoft\Edge\User Data\Default")),
        None("downloads", () => [.. Own("Downloads"), .. Own("Uploads")]),
        None("hosts file", () => File.ReadLines(Path.Combine(Environment.SystemDirectory, @"drivers\etc\hosts"))
            .Select(l => l.Split('#')[0].Trim()).Where(l => l.Length > 0)),
        None("resolver", Resolvers),
        None("proxy", Proxies),
        None("routes", () => MachineLooks.Values(Registry.LocalMachine, Tcpip + @"\PersistentRoutes").Select(v => v.Name)),
        None("tunnels", () => NetworkInterface.GetAllNetworkInterfaces().Where(i => i.OperationalStatus == OperationalStatus.Up
            && i.NetworkInterfaceType is NetworkInterfaceType.Ppp or NetworkInterfaceType.Tunnel).Select(i => i.Description)),
        new("input", "held back", async c => $"held back by {await watch.Blocked.WaitAsync(c)}")
        {
            Accept = found => found.StartsWith("held back by ", StringComparison.Ordinal),
        },
    ];

    private static Task<string> Said(string text) => Task.FromResult(text);

    private RegistryKey Hive() => Registry.Users.OpenSubKey(session.Sid) ?? throw new IOException("the user's settings are not there");

    // desktop.ini is the shell's own description of a folder.
    private IEnumerable<string> Own(string folder)
        => MachineLooks.Files(Path.Combine(session.Profile, folder)).Where(file => !file.EndsWith(@"\desktop.ini", StringComparison.OrdinalIgnoreCase));

    private Probe Same(string name)
    {
        var expected = Digest.Of(Encoding.UTF8.GetBytes(string.Join('\n', image.Of(name).Order(StringComparer.Ordinal))));
        return new Probe(name, $"as the image: {image.Of(name).Count}, sha-256 {expected}", _ =>
        {
            var now = MachineLooks.All[name]().ToHashSet(StringComparer.Ordinal);
            var (more, less) = (now.Except(image.Of(name)).ToList(), image.Of(name).Except(now).ToList());
            return Said($"{Listed(more, "more: ")}{Listed(less, "missing: ")}");
        })
        {
            Accept = found => found.Length == 0 && image.Of(name).Count > 0,
        };
    }

    private Probe NoMore(string name, Func<IEnumerable<string>> look)
        => new(name, "", _ => Said(Listed([.. look().Where(line => !image.Of(name).Contains(line)).Distinct()], "")));

    private static Probe None(string name, Func<IEnumerable<string>> look) => new(name, "", _ => Said(Listed([.. look()], "")));

    private static string Listed(List<string> lines, string before)
        => lines.Count == 0 ? "" : $"{before}{string.Join("; ", lines.Order(StringComparer.Ordinal).Take(Told))}"
            + $"{(lines.Count > Told ? $" and {lines.Count - Told} more" : "")} ";

    private static IEnumerable<string> Running()
    {
        foreach (var process in Process.GetProcesses())
        {
            using (process)
            {
                if (Windows.Programs.Path(process.Id) is { } path && !AzureFolders.Any(f => path.StartsWith(f, StringComparison.OrdinalIgnoreCase)))
                    yield return MachineLooks.ProgramLine(path);
            }
        }
    }

    // Set by hand, where DHCP's word is expected; and names that are asked of somebody else.
    private static IEnumerable<string> Resolvers() =>
    [
        .. MachineLooks.Keys(Registry.LocalMachine, Tcpip + @"\Interfaces")
            .SelectMany(i => MachineLooks.Values(Registry.LocalMachine, $@"{Tcpip}\Interfaces\{i}"))
            .Append(MachineLooks.Values(Registry.LocalMachine, Tcpip).FirstOrDefault(v => v.Name == "NameServer"))
            .Where(v => v.Name == "NameServer" && v.Value is { Length: > 0 }).Select(v => v.Value!),
        .. MachineLooks.Tree(Registry.LocalMachine, @"SOFTWARE\Policies\Microsoft\Windows NT\DNSClient\DnsPolicyConfig"),
        .. MachineLooks.Tree(Registry.LocalMachine, @"SYSTEM\CurrentControlSet\Services\Dnscache\Parameters\DnsPolicyConfig"),
    ];

    private IEnumerable<string> Proxies()
    {
        foreach (var (name, value) in (IEnumerable<(string, string?)>)[
            .. MachineLooks.Values(Hive(), Internet), .. MachineLooks.Values(Registry.LocalMachine, Internet),
            .. MachineLooks.Values(Registry.LocalMachine, @"SOFTWARE\Policies\Microsoft\Windows\CurrentVersion\Internet Settings")])
        {
            if ((name == "ProxyEnable" && value != "0") || (name is "ProxyServer" or "AutoConfigURL" && value is { Length: > 0 }))
                yield return $"{name} {value}";
        }

        // WinHTTP's: after version and count, a flag of 2 or more is a proxy or a script.
        var winHttp = MachineLooks.Values(Registry.LocalMachine, Internet + @"\Connections").FirstOrDefault(v => v.Name == "WinHttpSettings").Value;
        if (winHttp is { Length: >= 18 } settings && settings[16..18] is not ("00" or "01"))
            yield return "WinHTTP " + settings;
    }
}
