using System.Diagnostics;

namespace Notary.Servers.Forensics;

/// <summary>Where an app's desktops leave their recordings, away when its last agent is.</summary>
public sealed class DesktopFolder : IAsyncDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("notary-desktops-");

    public string FullName => folder.FullName;

    public IEnumerable<string> LeftOf(string session) => folder.EnumerateFileSystemInfos(session + "*").Select(f => f.Name);

    /// <summary>The agent's process.</summary>
    public Process AgentOf(string session) => Process.GetProcessById(IdIn(Path.Combine(FullName, session + ".agent")));

    /// <summary>An agent ends with its app's hold on it, but not before it has sealed what it has.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var trace in folder.EnumerateFiles("*.agent"))
        {
            while (Runs(IdIn(trace.FullName)))
                await Task.Delay(50);
        }

        folder.Delete(recursive: true);
    }

    private static int IdIn(string trace) => int.Parse(File.ReadAllText(trace).Split(' ')[0], CultureInfo.InvariantCulture);

    /// <summary>Whether it is still an agent of this folder: ids are used again.</summary>
    private bool Runs(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline").Contains(FullName, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
