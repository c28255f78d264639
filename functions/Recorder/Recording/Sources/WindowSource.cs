namespace Notary.Recorder.Recording.Sources;

/// <summary>The active window's title and application, whenever either changes (<c>xprop -spy</c>).</summary>
/// <remarks>Needs a window manager that names the active window (EWMH).</remarks>
internal sealed class WindowSource(IReadOnlyDictionary<string, string> environment) : IEventSource
{
    /// <summary>Characters of a title: pages choose theirs.</summary>
    private const int MostTitle = 1000;

    /// <summary>Between two looks for a window manager.</summary>
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(500);

    public string Name => "window";

    public async Task RunAsync(Action<string, JsonObject> emit, CancellationToken cancel)
    {
        var (current, watch, watching) = ("", Task.CompletedTask, new CancellationTokenSource());
        try
        {
            await ManagedAsync(cancel);
            await foreach (var line in Lines.OfAsync("xprop", ["-root", "-spy", "_NET_ACTIVE_WINDOW"], environment, cancel))
            {
                // "_NET_ACTIVE_WINDOW(WINDOW): window id # 0x400008", and 0x0 for none.
                var window = line[(line.LastIndexOf('#') + 1)..].Split(',')[0].Trim();
                if (window == current)
                    continue;

                await EndAsync(watch, watching);
                (current, watching) = (window, CancellationTokenSource.CreateLinkedTokenSource(cancel));
                watch = window.StartsWith("0x", StringComparison.Ordinal) && window != "0x0" ? WatchAsync(window, emit, watching.Token) : Task.CompletedTask;
            }
        }
        finally
        {
            await EndAsync(watch, watching);
        }
    }

    /// <summary>Waits for the first window manager: xprop never tells of a name that the server did not know when it was called, and a desktop is recorded
    /// before anything runs in it.</summary>
    private async Task ManagedAsync(CancellationToken cancel)
    {
        while ((await Child.RunAsync("xprop", ["-root", "_NET_ACTIVE_WINDOW"], environment, cancel)).Contains("no such atom", StringComparison.Ordinal))
            await Task.Delay(Again, TimeProvider.System, cancel);
    }

    private static async Task EndAsync(Task watch, CancellationTokenSource watching)
    {
        await watching.CancelAsync();
        await watch;
        watching.Dispose();
    }

    private async Task WatchAsync(string window, Action<string, JsonObject> emit, CancellationToken cancel)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var told = ("", "");
        try
        {
            // The last of the three comes last, so that the first event knows all.
            await foreach (var line in Lines.OfAsync("xprop", ["-id", window, "-spy", "WM_NAME", "_NET_WM_NAME", "WM_CLASS"], environment, cancel))
            {
                values[line.Split('(', ':')[0]] = Quoted(line);
                var title = values.GetValueOrDefault("_NET_WM_NAME") is { Length: > 0 } name ? name : values.GetValueOrDefault("WM_NAME", "");
                if (!values.TryGetValue("WM_CLASS", out var application) || told == (title, application))
                    continue;

                told = (title, application);
                emit("window", new JsonObject { ["title"] = title, ["application"] = application });
            }
        }
        catch (IOException)
        {
            // The window is gone; the next active one is told of by the root.
        }
        catch (OperationCanceledException)
        {
        }
    }

    // WM_CLASS(STRING) = "instance", "Class": the last is the application's.
    private static string Quoted(string line)
    {
        var end = line.LastIndexOf('"');
        var start = line.StartsWith("WM_CLASS", StringComparison.Ordinal) && line.LastIndexOf(", \"", StringComparison.Ordinal) is > 0 and var comma
            ? comma + 2 : line.IndexOf('"', StringComparison.Ordinal);
        if (start < 0 || end <= start)
            return "";

        var text = line[(start + 1)..end].Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal);
        return Lines.Bounded(text, MostTitle);
    }
}
