namespace Notary.Cli;

/// <summary>Whether a draw's row and its small files say the same. Pure.</summary>
internal static class LotteryFacts
{
    private const string Plan = "plan.json", Draw = "draw.json", Reveals = "reveals.json", Result = "result.json", Approvals = "approvals.json";

    // What each state adds. An aborted draw keeps what it had.
    private static readonly (string State, string[] Files)[] Demanded =
    [
        ("Published", [Plan, "public.csv"]), ("Committed", [Draw]), ("Drawn", [Reveals, Result, "winners.csv"]), ("Certified", ["bundle.zip"]),
    ];

    /// <summary>Whether that file is read for what it says.</summary>
    public static bool IsCompared(string name) => name is Plan or Draw or Reveals or Result or Approvals;

    /// <param name="row">The draw.</param>
    /// <param name="files">Those of its small files that are what the row says.</param>
    /// <exception cref="FaultException">Malformed: terms or a file cannot be read.</exception>
    public static IEnumerable<(string Code, string Reason)> Wrong(LotteryRow row, IReadOnlyDictionary<string, byte[]> files)
    {
        var terms = PlanTerms.Parse(row.Terms);
        var demanded = Demanded.Where(d => row.Is(d.State)).SelectMany(d => d.Files).Concat(row.Is("Certified") && !terms.Rehearsal ? [Approvals] : []);
        if (demanded.Where(name => !row.Files.ContainsKey(name)).ToList() is { Count: > 0 } missing)
            yield return ("draw-incomplete", $"it is {row.State} without {string.Join(", ", missing)}");

        var list = row.List is { } stored && Digest.TryParse(stored.Root, out var root) ? new ListCommitment(root, stored.Candidates, stored.Tickets) : null;
        if (files.TryGetValue(Plan, out var plan) && (list is null || !new PlanDocument(row.DrawId, terms, list).ToBytes().AsSpan().SequenceEqual(plan)))
            yield return ("draw-plan", "plan.json is not of its terms and its list");

        var draw = files.TryGetValue(Draw, out var bytes) ? DrawDocument.Parse(bytes) : null;
        if (draw is not null && (draw.Commitment().ToString() != row.Frozen?.Commitment || draw.Id != row.DrawId || draw.Rehearsal != terms.Rehearsal
            || draw.List != list || !draw.Rules.ToBytes().AsSpan().SequenceEqual(terms.Rules.ToBytes())))
            yield return ("draw-commitment", "draw.json is not what was committed to, or of other terms or another list");

        if (draw is not null && files.TryGetValue(Result, out bytes) && DrawResult.Parse(bytes) is var result
            && (result.ToDigest().ToString() != row.Result || result.Commitment != draw.Commitment() || result.Seed.ToString() != row.Seed?.Seed
                || !files.TryGetValue(Reveals, out var reveals) || DrawReveals.Parse(reveals).Seed(draw.Commitment()) != result.Seed
                || !row.Files.TryGetValue("winners.csv", out var winners) || result.WinnersDigest.ToString() != winners.Sha256))
            yield return ("draw-result", "result.json is not of the commitment, the reveals, the seed and the winners that are kept");

        if (draw is not null && plan is not null && files.TryGetValue(Approvals, out bytes) && DrawApprovals.Parse(bytes) is var approvals
            && !(approvals.DrawId == row.DrawId && approvals.IsApproved(ApprovalStep.Publish, Digest.Of(plan))
                && approvals.IsApproved(ApprovalStep.Commit, draw.Commitment()) && approvals.IsApproved(ApprovalStep.Result, Digest.Parse(row.Result ?? ""))))
            yield return ("draw-approvals", "not every step of it was approved by two notaries");
    }
}
