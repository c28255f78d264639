using Notary.Forensics;
using Notary.Forensics.Agents;
using Notary.Lotteries;
using Notary.Webhooks;

namespace Notary.Host.Composition;

/// <summary>What can only be built once the vault has told its public keys.</summary>
internal sealed record OpenRooms(
    DepositService Deposits, Uploads Uploads, Sequencer Sequencer, BatchIndexer Indexer, Sweeper Sweeper, DepositWork Work, ChainHeads Heads,
        PublicEvidenceReader Public,
    TrustRoots Trust, WebhookRooms Webhooks, DrawRooms? Draws, SessionRooms? Sessions);

/// <summary>Endpoints of tenants, what tells them of deposits, and what delivers.</summary>
internal sealed record WebhookRooms(EndpointDesk Desk, Teller Teller, Deliveries Deliveries);

/// <summary>What draws are held with; there is none without a registry.</summary>
internal sealed record DrawRooms(Lottery Lottery, Signers Signers, DrawWork Work, DrawKeeper Keeper);

/// <summary>What recorded desktops are held with; there is none without a provider.</summary>
/// <param name="Agents">The door for agents that are elsewhere.</param>
internal sealed record SessionRooms(SessionDesk Desk, SessionWork Work, SessionKeeper Keeper, RemoteAgents Agents);

/// <summary>
/// Opens what must be opened by talking to a dependency, again and again until it works, then keeps the loops running.
///  1. Containers, tables and queues: from here the operator's routes work.
///  2. The vault's keys, and everything built on them: from here deposits work.
///  3. The loops: sequencer, events and their deliveries, probes of the authorities. A loop that fails is logged and started again.
/// </summary>
/// <remarks>
/// The process listens meanwhile: the Functions host gives up on a handler that dies three times in half an hour, so a
/// dependency that is down at the wrong moment must not end it. What no waiting can mend does end it, with exit code 2
/// and one sentence: another chain than the settings say, or a certificate for another key.
/// </remarks>
internal sealed partial class Rooms(
    StorageAccount storage, FormerProcesses former, RoomFactory factory, ChainClient chain,
    TimeAuthorities authorities, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<Rooms> log)
    : BackgroundService
{
    // A restart after a kill is to be ready within five seconds; a dependency that is down is not hammered.
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>How long a request that comes too early waits before it is told 503.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly TaskCompletionSource stored = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<OpenRooms> opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile FaultException? storageFault, roomsFault;

    public bool IsOpen => opened.Task.IsCompletedSuccessfully;

    /// <summary>Waits for 1.</summary>
    /// <exception cref="FaultException">What stands in the way, when it takes longer than a caller should wait.</exception>
    public async ValueTask DemandStorageAsync(CancellationToken cancel)
    {
        if (!stored.Task.IsCompletedSuccessfully)
            await WaitAsync(stored.Task, cancel);
    }

    /// <summary>Waits for 2.</summary>
    /// <exception cref="FaultException">What stands in the way.</exception>
    public async ValueTask<OpenRooms> OpenAsync(CancellationToken cancel)
    {
        if (!IsOpen)
            await WaitAsync(opened.Task, cancel);

        return await opened.Task;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Off the start-up path: the server listens before the first dependency is asked.
        await Task.Yield();
        try
        {
            await Lifetimes.StartedAsync(lifetime, stoppingToken);

            // 1, and what 2 asks of the vault meanwhile.
            OpenRooms? rooms = null;
            var opening = RetryAsync("rooms", async token => rooms = await factory.OpenAsync(token), f => roomsFault = f, stoppingToken);
            await RetryAsync("storage", storage.EnsureCreatedAsync, f => storageFault = f, stoppingToken);
            await RetryAsync("former processes", former.TakeOverAsync, f => storageFault = f, stoppingToken);
            stored.SetResult();

            // 2
            await opening;
            opened.SetResult(rooms!);
            rooms!.Sequencer.Nudge();

            // 3
            var check = RetryAsync("chain", chain.EnsureChainAsync, _ => { }, stoppingToken);
            var loops = Task.WhenAll(
                KeepAsync("sequencer", rooms.Sequencer.RunLoopAsync, stoppingToken),
                KeepAsync("indexer", rooms.Indexer.RunLoopAsync, stoppingToken),
                KeepAsync("events", rooms.Webhooks.Teller.RunLoopAsync, stoppingToken),
                KeepAsync("webhooks", rooms.Webhooks.Deliveries.RunLoopAsync, stoppingToken),
                KeepAsync("probes", authorities.RunProbesAsync, stoppingToken),
                rooms.Heads.RefreshAsync(stoppingToken));
            await await Task.WhenAny(check, loops);
            await loops;
        }
        catch (Exception e) when (e is SettingException or FaultException { Fault: Fault.ChainWrong })
        {
            await Console.Error.WriteLineAsync(e is SettingException ? e.Message : $"{Settings.ChainId.Name} should be the chain's own id: {e.Message}.");
            Environment.ExitCode = ExitCodes.WrongSetting;
            lifetime.StopApplication();
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // The end of the process: a call that was cut short may say so in its own way.
        }
    }

    private async Task WaitAsync(Task what, CancellationToken cancel)
    {
        try
        {
            await what.WaitAsync(Patience, clock, cancel);
        }
        catch (TimeoutException e)
        {
            // What the rooms wait for comes after storage: while that is not there, it is the reason.
            var last = stored.Task.IsCompletedSuccessfully ? roomsFault : storageFault;
            throw new FaultException(last?.Fault ?? Fault.StorageUnavailable, "the app is still starting; try again", e);
        }
    }

    private async Task RetryAsync(string what, Func<CancellationToken, Task> open, Action<FaultException> tell, CancellationToken cancel)
    {
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                await open(cancel);
                return;
            }
            catch (Exception e) when (!cancel.IsCancellationRequested && e is not SettingException && e is not FaultException { Fault: Fault.ChainWrong })
            {
                var (fault, detail) = ProblemMiddleware.Explain(e);
                tell(new FaultException(fault, detail, e));
                Log.NotYet(log, what, fault.Code(), e.Message);
                await Task.Delay(pause, clock, cancel);
            }
        }
    }

    private async Task KeepAsync(string what, Func<CancellationToken, Task> loop, CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await loop(cancel);
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                Log.LoopFailed(log, e, what);
            }

            await Task.Delay(LongestPause, clock, cancel);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(10, LogLevel.Warning, "{What} not open yet: {Code}: {Reason}")]
        public static partial void NotYet(ILogger log, string what, string code, string reason);

        [LoggerMessage(11, LogLevel.Error, "the loop {What} ended and is started again")]
        public static partial void LoopFailed(ILogger log, Exception exception, string what);
    }
}
