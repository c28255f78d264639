namespace Notary.Verification;

/// <summary>Whose trust was used, and whether the times of the evidence are in the order in which things happened.</summary>
internal static class StatusRung
{
    /// <summary>How far two honest clocks may disagree: the platform stamps only while the authorities are within a minute of its own clock,
    /// and chains let a block's time be some seconds off.</summary>
    public static readonly TimeSpan MaxSkew = TimeSpan.FromSeconds(120);

    /// <summary>How far apart the authorities' stamps over one checkpoint, and those and the receipt, may be: an authority that is out for some days
    /// holds a deposit up, and no more than that is believed.</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromDays(7);

    public static IEnumerable<Verdict> Judge(BundleFacts facts, TrustRoots trust, bool pinned, BundleQuestion question)
    {
        yield return Order(facts, trust.Authorities.Count, question.Clock.GetUtcNow());
        yield return Trust(facts, trust, pinned, question.AcceptOwnTrust);
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

    /// <summary>
    /// The whole rule: receivedAt ≤ each genTime; each genTime over the checkpoint ≤ blockTime ≤ the stamp of the letter's signature; each genTime ≤
    /// that stamp; nothing later than the verifier's clock; all within <see cref="MaxSkew"/>. And the stamps over the checkpoint lie within
    /// <see cref="MaxDelay"/> of each other and of receivedAt. What of it can be judged is judged, whatever else failed.
    /// </summary>
    private static Verdict Order(BundleFacts facts, int authorities, DateTimeOffset now)
    {
        var (received, block, signed) = (facts.Manifest?.ReceivedAt, facts.Anchor?.BlockTime, facts.SignedAt);
        var (manifests, checkpoints) = (Times(facts, TokenOver.Manifest), Times(facts, TokenOver.Checkpoint));
        List<(string What, DateTimeOffset? At)> stamps =
            [.. facts.Times.Select(t => ($"the stamp of {t.Authority} over the {t.Over}", t.Check.GenTime))];
        (string What, DateTimeOffset? At) receipt = ("the receipt", received), anchored = ("the block", block), letter = ("the letter's signature", signed),
            archived = ("the letter's archive", facts.Letter?.ArchivedAt);
        IEnumerable<((string What, DateTimeOffset? At) Earlier, (string What, DateTimeOffset? At) Later)> pairs =
        [
            .. stamps.Select(s => (receipt, s)),
            .. stamps.Where(s => s.What.EndsWith(TokenOver.Checkpoint, StringComparison.Ordinal)).Select(s => (s, anchored)),
            (anchored, letter),
            .. stamps.Select(s => (s, letter)),
            .. stamps.Concat([receipt, anchored, letter, archived]).Select(s => (s, ("this verifier's clock", (DateTimeOffset?)now))),
        ];
        foreach (var (earlier, later) in pairs)
        {
            if (earlier.At > later.At + MaxSkew)
                return Wrong($"{earlier.What} ({Text(earlier.At)}) should not be later than {later.What} ({Text(later.At)})");
        }

        if (checkpoints.Count > 0 && checkpoints[^1] - (received < checkpoints[0] ? received : checkpoints[0]) > MaxDelay)
            return Wrong($"the stamps over the checkpoint ({Text(checkpoints[0])} to {Text(checkpoints[^1])}) are not within {MaxDelay.TotalDays:0} days "
                + $"of each other and of the receipt ({Text(received)})");

        return received is null || block is null || signed is null || manifests.Count < authorities || checkpoints.Count < authorities
            ? Verdict.Unknown(Rung.Status, "order", "order-unjudged",
                "the order in time cannot be judged whole, because manifest, tokens, anchor or letter do not hold; nothing that does is out of order")
            : Verdict.Pass(Rung.Status, "order", $"received {Text(received)}; manifest stamped {Span(manifests)}, checkpoint {Span(checkpoints)}; "
                + $"anchored {Text(block)}; letter signed by {Text(signed)}: in this order within {MaxSkew.TotalSeconds:0} seconds, the checkpoint's stamps "
                + $"within {MaxDelay.TotalDays:0} days, and nothing later than this verifier's clock ({Text(now)})");
    }

    private static List<DateTimeOffset> Times(BundleFacts facts, string over)
        => [.. facts.Times.Where(t => t.Over == over).Select(t => t.Check.GenTime!.Value).Order()];

    private static Verdict Wrong(string reason) => Verdict.Fail(Rung.Status, "order", "order", reason);

    private static string Span(List<DateTimeOffset> times) => times.Count == 1 ? Text(times[0]) : $"{Text(times[0])} to {Text(times[^1])}";

    private static string Text(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "unknown";
}
