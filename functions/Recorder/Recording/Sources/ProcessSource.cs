namespace Notary.Recorder.Recording.Sources;

/// <summary>Processes below one: with the first of a pid namespace, all of that namespace, since orphans go to it (pid_namespaces(7)).</summary>
internal sealed class ProcessSource(int first, TimeProvider time) : IEventSource
{
    /// <summary>Bytes of a command line that are told.</summary>
    private const int MostCommand = 2000;

    public string Name => "processes";

    public Task RunAsync(Action<string, JsonObject> emit, CancellationToken cancel)
        => new Poll<(int, string)>(Name, Look, (members, came) => members[came ? "started" : "ended"] = true).RunAsync("process", emit, time, cancel);

    private Dictionary<(int Pid, string Started), JsonObject> Look()
    {
        var all = new Dictionary<int, (int Parent, string Started)>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && Stat(pid) is { } stat)
                all[pid] = stat;
        }

        if (!all.ContainsKey(first))
            throw new IOException($"process {first} is gone");

        return all.Where(p => p.Key != first && IsBelow(p.Key)).ToDictionary(p => (p.Key, p.Value.Started),
            p => new JsonObject { ["pid"] = p.Key, ["command"] = Command(p.Key) });

        bool IsBelow(int pid)
        {
            // Bounded, should numbers be reused while they are read.
            for (var steps = 0; steps < all.Count && all.TryGetValue(pid, out var process); steps++)
            {
                if (process.Parent == first)
                    return true;

                pid = process.Parent;
            }

            return false;
        }
    }

    // proc(5): the name in brackets may hold anything; fourth comes the parent, twenty-second the start in clock ticks.
    private static (int Parent, string Started)? Stat(int pid)
    {
        if (Read($"/proc/{pid}/stat") is not { } stat)
            return null;

        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (int.Parse(fields[1], CultureInfo.InvariantCulture), fields[19]);
    }

    private static string Command(int pid)
    {
        var command = Read($"/proc/{pid}/cmdline") is { Length: > 0 } line ? line : Read($"/proc/{pid}/comm") ?? "";
        return Lines.Bounded(command.TrimEnd('\0', '\n').Replace('\0', ' '), MostCommand);
    }

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return null; // It has ended.
        }
    }
}
