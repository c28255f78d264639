namespace Notary.Chain.Explorer;

/// <summary>Puts the consortium's events into what is shown of it.</summary>
internal static class ConsortiumReader
{
    /// <summary>Seconds after a deadline in which what has its votes can still be executed (<c>GRACE</c> in Consortium.sol).</summary>
    private const long Grace = 7 * 24 * 3600;

    public static ConsortiumView Read(EventTrail trail, Address contract, NodeBlock head)
    {
        var history = ConsortiumHistory.Of(trail.Decisions);
        string Name(int member) => history.Members.FirstOrDefault(m => m.Number == member)?.Name ?? "";
        var members = history.Members.Select(m => new MemberView(m.Number, m.Name, m.Status, Names(m.Nodes), m.Reason, m.Certificate, m.Root,
            [.. m.Accounts.Select(a => new MemberAccountView(a.Account.ToString(), Time(a.From), Time(a.Until), a.Retired, trail.Of(a.Account, 0).Count))],
            Place(m.Admitted), m.Left is { } left ? Place(left) : null));
        var proposals = history.Proposals.Reverse().Take(ChainExplorer.MaxShown).Select(p => new ProposalView(p.Id, p.Kind, p.Member,
            p.Member == 0 ? null : Name(p.Member), p.Proposer, Name(p.Proposer), Time(p.Deadline), State(p, head.Time.ToUnixTimeSeconds()), Place(p.Opened),
            [.. p.Votes.Select(v => new VoteView(v.Member, Name(v.Member), v.Account.ToString(), v.InFavour, Place(v.Place)))],
            p.Executed?.Votes, p.Executed?.Needed, p.Executed is { } made ? Place(made.Place) : null));
        return new ConsortiumView(contract.ToString(), $"{history.Threshold.Numerator}/{history.Threshold.Denominator}", [.. history.Roots], [.. members],
            [.. proposals], history.Proposals.Count, trail.Now.ReadTo, head.Number);
    }

    private static ProposalState State(ProposalHistory proposal, long now)
        => proposal.Executed is not null ? ProposalState.Executed
            : now <= proposal.Deadline ? ProposalState.Open
            : now - proposal.Deadline <= Grace ? ProposalState.Closed : ProposalState.Lapsed;

    private static PlaceView Place(EventPlace place) => new(place.Block, place.Transaction);

    private static string[] Names(NodeTypes nodes)
        => [.. new[] { NodeTypes.Production, NodeTypes.Service, NodeTypes.Observer }.Where(n => nodes.HasFlag(n)).Select(n => n.ToString())];

    // A key may be valid for longer than a calendar goes.
    private static DateTimeOffset Time(long seconds)
        => DateTimeOffset.FromUnixTimeSeconds(Math.Min(seconds, DateTimeOffset.MaxValue.ToUnixTimeSeconds()));
}
