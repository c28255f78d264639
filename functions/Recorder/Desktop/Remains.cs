namespace Notary.Recorder.Desktop;

/// <summary>Clears what a session has on this machine: one way for the end of a session and for what a killed owner left.</summary>
internal static class Remains
{
    /// <summary>How long killed processes may take to be gone: the kernel frees a browser's memory first.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Clears the places whose owners are gone; how many.</summary>
    public static async Task<int> SweepAsync(CancellationToken cancel = default)
    {
        using var alone = SessionPlace.Alone();
        var swept = 0;
        foreach (var place in SessionPlace.All().Where(p => p.IsAbandoned()).ToList())
        {
            await ClearAsync(place, cancel);
            swept++;
        }

        return swept;
    }

    /// <summary>1 kill, 2 network, 3 files; whatever is already gone is passed over. The folder, which holds the slot, goes last.</summary>
    public static async Task ClearAsync(SessionPlace place, CancellationToken cancel = default)
    {
        // 1: mounts and the other namespaces live in these processes and go with them.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        while (true)
        {
            var living = Processes(place.User).Concat(Processes(place.ServerUser)).ToList();
            if (living.Count == 0)
                break;

            foreach (var (id, _) in living)
                Kill(id);

            await Task.Delay(Sandbox.Beat, TimeProvider.System, patience.Token);
        }

        // 2: the link goes with its namespace, but not at once; the rules go last, so that nothing passes without them.
        if (File.Exists(Path.Combine("/run/netns", place.Name)))
            await Tool.RunAsync("ip", ["netns", "delete", place.Name], cancel: cancel);

        if (Directory.Exists("/sys/class/net/" + place.Name))
            await Tool.TryAsync("ip", ["link", "delete", place.Name], cancel: cancel);

        await Tool.TryAsync("nft", ["delete", "table", "inet", place.Name], cancel: cancel);

        // 3
        if (new FileInfo(place.DisplaySocket).LinkTarget is { } target && target.StartsWith(place.Folder, StringComparison.Ordinal))
            File.Delete(place.DisplaySocket);

        if (Directory.Exists(place.Folder))
            Directory.Delete(place.Folder, recursive: true);
    }

    /// <summary>The processes of a user: number and command line.</summary>
    public static IEnumerable<(int Id, string Command)> Processes(int user)
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && Read(id, user) is { } command)
                yield return (id, command);
        }
    }

    private static string? Read(int id, int user)
    {
        try
        {
            var status = File.ReadAllText($"/proc/{id}/status");
            var uid = status.Split('\n').First(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t');
            var dead = status.Contains("\nState:\tZ", StringComparison.Ordinal);
            return uid[1] == user.ToString(CultureInfo.InvariantCulture) && !dead
                ? File.ReadAllText($"/proc/{id}/cmdline").Replace('\0', ' ') : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return null;
        }
    }

    private static void Kill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // Gone meanwhile.
        }
    }
}
