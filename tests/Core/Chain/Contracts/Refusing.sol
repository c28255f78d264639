// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import "./Scene.sol";

/// @dev Members 1 to 5, who act by accounts 0 to 4; the fifth is an observer.
abstract contract Refusing is Scene {
    function setUp() public {
        vm.warp(START);
        consortium = _found(4, 1, 2);
        _admit(4, 4);
    }

    function _refuses(address by, bytes memory call, bytes4 why) internal {
        vm.prank(by);
        (bool done, bytes memory answer) = address(consortium).call(call);
        require(!done, "done");
        require(bytes4(answer) == why, "refused for another reason");
    }

    function _refusesCandidate(Membership.Candidate memory candidate, Membership.Proof memory proof, bytes4 why) internal {
        _refuses(_account(0), abi.encodeCall(Consortium.proposeAdmission, (candidate, proof, _deadline())), why);
    }

    function _refusesThreshold(uint16 numerator, uint16 denominator) internal {
        _refuses(_account(0), abi.encodeCall(Consortium.proposeThreshold, (Consortium.Threshold(numerator, denominator), _deadline())),
            Consortium.BadThreshold.selector);
    }

    function _threshold(uint16 numerator, uint16 denominator) internal returns (uint256) {
        vm.prank(_account(0));
        return consortium.proposeThreshold(Consortium.Threshold(numerator, denominator), _deadline());
    }

    function _thresholdBy(uint256 i) internal returns (uint256) {
        vm.prank(_account(i));
        return consortium.proposeThreshold(Consortium.Threshold(2, 3), _deadline());
    }

    /// @dev Proposed by an account, for its own member.
    function _proposeKey(uint256 by, uint256 organisation, address key, address retired) internal returns (uint256) {
        Membership.Candidate memory next = _candidate(organisation, 3);
        next.key = key;
        Membership.Proof memory proof = _prove(organisation, next);
        vm.prank(_account(by));
        return consortium.proposeKey(uint8(organisation + 1), key, next.from, next.until, retired, proof, _deadline());
    }

    /// @dev Organisation i's next certificate, of key 60.
    function _next(uint256 i) internal view returns (Membership.Candidate memory next) {
        next = _candidate(60, 3);
        next.name = _name(i);
    }

    function _proveCertificate(uint256 by, Membership.Candidate memory next) internal view returns (Membership.Proof memory) {
        Membership.Candidate memory bare;
        (bare.name, bare.certificate) = (next.name, next.certificate);
        return _prove(by, bare);
    }

    function _admit(uint256 i, uint8 nodes) internal {
        Membership.Candidate memory candidate = _candidate(i, nodes);
        Membership.Proof memory proof = _prove(i, candidate);
        vm.prank(_account(0));
        _decide(consortium.proposeAdmission(candidate, proof, _deadline()), 0);
    }

    function _suspend(uint8 member) internal {
        vm.prank(_account(0));
        _decide(consortium.proposeSuspension(member, "certificate revoked", _deadline()), 0);
    }

    function _remove(uint8 member) internal {
        vm.prank(_account(0));
        _decide(consortium.proposeRemoval(member, "left", _deadline()), 0);
    }

    function _vote(uint256 id, uint256 i) internal {
        vm.prank(_account(i));
        consortium.vote(id, true);
    }

    /// @dev By as many of the accounts as it takes, from that one on.
    function _decide(uint256 id, uint256 from) internal {
        for (uint256 i = from; ; i++) {
            (uint256 votes, uint256 needed) = consortium.quorumOf(id);
            if (votes >= needed) break;
            _vote(id, i);
        }

        consortium.execute(id);
    }
}
