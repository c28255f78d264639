// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import "./Refusing.sol";

/// @dev On a chain without the P-256 precompile: run by itself, in an EVM of an earlier fork. A test that is under way cannot leave its precompiles.
contract FallbackTest is Refusing {
    function test_proofs_are_judged_all_the_same() public {
        bytes32 digest = sha256("whatever");
        Membership.Proof memory good = _sign(5, digest);
        (uint256 x, uint256 y) = vm.publicKeyP256(1005);
        (bool done, bytes memory answer) = address(0x100).staticcall(abi.encode(digest, good.r, good.s, x, y));
        require(done && answer.length == 0, "the precompile is there");

        Membership.Candidate memory candidate = _candidate(5, 3);
        _refusesCandidate(candidate, _prove(6, candidate), Membership.BadProof.selector);
        _admit(5, 3);
        require(consortium.mayAnchor(_account(5)), "admitted");
    }
}
