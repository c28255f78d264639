using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using Azure;
using Microsoft.Extensions.Logging;
using Notary.Evidence;
using Notary.Storage;

namespace Notary.Processes;

/// <summary>Advances processes one step at a time. Any number of runners may work on one table.</summary>
/// <remarks>
/// One process's turn: 1. load the record; 2. claim it: one conditional write moves its due time to the claim's end, so
/// that of two runners one loses, and after a crash the process is due again by itself; 3. run the step; 4. commit the
/// result under the claim. While steps advance at once, 3 and 4 repeat under the renewed claim.
/// </remarks>
public sealed partial class ProcessRunner
{
    /// <summary>Processes taken from one partition in one sweep.</summary>
    private const int SweepLimit = 100;

    /// <summary>Steps of one process in one turn; a process that always advances must not keep others waiting.</summary>
    private const int MaxStepsPerTurn = 32;

    /// <summary>Commits against people's actions and events before the result is given up to the next attempt.</summary>
    private const int MaxCommitRaces = 10;

    /// <summary>How far instances' clocks may lie apart before a record counts as written by a wrong one; and how often such records are looked for.</summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(1);

    /// <summary>For giving back claims at shutdown.</summary>
    private static readonly TimeSpan ReleaseTimeout = TimeSpan.FromSeconds(3);

    private static readonly ActivitySource Source = new("Notary.Processes");

    private readonly ProcessStore store;
    private readonly Dictionary<string, IProcessKind> kinds;
    private readonly RunnerOptions options;
    private readonly TimeProvider clock;
    private readonly ILogger log;
    private readonly Channel<bool> nudges = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ConcurrentDictionary<string, bool> unknownKinds = new(StringComparer.Ordinal);
    private long soonestTicks = long.MaxValue;
    private long pulledBackAt;

    /// <exception cref="ArgumentException">An option is out of range, or two kinds have one name.</exception>
    public ProcessRunner(ProcessStore store, IEnumerable<IProcessKind> kinds, RunnerOptions options, TimeProvider clock, ILogger<ProcessRunner> log)
    {
        options.Validate();
        this.store = store;
        this.kinds = kinds.ToDictionary(kind => kind.Kind, StringComparer.Ordinal);
        this.options = options;
        this.clock = clock;
        this.log = log;
        store.BecameDue += Nudge;
    }

    /// <summary>Look now: something became due.</summary>
    public void Nudge() => nudges.Writer.TryWrite(true);

