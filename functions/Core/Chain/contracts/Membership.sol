// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";

/// @title Who is in the consortium, by which keys he acts and what his nodes may do.
/// @notice A member is an organisation with a certificate. His P-256 key, which the certificate names, proves each account he acts by;
/// the certificate itself is checked outside by whoever votes. Numbers and accounts are never given to another, so history stays readable.
abstract contract Membership {
    enum Status { None, Active, Suspended, Removed }

    struct Member {
        string name;
        /// SHA-256 of the certificate's DER, and of the root certificate it leads to.
        bytes32 certificate;
        bytes32 root;
        /// The certificate's P-256 key.
        bytes32 x;
        bytes32 y;
        /// Why he is suspended, for all to read; empty if he is not.
        string reason;
        uint8 nodes;
        Status status;
        /// Seconds since 1970; `removed` is zero while he is a member.
        uint64 admitted;
        uint64 removed;
    }

    struct Key {
        uint8 member;
        bool retired;
        /// Seconds since 1970: valid from the first on and before the second.
        uint64 from;
        uint64 until;
    }

    struct Candidate {
        string name;
        bytes32 certificate;
        bytes32 root;
        bytes32 x;
        bytes32 y;
        uint8 nodes;
        address key;
        uint64 from;
        uint64 until;
    }

    /// A P-256 signature, s in the lower half.
    struct Proof {
        bytes32 r;
        bytes32 s;
    }

    /// @notice Node types, of which a member has one or several: production validates, service anchors; both vote. An observer only reads.
    uint8 public constant PRODUCTION = 1;
    uint8 public constant SERVICE = 2;
    uint8 public constant OBSERVER = 4;

    /// @notice Members who vote never become fewer: with the one whom a change is about set aside two are left, so nobody decides alone.
    uint256 public constant MIN_VOTERS = 3;

    /// @notice Numbers that can be given, for ever: a set of members is one word.
    uint256 public constant MAX_MEMBERS = 255;

    /// @notice Bytes of a name or a reason: what an event and a page can show.
    uint256 public constant MAX_TEXT = 200;

    /// @notice The last number given; numbers begin with 1.
    uint8 public memberCount;

    /// @notice Members who may vote now: bit n is member n.
    uint256 public voters;

    /// @notice Whose account this is or was; its member is zero for a stranger's.
    mapping(address account => Key) public keys;

    /// @notice Root certificates that a candidate's may lead to, by SHA-256.
    mapping(bytes32 root => bool) public roots;

    /// @notice The present member with that certificate; zero if none.
    mapping(bytes32 certificate => uint8 member) public holderOf;

    mapping(uint8 number => Member) private members;
    mapping(uint8 number => address[]) private accounts;

    event Admitted(uint8 indexed member, string name, bytes32 certificate, bytes32 root, bytes32 x, bytes32 y, uint8 nodes);
    event Removed(uint8 indexed member);
    event Suspended(uint8 indexed member, string reason);
    event Resumed(uint8 indexed member);
    event KeyAdded(uint8 indexed member, address indexed key, uint64 from, uint64 until);
    event KeyRetired(uint8 indexed member, address indexed key);
    event CertificateChanged(uint8 indexed member, bytes32 certificate, bytes32 root, bytes32 x, bytes32 y);
    event NodesChanged(uint8 indexed member, uint8 nodes);
    event RootListed(bytes32 indexed root);
    event RootUnlisted(bytes32 indexed root);

    error BadText();
    error BadNodes();
    error BadKey();
    error BadCertificate();
    error BadProof();
    error BadRoot();
    error KeyTaken();
    error WrongStatus(Status status);
    error TooFewVoters();
    error TooManyMembers();

    /// @notice All there is of a member; zeros if there is none.
    function memberOf(uint8 number) external view returns (Member memory) {
        return members[number];
    }

    /// @notice Every account the member ever acted by, in order.
    function keysOf(uint8 number) external view returns (address[] memory) {
        return accounts[number];
    }

    /// @notice Whether the account may anchor now: an active member's with a service node, by a valid key.
    function mayAnchor(address account) external view returns (bool) {
        return _may(account, SERVICE);
    }

    /// @notice Whether the account may validate now.
    function mayValidate(address account) external view returns (bool) {
        return _may(account, PRODUCTION);
    }

    /// @notice What the P-256 key signs to take an account as the member's: SHA-256 of it all, each part of fixed length, so a proof is good
    /// for one chain, contract, member, account and time only. For a new certificate account and times are zero.
    function challengeOf(string memory name, bytes32 certificate, address key, uint64 from, uint64 until) public view returns (bytes32) {
        return sha256(abi.encodePacked("notary-consortium/1 key", bytes1(0), block.chainid, address(this), certificate, key, from, until,
            sha256(bytes(name))));
    }

    /// @dev What a candidate must be, when he is proposed and again when he is admitted.
    function _checkCandidate(Candidate memory candidate, Proof memory proof) internal view {
        if (!_isText(candidate.name)) revert BadText();
        if (!_areNodes(candidate.nodes)) revert BadNodes();
        _checkCertificate(candidate);
        _checkKey(candidate);
        _checkProof(candidate.name, candidate, candidate, proof);
    }

    /// @dev What a new account of the member's must be; `retired` is his old one, or zero.
    function _checkNewKey(uint8 number, Candidate memory key, address retired, Proof memory proof) internal view {
        Member storage member = _present(number);
        _checkKey(key);
        if (retired != address(0)) {
            // Without this a member could be left with no key to act by until a day that never comes.
            if (keys[retired].member != number || keys[retired].retired || key.from > block.timestamp) revert BadKey();
        }

        Candidate memory holder;
        (holder.certificate, holder.x, holder.y) = (member.certificate, member.x, member.y);
        _checkProof(member.name, holder, key, proof);
    }

    function _checkNewCertificate(uint8 number, Candidate memory next, Proof memory proof) internal view {
        string memory name = _present(number).name;
        _checkCertificate(next);
        Candidate memory none;
        _checkProof(name, next, none, proof);
    }

    function _checkNewNodes(uint8 number, uint8 nodes) internal view {
        if (!_areNodes(nodes) || _present(number).nodes == nodes) revert BadNodes();
    }

    function _present(uint8 number) internal view returns (Member storage member) {
        member = members[number];
        if (member.status != Status.Active && member.status != Status.Suspended) revert WrongStatus(member.status);
    }

    function _checkStatus(uint8 number, Status status) internal view {
        if (members[number].status != status) revert WrongStatus(members[number].status);
    }

    function _isText(string memory text) internal pure returns (bool) {
        return bytes(text).length > 0 && bytes(text).length <= MAX_TEXT;
    }

    function _admit(Candidate memory candidate) internal {
        if (memberCount == MAX_MEMBERS) revert TooManyMembers();
        uint8 number = ++memberCount;
        members[number] = Member(candidate.name, candidate.certificate, candidate.root, candidate.x, candidate.y, "", candidate.nodes,
            Status.Active, uint64(block.timestamp), 0);
        holderOf[candidate.certificate] = number;
        _count(number);
        emit Admitted(number, candidate.name, candidate.certificate, candidate.root, candidate.x, candidate.y, candidate.nodes);
        _addKey(number, candidate);
    }

    function _remove(uint8 number) internal {
        Member storage member = members[number];
        (member.status, member.removed, member.reason) = (Status.Removed, uint64(block.timestamp), "");
        delete holderOf[member.certificate];
        _count(number);
        _ensureVoters();
        emit Removed(number);
    }

    function _suspend(uint8 number, string memory reason) internal {
        (members[number].status, members[number].reason) = (Status.Suspended, reason);
        _count(number);
        _ensureVoters();
        emit Suspended(number, reason);
    }

    function _resume(uint8 number) internal {
        (members[number].status, members[number].reason) = (Status.Active, "");
        _count(number);
        emit Resumed(number);
    }

    function _changeKey(uint8 number, Candidate memory key, address retired) internal {
        _addKey(number, key);
        if (retired == address(0)) return;
        keys[retired].retired = true;
        emit KeyRetired(number, retired);
    }

    function _changeCertificate(uint8 number, Candidate memory next) internal {
        Member storage member = members[number];
        delete holderOf[member.certificate];
        holderOf[next.certificate] = number;
        (member.certificate, member.root, member.x, member.y) = (next.certificate, next.root, next.x, next.y);
        emit CertificateChanged(number, next.certificate, next.root, next.x, next.y);
    }

    function _changeNodes(uint8 number, uint8 nodes) internal {
        members[number].nodes = nodes;
        _count(number);
        _ensureVoters();
        emit NodesChanged(number, nodes);
    }

    function _checkRoot(bytes32 root, bool listed) internal view {
        if (root == 0 || roots[root] != listed) revert BadRoot();
    }

    function _listRoot(bytes32 root) internal {
        roots[root] = true;
        emit RootListed(root);
    }

    function _unlistRoot(bytes32 root) internal {
        delete roots[root];
        emit RootUnlisted(root);
    }

    function _ensureVoters() internal view {
        if (_size(voters) < MIN_VOTERS) revert TooFewVoters();
    }

    /// @dev How many members a set has.
    function _size(uint256 set) internal pure returns (uint256 size) {
        for (; set != 0; set &= set - 1) size++;
    }

    function _may(address account, uint8 node) private view returns (bool) {
        Key storage key = keys[account];
        if (key.member == 0 || key.retired || block.timestamp < key.from || block.timestamp >= key.until) return false;
        Member storage member = members[key.member];
        return member.status == Status.Active && member.nodes & node != 0;
    }

    function _addKey(uint8 number, Candidate memory key) private {
        keys[key.key] = Key(number, false, key.from, key.until);
        accounts[number].push(key.key);
        emit KeyAdded(number, key.key, key.from, key.until);
    }

    function _checkKey(Candidate memory key) private view {
        if (key.key == address(0) || key.from >= key.until || key.until <= block.timestamp) revert BadKey();
        // Also what was retired, and what a removed member had: an account is one member's for ever.
        if (keys[key.key].member != 0) revert KeyTaken();
    }

    function _checkCertificate(Candidate memory holder) private view {
        if (holder.certificate == 0 || holderOf[holder.certificate] != 0) revert BadCertificate();
        _checkRoot(holder.root, true);
    }

    function _checkProof(string memory name, Candidate memory holder, Candidate memory key, Proof memory proof) private view {
        bytes32 challenge = challengeOf(name, holder.certificate, key.key, key.from, key.until);
        if (!P256.verify(challenge, proof.r, proof.s, holder.x, holder.y)) revert BadProof();
    }

    function _areNodes(uint8 nodes) private pure returns (bool) {
        return nodes != 0 && nodes <= (PRODUCTION | SERVICE | OBSERVER);
    }

    function _count(uint8 number) private {
        Member storage member = members[number];
        bool votes = member.status == Status.Active && member.nodes & (PRODUCTION | SERVICE) != 0;
        uint256 bit = uint256(1) << number;
        voters = votes ? voters | bit : voters & ~bit;
    }
}
