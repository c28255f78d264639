namespace Notary.Bench;

/// <summary>Runs a program to its end.</summary>
internal static class Shell
{
    /// <returns>What it printed.</returns>
    /// <exception cref="InvalidOperationException">It did not end with 0.</exception>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {output}{await error}");
    }
}
