// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

/// @title One drand chain of the scheme bls-unchained-g1-rfc9380 (quicknet's), whose rounds are verified here.
/// @notice A round's signature is the one point S of G1 with e(S, generator of G2) = e(H(SHA-256(round)), public key), H being
/// hash_to_curve of RFC 9380 (BLS12381G1_XMD:SHA-256_SSWU_RO_). There is exactly one for a round and only a threshold of the chain's
/// members can make it, so who brings it cannot choose anything.
/// @dev Needs the precompiles of EIP-2537: on a chain without them the constructor reverts.
abstract contract DrandChain {
    address private constant MODEXP = address(0x05);
    address private constant G1_ADD = address(0x0b);
    address private constant PAIRING = address(0x0f);
    address private constant MAP_FP_TO_G1 = address(0x10);

    /// @dev The tag of the scheme and its length in one byte (RFC 9380 section 5.3.1: DST_prime).
    bytes private constant DST_PRIME = "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_\x2b";

    /// @dev The field's prime, and half of it: the larger of two roots is beyond.
    bytes16 private constant PRIME_HIGH = 0x1a0111ea397fe69a4b1ba7b6434bacd7;
    bytes32 private constant PRIME_LOW = 0x64774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab;
    bytes16 private constant HALF_HIGH = 0x0d0088f51cbff34d258dd3db21a5d66b;
    bytes32 private constant HALF_LOW = 0xb23ba5c279c2895fb39869507b587b120f55ffff58a9ffffdcff7fffffffd555;

    /// @dev The generator of G2 negated, as EIP-2537 encodes it, so that one product of two pairings is one.
    bytes private constant MINUS_G2 =
        hex"00000000000000000000000000000000024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8"
        hex"0000000000000000000000000000000013e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e"
        hex"000000000000000000000000000000000d1b3cc2c7027888be51d9ef691d77bcb679afda66c73f17f9ee3837a55024f78c71363275a75d75d86bab79f74782aa"
        hex"0000000000000000000000000000000013fa4d4a0ad8b1ce186ed5061789213d993923066dddaf1040bc3ff59f825c78df74f2d75467e25e0f55f8a00fa030ed";

    /// @notice drand's own name of the chain, which covers its key, times and group; computed here from what it covers.
    bytes32 public chainHash;

    /// @notice When round 1 comes, in seconds since 1970.
    uint64 public genesis;

    /// @notice Seconds between rounds.
    uint32 public period;

    /// @dev In G2, as EIP-2537 encodes it.
    bytes private publicKey;

    error NotVerified();
    error BadKey();

    /// @param key The group's public key: x.c1, x.c0, y.c1, y.c0, 48 bytes each.
    /// @param genesisTime Seconds since 1970.
    /// @param periodSeconds From 1.
    /// @param groupHash What drand calls so, the chain's genesis seed.
    /// @param beaconId The chain's name among its members, such as quicknet.
    constructor(bytes memory key, uint64 genesisTime, uint32 periodSeconds, bytes32 groupHash, string memory beaconId) {
        if (key.length != 192 || periodSeconds == 0 || genesisTime == 0) revert BadKey();
        (bytes memory x1, bytes memory x0, bytes memory y1, bytes memory y0) = (_part(key, 0), _part(key, 48), _part(key, 96), _part(key, 144));
        bytes memory encoded = abi.encodePacked(bytes16(0), x0, bytes16(0), x1, bytes16(0), y0, bytes16(0), y1);

        // The point at infinity, all zeros, would take the empty signature for every round.
        if (keccak256(encoded) == keccak256(new bytes(256))) revert BadKey();

        // EIP-2537, "ABI for pairing check": the call fails unless each point is in its subgroup of prime order. With infinity on the
        // other side the product is one for every key that is.
        if (uint256(bytes32(_call(PAIRING, abi.encodePacked(new bytes(128), encoded), 32))) != 1) revert BadKey();

        bool larger = keccak256(y1) == keccak256(new bytes(48)) ? _isLarger(y0) : _isLarger(y1);
        chainHash = sha256(abi.encodePacked(periodSeconds, genesisTime, _flagged(x1, larger), x0, groupHash, beaconId));
        (genesis, period, publicKey) = (genesisTime, periodSeconds, encoded);
    }

    /// @notice When a round comes, in seconds since 1970.
    function timeOf(uint64 round) public view returns (uint64) {
        return genesis + (round - 1) * period;
    }

    /// @notice The randomness of a round, SHA-256 of its compressed signature. Reverts unless it is the round's signature.
    /// @dev EIP-2537, "ABI for pairing check", names as errors: a coordinate that is not below the prime, a point off its curve, a point on
    /// the curve "but not in the correct subgroup". So nothing of that is checked here again, and a round has one accepted spelling.
    /// @param signature x and y, 48 bytes each.
    function randomnessOf(uint64 round, bytes calldata signature) public view returns (bytes32) {
        if (signature.length != 96) revert NotVerified();
        (bytes memory x, bytes memory y) = (signature[:48], signature[48:]);
        bytes memory product = abi.encodePacked(bytes16(0), x, bytes16(0), y, MINUS_G2, _hashToG1(sha256(abi.encodePacked(round))), publicKey);
        if (uint256(bytes32(_call(PAIRING, product, 32))) != 1) revert NotVerified();
        return sha256(_flagged(x, _isLarger(y)));
    }

    /// @dev RFC 9380 section 3: two field elements, each mapped, and added. The map of EIP-2537 clears the cofactor, which is a
    /// homomorphism, so clearing before the addition gives the same point.
    function _hashToG1(bytes32 message) private view returns (bytes memory) {
        // expand_message_xmd, section 5.3.1, to 128 bytes: Z_pad, the message, the length, a zero, the tag.
        bytes32 b0 = sha256(abi.encodePacked(new bytes(64), message, uint16(128), uint8(0), DST_PRIME));
        bytes32 b1 = sha256(abi.encodePacked(b0, uint8(1), DST_PRIME));
        bytes32 b2 = sha256(abi.encodePacked(b0 ^ b1, uint8(2), DST_PRIME));
        bytes32 b3 = sha256(abi.encodePacked(b0 ^ b2, uint8(3), DST_PRIME));
        bytes32 b4 = sha256(abi.encodePacked(b0 ^ b3, uint8(4), DST_PRIME));
        return _call(G1_ADD, abi.encodePacked(_map(b1, b2), _map(b3, b4)), 128);
    }

    /// @dev The 64 bytes modulo the prime (section 5.2), by the power of one (EIP-198), mapped to the curve.
    function _map(bytes32 high, bytes32 low) private view returns (bytes memory) {
        bytes memory power = abi.encodePacked(uint256(64), uint256(1), uint256(48), high, low, uint8(1), PRIME_HIGH, PRIME_LOW);
        return _call(MAP_FP_TO_G1, abi.encodePacked(bytes16(0), _call(MODEXP, power, 48)), 128);
    }

    /// @dev An address without code answers every call with nothing, so the answer's size is looked at.
    function _call(address precompile, bytes memory input, uint256 size) private view returns (bytes memory output) {
        bool done;
        (done, output) = precompile.staticcall(input);
        if (!done || output.length != size) revert NotVerified();
    }

    /// @dev The compressed point's first 48 bytes: flags in the top three bits, which a coordinate below the prime leaves free.
    function _flagged(bytes memory x, bool larger) private pure returns (bytes memory flagged) {
        flagged = x;
        flagged[0] |= larger ? bytes1(0xa0) : bytes1(0x80);
    }

    function _isLarger(bytes memory y) private pure returns (bool) {
        (bytes16 high, bytes32 low) = (bytes16(y), bytes32(_tail(y)));
        return high > HALF_HIGH || (high == HALF_HIGH && low > HALF_LOW);
    }

    function _tail(bytes memory y) private pure returns (bytes32 low) {
        assembly ("memory-safe") {
            low := mload(add(y, 48))
        }
    }

    function _part(bytes memory all, uint256 from) private pure returns (bytes memory part) {
        part = new bytes(48);
        for (uint256 i = 0; i < 48; i++) part[i] = all[from + i];
    }
}
