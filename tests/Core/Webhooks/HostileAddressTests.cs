using System.Net;
using System.Net.Sockets;

namespace Notary.Webhooks.Tests;

/// <summary>Addresses that lead inside, in all their forms: none is taken, and none is dialled.</summary>
[TestClass]
public sealed class HostileAddressTests
{
    public TestContext TestContext { get; set; } = null!;

    /// <summary>One or two addresses of each special range.</summary>
    private static readonly string[] Special4 =
    [
        "0.0.0.0", "0.255.255.255", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254", "169.254.169.254",
        "169.254.0.1", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.31.196.1", "192.52.193.1",
        "192.88.99.1", "192.168.0.1", "192.168.255.255",
        "192.175.48.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1",
        "239.255.255.250", "240.0.0.1", "255.255.255.255", "168.63.129.16",
    ];

    private static readonly string[] Special6 =
    [
        "::", "::1", "fe80::1", "febf::1", "fc00::1", "fdff::1", "fd00:ec2::254", "ff02::1", "ff05::1:3", "fec0::1", "100::1", "64:ff9b:1::1", "2001::1",
        "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "3fff::1", "5f00::1", "2620:4f:8000::1", "4000::1", "e000::1", "::ffff:0:7f00:1",
    ];

    private static readonly string[] Names =
    [
        "localhost", "LOCALHOST", "localhost.", "a.localhost", "metadata.google.internal", "printer.local", "host.docker.internal", "x.home.arpa", "single",
        "a.test", "a.invalid", "a.example", "a.onion", "a.alt", "ip6-localhost",
    ];

    private static readonly string[] Odd =
    [
        "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "https:///path",
        "https://", "//example.com/", "example.com",
        "https://user@example.com/", "https://user:word@example.com/", "https://example.com@127.0.0.1/",
        "https://example.com/#fragment", "https://example.com:0/",
        "https://[fe80::1%25eth0]/", "https://[fe80::1%eth0]/", "https://[2606:4700::1%25lo]/", "https://exa mple.com/", "https://example.com\\@127.0.0.1/",
        "https://例子.中国/", "https://127。0。0。1/", "https://①②⑦.0.0.1/", "javascript:alert(1)", "data:text/plain,x", "https://256.1.1.1.1/",
        "https://example.com:99999/", "https://[::1", "https://%6c%6f%63%61%6c%68%6f%73%74/", "https://127.0.0.1%00.example.com/", "https://example.com/\n",
    ];

    [TestMethod]
    public async Task Nothing_is_dialled_that_leads_inside()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var six = new TcpListener(IPAddress.IPv6Any, 0);
        six.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var port6 = ((IPEndPoint)six.LocalEndpoint).Port;
        var literals = Special4.SelectMany(Forms).Concat(Special6.Select(six => $"[{six}]")).Concat(Special4.SelectMany(Embedded)).Distinct().ToList();
        var urls = literals.Concat(Names).SelectMany(host => new[] { $"https://{host}:{port}/", $"https://{host}/hook" }).Concat(Odd).ToList();
        Assert.IsGreaterThanOrEqualTo(200, urls.Count);

        // None becomes an endpoint.
        foreach (var url in urls)
            Assert.AreEqual(Fault.EndpointRefused,
                Assert.ThrowsExactly<FaultException>(() => EndpointAddress.Demand(url, allowLoopback: false), url).Fault, url);

        // If one were there all the same, as after a change of a name: it is not dialled.
        using var sender = new Sender(allowLoopback: false, TimeProvider.System);
        var dialled = 0;
        foreach (var host in literals.Append("localhost"))
        {
            foreach (var url in new[] { $"http://{host}:{port}/", $"https://{host}:{port6}/" })
            {
                if (!Uri.TryCreate(url, UriKind.Absolute, out var address))
                    continue;

                var sent = await sender.SendAsync(address, "evt_0", [], [new byte[32]], TestContext.CancellationToken);
                Assert.IsTrue(sent.Outcome is "address-forbidden" or "name-unknown", $"{url}: {sent.Outcome}");
                Assert.IsNull(sent.Address, url);
                dialled++;
            }
        }

        Assert.IsGreaterThanOrEqualTo(200, dialled);
        Assert.IsFalse(listener.Pending() || six.Pending(), "somebody came");
    }

    [TestMethod]
    public void Public_addresses_are_taken_and_a_local_runs_switch_opens_this_machine_alone()
    {
        foreach (var url in new[] { "https://hooks.partner.example.com/notary?x=1", "https://8.8.8.8/",
            "https://[2606:4700:4700::1111]:8443/", "https://xn--fsqu00a.xn--fiqs8s/" })
            Assert.AreEqual(new Uri(url), EndpointAddress.Demand(url, allowLoopback: false));

        foreach (var url in new[] { "http://127.0.0.1:8080/x", "http://[::1]/x", "http://localhost:1/" })
            Assert.AreEqual(new Uri(url), EndpointAddress.Demand(url, allowLoopback: true));

        foreach (var url in new[] { "http://10.0.0.1/", "https://169.254.169.254/", "https://[fe80::1]/", "https://printer.local/" })
            Assert.ThrowsExactly<FaultException>(() => EndpointAddress.Demand(url, allowLoopback: true), url);

        Assert.IsTrue(AddressRules.MayDial(IPAddress.Parse("::ffff:8.8.8.8"), false));
        Assert.IsFalse(AddressRules.MayDial(IPAddress.Parse("::ffff:10.0.0.1"), true));
        Assert.IsFalse(AddressRules.MayDial(new IPAddress(IPAddress.Parse("fe80::1").GetAddressBytes(), 3), true));
    }

    /// <summary>One address as resolvers and old libraries also read it.</summary>
    private static IEnumerable<string> Forms(string text)
    {
        var b = IPAddress.Parse(text).GetAddressBytes();
        var all = (uint)((b[0] << 24) | (b[1] << 16) | (b[2] << 8) | b[3]);
        yield return text;
        yield return $"{all}";
        yield return $"0x{all:x8}";
        yield return "0" + Convert.ToString(all, 8);
        yield return string.Join('.', b.Select(one => $"0x{one:x}"));
        yield return string.Join('.', b.Select(one => "0" + Convert.ToString(one, 8)));
        yield return $"{b[0]}.{(b[1] << 16) | (b[2] << 8) | b[3]}";
        yield return $"{b[0]}.{b[1]}.{(b[2] << 8) | b[3]}";
    }

    /// <summary>The same inside an IPv6 address: mapped, compatible, 6to4, NAT64, Teredo's server.</summary>
    private static IEnumerable<string> Embedded(string text)
    {
        var b = IPAddress.Parse(text).GetAddressBytes();
        var hex = $"{(b[0] << 8) | b[1]:x}:{(b[2] << 8) | b[3]:x}";
        yield return $"[::ffff:{text}]";
        yield return $"[::ffff:{hex}]";
        yield return $"[::{hex}]";
        yield return $"[2002:{hex}::1]";
        yield return $"[64:ff9b::{hex}]";
        yield return $"[2001:0:{hex}::1]";
    }
}
