using System.Diagnostics;
using System.IO.Compression;

namespace Notary.Host.Tests;

/// <summary>The package as it is deployed: its tree, its modes, and that a host can start it.</summary>
[TestClass]
public sealed class PackageTests
{
    private const int Plain = unchecked((int)0x81A40000);
    private static readonly string Folder = Directory.CreateTempSubdirectory("notary-package-").FullName;
    private static readonly string Zip = Path.Combine(Folder, "notary.zip");

    [ClassInitialize]
    public static async Task BuildAsync(TestContext _)
    {
        using var script = Process.Start(
            new ProcessStartInfo(Path.Combine(Repository.Root, "scripts", "package"), [Zip]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (script.StandardOutput.ReadToEndAsync(), script.StandardError.ReadToEndAsync());
        await script.WaitForExitAsync();
        Assert.AreEqual(0, script.ExitCode, await error);
        Assert.AreEqual(Zip, (await output).Trim().Split('\n')[^1]);
    }

    [ClassCleanup]
    public static void Clean() => Directory.Delete(Folder, recursive: true);

    [TestMethod]
    public void TheTreeIsWhatTheHostExpects()
    {
        using var zip = ZipFile.OpenRead(Zip);
        var names = zip.Entries.Select(e => e.FullName).ToList();
        CollectionAssert.AllItemsAreUnique(names);
        foreach (var needed in new[] { "host.json", "worker.config.json", "functions.metadata", "extensions.json",
            "Notary.Host.dll", ".azurefunctions/Microsoft.Azure.WebJobs.Extensions.DurableTask.dll" })
            CollectionAssert.Contains(names, needed);

        Assert.AreEqual(
            File.ReadAllText(Path.Combine(Repository.Root, "host.json")),
            new StreamReader(zip.GetEntry("host.json")!.Open()).ReadToEnd());
        Assert.IsFalse(names.Any(n => n.Contains("appsettings", StringComparison.Ordinal)
            || n.EndsWith("web.config", StringComparison.Ordinal) || n.EndsWith(".pem", StringComparison.Ordinal)
            || n.EndsWith("function.json", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void ModesAndTimesAreFixed()
    {
        using var zip = ZipFile.OpenRead(Zip);
        foreach (var entry in zip.Entries)
        {
            Assert.AreEqual(Plain, entry.ExternalAttributes, entry.FullName);
            Assert.AreEqual(new DateTime(2020, 1, 1), entry.LastWriteTime.DateTime, entry.FullName);
        }
    }

    [TestMethod]
    public async Task ItStartsFromItsFolderAsTheHostStartsIt()
    {
        var root = Path.Combine(Folder, "root");
        ZipFile.ExtractToDirectory(Zip, root);
        await using var host = await FunctionsHost.StartAsync(root, (await Fixture.PlatformAsync()).AppEnvironment());
        Assert.Contains("OnUpload", host.Functions);
    }
}
