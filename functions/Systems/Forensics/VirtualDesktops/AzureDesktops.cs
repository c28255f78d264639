using System.Collections.Concurrent;
using Azure.Core;
using Notary.Forensics.Agents;
using Notary.Forensics.Desktops;

namespace Notary.Forensics.VirtualDesktops;

/// <summary>Desktops of Azure Virtual Desktop, one machine for one session, whose agent comes to us (<see cref="RemoteAgents"/>).</summary>
/// <remarks>
/// Nothing here waits: each look takes what next step can be taken, and what it needs to know is in the agent's row and in Azure, so that another
/// instance goes on wherever one broke off. Azure's troubles never stand before the chain: what is sealed is read and logged all the same.
///  1. Begun: the row is there.
///  2. A key is written down, then the deployment is asked for; until it is seen there, with another key each time.
///  3. Deployed and available: the user is assigned.
///  4. The chain closes, or its time is over: it is ended for good, and the machine is taken down.
/// </remarks>
public sealed partial class AzureDesktops : IDesktopProvider, IDisposable
{
    /// <summary>Deployments that are tried for one session: each key of them would still count.</summary>
    private const int MaxKeys = 8;

    private const string Capture = "capture";

    /// <summary>An agent asks for commands every 15 s; one that is silent for as long as this has gone.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(3);

    private readonly AzureDesktopOptions options;
    private readonly RemoteAgents agents;
    private readonly Machines machines;
    private readonly TimeProvider clock;
    private readonly ILogger<AzureDesktops> log;
    private readonly DateTimeOffset up;
    private readonly ConcurrentDictionary<DepositId, ChainTail> tails = new();
    private readonly ConcurrentDictionary<DepositId, DateTimeOffset> pauses = new();
    private readonly SemaphoreSlim gate = new(1);

    /// <param name="options">The deployment's.</param>
    /// <param name="template">infra/session-host.bicep, compiled.</param>
    /// <param name="agents">The door that agents come to.</param>
    /// <param name="credential">The broker's identity.</param>
    /// <param name="http">Follows no redirections.</param>
    /// <param name="clock">Our clock.</param>
    /// <param name="log">The log.</param>
    public AzureDesktops(AzureDesktopOptions options, string template, RemoteAgents agents, TokenCredential credential, HttpClient http, TimeProvider clock,
        ILogger<AzureDesktops> log)
    {
        (this.options, this.agents, this.clock, this.log, up) = (options, agents, clock, log, clock.GetUtcNow());
        machines = new Machines(new ResourceManager(http, credential, options.ResourceManager, clock),
            new ResourceManager(http, credential, options.Graph, clock), options, template, clock);
    }

    /// <summary>infra/session-host.bicep as it was compiled into this assembly.</summary>
    public static string Template
    {
        get
        {
            using var stream = typeof(AzureDesktops).Assembly.GetManifestResourceStream("session-host.json")!;
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd();
        }
    }

    /// <inheritdoc/>
    public bool NeedsUser => true;

    /// <inheritdoc/>
    public string Where => "Azure 虚拟桌面 Azure Virtual Desktop";

    /// <inheritdoc/>
    public Task BeginAsync(DesktopOrder order, CancellationToken cancel) => agents.Table.AddAsync(AgentRow.Of(order), cancel);

    /// <inheritdoc/>
    public async Task<DesktopLook> LookAsync(DepositId session, CancellationToken cancel)
    {
        // In this order: the chain of one that is closed does not grow any more.
        var row = await agents.Table.FindAsync(session, cancel).ConfigureAwait(false);
        var running = row is { Closed: false };
        if (running)
            await TryAsync(session, () => StepAsync(row!, cancel), cancel).ConfigureAwait(false);

        var tail = await ReadAsync(session, cancel).ConfigureAwait(false);
        if (running && (tail.Closed is not null || await IsLostAsync(row!, cancel).ConfigureAwait(false)))
            await EndAsync(session, cancel).ConfigureAwait(false);
        else if (row is { Closed: true })
            await TryAsync(session, () => RemoveAsync(session, cancel), cancel).ConfigureAwait(false);

        return new DesktopLook(running, tail.Newest, tail.Measured, tail.Clean, tail.Connected, tail.Touched, tail.Closed);
    }

