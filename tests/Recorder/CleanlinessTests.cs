using Notary.Recorder.Cleanliness;
using Notary.Recorder.Desktop;

namespace Notary.Recorder.Tests;

/// <summary>One desktop, measured clean, then with one piece of dirt after another: each is found, by the check that is made for it.</summary>
[TestClass]
public sealed class CleanlinessTests
{
    public required TestContext TestContext { get; init; }

    private LocalDesktop desktop = null!;
    private Site site = null!;
    private SecureSite known = null!, reader = null!;
    private string recorder = CleanlinessSettings.Recording;
    private readonly Skewed clock = new();

    private CancellationToken Cancel => TestContext.CancellationToken;

    [TestMethod]
    public async Task ACleanDesktopIsCleanAndEachPieceOfDirtIsFoundBeforeInput()
    {
        site = await Site.StartAsync();
        await using var _ = site;
        await using var first = known = await SecureSite.StartAsync("Known authority");
        await using var second = reader = await SecureSite.StartAsync("Rogue authority");
        await using var one = await TimestampAuthority.StartAsync(new TimestampAuthorityOptions { Name = "one" });
        await using var two = await TimestampAuthority.StartAsync(new TimestampAuthorityOptions { Name = "two" });
        var options = new DesktopOptions
        {
            Session = DepositId.New(TimeProvider.System),
            Allow = [site.EndPoint, known.EndPoint, reader.EndPoint],
            Resolver = site.Resolver,
        };
        var connections = new ConcurrentQueue<JsonObject>();
        desktop = await LocalDesktop.PrepareAsync(options, Cancel);
        await using var __ = desktop;
        desktop.Happened += e => { if (e.Type == "connection") connections.Enqueue(e.Members); };
        await desktop.StartBrowserAsync(Cancel);
        using var http = new HttpClient();
        var settings = new CleanlinessSettings
        {
            Authorities = [one.Url, two.Url],
            Recorder = _ => Task.FromResult(recorder),
            Names = [Site.Name],
            Site = known.Url,
            SiteRoots = known.Root,
            Lookup = (_, _) => Task.FromResult(new[] { IPAddress.Loopback }),
        };
        var measurement = new Measurement(desktop, settings, http, clock);
        var report = await measurement.MeasureAsync(Cancel);
        Assert.AreEqual("", Dirty(report));
        Assert.IsTrue(CleanlinessReport.Parse(report.ToBytes()).Clean);

        foreach (var (check, plant, clean) in Dirt(one.Url, new Uri($"http://127.0.0.1:{site.EndPoint.Port}/")))
        {
            var probe = measurement.Probes.Single(p => p.Name == check);
            // A program that is planted or killed takes a moment to be there or gone.
            await plant();
            await OneDesktop.UntilAsync(async () => (await probe.RunAsync(Cancel)).Verdict == CheckVerdict.Fail, Cancel, $"{check} is not found");
            await clean();
            if (clean != Leave)
                await OneDesktop.UntilAsync(async () => (await probe.RunAsync(Cancel)).Verdict == CheckVerdict.Pass, Cancel, $"{check} stays");
        }

        // A pinned image that this is not; an authority that does not answer properly; one authority alone: the report as a whole is refused.
        one.Mode = TimestampAuthorityMode.WrongNonce;
        // A known site under another root than the pinned one.
        var other = settings with { Image = Digest.Of("another"u8), SiteRoots = reader.Root };
        var refused = await new Measurement(desktop, other, http, clock).MeasureAsync(Cancel);
        Assert.IsFalse(CleanlinessReport.Parse(refused.ToBytes()).Clean);
        Assert.AreEqual(CheckVerdict.Fail, refused.Checks.Single(c => c.Name == "image").Verdict);
        Assert.AreEqual(CheckVerdict.Unknown, refused.Checks.Single(c => c.Name == Clock(one.Url)).Verdict);
        Assert.AreEqual(CheckVerdict.Fail, refused.Checks.Single(c => c.Name == "time authorities").Verdict);
        var chain = refused.Checks.Single(c => c.Name == $"certificates of {known.Url.Authority}");
        Assert.AreEqual(CheckVerdict.Fail, chain.Verdict);
        StringAssert.StartsWith(chain.Found, "not trusted (");

        // Without a known site the report says that there is none, and that alone refuses nothing.
        var none = await new Measurement(desktop, settings with { Site = null }, http, clock).Probes[^1].RunAsync(Cancel);
        Assert.AreEqual(("certificates of a known site", "not configured", CheckVerdict.Pass), (none.Name, none.Found, none.Verdict));
        await ConnectionsAreToldWithTheirCertificatesAsync(connections);
    }

