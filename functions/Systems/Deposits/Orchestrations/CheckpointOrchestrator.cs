namespace Notary.Deposits;

/// <summary>
/// What follows a published checkpoint.
///  1. stamp: every authority's token over the signed note, each kept as it comes.
///  2. anchor: leave it to a newer stamped checkpoint if there is one; else, when none is under way and the interval has
///     passed, take the root to the chain and confirm it. Then tell the newest checkpoint that waits.
///  3. letters: of every deposit since the anchor before, in chunks.
///  4. settle: while a reorganisation can still move the anchor, watch; one that does leads back to 2 and 3.
/// The activities of 1 and 2 go on as far as the way is free, to the first letters at best (<see cref="CheckpointWay"/>).
/// </summary>
public sealed class CheckpointOrchestrator : StepOrchestrator<long>
{
    /// <summary>Its first step.</summary>
    public const string First = CheckpointWay.Stamp;

    protected override async Task<Journey<long>> StepAsync(TaskOrchestrationContext context, Journey<long> journey)
        => journey.At switch
        {
            CheckpointWay.Stamp => await GoAsync(context, journey, DepositTasks.Stamp).ConfigureAwait(true),
            CheckpointWay.Anchor => await GoAsync(context, journey, DepositTasks.Anchor).ConfigureAwait(true),
            CheckpointWay.Letters => await LettersAsync(context, journey, null, again: false).ConfigureAwait(true),
            "failed" => await LettersAsync(context, journey, null, again: true).ConfigureAwait(true),
            "settle" => await SettleAsync(context, journey).ConfigureAwait(true),
            _ => throw new InvalidOperationException($"a checkpoint has no step {journey.At}"),
        };

    private static async Task<Journey<long>> GoAsync(TaskOrchestrationContext context, Journey<long> journey, string activity)
    {
        var found = await CallAsync<AnchorStep>(context, activity, journey.Of).ConfigureAwait(true);
        if (found.At is { } at && at != journey.At)
            journey = journey.Go(at);

        if (found.Next is { } next)
            context.SendEvent(DepositTasks.CheckpointInstance(next), Look, "anchor final");

        if (!found.Taken)
            return await RetryAsync(context, journey, found).ConfigureAwait(true);

        if (found.Covered)
            return journey.Go(Journey<long>.End);

        if (found.Until is { } until)
        {
            await WaitAsync(context, journey, found.Waiting ?? "anchor", until).ConfigureAwait(true);
            return journey with { Attempt = 0 };
        }

        if (found.Letters is { } letters)
            return await LettersAsync(context, journey, letters, again: false).ConfigureAwait(true);

        return journey.Go(found.Final ? CheckpointWay.Letters : CheckpointWay.Anchor);
    }

    private static async Task<Journey<long>> LettersAsync(TaskOrchestrationContext context, Journey<long> journey, LetterStep? first, bool again)
    {
        first ??= await CallAsync<LetterStep>(context, DepositTasks.Issue, new LetterTask(journey.Of, null, again)).ConfigureAwait(true);
        var rest = await Task.WhenAll(
            first.Rest.Select(range => CallAsync<LetterStep>(context, DepositTasks.Issue, new LetterTask(journey.Of, range, again)))).ConfigureAwait(true);
        return rest.Prepend(first).FirstOrDefault(found => !found.Taken) is { } hindered
            ? await RetryAsync(context, journey, hindered).ConfigureAwait(true)
            : journey.Go("settle");
    }

    private static async Task<Journey<long>> SettleAsync(TaskOrchestrationContext context, Journey<long> journey)
    {
        var found = await CallAsync<SettleStep>(context, DepositTasks.Settle, journey.Of).ConfigureAwait(true);
        switch (found)
        {
            case { Taken: false }:
                return await RetryAsync(context, journey, found).ConfigureAwait(true);
            case { Moved: true }:
                return journey.Go(CheckpointWay.Anchor);
            case { Settled: true, Failed: > 0 }:
                // It stands until somebody has looked; then those letters are tried again.
                await RetryAsync(context, journey,
                    new Step(Fault.EvidenceInvalid.Code(), $"{found.Failed} deposits failed; their rows say why", Person: true)).ConfigureAwait(true);
                return journey.Go("failed");
            case { Settled: true }:
                return journey.Go(Journey<long>.End);
            default:
                await WaitAsync(context, journey, "settling", found.Until).ConfigureAwait(true);
                return journey;
        }
    }
}
