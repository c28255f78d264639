using System.Text.RegularExpressions;
using Notary.Recorder.Desktop;

namespace Notary.Recorder.Cleanliness;

/// <summary>What the desktop is made of: the image, its mounts, its files, its versions.</summary>
internal sealed partial class ImageProbes(LocalDesktop desktop, CleanlinessSettings settings)
{
    /// <summary>Digits of a small file's digest: enough to tell two apart, and its report stays readable.</summary>
    private const int ShownDigits = 16;

    private const string AsPackaged = "files as their packages have them";

    /// <summary>The desktop's packages besides those that own a program or library in use: the authorities' certificates.</summary>
    private const string Certificates = "ca-certificates";

    private static readonly string Mounts = string.Join(' ', ((string[])[
        .. Sandbox.Writable, "/proc", "/dev/pts", "/dev/full", "/dev/null", "/dev/random", "/dev/tty", "/dev/urandom", "/dev/zero"])
        .Order(StringComparer.Ordinal));

    public IEnumerable<Probe> All =>
    [
        new("image", settings.Image is { } pinned ? $"{AsPackaged}, sha-256 {pinned}" : AsPackaged, ImageAsync)
        {
            Accept = found => found.StartsWith(AsPackaged + ',', StringComparison.Ordinal)
                && (settings.Image is not { } digest || found == $"{AsPackaged}, sha-256 {digest}"),
        },
        new("overlay at start", "", _ => Task.FromResult(string.Join(' ', desktop.FoundAtStart))),
        new("writable mounts", Mounts, _ => Task.FromResult(Writable(File.ReadAllText($"/proc/{desktop.Sandbox.Init}/mountinfo")))),
        new("files under /etc", Written(desktop.Files.Written.Select(f => (f.Key, f.Value))), EtcAsync),
        new("operating system", "named", async c => Name().Match(await desktop.Sandbox.RunAsync(["cat", "/usr/lib/os-release"], c)).Groups[1].Value)
        {
            Accept = found => found.Length > 0,
        },
    ];

    /// <summary>The digest says of which bytes: a line for each file of which a process of the desktop has mapped code, with its SHA-256 and path in order of
    /// the paths, and a line for each package that owns one, with its version.</summary>
    private async Task<string> ImageAsync(CancellationToken cancel)
    {
        var files = Remains.Processes(desktop.Place.User).SelectMany(p => Mapped(p.Id)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        // A path that was under /usr from the first, or has been since the directories were merged.
        var owned = (await Tool.TryAsync("dpkg-query", ["--search", .. files, .. files.Select(f => f["/usr".Length..])], null, cancel)).Output;
        var owner = owned.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(": ", 2)).Where(parts => parts.Length == 2)
            .GroupBy(parts => parts[1].StartsWith("/usr/", StringComparison.Ordinal) ? parts[1] : "/usr" + parts[1])
            .ToDictionary(g => g.Key, g => g.First()[0].Split(", ")[0], StringComparer.Ordinal);
        var strangers = files.Where(f => !owner.ContainsKey(f)).ToList();
        if (strangers.Count > 0)
            return "of no package: " + string.Join(' ', strangers);

        var packages = owner.Values.Append(Certificates).Distinct().Order(StringComparer.Ordinal).ToList();
        var changed = (await Tool.TryAsync("dpkg", ["--verify", .. packages], null, cancel)).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line.Contains(" /usr/", StringComparison.Ordinal) || !line.Contains('/', StringComparison.Ordinal)).ToList();
        if (changed.Count > 0)
            return "changed: " + string.Join(' ', changed);

        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files)
        {
            await using var content = File.OpenRead(file);
            sha.AppendData(Encoding.UTF8.GetBytes($"{Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancel))}  {file}\n"));
        }

        var versions = await Tool.RunAsync("dpkg-query", ["--show", "--showformat=${Package}  ${Version}\n", .. packages], cancel: cancel);
        sha.AppendData(Encoding.UTF8.GetBytes(versions));
        return $"{AsPackaged}, sha-256 {new Digest(sha.GetHashAndReset())}";
    }

    // Files that are mapped with leave to run, by proc(5); what is under /usr in the desktop is /usr of this machine, which the mounts' check shows read-only.
    private static IEnumerable<string> Mapped(int process)
        => File.ReadAllLines($"/proc/{process}/maps").Select(line => line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries))
            .Where(f => f.Length == 6 && f[1].Contains('x', StringComparison.Ordinal) && f[5].StartsWith('/')).Select(f => f[5]);

    private static string Writable(string mounts)
        => string.Join(' ', mounts.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' '))
            .Where(f => f[5].Split(',').Contains("rw")).Select(f => f[4]).Order(StringComparer.Ordinal));

    private async Task<string> EtcAsync(CancellationToken cancel)
    {
        var found = new List<(string, string)>();
        foreach (var path in desktop.Files.Written.Keys)
            found.Add((path, await desktop.Sandbox.RunAsync(["cat", path], cancel)));

        return Written(found);
    }

    private static string Written(IEnumerable<(string Path, string Text)> files)
        => string.Join(' ', files.OrderBy(f => f.Path, StringComparer.Ordinal)
            .Select(f => $"{Path.GetFileName(f.Path)} {Digest.Of(Encoding.UTF8.GetBytes(f.Text)).ToString()[..ShownDigits]}"));

    [GeneratedRegex("^PRETTY_NAME=\"(.*)\"$", RegexOptions.Multiline)]
    private static partial Regex Name();
}
