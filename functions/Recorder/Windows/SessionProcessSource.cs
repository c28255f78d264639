using System.Runtime.Versioning;
using Notary.Recorder.Recording;
using Notary.Recorder.Recording.Sources;

namespace Notary.Recorder.Windows;

/// <summary>Processes of the user's session: the files that they run. Arguments are not told: Windows keeps them where their own process may write.</summary>
[SupportedOSPlatform("windows")]
internal sealed class SessionProcessSource(UserSession session, TimeProvider time) : IEventSource
{
    public string Name => "processes";

    public Task RunAsync(Action<string, JsonObject> emit, CancellationToken cancel)
        => new Poll<(int, string)>(Name, Look, (members, came) => members[came ? "started" : "ended"] = true).RunAsync("process", emit, time, cancel);

    private Dictionary<(int Pid, string Program), JsonObject> Look()
    {
        var found = new Dictionary<(int, string), JsonObject>();
        foreach (var process in Process.GetProcesses())
        {
            using (process)
            {
                if (process.SessionId == session.Id)
                    found[(process.Id, process.ProcessName)] = new JsonObject
                    { ["pid"] = process.Id, ["command"] = Programs.Path(process.Id) ?? process.ProcessName };
            }
        }

        return found;
    }
}
