namespace Notary.Deposits;

/// <summary>What a checkpoint's process is about, and how far its rows have come.</summary>
/// <param name="Size">Deposits in the log up to it.</param>
/// <param name="From">Size of the checkpoint or anchor before: the deposits between are this one's.</param>
/// <param name="Root">Of the tree.</param>
/// <param name="At">When it was published.</param>
/// <param name="Authorities">Whose tokens are there.</param>
/// <param name="StampedAt">When the last of them came; null before.</param>
/// <param name="Anchor">None: not begun; else under way, final or settled.</param>
/// <param name="Covered">A newer checkpoint is stamped or anchored, and carries these deposits as well.</param>
public sealed record CheckpointLoad(
    long Size, long From, string Root, DateTimeOffset At, IReadOnlyList<string> Authorities, DateTimeOffset? StampedAt, AnchorProgress Anchor, bool Covered);

/// <summary>How far an anchor has come.</summary>
public enum AnchorProgress
{
    /// <summary>Not begun.</summary>
    None,

    /// <summary>Sent, or taken back by a reorganisation: no other anchor begins before it is final.</summary>
    UnderWay,

    /// <summary>Under enough blocks.</summary>
    Final,

    /// <summary>Deeper than any reorganisation that is watched for; its letters are let be.</summary>
    Settled,
}

/// <summary>A deposit whose letter is due or watched.</summary>
/// <param name="Failed">Its evidence did not hold; its row says why.</param>
public sealed record DueDeposit(string Tenant, DepositId Id, bool Failed);

/// <summary>Deposits of a process: those that failed first.</summary>
/// <param name="More">There are more than these.</param>
public sealed record DueDeposits(IReadOnlyList<DueDeposit> Items, bool More);

/// <summary>Reads what processes carry, for people. Nothing else reads across tenants but the keepers of the log.</summary>
public sealed class CheckpointLoads(StorageAccount storage)
{
    /// <summary>Deposits shown of one process: a batch may have ten thousand.</summary>
    private const int MaxDue = 100;

    private readonly CheckpointTable checkpoints = new(storage);
    private readonly LetterTable letters = new(storage);

    /// <summary>The load of a checkpoint's process; null when there is no such checkpoint.</summary>
    public async Task<CheckpointLoad?> FindAsync(long size, CancellationToken cancel)
    {
        if (await checkpoints.FindAsync(size, cancel).ConfigureAwait(false) is not { } row)
            return null;

        var head = await checkpoints.AnchorHeadAsync(cancel).ConfigureAwait(false);
        var anchor = await checkpoints.FindAnchorAsync(size, cancel).ConfigureAwait(false);
        var isHead = head?.Size == size;
        var newest = Math.Max(head?.Size ?? 0, await checkpoints.NewestStampedAsync(cancel).ConfigureAwait(false));
        return new CheckpointLoad(size,
            anchor?.From ?? (isHead ? head!.From : Math.Min(head?.Size ?? 0, size)),
            row.Root.ToString(), row.At, [.. row.Tokens.Keys.Order(StringComparer.Ordinal)], row.StampedAt,
            anchor is { Settled: true } ? AnchorProgress.Settled
                : anchor is { Final: true } ? AnchorProgress.Final
                : anchor is not null || isHead ? AnchorProgress.UnderWay : AnchorProgress.None,
            anchor is null && !isHead && newest > size);
    }

    /// <summary>Size of the first checkpoint that covers an index; null before there is one.</summary>
    public async Task<long?> CoveringAsync(long index, CancellationToken cancel)
        => (await checkpoints.FirstAsync(index, cancel).ConfigureAwait(false))?.Size;

    /// <summary>Deposits that came after one size, up to another, whose letters are due or watched; those asked for alone are of size 0.</summary>
    public async Task<DueDeposits> DueAsync(long from, long size, CancellationToken cancel)
    {
        var found = await Task.WhenAll(Enumerable.Range(0, DepositKeys.Shards).Select(shard => letters.DueAsync(
            DepositKeys.Shard(shard), DepositKeys.LettersFrom(from), DepositKeys.LettersFrom(size + 1), MaxDue + 1, cancel))).ConfigureAwait(false);
        var all = found.SelectMany(rows => rows).OrderByDescending(letter => letter.Failed).ThenBy(letter => letter.Id).ToList();
        return new DueDeposits([.. all.Take(MaxDue).Select(letter => new DueDeposit(letter.Tenant, letter.Id, letter.Failed))], all.Count > MaxDue);
    }
}
