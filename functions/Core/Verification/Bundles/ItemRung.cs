namespace Notary.Verification;

/// <summary>The item of a batch is a leaf of the tree whose root and size the manifest states (RFC 9162 §2.1.3).</summary>
internal static class ItemRung
{
    public static IEnumerable<Verdict> Judge(BundleFacts facts)
    {
        // A batch is a deposit by itself: its bundle need not be about one of its items.
        if (!facts.Files.TryGetValue(BundleMembers.Item, out var bytes) && !facts.Files.ContainsKey(BundleMembers.ItemProof))
            yield break;

        if (facts.Item is null)
            yield return Verdict.Fail(Rung.Item, BundleMembers.Item, "item-malformed", facts.WhyNoItem);
        else if (facts.ItemProof is not { } proof)
            yield return Verdict.Fail(Rung.Item, BundleMembers.ItemProof, "item-proof-malformed", facts.WhyNoItemProof);
        else if (facts.Manifest is not { ItemCount: { } count } manifest)
            yield return Verdict.Fail(Rung.Item, BundleMembers.Item, "item-of-no-batch", "the manifest is none of a batch, so the item belongs to nothing");
        else if (!proof.Holds(bytes.Span, manifest))
            yield return Verdict.Fail(Rung.Item, BundleMembers.ItemProof, "item-not-included",
                "the path does not lead from the item to the root that the manifest states");
        else
            yield return Verdict.Pass(Rung.Item, BundleMembers.Item,
                $"{manifest.Id}.{proof.Index}: item {proof.Index} of {count}; SHA-256 {facts.Item.Sha256}");
    }
}
