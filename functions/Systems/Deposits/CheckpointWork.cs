namespace Notary.Deposits;

/// <summary>What is done to a checkpoint, a step at a time: stamp, anchor, confirm, settle. Each may be repeated; the rows say how far it has come.</summary>
public sealed class CheckpointWork(StorageAccount storage, TimeAuthorities authorities, AnchorSender sender, DepositsSettings settings, TimeProvider clock)
{
    /// <summary>How long one step watches the chain before it comes back to be asked again.</summary>
    private static readonly TimeSpan Watch = TimeSpan.FromSeconds(20);

    /// <summary>An anchor under way tells the one that waits; this is for a word that was lost.</summary>
    private static readonly TimeSpan Unheard = TimeSpan.FromSeconds(15);

    private readonly CheckpointTable checkpoints = new(storage);

    /// <summary>Gets the tokens over the signed note that are missing.</summary>
    public async Task<StampStep> StampAsync(long size, CancellationToken cancel)
    {
        var row = await DemandAsync(size, cancel).ConfigureAwait(false);
        if (row.StampedAt is not null)
            return new(row.Root, null);

        var stamped = await Stamps.CompleteAsync(authorities, Digest.Of(Encoding.UTF8.GetBytes(row.Note)), row.Tokens, cancel).ConfigureAwait(false);
        var newest = await checkpoints.StampAsync(
            size, Stamps.Columns(stamped), stamped.Complete ? clock.GetUtcNow() : null, cancel).ConfigureAwait(false);
        return stamped.Complete ? new(row.Root, newest) : new(row.Root, null) { Code = stamped.Fault!.Value.Code(), Why = stamped.Reason };
    }

    /// <summary>Makes this checkpoint's anchor the one under way and submits it. Null when it is; else what it waits for.</summary>
    /// <param name="stamped">What the step before found, when it was just taken.</param>
    public async Task<AnchorStep?> BeginAnchorAsync(long size, StampStep? stamped, CancellationToken cancel)
    {
        var head = await checkpoints.AnchorHeadAsync(cancel).ConfigureAwait(false);
        // One that had its place and lost it to a reorganisation takes it again, whatever came after: its transaction is the earlier one.
        if (!(head?.Size >= size) || (head.Size > size && await checkpoints.FindAnchorAsync(size, cancel).ConfigureAwait(false) is null))
        {
            // The newest checkpoint covers this one and anchors both: only one of them need watch the clock.
            if (head?.Size > size || (stamped?.Newest ?? await checkpoints.NewestStampedAsync(cancel).ConfigureAwait(false)) > size)
                return new AnchorStep { Covered = true };

            // One anchor at a time: sizes on the chain only grow, so a later one that overtook would shut this one out.
            var now = clock.GetUtcNow();
            if (head is { Final: false })
                return new AnchorStep { Until = now + Unheard, Waiting = "anchor under way" };

            if (head is not null && head.At + settings.AnchorInterval > now)
                return new AnchorStep { Until = head.At + settings.AnchorInterval, Waiting = "anchor interval" };

            if (!await checkpoints.SwapAnchorHeadAsync(head, size, final: false, now, head?.Size ?? 0, cancel).ConfigureAwait(false))
                return new AnchorStep { Until = now + settings.PollInterval, Waiting = "anchor under way" };
        }

        var root = stamped?.Root ?? (await DemandAsync(size, cancel).ConfigureAwait(false)).Root;
        return await sender.SubmitAsync(size, root, cancel).ConfigureAwait(false) is { SupersededBy: { } by } ? Overtaken(by) : null;
    }

    /// <summary>Watches the anchor until it is final, then keeps its proof.</summary>
    public async Task<AnchorStep> ConfirmAsync(long size, CancellationToken cancel)
    {
        var waiting = new AnchorStep { Until = clock.GetUtcNow(), Waiting = "confirmations" };
        switch (await sender.WatchAsync(size, settings.Confirmations, Watch, cancel).ConfigureAwait(false))
        {
            case AnchorStatus.Superseded(var by):
                return Overtaken(by);
            case AnchorStatus.Refused(var why):
                return new AnchorStep { Code = Fault.ChainRefused.Code(), Why = why };
            case AnchorStatus.Mined mined when mined.Depth >= settings.Confirmations:
                break;
            default:
                return waiting;
        }

        if (await sender.ProofAsync(size, cancel).ConfigureAwait(false) is not { } proof)
            return waiting;

        var head = await checkpoints.AnchorHeadAsync(cancel).ConfigureAwait(false);
        var from = head?.Size == size ? head.From : (await checkpoints.FindAnchorAsync(size, cancel).ConfigureAwait(false))?.From ?? 0;
        await checkpoints.PutAnchorAsync(
            new AnchorRow(size, Final: true, Settled: false, proof.ToJson().ToJsonString(), proof.BlockHash, from), head, cancel).ConfigureAwait(false);
        var newest = await checkpoints.NewestStampedAsync(cancel).ConfigureAwait(false);
        return new AnchorStep { Final = true, Next = newest > size ? newest : null };
    }

    /// <summary>Looks how deep the anchor lies; one that a reorganisation took away is taken back.</summary>
    public async Task<SettleStep> SettleAsync(long size, CancellationToken cancel)
    {
        var anchor = await checkpoints.FindAnchorAsync(size, cancel).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"anchor {size} settles and has no row");
        if (anchor.Settled)
            return new SettleStep { Settled = true };

        var mined = await sender.CheckAsync(size, cancel).ConfigureAwait(false) as AnchorStatus.Mined;
        if (mined is null || mined.BlockHash != anchor.BlockHash)
        {
            await checkpoints.PutAnchorAsync(anchor with { Final = false, Proof = "", BlockHash = "" }, null, cancel).ConfigureAwait(false);
            return new SettleStep { Moved = true };
        }

        // The depth counts the anchor's own block: under exactly so many, the deepest watched reorganisation still takes it.
        if (mined.Depth <= settings.SettleDepth)
            return new SettleStep { Until = clock.GetUtcNow() + settings.SettleInterval };

        return new SettleStep { Settled = true };
    }

    /// <summary>Nobody need look at this anchor any more.</summary>
    internal async Task MarkSettledAsync(long size, CancellationToken cancel)
    {
        if (await checkpoints.FindAnchorAsync(size, cancel).ConfigureAwait(false) is { Settled: false } anchor)
            await checkpoints.PutAnchorAsync(anchor with { Settled = true }, null, cancel).ConfigureAwait(false);
    }

    private async Task<CheckpointRow> DemandAsync(long size, CancellationToken cancel)
        => await checkpoints.FindAsync(size, cancel).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"checkpoint {size} is to be worked on and has no row");

    /// <summary>Only another program with our key could have anchored a larger size: a person must look.</summary>
    private static AnchorStep Overtaken(long by)
        => new() { Code = Fault.ChainRefused.Code(), Why = $"the contract already holds size {by}", Person = true };
}
