using Notary.Recorder.Desktop;

namespace Notary.Recorder.Cleanliness;

/// <summary>The browser: its version, what it is told, and that its profile has never been used.</summary>
internal sealed class BrowserProbes(LocalDesktop desktop)
{
    public IEnumerable<Probe> All =>
    [
        new("browser", "of its package", VersionAsync) { Accept = found => found.EndsWith(", of its package", StringComparison.Ordinal) },
        new("browser policies", $"{Digest.Of(Encoding.UTF8.GetBytes(BrowserPolicy.Text))}  {Policies}/notary.json",
            async c => (await desktop.Sandbox.RunAsync(["find", "/etc/chromium", "-not", "-type", "d", "-exec", "sha256sum", "{}", "+"], c)).Trim()),
        new("browser arguments", FixedFiles.Browser, _ => Task.FromResult(Arguments())),
        new("browser proxy", "direct", ProxyAsync),
        new("system roots", Digest.Of(Encoding.UTF8.GetBytes(desktop.Files.Written[Bundle])) + "  " + Bundle,
            async c => (await desktop.Sandbox.RunAsync(["find", "/etc/ssl", "-not", "-type", "d", "-exec", "sha256sum", "{}", "+"], c)).Trim()),
        new("browser roots", "", c => FilesAsync(["/home/user/.pki", "/home/user/.local"], [], c)),
        new("cookies", "", CookiesAsync),
        new("history", "about:blank", HistoryAsync),
        new("extensions", "", c => FilesAsync([Sandbox.Profile], ["-path", "*/Extensions/*"], c)),
        new("pages and workers", "page about:blank", TargetsAsync),
    ];

    private const string Policies = "/etc/chromium/policies/managed";

    private const string Bundle = "/etc/ssl/certs/ca-certificates.crt";

    private async Task<string> VersionAsync(CancellationToken cancel)
    {
        var version = (await desktop.Browser.SendAsync("Browser.getVersion", cancel: cancel))["product"]!.GetValue<string>();
        var package = await Tool.RunAsync("dpkg-query", ["--show", "--showformat=${Version}", "chromium"], cancel: cancel);
        return version == "Chrome/" + package.Split('-')[0] ? version + ", of its package" : $"{version}, package {package}";
    }

    private string Arguments()
        => Remains.Processes(desktop.Place.User).Select(p => p.Command.TrimEnd()).Where(c => c.Contains("/chromium ", StringComparison.Ordinal)
            && !c.Contains(" --type=", StringComparison.Ordinal) && !c.StartsWith("bwrap", StringComparison.Ordinal)).DefaultIfEmpty("none").First();

    private async Task<string> ProxyAsync(CancellationToken cancel)
    {
        var policy = JsonNode.Parse(await desktop.Sandbox.RunAsync(["cat", Policies + "/notary.json"], cancel));
        return Arguments().Contains("--proxy", StringComparison.Ordinal) ? Arguments()
            : policy?["ProxySettings"]?["ProxyMode"]?.GetValue<string>() ?? "the system's";
    }

    private async Task<string> FilesAsync(string[] folders, string[] where, CancellationToken cancel)
        => (await desktop.Sandbox.TryAsync(["find", .. folders, "-not", "-type", "d", .. where], cancel)).Output.Trim().Replace('\n', ' ');

    private async Task<string> CookiesAsync(CancellationToken cancel)
        => string.Join(' ', (await desktop.Browser.SendAsync("Storage.getCookies", cancel: cancel))["cookies"]!.AsArray()
            .Select(c => $"{c!["domain"]} {c["name"]}"));

    private async Task<string> HistoryAsync(CancellationToken cancel)
    {
        var page = (await desktop.PagesAsync(cancel))[0];
        var attached = await desktop.Browser.SendAsync("Target.attachToTarget", new JsonObject { ["targetId"] = page, ["flatten"] = true }, cancel: cancel);
        var session = attached["sessionId"]!.GetValue<string>();
        var history = await desktop.Browser.SendAsync("Page.getNavigationHistory", session: session, cancel: cancel);
        await desktop.Browser.SendAsync("Target.detachFromTarget", new JsonObject { ["sessionId"] = session }, cancel: cancel);
        return string.Join(' ', history["entries"]!.AsArray().Select(e => e!["url"]!.GetValue<string>()));
    }

    // The browser's own surfaces are chrome: pages.
    private async Task<string> TargetsAsync(CancellationToken cancel)
    {
        var everything = new JsonObject { ["filter"] = new JsonArray(new JsonObject()) };
        var targets = (await desktop.Browser.SendAsync("Target.getTargets", everything, cancel: cancel))["targetInfos"]!.AsArray();
        return string.Join(", ", targets.Where(t => !t!["url"]!.GetValue<string>().StartsWith("chrome:", StringComparison.Ordinal)
            && t["type"]!.GetValue<string>() is not ("browser" or "tab")).Select(t => $"{t!["type"]} {t["url"]}").Order(StringComparer.Ordinal));
    }
}
