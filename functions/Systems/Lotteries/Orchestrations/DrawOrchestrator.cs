using System.Diagnostics;

namespace Notary.Lotteries;

/// <summary>How far a draw has come without waiting.</summary>
public sealed record DrawStep : Step
{
    /// <summary>The step it is at.</summary>
    public string? At { get; init; }

    /// <summary>What it waits for.</summary>
    public string? Waiting { get; init; }

    /// <summary>Not before then, unless somebody does what it waits for.</summary>
    public DateTimeOffset? Until { get; init; }
}

/// <summary>
/// A draw from its publication to its certificate, or to its abort. What comes next stands in its row (<see cref="DrawWork"/>), so the journey only
/// shows it: a step is taken by whoever asks, and a new instance goes on wherever an old one was lost.
/// </summary>
public sealed class DrawOrchestrator : StepOrchestrator<string>
{
    // A deadline may be months away; the timer is set anew each day, so that an instance whose event was lost looks all the same.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    protected override async Task<Journey<string>> StepAsync(TaskOrchestrationContext context, Journey<string> journey)
    {
        var found = await CallAsync<DrawStep>(context, DrawTasks.Advance, journey.Of).ConfigureAwait(true);
        if (found.At is { } at && at != journey.At)
            journey = journey.Go(at);

        if (!found.Taken)
            return await RetryAsync(context, journey, found).ConfigureAwait(true);

        if (found.At == Steps.End)
            return journey.Go(Journey<string>.End);

        if (found.Until is { } until)
        {
            var latest = new DateTimeOffset(context.CurrentUtcDateTime, TimeSpan.Zero) + LongestWait;
            await WaitAsync(context, journey, found.Waiting ?? journey.At, until < latest ? until : latest).ConfigureAwait(true);
        }

        return journey with { Attempt = 0 };
    }
}

/// <summary>Takes a draw on as far as the way is free. Input: its id.</summary>
public sealed class AdvanceDraw(DrawWorkDoor door) : TaskActivity<string, DrawStep>
{
    /// <summary>The longest activity: a host that ends functions after ten minutes must find none at work.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(4);

    private static readonly ActivitySource Source = new("Notary.Lotteries");

    public override async Task<DrawStep> RunAsync(TaskActivityContext context, string input)
    {
        using var span = Source.StartActivity(context.Name)?.SetTag("notary.instance", context.InstanceId);
        using var over = new CancellationTokenSource(Longest);
        try
        {
            return await (await door.OpenAsync(over.Token).ConfigureAwait(false)).AdvanceAsync(Digest.Parse(input), over.Token).ConfigureAwait(false);
        }
        catch (FaultException e)
        {
            return new DrawStep { Code = e.Fault.Code(), Why = e.Message, Person = e.Fault == Fault.EvidenceInvalid };
        }
        catch (Exception e) when (StorageFailure.Is(e, default) || e is HttpRequestException or TimeoutException or IOException)
        {
            return new DrawStep { Code = Fault.StorageUnavailable.Code(), Why = e.Message.Split('\n')[0] };
        }
    }
}
