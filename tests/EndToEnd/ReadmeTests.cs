using System.Text.RegularExpressions;

namespace Notary.EndToEnd.Tests;

/// <summary>The README's tour and the partners' guide do what they say, word for word.</summary>
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
        var output = await RunAsync(scenario, "bash", ["-euo", "pipefail", "-c", script], cancel);
        Assert.AreEqual(2, Verified().Count(output), output);
    }

    /// <summary>From a key to a verified letter: with curl, in JavaScript and in C#.</summary>
    [TestMethod]
    public async Task ThePartnersGuideRuns()
    {
        var cancel = TestContext.CancellationToken;
        var docs = Path.Combine(Repository.Root, "docs");
        var script = Tour().Match(await File.ReadAllTextAsync(Path.Combine(docs, "partners.md"), cancel)).Groups[1].Value;
        await using var scenario = await Scenario.StartAsync(cancel);
        var folder = scenario.Folder.FullName;
        foreach (var sample in new[] { "deposit.mjs", "deposit.cs" })
            File.Copy(Path.Combine(docs, "samples", sample), Path.Combine(folder, sample));

        // Beside each other: each waits for a letter most of its time. What lies about builds nothing of ours.
        foreach (var name in new[] { "of-node.pdf", "of-dotnet.pdf" })
            await File.WriteAllTextAsync(Path.Combine(folder, name), name, cancel);

        var runs = await Task.WhenAll(
            RunAsync(scenario, "bash", ["-euo", "pipefail", "-c", script], cancel),
            RunAsync(scenario, "node", ["deposit.mjs", "of-node.pdf"], cancel),
            RunAsync(scenario, "dotnet", ["run", "deposit.cs", "of-dotnet.pdf"], cancel));
        Assert.AreEqual(2, Verified().Count(runs[0]), runs[0]);
        foreach (var (name, said) in new[] { ("of-node.pdf", runs[1]), ("of-dotnet.pdf", runs[2]) })
        {
            var receipt = await File.ReadAllTextAsync(Path.Combine(folder, $"{name}.receipt.json"), cancel);
            Assert.AreEqual(said.Trim(), (string?)JsonNode.Parse(receipt)!["id"], said);
            var (code, output) = await Scenario.NotaryAsync(null, cancel, "verify", Path.Combine(folder, $"{name}.evidence.zip"),
                "--original", Path.Combine(folder, name), "--trust", Path.Combine(folder, "trust.json"));
            Assert.AreEqual(0, code, output);
            CollectionAssert.AreEqual("%PDF"u8.ToArray(), (await File.ReadAllBytesAsync(Path.Combine(folder, $"{name}.letter.pdf"), cancel))[..4]);
        }
    }

    private static async Task<string> RunAsync(Scenario scenario, string program, string[] arguments, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(program, arguments)
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
        return await output;
    }

    [GeneratedRegex(@"```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Tour();

    [GeneratedRegex("^VERIFIED$", RegexOptions.Multiline)]
    private static partial Regex Verified();
}
