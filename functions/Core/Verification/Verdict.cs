namespace Notary.Verification;

/// <summary>The rungs of the verdict ladder, in the order in which they are judged.</summary>
public enum Rung
{
    /// <summary>The file itself: nothing missing, nothing extra, nothing cut; the original's digest.</summary>
    Bytes,

    /// <summary>The manifest is well-formed and canonical.</summary>
    Manifest,

    /// <summary>Of one item of a batch: it is a leaf of the tree that the manifest names.</summary>
    Item,

    /// <summary>The manifest is a leaf of the log's tree.</summary>
    Inclusion,

    /// <summary>The log's key signed that tree.</summary>
    Checkpoint,

    /// <summary>A time-stamp authority's token, one verdict each.</summary>
    Time,

    /// <summary>The tree's root is on the chain.</summary>
    Chain,

    /// <summary>The letter is signed, unchanged, and says what the evidence says.</summary>
    Letter,

    /// <summary>Whose trust roots were used, and whether times and facts agree with each other.</summary>
    Status,
}

/// <summary>How a rung ended.</summary>
public enum Mark
{
    Pass,
    Fail,

    /// <summary>Holds, and yet whoever relies on it must know this first; changes no outcome.</summary>
    Warn,

    /// <summary>Could not be judged with what was given; never the same as passed.</summary>
    Unknown,
}

/// <summary>One rung's result.</summary>
/// <param name="Rung">Which rung.</param>
/// <param name="Subject">What was judged: a bundle member, an authority's name, a transaction.</param>
/// <param name="Mark">How it ended.</param>
/// <param name="Code">Stable, in kebab case (docs/evidence-format.md).</param>
/// <param name="Reason">One sentence a lawyer can read.</param>
public sealed record Verdict(Rung Rung, string Subject, Mark Mark, string Code, string Reason)
{
    public static Verdict Pass(Rung rung, string subject, string reason) => new(rung, subject, Mark.Pass, "ok", reason);

    public static Verdict Warn(Rung rung, string subject, string code, string reason) => new(rung, subject, Mark.Warn, code, reason);

    public static Verdict Fail(Rung rung, string subject, string code, string reason) => new(rung, subject, Mark.Fail, code, reason);

    public static Verdict Unknown(Rung rung, string subject, string code, string reason) => new(rung, subject, Mark.Unknown, code, reason);
}
