// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import "./Refusing.sol";

/// @dev Candidates, keys and certificates that are not what they should be, each refused by the contract itself.
contract CandidatesTest is Refusing {
    function test_refused_a_candidate_proves_nothing() public {
        _refusesCandidate(_candidate(5, 3), Membership.Proof(0, 0), Membership.BadProof.selector);
    }

    function test_refused_a_candidate_brings_another_organisations_proof() public {
        Membership.Candidate memory candidate = _candidate(5, 3);
        _refusesCandidate(candidate, _prove(6, candidate), Membership.BadProof.selector);
    }

    function test_refused_a_candidate_brings_a_proof_for_another_account() public {
        Membership.Candidate memory candidate = _candidate(5, 3);
        Membership.Proof memory proof = _prove(5, candidate);
        candidate.key = _account(70);
        _refusesCandidate(candidate, proof, Membership.BadProof.selector);
    }

    function test_refused_a_candidate_brings_a_proof_for_another_name() public {
        Membership.Candidate memory candidate = _candidate(5, 3);
        Membership.Proof memory proof = _prove(5, candidate);
        candidate.name = "Somebody else";
        _refusesCandidate(candidate, proof, Membership.BadProof.selector);
    }

    function test_refused_a_candidate_brings_a_proof_for_another_contract() public {
        Membership.Candidate memory candidate = _candidate(5, 3);
        _refusesCandidate(candidate, _prove(5, candidate, address(this)), Membership.BadProof.selector);
    }

    function test_refused_a_candidate_brings_a_proof_for_another_chain() public {
        Membership.Candidate memory candidate = _candidate(5, 3);
        Membership.Proof memory proof = _prove(5, candidate);
        vm.chainId(1);
        _refusesCandidate(candidate, proof, Membership.BadProof.selector);
    }

    function test_refused_a_proof_is_written_another_way() public {
        Membership.Candidate memory candidate = _candidate(5, 3);
        Membership.Proof memory proof = _prove(5, candidate);
        proof.s = bytes32(N - uint256(proof.s));
        _refusesCandidate(candidate, proof, Membership.BadProof.selector);
    }

    function test_refused_a_candidate_of_an_unlisted_root() public {
        Membership.Candidate memory candidate = _candidate(5, 3);
        candidate.root = OTHER_ROOT;
        _refusesCandidate(candidate, _prove(5, candidate), Membership.BadRoot.selector);
    }

    function test_refused_a_candidate_whose_root_was_unlisted_meanwhile() public {
        Membership.Candidate memory candidate = _candidate(5, 3);
        Membership.Proof memory proof = _prove(5, candidate);
        vm.prank(_account(0));
        uint256 id = consortium.proposeAdmission(candidate, proof, _deadline());
        vm.prank(_account(0));
        _decide(consortium.proposeRoot(ROOT, false, _deadline()), 0);
        for (uint256 i = 0; i < 3; i++) _vote(id, i);
        _refuses(_account(0), abi.encodeCall(Consortium.execute, (id)), Membership.BadRoot.selector);
    }

    function test_refused_a_candidate_with_a_members_certificate() public {
        Membership.Candidate memory candidate = _candidate(1, 3);
        candidate.key = _account(70);
        _refusesCandidate(candidate, _prove(1, candidate), Membership.BadCertificate.selector);
    }

    function test_refused_a_candidate_with_a_members_account() public {
        Membership.Candidate memory candidate = _candidate(5, 3);
        candidate.key = _account(1);
        _refusesCandidate(candidate, _prove(5, candidate), Membership.KeyTaken.selector);
    }

    function test_refused_a_candidate_with_a_removed_members_account() public {
        _remove(4);
        Membership.Candidate memory candidate = _candidate(5, 3);
        candidate.key = _account(3);
        _refusesCandidate(candidate, _prove(5, candidate), Membership.KeyTaken.selector);
    }

    function test_refused_a_candidate_without_name_or_nodes_or_time() public {
        Membership.Candidate memory candidate = _candidate(5, 8);
        _refusesCandidate(candidate, _prove(5, candidate), Membership.BadNodes.selector);
        candidate = _candidate(5, 0);
        _refusesCandidate(candidate, _prove(5, candidate), Membership.BadNodes.selector);
        candidate = _candidate(5, 3);
        candidate.name = "";
        _refusesCandidate(candidate, _prove(5, candidate), Membership.BadText.selector);
        candidate = _candidate(5, 3);
        candidate.until = START;
        _refusesCandidate(candidate, _prove(5, candidate), Membership.BadKey.selector);
    }

    function test_refused_a_retired_account_comes_back() public {
        _decide(_proposeKey(0, 0, _account(50), _account(0)), 1);
        Membership.Candidate memory back = _candidate(0, 3);
        Membership.Proof memory proof = _prove(0, back);
        _refuses(_account(1), abi.encodeCall(Consortium.proposeKey, (1, back.key, back.from, back.until, address(0), proof, _deadline())),
            Membership.KeyTaken.selector);
    }

    function test_refused_one_member_gives_another_a_key_of_his_own() public {
        Membership.Candidate memory key = _candidate(1, 3);
        key.key = _account(50);
        Membership.Proof memory proof = _prove(0, key);
        _refuses(_account(0), abi.encodeCall(Consortium.proposeKey, (2, key.key, key.from, key.until, address(0), proof, _deadline())),
            Membership.BadProof.selector);
    }

    function test_refused_a_member_retires_another_members_key() public {
        Membership.Candidate memory key = _candidate(0, 3);
        key.key = _account(50);
        Membership.Proof memory proof = _prove(0, key);
        _refuses(_account(0), abi.encodeCall(Consortium.proposeKey, (1, key.key, key.from, key.until, _account(1), proof, _deadline())),
            Membership.BadKey.selector);
    }

    function test_refused_a_certificate_without_its_key() public {
        Membership.Candidate memory next = _next(1);
        Membership.Proof memory proof = _proveCertificate(1, next);
        _refuses(_account(1), abi.encodeCall(Consortium.proposeCertificate,
            (2, next.certificate, next.root, next.x, next.y, proof, _deadline())), Membership.BadProof.selector);
    }

    function test_refused_two_found_a_consortium() public {
        require(address(_found(2, 1, 2)) == address(0), "two");
        require(address(_found(3, 1, 3)) == address(0), "a third");
        require(address(_found(3, 1, 2)) != address(0), "three");
    }

    function test_refused_a_founder_without_proof() public {
        Membership.Candidate[] memory founders = new Membership.Candidate[](3);
        Membership.Proof[] memory proofs = new Membership.Proof[](3);
        address place = vm.computeCreateAddress(address(this), vm.getNonce(address(this)));
        for (uint256 i = 0; i < 3; i++) {
            founders[i] = _candidate(i, 3);
            proofs[i] = _prove(i == 2 ? 1 : i, founders[i], place);
        }

        require(_foundWith(founders, proofs, Consortium.Threshold(1, 2)) == address(0), "founded");
    }
}
