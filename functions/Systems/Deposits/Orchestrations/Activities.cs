namespace Notary.Deposits;

// A fault is a result, not an exception: the orchestrator decides on pauses and parking. An exception is a defect or a worker's death.

/// <summary>Every authority's token over a checkpoint, and on from there. Input: its size.</summary>
public sealed class StampCheckpoint(DepositWorkDoor door) : TaskActivity<long, AnchorStep>
{
    public override Task<AnchorStep> RunAsync(TaskActivityContext context, long input)
        => new CheckpointWay(input).TakeAsync(context, door, CheckpointWay.Stamp);
}

/// <summary>A checkpoint's root to the chain, and on from there. Input: its size.</summary>
public sealed class AnchorCheckpoint(DepositWorkDoor door) : TaskActivity<long, AnchorStep>
{
    public override Task<AnchorStep> RunAsync(TaskActivityContext context, long input)
        => new CheckpointWay(input).TakeAsync(context, door, CheckpointWay.Anchor);
}

/// <summary>Letters of an anchor's deposits. Input: the anchor, and which of them; without, the first ones and the others' ranges.</summary>
public sealed class IssueLetters(DepositWorkDoor door) : TaskActivity<LetterTask, LetterStep>
{
    public override Task<LetterStep> RunAsync(TaskActivityContext context, LetterTask input)
        => door.TakeAsync(context, (work, cancel) => work.Letters.IssueAsync(input, cancel),
            step => new LetterStep { Code = step.Code, Why = step.Why, Person = step.Person });
}

/// <summary>Watches an anchor until no reorganisation can reach it, then lets its letters be. Input: its size.</summary>
public sealed class SettleAnchor(DepositWorkDoor door) : TaskActivity<long, SettleStep>
{
    public override Task<SettleStep> RunAsync(TaskActivityContext context, long input)
        => door.TakeAsync(context, (work, cancel) => SettleAsync(work, input, cancel),
            step => new SettleStep { Code = step.Code, Why = step.Why, Person = step.Person });

    private static async Task<SettleStep> SettleAsync(DepositWork work, long size, CancellationToken cancel)
    {
        var found = await work.Checkpoints.SettleAsync(size, cancel).ConfigureAwait(false);
        if (!found.Settled)
            return found;

        // The mark last: until it is there, a sweep has somebody take this on.
        var failed = await work.Letters.ReleaseAsync(size, cancel).ConfigureAwait(false);
        await work.Checkpoints.MarkSettledAsync(size, cancel).ConfigureAwait(false);
        return found with { Failed = failed };
    }
}

/// <summary>Letters that were asked for one by one. Input: nothing.</summary>
public sealed class IssueRequested(DepositWorkDoor door) : TaskActivity<string, LetterStep>
{
    public override Task<LetterStep> RunAsync(TaskActivityContext context, string input)
        => door.TakeAsync(context, (work, cancel) => work.Letters.IssueRequestedAsync(cancel),
            step => new LetterStep { Code = step.Code, Why = step.Why, Person = step.Person });
}
