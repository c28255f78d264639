using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Win32;

namespace Notary.Recorder.Windows;

/// <summary>Looks at what the machine holds, a line for each thing: what the image's list is made of, and what a session's machine is compared with.</summary>
[SupportedOSPlatform("windows")]
internal static class MachineLooks
{
    public const string System = "operating system", Browser = "browser", Autostart = "autostart", Services = "services", Tasks = "scheduled tasks",
        Roots = "system roots", Policies = "browser policies", Programs = "programs", Disks = "disks";

    private const string CurrentVersion = @"SOFTWARE\Microsoft\Windows NT\CurrentVersion", EdgePolicies = @"SOFTWARE\Policies\Microsoft\Edge";

    private static readonly string[] RunKeys =
        [@"Microsoft\Windows\CurrentVersion\Run", @"Microsoft\Windows\CurrentVersion\RunOnce", @"Microsoft\Windows\CurrentVersion\Policies\Explorer\Run"];

    private static string Windows => Environment.GetFolderPath(Environment.SpecialFolder.Windows);

    /// <summary>Those of the image's list.</summary>
    public static IReadOnlyDictionary<string, Func<IEnumerable<string>>> All { get; } = new Dictionary<string, Func<IEnumerable<string>>>
    {
        [System] = () => Values(Registry.LocalMachine, CurrentVersion)
            .Where(v => v.Name is "ProductName" or "CurrentBuild" or "UBR").Select(v => $"{v.Name} {v.Value}"),
        [Browser] = () => BrowserProgram() is { } path ? [$"{FileVersionInfo.GetVersionInfo(path).FileVersion} {path} {Hash(path)}"] : [],
        [Autostart] = MachineAutostart,
        [Services] = StartedServices,
        [Tasks] = () => Files(Path.Combine(Windows, "System32", "Tasks")).Select(file => $"{file} {Hash(file)}"),
        [Roots] = MachineRoots,
        [Policies] = () => Tree(Registry.LocalMachine, EdgePolicies),
        [Programs] = () => ((string[])[Windows, Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles),
            Environment.GetFolderPath(Environment.SpecialFolder.ProgramFilesX86), AppContext.BaseDirectory]).Where(Directory.Exists)
            .SelectMany(folder => Files(folder, "*.exe")).Select(ProgramLine).Distinct(StringComparer.OrdinalIgnoreCase),
        [Disks] = () => DriveInfo.GetDrives().Where(drive => drive.IsReady).Select(drive => $"{drive.Name} {drive.DriveType}"),
    };

    /// <summary>The browser's program, as it is registered; null when there is none.</summary>
    public static string? BrowserProgram()
        => Values(Registry.LocalMachine, @"SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\msedge.exe")
            .FirstOrDefault(v => v.Name.Length == 0).Value is { } path
            && File.Exists(path) ? path : null;

    public static string ProgramLine(string path) => $"{path.ToUpperInvariant()} {Hash(path)}";

    /// <summary>What would start with a user's logon by a hive's keys.</summary>
    public static IEnumerable<string> Runs(RegistryKey hive, string software)
        => RunKeys.SelectMany(key => Values(hive, $@"{software}\{key}").Select(v => $"{key.Split('\\')[^1]} {v.Name} {v.Value}"));

    public static IEnumerable<(string Name, string? Value)> Values(RegistryKey hive, string path)
    {
        using var key = hive.OpenSubKey(path);
        return key is null ? [] : [.. key.GetValueNames().Select(name => (name, key.GetValue(name) is byte[] bytes ? Convert.ToHexStringLower(bytes)
            : key.GetValue(name) is string[] several ? string.Join(' ', several) : key.GetValue(name)?.ToString()))];
    }

    /// <summary>Names of a key's keys.</summary>
    public static IReadOnlyList<string> Keys(RegistryKey hive, string path)
    {
        using var key = hive.OpenSubKey(path);
        return key?.GetSubKeyNames() ?? [];
    }

    /// <summary>A key's values and those of all keys below.</summary>
    public static IEnumerable<string> Tree(RegistryKey hive, string path) =>
    [
        .. Values(hive, path).Select(v => $@"{path}\{v.Name} {v.Value}"), .. Keys(hive, path).SelectMany(key => Tree(hive, $@"{path}\{key}")),
    ];

    public static IEnumerable<string> Files(string folder, string pattern = "*") => !Directory.Exists(folder) ? []
        : Directory.EnumerateFiles(folder, pattern, new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint });

    private static IEnumerable<string> MachineAutostart() =>
    [
        .. Runs(Registry.LocalMachine, "SOFTWARE"), .. Runs(Registry.LocalMachine, @"SOFTWARE\WOW6432Node"),
        .. Files(Environment.GetFolderPath(Environment.SpecialFolder.CommonStartup)),
        .. Values(Registry.LocalMachine, CurrentVersion + @"\Winlogon")
            .Where(v => v.Name is "Shell" or "Userinit" or "Taskman").Select(v => $"{v.Name} {v.Value}"),
        .. Values(Registry.LocalMachine, CurrentVersion + @"\Windows")
            .Where(v => v.Name is "AppInit_DLLs" or "LoadAppInit_DLLs").Select(v => $"{v.Name} {v.Value}"),
        .. Tree(Registry.LocalMachine, CurrentVersion + @"\Image File Execution Options")
            .Where(line => line.Contains(@"\Debugger ", StringComparison.OrdinalIgnoreCase)),
    ];

    // Started by boot, system or itself (0 to 2); of a user's own copies (0x80) their model stands here.
    private static IEnumerable<string> StartedServices()
    {
        const string All = @"SYSTEM\CurrentControlSet\Services";
        foreach (var service in Keys(Registry.LocalMachine, All))
        {
            var values = Values(Registry.LocalMachine, $@"{All}\{service}").ToDictionary(v => v.Name, v => v.Value, StringComparer.OrdinalIgnoreCase);
            if (values.GetValueOrDefault("Start") is "0" or "1" or "2" && int.TryParse(values.GetValueOrDefault("Type"), out var type) && (type & 0x80) == 0)
                yield return $"{service} {values.GetValueOrDefault("ImagePath")}";
        }
    }

    private static IEnumerable<string> MachineRoots()
    {
        foreach (var name in new[] { StoreName.Root, StoreName.AuthRoot })
        {
            using var store = new X509Store(name, StoreLocation.LocalMachine);
            store.Open(OpenFlags.ReadOnly);
            foreach (var certificate in store.Certificates)
                yield return $"{name} {Convert.ToHexStringLower(SHA256.HashData(certificate.RawData))}";
        }
    }

    private static string Hash(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return Convert.ToHexStringLower(SHA256.HashData(file));
        }
        catch (UnauthorizedAccessException)
        {
            return "not to be read";
        }
    }
}
