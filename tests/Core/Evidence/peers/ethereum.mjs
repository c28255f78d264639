import { answer, load } from './lines.mjs';

const { keccak_256 } = await load('@noble/hashes/esm/sha3.js');
const { secp256k1 } = await load('@noble/curves/secp256k1.js');
const { MerklePatriciaTrie, createMerkleProof } = await load('@ethereumjs/mpt/dist/esm/index.js');

const hex = (bytes) => Buffer.from(bytes).toString('hex');
const bytes = (text) => new Uint8Array(Buffer.from(text, 'hex'));

await answer({
  keccak: (line) => hex(keccak_256(bytes(line))),
  // hash, r‖s, parity → x‖y
  recover: (line) => {
    const [hash, signature, parity] = line.split(' ');
    return secp256k1.Signature.fromHex(signature, 'compact').addRecoveryBit(Number(parity)).recoverPublicKey(bytes(hash)).toHex(false).slice(2);
  },
  // [[key, value], …] → {root, proofs: {key: nodes}}
  trie: async (line) => {
    const trie = new MerklePatriciaTrie();
    const pairs = JSON.parse(line);
    for (const [key, value] of pairs) {
      await trie.put(bytes(key), bytes(value));
    }
    const proofs = {};
    for (const [key] of pairs) {
      // It repeats nodes that stand inside their parents, which eth_getProof does not.
      const nodes = await createMerkleProof(trie, bytes(key));
      proofs[key] = nodes.filter((node, i) => i === 0 || node.length >= 32).map(hex);
    }
    return JSON.stringify({ root: hex(trie.root()), proofs });
  },
});
