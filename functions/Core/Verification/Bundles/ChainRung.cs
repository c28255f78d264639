using Notary.Verification.Ethereum;

namespace Notary.Verification;

/// <summary>The checkpoint's root is in a block of the chain that the reader trusts.</summary>
internal static class ChainRung
{
    public static async Task<Verdict> JudgeAsync(BundleFacts facts, TrustRoots trust, BundleQuestion question, CancellationToken c)
    {
        const string Subject = BundleMembers.Anchor;
        if (facts.Anchor is not { } anchor)
            return Verdict.Fail(Rung.Chain, Subject, "anchor-malformed", facts.WhyNoAnchor);

        if (facts.Checkpoint is not { } checkpoint)
            return Verdict.Fail(Rung.Chain, Subject, "checkpoint", "there is no verified checkpoint that could be on the chain");

        var offline = AnchorVerifier.Check(anchor, checkpoint.Size, checkpoint.Root, trust.ChainId, trust.Contract, trust.Senders);
        if (!offline.Ok)
            return Verdict.Fail(Rung.Chain, Subject, offline.Code, offline.Reason);

        if (question.Rpc is null || question.Http is null)
            return Verdict.Unknown(Rung.Chain, Subject, BundleCodes.Offline, $"{offline.Reason} (no node was named)");

        var online = await AnchorVerifier.CheckOnlineAsync(
            anchor, checkpoint.Size, checkpoint.Root, trust.ChainId, trust.Contract, question.Confirmations, question.Rpc, question.Http, trust.Senders, c);
        return online.Outcome switch
        {
            AnchorOutcome.Canonical => Verdict.Pass(Rung.Chain, Subject, online.Reason),
            AnchorOutcome.Unreachable => Verdict.Unknown(Rung.Chain, Subject, online.Code, online.Reason),
            _ => Verdict.Fail(Rung.Chain, Subject, online.Code, online.Reason),
        };
    }
}
