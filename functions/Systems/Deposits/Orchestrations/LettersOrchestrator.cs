namespace Notary.Deposits;

/// <summary>Letters that were left for later and are asked for now: issued in chunks, then watched like the others. Ends when none is left.</summary>
public sealed class LettersOrchestrator : StepOrchestrator<string>
{
    /// <summary>Its only step.</summary>
    public const string First = "issue";

    private static readonly TimeSpan Busy = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    protected override async Task<Journey<string>> StepAsync(TaskOrchestrationContext context, Journey<string> journey)
    {
        var found = await CallAsync<LetterStep>(context, DepositTasks.Requested, journey.Of).ConfigureAwait(true);
        if (!found.Taken)
            return await RetryAsync(context, journey, found).ConfigureAwait(true);

        if (found.Left == 0)
            return journey.Go(Journey<string>.End);

        await WaitAsync(context, journey, "waiting for anchors", context.CurrentUtcDateTime + (found.Issued > 0 ? Busy : Idle)).ConfigureAwait(true);
        return journey with { Attempt = 0 };
    }
}
