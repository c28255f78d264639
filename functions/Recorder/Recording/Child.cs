namespace Notary.Recorder.Recording;

/// <summary>Starts programs that end when this process ends, however it ends.</summary>
/// <remarks>
/// By the kernel's parent-death signal, which <c>setpriv</c> sets between fork and exec. The kernel counts the forking <em>thread</em>
/// as the parent, and pool threads come and go: one thread that lives as long as the process starts them all.
/// On Windows they are this process's job, which ends with its last handle.
/// </remarks>
public static class Child
{
    /// <summary>Held while a program is started.</summary>
    internal static readonly Lock Starting = new();

    private static readonly BlockingCollection<Action> Spawner = StartSpawner();

    /// <param name="program">A program on PATH.</param>
    /// <param name="arguments">Unquoted.</param>
    /// <param name="environment">Added to this process's.</param>
    /// <param name="input">Whether the program's standard input is a pipe; else it is empty.</param>
    /// <returns>With its standard output and error redirected.</returns>
    /// <exception cref="IOException">It did not start.</exception>
    public static async Task<Process> StartAsync(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, bool input = false)
    {
        var windows = OperatingSystem.IsWindows();
        var start = new ProcessStartInfo(windows ? program : "setpriv", windows ? arguments : ["--pdeathsig", "KILL", "--", program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        Spawner.Add(() =>
        {
            try
            {
                // Two that start at once would hand each other's pipes to their programs (Windows); a pipe then ends only with both.
                lock (Starting)
                    started.SetResult(Process.Start(start)!);
            }
            catch (Exception e)
            {
                started.SetException(new IOException($"{program} did not start: {e.Message}", e));
            }
        });
        var process = await started.Task;
        if (!input)
            process.StandardInput.Close();

        return process;
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>What it printed.</returns>
    /// <exception cref="IOException">It did not end with 0; the message holds the last line of what it complained of.</exception>
    public static async Task<string> RunAsync(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, CancellationToken cancel)
    {
        using var process = await StartAsync(program, arguments, environment);
        try
        {
            var error = process.StandardError.ReadToEndAsync(cancel);
            var output = await process.StandardOutput.ReadToEndAsync(cancel);
            await process.WaitForExitAsync(cancel);
            return process.ExitCode == 0 ? output : throw new IOException($"{program} ended with {process.ExitCode}: {LastLine(await error)}");
        }
        finally
        {
            Kill(process);
        }
    }

    /// <summary>SIGKILL, unless it has ended.</summary>
    public static void Kill(Process process)
    {
        if (!process.HasExited)
            process.Kill();
    }

    /// <summary>What a program said last.</summary>
    public static string LastLine(string text) => text.TrimEnd().Split('\n')[^1];

    private static BlockingCollection<Action> StartSpawner()
    {
        var queue = new BlockingCollection<Action>();
        new Thread(() =>
        {
            foreach (var spawn in queue.GetConsumingEnumerable())
                spawn();
        })
        { IsBackground = true, Name = "starts programs" }.Start();
        return queue;
    }
}
