using System.Collections.Concurrent;
using System.Threading.Channels;
using Notary.Evidence.Forensics.Captures;
using Notary.Recorder.Captures;

namespace Notary.Recorder.Desktop;

/// <summary>Something that happened on the desktop: the members of an event but its times (docs/forensics-format.md).</summary>
/// <param name="Type">Such as <c>address</c>.</param>
public sealed record DesktopEvent(string Type, JsonObject Members);

/// <summary>A file that the browser has downloaded, still in the desktop.</summary>
/// <param name="Path">There; named by the browser, not by the site.</param>
/// <param name="Name">As the site names it.</param>
public sealed record Download(string Path, string Name, string Address);

/// <summary>Hears from the browser what its user sees: addresses, connections with their certificates, downloads.</summary>
internal sealed class BrowserWatch : IAsyncDisposable
{
    /// <summary>Connections that are told apart; a session that makes more is told of these only.</summary>
    private const int MaxConnections = 10_000;

    /// <summary>Events that wait to be taken; the browser is waited for when there are more.</summary>
    private const int MaxWaiting = 100_000;

    private readonly BrowserPipe pipe;
    private readonly Channel<BrowserEvent> heard = Channel.CreateBounded<BrowserEvent>(MaxWaiting);
    private readonly ConcurrentDictionary<string, byte> connections = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Name, string Address)> downloads = new(StringComparer.Ordinal);
    private readonly Action<DesktopEvent> happened;
    private readonly Action<Download> downloaded;
    private readonly Task working;

    /// <param name="pipe">Owned from here on.</param>
    /// <param name="happened">Told of what the user sees.</param>
    /// <param name="downloaded">Told of files.</param>
    /// <param name="also">Told of every event; must not wait.</param>
    public BrowserWatch((Stream, Stream) pipe, Action<DesktopEvent> happened, Action<Download> downloaded, Action<BrowserEvent>? also = null)
    {
        (this.happened, this.downloaded) = (happened, downloaded);
        this.pipe = new BrowserPipe(pipe, e =>
        {
            Wire.Take(e);
            also?.Invoke(e);
            heard.Writer.TryWrite(e);
        });
        working = Task.Run(WorkAsync);
    }

    public BrowserPipe Pipe => pipe;

    /// <summary>What its pages have asked for.</summary>
    public Wire Wire { get; } = new();

    /// <summary>Where finished downloads stand in the desktop.</summary>
    public const string Downloads = Sandbox.Home + "/Downloads";

    /// <summary>Begins to listen.</summary>
    public async Task StartAsync(CancellationToken cancel)
    {
        await pipe.SendAsync("Target.setAutoAttach", new JsonObject
        {
            ["autoAttach"] = true,
            ["waitForDebuggerOnStart"] = true,
            ["flatten"] = true,
        }, cancel: cancel);
        await pipe.SendAsync("Browser.setDownloadBehavior", new JsonObject
        {
            ["behavior"] = "allowAndName",
            ["downloadPath"] = Downloads,
            ["eventsEnabled"] = true,
        }, cancel: cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await pipe.DisposeAsync();
        heard.Writer.TryComplete();
        await working;
    }

    private async Task WorkAsync()
    {
        await foreach (var e in heard.Reader.ReadAllAsync())
        {
            try
            {
                await TakeAsync(e);
            }
            catch (Exception fault) when (fault is ToolException or InvalidOperationException or FormatException)
            {
                // A target that is gone again, or an event of another shape: what it would have told is on the screen.
            }
        }
    }

    private async Task TakeAsync(BrowserEvent e)
    {
        var p = e.Parameters;
        switch (e.Method)
        {
            case "Target.attachedToTarget":
                await AttachAsync(p["sessionId"]!.GetValue<string>(), IsPage(p));
                break;
            case "Target.targetInfoChanged" when IsPage(p) && p["targetInfo"] is { } info && IsSite(info["url"]):
                Happened("address", ("url", info["url"]), ("title", info["title"]));
                break;
            case "Page.frameNavigated" when p["frame"] is { } frame && frame["parentId"] == null && IsSite(frame["url"]):
                Happened("address", ("url", frame["url"]), ("title", ""));
                break;
            case "Network.responseReceived" when p["response"] is { } response:
                await ConnectionAsync(response, e.Session);
                break;
            case "Browser.downloadWillBegin":
                downloads[p["guid"]!.GetValue<string>()] = (p["suggestedFilename"]!.GetValue<string>(), p["url"]!.GetValue<string>());
                break;
            case "Browser.downloadProgress" when p["state"]!.GetValue<string>() == "completed":
                var id = p["guid"]!.GetValue<string>();
                if (downloads.Remove(id, out var known))
                    downloaded(new Download($"{Downloads}/{id}", known.Name, known.Address));

                break;
        }
    }

    // A new tab waits until it is listened to: its first request is the one that a capture cannot be without.
    private async Task AttachAsync(string session, bool page)
    {
        try
        {
            if (!page)
                return;

            await pipe.SendAsync("Page.enable", session: session);
            await pipe.SendAsync("Network.enable", new JsonObject
            {
                // So that a page can still be captured when it has been read.
                ["maxTotalBufferSize"] = Archive.MostBytes,
                ["maxResourceBufferSize"] = CaptureFormat.MaxBody,
            }, session);
        }
        finally
        {
            await pipe.SendAsync("Runtime.runIfWaitingForDebugger", session: session);
        }
    }

    private async Task ConnectionAsync(JsonNode response, string? session)
    {
        if (!Uri.TryCreate(response["url"]?.GetValue<string>(), UriKind.Absolute, out var url)
            || response["remoteIPAddress"]?.GetValue<string>() is not { } address || connections.Count >= MaxConnections)
            return;

        var port = response["remotePort"]?.GetValue<int>() ?? url.Port;
        if (!connections.TryAdd($"{url.Host} {address} {port} {response["connectionId"]}", 0))
            return;

        var members = new List<(string, JsonNode?)>
        {
            ("name", url.Host), ("address", address), ("port", port), ("protocol", response["protocol"]), ("status", response["status"]),
        };
        if (url.Scheme == Uri.UriSchemeHttps && await CertificateAsync(url, session) is { } certificate)
            members.Add(("certificate", certificate));

        Happened("connection", [.. members]);
    }

    /// <returns>SHA-256 of the site's own certificate; null when the page is gone again: its connection is told all the same.</returns>
    private async Task<string?> CertificateAsync(Uri url, string? session)
    {
        try
        {
            var chain = await pipe.SendAsync("Network.getCertificate", new JsonObject { ["origin"] = url.GetLeftPart(UriPartial.Authority) }, session);
            return chain["tableNames"] is JsonArray { Count: > 0 } shown
                ? Convert.ToHexStringLower(SHA256.HashData(Convert.FromBase64String(shown[0]!.GetValue<string>()))) : null;
        }
        catch (ToolException)
        {
            return null;
        }
    }

    private static bool IsPage(JsonNode parameters) => parameters["targetInfo"]!["type"]!.GetValue<string>() == "page";

    private static bool IsSite(JsonNode? url)
        => url?.GetValue<string>() is { Length: > 0 } text && text != "about:blank" && !text.StartsWith("chrome", StringComparison.Ordinal);

    private void Happened(string type, params (string Name, JsonNode? Value)[] members)
        => happened(new DesktopEvent(type, new JsonObject(members.Select(m => KeyValuePair.Create(m.Name, m.Value?.DeepClone())))));
}
