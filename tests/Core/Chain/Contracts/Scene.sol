// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import "../contracts/ConsortiumAnchor.sol";
import "./Vm.sol";

/// @dev Organisations with P-256 keys of their own and accounts, and the contracts as they are committed.
abstract contract Scene {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    uint256 internal constant N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551;
    bytes32 internal constant ROOT = keccak256("root one");
    bytes32 internal constant OTHER_ROOT = keccak256("root two");
    uint64 internal constant START = 1_800_000_000;
    uint64 internal constant YEARS = 3 * 365 days;

    Consortium internal consortium;

    function _account(uint256 i) internal pure returns (address) {
        return address(uint160(0xA11CE000 + i));
    }

    function _name(uint256 i) internal pure returns (string memory) {
        return string(abi.encodePacked("Organisation ", bytes1(uint8(65 + i % 26))));
    }

    /// @dev Organisation i, who acts by account i.
    function _candidate(uint256 i, uint8 nodes) internal view returns (Membership.Candidate memory candidate) {
        (uint256 x, uint256 y) = vm.publicKeyP256(1000 + i);
        candidate = Membership.Candidate(_name(i), keccak256(abi.encode("certificate", i)), ROOT, bytes32(x), bytes32(y), nodes, _account(i),
            uint64(block.timestamp), uint64(block.timestamp) + YEARS);
    }

    function _prove(uint256 i, Membership.Candidate memory candidate, address place) internal view returns (Membership.Proof memory) {
        return _sign(i, _challenge(candidate, place));
    }

    function _prove(uint256 i, Membership.Candidate memory candidate) internal view returns (Membership.Proof memory) {
        return _prove(i, candidate, address(consortium));
    }

    /// @dev As docs/consortium.md has it, not as the contract computes it.
    function _challenge(Membership.Candidate memory candidate, address place) internal view returns (bytes32) {
        bytes memory head = abi.encodePacked("notary-consortium/1 key", hex"00", uint256(block.chainid), place);
        bytes memory tail = abi.encodePacked(candidate.key, candidate.from, candidate.until, sha256(bytes(candidate.name)));
        return sha256(bytes.concat(head, candidate.certificate, tail));
    }

    function _sign(uint256 i, bytes32 challenge) internal pure returns (Membership.Proof memory) {
        (bytes32 r, bytes32 s) = vm.signP256(1000 + i, challenge);
        return Membership.Proof(r, uint256(s) > N / 2 ? bytes32(N - uint256(s)) : s);
    }

    function _artifact(string memory name) internal view returns (bytes memory) {
        return vm.parseJsonBytes(vm.readFile(string.concat("contracts/", name, ".json")), ".bytecode");
    }

    function _create(string memory name, bytes memory arguments) internal returns (address made) {
        bytes memory code = bytes.concat(_artifact(name), arguments);
        assembly ("memory-safe") {
            made := create(0, add(code, 32), mload(code))
        }
    }

    /// @dev Organisations 0 to count - 1 found it, all with service nodes; zero when it is refused.
    function _found(uint256 count, uint16 numerator, uint16 denominator) internal returns (Consortium) {
        address place = vm.computeCreateAddress(address(this), vm.getNonce(address(this)));
        Membership.Candidate[] memory founders = new Membership.Candidate[](count);
        Membership.Proof[] memory proofs = new Membership.Proof[](count);
        for (uint256 i = 0; i < count; i++) {
            founders[i] = _candidate(i, 3);
            proofs[i] = _prove(i, founders[i], place);
        }

        return Consortium(_foundWith(founders, proofs, Consortium.Threshold(numerator, denominator)));
    }

    function _foundWith(Membership.Candidate[] memory founders, Membership.Proof[] memory proofs, Consortium.Threshold memory threshold)
        internal returns (address)
    {
        bytes32[] memory listed = new bytes32[](1);
        listed[0] = ROOT;
        return _create("Consortium", abi.encode(founders, proofs, listed, threshold));
    }

    function _size(uint256 set) internal pure returns (uint256 size) {
        for (uint256 i = 0; i < 256; i++) if (set >> i & 1 == 1) size++;
    }

    function _deadline() internal view returns (uint64) {
        return uint64(block.timestamp) + 7 days;
    }
}
