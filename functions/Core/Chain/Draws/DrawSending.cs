namespace Notary.Chain.Draws;

/// <summary>How a call of the draw registry stands, seen now.</summary>
public abstract record DrawSending
{
    private DrawSending()
    {
    }

    /// <summary>Recorded and in no canonical block. What can be done has been: rebroadcast, a higher bid, a new nonce.</summary>
    /// <param name="Transaction">Hash of the newest variant.</param>
    /// <param name="Reorganised">It was in a block before, and that block is gone.</param>
    /// <param name="Why">For the log: what it waits for.</param>
    public sealed record Pending(string Transaction, bool Reorganised, string Why) : DrawSending;

    /// <summary>Done, in a canonical block.</summary>
    /// <param name="Transaction"><c>0x…</c>.</param>
    /// <param name="Block">Number.</param>
    /// <param name="BlockHash"><c>0x…</c>.</param>
    /// <param name="BlockTime">The block's own time.</param>
    /// <param name="Depth">Blocks from this one to the head, both counted. Final when it reaches the configured confirmations.</param>
    public sealed record Mined(string Transaction, long Block, string BlockHash, DateTimeOffset BlockTime, long Depth) : DrawSending;

    /// <summary>The contract would revert it, so nothing was paid. Sending again asks again.</summary>
    /// <param name="Error">The contract's error, such as <c>TooLate</c>; null for anything else, such as no money.</param>
    /// <param name="Why">A sentence for people.</param>
    public sealed record Refused(string? Error, string Why) : DrawSending;
}
