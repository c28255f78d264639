using Notary.Servers.Arm;

namespace Notary.Forensics.Tests.Azure;

/// <summary>A platform whose desktops come from a resource manager, and whose agents come to it from machines there.</summary>
internal sealed class Cloud : IAsyncDisposable
{
    public const string User = "li@office.example";

    /// <summary>For what a sweep of the minute does: longer than any machine needs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private Cloud(ArmServer arm, FaultProxy way, FaultProxy door, Office office) => (Arm, Way, Door, Office) = (arm, way, door, office);

    public ArmServer Arm { get; }

    /// <summary>From the app to the resource manager.</summary>
    public FaultProxy Way { get; }

    /// <summary>From agents to the app, which has another port after each start.</summary>
    public FaultProxy Door { get; }

    public Office Office { get; }

    public static async Task<Cloud> StartAsync(CancellationToken cancel)
    {
        var arm = await ArmServer.StartAsync(new ArmServerOptions { Recorder = Office.Recorder, Desktop = Office.StandIn }, cancel);
        var way = await FaultProxy.StartAsync(arm.Url, cancel: cancel);
        var door = await FaultProxy.StartAsync(arm.Url, cancel: cancel);
        var office = await Office.StartAsync(null, cancel, configure: environment =>
        {
            arm.Configure(environment, way.Url);
            environment["Notary__PublicUrl"] = door.Url.ToString();
            environment["Notary__Forensics__AtOnce"] = "20";
        }, started: app => door.Target = app.Url);
        return new Cloud(arm, way, door, office);
    }

    /// <summary>What a session's machine was given to come to the platform with, from the command line of the agent that it runs.</summary>
    public async Task<string> KeyOfAsync(string session)
    {
        for (var begun = TimeProvider.System.GetTimestamp(); ; await Task.Delay(100))
        {
            var line = Arm.Processes.Select(p => File.ReadAllText($"/proc/{p.Id}/cmdline").Split('\0')).FirstOrDefault(l => l.Contains(session));
            if (line is not null)
                return (await File.ReadAllTextAsync(line[Array.IndexOf(line, "--key-file") + 1])).Trim();

            Assert.IsTrue(TimeProvider.System.GetElapsedTime(begun) < Patience, "no agent");
        }
    }

    /// <summary>Waits until nothing of any session is there any more.</summary>
    public async Task NothingLeftAsync()
    {
        for (var begun = TimeProvider.System.GetTimestamp(); Arm.Left.Count > 0; await Task.Delay(100))
        {
            Assert.IsTrue(TimeProvider.System.GetElapsedTime(begun) < Patience, string.Join('\n', Arm.Left) + '\n' + Office.Said);
        }

        Assert.IsEmpty(Arm.Processes);
    }

    public async ValueTask DisposeAsync()
    {
        await Office.DisposeAsync();
        await Door.DisposeAsync();
        await Way.DisposeAsync();
        await Arm.DisposeAsync();
    }
}
