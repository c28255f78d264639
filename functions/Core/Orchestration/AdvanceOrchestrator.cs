namespace Notary.Orchestration;

/// <summary>How far something has come without waiting. Kinds derive from it.</summary>
public record AdvanceStep : Step
{
    /// <summary>The step it is at; <see cref="Journey{T}.End"/> when nothing is left to do.</summary>
    public string? At { get; init; }

    /// <summary>What it waits for.</summary>
    public string? Waiting { get; init; }

    /// <summary>Not before then, unless somebody does what it waits for.</summary>
    public DateTimeOffset? Until { get; init; }
}

/// <summary>A journey whose next step stands in a row, and that only shows it: a step is taken by whoever asks, and a new instance goes on wherever an
/// old one was lost.</summary>
/// <typeparam name="T">What it is about.</typeparam>
/// <typeparam name="TStep">What the activity answers.</typeparam>
/// <param name="activity">Takes it on as far as the way is free.</param>
public abstract class AdvanceOrchestrator<T, TStep>(string activity) : StepOrchestrator<T>
    where T : notnull
    where TStep : AdvanceStep
{
    // A deadline may be months away; the timer is set anew each day, so that an instance whose event was lost looks all the same.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    protected override async Task<Journey<T>> StepAsync(TaskOrchestrationContext context, Journey<T> journey)
    {
        var found = await CallAsync<TStep>(context, activity, journey.Of).ConfigureAwait(true);
        if (found.At is { } at && at != journey.At)
            journey = journey.Go(at);

        if (!found.Taken)
            return await RetryAsync(context, journey, found).ConfigureAwait(true);

        if (found.Until is { } until)
        {
            var latest = new DateTimeOffset(context.CurrentUtcDateTime, TimeSpan.Zero) + LongestWait;
            await WaitAsync(context, journey, found.Waiting ?? journey.At, until < latest ? until : latest).ConfigureAwait(true);
        }

        return journey with { Attempt = 0 };
    }
}
