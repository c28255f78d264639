namespace Notary.Pages.Watching;

/// <summary>What a person may do to a process.</summary>
public enum ProcessAct
{
    /// <summary>A suspended or parked one goes on, with fresh attempts.</summary>
    Resume,

    /// <summary>A failed or terminated one begins anew, a parked one goes on.</summary>
    Rewind,

    /// <summary>It stands until it is resumed.</summary>
    Suspend,

    /// <summary>It ends.</summary>
    Terminate,
}

/// <summary>How a process stands, as people see it.</summary>
public enum ProcessState
{
    /// <summary>Its attempts ran out, or no waiting helps: it stands until somebody resumes it.</summary>
    Parked,

    /// <summary>It ended by an error.</summary>
    Failed,

    /// <summary>Somebody holds it.</summary>
    Suspended,

    /// <summary>Under way, or about to begin.</summary>
    Running,

    /// <summary>At its end.</summary>
    Completed,

    /// <summary>Somebody ended it.</summary>
    Terminated,
}

/// <summary>One process in a list.</summary>
/// <param name="Kind">checkpoint, letters.</param>
/// <param name="Id">The rest of its instance's id.</param>
/// <param name="State">How it stands.</param>
/// <param name="Step">The step it is at; null when it does not say.</param>
/// <param name="Waits">What it waits for.</param>
/// <param name="Attempt">Tries of the step that came to nothing.</param>
/// <param name="Code">Code of the last fault.</param>
/// <param name="Reason">The same in the machine's words.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="UpdatedAt">UTC.</param>
public sealed record ProcessLine(
    string Kind, string Id, ProcessState State, string? Step, string? Waits, int Attempt, string? Code, string? Reason,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    /// <summary>Its page.</summary>
    public string Path => $"/office/processes/{Kind}/{Uri.EscapeDataString(Id)}";

    /// <summary>Whether it goes no further without a person.</summary>
    public bool NeedsSomebody => State is ProcessState.Parked or ProcessState.Failed or ProcessState.Suspended;
}

/// <summary>A list of processes, and what was asked for.</summary>
/// <param name="Kind">Null for all.</param>
/// <param name="State">Null for all that have not ended.</param>
public sealed record ProcessListView(string? Kind, ProcessState? State)
{
    /// <summary>Those that wait for somebody: first of all; shown where no state is asked for, on the first page.</summary>
    public IReadOnlyList<ProcessLine> Waiting { get; init; } = [];

    /// <summary>Whether more were there than were looked through.</summary>
    public bool WaitingCut { get; init; }

    /// <summary>One page of the others.</summary>
    public IReadOnlyList<ProcessLine> Lines { get; init; } = [];

    /// <summary>Where the list goes on; null at its end.</summary>
    public string? Continuation { get; init; }

    /// <summary>Whether this is a later page.</summary>
    public bool Continued { get; init; }

    /// <summary>Uploads that should long have been taken.</summary>
    public IReadOnlyList<OverdueUpload> Overdue { get; init; } = [];

    /// <summary>Uploads that cannot be a deposit.</summary>
    public IReadOnlyList<RefusedUpload> Refused { get; init; } = [];

    /// <summary>The list's address; at its beginning without a continuation.</summary>
    public string At(string? continuation)
        => "/office/processes" + QueryString.Create(new KeyValuePair<string, string?>[]
        {
            new("kind", Kind), new("state", State?.ToString().ToLowerInvariant()), new("continuation", continuation),
        }.Where(part => part.Value is not null));
}

/// <summary>What somebody did to a process.</summary>
/// <param name="Who">The person's id.</param>
/// <param name="Name">His name then.</param>
/// <param name="Reason">Null where none was given.</param>
public sealed record Mending(DateTimeOffset At, ProcessAct Act, string Who, string Name, string? Reason);

/// <summary>One event of the engine's history.</summary>
/// <param name="Event">The engine's name of it.</param>
/// <param name="Name">The task, event or time that it is about.</param>
public sealed record ProcessEvent(DateTimeOffset At, string Event, string? Name);

/// <summary>One process on its page.</summary>
/// <param name="Line">How it stands.</param>
/// <param name="Load">What it carries; null for a process that is about no checkpoint.</param>
/// <param name="Deposits">Deposits whose letters it owes or watches.</param>
/// <param name="Events">The present generation's, oldest first.</param>
/// <param name="Mendings">What people did, oldest first, of all generations.</param>
/// <param name="Acts">What can be done now, by somebody who may.</param>
public sealed record OneProcess(
    ProcessLine Line, CheckpointLoad? Load, DueDeposits Deposits, IReadOnlyList<ProcessEvent> Events, IReadOnlyList<Mending> Mendings,
    IReadOnlyList<ProcessAct> Acts);
