using System.Net.Sockets;

namespace Notary.Recorder.Desktop;

/// <summary>A session's network: a namespace of its own with one link to this machine, whose rules let through only what leads to the public network
/// and what the options allow.</summary>
/// <remarks>The rules stand outside the namespace: nobody in it, not even root of it, can change them. IPv6 is off.</remarks>
internal sealed class NetworkSpace(SessionPlace place, DesktopOptions options)
{
    /// <summary>Where programs look for named network namespaces (ip-netns(8)).</summary>
    private const string Spaces = "/run/netns";

    /// <summary>What is not the public network (IANA's registry of special addresses, RFC 6890), with other sessions and clouds' metadata services.</summary>
    private const string Special = "0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12, 192.0.0.0/24, 192.0.2.0/24, "
        + "192.88.99.0/24, 192.168.0.0/16, 198.18.0.0/15, 198.51.100.0/24, 203.0.113.0/24, 224.0.0.0/3, 168.63.129.16/32";

    private static readonly IPNetwork[] NotPublic = [.. Special.Split(", ").Select(network => IPNetwork.Parse(network))];

    /// <summary>Whether an address is on the public network, IPv4.</summary>
    public static bool IsPublic(IPAddress address)
        => address.AddressFamily == AddressFamily.InterNetwork && !NotPublic.Any(network => network.Contains(address));

    /// <summary>For nsenter(1).</summary>
    public string Handle => Path.Combine(Spaces, place.Name);

    /// <summary>The machine's rules for this session, as the kernel lists them, right after they were set.</summary>
    public string Rules { get; private set; } = "";

    /// <exception cref="ToolException">This machine cannot do it; why.</exception>
    public async Task CreateAsync(CancellationToken cancel)
    {
        if (options.Uplink is { } uplink && !Forwards(uplink))
            throw new ToolException($"this machine does not forward for {uplink}: set net.ipv4.conf.{uplink}.forwarding to 1");

        // The rules come first: the link is never there without them.
        await Tool.RunAsync("nft", ["-f", "-"], Outside(), cancel);
        await Tool.RunAsync("ip", ["netns", "add", place.Name], cancel: cancel);
        await Tool.RunAsync("ip", ["-batch", "-"], $"""
            link add {place.Name} type veth peer name eth0 netns {place.Name}
            address add {place.Gateway}/30 dev {place.Name}
            link set {place.Name} up
            """ + "\n", cancel);
        await Tool.RunAsync("ip", ["-netns", place.Name, "-batch", "-"], $"""
            address add {place.Address}/30 dev eth0
            link set lo up
            link set eth0 up
            route add default via {place.Gateway}
            """ + "\n", cancel);
        Set($"ipv6/conf/{place.Name}/disable_ipv6");
        Set($"ipv4/conf/{place.Name}/route_localnet");
        Set($"ipv4/conf/{place.Name}/forwarding");
        await InsideAsync(["sh", "-c", "cd /proc/sys/net && for f in ipv6/conf/*/disable_ipv6 ipv4/conf/all/route_localnet; do echo 1 >$f || exit 1; done"],
            null, cancel);
        await InsideAsync(["nft", "-f", "-"], Inside(), cancel);
        Rules = await ListAsync(cancel);
    }

    /// <summary>The machine's rules for this session as they stand.</summary>
    public Task<string> ListAsync(CancellationToken cancel) => Tool.RunAsync("nft", ["list", "table", "inet", place.Name], cancel: cancel);

    /// <summary>Runs a program of this machine in the namespace, as root.</summary>
    public Task<string> InsideAsync(IEnumerable<string> command, string? input, CancellationToken cancel)
        => Tool.RunAsync("nsenter", ["--net=" + Handle, "--", .. command], input, cancel);

    /// <summary>Whether this machine hands on packets that come in there.</summary>
    public static bool Forwards(string uplink)
    {
        var path = $"/proc/sys/net/ipv4/conf/{uplink}/forwarding";
        return !uplink.Contains('/', StringComparison.Ordinal) && File.Exists(path) && File.ReadAllText(path).Trim() == "1";
    }

    private static void Set(string setting) => File.WriteAllText("/proc/sys/net/" + setting, "1");

    // Loopback addresses are given a port of the gateway's each: a packet to 127.0.0.1 never leaves its namespace.
    private string Outside()
    {
        var lines = new StringBuilder();
        var permitted = new StringBuilder();
        foreach (var allowed in options.Allow)
        {
            var (address, port) = Checked(allowed);
            if (IPAddress.IsLoopback(allowed.Address))
                lines.AppendLine(CultureInfo.InvariantCulture, $"    ip daddr {place.Gateway} tcp dport {port} dnat ip to {address}:{port}");
            else
                permitted.AppendLine(CultureInfo.InvariantCulture, $"    ip daddr {address} tcp dport {port} accept");
        }

        if (options.Resolver is { } resolver)
        {
            var (address, port) = Checked(resolver);
            foreach (var protocol in (string[])["udp", "tcp"])
                lines.AppendLine(CultureInfo.InvariantCulture, $"    ip daddr {place.Gateway} {protocol} dport 53 dnat ip to {address}:{port}");
        }

        return $$"""
            table inet {{place.Name}} {
              chain translate {
                type nat hook prerouting priority dstnat
                iifname != "{{place.Name}}" return
            {{lines}}
              }
              chain outgoing {
                type nat hook postrouting priority srcnat
                ip saddr {{place.Address}} oifname != "{{place.Name}}" oifname != "lo" masquerade
              }
              chain input {
                type filter hook input priority filter
                iifname != "{{place.Name}}" return
                jump judge
                reject with icmpx admin-prohibited
              }
              chain forward {
                type filter hook forward priority filter
                oifname "{{place.Name}}" ct state established,related accept
                oifname "{{place.Name}}" reject with icmpx admin-prohibited
                iifname != "{{place.Name}}" return
                jump judge
                ip daddr { {{Special}} } reject with icmpx admin-prohibited
                {{(options.Uplink is { } uplink ? $"oifname \"{uplink}\" accept" : "")}}
                reject with icmpx admin-prohibited
              }
              chain judge {
                ip saddr != {{place.Address}} drop
                ct state established,related accept
                ct status dnat accept
            {{permitted}}
              }
            }
            """ + "\n";
    }

    private string Inside()
    {
        var lines = new StringBuilder();
        foreach (var allowed in options.Allow.Where(a => IPAddress.IsLoopback(a.Address)))
            lines.AppendLine(CultureInfo.InvariantCulture, $"    ip daddr {allowed.Address} tcp dport {allowed.Port} dnat to {place.Gateway}:{allowed.Port}");

        return $$"""
            table ip own {
              chain translate {
                type nat hook output priority -100
            {{lines}}
              }
              chain source {
                type nat hook postrouting priority srcnat
                ip saddr 127.0.0.0/8 oifname "eth0" snat to {{place.Address}}
              }
            }
            """ + "\n";
    }

    private static (string Address, int Port) Checked(IPEndPoint endpoint)
        => endpoint.AddressFamily == AddressFamily.InterNetwork && endpoint.Port > 0 ? (endpoint.Address.ToString(), endpoint.Port)
            : throw new ToolException($"{endpoint} is no IPv4 address with a port");
}
