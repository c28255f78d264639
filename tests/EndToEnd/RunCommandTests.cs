using System.Net;
using System.Net.Sockets;

namespace Notary.EndToEnd.Tests;

/// <summary>What <c>scripts/run</c> starts, on free ports and with a state of its own.</summary>
[TestClass]
public sealed class RunCommandTests
{
    private static readonly string[] Ports =
        ["NOTARY_PORT", "NOTARY_BLOB_PORT", "NOTARY_QUEUE_PORT", "NOTARY_TABLE_PORT",
            "NOTARY_CHAIN_PORT", "NOTARY_TSA_A_PORT", "NOTARY_TSA_B_PORT", "NOTARY_VAULT_PORT", "NOTARY_CA_PORT", "NOTARY_OIDC_PORT", "NOTARY_DRAND_PORT"];

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("notary-run-");

    public required TestContext TestContext { get; set; }

    [TestCleanup]
    public void Clean()
    {
        foreach (var process in Left())
            process.Kill();

        folder.Delete(recursive: true);
    }

    [TestMethod]
    public async Task OnceVerifiesAFileNamedFromWhereTheCallerStandsAndTheStateIsKept()
    {
        var cancel = TestContext.CancellationToken;
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "合同 1.txt"), "a contract", cancel);
        for (var entries = 1; entries <= 2; entries++)
        {
            using var process = Start("--once", "合同 1.txt", "--out", "evidence");
            var (output, error) = (process.StandardOutput.ReadToEndAsync(cancel), process.StandardError.ReadToEndAsync(cancel));
            await process.WaitForExitAsync(cancel);
            Assert.AreEqual(0, process.ExitCode, await output + await error);

            var lines = (await output).TrimEnd().Split('\n');
            var last = JsonNode.Parse(lines[^1])!.AsObject();
            CollectionAssert.AreEqual(new[] { "id", "state", "bundle", "seconds" }, last.Select(p => p.Key).ToArray());
            Assert.AreEqual("Certified", (string)last["state"]!);
            Assert.AreEqual(Path.Combine(folder.FullName, "evidence", $"{last["id"]}.evidence.zip"), (string)last["bundle"]!);
            Assert.IsTrue(File.Exists((string)last["bundle"]!));
            Assert.IsGreaterThan(0, (double)last["seconds"]!);
            Assert.IsTrue(lines.Contains("VERIFIED")
                && !lines.Any(line => line.StartsWith("FAIL", StringComparison.Ordinal) || line.StartsWith("UNKNOWN", StringComparison.Ordinal)), await output);
            foreach (var state in new[] { "Received", "Timestamped", "Certified" })
                StringAssert.Contains(await error, state);

            StringAssert.Contains(await output, string.Create(CultureInfo.InvariantCulture, $"notary.local/log: {entries} entr"));
            Assert.IsEmpty(Left(), "children left behind");
            StringAssert.Contains(await File.ReadAllTextAsync(Path.Combine(folder.FullName, "state", "app.log"), cancel),
                (string)last["id"]!, "what the app says is kept");
        }
    }

    [TestMethod]
    public async Task StaysUntilInterruptedAndLeavesNothingRunning()
    {
        var cancel = TestContext.CancellationToken;
        using var process = Start();
        var said = new List<string>();
        while (await process.StandardOutput.ReadLineAsync(cancel) is { } line)
        {
            said.Add(line);
            if (line.StartsWith("Ctrl-C", StringComparison.Ordinal))
                break;
        }

        string Value(string name) => said.Single(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..].Trim();
        using (var http = new HttpClient { BaseAddress = new Uri(Value("app ")) })
        {
            http.DefaultRequestHeaders.Authorization = new("Bearer", Value("tenant key"));
            Assert.AreEqual("""{"items":[]}""", await http.GetStringAsync(new Uri("v1/deposits", UriKind.Relative), cancel));
        }

        // The links lead in: the owner's to his invitation, the clerk's by way of the office's provider, and that one once.
        using (var visitor = new HttpClient())
        {
            StringAssert.Contains(await visitor.GetStringAsync(new Uri(Value("as an owner")), cancel), "示范委托人 Demo Depositor");
            StringAssert.Contains(await visitor.GetStringAsync(new Uri(Value("as a clerk")), cancel), "示范书记员 Clerk");
            Assert.AreEqual(HttpStatusCode.NotFound, (await visitor.GetAsync(new Uri(Value("as a clerk")), cancel)).StatusCode);
        }

        using (var interrupt = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await interrupt.WaitForExitAsync(cancel);
        }

        await process.WaitForExitAsync(cancel);
        Assert.AreEqual(0, process.ExitCode);
        Assert.IsEmpty(Left(), "children left behind");
    }

    [TestMethod]
    public async Task ATakenPortIsNamed()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        using var process = Start(("NOTARY_VAULT_PORT", port.ToString(CultureInfo.InvariantCulture)));
        var error = await process.StandardError.ReadToEndAsync(TestContext.CancellationToken);
        await process.WaitForExitAsync(TestContext.CancellationToken);
        Assert.AreEqual(2, process.ExitCode, error);
        Assert.AreEqual($"port {port} is taken; end what uses it or set NOTARY_VAULT_PORT to another port", error.Trim());
    }

    private Process Start(params string[] arguments) => Start(("", ""), arguments);

    private Process Start((string Name, string Value) setting, params string[] arguments)
    {
        // Whoever runs the tests in the background has SIGINT ignored, and a child inherits that.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", Path.ChangeExtension(typeof(Platform).Assembly.Location, null), .. arguments])
        {
            WorkingDirectory = folder.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in Ports)
            start.Environment[name] = QuietPort().ToString(CultureInfo.InvariantCulture);

        start.Environment["NOTARY_STATE"] = Path.Combine(folder.FullName, "state");
        if (setting.Name.Length > 0)
            start.Environment[setting.Name] = setting.Value;

        return Process.Start(start)!;
    }

    /// <summary>A free port below those that the kernel gives to connections: it stays free while eight servers start one after the other.</summary>
    private static int QuietPort()
    {
        while (true)
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(10_000, 32_000));
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
            }
        }
    }

    /// <summary>Processes whose command line or settings name our folder.</summary>
    private List<Process> Left()
        => [.. Process.GetProcesses().Where(
            p => p.Id != Environment.ProcessId && (Read(p.Id, "cmdline") + Read(p.Id, "environ")).Contains(folder.FullName, StringComparison.Ordinal))];

    private static string Read(int id, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/{file}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
