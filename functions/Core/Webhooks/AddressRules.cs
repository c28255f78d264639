using System.Net;
using System.Net.Sockets;

namespace Notary.Webhooks;

/// <summary>Which addresses are of the public internet: an endpoint's address must not lead into our own network,
/// to this machine, or to the cloud's own services.</summary>
/// <remarks>IANA's registries of special-purpose addresses (RFC 6890 and its successors), and what Azure keeps inside its networks.</remarks>
public static class AddressRules
{
    private static readonly IPNetwork[] Special4 =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24",
            "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "168.63.129.16/32", // Azure's own agent, DNS and DHCP: a public address that answers inside only.
        }.Select(IPNetwork.Parse),
    ];

    /// <summary>Global unicast; what lies outside is special, unknown, or an IPv4 address in another form.</summary>
    private static readonly IPNetwork Global6 = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] Special6 =
    [
        // Protocol assignments with Teredo, benchmarking and ORCHID; documentation; 6to4, which leads to an IPv4 address; AS112.
        .. new[] { "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "2620:4f:8000::/48" }.Select(IPNetwork.Parse),
    ];

    /// <summary>Whether an address may be dialled.</summary>
    /// <param name="address">As the resolver gave it, or as it stands in the URL.</param>
    /// <param name="allowLoopback">On one machine, where the receiver runs beside us.</param>
    public static bool MayDial(IPAddress address, bool allowLoopback)
    {
        // A mapped address is dialled as the IPv4 address it holds.
        var real = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return real.AddressFamily switch
        {
            AddressFamily.InterNetwork => (allowLoopback && IPAddress.IsLoopback(real)) || !Special4.Any(network => network.Contains(real)),
            AddressFamily.InterNetworkV6 => (allowLoopback && IPAddress.IsLoopback(real))
                || (real.ScopeId == 0 && Global6.Contains(real) && !Special6.Any(network => network.Contains(real))),
            _ => false,
        };
    }
}
