// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

/// @dev The few of forge's cheatcodes that are used here.
interface Vm {
    function prank(address sender) external;
    function warp(uint256 time) external;
    function chainId(uint256 id) external;
    function readFile(string calldata path) external view returns (string memory);
    function parseJsonBytes(string calldata json, string calldata key) external pure returns (bytes memory);
    function getNonce(address account) external view returns (uint64);
    function computeCreateAddress(address creator, uint256 nonce) external pure returns (address);
    function signP256(uint256 key, bytes32 digest) external pure returns (bytes32 r, bytes32 s);
    function publicKeyP256(uint256 key) external pure returns (uint256 x, uint256 y);
}
