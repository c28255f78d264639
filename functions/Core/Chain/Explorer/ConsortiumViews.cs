namespace Notary.Chain.Explorer;

/// <summary>Where something was said.</summary>
/// <param name="Block">In which block.</param>
/// <param name="Transaction">By which transaction.</param>
public sealed record PlaceView(long Block, string Transaction);

/// <summary>An account that a member acts or acted by.</summary>
/// <param name="Address">In EIP-55's form.</param>
/// <param name="From">From when it is valid.</param>
/// <param name="Until">Before when it is.</param>
/// <param name="Retired">Whether a vote has replaced it.</param>
/// <param name="Anchors">How many anchors it sent.</param>
public sealed record MemberAccountView(string Address, DateTimeOffset From, DateTimeOffset Until, bool Retired, int Anchors);

/// <summary>A member of the consortium, present or past.</summary>
/// <param name="Number">For ever his.</param>
/// <param name="Name">Public.</param>
/// <param name="Status">How he stands.</param>
/// <param name="Nodes">What his nodes may do: <c>Production</c>, <c>Service</c>, <c>Observer</c>.</param>
/// <param name="Reason">Why he is suspended; empty if he is not.</param>
/// <param name="Certificate">SHA-256 of his certificate's DER.</param>
/// <param name="Root">SHA-256 of the root certificate that leads to.</param>
/// <param name="Accounts">All he ever had, in order.</param>
/// <param name="Admitted">Where he was admitted.</param>
/// <param name="Left">Where he was removed; null while he is a member.</param>
public sealed record MemberView(
    int Number, string Name, MemberStatus Status, IReadOnlyList<string> Nodes, string Reason, Digest Certificate, Digest Root,
    IReadOnlyList<MemberAccountView> Accounts, PlaceView Admitted, PlaceView? Left);

/// <summary>A vote.</summary>
/// <param name="Member">Who voted.</param>
/// <param name="Name">His name.</param>
/// <param name="Account">By which account.</param>
/// <param name="InFavour">How.</param>
/// <param name="Place">Where.</param>
public sealed record VoteView(int Member, string Name, string Account, bool InFavour, PlaceView Place);

/// <summary>A proposal with all its votes.</summary>
/// <param name="Id">From 1.</param>
/// <param name="Kind">What it would change.</param>
/// <param name="Member">Whom it is about; 0 for nobody who has a number.</param>
/// <param name="About">His name; null for nobody.</param>
/// <param name="Proposer">Whose it is.</param>
/// <param name="ProposerName">His name.</param>
/// <param name="Deadline">The last time at which votes are taken.</param>
/// <param name="State">As of the newest block's time.</param>
/// <param name="Opened">Where.</param>
/// <param name="Votes">In order.</param>
/// <param name="Counted">Votes in favour that counted when the change was made; null until then.</param>
/// <param name="Needed">Votes that were needed then.</param>
/// <param name="Executed">Where the change was made.</param>
public sealed record ProposalView(
    long Id, ChangeKind Kind, int Member, string? About, int Proposer, string ProposerName, DateTimeOffset Deadline, ProposalState State, PlaceView Opened,
    IReadOnlyList<VoteView> Votes, int? Counted, int? Needed, PlaceView? Executed);

/// <summary>The consortium, as its contract's events tell it.</summary>
/// <param name="Contract">Null when who may anchor is not asked of a consortium here; then all else is empty.</param>
/// <param name="Threshold">The share of the voters that must agree, such as <c>2/3</c>, and always more than half.</param>
/// <param name="Roots">SHA-256 of root certificates that a candidate's may lead to.</param>
/// <param name="Members">All who ever were.</param>
/// <param name="Proposals">Newest first, the newest <see cref="ChainExplorer.MaxShown"/>.</param>
/// <param name="Total">How many proposals there are.</param>
/// <param name="ReadTo">The block up to which events were read.</param>
/// <param name="Head">The newest block.</param>
public sealed record ConsortiumView(
    string? Contract, string? Threshold, IReadOnlyList<Digest> Roots, IReadOnlyList<MemberView> Members, IReadOnlyList<ProposalView> Proposals, int Total,
    long ReadTo, long Head);

/// <summary>A proposal, and what the contract answers about it now.</summary>
/// <param name="Proposal">As events tell it.</param>
/// <param name="Change">What it would change.</param>
/// <param name="Votes">Votes in favour that count now.</param>
/// <param name="Needed">Votes that are needed now.</param>
public sealed record ProposalNow(ProposalView Proposal, ConsortiumChange Change, int Votes, int Needed);
