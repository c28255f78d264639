using System.Diagnostics;

namespace Notary.Forensics;

/// <summary>Which session, and whose.</summary>
public sealed record SessionPlace(string Tenant, string Id);

/// <summary>How far a session has come without waiting.</summary>
public sealed record SessionStep : Step
{
    /// <summary>The state it is in; <see cref="Journey{T}.End"/> when nothing is left to do.</summary>
    public string? At { get; init; }

    /// <summary>What it waits for.</summary>
    public string? Waiting { get; init; }

    /// <summary>Not before then, unless the desktop or its user do something.</summary>
    public DateTimeOffset? Until { get; init; }
}

/// <summary>A session from its request to its deposit. Its row says what comes next (<see cref="SessionWork"/>), so the journey only shows it: a step is
/// taken by whoever asks, and a new instance goes on wherever an old one was lost.</summary>
public sealed class SessionOrchestrator : StepOrchestrator<SessionPlace>
{
    protected override async Task<Journey<SessionPlace>> StepAsync(TaskOrchestrationContext context, Journey<SessionPlace> journey)
    {
        var found = await CallAsync<SessionStep>(context, SessionTasks.Advance, journey.Of).ConfigureAwait(true);
        if (found.At is { } at && at != journey.At)
            journey = journey.Go(at);

        if (!found.Taken)
            return await RetryAsync(context, journey, found).ConfigureAwait(true);

        if (found.Until is { } until)
            await WaitAsync(context, journey, found.Waiting ?? journey.At, until).ConfigureAwait(true);

        return journey with { Attempt = 0 };
    }
}

/// <summary>Takes a session on as far as the way is free.</summary>
public sealed class AdvanceSession(SessionWorkDoor door) : TaskActivity<SessionPlace, SessionStep>
{
    /// <summary>The longest activity: a host that ends functions after ten minutes must find none at work.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(8);

    private static readonly ActivitySource Source = new("Notary.Forensics");

    public override async Task<SessionStep> RunAsync(TaskActivityContext context, SessionPlace input)
    {
        using var span = Source.StartActivity(context.Name)?.SetTag("notary.instance", context.InstanceId);
        using var over = new CancellationTokenSource(Longest);
        try
        {
            return await (await door.OpenAsync(over.Token).ConfigureAwait(false))
                .AdvanceAsync(input.Tenant, DepositId.Parse(input.Id), over.Token).ConfigureAwait(false);
        }
        catch (FaultException e)
        {
            return new SessionStep { Code = e.Fault.Code(), Why = e.Message, Person = e.Fault == Fault.EvidenceInvalid };
        }
        catch (Exception e) when (StorageFailure.Is(e, default) || e is HttpRequestException or TimeoutException or IOException)
        {
            return new SessionStep { Code = Fault.StorageUnavailable.Code(), Why = e.Message.Split('\n')[0] };
        }
    }
}
