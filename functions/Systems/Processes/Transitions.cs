using Notary.Evidence;

namespace Notary.Processes;

/// <summary>Every legal change of a record, as pure functions of record, cause and clock. An illegal one throws.</summary>
internal static class Transitions
{
    /// <summary>A runner takes the record for itself. An attempt counts from here, so that a step that kills its process runs out of attempts too.</summary>
    public static ProcessRecord Claim(ProcessRecord record, string owner, DateTimeOffset now, TimeSpan duration)
        => record with { Owner = owner, Due = now + duration, Status = RuntimeStatus.Running, Attempt = record.Attempt + 1, UpdatedAt = now };

    /// <summary>A runner that is shutting down gives back what it did not finish.</summary>
    public static ProcessRecord Release(ProcessRecord record, DateTimeOffset now)
        => record with { Owner = null, Due = now, Attempt = Math.Max(0, record.Attempt - 1), UpdatedAt = now };

    /// <summary>A record from the future: its times were told by a clock that was ahead, and whoever holds its claim may be gone.</summary>
    public static ProcessRecord PullBack(ProcessRecord record, DateTimeOffset now)
        => (record with { Owner = null, Due = now }).Note(now, "PulledBack", "written by a clock that was ahead");

    /// <summary>The record after a step. <paramref name="shown"/> is the record as the step saw it.</summary>
    public static ProcessRecord Apply(ProcessRecord record, ProcessRecord shown, StepResult result, DateTimeOffset now, RunnerOptions options, double jitter)
    {
        if (record.IsFinal || record.Status == RuntimeStatus.Failed)
        {
            throw new InvalidOperationException($"a {record.Status} process takes no step result");
        }

        // A person may have suspended it while the step ran: the result counts, the hold stays.
        var free = record with { Owner = null };
        return result switch
        {
            StepResult.Advance next => Past(free, shown, now) with { Step = next.Step, State = next.State, CustomStatus = Text(next.CustomStatus, free), Due = next.At ?? now, History = free.Note(now, "Advanced", next.Step).History },
            StepResult.Complete end => Past(free, shown, now) with { State = end.State, CustomStatus = Text(end.CustomStatus, free), Status = RuntimeStatus.Completed, Due = null, History = free.Note(now, "Completed").History },
            StepResult.Wait wait => Waiting(free, shown, wait, now),
            StepResult.Stop stop => Failed(free, now, stop.Fault, stop.Why, parked: false),
            StepResult.Retry retry when free.Attempt >= options.MaxAttempts => Failed(free, now, retry.Fault, retry.Why, parked: true),
            StepResult.Retry retry => (free with { Fault = retry.Fault, Why = ProcessRecord.Short(retry.Why), Due = now + (retry.After ?? options.Backoff(free.Attempt, jitter)) })
                .Note(now, "Retried", $"{retry.Fault.Code()}: {retry.Why}"),
            _ => throw new InvalidOperationException($"unhandled {result.GetType().Name}"),
        };
    }

    public static ProcessRecord Raise(ProcessRecord record, ProcessEvent raised, DateTimeOffset now)
    {
        RequireLive(record);
        if (record.Events.Count >= ProcessRecord.MaxEvents)
        {
            throw new FaultException(Fault.Conflict, $"{ProcessRecord.MaxEvents} events already wait for this process");
        }

        var noted = (record with { Events = [.. record.Events, raised] }).Note(now, "EventRaised", raised.Name);
        // While a step runs Due is the claim's end and must stay; the step's Wait will find the event.
        return record.Owner is null && record.WaitingFor == raised.Name ? noted with { Due = now } : noted;
    }

    public static ProcessRecord Terminate(ProcessRecord record, string? why, DateTimeOffset now)
    {
        if (record.IsFinal)
        {
            throw new FaultException(Fault.Gone, $"the process is {record.Status}");
        }

        return (record with { Status = RuntimeStatus.Terminated, Parked = false, Owner = null, Due = null, Why = ProcessRecord.Short(why) }).Note(now, "Terminated", why);
    }

