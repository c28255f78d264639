namespace Notary.Recorder.Recording;

/// <summary>What a recorder is told on its standard input, a line each.</summary>
internal static class Commands
{
    /// <summary>Characters of a note.</summary>
    private const int MostNote = 1000;

    /// <summary>Characters of a file's name, as links hold them.</summary>
    private const int MostName = 255;

    /// <summary>Why a session may be closed; that it is broken only the recorder says.</summary>
    private static readonly Dictionary<string, CloseReason> Reasons = new(StringComparer.Ordinal)
    {
        ["exit"] = CloseReason.Exit,
        ["idle"] = CloseReason.Idle,
        ["longest"] = CloseReason.Longest,
        ["aborted"] = CloseReason.Aborted,
    };

    /// <summary>What is understood.</summary>
    public static string Words { get; } = $"mark TEXT, up to {MostNote} characters; close exit|idle|longest|aborted";

    /// <summary>Why a line closes the session; null when it does not.</summary>
    public static CloseReason? Closes(string line)
        => Split(line) is ("close", var rest) && Reasons.TryGetValue(rest, out var asked) ? asked : null;

    /// <summary>The note of a line that marks; null when it does not.</summary>
    public static string? Marks(string line) => Split(line) is ("mark", { Length: > 0 and <= MostNote } note) ? note : null;

    /// <summary>The file and the name of a line that brings one in; null when it does not.</summary>
    public static (string File, string Name)? Uploads(string line)
        => line.Split(' ', 3) is ["upload", var file, { Length: > 0 and <= MostName } name] && file == Path.GetFileName(file) ? (file, name) : null;

    /// <summary>Follows them until one closes the session, the input ends, or recording breaks.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> FollowAsync(ScreenRecording recording, Terminal terminal, CancellationToken cancel)
    {
        var reason = CloseReason.Aborted;
        try
        {
            // A read of the console cannot be cancelled: it is left where it is.
            while (await Task.Run(terminal.Input.ReadLine, CancellationToken.None).WaitAsync(cancel).OrBroken(recording) is { } line)
            {
                if (Closes(line) is { } asked)
                {
                    reason = asked;
                    break;
                }

                if (Marks(line) is { } note)
                    await recording.MarkAsync(note, cancel);
                else
                    await terminal.Error.WriteLineAsync($"notary-recorder: not understood; there are: {Words}");
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Asked to end by a signal: as good as an end of the input.
        }
        catch (IOException e)
        {
            await terminal.Error.WriteLineAsync($"notary-recorder: {e.Message}");
            await recording.CloseAsync(CloseReason.Broken);
            return Exit.Broken;
        }

        return await recording.CloseAsync(reason) == CloseReason.Broken ? Exit.Broken : Exit.Closed;
    }

    private static (string Word, string Argument) Split(string line) => line.Split(' ', 2) is [var a, var b] ? (a, b.Trim()) : (line.Trim(), "");

    private static async Task<string?> OrBroken(this Task<string?> line, ScreenRecording recording)
    {
        await await Task.WhenAny(line, recording.Broken);
        return await line;
    }
}
