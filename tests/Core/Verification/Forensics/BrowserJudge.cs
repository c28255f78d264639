using System.Diagnostics;
using Notary.Servers.Forensics;
using Notary.Verification.Forensics;

namespace Notary.Verification.Tests.Forensics;

/// <summary>The judge that the console's public page runs, in Node: it has to find what the command finds, at the same places.</summary>
internal sealed class BrowserJudge : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("browser-judge-");
    private readonly Process process;

    public BrowserJudge(TrustRoots trust)
    {
        var file = Path.Combine(folder.FullName, "trust.json");
        File.WriteAllBytes(file, trust.ToBytes());
        var script = Path.Combine(Repository.Root, "tests", "Core", "Verification", "Forensics", "browser.mjs");
        process = Process.Start(new ProcessStartInfo("node", [script, file]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
    }

    /// <summary>What it says of a package, as <see cref="Line(ForensicsReport)"/> writes it.</summary>
    public string Ask(IEnumerable<KeyValuePair<string, byte[]>> files)
    {
        var zip = Path.Combine(folder.FullName, "package.zip");
        File.WriteAllBytes(zip, Recording.Zip(files));
        process.StandardInput.WriteLine(zip);
        process.StandardInput.Flush();
        var answer = JsonNode.Parse(process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("the browser's judge has ended"))!;
        string[] found = [.. answer["findings"]!.AsArray().Select(f => (string)f!).Order(StringComparer.Ordinal)];
        var numbers = ((string[])["outcome", "session", "segments", "frames", "length", "longest"]).Select(name => $"{answer[name]}");
        return string.Join('\n', (string[])[string.Join(' ', numbers), .. found]);
    }

    /// <summary>Outcome, numbers, and what does not pass.</summary>
    public static string Line(ForensicsReport report)
    {
        var longest = report.Longest is { } l ? $"{l.Segment} {l.Length} {(l.Stamped ? "true" : "false")}" : "";
        var found = report.Findings.Where(f => f.Mark != Mark.Pass).Select(f
            => $"{Word(f.Mark)} {Word(f.Rung)} {f.Code} {Shown(f.Place.Segment)} {Shown(f.Place.Frame)} {Shown(f.Place.Link)} {f.Place.File ?? "-"}");
        return string.Join('\n', (string[])[$"{Word(report.Outcome)} {report.Session} {report.Segments} {report.Frames} {report.Length} {longest}",
            .. found.Order(StringComparer.Ordinal)]);
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
        folder.Delete(true);
    }

    private static string Word<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static string Shown(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "-";
}
