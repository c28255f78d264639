// merkletreejs over SHA-256 of 32-byte leaves; prints leaves a second. argv: leaves
const crypto = require('node:crypto');
const { MerkleTree } = require('merkletreejs');
const sha256 = crypto.hash ? (data) => crypto.hash('sha256', data, 'buffer') : (data) => crypto.createHash('sha256').update(data).digest();
const count = Number(process.argv[2]);
const leaves = Array.from({ length: count }, (_, i) => { const b = Buffer.alloc(32); b.writeUInt32BE(i, 28); return b; });
const start = process.hrtime.bigint();
const tree = new MerkleTree(leaves, sha256, { hashLeaves: true });
const root = tree.getRoot();
const seconds = Number(process.hrtime.bigint() - start) / 1e9;
if (root.length !== 32 || !tree.verify(tree.getProof(sha256(leaves[7])), sha256(leaves[7]), root)) process.exit(1);
console.log(count / seconds);
