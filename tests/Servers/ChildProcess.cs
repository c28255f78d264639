using System.Net.Sockets;

namespace Notary.Servers;

/// <summary>What to start and how to know that it is ready.</summary>
/// <param name="FileName">The program.</param>
/// <param name="Arguments">Its arguments, unquoted.</param>
public sealed record ChildStart(string FileName, params IReadOnlyList<string> Arguments)
{
    public string? WorkingDirectory { get; init; }

    /// <summary>Where to append every line of both streams.</summary>
    public string? Log { get; init; }

    /// <summary>Added to the inherited environment; a null value removes a variable.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Asked every 50 ms until it says true; the default is satisfied at once.</summary>
    public Func<ChildProcess, CancellationToken, Task<bool>> Ready { get; init; } = (_, _) => Task.FromResult(true);

    /// <summary>How long <see cref="Ready"/> may take. Node programs on two busy cores need several seconds.</summary>
    public TimeSpan ReadyTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long the child may take to end after SIGTERM before it is killed.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>A child that is ready when <see cref="StartAsync"/> returns, stops by SIGTERM, and dies with its parent.</summary>
/// <remarks>
/// "Dies with its parent" is the kernel's parent-death signal, set by <c>setpriv</c> between fork and exec. The kernel
/// counts the forking <em>thread</em> as the parent, and pool threads come and go; so one thread that lives as long as
/// the process starts every child.
/// </remarks>
public sealed class ChildProcess : IAsyncDisposable
{
    /// <summary>Characters of each output stream that are kept: enough for a stack trace, bounded for a week's run.</summary>
    private const int KeptOutput = 64 * 1024;

    private static readonly BlockingCollection<Action> Spawner = StartSpawner();

    private readonly Process process;
    private readonly ChildStart start;
    private readonly Tail output = new(KeptOutput);
    private readonly Tail error = new(KeptOutput);
    private readonly Lock log = new();

    private ChildProcess(Process process, ChildStart start)
    {
        this.process = process;
        this.start = start;
        process.OutputDataReceived += (_, line) => Take(output, line.Data);
        process.ErrorDataReceived += (_, line) => Take(error, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.StandardInput.Close();
    }

    private void Take(Tail tail, string? line)
    {
        tail.Add(line);
        if (line is not null && start.Log is { } path)
        {
            lock (log)
            {
                File.AppendAllText(path, $"{line}\n");
            }
        }
    }

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    public int ExitCode => process.ExitCode;

    /// <summary>The last 64 Ki characters of standard output.</summary>
    public string StandardOutput => output.ToString();

    /// <summary>The last 64 Ki characters of standard error.</summary>
    public string StandardError => error.ToString();

    /// <summary>Starts the program and waits until it is ready.</summary>
    /// <exception cref="InvalidOperationException">It ended, or was not ready in time; the message holds what it printed. It is not left running.</exception>
    public static async Task<ChildProcess> StartAsync(ChildStart start, CancellationToken cancel = default)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        Spawner.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(Describe(start)) ?? throw new InvalidOperationException($"{start.FileName} did not start"));
            }
            catch (Exception failure)
            {
                started.SetException(failure);
            }
        }, cancel);
        var child = new ChildProcess(await started.Task, start);
        try
        {
            await child.WaitUntilReadyAsync(cancel);
            return child;
        }
        catch
        {
            await child.DisposeAsync();
            throw;
        }
    }

    /// <summary>A port that was free a moment ago. The race with another process is real: callers start again on another one.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Whether something accepts connections on the loopback port: a readiness probe.</summary>
    public static async Task<bool> AcceptsAsync(int port, CancellationToken cancel = default)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port, cancel);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Sends a signal by its name, such as STOP, CONT or TERM.</summary>
    public void Signal(string name)
    {
        if (process.HasExited)
            return;

        using var kill = Process.Start("kill", [$"-{name}", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>SIGKILL: what a power cut looks like to the child.</summary>
    public void Kill() => process.Kill();

    public Task WaitForExitAsync(CancellationToken cancel = default) => process.WaitForExitAsync(cancel);

    /// <summary>SIGTERM, then SIGKILL when the bound has passed. Safe to repeat.</summary>
    public async Task StopAsync()
    {
        // A stopped child cannot act on SIGTERM.
        Signal("CONT");
        Signal("TERM");
        using var bound = new CancellationTokenSource(start.StopTimeout);
        try
        {
            await process.WaitForExitAsync(bound.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        process.Dispose();
    }

    private static ProcessStartInfo Describe(ChildStart start)
    {
        var info = new ProcessStartInfo("setpriv")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = start.WorkingDirectory ?? "",
        };
        foreach (var argument in (string[])["--pdeathsig", "TERM", "--", start.FileName, .. start.Arguments])
            info.ArgumentList.Add(argument);

        foreach (var (name, value) in start.Environment)
            info.Environment[name] = value;

        return info;
    }

    private static BlockingCollection<Action> StartSpawner()
    {
        var work = new BlockingCollection<Action>();
        new Thread(() =>
        {
            foreach (var action in work.GetConsumingEnumerable())
                action();
        })
        { IsBackground = true, Name = "child spawner" }.Start();
        return work;
    }

    private async Task WaitUntilReadyAsync(CancellationToken cancel)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        bound.CancelAfter(start.ReadyTimeout);
        try
        {
            // Asked of one that has ended too: what does its work at once need not be met while it runs.
            while (true)
            {
                var ended = process.HasExited;
                if (await start.Ready(this, bound.Token))
                    return;

                if (ended)
                    break;

                await Task.Delay(50, bound.Token);
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new InvalidOperationException($"{start.FileName} was not ready within {start.ReadyTimeout}: {StandardOutput}{StandardError}");
        }

        await process.WaitForExitAsync(cancel);
        throw new InvalidOperationException($"{start.FileName} ended with {process.ExitCode}: {StandardOutput}{StandardError}");
    }

    private sealed class Tail(int limit)
    {
        private readonly StringBuilder text = new();

        public void Add(string? line)
        {
            lock (text)
            {
                if (line is not null)
                    text.AppendLine(line);

                if (text.Length > limit)
                    text.Remove(0, text.Length - limit);
            }
        }

        public override string ToString()
        {
            lock (text)
            {
                return text.ToString();
            }
        }
    }
}
