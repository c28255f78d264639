using System.Collections.Concurrent;
using System.Diagnostics;
using Notary.Forensics.Agents;

namespace Notary.Forensics.Desktops;

/// <summary>How desktops are made on this machine.</summary>
/// <param name="Program">The agent (functions/Recorder).</param>
/// <param name="Folder">Holds the sessions' folders while they are recorded and until they are deposited.</param>
/// <param name="Arguments">More of the agent's.</param>
public sealed record LocalDesktopOptions(string Program, string Folder, IReadOnlyList<string> Arguments);

/// <summary>Desktops on this machine, each with an agent that is a child of this process. An agent whose parent is gone ends by itself (its input is
/// over); until then it counts as running, so that nobody packs what it still writes. What it seals is brought, with each look, to where recordings of
/// desktops elsewhere are: all else reads it there.</summary>
/// <param name="options">The deployment's.</param>
/// <param name="recordings">Keeps recordings.</param>
/// <param name="news">Told of a session whose agent has said something.</param>
public sealed class LocalDesktops(LocalDesktopOptions options, RemoteAgents recordings, Action<DepositId> news) : IDesktopProvider, IDisposable
{
    /// <summary>Variables that an agent gets.</summary>
    private static readonly string[] Kept = ["PATH", "HOME", "TMPDIR", "LANG", "LC_ALL"];

    private readonly ConcurrentDictionary<DepositId, Agent> agents = new();
    private readonly ConcurrentDictionary<DepositId, Carried> sessions = new();
    private readonly SemaphoreSlim gate = new(1);

    /// <inheritdoc/>
    public bool NeedsUser => false;

    /// <inheritdoc/>
    public string Where => "平台所在主机 on the platform's machine";

    /// <inheritdoc/>
    public async Task BeginAsync(DesktopOrder order, CancellationToken cancel)
    {
        await gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            Directory.CreateDirectory(options.Folder);
            var trace = TraceOf(order.Session);
            if (agents.ContainsKey(order.Session) || File.Exists(trace))
                return;

            // A machine that has lost its disk has no traces.
            if (await recordings.Recordings.BytesAsync(order.Session, cancel).ConfigureAwait(false) > 0)
                return;

            // The trace first: whatever happens now, no second desktop is begun.
            await File.WriteAllTextAsync(trace, "", cancel).ConfigureAwait(false);
            var start = Start(["session", "--session", order.Session.ToString(), "--await-input", "--out", FolderOf(order.Session),
                "--page", order.Page.AbsoluteUri, .. options.Arguments]);
            var agent = new Agent(start, () => news(order.Session));
            agents[order.Session] = agent;
            await File.WriteAllTextAsync(trace, $"{agent.Id} {StartOf(agent.Id)}", CancellationToken.None).ConfigureAwait(false);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new IOException("the desktop's agent cannot be started", e);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <inheritdoc/>
    public async Task<DesktopLook> LookAsync(DepositId session, CancellationToken cancel)
    {
        var kept = CarriedOf(session);
        await kept.Gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            // In this order: what is not running any more has written all that it will.
            var running = agents.TryGetValue(session, out var agent) ? agent.Running : Former(session) is not null;
            try
            {
                if (!kept.Spoilt && !await kept.Folder.BringAsync(cancel).ConfigureAwait(false) && running)
                {
                    // Whatever it seals from here on could not be had.
                    await EndAsync(session, cancel).ConfigureAwait(false);
                    running = false;
                }
            }
            catch (FaultException e) when (e.Fault is Fault.Malformed or Fault.TooLarge or Fault.Conflict)
            {
                kept.Spoilt = true;
            }

            await kept.Tail.ReadAsync(cancel).ConfigureAwait(false);
            return new DesktopLook(running, kept.Tail.Newest, kept.Tail.Measured, kept.Tail.Clean, kept.Tail.Connected, kept.Tail.Touched, kept.Tail.Closed,
                kept.Spoilt);
        }
        finally
        {
            kept.Gate.Release();
        }
    }

    /// <inheritdoc/>
    public Task ConnectAsync(DepositId session, CancellationToken cancel)
        => agents.TryGetValue(session, out var agent) ? agent.ConnectAsync(cancel) : Task.CompletedTask;

