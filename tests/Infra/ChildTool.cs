using System.Diagnostics;

namespace Notary.Infra.Tests;

/// <summary>Runs a tool to its end.</summary>
internal static class ChildTool
{
    public static async Task<(int Code, string Out, string Error)> RunAsync(
        string file, IEnumerable<string> arguments, string folder, IReadOnlyDictionary<string, string> environment, string input = "")
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }

    /// <summary>A file that lies beside the tests.</summary>
    public static string Beside(string name) => Path.Combine(Repository.Root, "tests", "Infra", name);

    /// <summary>Puts an executable of our own where a script looks for a tool.</summary>
    public static void StandIn(string name, string path) => File.Copy(Beside("StandIns/" + name), path);
}