    /// <summary>A page of an https site, whose authority the browser is told not to mind.</summary>
    private async Task ConnectionsAreToldWithTheirCertificatesAsync(ConcurrentQueue<JsonObject> connections)
    {
        var page = (await desktop.PagesAsync(Cancel))[0];
        var session = (await SendAsync("Target.attachToTarget", new JsonObject { ["targetId"] = page, ["flatten"] = true }))["sessionId"]!.GetValue<string>();
        await desktop.Browser.SendAsync("Security.setIgnoreCertificateErrors", new JsonObject { ["ignore"] = true }, session, Cancel);
        await desktop.Browser.SendAsync("Page.navigate", new JsonObject { ["url"] = reader.Url.AbsoluteUri }, session, Cancel);
        await OneDesktop.UntilAsync(() => Task.FromResult(connections.Any(c => (string?)c["certificate"] == reader.Digest)), Cancel);
        var told = connections.First(c => (string?)c["certificate"] == reader.Digest);
        Assert.AreEqual((Site.Name, "127.0.0.1", reader.EndPoint.Port), ((string?)told["name"], (string?)told["address"], (int?)told["port"]));
    }

    /// <summary>Which check must find it, how it is planted, and how it is taken away again.</summary>
    private IEnumerable<(string Check, Func<Task> Plant, Func<Task> Clean)> Dirt(Uri authority, Uri page)
    {
        yield return ("recorder", Do(() => recorder = "not running"), Do(() => recorder = CleanlinessSettings.Recording));
        yield return Edited("hosts file", "hosts", text => text + "203.0.113.7 bank.example\n");
        yield return Edited("resolver", "resolv.conf", _ => "nameserver 203.0.113.53\n");
        yield return ($"addresses of {Site.Name}", Do(() => site.Answer = IPAddress.Parse("203.0.113.7")), Do(() => site.Answer = IPAddress.Loopback));
        yield return Edited("system roots", "ca-certificates.crt", text => text + "-----BEGIN CERTIFICATE-----\nrogue\n-----END CERTIFICATE-----\n");
        yield return Edited("browser proxy", "notary.json", text => text.Replace("\"direct\"", "\"fixed_servers\"", StringComparison.Ordinal));
        yield return Edited("browser policies", "notary.json", text => text.Replace("\"devtools:*\",", "", StringComparison.Ordinal));
        yield return Edited("files under /etc", "nsswitch.conf", text => text.Replace("files dns", "dns", StringComparison.Ordinal));
        // The browser itself makes an empty store when it opens the known site, which is why that is looked at last.
        yield return Shell("browser roots", "mkdir -p .pki/nssdb && echo rogue > .pki/nssdb/cert9.db", "rm -rf .pki .local");
        yield return Shell("extensions", "cd profile/Default && mkdir -p Extensions/x && echo {} > Extensions/x/manifest.json",
            "rm -r profile/Default/Extensions/x");
        yield return Shell("autostart", "mkdir -p .config/autostart && echo > .config/autostart/x.desktop", "rm -r .config/autostart");
        yield return Shell("downloads", "mkdir -p Downloads && echo > Downloads/left.exe", "rm Downloads/left.exe");
        yield return Shell("system proxy", "http_proxy=http://203.0.113.7:8080 sh -c 'sleep 1000 & echo $! > /tmp/id' >/dev/null 2>&1", "kill $(cat /tmp/id)");
        yield return Shell("processes", "sh -c 'sleep 1000 & echo $! > /tmp/id' >/dev/null 2>&1", "kill $(cat /tmp/id)");
        yield return Shell("file manager", "pkill -x pcmanfm", "rm -f /run/user/pcmanfm-*; sh /etc/files >/dev/null 2>&1 </dev/null &");
        yield return Shell("image", "cp /usr/bin/sleep /tmp/viewer; sh -c '/tmp/viewer 1000 & echo $! > /tmp/id' >/dev/null 2>&1",
            "kill $(cat /tmp/id); rm /tmp/viewer /tmp/id");
        yield return Shell("listening ports", "perl -MIO::Socket -e '$s = IO::Socket::INET->new(Listen=>1) or die; "
            + "fork and exit; open STDOUT, q(>/dev/null); open STDERR, q(>/dev/null); open F, q(>/tmp/id); print F $$; close F; sleep 1000'",
            "while ! [ -s /tmp/id ]; do :; done; kill $(cat /tmp/id)");
        yield return ("writable mounts", () => MountAsync("mount", "-t", "tmpfs", "second", "/usr/local"), () => MountAsync("umount", "/usr/local"));
        yield return ("input and clipboards", () => desktop.ConnectInputAsync(true, Cancel), () => desktop.ConnectInputAsync(false, Cancel));
        yield return ("network rules", () => Tool.RunAsync("nft", ["add", "chain", "inet", desktop.Place.Name, "hole"]),
            () => Tool.RunAsync("nft", ["delete", "chain", "inet", desktop.Place.Name, "hole"]));
        // Who reads along: what the desktop sends to the known site comes to another, with a certificate of a root of its own.
        yield return ($"certificates of {known.Url.Authority}", () => desktop.Network.InsideAsync(["nft", "-f", "-"], "table ip reader { chain out { "
            + $"type nat hook output priority -101; ip daddr 127.0.0.1 tcp dport {known.EndPoint.Port} dnat to "
            + $"{desktop.Place.Gateway}:{reader.EndPoint.Port}; }}\n}}\n", Cancel),
            () => desktop.Network.InsideAsync(["nft", "delete", "table", "ip", "reader"], null, Cancel));
        yield return ("routes", () => desktop.Network.InsideAsync(["ip", "route", "add", "203.0.113.0/24", "via", desktop.Place.Gateway], null, Cancel),
            () => desktop.Network.InsideAsync(["ip", "route", "delete", "203.0.113.0/24"], null, Cancel));
        yield return ("interfaces", () => desktop.Network.InsideAsync(["ip", "link", "add", "tun7", "type", "veth", "peer", "name", "tun8"], null, Cancel),
            () => desktop.Network.InsideAsync(["ip", "link", "delete", "tun7"], null, Cancel));
        yield return (Clock(authority), Do(() => clock.Ahead = TimeSpan.FromSeconds(2)), Do(() => clock.Ahead = TimeSpan.Zero));
        yield return (Clock(authority), Do(() => clock.Ahead = TimeSpan.FromSeconds(-2)), Do(() => clock.Ahead = TimeSpan.Zero));
        yield return ("cookies", () => SendAsync("Storage.setCookies", new JsonObject
        {
            ["cookies"] = new JsonArray(new JsonObject { ["name"] = "left", ["value"] = "over", ["url"] = page.ToString() }),
        }), () => SendAsync("Storage.clearCookies", []));
        yield return ("history", async () =>
        {
            await desktop.OpenAsync(page, Cancel);
            await OneDesktop.UntilAsync(async () => await OneDesktop.TitleAsync(desktop, Cancel) == "Films", Cancel);
        }, Leave);
        yield return ("pages and workers", () => SendAsync("Target.createTarget", new JsonObject { ["url"] = page.ToString() }), Leave);
    }