    /// <inheritdoc/>
    public async Task<Uri?> EnterAsync(DepositId session, CancellationToken cancel)
    {
        try
        {
            return agents.TryGetValue(session, out var agent) ? await agent.EnterAsync(cancel).ConfigureAwait(false) : null;
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task<bool> MarkAsync(DepositId session, string? key, string note, CancellationToken cancel)
        => agents.TryGetValue(session, out var agent) && await agent.MarkAsync(key, note, cancel).ConfigureAwait(false);

    /// <summary>1 the bytes beside the recording, 2 the agent's answer, 3 away again.</summary>
    /// <inheritdoc/>
    public async Task<SessionFile?> PutFileAsync(DepositId session, string? key, string name, Stream body, CancellationToken cancel)
    {
        if (!agents.TryGetValue(session, out var agent))
            return null;

        // Its name begins like the session's others: whatever happens, it goes with them.
        var staged = $"{session}.{Guid.NewGuid():N}";
        var path = Path.Combine(options.Folder, staged);
        try
        {
            var (size, digest) = await StageAsync(path, body, cancel).ConfigureAwait(false);
            return await agent.PutFileAsync(new StagedFile(staged, name, size, digest), key).WaitAsync(cancel).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw new IOException("the desktop does not answer", e);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <inheritdoc/>
    public async Task<bool> CaptureAsync(DepositId session, CancellationToken cancel)
        => agents.TryGetValue(session, out var agent) && await agent.CaptureAsync(cancel).ConfigureAwait(false);

    /// <inheritdoc/>
    public Task CloseAsync(DepositId session, CloseReason reason, CancellationToken cancel)
        => agents.TryGetValue(session, out var agent) ? agent.CloseAsync(reason, cancel) : Task.CompletedTask;

    /// <inheritdoc/>
    public async Task EndAsync(DepositId session, CancellationToken cancel)
    {
        if (agents.TryGetValue(session, out var agent))
        {
            await agent.KillAsync(cancel).ConfigureAwait(false);
        }
        else if (Former(session) is { } id)
        {
            using var process = Process.GetProcessById(id);
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(cancel).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public IRecording RecordingOf(DepositId session) => recordings.Recordings.Of(session);

    /// <summary>1 what a killed agent left on the machine, 2 the recording, 3 its trace and whatever was being written beside it.</summary>
    /// <inheritdoc/>
    public async Task<bool> ForgetAsync(DepositId session, CancellationToken cancel)
    {
        if (File.Exists(TraceOf(session)))
            await SweepAsync(cancel).ConfigureAwait(false);

        // No look brings anything meanwhile, and none does when there is no folder.
        var kept = CarriedOf(session);
        await kept.Gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (Directory.Exists(FolderOf(session)))
                Directory.Delete(FolderOf(session), recursive: true);

            await recordings.Recordings.DeleteAsync(session, cancel).ConfigureAwait(false);
            foreach (var file in Directory.Exists(options.Folder) ? Directory.EnumerateFiles(options.Folder, $"{session}.*") : [])
                File.Delete(file);
        }
        finally
        {
            kept.Gate.Release();
        }

        sessions.TryRemove(session, out _);
        if (agents.TryRemove(session, out var agent))
            agent.Dispose();

        return true;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<DepositId>> KnownAsync(CancellationToken cancel)
        => Task.FromResult<IReadOnlyList<DepositId>>(!Directory.Exists(options.Folder) ? [] :
            [.. Directory.EnumerateFileSystemEntries(options.Folder)
                .Select(path => DepositId.TryParse(Path.GetFileNameWithoutExtension(path), out var id) ? id : (DepositId?)null)
                .OfType<DepositId>().Distinct()]);

    /// <summary>The agents' inputs end with this process.</summary>
    public void Dispose() => gate.Dispose();

    private ProcessStartInfo Start(IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(options.Program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);

        // The app's settings and identity are none of a desktop's.
        foreach (var name in start.Environment.Keys.Where(name => !Kept.Contains(name) && !name.StartsWith("DOTNET_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);

        return start;
    }

    /// <summary>An agent clears its machine by itself; for one that was killed another does.</summary>
    /// <exception cref="IOException">It could not.</exception>
    private async Task SweepAsync(CancellationToken cancel)
    {
        using var process = Process.Start(Start(["sweep"])) ?? throw new IOException("the agent's sweep did not start");
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(cancel), process.StandardError.ReadToEndAsync(cancel));
        await process.WaitForExitAsync(cancel).ConfigureAwait(false);
        await output.ConfigureAwait(false);
        if (process.ExitCode != 0)
            throw new IOException($"the agent's sweep ended with {process.ExitCode}: {(await error.ConfigureAwait(false)).Split('\n')[0]}");
    }

    /// <exception cref="FaultException"><see cref="Fault.TooLarge"/>.</exception>
    private static async Task<(long Size, Digest Digest)> StageAsync(string path, Stream body, CancellationToken cancel)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var file = new FileStream(path, FileMode.CreateNew);
        var (size, buffer) = (0L, new byte[128 * 1024]);
        for (int read; (read = await body.ReadAsync(buffer, cancel).ConfigureAwait(false)) > 0;)
        {
            if ((size += read) > SessionLimits.MaxFile)
                throw new FaultException(Fault.TooLarge, $"a file has at most {SessionLimits.MaxFile} bytes");

            sha.AppendData(buffer, 0, read);
            await file.WriteAsync(buffer.AsMemory(0, read), cancel).ConfigureAwait(false);
        }

        return (size, new Digest(sha.GetHashAndReset()));
    }

    private Carried CarriedOf(DepositId session) => sessions.GetOrAdd(session, id => new Carried(
        new SealedFolder(id, FolderOf(id), recordings.Recordings), new ChainTail(id, recordings.Recordings.Of(id))));

    private string FolderOf(DepositId session) => Path.Combine(options.Folder, session.ToString());

    private string TraceOf(DepositId session) => Path.Combine(options.Folder, $"{session}.agent");

    /// <summary>The process of an agent that an earlier life of this app started, while it runs.</summary>
    private int? Former(DepositId session)
    {
        var trace = TraceOf(session);
        if (!File.Exists(trace) || File.ReadAllText(trace).Split(' ') is not [var id, var started]
            || !int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return null;

        // Numbers of processes come again; with the same start they do not.
        return StartOf(number) == started ? number : null;
    }

    /// <summary>When a process started, in ticks since the machine did (proc(5): the twentieth after its name); null when it has ended.</summary>
    private static string? StartOf(int process)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ') is [not ("Z" or "X"), ..] fields && fields.Length > 19 ? fields[19] : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>How far a session is brought and read, under a gate of its own: none waits while another's files are brought.</summary>
    private sealed record Carried(SealedFolder Folder, ChainTail Tail)
    {
        public SemaphoreSlim Gate { get; } = new(1);

        public bool Spoilt { get; set; }
    }
}
