// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import "./Scene.sol";

/// @dev Does anything at random to the contracts, in anybody's name, and keeps books of its own of what must follow.
contract Anybody is Scene {
    /// Enough for members to come and go; beyond, calls would only grow dearer.
    uint256 private constant MAX_EVER = 14;
    uint256 private constant MAX_ACCOUNTS = 20;
    uint256 private constant RECENT = 4;

    struct Book {
        Consortium.Kind kind;
        uint8 member;
        uint16 numerator;
        uint16 denominator;
        uint8 nodes;
        uint256 electors;
        bool executed;
    }

    ConsortiumAnchor public anchors;
    uint256 public accounts;
    uint256 public executedCount;
    uint256 public refusedCount;
    uint256 public voteCount;
    uint256 public anchorCount;

    uint16 public numerator = 1;
    uint16 public denominator = 2;
    uint8 public members;
    uint64 public newest;

    mapping(uint256 id => Book) private books;
    mapping(uint256 id => mapping(uint8 member => uint8)) private said;
    mapping(uint256 id => mapping(uint8 member => bool)) private could;
    mapping(uint8 member => bool) public present;
    mapping(uint8 member => bool) public suspended;
    mapping(uint8 member => uint8) public nodesOf;
    mapping(address account => uint8) private ownerOf;
    mapping(address account => bool) private isRetired;
    mapping(uint256 id => address) private pendingKey;
    mapping(uint256 id => address) private pendingRetired;
    mapping(uint64 size => bytes32) private roots;
    uint64[] private sizes;

    constructor() {
        vm.warp(START);
        consortium = _found(4, 1, 2);
        anchors = ConsortiumAnchor(_create("ConsortiumAnchor", abi.encode(consortium, address(0))));
        (members, accounts) = (4, 4);
        for (uint8 i = 1; i <= 4; i++) {
            (present[i], nodesOf[i], ownerOf[_account(i - 1)]) = (true, 3, i);
        }
    }

    function contractUnderTest() external view returns (Consortium) {
        return consortium;
    }

    function votes(uint8 member) public view returns (bool) {
        return present[member] && !suspended[member] && nodesOf[member] & 3 != 0;
    }

    function voters() external view returns (uint256 set) {
        for (uint8 m = 1; m <= members; m++) if (votes(m)) set |= uint256(1) << m;
    }

    function admission(uint256 who, uint8 types) external {
        if (members >= MAX_EVER || accounts >= MAX_ACCOUNTS) return;
        Membership.Candidate memory candidate = _candidate(members, types % 9);
        candidate.key = _account(accounts);
        Membership.Proof memory proof = _prove(members, candidate);
        vm.prank(_someone(who));
        try consortium.proposeAdmission(candidate, proof, _deadline()) returns (uint256 id) {
            _write(id, Consortium.Kind.Admit, 0, candidate.nodes);
            pendingKey[id] = candidate.key;
            accounts++;
        } catch {
            refusedCount++;
        }
    }

    function about(uint256 who, uint8 kind, uint8 member) external {
        member = member % (members + 2);
        kind = kind % 3;
        vm.prank(_someone(who));
        (bool done, bytes memory answer) = address(consortium).call(kind == 0
            ? abi.encodeCall(Consortium.proposeRemoval, (member, "because", _deadline()))
            : kind == 1 ? abi.encodeCall(Consortium.proposeSuspension, (member, "expired", _deadline()))
            : abi.encodeCall(Consortium.proposeResumption, (member, "renewed", _deadline())));
        Consortium.Kind[3] memory kinds = [Consortium.Kind.Remove, Consortium.Kind.Suspend, Consortium.Kind.Resume];
        if (done) _write(abi.decode(answer, (uint256)), kinds[kind], member, 0);
        else refusedCount++;
    }

    function nodes(uint256 who, uint8 member, uint8 next) external {
        member = member % (members + 2);
        vm.prank(_someone(who));
        try consortium.proposeNodes(member, next % 9, _deadline()) returns (uint256 id) {
            _write(id, Consortium.Kind.SetNodes, member, next % 9);
        } catch {
            refusedCount++;
        }
    }

    function share(uint256 who, uint16 next, uint16 parts) external {
        (next, parts) = (next % 8, parts % 8);
        vm.prank(_someone(who));
        try consortium.proposeThreshold(Consortium.Threshold(next, parts), _deadline()) returns (uint256 id) {
            // Kept where a member's nodes would be: both are below eight.
            _write(id, Consortium.Kind.SetThreshold, 0, uint8(next << 4 | parts));
        } catch {
            refusedCount++;
        }
    }

    function key(uint256 who, uint8 organisation, bool retire, uint256 which) external {
        if (accounts >= MAX_ACCOUNTS) return;
        organisation = organisation % members;
        Membership.Candidate memory next = _candidate(organisation, 3);
        next.key = _account(accounts);
        Membership.Proof memory proof = _prove(organisation, next);
        address retired = retire ? _someone(which) : address(0);
        vm.prank(_someone(who));
        try consortium.proposeKey(organisation + 1, next.key, next.from, next.until, retired, proof, _deadline()) returns (uint256 id) {
            _write(id, Consortium.Kind.SetKey, organisation + 1, 0);
            (pendingKey[id], pendingRetired[id]) = (next.key, retired);
            accounts++;
        } catch {
            refusedCount++;
        }
    }

    function vote(uint256 who, uint256 which, uint8 inFavour) external {
        _vote(_someone(who), _recent(which), inFavour % 4 != 0);
    }

    /// @dev Everybody says yes by every account, which no chance would bring about.
    function rally(uint256 which) external {
        uint256 id = _recent(which);
        for (uint256 i = 0; i < accounts; i++) _vote(_account(i), id, true);
    }

    function execute(uint256 which) external {
        _execute(_recent(which));
    }

    function decide(uint256 which) external {
        uint256 id = _recent(which);
        for (uint256 i = 0; i < accounts && !_enough(id); i++) _vote(_account(i), id, true);
        _execute(id);
    }

    function anchor(uint256 who, uint64 size, bytes32 root) external {
        address by = _someone(who);
        size = newest + size % 5;
        if (size > 2) size -= 2;
        vm.prank(by);
        try anchors.anchor(size, root) {
            uint8 member = ownerOf[by];
            require(present[member] && !suspended[member] && nodesOf[member] & 2 != 0 && !isRetired[by], "anchored without permission");
            if (size > newest) {
                (newest, roots[size]) = (size, root);
                sizes.push(size);
                anchorCount++;
            } else {
                require(roots[size] == root && root != 0, "a root was replaced");
            }
        } catch {
            refusedCount++;
        }

        (uint64 last, bytes32 newestRoot) = anchors.latest();
        require(last == newest && newestRoot == roots[newest], "sizes only grow");
        if (sizes.length > 0) {
            uint64 any = sizes[uint256(root) % sizes.length];
            require(anchors.rootOf(any) == roots[any], "a root is not what it was");
        }
    }

    function wait_(uint32 seconds_) external {
        vm.warp(block.timestamp + seconds_ % 3 days);
    }

    function _vote(address by, uint256 id, bool inFavour) private {
        vm.prank(by);
        try consortium.vote(id, inFavour) {
            uint8 member = ownerOf[by];
            require(said[id][member] == 0, "counted twice");
            require(could[id][member] && votes(member), "not his to vote");
            require(books[id].member != member, "his own case");
            require(!isRetired[by], "by a retired key");
            said[id][member] = inFavour ? 1 : 2;
            voteCount++;
        } catch {
            refusedCount++;
        }
    }

    function _execute(uint256 id) private {
        Book storage book = books[id];
        bool enough = _enough(id);
        try consortium.execute(id) {
            require(enough, "without its quorum");
            require(!book.executed, "twice");
            book.executed = true;
            executedCount++;
            _follow(id, book);
        } catch (bytes memory why) {
            if (bytes4(why) == Consortium.NotEnoughVotes.selector) require(!enough, "had its quorum");
            refusedCount++;
        }
    }

    /// @dev By the rule's words: the share when it was opened of those then, and the share now of those now, and more than half of both.
    function _enough(uint256 id) private view returns (bool) {
        Book storage book = books[id];
        if (book.kind == Consortium.Kind.None) return false;
        uint256 yes;
        uint256 electorsNow;
        for (uint8 m = 1; m <= members; m++) {
            if (!votes(m)) continue;
            if (m != book.member) electorsNow++;
            if (could[id][m] && said[id][m] == 1) yes++;
        }

        return yes * 2 > book.electors && yes * book.denominator >= book.electors * book.numerator
            && yes * 2 > electorsNow && yes * denominator >= electorsNow * numerator;
    }

    function _follow(uint256 id, Book storage book) private {
        Consortium.Kind kind = book.kind;
        if (kind == Consortium.Kind.Admit) {
            members++;
            (present[members], nodesOf[members], ownerOf[pendingKey[id]]) = (true, book.nodes, members);
        } else if (kind == Consortium.Kind.Remove) {
            (present[book.member], suspended[book.member]) = (false, false);
        } else if (kind == Consortium.Kind.Suspend) {
            suspended[book.member] = true;
        } else if (kind == Consortium.Kind.Resume) {
            suspended[book.member] = false;
        } else if (kind == Consortium.Kind.SetNodes) {
            nodesOf[book.member] = book.nodes;
        } else if (kind == Consortium.Kind.SetThreshold) {
            (numerator, denominator) = (book.nodes >> 4, book.nodes & 15);
        } else {
            ownerOf[pendingKey[id]] = book.member;
            if (pendingRetired[id] != address(0)) isRetired[pendingRetired[id]] = true;
        }
    }

    function _write(uint256 id, Consortium.Kind kind, uint8 member, uint8 nodes_) private {
        Book storage book = books[id];
        require(book.kind == Consortium.Kind.None, "a number given twice");
        (book.kind, book.member, book.nodes, book.numerator, book.denominator) = (kind, member, nodes_, numerator, denominator);
        for (uint8 m = 1; m <= members; m++) {
            if (!votes(m) || m == member) continue;
            could[id][m] = true;
            book.electors++;
        }
    }

    /// @dev Now and then a stranger, else any account that was ever proposed.
    function _someone(uint256 seed) private view returns (address) {
        return seed % 17 == 0 ? address(0xBAD) : _account(seed % accounts);
    }

    function _recent(uint256 seed) private view returns (uint256) {
        uint256 count = consortium.proposalCount();
        return count > seed % RECENT ? count - seed % RECENT : count;
    }
}

contract InvariantsTest is Scene {
    Anybody private anybody;

    function setUp() public {
        anybody = new Anybody();
        consortium = anybody.contractUnderTest();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(anybody);
    }

    function invariant_the_rules_hold() public view {
        (uint16 numerator, uint16 denominator) = consortium.threshold();
        require(numerator == anybody.numerator() && denominator == anybody.denominator(), "another threshold than was decided");
        require(denominator > 0 && numerator <= denominator && 2 * numerator >= denominator, "a threshold below the rule");
        uint256 voters = consortium.voters();
        uint8 members = anybody.members();
        require(consortium.memberCount() == members, "another number of members");
        require(voters == anybody.voters(), "others vote than were decided");
        uint256 count = _size(voters);
        require(count >= 3, "too few voters");
        uint256 needed = consortium.neededOf(count);
        require(needed * 2 > count && needed <= count, "needs half or less, or more than all");
    }

    /// @dev A run in which nothing ever happens proves nothing.
    function afterInvariant() public view {
        require(anybody.executedCount() > 0 && anybody.voteCount() > 0 && anybody.anchorCount() > 0 && anybody.refusedCount() > 0, "idle");
    }
}
