using System.Text.Json.Nodes;
using Notary.Evidence;

namespace Notary.Processes;

/// <summary>What a step found out. The runner turns it into the next record; a step writes no record itself.</summary>
public abstract record StepResult
{
    private StepResult()
    {
    }

    /// <summary>The step is done; the next one starts at once, or at <paramref name="At"/>.</summary>
    /// <param name="Step">Name of the next step.</param>
    /// <param name="State">State it starts from, at most <see cref="ProcessRecord.MaxStateBytes"/>.</param>
    /// <param name="CustomStatus">A word for the status page; null keeps the old one.</param>
    /// <param name="At">Not before; null for at once.</param>
    public sealed record Advance(string Step, JsonObject State, string? CustomStatus = null, DateTimeOffset? At = null) : StepResult;

    /// <summary>It could not be done now: the same step again, later.</summary>
    /// <param name="Fault">What stood in the way.</param>
    /// <param name="Why">For people; no content, no secret.</param>
    /// <param name="After">When; null for the runner's backoff.</param>
    public sealed record Retry(Fault Fault, string Why, TimeSpan? After = null) : StepResult;

    /// <summary>Nothing to do before a time, an event, or whichever is first. The same step runs then; this is no failure and resets the attempts.</summary>
    /// <param name="Until">The time; null to wait for the event alone.</param>
    /// <param name="Event">The event's name; null to wait for the time alone. One raised earlier ends the wait at once.</param>
    /// <param name="State">Replaces the state; null keeps it.</param>
    /// <param name="CustomStatus">A word for the status page; null keeps the old one.</param>
    public sealed record Wait(DateTimeOffset? Until, string? Event = null, JsonObject? State = null, string? CustomStatus = null) : StepResult;

    /// <summary>It can never be done: the process fails with this reason. A person may rewind it.</summary>
    public sealed record Stop(Fault Fault, string Why) : StepResult;

    /// <summary>The process has reached its end; <paramref name="State"/> is its output.</summary>
    public sealed record Complete(JsonObject State, string? CustomStatus = null) : StepResult;
}

/// <summary>The steps of one kind of process.</summary>
/// <remarks>
/// StepAsync MUST be idempotent: it runs at least once, and again after a crash, a lost race or a time-out. It MUST
/// record an external effect before causing it, MUST NOT write the process's record, and has the runner's claim duration
/// to finish, after which it is cancelled. A <see cref="FaultException"/> is a
/// <see cref="StepResult.Retry"/>, with EvidenceInvalid a <see cref="StepResult.Stop"/>.
/// </remarks>
public interface IProcessKind
{
    /// <summary>The kind's name: lower-case letters, digits and hyphens.</summary>
    string Kind { get; }

    Task<StepResult> StepAsync(ProcessRecord process, CancellationToken cancel);
}
