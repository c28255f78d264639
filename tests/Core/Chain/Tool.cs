using System.Diagnostics;

namespace Notary.Chain.Tests;

/// <summary>Programs that judge contracts from outside.</summary>
internal static class Tool
{
    /// <summary>Runs a script of this repository.</summary>
    public static Task<(int Code, string Output)> NodeAsync(string script, params string[] arguments)
        => RunAsync(new ProcessStartInfo("node", [Path.Combine(Repository.Root, script), .. arguments]));

    /// <summary>Waits for its end and gives both streams, the standard one first.</summary>
    public static async Task<(int Code, string Output)> RunAsync(ProcessStartInfo start)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await error);
    }
}
