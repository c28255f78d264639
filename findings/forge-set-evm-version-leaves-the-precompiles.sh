#!/usr/bin/env bash
# forge's vm.setEvmVersion changes the fork of a test that is under way, but not its precompiles: in a test that begins under Osaka the P-256
# precompile of EIP-7951 at 0x100 goes on to take a good signature after setEvmVersion("prague"), in this frame and in calls from it. Only a run that
# begins under Prague (--evm-version prague) is without it. A test of a contract's fallback needs such a run of its own, or it never sees the fallback;
# asking 0x100 about a bad signature does not tell, since the precompile answers nothing to one, as an address without code does.
# Exits 0 while the answers are 32 bytes before, after and in a call, and none in a run under Prague.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error @foundry-rs/forge@1.7.1 solc@0.8.37 >/dev/null
mkdir src test
cat > foundry.toml <<'T'
[profile.default]
libs = []
offline = true
auto_detect_solc = false
evm_version = "osaka"
T
cat > solc.cjs <<'J'
#!/usr/bin/env node
const solc = require('solc');
if (process.argv.includes('--version')) console.log(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}`);
else process.stdout.write(solc.compile(require('fs').readFileSync(0, 'utf8')));
J
chmod +x solc.cjs
cat > test/Fork.t.sol <<'S'
// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

interface Vm {
    function setEvmVersion(string calldata evm) external;
    function signP256(uint256 key, bytes32 digest) external pure returns (bytes32 r, bytes32 s);
    function publicKeyP256(uint256 key) external pure returns (uint256 x, uint256 y);
}

contract ForkTest {
    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    event Answered(string when, uint256 size);

    function test_fork() public {
        (bytes32 r, bytes32 s) = VM.signP256(7, sha256("a"));
        (uint256 x, uint256 y) = VM.publicKeyP256(7);
        bytes memory input = abi.encode(sha256("a"), r, s, x, y);
        ask("as begun", input);
        VM.setEvmVersion("prague");
        ask("after setEvmVersion", input);
        this.ask("in a call after it", input);
    }

    function ask(string memory when, bytes memory input) public {
        (, bytes memory answer) = address(0x100).staticcall(input);
        emit Answered(when, answer.length);
    }
}
S
for evm in osaka prague; do
  node_modules/.bin/forge test --evm-version $evm --use ./solc.cjs -vvvv | sed -n 's/.*emit Answered(when: "\(.*\)", size: \([0-9]*\)).*/\1: \2 bytes/p' | sed "s/^/forge 1.7.1, begun under $evm: /"
done | tee out.txt
[ "$(grep -c 'osaka: .*: 32 bytes' out.txt)" = 3 ] && [ "$(grep -c 'prague: .*: 0 bytes' out.txt)" = 3 ]
