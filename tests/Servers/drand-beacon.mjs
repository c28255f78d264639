// A drand chain of quicknet's scheme (bls-unchained-g1-rfc9380) on this machine: node drand-beacon.mjs PORT GENESIS PERIOD THRESHOLD MEMBERS SEED.
// Listens on 127.0.0.1 and says "listening URL". The key is shared among the members as a polynomial over SEED by a dealer that forgets it, not
// by drand's ceremony; every round is signed by THRESHOLD members' shares, other ones each time, and combined. Its HTTP paths are drand's.
// POST /tell changes how it behaves: {"up": members that work, "ahead": seconds its clock is ahead, "lie": one of the lies below or ""}.
import { createHash, createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { bls12_381 as bls } from '../../scripts/node_modules/@noble/curves/bls12-381.js';

const [port, genesis, period, threshold, members] = process.argv.slice(2, 7).map(Number);
const seed = Buffer.from(process.argv[7], 'hex');
const { Fr } = bls.fields;
const beaconID = 'notary-local';
const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();
const number = (bytes) => BigInt('0x' + Buffer.from(bytes).toString('hex'));
const scalar = (name) => Fr.create(number(createHmac('sha512', seed).update(name).digest()));

const shares = (() => {
  const polynomial = Array.from({ length: threshold }, (_, i) => scalar(`coefficient ${i}`));
  return Array.from({ length: members }, (_, i) => ({
    at: BigInt(i + 1),
    secret: polynomial.reduceRight((sum, coefficient) => Fr.add(Fr.mul(sum, BigInt(i + 1)), coefficient), 0n),
  }));
})();

// Lagrange's coefficients at zero for the members that sign.
const weights = (signing) => signing.map(({ at }) => signing.filter((other) => other.at !== at)
  .reduce((product, other) => Fr.mul(product, Fr.div(other.at, Fr.sub(other.at, at))), 1n));
const combine = (parts, signing, zero) => weights(signing).reduce((sum, weight, i) => sum.add(parts[i].multiply(weight)), zero);

const first = shares.slice(0, threshold);
const publicKey = Buffer.from(combine(first.map(({ secret }) => bls.G2.Point.BASE.multiply(secret)), first, bls.G2.Point.ZERO).toBytes());
const groupHash = sha256(Buffer.from('notary local group'), seed);
const head = Buffer.alloc(12);
head.writeUInt32BE(period, 0);
head.writeBigInt64BE(BigInt(genesis), 4);
const hash = sha256(head, publicKey, groupHash, Buffer.from(beaconID)).toString('hex');
const info = {
  public_key: publicKey.toString('hex'), period, genesis_time: genesis, genesis_seed: groupHash.toString('hex'), hash,
  groupHash: groupHash.toString('hex'), schemeID: 'bls-unchained-g1-rfc9380', metadata: { beaconID },
};

const state = { up: members, ahead: 0, lie: '' };
const message = (round) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(round));
  return bls.shortSignatures.hash(sha256(bytes), 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_');
};

function sign(round, key) {
  const point = message(round);
  if (key) return point.multiply(key);
  const signing = Array.from({ length: threshold }, (_, i) => shares[(round + i) % state.up]);
  return combine(signing.map(({ secret }) => point.multiply(secret)), signing, bls.G1.Point.ZERO);
}

// Each is a round that must not be taken. What is no lie about the signature passes every check but the pairing.
const lies = {
  '': (round) => answer(round, sign(round)),
  'other-round': (round) => answer(round, sign(round + 1)),
  'other-key': (round) => answer(round, sign(round, scalar('another key'))),
  negated: (round) => answer(round, sign(round).negate()),
  'other-number': (round) => answer(round + 1, sign(round + 1)),
  randomness: (round) => ({ ...answer(round, sign(round)), randomness: sha256(Buffer.from('mine')).toString('hex') }),
  truncated: (round) => ({ ...answer(round, sign(round)), signature: answer(round, sign(round)).signature.slice(2) }),
  'not-a-point': (round) => spelled(round, '80' + '00'.repeat(46) + '01'),
  infinity: (round) => spelled(round, 'c0' + '00'.repeat(47)),
  // On the curve, outside the subgroup.
  'small-order': (round) => spelled(round, '80' + '00'.repeat(47)),
  'beyond-the-prime': (round) => spelled(round, '9a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab'),
};
const spelled = (round, signature) => ({ round, randomness: sha256(Buffer.from(signature, 'hex')).toString('hex'), signature });
const answer = (round, point) => spelled(round, point.toHex());

const latest = () => Math.floor((Date.now() / 1000 + state.ahead - genesis) / period) + 1;

function serve(path) {
  const [first, ...rest] = path.split('/').filter(Boolean);
  if (first === 'chains') return [hash];
  if (first === hash) return rest.length ? serve(rest.join('/')) : undefined;
  if (first === 'info') return info;
  if (first !== 'public' || rest.length !== 1) return undefined;
  const round = rest[0] === 'latest' ? latest() : /^[1-9]\d{0,15}$/.test(rest[0]) ? Number(rest[0]) : 0;
  return round >= 1 && round <= latest() && state.up >= threshold ? lies[state.lie](round) : undefined;
}

createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://127.0.0.1');
  if (request.method === 'POST' && pathname === '/tell') {
    const parts = [];
    for await (const part of request) parts.push(part);
    Object.assign(state, JSON.parse(Buffer.concat(parts).toString()));
    return response.writeHead(204).end();
  }
  if (state.lie === 'endless') {
    response.writeHead(200, { 'content-type': 'application/json' });
    const more = () => { while (!response.destroyed && response.write(' '.repeat(65536))); };
    response.on('drain', more).on('error', () => {});
    return more();
  }
  if (state.lie === 'no-json') return response.writeHead(200, { 'content-type': 'application/json' }).end('<html>');
  const found = serve(pathname);
  return response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(found ?? { message: 'not found' }));
}).listen(port, '127.0.0.1', () => console.log(`listening http://127.0.0.1:${port}`));
