using System.Diagnostics;

namespace Notary.Evidence.Tests;

/// <summary>An independent implementation that runs under node: one line in, one line out, any number of lines in one process.</summary>
internal static class NodePeer
{
    public static async Task<string[]> AskAsync(string script, string mode, IReadOnlyCollection<string> lines, string folder = "peers")
    {
        using var process = Process.Start(new ProcessStartInfo("node", [Path.Combine(TestFiles.Root, "tests", "Core", "Evidence", folder, script), mode])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new System.Text.UTF8Encoding(false),
        })!;
        var (answers, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(string.Join('\n', lines));
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        Assert.AreEqual(0, process.ExitCode, await errors);
        var answered = (await answers).Split('\n')[..^1];
        Assert.HasCount(lines.Count, answered);
        return answered;
    }
}
