// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import "./Refusing.sol";

/// @dev What the wrong people try with votes, each refused by the contract itself.
contract RefusalsTest is Refusing {
    address private constant STRANGER = address(0xBAD);

    function test_refused_a_stranger_proposes() public {
        _refuses(STRANGER, abi.encodeCall(Consortium.proposeRemoval, (1, "because", _deadline())), Consortium.NotAMember.selector);
    }

    function test_refused_a_stranger_votes() public {
        _refuses(STRANGER, abi.encodeCall(Consortium.vote, (_threshold(2, 3), true)), Consortium.NotAMember.selector);
    }

    function test_refused_an_observer_proposes() public {
        _refuses(_account(4), abi.encodeCall(Consortium.proposeRemoval, (1, "because", _deadline())), Consortium.NotEntitled.selector);
    }

    function test_refused_an_observer_votes() public {
        _refuses(_account(4), abi.encodeCall(Consortium.vote, (_threshold(2, 3), true)), Consortium.NotEntitled.selector);
    }

    function test_refused_a_suspended_member_proposes() public {
        _suspend(4);
        _refuses(_account(3), abi.encodeCall(Consortium.proposeRoot, (OTHER_ROOT, true, _deadline())), Consortium.NotEntitled.selector);
    }

    function test_refused_a_suspended_member_votes() public {
        uint256 id = _threshold(2, 3);
        _suspend(4);
        _refuses(_account(3), abi.encodeCall(Consortium.vote, (id, true)), Consortium.NotEntitled.selector);
    }

    function test_refused_a_removed_member_proposes() public {
        _remove(4);
        _refuses(_account(3), abi.encodeCall(Consortium.proposeRoot, (OTHER_ROOT, true, _deadline())), Consortium.NotEntitled.selector);
    }

    function test_refused_a_removed_member_votes() public {
        uint256 id = _threshold(2, 3);
        _remove(4);
        _refuses(_account(3), abi.encodeCall(Consortium.vote, (id, true)), Consortium.NotEntitled.selector);
    }

    function test_refused_a_member_votes_against_his_own_removal() public {
        vm.prank(_account(0));
        uint256 id = consortium.proposeRemoval(2, "left", _deadline());
        _refuses(_account(1), abi.encodeCall(Consortium.vote, (id, false)), Consortium.OwnCase.selector);
    }

    function test_refused_a_member_votes_against_his_own_suspension() public {
        vm.prank(_account(0));
        uint256 id = consortium.proposeSuspension(2, "certificate expired", _deadline());
        _refuses(_account(1), abi.encodeCall(Consortium.vote, (id, false)), Consortium.OwnCase.selector);
    }

    function test_refused_a_member_votes_for_his_own_nodes() public {
        vm.prank(_account(1));
        uint256 id = consortium.proposeNodes(2, 1, _deadline());
        _refuses(_account(1), abi.encodeCall(Consortium.vote, (id, true)), Consortium.OwnCase.selector);
    }

    function test_refused_a_member_votes_for_his_own_key() public {
        uint256 id = _proposeKey(1, 1, _account(50), address(0));
        _refuses(_account(1), abi.encodeCall(Consortium.vote, (id, true)), Consortium.OwnCase.selector);
    }

    function test_refused_a_member_votes_for_his_own_certificate() public {
        Membership.Candidate memory next = _next(1);
        Membership.Proof memory proof = _proveCertificate(60, next);
        vm.prank(_account(1));
        uint256 id = consortium.proposeCertificate(2, next.certificate, next.root, next.x, next.y, proof, _deadline());
        _refuses(_account(1), abi.encodeCall(Consortium.vote, (id, true)), Consortium.OwnCase.selector);
    }

    function test_refused_a_member_votes_twice() public {
        uint256 id = _threshold(2, 3);
        _vote(id, 0);
        _refuses(_account(0), abi.encodeCall(Consortium.vote, (id, true)), Consortium.VotedAlready.selector);
    }

    function test_refused_a_member_takes_his_vote_back() public {
        uint256 id = _threshold(2, 3);
        _vote(id, 0);
        _refuses(_account(0), abi.encodeCall(Consortium.vote, (id, false)), Consortium.VotedAlready.selector);
    }

    function test_refused_a_member_votes_again_by_a_second_key() public {
        _decide(_proposeKey(0, 0, _account(50), address(0)), 1);
        uint256 id = _threshold(2, 3);
        _vote(id, 0);
        _refuses(_account(50), abi.encodeCall(Consortium.vote, (id, true)), Consortium.VotedAlready.selector);
    }

    function test_refused_a_retired_key_votes() public {
        _decide(_proposeKey(0, 0, _account(50), _account(0)), 1);
        _refuses(_account(0), abi.encodeCall(Consortium.vote, (_thresholdBy(1), true)), Consortium.KeyNotValid.selector);
    }

    function test_refused_an_expired_key_votes_on_anything_but_keys() public {
        vm.warp(START + YEARS - 1 days);
        uint256 id = _threshold(2, 3);
        uint256 key = _proposeKey(1, 1, _account(50), _account(1));
        vm.warp(START + YEARS);
        _refuses(_account(0), abi.encodeCall(Consortium.vote, (id, true)), Consortium.KeyNotValid.selector);
        _vote(key, 0);
        _vote(key, 2);
        consortium.execute(key);
    }

    function test_refused_a_key_votes_before_its_time() public {
        Membership.Candidate memory later = _candidate(0, 3);
        (later.key, later.from) = (_account(50), START + 30 days);
        Membership.Proof memory proof = _prove(0, later);
        vm.prank(_account(0));
        _decide(consortium.proposeKey(1, later.key, later.from, later.until, address(0), proof, _deadline()), 1);
        _refuses(later.key, abi.encodeCall(Consortium.vote, (_threshold(2, 3), true)), Consortium.KeyNotValid.selector);
    }

    function test_refused_a_newcomer_votes_on_what_was_open_before() public {
        uint256 id = _threshold(2, 3);
        _admit(5, 3);
        _refuses(_account(5), abi.encodeCall(Consortium.vote, (id, true)), Consortium.NotEntitled.selector);
    }

    function test_refused_half_the_voters_decide() public {
        uint256 id = _threshold(2, 3);
        _vote(id, 0);
        _vote(id, 1);
        _refuses(_account(0), abi.encodeCall(Consortium.execute, (id)), Consortium.NotEnoughVotes.selector);
    }

    function test_refused_a_removed_members_vote_is_counted() public {
        uint256 id = _threshold(2, 3);
        _vote(id, 1);
        _vote(id, 2);
        _vote(id, 3);
        _remove(4);
        _refuses(_account(0), abi.encodeCall(Consortium.execute, (id)), Consortium.NotEnoughVotes.selector);
    }

    function test_refused_newcomers_are_left_out_of_the_count() public {
        uint256 id = _threshold(2, 3);
        _vote(id, 0);
        _vote(id, 1);
        _vote(id, 2);
        _admit(5, 3);
        _admit(6, 3);
        _refuses(_account(0), abi.encodeCall(Consortium.execute, (id)), Consortium.NotEnoughVotes.selector);
    }

    function test_refused_a_threshold_is_lowered_by_the_lower_one() public {
        uint256 raise = _threshold(1, 1);
        uint256 lower = _threshold(1, 2);
        _decide(raise, 0);
        _vote(lower, 0);
        _vote(lower, 1);
        _vote(lower, 2);
        _refuses(_account(0), abi.encodeCall(Consortium.execute, (lower)), Consortium.NotEnoughVotes.selector);
        _vote(lower, 3);
        consortium.execute(lower);
    }

    function test_refused_what_was_put_to_all_is_decided_by_most() public {
        _decide(_threshold(1, 1), 0);
        uint256 lower = _threshold(1, 2);
        uint256 open = _threshold(2, 3);
        _decide(lower, 0);
        for (uint256 i = 0; i < 3; i++) _vote(open, i);
        _refuses(_account(0), abi.encodeCall(Consortium.execute, (open)), Consortium.NotEnoughVotes.selector);
        _vote(open, 3);
        consortium.execute(open);
    }

    function test_refused_a_decision_is_made_twice() public {
        uint256 id = _threshold(2, 3);
        _decide(id, 0);
        _refuses(_account(0), abi.encodeCall(Consortium.execute, (id)), Consortium.ExecutedAlready.selector);
        _refuses(_account(3), abi.encodeCall(Consortium.vote, (id, true)), Consortium.ExecutedAlready.selector);
    }

    function test_refused_a_vote_comes_late() public {
        uint256 id = _threshold(2, 3);
        vm.warp(START + 7 days + 1);
        _refuses(_account(0), abi.encodeCall(Consortium.vote, (id, true)), Consortium.TooLate.selector);
    }

    function test_refused_a_lapsed_decision_is_made() public {
        uint256 id = _threshold(2, 3);
        _vote(id, 0);
        _vote(id, 1);
        _vote(id, 2);
        vm.warp(START + 14 days + 1);
        _refuses(_account(0), abi.encodeCall(Consortium.execute, (id)), Consortium.TooLate.selector);
    }

    function test_refused_a_vote_on_nothing() public {
        _refuses(_account(0), abi.encodeCall(Consortium.vote, (99, true)), Consortium.NoSuchProposal.selector);
        _refuses(_account(0), abi.encodeCall(Consortium.execute, (99)), Consortium.NoSuchProposal.selector);
    }

    function test_refused_a_vote_that_nobody_can_hear_of_or_that_never_ends() public {
        _refuses(_account(0), abi.encodeCall(Consortium.proposeRoot, (OTHER_ROOT, true, START + 1 hours - 1)), Consortium.BadDeadline.selector);
        _refuses(_account(0), abi.encodeCall(Consortium.proposeRoot, (OTHER_ROOT, true, START + 90 days + 1)), Consortium.BadDeadline.selector);
    }

    function test_refused_a_threshold_below_half_or_above_all() public {
        _refusesThreshold(49, 100);
        _refusesThreshold(0, 1);
        _refusesThreshold(5, 4);
        _refusesThreshold(0, 0);
        _refusesThreshold(101, 101);
    }

    function test_refused_voters_become_fewer_than_three() public {
        _remove(4);
        vm.prank(_account(0));
        uint256 removal = consortium.proposeRemoval(3, "left", _deadline());
        vm.prank(_account(0));
        uint256 suspension = consortium.proposeSuspension(3, "expired", _deadline());
        vm.prank(_account(0));
        uint256 nodes = consortium.proposeNodes(3, 4, _deadline());
        for (uint256 id = removal; id <= nodes; id++) {
            _vote(id, 0);
            _vote(id, 1);
            _refuses(_account(0), abi.encodeCall(Consortium.execute, (id)), Membership.TooFewVoters.selector);
        }

        require(suspension == removal + 1 && _size(consortium.voters()) == 3, "as before");
    }

    function test_refused_a_removed_member_is_resumed_or_removed_again() public {
        _remove(4);
        _refuses(_account(0), abi.encodeCall(Consortium.proposeResumption, (4, "back", _deadline())), Membership.WrongStatus.selector);
        _refuses(_account(0), abi.encodeCall(Consortium.proposeRemoval, (4, "again", _deadline())), Membership.WrongStatus.selector);
        _refuses(_account(0), abi.encodeCall(Consortium.proposeSuspension, (99, "who", _deadline())), Membership.WrongStatus.selector);
    }
}
