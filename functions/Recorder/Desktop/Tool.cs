using Notary.Recorder.Recording;

namespace Notary.Recorder.Desktop;

/// <summary>A program of the system failed: its name and what it said.</summary>
public sealed class ToolException(string message) : IOException(message);

/// <summary>Runs programs of this machine; they die with this process.</summary>
internal static class Tool
{
    /// <summary>Characters of a tool's output that are read: a listing of a whole profile has a tenth.</summary>
    private const int MaxOutput = 4 * 1024 * 1024;

    private static readonly Dictionary<string, string> NoMore = [];

    /// <summary>Starts it; the caller owns the process and its streams.</summary>
    public static Task<Process> StartAsync(string file, IEnumerable<string> arguments) => Child.StartAsync(file, arguments, NoMore, input: true);

    /// <summary>Runs it to its end and returns its standard output.</summary>
    /// <exception cref="ToolException">It ended with another code than 0.</exception>
    public static async Task<string> RunAsync(string file, IEnumerable<string> arguments, string? input = null, CancellationToken cancel = default)
    {
        var (code, output, error) = await TryAsync(file, arguments, input, cancel);
        return code == 0 ? output : throw new ToolException($"{file} ended with {code}: {error.Trim().Split('\n')[0]}");
    }

    /// <summary>Runs it to its end and returns what it said.</summary>
    public static async Task<(int Code, string Output, string Error)> TryAsync(
        string file, IEnumerable<string> arguments, string? input = null, CancellationToken cancel = default)
    {
        using var process = await StartAsync(file, arguments);
        try
        {
            var output = ReadAsync(process.StandardOutput, cancel);
            var error = ReadAsync(process.StandardError, cancel);
            if (input is not null)
                await process.StandardInput.WriteAsync(input.AsMemory(), cancel);

            process.StandardInput.Close();
            await process.WaitForExitAsync(cancel);
            return (process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }

    /// <summary>Says who may do what with a file.</summary>
    public static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, mode);
    }

    private static async Task<string> ReadAsync(StreamReader from, CancellationToken cancel)
    {
        var text = new StringBuilder();
        var buffer = new char[16 * 1024];
        while (await from.ReadAsync(buffer, cancel) is > 0 and var read)
        {
            // What is beyond the bound is read on and dropped: a full pipe would keep the tool from ending.
            if (text.Length < MaxOutput)
                text.Append(buffer, 0, read);
        }

        return text.ToString();
    }
}
