using System.CommandLine.Invocation;
using Notary.Recorder.Recording;
using Notary.Recorder.Remote;
using Notary.Recorder.Session;
using Notary.Recorder.Windows;

namespace Notary.Recorder;

/// <summary>The command line of <c>notary-recorder</c>.</summary>
internal static class RecorderCommand
{
    public static RootCommand Build(Terminal terminal) => new("Records a desktop from outside and seals what it records while it records.")
    {
        RecordCommand.Build(terminal),
        SessionCommand.Build(terminal),
        SweepCommand.Build(terminal),
        AgentCommand.Build(terminal),
        WatchCommand.Build(terminal),
        ImageCommand.Build(terminal),
    };

    public static async Task<int> RunAsync(string[] args, Terminal terminal, CancellationToken cancel)
    {
        var parsed = Build(terminal).Parse(args);
        if (parsed.Errors.Count > 0 && parsed.Action is ParseErrorAction)
        {
            await terminal.Error.WriteLineAsync($"notary-recorder: {parsed.Errors[0].Message} Try notary-recorder --help.");
            return Exit.WrongCall;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                Output = terminal.Output,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null
            }, cancel);
        }
        catch (WrongCallException e)
        {
            await terminal.Error.WriteLineAsync($"notary-recorder: {e.Message}");
            return Exit.WrongCall;
        }
        catch (Exception e)
        {
            await terminal.Error.WriteLineAsync($"notary-recorder: {e.Message.Split('\n')[0].TrimEnd()}");
            return Exit.Broken;
        }
    }
}

/// <summary>Where a command reads and writes.</summary>
internal sealed record Terminal(TextReader Input, TextWriter Output, TextWriter Error);

/// <summary>Exit codes, the same for every command.</summary>
internal static class Exit
{
    /// <summary>The chain ends with a close that somebody asked for.</summary>
    public const int Closed = 0;

    /// <summary>Something broke; what was sealed until then is on the disk.</summary>
    public const int Broken = 1;

    /// <summary>Wrong usage; nothing was recorded.</summary>
    public const int WrongCall = 2;
}

/// <summary>Ends a command with <see cref="Exit.WrongCall"/> and one sentence on standard error.</summary>
internal sealed class WrongCallException(string sentence, Exception? cause = null) : Exception(sentence, cause);
