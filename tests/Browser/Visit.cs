using System.Collections.Concurrent;

namespace Notary.Browser;

/// <summary>One visitor's page, and all that was wrong while he was there.</summary>
public sealed class Visit : IAsyncDisposable
{
    // Where pictures of pages are wanted, this names a folder for them.
    private const string Pictures = "NOTARY_PICTURES";

    private static readonly Lazy<string> Axe = new(() => File.ReadAllText(
        Path.Combine(Repository.Root, "scripts", "node_modules", "axe-core", "axe.min.js")));

    private readonly IBrowserContext context;
    private readonly ConcurrentQueue<string> findings = new();
    private readonly ConcurrentQueue<IRequest> requests = new();

    internal Visit(IBrowserContext context, IPage page, Uri site, Uri? besides)
    {
        (this.context, Page) = (context, page);
        page.Console += (_, message) =>
        {
            // Chromium says so of every answer from 400 on, also of a page that is meant to be one.
            if (message.Type == "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
                findings.Enqueue($"console: {message.Text}");
        };
        page.PageError += (_, error) => findings.Enqueue($"script: {error}");
        context.Request += (_, request) =>
        {
            requests.Enqueue(request);
            string?[] known = [site.ToString(), "blob:", besides?.ToString()];
            if (!known.Any(k => k is not null && request.Url.StartsWith(k, StringComparison.Ordinal)))
                findings.Enqueue($"asks elsewhere: {request.Url}");
        };
    }

    public IPage Page { get; }

    /// <summary>What the browser asked for.</summary>
    public IReadOnlyCollection<IRequest> Requests => requests;

    /// <summary>Errors of scripts and of the content security policy, and requests that lead elsewhere.</summary>
    public IReadOnlyCollection<string> Findings => findings;

    /// <summary>Goes there and waits until everything has come.</summary>
    public async Task<IResponse> GoAsync(string path)
        => await Page.GotoAsync(path, new PageGotoOptions { WaitUntil = WaitUntilState.NetworkIdle }) ?? throw new InvalidOperationException("no answer");

    /// <summary>Everything wrong with the page as it stands: what axe finds, what is broader than the window, and the <see cref="Findings"/>.</summary>
    public async Task<IReadOnlyList<string>> JudgeAsync()
    {
        // By way of the debugger, which the page's content security policy does not bind.
        await Page.EvaluateAsync(Axe.Value);
        var violations = await Page.EvaluateAsync<string[]>(
            "async () => (await axe.run(document)).violations.map(v => `axe ${v.id}: ${v.help}: ${v.nodes.map(n => n.html).slice(0, 3).join(' | ')}`)");
        var broad = await Page.EvaluateAsync<string[]>(
            """
            () => document.documentElement.scrollWidth <= document.documentElement.clientWidth ? []
              : [`broader than the window: ${[...document.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
                  .map(e => e.tagName + '.' + e.className).slice(0, 5)}`]
            """);
        return [.. violations, .. broad, .. findings];
    }

    /// <summary>How far what one reads has moved since the page began to come (Layout Instability, 0 is not at all).</summary>
    public async Task<double> ShiftAsync() => await Page.EvaluateAsync<double>(
        """
        () => new Promise(done => {
          const list = [], observer = new PerformanceObserver(l => list.push(...l.getEntries()));
          observer.observe({ type: 'layout-shift', buffered: true });
          requestAnimationFrame(() => requestAnimationFrame(() => done([...list, ...observer.takeRecords()].reduce((n, e) => n + e.value, 0))));
        })
        """);

    /// <summary>A picture of the whole page, where pictures are wanted.</summary>
    public async Task PictureAsync(string name)
    {
        if (Environment.GetEnvironmentVariable(Pictures) is { Length: > 0 } folder)
            await Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png"), FullPage = true });
    }

    /// <summary>The page as it is printed, where pictures are wanted.</summary>
    public async Task PrintAsync(string name)
    {
        if (Environment.GetEnvironmentVariable(Pictures) is { Length: > 0 } folder)
            await Page.PdfAsync(new PagePdfOptions { Path = Path.Combine(folder, name + ".pdf"), Format = "A4" });
    }

    public async ValueTask DisposeAsync() => await context.DisposeAsync();
}
