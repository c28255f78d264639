using Notary.Verification.Ethereum;

namespace Notary.Verification;

/// <summary>The checkpoint's root is in a block of the chain that the reader trusts.</summary>
internal static class ChainRung
{
    private const string Subject = BundleMembers.Anchor;

    public static async Task<IReadOnlyList<Verdict>> JudgeAsync(BundleFacts facts, TrustRoots trust, BundleQuestion question, CancellationToken c)
    {
        var (anchor, online) = await AnchorAsync(facts, trust, question, c);
        return facts.Manifest?.NotBefore is { } head && await NotBeforeAsync(head, facts, trust, question, online, c) is { } other ? [anchor, other] : [anchor];
    }

    /// <summary>The verdict, and whether a node said that the anchor's block is on its chain.</summary>
    private static async Task<(Verdict Verdict, bool Online)> AnchorAsync(BundleFacts facts, TrustRoots trust, BundleQuestion question, CancellationToken c)
    {
        if (facts.Anchor is not { } anchor)
            return (Verdict.Fail(Rung.Chain, Subject, "anchor-malformed", facts.WhyNoAnchor), false);

        if (facts.Checkpoint is not { } checkpoint)
            return (Verdict.Fail(Rung.Chain, Subject, "checkpoint", "there is no verified checkpoint that could be on the chain"), false);

        var offline = AnchorVerifier.Check(anchor, checkpoint.Size, checkpoint.Root, trust.ChainId, trust.ContractOf(anchor), trust.Senders);
        if (!offline.Ok)
            return (Verdict.Fail(Rung.Chain, Subject, offline.Code, offline.Reason), false);

        if (question.Rpc is null || question.Http is null)
            return (Verdict.Unknown(Rung.Chain, Subject, BundleCodes.Offline, $"{offline.Reason} (no node was named)"), false);

        var online = await AnchorVerifier.CheckOnlineAsync(
            anchor, checkpoint.Size, checkpoint.Root, trust.ChainId, trust.ContractOf(anchor), question.Confirmations, question.Rpc, question.Http,
            trust.Senders, c);
        return online.Outcome switch
        {
            AnchorOutcome.Canonical => (Verdict.Pass(Rung.Chain, Subject, online.Reason), true),
            AnchorOutcome.Unreachable => (Verdict.Unknown(Rung.Chain, Subject, online.Code, online.Reason), false),
            _ => (Verdict.Fail(Rung.Chain, Subject, online.Code, online.Reason), false),
        };
    }

    /// <summary>The block that the manifest says it is not older than; null when nothing is to be said about it.</summary>
    private static async Task<Verdict?> NotBeforeAsync(
        ChainHead head, BundleFacts facts, TrustRoots trust, BundleQuestion question, bool online, CancellationToken c)
    {
        const string Code = "not-before";
        Verdict Fail(string reason) => Verdict.Fail(Rung.Chain, BundleMembers.Manifest, Code, reason);
        if (head.ChainId != trust.ChainId)
            return Fail($"the manifest names a block of chain {head.ChainId}, and the trusted one is {trust.ChainId}");

        if (facts.Anchor is { } anchor && head.Block > anchor.Block)
            return Fail($"the manifest names block {head.Block}, which is later than the one that anchors it");

        if (facts.Anchor is { } same && head.Block == same.Block && head.Hash != same.BlockHash)
            return Fail($"the manifest names another block {head.Block} than the anchor");

        if (question.Rpc is null || question.Http is null)
            return null;

        var hash = online ? await AnchorOnline.HashAsync(head.Block, question.Rpc, question.Http, c) : null;
        return hash is null
            ? Verdict.Unknown(Rung.Chain, BundleMembers.Manifest, Code, $"the node did not tell which block {head.Block} is, after which the manifest was made")
            : hash != head.Hash
            ? Fail($"block {head.Block} of the chain is another one than the manifest names")
            : Verdict.Pass(Rung.Chain, BundleMembers.Manifest, $"the manifest was made after block {head.Block}, which is on the chain");
    }
}
