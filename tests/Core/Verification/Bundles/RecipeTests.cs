using System.Diagnostics;

namespace Notary.Verification.Tests;

/// <summary>VERIFY.txt is run as a stranger would run it: unzip, sh.</summary>
[TestClass]
public sealed class RecipeTests
{
    private static async Task<(int Exit, string Output)> RunAsync(string folder, string command, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(command, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await error);
    }

    private static async Task<DirectoryInfo> UnpackAsync(byte[] bundle)
    {
        var folder = Directory.CreateTempSubdirectory("recipe-");
        await File.WriteAllBytesAsync(Path.Combine(folder.FullName, "b.evidence.zip"), bundle);
        var (exit, output) = await RunAsync(folder.FullName, "unzip", "-q", "b.evidence.zip");
        Assert.AreEqual(0, exit, output);
        return folder;
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task The_recipe_verifies_genuine_evidence(bool withOriginal)
    {
        await using var sample = await SampleEvidence.CreateAsync(manifestTokens: withOriginal);
        var folder = await UnpackAsync(await sample.BundleAsync(withOriginal));
        var (exit, output) = await RunAsync(folder.FullName, "sh", "VERIFY.txt");
        Assert.AreEqual(0, exit, output);
        StringAssert.EndsWith(output.TrimEnd(), "VERIFIED");
        Assert.HasCount(withOriginal ? 5 : 3, output.Split("Verif")
            .Where(p => p.StartsWith("ication: OK", StringComparison.Ordinal) || p.StartsWith("ied OK", StringComparison.Ordinal)).ToList(), output);
        folder.Delete(true);
    }

    [TestMethod]
    public async Task The_recipe_stops_at_every_changed_member()
    {
        await using var sample = await SampleEvidence.CreateAsync();
        var folder = await UnpackAsync(await sample.BundleAsync());
        foreach (var file in folder.GetFiles("*", SearchOption.AllDirectories).Where(f => f.Name is not ("VERIFY.txt" or "b.evidence.zip")))
        {
            var bytes = await File.ReadAllBytesAsync(file.FullName);
            bytes[bytes.Length / 2] ^= 1;
            await File.WriteAllBytesAsync(file.FullName, bytes);
            var (exit, output) = await RunAsync(folder.FullName, "sh", "VERIFY.txt");
            Assert.AreNotEqual(0, exit, file.Name);
            Assert.IsFalse(output.Contains("VERIFIED", StringComparison.Ordinal), file.Name);
            bytes[bytes.Length / 2] ^= 1;
            await File.WriteAllBytesAsync(file.FullName, bytes);
        }

        folder.Delete(true);
    }

    /// <summary>Beyond the list of digests: with the list taken out, the cryptography alone must stop the run.</summary>
    [TestMethod]
    [DataRow("manifest.json", 300)]
    [DataRow("inclusion.tlog-proof", 60)]
    [DataRow("checkpoint", 40)]
    [DataRow("tokens/checkpoint-alpha.tsr", 400)]
    [DataRow("tokens/manifest-beta.tsr", 400)]
    [DataRow("letter.pdf", 5000)]
    [DataRow("original/0", 5000)]
    public async Task The_recipe_does_not_rest_on_the_list_of_digests(string name, int at)
    {
        await using var sample = await SampleEvidence.CreateAsync();
        var folder = await UnpackAsync(await sample.BundleAsync());
        var recipe = Path.Combine(folder.FullName, "VERIFY.txt");
        var lines = (await File.ReadAllTextAsync(recipe)).Split('\n').ToList();
        lines.RemoveRange(lines.FindIndex(l => l.StartsWith("sha256sum --check", StringComparison.Ordinal)),
            lines.IndexOf("END") - lines.FindIndex(l => l.StartsWith("sha256sum --check", StringComparison.Ordinal)) + 1);
        lines.RemoveAll(l => l.StartsWith("test \"$m\" = ", StringComparison.Ordinal));
        await File.WriteAllLinesAsync(recipe, lines);
        var (before, beforeText) = await RunAsync(folder.FullName, "sh", "VERIFY.txt");
        Assert.AreEqual(0, before, beforeText);

        var path = Path.Combine(folder.FullName, name);
        var bytes = await File.ReadAllBytesAsync(path);
        bytes[at] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);
        var (exit, output) = await RunAsync(folder.FullName, "sh", "VERIFY.txt");
        Assert.AreNotEqual(0, exit, output);
        folder.Delete(true);
    }
}
