namespace Notary.Servers.Wine;

/// <summary>The recorder for Windows as <c>scripts/recorder-windows</c> builds it, with the ffmpeg for Windows that npm has.</summary>
public static class WindowsRecorder
{
    /// <summary>Folders of which it is built.</summary>
    private static readonly string[] Sources = ["functions/Recorder", "functions/Core/Evidence"];

    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(200);

    private static string Tree => Path.Combine(Repository.Root, "artifacts", "recorder");

    /// <summary>The folder with <c>notary-recorder.exe</c>; built when its sources have changed since, by one test at a time.</summary>
    public static async Task<string> FolderAsync(CancellationToken cancel)
    {
        var (folder, stamp) = (Path.Combine(Tree, "win-x64"), Path.Combine(Tree, "stamp"));
        Directory.CreateDirectory(Tree);
        await using var alone = await AloneAsync(Path.Combine(Tree, "lock"), cancel);
        if (File.Exists(stamp) && File.GetLastWriteTimeUtc(stamp) > Newest())
            return folder;

        var began = TimeProvider.System.GetUtcNow().UtcDateTime;
        await RunAsync("bash", ["-c", ". scripts/setup.sh && publish_recorder \"$1\"", "bash", folder], Repository.Root, cancel);
        var wine = Path.Combine(Repository.Root, "tests", "Servers", "Wine");
        await RunAsync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], wine, cancel);
        File.Copy(Path.Combine(wine, "node_modules", "@ffmpeg-installer", "win32-x64", "ffmpeg.exe"), Path.Combine(folder, "ffmpeg.exe"), overwrite: true);
        await File.WriteAllTextAsync(stamp, "", cancel);
        File.SetLastWriteTimeUtc(stamp, began);
        return folder;
    }

    private static DateTime Newest()
        => Sources.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*", SearchOption.AllDirectories))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal)
                && !file.Contains("/node_modules/", StringComparison.Ordinal)).Max(File.GetLastWriteTimeUtc);

    private static async Task<FileStream> AloneAsync(string path, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(Beat, cancel);
            }
        }
    }

    private static async Task RunAsync(string program, string[] arguments, string folder, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardError = true, RedirectStandardOutput = true };
        // Of the test that runs, not of what it builds: the paths are part of the program.
        start.Environment.Remove("MSBUILD_EXE_PATH");
        start.Environment.Remove("MSBuildSDKsPath");
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(cancel), process.StandardError.ReadToEndAsync(cancel));
        await process.WaitForExitAsync(cancel);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await output}{await error}");
    }
}
