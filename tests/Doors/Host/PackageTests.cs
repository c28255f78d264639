using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json;
using Notary.Host.Triggers;
using Notary.Servers;

namespace Notary.Host.Tests;

/// <summary>The package as it is deployed: its tree, its modes, and that it runs where nothing of .NET is installed.</summary>
[TestClass]
public sealed class PackageTests
{
    private const int Executable = unchecked((int)0x81ED0000);
    private const int Plain = unchecked((int)0x81A40000);
    private static readonly string Folder = Directory.CreateTempSubdirectory("notary-package-").FullName;
    private static readonly string Zip = Path.Combine(Folder, "notary.zip");

    [ClassInitialize]
    public static async Task BuildAsync(TestContext _)
    {
        using var script = Process.Start(new ProcessStartInfo(Path.Combine(Repository.Root, "scripts", "package"), [Zip]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
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
        CollectionAssert.Contains(names, "host.json");

        // In direct children of the root and nowhere else: a second function.json in a folder would be another function.
        CollectionAssert.AreEquivalent(Functions.All.Select(f => $"{f.Name}/function.json").ToList(), names.Where(n => n.EndsWith("function.json", StringComparison.Ordinal)).ToList());
        Assert.AreEqual(
            File.ReadAllText(Path.Combine(Repository.Root, "host.json")),
            new StreamReader(zip.GetEntry("host.json")!.Open()).ReadToEnd());
        Assert.IsFalse(names.Any(n => n.Contains("appsettings", StringComparison.Ordinal) || n.EndsWith("web.config", StringComparison.Ordinal) || n.EndsWith(".pem", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void OnlyTheAppIsExecutableAndTimesAreFixed()
    {
        using var zip = ZipFile.OpenRead(Zip);
        foreach (var entry in zip.Entries)
        {
            Assert.AreEqual(entry.FullName == "Notary.Host" ? Executable : Plain, entry.ExternalAttributes, entry.FullName);
            Assert.AreEqual(new DateTime(2020, 1, 1), entry.LastWriteTime.DateTime, entry.FullName);
        }
    }

    [TestMethod]
    public void TheRuntimeIsInside()
    {
        using var zip = ZipFile.OpenRead(Zip);
        Assert.IsNotNull(zip.GetEntry("libcoreclr.so"));
        Assert.IsNotNull(zip.GetEntry("libhostpolicy.so"));
        using var config = JsonDocument.Parse(zip.GetEntry("Notary.Host.runtimeconfig.json")!.Open());
        var options = config.RootElement.GetProperty("runtimeOptions");
        Assert.IsFalse(options.TryGetProperty("framework", out _));
        var included = options.GetProperty("includedFrameworks").EnumerateArray().Select(f => f.GetProperty("name").GetString()).ToList();
        CollectionAssert.Contains(included, "Microsoft.AspNetCore.App");
        CollectionAssert.Contains(included, "Microsoft.NETCore.App");
    }

    [TestMethod]
    public async Task ItStartsFromItsFolderAsTheHostStartsIt()
    {
        var root = Path.Combine(Folder, "root");
        ZipFile.ExtractToDirectory(Zip, root);
        var platform = await Fixture.PlatformAsync();
        var port = ChildProcess.FreePort();
        var environment = platform.AppEnvironment();
        environment["FUNCTIONS_CUSTOMHANDLER_PORT"] = $"{port}";
        environment["FUNCTIONS_CUSTOMHANDLER_WORKER_ID"] = Guid.NewGuid().ToString();
        environment["FUNCTIONS_APP_ROOT_PATH"] = root;

        // No .NET to be found: what runs is what the package holds.
        environment["DOTNET_ROOT"] = "/nonexistent";
        environment["PATH"] = "/usr/bin:/bin";
        await using var app = await ChildProcess.StartAsync(new ChildStart(Path.Combine(root, "Notary.Host"))
        {
            WorkingDirectory = root,
            Environment = environment,
            Ready = (_, cancel) => ChildProcess.AcceptsAsync(port, cancel),
        });
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        Assert.AreEqual(200, (int)(await http.GetAsync("/")).StatusCode);
        Assert.AreEqual($"listening http://127.0.0.1:{port}/", app.StandardOutput.Split('\n')[0].Trim());
        for (var i = 0; (int)(await http.GetAsync("/readyz")).StatusCode != 200; i++)
        {
            Assert.IsLessThan(100, i, app.StandardOutput + app.StandardError);
            await Task.Delay(200);
        }

        using var sweep = new HttpRequestMessage(HttpMethod.Post, "/Sweep") { Content = TestApp.Json("""{"Data":{"timer":{"IsPastDue":false}},"Metadata":{"sys":{"MethodName":"Sweep"}}}""") };
        sweep.Headers.Add("X-Azure-Functions-InvocationId", Guid.NewGuid().ToString());
        using var answer = await http.SendAsync(sweep);
        Assert.AreEqual("{}", await answer.Content.ReadAsStringAsync());

        await app.StopAsync();
        Assert.AreEqual(0, app.ExitCode);
    }
}
