using System.Diagnostics;
using System.IO.Compression;
using Notary.Servers;

namespace Notary.Cli.Tests;

/// <summary>Evidence that an earlier release issued (the one before the isolated worker and Durable Task) is judged as it was then.</summary>
[TestClass]
public sealed class EarlierTests
{
    private static readonly string Kept = Path.Combine(Repository.Root, "tests", "Doors", "Cli", "Earlier");

    [TestMethod]
    public async Task A_bundle_of_an_earlier_release_verifies()
    {
        var run = await Run.AsyncOf("verify", Path.Combine(Kept, "bundle.evidence.zip"), "--trust",
            Path.Combine(Kept, "trust.json"), "--original", Path.Combine(Kept, "original.txt"));
        Assert.AreEqual(0, run.Exit, run.Output + run.Error);
        StringAssert.EndsWith(run.Output.TrimEnd(), "VERIFIED");
    }

    [TestMethod]
    public async Task Its_own_recipe_still_does()
    {
        var folder = Directory.CreateTempSubdirectory("notary-earlier-");
        await ZipFile.ExtractToDirectoryAsync(Path.Combine(Kept, "bundle.evidence.zip"), folder.FullName);
        using var sh = Process.Start(new ProcessStartInfo("sh", ["VERIFY.txt"]) { WorkingDirectory = folder.FullName,
            RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (sh.StandardOutput.ReadToEndAsync(), sh.StandardError.ReadToEndAsync());
        await sh.WaitForExitAsync();
        Assert.AreEqual(0, sh.ExitCode, await output + await error);
        StringAssert.EndsWith((await output).TrimEnd(), "VERIFIED");
        folder.Delete(true);
    }
}
