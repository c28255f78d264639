// RLP (Ethereum yellow paper, appendix B), one spelling only, and proofs of its tries (appendix D).
import { Bytes } from './bytes.mjs';
import { keccak256 } from './hash.mjs';

export class RlpError extends Error {}
const fail = () => { throw new RlpError('not RLP'); };

/** Lists become arrays with the encoding in `raw`, strings become bytes. */
export function rlp(buf) {
  const { value, end } = read(buf, 0, 0);
  if (end !== buf.length) fail();
  return value;
}

function read(buf, at, depth) {
  if (at >= buf.length || depth > 16) fail();
  const first = buf[at];
  if (first < 0x80) return { value: buf.subarray(at, at + 1), end: at + 1 };
  const list = first >= 0xc0, short = first - (list ? 0xc0 : 0x80);
  let from = at + 1, length = short;
  if (short > 55) {
    const n = short - 55;
    if (n > 4 || from + n > buf.length || buf[from] === 0) fail();
    length = buf.readUIntBE(from, n);
    if (length < 56) fail();
    from += n;
  }
  const end = from + length;
  if (end > buf.length) fail();
  if (!list) {
    if (length === 1 && buf[from] < 0x80) fail();
    return { value: buf.subarray(from, end), end };
  }
  const value = [];
  while (from < end) {
    const r = read(buf.subarray(0, end), from, depth + 1);
    value.push(r.value);
    from = r.end;
  }
  value.raw = buf.subarray(at, end);
  return { value, end };
}

/** A number without leading zeros. */
export function number(b) {
  if (!(b instanceof Uint8Array) || b.length > 32 || b[0] === 0) fail();
  return b.length ? BigInt('0x' + b.toString('hex')) : 0n;
}

export function encode(v) {
  if (!Array.isArray(v)) {
    const b = Bytes.from(v);
    return b.length === 1 && b[0] < 0x80 ? b : Bytes.concat([lengthOf(b.length, 0x80), b]);
  }
  const body = Bytes.concat(v.map(encode));
  return Bytes.concat([lengthOf(body.length, 0xc0), body]);
}

function lengthOf(n, base) {
  if (n < 56) return Bytes.from([base + n]);
  const bytes = Bytes.from(n.toString(16).padStart(n.toString(16).length + (n.toString(16).length % 2), '0'), 'hex');
  return Bytes.concat([Bytes.from([base + 55 + bytes.length]), bytes]);
}

export const quantity = (n) => (n === 0 || n === 0n ? Bytes.alloc(0)
  : Bytes.from(n.toString(16).padStart(n.toString(16).length + (n.toString(16).length % 2), '0'), 'hex'));

const nibbles = (b) => [...b].flatMap((x) => [x >> 4, x & 15]);

/** The value under the key, or null; every node of the proof is used, in its order, from the root on. */
export function proved(root, key, nodes) {
  let path = nibbles(key), next = root;
  const left = [...nodes];
  try {
    for (;;) {
      let node = next;
      if (next instanceof Uint8Array) {
        if (next.length !== 32 || left.length === 0) return null;
        const raw = left.shift();
        if (!keccak256(raw).equals(next)) return null;
        node = rlp(raw);
      }
      if (!Array.isArray(node)) return null;
      if (node.length === 17) {
        if (path.length === 0) return left.length === 0 && node[16].length ? node[16] : null;
        next = node[path[0]];
        path = path.slice(1);
      } else if (node.length === 2 && node[0] instanceof Uint8Array) {
        const n = nibbles(node[0]), leaf = n[0] & 2, part = n.slice(n[0] & 1 ? 1 : 2);
        if (n[0] > 3 || (!(n[0] & 1) && n[1] !== 0)) return null;
        if (part.some((x, i) => x !== path[i])) return null;
        path = path.slice(part.length);
        if (leaf) return path.length === 0 && left.length === 0 && node[1] instanceof Uint8Array ? node[1] : null;
        next = node[1];
      } else return null;
      if (next.length === 0) return null;
    }
  } catch (e) {
    if (e instanceof RlpError) return null;
    throw e;
  }
}
