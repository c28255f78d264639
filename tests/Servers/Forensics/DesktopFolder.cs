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

    /// <summary>An agent ends with its app, but not before it has sealed what it has. Of an app in this process nothing ends: those are killed.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var id in folder.EnumerateFiles("*.agent").Select(trace => IdIn(trace.FullName)))
        {
            if (Runs(id) && ParentOf(id) == Environment.ProcessId)
            {
                using var agent = Process.GetProcessById(id);
                agent.Kill();
            }

            while (Runs(id))
                await Task.Delay(50);
        }

        folder.Delete(recursive: true);
    }

    // Empty while it is being started: of no process.
    private static int IdIn(string trace) => int.TryParse(File.ReadAllText(trace).Split(' ')[0], CultureInfo.InvariantCulture, out var id) ? id : 0;

    /// <summary>proc(5): the second after its name.</summary>
    private static int ParentOf(int id)
    {
        var stat = File.ReadAllText($"/proc/{id}/stat");
        return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
    }

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
