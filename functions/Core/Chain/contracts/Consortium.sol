// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import "./Membership.sol";

/// @title The consortium's decisions.
/// @notice Every change of the membership, its keys or its rules is a proposal that members vote on, one member one vote whatever keys he
/// has; whom it is about does not vote on it. Nobody administers this contract.
contract Consortium is Membership {
    enum Kind { None, Admit, Remove, SetKey, SetCertificate, SetNodes, SetThreshold, ListRoot, UnlistRoot, Suspend, Resume }

    /// Open: votes are taken. Closed: no more votes, what has enough can be executed. Lapsed: neither.
    enum State { None, Open, Closed, Executed, Lapsed }

    /// The share of the voters that must agree: at least numerator of denominator of them, and always more than half.
    struct Threshold {
        uint16 numerator;
        uint16 denominator;
    }

    struct Change {
        Kind kind;
        /// Whom it is about; zero for what is about no member, and for a candidate, who has no number yet.
        uint8 member;
        uint8 nodes;
        Threshold threshold;
        /// The account that a new key replaces, or zero.
        address retired;
        bytes32 root;
        string reason;
        /// Admit: all of it. SetKey: key, from, until. SetCertificate: certificate, root, x, y.
        Candidate candidate;
        Proof proof;
    }

    struct Proposal {
        uint8 proposer;
        /// Seconds since 1970; `executed` is zero until then.
        uint64 opened;
        uint64 deadline;
        uint64 executed;
        /// In force when it was opened.
        Threshold threshold;
        /// Who could vote then, and who voted how: bit n is member n.
        uint256 electorate;
        uint256 yes;
        uint256 no;
    }

    /// @notice Seconds that a vote lasts at least, so that everyone can hear of it, and at most, so that it is decided by those it was put to.
    uint256 public constant MIN_PERIOD = 1 hours;
    uint256 public constant MAX_PERIOD = 90 days;

    /// @notice Seconds after the deadline in which what has its votes can still be executed.
    uint256 public constant GRACE = 7 days;

    /// @notice Keeps the arithmetic of shares small and a threshold sayable.
    uint16 public constant MAX_DENOMINATOR = 100;

    Threshold public threshold;

    /// @notice The last proposal's number; numbers begin with 1.
    uint256 public proposalCount;

    mapping(uint256 id => Proposal) private proposals;
    mapping(uint256 id => Change) private changes;

    event Proposed(uint256 indexed id, Kind indexed kind, uint8 indexed member, uint8 proposer, address key, uint64 deadline);
    event Voted(uint256 indexed id, uint8 indexed member, address key, bool inFavour);
    event Executed(uint256 indexed id, address by, uint256 votes, uint256 needed);
    event ThresholdChanged(uint16 numerator, uint16 denominator);

    error NotAMember();
    error KeyNotValid();
    error NotEntitled();
    error OwnCase();
    error VotedAlready();
    error NoSuchProposal();
    error ExecutedAlready();
    error TooLate();
    error BadDeadline();
    error BadThreshold();
    error NotEnoughVotes(uint256 votes, uint256 needed);

    /// @param founders At least MIN_VOTERS who vote, each with the proof over this contract's address, which follows from its creator's nonce.
    constructor(Candidate[] memory founders, Proof[] memory proofs, bytes32[] memory listed, Threshold memory initial) {
        _checkThreshold(initial);
        threshold = initial;
        emit ThresholdChanged(initial.numerator, initial.denominator);
        for (uint256 i = 0; i < listed.length; i++) {
            _checkRoot(listed[i], false);
            _listRoot(listed[i]);
        }

        for (uint256 i = 0; i < founders.length; i++) {
            _checkCandidate(founders[i], proofs[i]);
            _admit(founders[i]);
        }

        _ensureVoters();
    }

    function proposeAdmission(Candidate calldata candidate, Proof calldata proof, uint64 deadline) external returns (uint256) {
        Change memory change;
        (change.kind, change.candidate, change.proof) = (Kind.Admit, candidate, proof);
        return _open(change, deadline);
    }

    function proposeRemoval(uint8 member, string calldata reason, uint64 deadline) external returns (uint256) {
        return _openAbout(Kind.Remove, member, reason, deadline);
    }

    /// @notice Suspends a member, as when his certificate expired or was revoked: he neither votes nor anchors until he is resumed.
    function proposeSuspension(uint8 member, string calldata reason, uint64 deadline) external returns (uint256) {
        return _openAbout(Kind.Suspend, member, reason, deadline);
    }

    function proposeResumption(uint8 member, string calldata reason, uint64 deadline) external returns (uint256) {
        return _openAbout(Kind.Resume, member, reason, deadline);
    }

    /// @notice A new account for a member, in place of an old one or beside it (zero). Every change of key brings one: nobody runs out of them.
    function proposeKey(uint8 member, address key, uint64 from, uint64 until, address retired, Proof calldata proof, uint64 deadline)
        external returns (uint256)
    {
        Change memory change;
        (change.kind, change.member, change.retired, change.proof) = (Kind.SetKey, member, retired, proof);
        (change.candidate.key, change.candidate.from, change.candidate.until) = (key, from, until);
        return _open(change, deadline);
    }

    function proposeCertificate(uint8 member, bytes32 certificate, bytes32 root, bytes32 x, bytes32 y, Proof calldata proof, uint64 deadline)
        external returns (uint256)
    {
        Change memory change;
        (change.kind, change.member, change.proof) = (Kind.SetCertificate, member, proof);
        (change.candidate.certificate, change.candidate.root, change.candidate.x, change.candidate.y) = (certificate, root, x, y);
        return _open(change, deadline);
    }

    function proposeNodes(uint8 member, uint8 nodes, uint64 deadline) external returns (uint256) {
        Change memory change;
        (change.kind, change.member, change.nodes) = (Kind.SetNodes, member, nodes);
        return _open(change, deadline);
    }

    function proposeThreshold(Threshold calldata next, uint64 deadline) external returns (uint256) {
        Change memory change;
        (change.kind, change.threshold) = (Kind.SetThreshold, next);
        return _open(change, deadline);
    }

    function proposeRoot(bytes32 root, bool listed, uint64 deadline) external returns (uint256) {
        Change memory change;
        (change.kind, change.root) = (listed ? Kind.ListRoot : Kind.UnlistRoot, root);
        return _open(change, deadline);
    }

    /// @notice Votes, once and for ever.
    function vote(uint256 id, bool inFavour) external {
        Proposal storage proposal = _undecided(id);
        if (block.timestamp > proposal.deadline) revert TooLate();
        uint8 member = _voter(changes[id].kind);
        if (member == changes[id].member) revert OwnCase();
        uint256 bit = uint256(1) << member;
        if (proposal.electorate & bit == 0) revert NotEntitled();
        if ((proposal.yes | proposal.no) & bit != 0) revert VotedAlready();
        if (inFavour) proposal.yes |= bit;
        else proposal.no |= bit;
        emit Voted(id, member, msg.sender, inFavour);
    }

    /// @notice Makes the change. Anyone may, once there are votes enough: what was decided does not wait for anybody.
    function execute(uint256 id) external {
        Proposal storage proposal = _undecided(id);
        if (block.timestamp > proposal.deadline + GRACE) revert TooLate();
        (uint256 votes, uint256 needed) = quorumOf(id);
        if (votes < needed) revert NotEnoughVotes(votes, needed);
        Change memory change = changes[id];
        _check(change);
        proposal.executed = uint64(block.timestamp);
        _apply(change);
        emit Executed(id, msg.sender, votes, needed);
    }

    /// @notice Votes in favour that count now, and how many are needed.
    /// @dev A change needs the threshold in force when it was opened, of those who could vote then, and the one in force now, of those who can
    /// now; and only votes count of who could vote then and still can. So neither removing voters nor bringing new ones makes it easier.
    function quorumOf(uint256 id) public view returns (uint256 votes, uint256 needed) {
        Proposal storage proposal = proposals[id];
        if (proposal.opened == 0) revert NoSuchProposal();
        votes = _size(proposal.yes & voters);
        needed = _needed(proposal.threshold, _size(proposal.electorate));
        uint256 neededNow = _needed(threshold, _size(_without(voters, changes[id].member)));
        if (neededNow > needed) needed = neededNow;
    }

    /// @notice How many of so many voters must agree by the threshold in force, when all of them may vote.
    function neededOf(uint256 count) external view returns (uint256) {
        return _needed(threshold, count);
    }

    function proposalOf(uint256 id) external view returns (Proposal memory, Change memory) {
        return (proposals[id], changes[id]);
    }

    function stateOf(uint256 id) external view returns (State) {
        Proposal storage proposal = proposals[id];
        if (proposal.opened == 0) return State.None;
        if (proposal.executed != 0) return State.Executed;
        if (block.timestamp <= proposal.deadline) return State.Open;
        return block.timestamp <= proposal.deadline + GRACE ? State.Closed : State.Lapsed;
    }

    function _openAbout(Kind kind, uint8 member, string calldata reason, uint64 deadline) private returns (uint256) {
        Change memory change;
        (change.kind, change.member, change.reason) = (kind, member, reason);
        return _open(change, deadline);
    }

    function _open(Change memory change, uint64 deadline) private returns (uint256 id) {
        uint8 proposer = _voter(change.kind);
        if (deadline < block.timestamp + MIN_PERIOD || deadline > block.timestamp + MAX_PERIOD) revert BadDeadline();
        _check(change);
        id = ++proposalCount;
        proposals[id] = Proposal(proposer, uint64(block.timestamp), deadline, 0, threshold, _without(voters, change.member), 0, 0);
        changes[id] = change;
        emit Proposed(id, change.kind, change.member, proposer, msg.sender, deadline);
    }

    /// @dev Whether the change can be made: asked when it is proposed, and again when it is made.
    function _check(Change memory change) private view {
        Kind kind = change.kind;
        if (kind == Kind.Admit) _checkCandidate(change.candidate, change.proof);
        else if (kind == Kind.SetKey) _checkNewKey(change.member, change.candidate, change.retired, change.proof);
        else if (kind == Kind.SetCertificate) _checkNewCertificate(change.member, change.candidate, change.proof);
        else if (kind == Kind.SetNodes) _checkNewNodes(change.member, change.nodes);
        else if (kind == Kind.SetThreshold) _checkThreshold(change.threshold);
        else if (kind == Kind.ListRoot) _checkRoot(change.root, false);
        else if (kind == Kind.UnlistRoot) _checkRoot(change.root, true);
        else {
            if (!_isText(change.reason)) revert BadText();
            if (kind == Kind.Remove) _present(change.member);
            else _checkStatus(change.member, kind == Kind.Suspend ? Status.Active : Status.Suspended);
        }
    }

    function _apply(Change memory change) private {
        Kind kind = change.kind;
        if (kind == Kind.Admit) _admit(change.candidate);
        else if (kind == Kind.Remove) _remove(change.member);
        else if (kind == Kind.SetKey) _changeKey(change.member, change.candidate, change.retired);
        else if (kind == Kind.SetCertificate) _changeCertificate(change.member, change.candidate);
        else if (kind == Kind.SetNodes) _changeNodes(change.member, change.nodes);
        else if (kind == Kind.ListRoot) _listRoot(change.root);
        else if (kind == Kind.UnlistRoot) _unlistRoot(change.root);
        else if (kind == Kind.Suspend) _suspend(change.member, change.reason);
        else if (kind == Kind.Resume) _resume(change.member);
        else {
            threshold = change.threshold;
            emit ThresholdChanged(change.threshold.numerator, change.threshold.denominator);
        }
    }

    /// @dev The member who sends this, if he may vote. An expired key still decides about keys: else a consortium whose keys all ran out could
    /// never give itself new ones.
    function _voter(Kind kind) private view returns (uint8) {
        Key storage key = keys[msg.sender];
        if (key.member == 0) revert NotAMember();
        if (key.retired || block.timestamp < key.from || (block.timestamp >= key.until && kind != Kind.SetKey)) revert KeyNotValid();
        if (voters & (uint256(1) << key.member) == 0) revert NotEntitled();
        return key.member;
    }

    function _undecided(uint256 id) private view returns (Proposal storage proposal) {
        proposal = proposals[id];
        if (proposal.opened == 0) revert NoSuchProposal();
        if (proposal.executed != 0) revert ExecutedAlready();
    }

    function _checkThreshold(Threshold memory next) private pure {
        if (next.denominator == 0 || next.denominator > MAX_DENOMINATOR || next.numerator > next.denominator
            || 2 * uint256(next.numerator) < next.denominator) revert BadThreshold();
    }

    function _needed(Threshold memory rule, uint256 count) private pure returns (uint256) {
        uint256 share = (count * rule.numerator + rule.denominator - 1) / rule.denominator;
        uint256 majority = count / 2 + 1;
        return share > majority ? share : majority;
    }

    /// @dev No member has the number zero, so a change about nobody sets nobody aside.
    function _without(uint256 set, uint8 member) private pure returns (uint256) {
        return set & ~(uint256(1) << member);
    }
}
