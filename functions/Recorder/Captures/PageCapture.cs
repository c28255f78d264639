using Notary.Evidence.Forensics.Captures;
using Notary.Recorder.Desktop;
using Notary.Recorder.Recording;

namespace Notary.Recorder.Captures;

/// <summary>Captures a page: 1 asked for a second time outside, 2 what is painted, its DOM, its picture, 3 the wire, 4 the certificates, 5 compared.</summary>
/// <param name="browser">The browser's pipe.</param>
/// <param name="wire">Has heard it from its start.</param>
/// <param name="second">Asks outside.</param>
/// <param name="clock">Ours.</param>
internal sealed class PageCapture(BrowserPipe browser, Wire wire, SecondFetch second, TimeProvider clock)
{
    /// <summary>CSS pixels of a picture: what a browser paints in one piece.</summary>
    private const int MostHeight = 16_384, MostWidth = 8192;

    /// <summary>Characters of a title, of an address, of what the browser says of a connection.</summary>
    private const int MostTitle = 1000, MostAddress = 8192, MostFact = 300;

    /// <summary>For the browser's part of it: a page may keep its process busy for ever.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Who writes archives.</summary>
    public static string Software { get; } = $"notary-recorder {typeof(PageCapture).Assembly.GetName().Version!.ToString(3)}";

