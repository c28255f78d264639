// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import "./Consortium.sol";
import "./EvidenceAnchor.sol";

/// @title Anchors of one append-only log, by whom the consortium lets: which root hash the log had at which size.
/// @notice It goes on where an earlier EvidenceAnchor stopped: sizes grow strictly over both, and the earlier one's roots are answered here too.
/// Whether a sender may anchor is asked of the consortium at each call; what is recorded stays, whatever becomes of who recorded it.
contract ConsortiumAnchor {
    /// @notice Says who may anchor.
    Consortium public consortium;

    /// @dev The newest size, over both contracts.
    uint64 private newest;

    /// @notice Whether it takes anchors: false until the earlier contract is closed.
    bool public open;

    /// @notice The earlier contract, zero if there is none, and the last size it has a say in.
    EvidenceAnchor public former;
    uint64 public formerSize;

    /// @notice Who administered the earlier contract when this one was made: he alone can close it. Nothing else is his.
    address public closer;

    mapping(uint64 size => bytes32 root) private recorded;

    event Anchored(uint64 indexed size, bytes32 root, address sender);
    event Opened(uint64 size, bytes32 root);

    error NotPermitted();
    error ZeroRoot();
    error Stale(uint64 newest);
    error NotOpen();
    error OpenAlready();
    error NotCloser();
    error NotAdmin();

    constructor(Consortium members, EvidenceAnchor earlier) {
        // A consortium of no members is a wrong address.
        if (members.memberCount() == 0) revert NotPermitted();
        consortium = members;
        if (address(earlier) == address(0)) {
            open = true;
            emit Opened(0, 0);
        } else {
            (former, closer) = (earlier, earlier.admin());
        }
    }

    /// @notice Closes the earlier contract and goes on from its newest size, in one transaction: there is no moment at which both take anchors
    /// or neither could be asked.
    /// @param permitted All who may still anchor there, by its Granted and Revoked events. This contract must be its administrator by now,
    /// and grants nothing ever, so it stays closed.
    function takeOver(address[] calldata permitted) external {
        if (open) revert OpenAlready();
        if (msg.sender != closer) revert NotCloser();
        if (former.admin() != address(this)) revert NotAdmin();
        for (uint256 i = 0; i < permitted.length; i++) former.revoke(permitted[i]);
        (uint64 size, bytes32 root) = former.latest();
        (newest, formerSize, open) = (size, size, true);
        emit Opened(size, root);
    }

    /// @notice Revokes there whoever takeOver's list forgot. Anyone may: it can only close.
    function close(address member) external {
        if (!open || address(former) == address(0)) revert NotOpen();
        former.revoke(member);
    }

    /// @notice Records the log's root at a size larger than every size before.
    /// @dev What is recorded already is accepted in silence: a sender that lost the answer may send again.
    function anchor(uint64 size, bytes32 root) external {
        if (!open) revert NotOpen();
        if (!consortium.mayAnchor(msg.sender)) revert NotPermitted();
        if (root == 0) revert ZeroRoot();
        uint64 last = newest;
        if (size <= last) {
            if (rootOf(size) == root) return;
            revert Stale(last);
        }
        newest = size;
        recorded[size] = root;
        emit Anchored(size, root, msg.sender);
    }

    /// @notice The newest size and its root; zeros before the first anchor.
    function latest() external view returns (uint64 size, bytes32 root) {
        if (!open) return former.latest();
        size = newest;
        root = rootOf(size);
    }

    /// @notice The root anchored for a size, here or before; zero if none.
    function rootOf(uint64 size) public view returns (bytes32) {
        if (address(former) != address(0) && (!open || size <= formerSize)) return former.rootOf(size);
        return recorded[size];
    }
}
