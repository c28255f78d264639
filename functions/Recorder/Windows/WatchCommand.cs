using System.Runtime.Versioning;

namespace Notary.Recorder.Windows;

/// <summary><c>notary-recorder watch</c>, on a user's desktop for the recorder outside it: a line of JSON for whatever is told of input and the active
/// window; <c>block</c> and <c>pass</c> on its input; it ends with that.</summary>
internal static class WatchCommand
{
    public const string Block = "block", Pass = "pass", Blocking = "blocking";

    /// <summary>Characters of a title: pages choose theirs.</summary>
    private const int MostTitle = 1000;

    /// <summary>Lines that wait to be read; input beyond is counted by nobody, and the picture shows it.</summary>
    private const int MostWaiting = 10_000;

    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(200);

    public static Command Build(Terminal terminal)
    {
        var blocked = new Option<bool>("--blocked") { Description = "Lets no input through until told to." };
        var size = new Option<bool>("--size") { Description = "Says how large the screen is, and ends." };
        var command = new Command("watch", "On Windows: tells the recorder of the desktop it runs on.") { blocked, size };
        command.Hidden = true;
        command.SetAction(async (parsed, cancel) =>
        {
            if (!OperatingSystem.IsWindows())
                throw new WrongCallException("watch is for Windows");

            if (!parsed.GetValue(size))
                return await WatchAsync(terminal, parsed.GetValue(blocked), cancel);

            var (width, height) = Native.Pixels();
            await terminal.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{width}x{height}"));
            return Exit.Closed;
        });
        return command;
    }

    [SupportedOSPlatform("windows")]
    private static async Task<int> WatchAsync(Terminal terminal, bool blocked, CancellationToken cancel)
    {
        var lines = Channel.CreateBounded<JsonObject>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite });
        using var hooks = new InputHooks(members => lines.Writer.TryWrite(members), blocked);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var telling = TellAsync(terminal, lines.Reader, over.Token);
        var looking = LookAsync(hooks, members => lines.Writer.TryWrite(members), over.Token);
        try
        {
            while (await Task.Run(terminal.Input.ReadLine, CancellationToken.None).WaitAsync(cancel) is { } line)
            {
                if (line is Block or Pass)
                    hooks.Block(line == Block);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // As good as an end of the input.
        }

        await over.CancelAsync();
        await Task.WhenAll(telling, looking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return Exit.Closed;
    }

    private static async Task TellAsync(Terminal terminal, ChannelReader<JsonObject> lines, CancellationToken cancel)
    {
        await foreach (var line in lines.ReadAllAsync(cancel))
            await terminal.Output.WriteLineAsync(line.ToJsonString());
    }

    // Titles change without telling; one that stood for less is in the picture.
    [SupportedOSPlatform("windows")]
    private static async Task LookAsync(InputHooks hooks, Func<JsonObject, bool> tell, CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(Beat);
        var told = ("", "");
        do
        {
            hooks.Keep();
            if (ActiveWindow.Look() is not var (title, application) || (title, application) == told)
                continue;

            told = (title, application);
            tell(new JsonObject { ["type"] = "window", ["title"] = Recording.Sources.Lines.Bounded(title, MostTitle), ["application"] = application });
        }
        while (await timer.WaitForNextTickAsync(cancel));
    }
}
