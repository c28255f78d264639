namespace Notary.Lotteries;

/// <summary>Makes views of rows. Pure.</summary>
internal static class Views
{
    public static string Word(DrawState state) => state.ToString().ToLowerInvariant();

    public static string Kind(PlanTerms terms) => terms.Rehearsal ? "rehearsal" : "draw";

    public static DrawLine Line(DrawRow row)
    {
        var terms = row.Plan;
        return new DrawLine(row.Id, Kind(terms), terms.Title, row.Organiser, Word(row.State), row.List?.Candidates, terms.Schedule, row.UpdatedAt);
    }

    public static DrawView Of(DrawRow row, IReadOnlyList<DrawApproval> approvals, ChainLook look)
    {
        var terms = row.Plan;
        var chain = look.Chain is { } seen ? seen with { Signature = row.Signature } : null;
        return new DrawView(
            row.Id,
            Kind(terms),
            terms.Title,
            row.Organiser,
            Word(row.State),
            row.UpdatedAt,
            row.Version + Facts(chain),
            terms.Rules,
            row.List is { } list ? new ListView(list.Root, list.Candidates, list.Tickets) : null,
            terms.Schedule,
            terms.Beacon == BeaconKind.Drand ? "drand" : "block",
            [.. terms.Parties.Select(p => p.ToLowerHex())],
            row.Document?.ToDigest().ToString(),
            row.Frozen is { } frozen ? Commitment(frozen, look) : null,
            chain,
            row.Rounds,
            row.Result,
            [.. approvals.OrderBy(a => a.At).Select(a => new ApprovalView(DrawApproval.Word(a.Step), a.Name, a.At))],
            new ObjectionCount(row.Objections, row.Answered),
            new DrawDepositsView(Deposit(row.CommitmentDeposit), Deposit(row.ResultDeposit)),
            row.Aborted is { } aborted ? new AbortView(aborted.At, aborted.Reason, Word(aborted.During), aborted.Known == true) : null,
            [.. FileNames.All.Where(row.Files.ContainsKey).Select(name => new DrawFileView(name, row.Files[name].Bytes, row.Files[name].Sha256))],
            row.SubmittedAt);
    }

    /// <summary>What can only become more on chain, so that a version grows with it.</summary>
    private static long Facts(ChainView? chain)
        => chain is null ? 0 : 1 + chain.Parties.Count + chain.Parties.Count(p => p.Secret is not null) + (chain.Closed ? 1 : 0)
            + (chain.Seed is null ? 0 : 1) + (chain.Outcome is null ? 0 : 1);

    private static CommitmentView Commitment(Frozen frozen, ChainLook look)
    {
        using var beacon = JsonDocument.Parse(frozen.Beacon);
        return new CommitmentView(frozen.Commitment, look.ChainId, look.Registry, frozen.CommitDeadline, frozen.RevealDeadline,
            beacon.RootElement.Clone(), frozen.BeaconAt);
    }

    private static DrawDepositView? Deposit(FollowedDeposit? deposit) => deposit is null ? null : new DrawDepositView(deposit.Id, deposit.State);
}
