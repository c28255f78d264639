// anchor.json: what the chain's own formats say of a root, without a node (docs/evidence-format.md, Anchor).
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { Bytes } from './bytes.mjs';
import { keccak256 } from './hash.mjs';
import { RlpError, encode, number, proved, quantity, rlp } from './rlp.mjs';
import { Bad, canonical, hex, is, members, need, time } from './json.mjs';

const MAX = 8 * 1024 * 1024;
const TOPIC = hex(keccak256(Bytes.from('Anchored(uint64,bytes32,address)')));

export function parseAnchor(bytes) {
  const nodes = is.list(0, 64, is.blob), index = (v) => is.whole(v) && v < 2 ** 31;
  const a = members(canonical(bytes, 'anchor-malformed', MAX), 'anchor-malformed', {
    format: is.one('notary-anchor/1'), chainId: is.whole, contract: is.hex0x(20), size: is.whole, root: is.hex(32), transactionHash: is.hex0x(32),
    transaction: is.blob, block: is.whole, blockHash: is.hex0x(32), blockTime: (v) => time(v, 0) !== null, header: is.blob,
    transactionIndex: index, transactionProof: nodes, receiptProof: nodes, logIndex: index,
  });
  return { ...a, time: time(a.blockTime) };
}

const raw = (text) => Bytes.from(text.slice(2), 'hex');
const rlpOf = (check) => { try { return check(); } catch (e) { throw e instanceof RlpError ? new Bad('anchor-malformed', e.message) : e; } };

/** Throws Bad with the first thing that does not hold. */
export function judgeAnchor(a, trust, checkpoint) {
  need(checkpoint, 'checkpoint');
  need(a.chainId === trust.chainId && (a.contract === trust.contract || trust.formerContracts?.includes(a.contract)), 'anchor-wrong-chain');
  need(BigInt(a.size) === checkpoint.size && a.root === hex(checkpoint.root), 'anchor-wrong-root');
  const header = rlpOf(() => blockHeader(raw(a.header)));
  need(`0x${hex(keccak256(raw(a.header)))}` === a.blockHash && header.number === BigInt(a.block) && header.time * 1000n === BigInt(a.time), 'anchor-block');

  const key = encode(quantity(a.transactionIndex)), found = proved(header.receipts, key, a.receiptProof.map(raw));
  need(found, 'anchor-receipt');
  const { succeeded, logs } = rlpOf(() => receiptOf(found));
  need(succeeded, 'anchor-receipt');
  const event = logs[a.logIndex];
  need(event && `0x${hex(event[0])}` === a.contract && event[1].length === 2 && hex(event[1][0]) === TOPIC
    && hex(event[1][1]) === BigInt(a.size).toString(16).padStart(64, '0') && event[2].length === 64
    && hex(event[2].subarray(0, 32)) === a.root && hex(event[2].subarray(32, 44)) === '0'.repeat(24), 'anchor-event');
  const sender = `0x${hex(event[2].subarray(44))}`;

  const bytes = raw(a.transaction), transaction = transactionOf(bytes);
  need(transaction.signer, 'anchor-signature');
  need(`0x${hex(keccak256(bytes))}` === a.transactionHash && transaction.chain === BigInt(a.chainId), 'anchor-transaction');
  need(transaction.to !== a.contract || transaction.signer === sender, 'anchor-transaction');
  need(trust.senders.length === 0 || trust.senders.includes(sender), 'anchor-sender');
  need(proved(header.transactions, key, a.transactionProof.map(raw))?.equals(bytes), 'anchor-transaction');
}

const fixed = (b, n) => { if (!(b instanceof Uint8Array) || b.length !== n) throw new RlpError('length'); return b; };
const list = (v, least, most = least) => { if (!Array.isArray(v) || v.length < least || v.length > most) throw new RlpError('fields'); return v; };
const small = (b) => { const n = number(b); if (n >= 2n ** 64n) throw new RlpError('number'); return n; };

/** 15 fields before London, more since. */
function blockHeader(bytes) {
  const h = list(rlp(bytes), 15, 23);
  return { transactions: fixed(h[4], 32), receipts: fixed(h[5], 32), number: small(h[8]), time: small(h[11]) };
}

function receiptOf(bytes) {
  const [status, , , logs] = list(rlp(bytes[0] < 0x80 ? bytes.subarray(1) : bytes), 4), s = small(status);
  if (s > 1n) throw new RlpError('status');
  for (const log of list(logs, 0, Infinity)) {
    const [address, topics, data] = list(log, 3);
    fixed(address, 20);
    for (const t of list(topics, 0, 4)) fixed(t, 32);
    if (!(data instanceof Uint8Array)) throw new RlpError('data');
  }
  return { succeeded: s === 1n, logs };
}

const known = new Map();

/** To whom, for which chain, and by whom: legacy with EIP-155, EIP-2930, EIP-1559. */
function transactionOf(bytes) {
  const key = hex(bytes);
  if (!known.has(key)) known.set(key, rlpOf(() => recover(bytes)));
  return known.get(key);
}

function recover(bytes) {
  const type = bytes[0] < 0x80 ? bytes[0] : 0, layout = { 0: [9, 3], 1: [11, 4], 2: [12, 5] }[type];
  if (!layout) throw new RlpError('type');
  const f = list(rlp(type ? bytes.subarray(1) : bytes), layout[0]), to = f[layout[1]];
  if (to.length !== 0) fixed(to, 20);
  const [v, r, s] = f.slice(-3).map(number);
  let unsigned, parity, chain;
  if (type === 0) {
    chain = v >= 35n ? (v - 35n) / 2n : null;
    parity = Number(v >= 35n ? (v - 35n) % 2n : v - 27n);
    unsigned = encode(chain === null ? f.slice(0, 6) : [...f.slice(0, 6), quantity(chain), Bytes.alloc(0), Bytes.alloc(0)]);
  } else {
    chain = number(f[0]);
    parity = Number(v);
    unsigned = Bytes.concat([bytes.subarray(0, 1), encode(f.slice(0, -3))]);
  }
  const signer = signerOf(keccak256(unsigned), r, s, parity);
  return { to: `0x${hex(to)}`, chain, signer: signer && `0x${hex(signer)}` };
}

/** The address that signed (SEC 1 section 4.1.6), s in the lower half (EIP-2); null when nobody did. */
function signerOf(digest, r, s, parity) {
  const { n } = secp256k1.Point.CURVE();
  if ((parity !== 0 && parity !== 1) || r <= 0n || r >= n || s <= 0n || s > n / 2n) return null;
  try {
    const point = new secp256k1.Signature(r, s, parity).recoverPublicKey(digest);
    return keccak256(point.toBytes(false).subarray(1)).subarray(12);
  } catch { return null; }
}