    /// <summary>One sweep: takes every process that is due (up to 100 a partition) one turn further.</summary>
    /// <returns>The turns taken.</returns>
    /// <exception cref="FaultException">StorageUnavailable.</exception>
    public async Task<int> RunDueAsync(CancellationToken cancel = default)
    {
        var due = await Task.WhenAll(Enumerable.Range(0, ProcessKeys.Shards).Select(shard => DueAsync(shard, cancel)));
        var turns = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Parallelism, CancellationToken = cancel };
        await Parallel.ForEachAsync(due.SelectMany(shard => shard), parallel, async (process, stop) =>
        {
            if (await TurnAsync(process.Kind, process.Id, stop))
            {
                Interlocked.Increment(ref turns);
            }
        });
        return turns;
    }

    /// <summary>Takes one process a turn further if it is due and nobody else has it.</summary>
    public Task RunOneAsync(string kind, string id, CancellationToken cancel = default) => TurnAsync(kind, id, cancel);

    /// <summary>Sweeps until cancelled: at once while there is work or a nudge, otherwise when something it knows of is due or the idle poll is over.</summary>
    /// <remarks>Never ends on a failure: storage that is down is asked again after the idle poll.</remarks>
    public async Task RunLoopAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                // A nudge that comes during the sweep asks for another one.
                nudges.Reader.TryRead(out _);
                ForgetPast();
                await PullBackAsync(cancel);
                if (await RunDueAsync(cancel) == 0)
                {
                    await PauseAsync(cancel);
                }
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                Log.SweepFailed(log, failure);
                await Task.Delay(options.IdlePoll, clock, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Once a minute: without it a clock that was five years ahead for a moment would hold its processes up for five years.</summary>
    private async Task PullBackAsync(CancellationToken cancel)
    {
        if (pulledBackAt != 0 && clock.GetElapsedTime(pulledBackAt) < ClockTolerance)
        {
            return;
        }

        try
        {
            await Task.WhenAll(Enumerable.Range(0, ProcessKeys.Shards).Select(shard => store.PullBackAsync(shard, clock.GetUtcNow(), ClockTolerance, cancel)));
        }
        catch (Exception failure) when (StorageFailure.Is(failure, cancel))
        {
            throw new FaultException(Fault.StorageUnavailable, "the process table did not answer usefully", failure);
        }

        pulledBackAt = clock.GetTimestamp();
    }

    private async Task PauseAsync(CancellationToken cancel)
    {
        var pause = options.IdlePoll;
        if (Interlocked.Read(ref soonestTicks) is var ticks and < long.MaxValue)
        {
            var left = new DateTimeOffset(ticks, TimeSpan.Zero) - clock.GetUtcNow();
            pause = left < TimeSpan.Zero ? TimeSpan.Zero : left < pause ? left : pause;
        }

        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await Task.WhenAny(nudges.Reader.WaitToReadAsync(bound.Token).AsTask(), Task.Delay(pause, clock, bound.Token));
        await bound.CancelAsync();
    }

    private async Task<List<(string Kind, string Id)>> DueAsync(int shard, CancellationToken cancel)
    {
        var due = new List<(string, string)>();
        try
        {
            await foreach (var process in store.DueAsync(shard, clock.GetUtcNow(), cancel))
            {
                if (kinds.ContainsKey(process.Kind))
                {
                    due.Add(process);
                }
                else if (unknownKinds.TryAdd(process.Kind, true))
                {
                    // A newer version's kind during an upgrade: it is that version's to run.
                    Log.UnknownKind(log, process.Kind);
                }

                if (due.Count == SweepLimit)
                {
                    break;
                }
            }
        }
        catch (Exception failure) when (StorageFailure.Is(failure, cancel))
        {
            throw new FaultException(Fault.StorageUnavailable, "the process table did not answer usefully", failure);
        }

        return due;
    }

    private async Task<bool> TurnAsync(string kind, string id, CancellationToken cancel)
    {
        // 1. Load.
        var now = clock.GetUtcNow();
        var record = await store.GetAsync(kind, id, cancel);
        if (record is not { IsActive: true, Due: { } due } || due > now || !kinds.TryGetValue(kind, out var steps))
        {
            return false;
        }

        // 2. Claim.
        var owner = Guid.NewGuid().ToString("N");
        var claimed = await store.TryWriteAsync(record, Transitions.Claim(record, owner, now, options.ClaimDuration), cancel);
        for (var step = 0; claimed is not null && step < MaxStepsPerTurn; step++)
        {
            // 3. Run.
            if (await TracedStepAsync(steps, claimed, cancel) is not { } result)
            {
                await ReleaseAsync(claimed);
                cancel.ThrowIfCancellationRequested();
            }
            else
            {
                // 4. Commit.
                claimed = await CommitAsync(claimed, owner, result, last: step == MaxStepsPerTurn - 1, cancel);
            }
        }

        return true;
    }

    /// <summary>The step as a span of its own: what a request began goes on here, seconds or hours later.</summary>
    private async Task<StepResult?> TracedStepAsync(IProcessKind steps, ProcessRecord record, CancellationToken cancel)
    {
        using var span = Source.StartActivity($"{record.Kind} {record.Step}");
        span?.SetTag("notary.process.id", record.Id).SetTag("notary.process.attempt", record.Attempt);
        var result = await StepAsync(steps, record, cancel);
        span?.SetTag("notary.process.outcome", result?.GetType().Name ?? "Released");
        if (result switch { StepResult.Retry retry => retry.Fault, StepResult.Stop stop => stop.Fault, _ => (Fault?)null } is { } fault)
        {
            span?.SetTag("notary.fault", fault.Code()).SetStatus(ActivityStatusCode.Error);
        }

        return result;
    }

    /// <summary>The step's result, or null when the runner is shutting down.</summary>
    private async Task<StepResult?> StepAsync(IProcessKind steps, ProcessRecord record, CancellationToken cancel)
    {
        using var claim = new CancellationTokenSource(options.ClaimDuration, clock);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancel, claim.Token);
        try
        {
            return await steps.StepAsync(record, bound.Token);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return null;
        }
        catch (OperationCanceledException) when (claim.IsCancellationRequested)
        {
            return new StepResult.Retry(Fault.Internal, $"the step took longer than its claim of {options.ClaimDuration}");
        }
        catch (FaultException fault)
        {
            Log.StepFailed(log, record.Kind, record.Id, record.Step, record.Attempt, fault);
            // Evidence that does not hold will not hold the next time either: a person is called, not the step again.
            return fault.Fault == Fault.EvidenceInvalid ? new StepResult.Stop(fault.Fault, fault.Message) : new StepResult.Retry(fault.Fault, fault.Message);
        }
        catch (RequestFailedException storage)
        {
            Log.StepFailed(log, record.Kind, record.Id, record.Step, record.Attempt, storage);
            return new StepResult.Retry(storage.Status is 409 or 412 ? Fault.StorageConflict : Fault.StorageUnavailable, $"storage answered {storage.Status} {storage.ErrorCode}");
        }
        catch (Exception unexpected)
        {
            // The message may hold content; the log has it, the record only its kind.
            Log.StepFailed(log, record.Kind, record.Id, record.Step, record.Attempt, unexpected);
            return new StepResult.Retry(Fault.Internal, $"unexpected {unexpected.GetType().Name}");
        }
    }

    /// <returns>The record to go on with under the same claim, or null when the turn is over.</returns>
    private async Task<ProcessRecord?> CommitAsync(ProcessRecord claimed, string owner, StepResult result, bool last, CancellationToken cancel)
    {
        var current = claimed;
        for (var race = 0; race < MaxCommitRaces; race++)
        {
            var now = clock.GetUtcNow();
            var after = Applied(current, claimed, result, now);
            var goOn = !last && result is StepResult.Advance or StepResult.Wait && after is { IsActive: true, Due: { } due } && due <= now;
            after = goOn ? Transitions.Claim(after, owner, now, options.ClaimDuration) : after;
            if (await store.TryWriteAsync(current, after, cancel) is { } written)
            {
                Remember(written);
                if (written.Parked)
                {
                    Log.Parked(log, written.Kind, written.Id, written.Step, written.Why);
                }

                return goOn ? written : null;
            }

            // Somebody acted on it meanwhile. If the claim is still ours, the result goes on top of what they did.
            if (await store.GetAsync(claimed.Kind, claimed.Id, cancel) is not { } reread || reread.Owner != owner)
            {
                Log.ResultDropped(log, claimed.Kind, claimed.Id, claimed.Step);
                return null;
            }

            current = reread;
        }

        Log.ResultDropped(log, claimed.Kind, claimed.Id, claimed.Step);
        return null;
    }

    /// <summary>A result that cannot be stored (a state over its bound, a senseless wait) stops the process: it would be so again each time.</summary>
    private ProcessRecord Applied(ProcessRecord current, ProcessRecord shown, StepResult result, DateTimeOffset now)
    {
        try
        {
            var after = Transitions.Apply(current, shown, result, now, options, Random.Shared.NextDouble());
            _ = ProcessRow.Write(after);
            return after;
        }
        catch (Exception unusable) when (unusable is FaultException { Fault: Fault.TooLarge } or InvalidOperationException)
        {
            return Transitions.Apply(current, shown, new StepResult.Stop(Fault.Internal, unusable.Message), now, options, 0);
        }
    }

    private async Task ReleaseAsync(ProcessRecord claimed)
    {
        using var bound = new CancellationTokenSource(ReleaseTimeout);
        try
        {
            await store.TryWriteAsync(claimed, Transitions.Release(claimed, clock.GetUtcNow()), bound.Token);
        }
        catch (Exception failure) when (failure is FaultException or OperationCanceledException)
        {
            // The claim runs out by itself.
            Log.ReleaseFailed(log, claimed.Kind, claimed.Id, failure);
        }
    }

    private void ForgetPast()
    {
        var seen = Interlocked.Read(ref soonestTicks);
        if (seen <= clock.GetUtcNow().UtcTicks)
        {
            Interlocked.CompareExchange(ref soonestTicks, long.MaxValue, seen);
        }
    }

    /// <summary>A due time that this runner set needs no poll to be noticed.</summary>
    private void Remember(ProcessRecord written)
    {
        if (written is { IsActive: true, Due: { } due })
        {
            long seen;
            while (due.UtcTicks < (seen = Interlocked.Read(ref soonestTicks)))
            {
                Interlocked.CompareExchange(ref soonestTicks, due.UtcTicks, seen);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4001, LogLevel.Warning, "process {Kind} {Id} step {Step} attempt {Attempt} failed")]
        public static partial void StepFailed(ILogger log, string kind, string id, string step, int attempt, Exception cause);

        [LoggerMessage(4002, LogLevel.Warning, "the result of process {Kind} {Id} step {Step} was dropped: the process was terminated, or claimed by another runner")]
        public static partial void ResultDropped(ILogger log, string kind, string id, string step);

        [LoggerMessage(4003, LogLevel.Error, "a sweep over the processes failed")]
        public static partial void SweepFailed(ILogger log, Exception cause);

        [LoggerMessage(4004, LogLevel.Warning, "processes of kind {Kind} are due, and this version has no steps for them")]
        public static partial void UnknownKind(ILogger log, string kind);

        [LoggerMessage(4006, LogLevel.Error, "process {Kind} {Id} is parked at step {Step} and waits for a person: {Why}")]
        public static partial void Parked(ILogger log, string kind, string id, string step, string? why);

        [LoggerMessage(4005, LogLevel.Information, "the claim on process {Kind} {Id} was not given back at shutdown")]
        public static partial void ReleaseFailed(ILogger log, string kind, string id, Exception cause);
    }
}
