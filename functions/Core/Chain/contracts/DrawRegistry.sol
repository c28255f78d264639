// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import "./DrandChain.sol";

/// @title Where the randomness of draws is fixed.
/// @notice A draw is published with all that decides it but the randomness; parties commit to secrets and reveal them; when no more can
/// be revealed a beacon comes that nobody knew while they could; the seed mixes them all, and one result follows. Nothing of that is
/// ever changed, and nobody administers this contract.
contract DrawRegistry is DrandChain {
    enum State { None, Published, Seeded, Finished, Aborted }
    enum Kind { None, Draw, Rehearsal }
    enum Source { None, Drand, Block }

    struct Draw {
        /// SHA-256 of the draw's canonical description.
        bytes32 commitment;
        /// The beacon's value and the seed; zero before they stand. An abort keeps them: what was aborted stays computable.
        bytes32 beacon;
        bytes32 seed;
        /// When finished the result's digest, when aborted the reason's.
        bytes32 outcome;
        address publisher;
        State state;
        Kind kind;
        Source source;
        /// Places that are kept for nobody and free; secrets revealed.
        uint8 open;
        uint8 reveals;
        /// When aborted: the beacon could be known by then, so the outcome could be.
        bool known;
        /// The last blocks in which commits and reveals are taken.
        uint64 commitDeadline;
        uint64 revealDeadline;
        /// A drand round, or how many blocks after the reveal deadline the beacon's block comes.
        uint64 number;
    }

    struct Party {
        address account;
        bool revealed;
        bytes32 commitment;
        bytes32 secret;
    }

    /// @notice Bounds the work of fixing the seed: each party costs it two cold reads.
    uint256 public constant MAX_PARTIES = 64;

    /// @notice So that the beacon's block still has its hash in reach (256 blocks by opcode) when it is deep enough to be believed.
    uint256 public constant MAX_CONFIRMATIONS = 128;

    uint8 private constant KEPT = 255;

    /// @dev EIP-2935: hashes of the last 8,191 blocks. Where it has no code it answers nothing.
    address private constant HISTORY = 0x0000F90827F1C53a10cb7A02335B175320002935;

    /// @notice Seconds by which a block's time must lie before the round for a commit or reveal in it to count: how far this chain's
    /// block times may lag behind the true time.
    uint64 public margin;

    mapping(bytes32 drawId => Draw) private draws;
    mapping(bytes32 drawId => Party[]) private members;

    /// @dev 0: stranger; KEPT: a place is kept; else the index of the commit plus one.
    mapping(bytes32 drawId => mapping(address account => uint8)) private places;

    event Published(bytes32 indexed drawId, address indexed publisher, Kind kind, bytes32 commitment, uint64 commitDeadline, uint64 revealDeadline,
        Source source, uint64 number, address[] kept);
    event Committed(bytes32 indexed drawId, address indexed party, uint8 index, bytes32 commitment);
    event Revealed(bytes32 indexed drawId, address indexed party, uint8 index, bytes32 secret);
    event SeedFixed(bytes32 indexed drawId, Source source, bytes32 beacon, bytes32 seed, bytes signature);
    event Finished(bytes32 indexed drawId, bytes32 result);
    event Aborted(bytes32 indexed drawId, State during, bool known, bytes32 reason);

    error NotPublisher();
    error BadPlan();
    error WrongState(State state);
    error TooEarly();
    error TooLate();
    error NoPlace();
    error CommittedAlready();
    error RevealedAlready();
    error NotAParty();
    error NoMatch();
    error ZeroDigest();
    error BeaconLost();

    constructor(bytes memory key, uint64 genesisTime, uint32 periodSeconds, bytes32 groupHash, string memory beaconId, uint64 marginSeconds)
        DrandChain(key, genesisTime, periodSeconds, groupHash, beaconId)
    {
        margin = marginSeconds;
    }

    /// @notice Publishes a draw. From here on it has this kind, commitment, deadlines and beacon for ever.
    /// @param drawId Its first 20 bytes are the publisher's address: nobody can take an id from its owner, or publish in another's name.
    /// @param number Drand: the round. Block: how many blocks after the reveal deadline.
    /// @param kept Accounts for whom a place is kept, so that strangers cannot fill them all.
    function publish(bytes32 drawId, Kind kind, bytes32 commitment, uint64 commitDeadline, uint64 revealDeadline, Source source, uint64 number,
        address[] calldata kept) external
    {
        if (address(bytes20(drawId)) != msg.sender) revert NotPublisher();
        Draw storage draw = draws[drawId];
        if (draw.state != State.None) revert WrongState(draw.state);
        if (kind == Kind.None || source == Source.None || commitment == 0 || commitDeadline <= block.number || revealDeadline <= commitDeadline
            || kept.length > MAX_PARTIES || number == 0 || (source == Source.Block && number > MAX_CONFIRMATIONS)) revert BadPlan();

        (draw.publisher, draw.state, draw.kind, draw.source) = (msg.sender, State.Published, kind, source);
        (draw.commitment, draw.open) = (commitment, uint8(MAX_PARTIES - kept.length));
        (draw.commitDeadline, draw.revealDeadline, draw.number) = (commitDeadline, revealDeadline, number);
        if (_isClosed(draw)) revert BadPlan();

        for (uint256 i = 0; i < kept.length; i++) {
            if (places[drawId][kept[i]] != 0) revert BadPlan();
            places[drawId][kept[i]] = KEPT;
        }

        emit Published(drawId, msg.sender, kind, commitment, commitDeadline, revealDeadline, source, number, kept);
    }

    /// @notice Takes part with a secret of which only this is said: SHA-256("notary-draw/1 secret" 0x00, drawId, the party's address, secret).
    function commit(bytes32 drawId, bytes32 commitment) external {
        Draw storage draw = _in(drawId, State.Published);
        if (block.number > draw.commitDeadline || _isClosed(draw)) revert TooLate();
        uint8 place = places[drawId][msg.sender];
        if (place == 0) {
            if (draw.open == 0) revert NoPlace();
            draw.open--;
        } else if (place != KEPT) {
            revert CommittedAlready();
        }

        uint8 index = uint8(members[drawId].length);
        places[drawId][msg.sender] = index + 1;
        members[drawId].push(Party(msg.sender, false, commitment, 0));
        emit Committed(drawId, msg.sender, index, commitment);
    }

    /// @notice Says the secret, once everyone is bound to his and while nobody can know the beacon.
    function reveal(bytes32 drawId, bytes32 secret) external {
        Draw storage draw = _in(drawId, State.Published);
        if (block.number <= draw.commitDeadline) revert TooEarly();
        if (_isClosed(draw)) revert TooLate();
        uint8 place = places[drawId][msg.sender];
        if (place == 0 || place == KEPT) revert NotAParty();
        Party storage party = members[drawId][place - 1];
        if (party.revealed) revert RevealedAlready();
        if (sha256(abi.encodePacked("notary-draw/1 secret", bytes1(0), drawId, msg.sender, secret)) != party.commitment) revert NoMatch();
        (party.revealed, party.secret) = (true, secret);
        draw.reveals++;
        emit Revealed(drawId, msg.sender, place - 1, secret);
    }

    /// @notice Fixes the seed. Anyone may: there is one value only, and the publisher must not be able to leave it unfixed.
    /// @param signature Drand: x and y of the round's signature, 48 bytes each. Block: empty.
    function fixSeed(bytes32 drawId, bytes calldata signature) external {
        Draw storage draw = _in(drawId, State.Published);
        if (!_isClosed(draw)) revert TooEarly();
        if (draw.source == Source.Block && signature.length != 0) revert NotVerified();
        draw.beacon = draw.source == Source.Drand ? randomnessOf(draw.number, signature) : _hashOf(draw.revealDeadline + draw.number);
        draw.seed = _seed(drawId, draw);
        draw.state = State.Seeded;
        emit SeedFixed(drawId, draw.source, draw.beacon, draw.seed, signature);
    }

    /// @notice Records the result of the draw, the only one it will have.
    function finish(bytes32 drawId, bytes32 result) external {
        Draw storage draw = _ours(_in(drawId, State.Seeded));
        if (result == 0) revert ZeroDigest();
        (draw.state, draw.outcome) = (State.Finished, result);
        emit Finished(drawId, result);
    }

    /// @notice Ends a draw without a result, for ever and for all to see, also what its seed was if it had one, and whether the beacon was
    /// out already, fixed or not.
    function abort(bytes32 drawId, bytes32 reason) external {
        Draw storage draw = _ours(draws[drawId]);
        State during = draw.state;
        if (during != State.Published && during != State.Seeded) revert WrongState(during);
        if (reason == 0) revert ZeroDigest();
        bool known = draw.source == Source.Drand ? _isNear(draw.number) : block.number > draw.revealDeadline + draw.number;
        (draw.state, draw.outcome, draw.known) = (State.Aborted, reason, known);
        emit Aborted(drawId, during, known, reason);
    }

    /// @notice All there is of a draw; zeros if there is none.
    function drawOf(bytes32 drawId) external view returns (Draw memory) {
        return draws[drawId];
    }

    /// @notice The parties in the order of their commits.
    function partiesOf(bytes32 drawId) external view returns (Party[] memory) {
        return members[drawId];
    }

    /// @dev No commit or reveal will be taken any more: by the block, or because the round may be known. Block times never go back, so
    /// what is closed stays closed.
    function _isClosed(Draw storage draw) private view returns (bool) {
        return block.number > draw.revealDeadline || (draw.source == Source.Drand && _isNear(draw.number));
    }

    /// @dev The round may have come, if this chain's clock is as slow as it may be.
    function _isNear(uint64 round) private view returns (bool) {
        return block.timestamp + margin >= timeOf(round);
    }

    /// @dev The hash of that block: in reach of the opcode for 256 blocks, then of EIP-2935's contract for 8,191. After that the beacon
    /// is lost and the draw can only be aborted.
    function _hashOf(uint256 number) private view returns (bytes32 hash) {
        if (number >= block.number) revert TooEarly();
        hash = blockhash(number);
        if (hash == 0) {
            (bool done, bytes memory answer) = HISTORY.staticcall(abi.encode(number));
            if (done && answer.length == 32) hash = bytes32(answer);
        }

        if (hash == 0) revert BeaconLost();
    }

    function _seed(bytes32 drawId, Draw storage draw) private view returns (bytes32) {
        Party[] storage parties = members[drawId];
        bytes memory reveals = new bytes(36 * uint256(draw.reveals));
        uint256 end = 0;
        for (uint256 i = 0; i < parties.length; i++) {
            if (!parties[i].revealed) continue;
            bytes32 secret = parties[i].secret;
            assembly ("memory-safe") {
                let at := add(add(reveals, 32), end)
                mstore(at, shl(224, i))
                mstore(add(at, 4), secret)
            }

            end += 36;
        }

        return sha256(abi.encodePacked(
            "notary-draw/1 seed", bytes1(0), draw.commitment, uint32(draw.reveals), reveals, uint8(draw.source), draw.beacon));
    }

    function _in(bytes32 drawId, State state) private view returns (Draw storage draw) {
        draw = draws[drawId];
        if (draw.state != state) revert WrongState(draw.state);
    }

    function _ours(Draw storage draw) private view returns (Draw storage) {
        if (draw.publisher != msg.sender) revert NotPublisher();
        return draw;
    }
}
