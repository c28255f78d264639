using Notary.Recorder.Desktop;

namespace Notary.Recorder.Cleanliness;

/// <summary>How the desktop is connected, and who tells it addresses.</summary>
internal sealed class NetworkProbes(LocalDesktop desktop, CleanlinessSettings settings)
{
    public IEnumerable<Probe> All =>
    [
        new("hosts file", desktop.Files.Written["/etc/hosts"], c => desktop.Sandbox.RunAsync(["cat", "/etc/hosts"], c)),
        new("resolver", desktop.Files.Written["/etc/resolv.conf"], c => desktop.Sandbox.RunAsync(["cat", "/etc/resolv.conf"], c)),
        .. settings.Names.Where(name => !IPAddress.TryParse(name, out _)).Select(name =>
            new Probe($"addresses of {name}", "as a second vantage has them", c => CompareAsync(name, c))
            {
                Accept = found => found.StartsWith("same: ", StringComparison.Ordinal),
            }),
        new("system proxy", "", _ => Task.FromResult(string.Join(' ', Proxies()))),
        new("interfaces", $"eth0 {desktop.Place.Address}/30, lo 127.0.0.1/8", async c => Interfaces(await IpAsync("address", c))),
        new("routes", $"{Subnet()} eth0, default {desktop.Place.Gateway} eth0", async c => Routes(await IpAsync("route", c))),
        new("network rules", Hash(desktop.Network.Rules), async c => Hash(await desktop.Network.ListAsync(c))),
    ];

    private string Subnet() => desktop.Place.Gateway[..^1] + "0/30";

    private async Task<JsonNode> IpAsync(string what, CancellationToken cancel)
        => JsonNode.Parse(await Tool.RunAsync("ip", ["-netns", desktop.Place.Name, "-json", what, "show"], cancel: cancel)) ?? throw new FormatException("ip");

    private static string Interfaces(JsonNode list) => string.Join(", ", list.AsArray().Where(i => i!.AsObject().Count > 0).Select(i =>
        $"{i!["ifname"]} {string.Join(' ', i["addr_info"]!.AsArray().Select(a => $"{a!["local"]}/{a["prefixlen"]}"))}").Order(StringComparer.Ordinal));

    private static string Routes(JsonNode list) => string.Join(", ", list.AsArray().Select(r =>
        $"{r!["dst"]} {(r["gateway"] is { } gateway ? gateway + " " : "")}{r["dev"]}").Order(StringComparer.Ordinal));

    // A name may have different addresses in different places; one in common is the least that an honest resolver shows.
    private async Task<string> CompareAsync(string name, CancellationToken cancel)
    {
        var (_, output, _) = await desktop.Sandbox.TryAsync(["getent", "ahostsv4", name], cancel);
        var inside = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[0]).Distinct().ToList();
        var outside = (await settings.Lookup(name, cancel)).Select(a => a.ToString()).ToList();
        return $"{(inside.Intersect(outside).Any() ? "same" : "different")}: {string.Join(' ', inside)}, elsewhere {string.Join(' ', outside)}";
    }

    private IEnumerable<string> Proxies() => Remains.Processes(desktop.Place.User).SelectMany(p => File.ReadAllText($"/proc/{p.Id}/environ").Split('\0'))
        .Where(v => v.Split('=')[0].EndsWith("_proxy", StringComparison.OrdinalIgnoreCase)).Distinct();

    private static string Hash(string text) => "sha-256 " + Digest.Of(Encoding.UTF8.GetBytes(text));
}