    /// <summary>Writes a capture's files into a folder.</summary>
    /// <exception cref="ToolException">There is no page to be captured, or the browser does not answer.</exception>
    public async Task<CaptureReport> TakeAsync(long number, string folder, CancellationToken cancel)
    {
        using var patience = new CancellationTokenSource(Patience, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, patience.Token);
        try
        {
            return await TakeBoundedAsync(number, folder, both.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new ToolException($"the page was not captured within {Patience.TotalSeconds} s");
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or NullReferenceException or ArgumentOutOfRangeException or FaultException)
        {
            throw new ToolException($"the browser's answer cannot be read: {e.Message}");
        }
    }

    private async Task<CaptureReport> TakeBoundedAsync(long number, string folder, CancellationToken cancel)
    {
        var (session, world) = await VisibleAsync(cancel);
        Task<JsonNode> AskAsync(string method, JsonObject? parameters = null) => browser.SendAsync(method, parameters, session, cancel);
        var tree = (await AskAsync("Page.getFrameTree"))["frameTree"]!;
        var (frame, at) = (tree["frame"]!, clock.GetUtcNow());
        var address = Text(frame["url"]) + Text(frame["urlFragment"]);
        if (!Uri.TryCreate(address, UriKind.Absolute, out var page) || (page.Scheme != Uri.UriSchemeHttp && page.Scheme != Uri.UriSchemeHttps))
            throw new ToolException("the browser shows no page of a site");

        var loaders = Frames(tree).Select(f => Text(f["loaderId"])).ToHashSet(StringComparer.Ordinal);
        var document = wire.Of(session).LastOrDefault(r => r.Id == Text(frame["loaderId"]));

        // 1: meanwhile.
        var asked = document is null or { Method: "GET" } ? second.FetchAsync(page, await AgentAsync(cancel), cancel)
            : Task.FromResult<(IReadOnlyList<Exchange>, SecondFetched)>(([], new SecondFetched(SecondOutcome.Unasked, "", 0, $"it was a {document.Method}")));

        // 2
        var (seen, cut) = await Snapshot.TakeAsync(browser, session, cancel);
        var root = (await AskAsync("DOM.getDocument", new JsonObject { ["depth"] = 0 }))["root"]!["nodeId"]!.GetValue<int>();
        var dom = Text((await AskAsync("DOM.getOuterHTML", new JsonObject { ["nodeId"] = root, ["includeShadowDOM"] = true }))["outerHTML"]);
        if (Encoding.UTF8.GetByteCount(dom) > CaptureFormat.MaxDom)
            throw new ToolException($"the page's DOM has more than {CaptureFormat.MaxDom} bytes");

        var title = Text((await AskAsync("Target.getTargetInfo"))["targetInfo"]!["title"]);
        var size = await PictureAsync(folder, AskAsync);

        // 3
        var archive = new Archive(browser, session, await ValueAsync("document.characterSet", session, world, cancel));
        var exchanges = await archive.TakeAsync([.. wire.Of(session).Where(r => loaders.Contains(r.Loader))], cancel);
        var main = document is null ? null : Archive.Bare(document.Address);
        if (!exchanges.Any(e => e.Address == main))
            main = null;

        await File.WriteAllTextAsync(Path.Combine(folder, CaptureFormat.Dom), dom, cancel);
        await File.WriteAllBytesAsync(Path.Combine(folder, CaptureFormat.Seen), SeenTexts.Write(seen), cancel);
        await using (var file = new FileStream(Path.Combine(folder, CaptureFormat.Archive), FileMode.CreateNew))
            Wacz.Write(file, main ?? Archive.Bare(address), Cut(title, MostTitle), at, Software, exchanges);

        // 4
        var tls = page.Scheme == Uri.UriSchemeHttps ? await CertificatesAsync(folder, page, document?.Response, AskAsync) : null;

        // 5
        var (others, ended) = await asked;
        if (others.Count > 0)
            Write(Path.Combine(folder, CaptureFormat.Second), at, others);

        var views = await ReadAsync(folder, others.Count > 0 && ended.Outcome == SecondOutcome.Fetched, cancel);
        List<MissingResponse> missing = [.. archive.Missing];
        if (cut)
            missing.Insert(0, new MissingResponse(Cut(address, MostAddress), "it has more texts than are compared"));

        var report = new CaptureReport(
            number, DateTimeOffset.FromUnixTimeMilliseconds(at.ToUnixTimeMilliseconds()), Cut(address, MostAddress), Cut(title, MostTitle), size,
            [.. Files(folder)], tls, main, views.Wire.Count, [.. missing.Take(CaptureFormat.MaxListed)],
            [.. Frames(tree).Skip(1).Select(f => Cut(Text(f["url"]), MostAddress)).Take(CaptureFormat.MaxListed)], ended,
            Reconciliation.Make(seen, views.Dom, views.Wire, main, views.Second));
        await File.WriteAllBytesAsync(Path.Combine(folder, CaptureFormat.Report), report.ToBytes(), cancel);
        return report;
    }

    /// <summary>The page that the user looks at: the others are hidden.</summary>
    /// <returns>Its session, and a world of its own in it, where no script of the page has changed what words mean.</returns>
    private async Task<(string Session, JsonNode World)> VisibleAsync(CancellationToken cancel)
    {
        var targets = (await browser.SendAsync("Target.getTargets", cancel: cancel))["targetInfos"]!.AsArray();
        foreach (var target in targets.Where(t => Text(t!["type"]) == "page"))
        {
            if (wire.SessionOf(Text(target!["targetId"])) is not { } session)
                continue;

            var world = await browser.SendAsync("Page.createIsolatedWorld", new JsonObject { ["frameId"] = target["targetId"]!.DeepClone() }, session, cancel);
            if (await ValueAsync("document.visibilityState", session, world, cancel) == "visible")
                return (session, world);
        }

        throw new ToolException("the browser shows no page");
    }

    private async Task<string> ValueAsync(string expression, string session, JsonNode world, CancellationToken cancel)
        => Text((await browser.SendAsync("Runtime.evaluate",
            new JsonObject { ["expression"] = expression, ["contextId"] = world["executionContextId"]!.DeepClone() }, session, cancel))["result"]!["value"]);

    private async Task<string> AgentAsync(CancellationToken cancel) => Text((await browser.SendAsync("Browser.getVersion", cancel: cancel))["userAgent"]);

    private static async Task<CaptureSize> PictureAsync(string folder, Func<string, JsonObject?, Task<JsonNode>> ask)
    {
        var metrics = await ask("Page.getLayoutMetrics", null);
        var (whole, window) = (metrics["cssContentSize"]!, metrics["cssLayoutViewport"]!);
        var (width, full) = (Math.Clamp(Ceiling(whole["width"]), 1, MostWidth), Math.Max(1, Ceiling(whole["height"])));
        var height = (int)Math.Min(full, MostHeight);
        var taken = await ask("Page.captureScreenshot", new JsonObject
        {
            ["format"] = "png",
            ["captureBeyondViewport"] = true,
            ["clip"] = new JsonObject { ["x"] = 0, ["y"] = 0, ["width"] = width, ["height"] = height, ["scale"] = 1 },
        });
        var picture = Path.Combine(folder, CaptureFormat.Picture);
        await File.WriteAllBytesAsync(picture, Convert.FromBase64String(Text(taken["data"])));
        await Child.RunAsync("ffmpeg", ["-hide_banner", "-nostats", "-loglevel", "error", "-i", picture,
            "-vf", "crop=iw:min(ih\\,iw*5/8):0:0,scale=480:-2", "-frames:v", "1", "-fflags", "+bitexact", "-c:v", "mjpeg", "-q:v", "4",
            "-f", "image2", Path.Combine(folder, CaptureFormat.Thumbnail)], new Dictionary<string, string>(), CancellationToken.None);
        return new CaptureSize((int)width, height, full, (int)Ceiling(window["clientHeight"]));
    }

    private static async Task<CaptureTls?> CertificatesAsync(string folder, Uri page, JsonNode? response, Func<string, JsonObject?, Task<JsonNode>> ask)
    {
        var said = await ask("Network.getCertificate", new JsonObject { ["origin"] = page.GetLeftPart(UriPartial.Authority) });
        if (said["tableNames"] is not JsonArray { Count: > 0 } chain)
            return null;

        var certificates = chain.Select(c => Convert.FromBase64String(Text(c))).ToList();
        await File.WriteAllTextAsync(Path.Combine(folder, CaptureFormat.Chain),
            string.Concat(certificates.Select(c => PemEncoding.WriteString("CERTIFICATE", c) + "\n")));
        var details = response?["securityDetails"];
        return new CaptureTls(Fact("protocol"), Fact("cipher"), Fact("issuer"), Digest.Of(certificates[0]));

        string Fact(string member) => Cut(Text(details?[member]), MostFact);
    }

    private static void Write(string path, DateTimeOffset at, IReadOnlyList<Exchange> exchanges)
    {
        using var file = new FileStream(path, FileMode.CreateNew);
        var warc = new WarcWriter(file, Software, at);
        foreach (var exchange in exchanges)
            warc.Append(exchange);
    }

    // What was written is read again: the comparison is of the files, as anybody's will be.
    private static async Task<(string Dom, IReadOnlyList<WarcResponse> Wire, WarcResponse? Second)> ReadAsync(
        string folder, bool fetched, CancellationToken cancel)
    {
        var dom = Texts.Decode(await File.ReadAllBytesAsync(Path.Combine(folder, CaptureFormat.Dom), cancel));
        using var archive = new MemoryStream(await File.ReadAllBytesAsync(Path.Combine(folder, CaptureFormat.Archive), cancel));
        var wire = Wacz.Read(archive);
        if (!fetched)
            return (dom, wire, null);

        using var second = new MemoryStream(await File.ReadAllBytesAsync(Path.Combine(folder, CaptureFormat.Second), cancel));
        return (dom, wire, WarcReader.Read(second)[^1]);
    }

    private static IEnumerable<NamedPart> Files(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
        {
            using var content = File.OpenRead(file);
            yield return new NamedPart(Path.GetFileName(file), new Part(content.Length, new Digest(SHA256.HashData(content))));
        }
    }

    private static IEnumerable<JsonNode> Frames(JsonNode tree)
        => (tree["childFrames"]?.AsArray() ?? []).SelectMany(child => Frames(child!)).Prepend(tree["frame"]!);

    private static long Ceiling(JsonNode? number) => (long)Math.Ceiling(number!.GetValue<double>());

    private static string Text(JsonNode? node) => node?.GetValue<string>() ?? "";

    // Not within a pair of surrogates: half of one is no text.
    private static string Cut(string text, int most)
        => string.Concat((text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)]).EnumerateRunes());
}