    public static ProcessRecord Suspend(ProcessRecord record, string? why, DateTimeOffset now)
    {
        RequireLive(record);
        return record.Status == RuntimeStatus.Suspended ? record : (record with { Status = RuntimeStatus.Suspended }).Note(now, "Suspended", why);
    }

    /// <summary>Suspended or parked → active. A suspended process keeps its due time, a parked one gets new attempts at once.</summary>
    public static ProcessRecord Resume(ProcessRecord record, string? why, DateTimeOffset now)
        => record switch
        {
            { IsActive: true } => record,
            { Status: RuntimeStatus.Suspended } => (record with { Status = RuntimeStatus.Running, Due = DueAfterHold(record, now) }).Note(now, "Resumed", why),
            { Parked: true } => Again(record, now).Note(now, "Resumed", why),
            _ => throw new FaultException(Fault.Gone, $"the process is {record.Status}"),
        };

    /// <summary>Failed → active at the step that failed, whether it was parked or stopped.</summary>
    public static ProcessRecord Rewind(ProcessRecord record, string? why, DateTimeOffset now)
        => record.Status == RuntimeStatus.Failed
            ? Again(record, now).Note(now, "Rewound", why)
            : throw new FaultException(Fault.Conflict, $"only a failed process can be rewound; this one is {record.Status}");

    private static ProcessRecord Again(ProcessRecord record, DateTimeOffset now)
        => record with { Status = RuntimeStatus.Running, Parked = false, Attempt = 0, Owner = null, Due = now, Fault = null, Why = null };

    private static DateTimeOffset? DueAfterHold(ProcessRecord record, DateTimeOffset now)
        => record.WaitingFor is { } name && record.Owner is null && record.Events.Any(e => e.Name == name) ? now : record.Due;

    /// <summary>A step succeeded: attempts, fault and the events it waited for are done with.</summary>
    private static ProcessRecord Past(ProcessRecord record, ProcessRecord shown, DateTimeOffset now)
        => record with
        {
            Attempt = 0,
            Fault = null,
            Why = null,
            WaitingFor = null,
            UpdatedAt = now,
            Events = shown.WaitingFor is { } name
                ? [.. record.Events.Where(e => e.Name != name || !shown.Events.Any(seen => seen.Id == e.Id))]
                : record.Events,
        };

    private static ProcessRecord Waiting(ProcessRecord record, ProcessRecord shown, StepResult.Wait wait, DateTimeOffset now)
    {
        if (wait is { Until: null, Event: null })
        {
            throw new InvalidOperationException("a wait needs a time or an event");
        }

        var past = Past(record, shown, now);
        var here = wait.Event is { } name && past.Events.Any(e => e.Name == name);
        var detail = wait.Event ?? "time";
        return past with
        {
            State = wait.State ?? past.State,
            CustomStatus = Text(wait.CustomStatus, past),
            WaitingFor = wait.Event,
            Due = here ? now : wait.Until,
            History = past.Note(now, "Waiting", detail).History,
        };
    }

    private static ProcessRecord Failed(ProcessRecord record, DateTimeOffset now, Fault fault, string why, bool parked)
        => (record with { Status = RuntimeStatus.Failed, Parked = parked, Fault = fault, Why = ProcessRecord.Short(why), Due = null })
            .Note(now, parked ? "Parked" : "Stopped", $"{fault.Code()}: {why}");

    private static string? Text(string? next, ProcessRecord record) => ProcessRecord.Short(next) ?? record.CustomStatus;

    private static void RequireLive(ProcessRecord record)
    {
        if (record.IsFinal || record.Status == RuntimeStatus.Failed)
        {
            throw new FaultException(Fault.Gone, $"the process is {record.Status}");
        }
    }
}
