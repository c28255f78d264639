// node seed.mjs RPC REGISTRY DRAW: the draw's seed computed from the registry's events alone by its written formula; ethers reads, node hashes.
// Also whether each revealed secret is the one committed to, and what the beacon is: SHA-256 of the compressed signature, or the block's hash.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..');
const packages = join(root, 'scripts', 'node_modules');
const { Contract, JsonRpcProvider, getBytes } = await import(join(packages, 'ethers', 'lib.esm', 'index.js'));
const { bls12_381: bls } = await import(join(packages, '@noble', 'curves', 'bls12-381.js'));
const [rpc, registry, draw] = process.argv.slice(2);
const { abi } = JSON.parse(readFileSync(join(root, 'functions', 'Core', 'Chain', 'contracts', 'DrawRegistry.json'), 'utf8'));
const provider = new JsonRpcProvider(rpc);
const contract = new Contract(registry, abi, provider);
const bytes = (value) => Buffer.from(getBytes(value));
const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();
const uint32 = (value) => {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(Number(value));
  return out;
};
const told = async (name) => (await contract.queryFilter(contract.filters[name](draw))).map(({ args }) => args);

const [published] = await told('Published');
const commits = await told('Committed');
const reveals = new Map((await told('Revealed')).map(({ party, secret }) => [party, secret]));
const [fixed] = await told('SeedFixed');

const parts = [];
for (const [index, { party, commitment, index: said }] of commits.entries()) {
  if (Number(said) !== index) throw new Error(`commit ${index} says it is ${said}`);
  if (!reveals.has(party)) continue;
  const secret = bytes(reveals.get(party));
  if (!sha256(Buffer.from('notary-draw/1 secret\0'), bytes(draw), bytes(party), secret).equals(bytes(commitment))) throw new Error(`secret of ${party}`);
  parts.push(uint32(index), secret);
}

let beacon;
if (published.source === 1n) {
  const point = bls.G1.Point.fromHex(fixed.signature.slice(2));
  beacon = sha256(Buffer.from(point.toBytes(true)));
} else {
  beacon = bytes((await provider.getBlock(Number(published.revealDeadline + published.number))).hash);
}

const seed = sha256(Buffer.from('notary-draw/1 seed\0'), bytes(published.commitment), uint32(parts.length / 2), ...parts,
  Buffer.from([Number(published.source)]), beacon);
console.log(JSON.stringify({ beacon: beacon.toString('hex'), seed: seed.toString('hex'), reveals: parts.length / 2 }));
process.exit(0);
