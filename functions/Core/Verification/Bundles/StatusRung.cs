namespace Notary.Verification;

/// <summary>Whose trust was used, and whether the times of the evidence are in the order in which things happened.</summary>
internal static class StatusRung
{
    /// <summary>How far two honest clocks may disagree: the platform stamps only while the authorities are within a minute of its own clock,
    /// and chains let a block's time be some seconds off.</summary>
    public static readonly TimeSpan MaxSkew = TimeSpan.FromSeconds(120);

    public static IEnumerable<Verdict> Judge(BundleFacts facts, TrustRoots trust, bool pinned, bool acceptOwn)
    {
        yield return Order(facts);
        yield return Trust(facts, trust, pinned, acceptOwn);
    }

    private static Verdict Trust(BundleFacts facts, TrustRoots trust, bool pinned, bool acceptOwn)
    {
        if (pinned)
        {
            var own = ReferenceEquals(facts.Trust, trust)
                ? ", which the bundle's trust.json equals" : "; the bundle's trust.json says something else and was not used";
            return Verdict.Pass(Rung.Status, "trust", "judged by the trust file that was given" + own);
        }

        const string Warning = "WARNING: judged by the bundle's OWN trust.json, because no trust file was given: "
            + "this shows that the bundle is consistent, not that the notary's platform made it";
        return acceptOwn
            ? new Verdict(Rung.Status, BundleMembers.Trust, Mark.Pass, BundleCodes.OwnTrust, Warning)
            : Verdict.Unknown(Rung.Status, BundleMembers.Trust, BundleCodes.OwnTrust, Warning);
    }

    private static Verdict Order(BundleFacts facts)
    {
        if (facts.Manifest is not { } manifest || facts.Anchor is not { } anchor)
            return Verdict.Unknown(Rung.Status, "order", "order-unjudged",
                "the order in time cannot be judged, because the manifest or the anchor cannot be read");

        foreach (var (authority, over, check) in facts.Times)
        {
            if (check.GenTime!.Value < manifest.ReceivedAt - MaxSkew)
                return Verdict.Fail(Rung.Status, "order", "order", $"{authority} stamped the {over} before the platform says that it received the deposit");

            // The anchor is sent after the checkpoint was stamped; a manifest's own token may come at any time before the letter.
            if (over == TokenOver.Checkpoint && check.GenTime.Value > anchor.BlockTime + MaxSkew)
                return Verdict.Fail(Rung.Status, "order", "order", $"{authority} stamped the checkpoint after the block that anchors it");
        }

        return manifest.NotBefore is { } head && head.ChainId == anchor.ChainId && head.Block > anchor.Block
            ? Verdict.Fail(Rung.Status, "order", "order", "the manifest names a chain block that is later than the one that anchors it")
            : Verdict.Pass(Rung.Status, "order", $"received, stamped and anchored in that order, within {MaxSkew.TotalSeconds:0} seconds");
    }
}
