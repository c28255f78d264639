namespace Notary.Browser;

/// <summary>A real browser, Debian's chromium without a window.</summary>
public sealed class WebBrowser : IAsyncDisposable
{
    /// <summary>Milliseconds that a state is waited for: far more than any takes, also on a busy machine.</summary>
    private const float Patience = 240_000;

    private readonly IPlaywright playwright;
    private readonly IBrowser chromium;

    private WebBrowser(IPlaywright playwright, IBrowser chromium) => (this.playwright, this.chromium) = (playwright, chromium);

    public static async Task<WebBrowser> StartAsync()
    {
        var playwright = await Playwright.CreateAsync();
        Assertions.SetDefaultExpectTimeout(Patience);
        var script = Path.Combine(AppContext.BaseDirectory, "chromium.sh");
        // A graphics card made of software costs a sixth more than none.
        var options = new BrowserTypeLaunchOptions { ExecutablePath = script, Args = ["--disable-gpu"] };
        return new WebBrowser(playwright, await playwright.Chromium.LaunchAsync(options));
    }

    /// <summary>A visitor with cookies of his own.</summary>
    /// <param name="at">The site; paths are relative to it, and what leads elsewhere is a finding.</param>
    /// <param name="look">How the visitor looks at it.</param>
    /// <param name="besides">Another origin to which its pages may speak.</param>
    public async Task<Visit> VisitAsync(Uri at, Look? look = null, Uri? besides = null)
    {
        var how = look ?? new Look();
        var context = await chromium.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = at.ToString(),
            Locale = how.Chinese ? "zh-CN" : "en-GB",
            ColorScheme = how.Dark ? ColorScheme.Dark : ColorScheme.Light,
            ViewportSize = new ViewportSize { Width = how.Width, Height = how.Height },
            JavaScriptEnabled = how.Scripts,
        });
        context.SetDefaultTimeout(Patience);
        return new Visit(context, await context.NewPageAsync(), at, besides);
    }

    /// <summary>The browser's own debugger.</summary>
    public Task<ICDPSession> DebugAsync() => chromium.NewBrowserCDPSessionAsync();

    public async ValueTask DisposeAsync()
    {
        await chromium.DisposeAsync();
        playwright.Dispose();
    }
}

/// <summary>How a visitor looks at pages.</summary>
public sealed record Look
{
    /// <summary>CSS pixels: 360 is a small phone, 1280 a desk.</summary>
    public int Width { get; init; } = 1280;

    public int Height { get; init; } = 900;

    public bool Dark { get; init; }

    /// <summary>What the browser says in Accept-Language: zh-CN or en-GB.</summary>
    public bool Chinese { get; init; } = true;

    /// <summary>Whether scripts run.</summary>
    public bool Scripts { get; init; } = true;

    /// <summary>Phone, desk and hall: every pair of width and light, of width and language, and of light and language at phone and desk.</summary>
    public static IEnumerable<Look> All { get; } =
    [
        new Look { Width = 360, Height = 740 }, new Look { Width = 360, Height = 740, Dark = true, Chinese = false },
        new Look { Dark = true }, new Look { Chinese = false }, new Look { Width = 1920, Height = 1080 },
    ];

    /// <summary>For names of pictures.</summary>
    public override string ToString() => $"{Width}-{(Dark ? "dark" : "light")}-{(Chinese ? "zh" : "en")}";
}