    private static readonly Func<Task> Leave = () => Task.CompletedTask;

    private static Func<Task> Do(Action act) => () =>
    {
        act();
        return Task.CompletedTask;
    };

    /// <summary>A file that the desktop is given by this machine, changed under it.</summary>
    private (string, Func<Task>, Func<Task>) Edited(string check, string file, Func<string, string> edit)
    {
        var path = Path.Combine(desktop.Place.File("etc"), file);
        var clean = File.ReadAllText(path);
        return (check, () => File.WriteAllTextAsync(path, edit(clean), Cancel), () => File.WriteAllTextAsync(path, clean, Cancel));
    }

    /// <summary>Dirt that a user of the desktop could leave.</summary>
    private (string, Func<Task>, Func<Task>) Shell(string check, string plant, string clean)
        => (check, () => desktop.Sandbox.RunAsync(["sh", "-c", $"cd; {plant}"], Cancel), () => desktop.Sandbox.RunAsync(["sh", "-c", $"cd; {clean}"], Cancel));

    private Task<string> MountAsync(params string[] command)
        => Tool.RunAsync("nsenter", ["--target", $"{desktop.Sandbox.Init}", "--mount", "--", .. command], cancel: Cancel);

    private Task<JsonNode> SendAsync(string method, JsonObject parameters) => desktop.Browser.SendAsync(method, parameters, cancel: Cancel);

    private static string Clock(Uri authority) => $"clock against {authority.Host}:{authority.Port}{authority.AbsolutePath}";

    private static string Dirty(CleanlinessReport report) => string.Join('\n', report.Checks.Where(c => c.Verdict != CheckVerdict.Pass));

    private sealed class Skewed : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;
    }
}
