namespace Notary.Bench;

/// <summary>A peer written for node. It times itself, without node's start, and prints one number.</summary>
internal static class NodePeer
{
    public static async Task<double> RunAsync(string script, params string[] arguments)
    {
        var file = Path.Combine(Repository.Root, "tests", "Bench", "peers", script);
        using var process = Process.Start(new ProcessStartInfo("node", [file, .. arguments])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = Path.Combine(Repository.Root, "scripts"),
            Environment = { ["NODE_PATH"] = Path.Combine(Repository.Root, "scripts", "node_modules") },
        })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? double.Parse(output.Trim(), CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"{script} ended with {process.ExitCode}");
    }
}
