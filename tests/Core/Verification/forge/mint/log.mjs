// The mint's log: some entries, one of them ours.
import { createHash } from 'node:crypto';
import { leaf } from './shared.mjs';

const sha256 = (b) => createHash('sha256').update(b).digest();
const node = (l, r) => sha256(Buffer.concat([Buffer.from([1]), l, r]));

/** RFC 9162 section 2.1.1 and 2.1.3.1, by its recursive words. */
function split(n) { let k = 1; while (k * 2 < n) k *= 2; return k; }
const treeRoot = (leaves) => (leaves.length === 1 ? leaves[0] : node(treeRoot(leaves.slice(0, split(leaves.length))),
  treeRoot(leaves.slice(split(leaves.length)))));
function path(m, leaves) {
  if (leaves.length === 1) return [];
  const k = split(leaves.length), [l, r] = [leaves.slice(0, k), leaves.slice(k)];
  return m < k ? [...path(m, l), treeRoot(r)] : [...path(m - k, r), treeRoot(l)];
}

export function tree(entry, index, size, seed) {
  const leaves = Array.from({ length: size }, (_, i) => leaf(i === index ? entry : sha256(Buffer.from(`${seed}/${i}`))));
  return { root: treeRoot(leaves), path: path(index, leaves) };
}

export const noteText = (origin, size, root) => `${origin}\n${size}\n${root.toString('base64')}\n`;
export const keyId = (spki) => sha256(spki).subarray(0, 4);

export function signatureLine(name, id, signature) { return `\u2014 ${name} ${Buffer.concat([id, signature]).toString('base64')}\n`; }

export function sign(text, origin, key, options) { return `${text}\n${signatureLine(origin, keyId(key.spki), key.sign(Buffer.from(text), options))}`; }

export function proof(index, hashes, note, extra = '') {
  return `c2sp.org/tlog-proof@v1\n${extra}index ${index}\n${hashes.map((h) => `${h.toString('base64')}\n`).join('')}\n${note}`;
}
