// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

/// @title Anchors of one append-only log: which root hash the log had at which size.
/// @notice Only permitted members anchor. Sizes grow strictly, over all members together, because there is one log;
/// so no two roots can ever stand for one size, and a root, once recorded, never changes.
contract EvidenceAnchor {
    /// @notice Grants and revokes permission to anchor; may be an account or a voting contract.
    address public admin;

    /// @dev The newest size; its root is in `rootOf`.
    uint64 private newest;

    /// @notice Whether a member may anchor.
    mapping(address member => bool) public permitted;

    /// @notice The root anchored for a size; zero if none.
    mapping(uint64 size => bytes32 root) public rootOf;

    event Anchored(uint64 indexed size, bytes32 root, address sender);
    event Granted(address indexed member);
    event Revoked(address indexed member);
    event AdminChanged(address indexed admin);

    error NotPermitted();
    error NotAdmin();
    error ZeroAdmin();
    error ZeroRoot();
    error Stale(uint64 newest);

    constructor(address initialAdmin, address[] memory members) {
        if (initialAdmin == address(0)) revert ZeroAdmin();
        admin = initialAdmin;
        for (uint256 i = 0; i < members.length; i++) {
            permitted[members[i]] = true;
            emit Granted(members[i]);
        }
    }

    /// @notice Records the log's root at a size larger than every size before.
    /// @dev What is recorded already is accepted in silence: a sender that lost the answer may send again.
    function anchor(uint64 size, bytes32 root) external {
        if (!permitted[msg.sender]) revert NotPermitted();
        if (root == 0) revert ZeroRoot();
        uint64 last = newest;
        if (size <= last) {
            if (rootOf[size] == root) return;
            revert Stale(last);
        }
        newest = size;
        rootOf[size] = root;
        emit Anchored(size, root, msg.sender);
    }

    /// @notice The newest size and its root; zeros before the first anchor.
    function latest() external view returns (uint64 size, bytes32 root) {
        size = newest;
        root = rootOf[size];
    }

    function grant(address member) external onlyAdmin {
        permitted[member] = true;
        emit Granted(member);
    }

    function revoke(address member) external onlyAdmin {
        permitted[member] = false;
        emit Revoked(member);
    }

    function changeAdmin(address next) external onlyAdmin {
        if (next == address(0)) revert ZeroAdmin();
        admin = next;
        emit AdminChanged(next);
    }

    modifier onlyAdmin() {
        if (msg.sender != admin) revert NotAdmin();
        _;
    }
}
