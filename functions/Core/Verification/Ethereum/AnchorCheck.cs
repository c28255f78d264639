namespace Notary.Verification.Ethereum;

/// <summary>How far an anchor proof could be judged.</summary>
public enum AnchorOutcome
{
    /// <summary>Something is wrong; nothing may be concluded from the proof.</summary>
    Failed,

    /// <summary>All parts fit together: a block with this header would commit to the anchor. Whether such a block is on the chain,
    /// only a node can tell.</summary>
    Consistent,

    /// <summary>Consistent, and a node has that block on its canonical chain under enough others.</summary>
    Canonical,

    /// <summary>Consistent, but the node could not be asked.</summary>
    Unreachable,
}

/// <summary>The verdict on an anchor proof.</summary>
/// <param name="Outcome">How far it went.</param>
/// <param name="Code">Stable, kebab case: <c>consistent</c>, <c>canonical</c>, <c>chain-unreachable</c>, or what failed.</param>
/// <param name="Reason">A sentence for people.</param>
/// <param name="Sender">Who sent the transaction, once its signature is checked.</param>
/// <param name="Depth">Blocks from the anchor's to the head, both counted; only when canonical or too shallow.</param>
public sealed record AnchorCheck(AnchorOutcome Outcome, string Code, string Reason, Address? Sender = null, long? Depth = null)
{
    /// <summary>Nothing failed and nothing is left open that was asked for.</summary>
    public bool Ok => Outcome is AnchorOutcome.Consistent or AnchorOutcome.Canonical;
}
