using System.Diagnostics;
using Notary.Servers.Forensics;

namespace Notary.Verification.Tests.Forensics;

/// <summary>A judge in another language that knows docs/forensics-format.md and nothing else: one process for many packages.</summary>
internal sealed class IndependentJudge : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("independent-");
    private readonly Process process;
    private int packages;

    public IndependentJudge(TrustRoots trust)
    {
        var file = Path.Combine(folder.FullName, "trust.json");
        File.WriteAllBytes(file, trust.ToBytes());
        var script = Path.Combine(Repository.Root, "tests", "Core", "Verification", "Forensics", "independent.mjs");
        process = Process.Start(new ProcessStartInfo("node", [script, file]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
    }

    /// <summary>The rungs that fail; <c>heads?</c> where a head came late, which is no failure.</summary>
    public string[] Ask(IEnumerable<KeyValuePair<string, byte[]>> files)
    {
        var package = folder.CreateSubdirectory($"{packages++}").FullName;
        Recording.Save(files, package);
        process.StandardInput.WriteLine(package);
        process.StandardInput.Flush();
        var answer = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("the independent judge has ended");
        Directory.Delete(package, true);
        return JsonSerializer.Deserialize<string[]>(answer)!;
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
        folder.Delete(true);
    }
}
