// DER (X.690) read strictly: one spelling of everything, or it is refused.
import { Bytes } from './bytes.mjs';

export class DerError extends Error {}

const fail = (why) => { throw new DerError(why); };
const MAX_DEPTH = 32; // nothing here nests deeper; more is meant to exhaust the stack

/**
 * Parses one value that fills the buffer. A node has tag (the identifier octet), body, raw and, when constructed, kids.
 * With anyTime the caller judges how times are spelt.
 */
export function der(buf, options = {}) {
  const { node, end } = read(buf, 0, 0, options);
  if (end !== buf.length) fail('something follows');
  return node;
}

function read(buf, at, depth, options) {
  if (depth > MAX_DEPTH) fail('too deep');
  if (at + 2 > buf.length) fail('cut');
  const tag = buf[at];
  if ((tag & 0x1f) === 0x1f) fail('long tag'); // no format here has one
  let length = buf[at + 1], head = 2;
  if (length & 0x80) {
    const n = length & 0x7f;
    if (n === 0 || n > 4 || at + 2 + n > buf.length) fail('length');
    length = 0;
    for (let i = 0; i < n; i++) length = length * 256 + buf[at + 2 + i];
    if (length < 128 || length < 256 ** (n - 1)) fail('length in more bytes than it needs');
    head += n;
  }
  const end = at + head + length;
  if (end > buf.length) fail('cut');
  const node = { tag, body: buf.subarray(at + head, end), raw: buf.subarray(at, end) };
  if (tag & 0x20) {
    node.kids = [];
    for (let p = at + head; p < end;) {
      const kid = read(buf.subarray(0, end), p, depth + 1, options);
      node.kids.push(kid.node);
      p = kid.end;
    }
    if (tag === 0x31 && !sorted(node.kids)) fail('set out of order');
    if (tag !== 0x30 && tag !== 0x31 && tag < 0x80) fail('constructed form');
  } else form(tag, node.body, options);
  return { node, end };
}

const sorted = (kids) => kids.every((k, i) => i === 0 || Bytes.compare(kids[i - 1].raw, k.raw) <= 0);

function form(tag, b, options) {
  switch (tag) {
    case 0x01: if (b.length !== 1 || (b[0] !== 0 && b[0] !== 0xff)) fail('boolean'); break;
    case 0x02: case 0x0a:
      if (b.length === 0 || (b.length > 1 && ((b[0] === 0 && b[1] < 128) || (b[0] === 0xff && b[1] >= 128)))) fail('integer');
      break;
    case 0x03:
      if (b.length === 0 || b[0] > 7 || (b.length === 1 && b[0] !== 0) || (b.length > 1 && b[b.length - 1] & ((1 << b[0]) - 1))) fail('bit string');
      break;
    case 0x05: if (b.length) fail('null'); break;
    case 0x06: oidText(b); break;
    case 0x0c: if (!utf8(b)) fail('utf-8'); break;
    case 0x30: case 0x31: fail('primitive form'); break;
    case 0x17: if (!/^\d{12}Z$/.test(b.toString('latin1'))) fail('utc time'); break;
    case 0x18: if (!options.anyTime && !/^\d{14}(\.\d*[1-9])?Z$/.test(b.toString('latin1'))) fail('generalized time'); break;
    default:
  }
}

export function utf8(b) {
  try { return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(b); } catch { return null; }
}

function oidText(b) {
  if (b.length === 0 || b[b.length - 1] & 0x80) fail('oid');
  const out = [];
  let v = 0n, first = true;
  for (const byte of b) {
    if (first && byte === 0x80) fail('oid');
    first = !(byte & 0x80);
    v = (v << 7n) | BigInt(byte & 0x7f);
    if (first) { out.push(v); v = 0n; }
  }
  const top = out[0] < 80n ? out[0] / 40n : 2n;
  return [top, out[0] - top * 40n, ...out.slice(1)].join('.');
}

export const oid = (node) => (node?.tag === 0x06 ? oidText(node.body) : fail('an oid was expected'));
export const int = (node) => (node?.tag === 0x02 ? BigInt.asIntN(node.body.length * 8, BigInt('0x' + node.body.toString('hex')))
  : fail('an integer was expected'));
export const expect = (node, tag) => (node?.tag === tag ? node : fail(`tag ${tag} was expected`));

/** Takes kids one after the other: take(tag) needs it, maybe(tag) may find it, done() has to be at the end. */
export class Walk {
  constructor(node, tag = 0x30) { this.kids = expect(node, tag).kids; this.at = 0; }
  take(tag) { const k = expect(this.kids[this.at], tag); this.at++; return k; }
  any() { return this.kids[this.at++] ?? fail('cut'); }
  maybe(tag) { return this.kids[this.at]?.tag === tag ? this.kids[this.at++] : null; }
  done() { if (this.at !== this.kids.length) fail('too much'); }
}
