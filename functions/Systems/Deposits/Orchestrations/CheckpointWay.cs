namespace Notary.Deposits;

/// <summary>A checkpoint's way to its letters, as far as it goes without waiting: an activity costs eight storage calls and a fifth of a second.</summary>
internal sealed class CheckpointWay(long size)
{
    public const string Stamp = "stamp";
    public const string Anchor = "anchor";
    public const string Letters = "letters";

    private AnchorStep reached = new();

    public Task<AnchorStep> TakeAsync(TaskActivityContext context, DepositWorkDoor door, string from)
    {
        reached = new AnchorStep { At = from };
        return door.TakeAsync(context, TakeAsync, step => reached with { Code = step.Code, Why = step.Why, Person = step.Person });
    }

    private async Task<AnchorStep> TakeAsync(DepositWork work, CancellationToken cancel)
    {
        StampStep? stamped = null;
        if (reached.At == Stamp)
        {
            stamped = await work.Checkpoints.StampAsync(size, cancel).ConfigureAwait(false);
            if (!stamped.Taken)
                return reached with { Code = stamped.Code, Why = stamped.Why, Person = stamped.Person };

            reached = reached with { At = Anchor };
        }

        // Tokens over the manifests while the chain is watched.
        reached = (await work.Checkpoints.BeginAnchorAsync(size, stamped, cancel).ConfigureAwait(false)
            ?? await work.Letters.StampWhileAsync(size, work.Checkpoints.ConfirmAsync(size, cancel), cancel).ConfigureAwait(false)) with { At = Anchor };
        if (!reached.Final)
            return reached;

        // Whoever waits for this anchor does not wait for its letters.
        reached = reached with { At = Letters };
        return reached.Next is null
            ? reached with { Letters = await work.Letters.IssueAsync(new LetterTask(size, null, Again: false), cancel).ConfigureAwait(false) }
            : reached;
    }
}
