using System.Diagnostics;

namespace Notary.Forensics;

/// <summary>Which session, and whose.</summary>
public sealed record SessionPlace(string Tenant, string Id);

/// <summary>How far a session has come without waiting.</summary>
public sealed record SessionStep : AdvanceStep;

/// <summary>A session from its request to its deposit. What comes next stands in its row (<see cref="SessionWork"/>).</summary>
public sealed class SessionOrchestrator() : AdvanceOrchestrator<SessionPlace, SessionStep>(SessionTasks.Advance);

/// <summary>Takes a session on as far as the way is free.</summary>
public sealed class AdvanceSession(SessionWorkDoor door) : TaskActivity<SessionPlace, SessionStep>
{
    private static readonly ActivitySource Source = new("Notary.Forensics");

    public override Task<SessionStep> RunAsync(TaskActivityContext context, SessionPlace input) => Taking.RunAsync(context, Source,
        async cancel => await (await door.OpenAsync(cancel).ConfigureAwait(false))
            .AdvanceAsync(input.Tenant, DepositId.Parse(input.Id), cancel).ConfigureAwait(false),
        step => new SessionStep { Code = step.Code, Why = step.Why, Person = step.Person });
}
