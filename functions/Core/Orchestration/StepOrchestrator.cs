namespace Notary.Orchestration;

/// <summary>An orchestration of steps, each an activity: tried with growing pauses, parked when the tries run out, resumed by a person.</summary>
/// <remarks>
/// What a step did is in the rows; a journey only says which step comes next. So every step is idempotent and may be taken
/// again by any generation, any build and any host. A generation ends after a bounded number of steps, which bounds histories.
/// Durable timers fire up to a second early and, on an idle hub, some seconds late: due means "look again".
/// </remarks>
public abstract class StepOrchestrator<T> : TaskOrchestrator<Journey<T>, Journey<T>>
{
    /// <summary>The event that wakes a waiting step.</summary>
    public const string Look = "look";

    /// <summary>The event by which a person sends a parked journey on.</summary>
    public const string Resume = "resume";

    /// <summary>Tries before a step is parked: a day at the longest pause, so that no shorter outage needs a person.</summary>
    public const int MaxAttempts = 3000;

    // A dead worker's activity comes back as failed: it is called again, at once at first.
    private static readonly TaskOptions Again = TaskOptions.FromRetryPolicy(new RetryPolicy(5, TimeSpan.FromSeconds(1), 2, TimeSpan.FromSeconds(10)));

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    // Steps of one generation: about a hundred events of history.
    private const int MaxSteps = 25;

    public sealed override async Task<Journey<T>> RunAsync(TaskOrchestrationContext context, Journey<T> input)
    {
        var journey = input;
        for (var steps = 0; steps < MaxSteps; steps++)
        {
            if (journey.At == Journey<T>.End)
            {
                context.SetCustomStatus(null);
                return journey;
            }

            journey = await TakeAsync(context, journey).ConfigureAwait(true);
        }

        context.ContinueAsNew(journey);
        return journey;
    }

    /// <summary>Takes one step and says where it leads, or waits and stays.</summary>
    protected abstract Task<Journey<T>> StepAsync(TaskOrchestrationContext context, Journey<T> journey);

    /// <summary>Calls an activity; a worker that dies in it is no failure.</summary>
    protected static Task<TResult> CallAsync<TResult>(TaskOrchestrationContext context, string activity, object input)
        => context.CallActivityAsync<TResult>(activity, input, Again);

    /// <summary>Says what it waits for, and waits for a time, or for <see cref="Look"/> if that comes first.</summary>
    protected static Task WaitAsync(TaskOrchestrationContext context, Journey<T> journey, string why, DateTimeOffset until)
    {
        context.SetCustomStatus(new JourneyStatus(journey.At, why));
        return UntilAsync(context, until.UtcDateTime, Look);
    }

    /// <summary>The same step again after a pause, or when a person says so.</summary>
    protected static async Task<Journey<T>> RetryAsync(TaskOrchestrationContext context, Journey<T> journey, Step found)
    {
        var tried = journey with { Attempt = journey.Attempt + 1 };
        var parked = found.Person || tried.Attempt >= MaxAttempts;
        context.SetCustomStatus(new JourneyStatus(journey.At, null, parked, tried.Attempt, found.Code, found.Why));
        if (parked)
        {
            var at = context.InstanceId.IndexOf('-', StringComparison.Ordinal);
            JourneyLog.Parked(context.CreateReplaySafeLogger(nameof(Orchestration)),
                context.InstanceId[..Math.Max(at, 0)], context.InstanceId[(at + 1)..], journey.At, found.Why);
            await context.WaitForExternalEvent<object?>(Resume).ConfigureAwait(true);
            return journey with { Attempt = 0 };
        }

        // Spread over the upper half, so that what failed together does not come back together.
        var full = Math.Min(LongestPause.TotalSeconds, FirstPause.TotalSeconds * Math.Pow(2, Math.Min(journey.Attempt, 10)));
        var spread = context.NewGuid().ToByteArray()[0] / 255.0;
        await UntilAsync(context, context.CurrentUtcDateTime.AddSeconds(full * (0.5 + (spread / 2))), Resume).ConfigureAwait(true);
        return tried;
    }

    private async Task<Journey<T>> TakeAsync(TaskOrchestrationContext context, Journey<T> journey)
    {
        try
        {
            return await StepAsync(context, journey).ConfigureAwait(true);
        }
        catch (TaskFailedException e)
        {
            return await RetryAsync(context, journey, new Step(Fault.Internal.Code(), e.FailureDetails.ErrorMessage)).ConfigureAwait(true);
        }
    }

    private static async Task UntilAsync(TaskOrchestrationContext context, DateTime until, string named)
    {
        using var over = new CancellationTokenSource();
        await Task.WhenAny(context.CreateTimer(until, over.Token), context.WaitForExternalEvent<object?>(named, over.Token)).ConfigureAwait(true);
        over.Cancel(); // Here and now: an orchestrator's code runs on its own thread alone.
    }
}
