namespace Notary.Chain;

/// <summary>An anchor that is recorded, whether or not a node has taken it yet.</summary>
/// <param name="Size">Leaves of the log.</param>
/// <param name="Root">Root hash at that size.</param>
/// <param name="Transaction">Hash of the newest signed variant, <c>0x…</c>; null when none was needed or possible.</param>
/// <param name="Nonce">Of that variant; null likewise.</param>
/// <param name="SupersededBy">A larger size that has an anchor already: the contract takes no smaller one any more,
/// and consistency with the larger covers this. Null otherwise.</param>
/// <param name="Broadcast">False: the broadcast failed as <paramref name="Why"/> says; <see cref="AnchorSender.CheckAsync"/> repeats it.</param>
/// <param name="Why">What the node said.</param>
public sealed record AnchorSubmission(long Size, Digest Root, string? Transaction, long? Nonce, long? SupersededBy, bool Broadcast, string Why);

/// <summary>How an anchor stands, seen now.</summary>
public abstract record AnchorStatus
{
    private AnchorStatus()
    {
    }

    /// <summary>Nothing is recorded for this size.</summary>
    public sealed record NotSubmitted : AnchorStatus;

    /// <summary>In no canonical block. What can be done has been: rebroadcast, a higher bid, a new nonce.</summary>
    /// <param name="Transaction">Hash of the newest variant, or empty.</param>
    /// <param name="Reorganised">It was in a block before, and that block is gone.</param>
    /// <param name="Why">For the log: what it waits for.</param>
    public sealed record Pending(string Transaction, bool Reorganised, string Why) : AnchorStatus;

    /// <summary>In a canonical block, and the event with this size and root is in its receipt.</summary>
    /// <param name="Transaction"><c>0x…</c>.</param>
    /// <param name="Block">Number.</param>
    /// <param name="BlockHash"><c>0x…</c>.</param>
    /// <param name="BlockTime">The block's own time.</param>
    /// <param name="Depth">Blocks from this one to the head, both counted: 1 in the newest block. Final when it reaches the configured confirmations.</param>
    public sealed record Mined(string Transaction, long Block, string BlockHash, DateTimeOffset BlockTime, long Depth) : AnchorStatus;

    /// <summary>A larger size has an anchor and this one has none: it never will, and need not, since consistency with the larger covers it.</summary>
    public sealed record Superseded(long By) : AnchorStatus;

    /// <summary>The contract reverts it and would again: a person must act (grant the sender, say). Checking again tries again.</summary>
    public sealed record Refused(string Why) : AnchorStatus;
}