    /// <inheritdoc/>
    public async Task ConnectAsync(DepositId session, CancellationToken cancel)
    {
        if (await agents.Table.FindAsync(session, cancel).ConfigureAwait(false) is { Assigned: true, Closed: false })
            await agents.Table.TellAsync(session, "!input", "input", cancel).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>The link is no secret: who opens it signs in, and comes in where the machine is his.</remarks>
    public async Task<Uri?> EnterAsync(DepositId session, CancellationToken cancel)
        => await agents.Table.FindAsync(session, cancel).ConfigureAwait(false) is { Assigned: true, Closed: false, User: { } user }
            ? new Uri($"{options.DesktopAddress.GetLeftPart(UriPartial.Query)}#loginHint={Uri.EscapeDataString(user)}") : null;

    /// <inheritdoc/>
    public async Task<bool> MarkAsync(DepositId session, string? key, string note, CancellationToken cancel)
    {
        if (await agents.Table.FindAsync(session, cancel).ConfigureAwait(false) is not { Assigned: true, Closed: false })
            return false;

        // Keys of ours begin with a mark of exclamation, so that none of a caller's is one of them.
        var (line, own) = ($"mark {note}", key is null ? null : Digest.Of(Encoding.UTF8.GetBytes(key)).ToString());
        await agents.Table.TellAsync(session, own, line, cancel).ConfigureAwait(false);
        if (own is not null && await agents.Table.ToldAsync(session, own, cancel).ConfigureAwait(false) != line)
            throw new FaultException(Fault.IdempotencyConflict, "this idempotency key was used for another mark");

        return true;
    }

    /// <inheritdoc/>
    public async Task<bool> CaptureAsync(DepositId session, CancellationToken cancel)
    {
        if (await agents.Table.FindAsync(session, cancel).ConfigureAwait(false) is not { Assigned: true, Closed: false })
            return false;

        var told = await agents.Table.CommandsAsync(session, 0, cancel).ConfigureAwait(false);
        if (told.Count(command => command.Text == Capture) >= SessionLimits.MaxCaptures)
            throw new FaultException(Fault.SessionState, $"a session has at most {SessionLimits.MaxCaptures} captures");

        await agents.Table.TellAsync(session, null, Capture, cancel).ConfigureAwait(false);
        return true;
    }

    /// <inheritdoc/>
    public async Task<SessionFile?> PutFileAsync(DepositId session, string? key, string name, Stream body, CancellationToken cancel)
        => await agents.Table.FindAsync(session, cancel).ConfigureAwait(false) is { Assigned: true, Closed: false }
            ? await agents.PutUploadAsync(session, key, name, body, cancel).ConfigureAwait(false) : null;

    /// <inheritdoc/>
    public async Task CloseAsync(DepositId session, CloseReason reason, CancellationToken cancel)
    {
        // A machine that is not there yet is told by its end.
        if (await agents.Table.SeenAsync(session, cancel).ConfigureAwait(false) is null)
            await EndAsync(session, cancel).ConfigureAwait(false);
        else
            await agents.Table.TellAsync(session, "!close", $"close {SessionRow.Word(reason)}", cancel).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>The machine goes when its time comes: what counts is that nothing it says is taken any more.</remarks>
    public async Task EndAsync(DepositId session, CancellationToken cancel)
    {
        await agents.Recordings.FreezeAsync(session, cancel).ConfigureAwait(false);
        while (await agents.Table.FindAsync(session, cancel).ConfigureAwait(false) is { Closed: false } row)
            await agents.Table.SwapAsync(row with { Closed = true }, cancel).ConfigureAwait(false);

        await TryAsync(session, () => RemoveAsync(session, cancel), cancel).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public IRecording RecordingOf(DepositId session) => agents.Recordings.Of(session);

    /// <inheritdoc/>
    public async Task<bool> ForgetAsync(DepositId session, CancellationToken cancel)
    {
        await EndAsync(session, cancel).ConfigureAwait(false);
        if (!gone.ContainsKey(session))
            return false;

        // The row last: by it a sweep finds what is left.
        await agents.Recordings.DeleteAsync(session, cancel).ConfigureAwait(false);
        await agents.Table.DeleteAsync(session, cancel).ConfigureAwait(false);
        tails.TryRemove(session, out _);
        pauses.TryRemove(session, out _);
        gone.TryRemove(session, out _);
        return true;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DepositId>> KnownAsync(CancellationToken cancel)
    {
        var known = await agents.Table.KnownAsync(cancel).ConfigureAwait(false);
        try
        {
            return [.. known.Union(await machines.KnownAsync(cancel).ConfigureAwait(false))];
        }
        catch (ResourceException e)
        {
            Log.NotSwept(log, e.Message);
            return known;
        }
    }

    /// <summary>Nothing of it ends with this process.</summary>
    public void Dispose() => gate.Dispose();

    // Sessions whose machine was found gone by this process.
    private readonly ConcurrentDictionary<DepositId, bool> gone = new();

    private async Task<ChainTail> ReadAsync(DepositId session, CancellationToken cancel)
    {
        await gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            var tail = tails.GetOrAdd(session, id => new ChainTail(id, RecordingOf(id)));
            await tail.ReadAsync(cancel).ConfigureAwait(false);
            return tail;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>A step in Azure, unless it asked to be left alone; what goes wrong there is tried again with the next look.</summary>
    private async Task TryAsync(DepositId session, Func<Task<TimeSpan?>> step, CancellationToken cancel)
    {
        if (pauses.TryGetValue(session, out var until) && clock.GetUtcNow() < until)
            return;

        try
        {
            if (await step().ConfigureAwait(false) is { } pause)
                pauses[session] = clock.GetUtcNow() + pause;
        }
        catch (ResourceException e)
        {
            Log.NotYet(log, session, e.Message);
        }
    }

    private async Task<bool> IsLostAsync(AgentRow row, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();

        // While this process was not there, nobody could be heard.
        return now - up >= Silence && await agents.Table.SeenAsync(row.Session, cancel).ConfigureAwait(false) is { } seen && now - seen >= Silence;
    }

    private async Task<TimeSpan?> RemoveAsync(DepositId session, CancellationToken cancel)
    {
        if (gone.ContainsKey(session))
            return null;

        var (all, later) = await machines.RemoveAsync(session, cancel).ConfigureAwait(false);
        if (all)
            gone[session] = true;

        return later;
    }

    private static partial class Log
    {
        [LoggerMessage(140, LogLevel.Warning, "the machine of session {Session} is not where it should be yet: {Reason}")]
        public static partial void NotYet(ILogger log, DepositId session, string reason);

        [LoggerMessage(141, LogLevel.Warning, "Azure did not tell which machines there are: {Reason}")]
        public static partial void NotSwept(ILogger log, string reason);

        [LoggerMessage(142, LogLevel.Error, "the machine of session {Session} cannot be had: {Reason}")]
        public static partial void Given(ILogger log, DepositId session, string reason);
    }
}
