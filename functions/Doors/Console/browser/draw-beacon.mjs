// A drand round's signature (BLS over BLS12-381, drand's scheme bls-unchained-g1-rfc9380) under the key that the chain's hash names.
import { bls12_381 as bls } from '@noble/curves/bls12-381.js';
import { bytesOf, digest, hexOf, joined, u32, utf8 } from './draw.mjs';

const scheme = 'bls-unchained-g1-rfc9380', domain = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_';

/** drand's quicknet; like what a node tells, it counts only when it has the hash that the draw names. */
const quicknet = {
  public_key: '83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb'
    + '5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a',
  period: 3, genesis_time: 1692803367, groupHash: 'f477d5c89f21a17c863a7f937c6a6d15859414d2be09cd448d4279af331c5d3e', schemeID: scheme,
  metadata: { beaconID: 'quicknet' },
};

const u64 = n => joined(u32(Math.floor(n / 2 ** 32)), u32(n % 2 ** 32));

/** drand's hash of a chain: period, genesis, key, group and, if it is not "default", the name. */
export function chainHash({ period, genesis_time: genesis, public_key: key, groupHash, metadata }) {
  const name = metadata?.beaconID ?? '';
  return hexOf(digest(u32(period), u64(genesis), bytesOf(key), bytesOf(groupHash), utf8(name === 'default' ? '' : name)));
}

/** Whatever a node tells is from outside. */
function isOf(hash, info) {
  try { return info.schemeID === scheme && chainHash(info) === hash; } catch { return false; }
}

/** The point, in the subgroup and not infinity; compressed (48 bytes) or x and y (96). */
function pointOf(signature) {
  const point = bls.G1.Point.fromBytes(bytesOf(signature));
  point.assertValidity();
  if (point.is0()) throw new Error('infinity');
  return point;
}

/**
 * What can be said of the beacon: [mark, code].
 * @param plan the beacon of draw.json, of kind drand
 * @param value the beacon of reveals.json
 * @param signature hexadecimal, or null when nobody has shown it
 * @param info what a node says of its chain; null when none was asked
 */
export function judgeRound(plan, value, signature, info) {
  if (!signature) return ['unknown', 'beacon-unchecked'];
  const chain = [info, quicknet].find(one => isOf(plan.chainHash, one));
  if (!chain) return info ? ['fail', 'beacon-chain'] : ['unknown', 'beacon-key'];
  try {
    const point = pointOf(signature);
    if (hexOf(digest(point.toBytes(true))) !== value) return ['fail', 'beacon-value'];
    const message = bls.shortSignatures.hash(digest(u64(plan.round)), domain);
    return bls.shortSignatures.verify(point, message, bls.G2.Point.fromBytes(bytesOf(chain.public_key))) ? ['pass', ''] : ['fail', 'beacon-signature'];
  } catch {
    return ['fail', 'beacon-signature'];
  }
}
