using Notary.Chain.Explorer;
using Notary.Evidence.Ethereum;

namespace Notary.Pages.Tests;

/// <summary>A consortium in which everything occurs that the explorer's pages can show of one.</summary>
internal static class SampleConsortium
{
    private const string Contract = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
    private static readonly DateTimeOffset Day = new(2026, 12, 1, 8, 0, 0, TimeSpan.Zero);
    private static readonly Digest Some = Digest.Of("sample"u8);

    public static ConsortiumView View { get; } = new(Contract, "2/3", [Some, Digest.Of([1])],
        [
            Member(1, "上海市浦东公证处 Pudong Notary Office", MemberStatus.Active, "", ["Production", "Service"]),
            Member(2, "Bank of Example and Sons, Limited", MemberStatus.Suspended, "its certificate was revoked on 2026-11-20", ["Service"]),
            Member(3, "<b>Court</b>", MemberStatus.Removed, "", ["Observer"]) with { Left = Place(40) },
            Member(4, "大学", MemberStatus.Active, "", ["Production"]) with { Accounts = [] },
        ],
        [
            Proposal(5, ChangeKind.SetThreshold, 0, ProposalState.Open, [true]), Proposal(4, ChangeKind.Remove, 3, ProposalState.Executed, [true, true, false]),
            Proposal(3, ChangeKind.SetKey, 2, ProposalState.Closed, []), Proposal(2, ChangeKind.Suspend, 2, ProposalState.Executed, [true, true]),
            Proposal(1, ChangeKind.Admit, 0, ProposalState.Lapsed, [false]),
        ],
        5, 90, 120);

    public static ProposalNow Now(long id) => new(View.Proposals.Single(p => p.Id == id), Change(View.Proposals.Single(p => p.Id == id).Kind), 1, 3);

    private static MemberView Member(int number, string name, MemberStatus status, string reason, string[] nodes) => new(number, name, status, nodes, reason,
        Some, Some, [new(Contract, Day, Day.AddYears(2), true, 12), new(Contract, Day, DateTimeOffset.MaxValue, false, 1_234)], Place(number), null);

    private static ProposalView Proposal(long id, ChangeKind kind, int member, ProposalState state, bool[] votes) => new(id, kind, member,
        member == 0 ? null : "Bank of Example", 1, "上海市浦东公证处", Day, state, Place(id),
        [.. votes.Select((vote, i) => new VoteView(i + 1, $"Member {i + 1}", Contract, vote, Place(id + i)))],
        state == ProposalState.Executed ? 2 : null, state == ProposalState.Executed ? 2 : null, state == ProposalState.Executed ? Place(id + 9) : null);

    private static PlaceView Place(long block) => new(block, "0x" + Some);

    private static ConsortiumChange Change(ChangeKind kind) => new(kind, 0, NodeTypes.Service, 3, 4, Address.Parse(Contract), Some,
        "its certificate was revoked", new ConsortiumCandidate("<i>Guild</i>", Some, Some, [], [], NodeTypes.Production | NodeTypes.Service,
            Address.Parse(Contract), 1_800_000_000, long.MaxValue));
}
