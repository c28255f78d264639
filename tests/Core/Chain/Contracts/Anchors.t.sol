// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import "./Scene.sol";

/// @dev Who may anchor, and how the log goes over from the earlier contract. Organisations 0 to 3 are members by accounts 0 to 3; the office's
/// account anchored before.
contract AnchorsTest is Scene {
    address private constant ADMIN = address(0xAD);
    address private constant OFFICE = address(0x0FF1CE);
    address private constant FORGOTTEN = address(0xF0);

    EvidenceAnchor private former;
    ConsortiumAnchor private anchors;

    function setUp() public {
        vm.warp(START);
        consortium = _found(4, 1, 2);
        address[] memory permitted = new address[](2);
        (permitted[0], permitted[1]) = (OFFICE, FORGOTTEN);
        former = EvidenceAnchor(_create("EvidenceAnchor", abi.encode(ADMIN, permitted)));
        anchors = ConsortiumAnchor(_create("ConsortiumAnchor", abi.encode(consortium, former)));
        vm.prank(OFFICE);
        former.anchor(10, "ten");
    }

    function test_the_log_goes_over_and_nothing_is_lost_or_doubled() public {
        _is(anchors.rootOf(10), "ten");
        vm.prank(OFFICE);
        former.anchor(20, "twenty");
        _handOver();
        (uint64 size, bytes32 root) = anchors.latest();
        require(size == 20 && root == "twenty" && anchors.formerSize() == 20, "goes on from the newest");

        _refuses(OFFICE, address(former), abi.encodeCall(EvidenceAnchor.anchor, (30, "thirty")), EvidenceAnchor.NotPermitted.selector);
        _refuses(_account(0), address(anchors), abi.encodeCall(ConsortiumAnchor.anchor, (15, "fifteen")), ConsortiumAnchor.Stale.selector);
        _refuses(_account(0), address(anchors), abi.encodeCall(ConsortiumAnchor.anchor, (20, "other")), ConsortiumAnchor.Stale.selector);
        _anchor(0, 20, "twenty");
        _anchor(0, 30, "thirty");
        _anchor(1, 40, "forty");
        _refuses(_account(0), address(anchors), abi.encodeCall(ConsortiumAnchor.anchor, (40, 0)), ConsortiumAnchor.ZeroRoot.selector);
        _is(anchors.rootOf(10), "ten");
        _is(anchors.rootOf(20), "twenty");
        _is(anchors.rootOf(30), "thirty");
        _is(anchors.rootOf(40), "forty");
        _is(anchors.rootOf(35), 0);
        _is(former.rootOf(30), 0);
    }

    function test_who_was_forgotten_is_shut_out_by_anyone_and_moves_nothing() public {
        _handOver();
        vm.prank(FORGOTTEN);
        former.anchor(25, "secretly");
        _is(anchors.rootOf(25), 0);
        anchors.close(FORGOTTEN);
        _refuses(FORGOTTEN, address(former), abi.encodeCall(EvidenceAnchor.anchor, (26, "x")), EvidenceAnchor.NotPermitted.selector);
        _anchor(0, 25, "openly");
        _is(anchors.rootOf(25), "openly");
    }

    function test_a_removed_members_anchors_stay() public {
        _handOver();
        _anchor(3, 50, "fifty");
        vm.prank(_account(0));
        uint256 id = consortium.proposeRemoval(4, "left", _deadline());
        for (uint256 i = 0; i < 2; i++) {
            vm.prank(_account(i));
            consortium.vote(id, true);
        }

        consortium.execute(id);
        _is(anchors.rootOf(50), "fifty");
        _refuses(_account(3), address(anchors), abi.encodeCall(ConsortiumAnchor.anchor, (60, "sixty")), ConsortiumAnchor.NotPermitted.selector);
        _anchor(0, 60, "sixty");
    }

    function test_refused_a_stranger_anchors() public {
        _handOver();
        _refusesAnchor(address(0xBAD));
    }

    function test_refused_the_former_member_and_administrator_anchor() public {
        _handOver();
        _refusesAnchor(OFFICE);
        _refusesAnchor(ADMIN);
    }

    function test_refused_a_member_without_service_nodes_anchors() public {
        _handOver();
        vm.prank(_account(0));
        uint256 id = consortium.proposeNodes(4, 1, _deadline());
        _passByTwo(id);
        require(consortium.mayValidate(_account(3)), "validates still");
        _refusesAnchor(_account(3));
    }

    function test_refused_a_suspended_member_anchors_until_he_is_resumed() public {
        _handOver();
        vm.prank(_account(0));
        _passByTwo(consortium.proposeSuspension(4, "certificate expired", _deadline()));
        _refusesAnchor(_account(3));
        vm.prank(_account(0));
        _passByTwo(consortium.proposeResumption(4, "certificate renewed", _deadline()));
        _anchor(3, 100, "hundred");
    }

    function test_refused_an_expired_key_anchors() public {
        _handOver();
        vm.warp(START + YEARS);
        _refusesAnchor(_account(0));
    }

    function test_refused_a_retired_key_anchors() public {
        _handOver();
        Membership.Candidate memory next = _candidate(3, 3);
        next.key = _account(50);
        Membership.Proof memory proof = _prove(3, next);
        vm.prank(_account(3));
        _passByTwo(consortium.proposeKey(4, next.key, next.from, next.until, _account(3), proof, _deadline()));
        _refusesAnchor(_account(3));
        vm.prank(next.key);
        anchors.anchor(100, "hundred");
    }

    function test_refused_a_stranger_takes_over() public {
        _refuses(address(0xBAD), address(anchors), abi.encodeCall(ConsortiumAnchor.takeOver, (new address[](0))), ConsortiumAnchor.NotCloser.selector);
    }

    function test_refused_a_member_takes_over() public {
        _refuses(_account(0), address(anchors), abi.encodeCall(ConsortiumAnchor.takeOver, (new address[](0))), ConsortiumAnchor.NotCloser.selector);
    }

    function test_refused_taking_over_what_another_still_administers() public {
        _refuses(ADMIN, address(anchors), abi.encodeCall(ConsortiumAnchor.takeOver, (new address[](0))), ConsortiumAnchor.NotAdmin.selector);
    }

    function test_refused_taking_over_twice() public {
        _handOver();
        _refuses(ADMIN, address(anchors), abi.encodeCall(ConsortiumAnchor.takeOver, (new address[](0))), ConsortiumAnchor.OpenAlready.selector);
    }

    function test_refused_anchors_before_the_earlier_contract_is_closed() public {
        _refuses(_account(0), address(anchors), abi.encodeCall(ConsortiumAnchor.anchor, (11, "x")), ConsortiumAnchor.NotOpen.selector);
        _refuses(address(0xBAD), address(anchors), abi.encodeCall(ConsortiumAnchor.close, (OFFICE)), ConsortiumAnchor.NotOpen.selector);
    }

    function test_refused_the_former_administrator_grants_again() public {
        _handOver();
        _refuses(ADMIN, address(former), abi.encodeCall(EvidenceAnchor.grant, (OFFICE)), EvidenceAnchor.NotAdmin.selector);
    }

    function test_refused_a_contract_without_members() public {
        require(_create("ConsortiumAnchor", abi.encode(address(0xBAD), address(0))) == address(0), "made");
    }

    function test_without_an_earlier_contract_it_is_open_at_once() public {
        anchors = ConsortiumAnchor(_create("ConsortiumAnchor", abi.encode(consortium, address(0))));
        _anchor(0, 1, "one");
        _is(anchors.rootOf(1), "one");
    }

    function _handOver() private {
        vm.prank(ADMIN);
        former.changeAdmin(address(anchors));
        address[] memory permitted = new address[](1);
        permitted[0] = OFFICE;
        vm.prank(ADMIN);
        anchors.takeOver(permitted);
    }

    function _passByTwo(uint256 id) private {
        for (uint256 i = 0; i < 2; i++) {
            vm.prank(_account(i));
            consortium.vote(id, true);
        }

        consortium.execute(id);
    }

    function _anchor(uint256 i, uint64 size, bytes32 root) private {
        vm.prank(_account(i));
        anchors.anchor(size, root);
    }

    function _refusesAnchor(address by) private {
        _refuses(by, address(anchors), abi.encodeCall(ConsortiumAnchor.anchor, (1000, "x")), ConsortiumAnchor.NotPermitted.selector);
    }

    function _refuses(address by, address place, bytes memory call, bytes4 why) private {
        vm.prank(by);
        (bool done, bytes memory answer) = place.call(call);
        require(!done, "done");
        require(bytes4(answer) == why, "refused for another reason");
    }

    function _is(bytes32 root, bytes32 expected) private pure {
        require(root == expected, "another root");
    }
}
