namespace Notary.Lotteries;

/// <summary>What a draw's orchestration does, in order; a row names the one that comes next.</summary>
internal static class Steps
{
    /// <summary>Waits for objections and their answers, then fixes draw.json.</summary>
    public const string Freeze = "freeze";

    public const string CommitApprovals = "commit-approvals";
    public const string Deposit = "deposit";
    public const string Stamped = "stamped";
    public const string Publish = "publish";

    /// <summary>The platform's own commit.</summary>
    public const string Commit = "commit";

    /// <summary>Waits for the last block for commits.</summary>
    public const string Commits = "commits";

    /// <summary>The platform's own reveal.</summary>
    public const string Reveal = "reveal";

    public const string Seed = "seed";
    public const string Draw = "draw";
    public const string ResultApprovals = "result-approvals";
    public const string Finish = "finish";
    public const string ResultDeposit = "result-deposit";
    public const string Bundle = "bundle";
    public const string Abort = "abort";

    /// <summary>Nothing is left to do.</summary>
    public const string End = "end";

    /// <summary>From here on the result goes on chain, and nobody takes it back.</summary>
    public static bool IsDecided(string step) => step is Finish or ResultDeposit or Bundle or End or Abort;

    /// <summary>Whether the draw may stand in the registry when it is at that step.</summary>
    public static bool MayBeOnChain(string step) => step is Publish or Commit or Commits or Reveal or Seed or Draw or ResultApprovals;
}
