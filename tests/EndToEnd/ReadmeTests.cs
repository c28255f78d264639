using System.Text.RegularExpressions;

namespace Notary.EndToEnd.Tests;

/// <summary>The README's tour does what it says, word for word.</summary>
[TestClass]
public sealed partial class ReadmeTests
{
    public required TestContext TestContext { get; set; }

    [TestMethod]
    public async Task TheTourRuns()
    {
        var cancel = TestContext.CancellationToken;
        var readme = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md"), cancel);
        var script = Tour().Match(readme).Groups[1].Value;
        Assert.Contains("notary verify", script);

        await using var scenario = await Scenario.StartAsync(cancel);
        await File.WriteAllTextAsync(Path.Combine(scenario.Folder.FullName, "contract.pdf"), "%PDF-1.7 not much of a contract", cancel);
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", script])
        {
            WorkingDirectory = scenario.Folder.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["URL"] = scenario.App.Url.ToString().TrimEnd('/');
        start.Environment["KEY"] = scenario.Key;
        start.Environment["RPC"] = scenario.Platform.Anvil.Url.ToString();
        start.Environment["PATH"] = Path.GetDirectoryName(App.Executable("Cli", "notary")) + ":" + start.Environment["PATH"];
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(cancel), process.StandardError.ReadToEndAsync(cancel));
        await process.WaitForExitAsync(cancel);
        Assert.AreEqual(0, process.ExitCode, await output + await error);
        Assert.AreEqual(2, Verified().Count(await output), await output);
    }

    [GeneratedRegex(@"```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Tour();

    [GeneratedRegex("^VERIFIED$", RegexOptions.Multiline)]
    private static partial Regex Verified();
}
