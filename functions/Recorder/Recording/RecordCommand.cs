using System.Runtime.Versioning;
using Notary.Recorder.Recording.Sources;
using Notary.Recorder.Windows;

namespace Notary.Recorder.Recording;

/// <summary><c>notary-recorder record</c>: a screen alone, until its input says how it ends.</summary>
internal static class RecordCommand
{
    public static Command Build(Terminal terminal)
    {
        var display = new Option<string>("--display") { Description = "The X display to record, such as :77; on Windows: desktop.", Required = true };
        var authority = new Option<string?>("--xauthority") { Description = "The file with the display's cookie." };
        var rate = Number("--frames", "Frames a second.", 1, ForensicsFormat.MaxRate, 10);
        var folder = new Option<string>("--out") { Description = "The session's folder; must be empty or not there.", Required = true };
        var below = Number("--processes-below", "Tell of the processes below this one, such as the first of a pid namespace.", 1, int.MaxValue, 0);
        var network = Number("--network-of", "Tell of the connections in this process's network namespace.", 1, int.MaxValue, 0);
        var command = new Command("record", "Records a screen and seals it. Commands on standard input: mark TEXT, close exit|idle|longest|aborted.")
        { display, authority, rate, folder, below, network };
        command.SetAction(async (parsed, cancel) =>
        {
            var options = new RecordingOptions(parsed.GetValue(display)!, parsed.GetValue(folder)!)
            {
                Authority = parsed.GetValue(authority),
                FramesPerSecond = parsed.GetValue(rate),
            };
            ScreenRecording recording;
            try
            {
                var sources = OperatingSystem.IsWindows() ? WindowsSources()
                    : XSources(options, parsed.GetValue(below), parsed.GetValue(network));
                recording = await ScreenRecording.StartAsync(options with { Sources = sources }, new BootTime(), link => Print(terminal, link), cancel);
            }
            catch (IOException e)
            {
                throw new WrongCallException(e.Message, e);
            }

            await using (recording)
                return await Commands.FollowAsync(recording, terminal, cancel);
        });
        return command;
    }

    private static List<IEventSource> XSources(RecordingOptions options, int first, int member)
    {
        var sources = new List<IEventSource> { new InputSource(options.Environment), new WindowSource(options.Environment) };
        if (first > 0)
            sources.Add(new ProcessSource(first, TimeProvider.System));

        if (member > 0)
            sources.Add(new ConnectionSource(member, TimeProvider.System));

        return sources;
    }

    [SupportedOSPlatform("windows")]
    private static List<IEventSource> WindowsSources()
    {
        var session = UserSession.Find() ?? throw new IOException("nobody is logged on");
        return [new WatchSource(session, connected: true), new SessionProcessSource(session, TimeProvider.System), new SocketSource(TimeProvider.System)];
    }

    /// <summary>A line for each link.</summary>
    internal static void Print(Terminal terminal, Appended link) => terminal.Output.WriteLine(
        new JsonObject { ["n"] = link.Link.N, ["kind"] = link.Link.Kind, ["head"] = link.Head.ToString() }.ToJsonString());

    private static Option<int> Number(string name, string description, int least, int most, int absent) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => absent,
        CustomParser = result =>
        {
            // Without a value the parser says so itself.
            if (result.Tokens.Count == 0)
                return absent;

            if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
                return number;

            result.AddError($"{name} is a whole number from {least} to {most}.");
            return absent;
        },
    };
}
