// anchor.json: what the chain's own formats say of a root, without a node (docs/evidence-format.md, Anchor).
import { keccak256 } from './keccak.mjs';
import { secp256k1 } from './curve.mjs';
import { RlpError, encode, number, proved, quantity, rlp } from './rlp.mjs';
import { Bad, canonical, hex, is, members, need, time } from './json.mjs';

const MAX = 8 * 1024 * 1024;
const TOPIC = hex(keccak256(Buffer.from('Anchored(uint64,bytes32,address)')));

export function parseAnchor(bytes) {
  const nodes = is.list(1, 64, is.blob);
  const a = members(canonical(bytes, 'anchor-malformed', MAX), 'anchor-malformed', {
    format: is.one('notary-anchor/1'), chainId: is.whole, contract: is.hex0x(20), size: is.whole, root: is.hex(32), transactionHash: is.hex0x(32),
    transaction: is.blob, block: is.whole, blockHash: is.hex0x(32), blockTime: (v) => time(v, 0) !== null, header: is.blob,
    transactionIndex: is.whole, transactionProof: nodes, receiptProof: nodes, logIndex: is.whole,
  });
  return { ...a, time: time(a.blockTime) };
}

const raw = (text) => Buffer.from(text.slice(2), 'hex');
const code = (name, check) => { try { return check(); } catch (e) { throw e instanceof RlpError ? new Bad(name, e.message) : e; } };

/** Throws Bad with the first thing that does not hold. */
export function judgeAnchor(a, trust, checkpoint) {
  need(checkpoint, 'checkpoint');
  need(a.chainId === trust.chainId && a.contract === trust.contract, 'anchor-wrong-chain');
  need(a.size === checkpoint.size && a.root === hex(checkpoint.root), 'anchor-wrong-root');
  const header = code('anchor-block', () => rlp(raw(a.header)));
  need(Array.isArray(header) && header.length >= 15 && `0x${hex(keccak256(raw(a.header)))}` === a.blockHash, 'anchor-block');
  code('anchor-block', () => need(number(header[8]) === BigInt(a.block) && number(header[11]) * 1000n === BigInt(a.time), 'anchor-block'));

  const key = encode(quantity(a.transactionIndex));
  const receipt = proved(header[5], key, a.receiptProof.map(raw));
  need(receipt, 'anchor-receipt');
  const fields = code('anchor-receipt', () => rlp(receipt[0] < 0x80 ? receipt.subarray(1) : receipt));
  need(Array.isArray(fields) && fields.length === 4 && Array.isArray(fields[3]) && fields[0].equals(Buffer.from([1])), 'anchor-receipt');
  const event = fields[3][a.logIndex];
  need(Array.isArray(event) && event.length === 3 && `0x${hex(event[0])}` === a.contract && Array.isArray(event[1]) && event[1].length === 2
    && hex(event[1][0]) === TOPIC && hex(event[1][1]) === a.size.toString(16).padStart(64, '0') && event[2].length === 64
    && hex(event[2].subarray(0, 32)) === a.root && hex(event[2].subarray(32, 44)) === '0'.repeat(24), 'anchor-event');
  const sender = `0x${hex(event[2].subarray(44))}`;

  const transaction = raw(a.transaction);
  need(`0x${hex(keccak256(transaction))}` === a.transactionHash && proved(header[4], key, a.transactionProof.map(raw))?.equals(transaction), 'anchor-transaction');
  const { to, signer } = signed(transaction, trust.chainId);
  need(signer, 'anchor-signature');
  need(to !== a.contract || signer === sender, 'anchor-signature');
  need(trust.senders.length === 0 || trust.senders.includes(sender), 'anchor-sender');
  return sender;
}

/** To whom, and by whom for this chain: legacy with EIP-155, EIP-2930, EIP-1559. */
const cache = new Map();
function signed(transaction, chainId) {
  const known = `${chainId}/${hex(transaction)}`;
  if (!cache.has(known)) {
    try { cache.set(known, recover(transaction, chainId)); } catch (e) { if (!(e instanceof RlpError)) throw e; cache.set(known, {}); }
  }
  return cache.get(known);
}

function recover(transaction, chainId) {
  const type = transaction[0] < 0x80 ? transaction[0] : 0;
  const f = rlp(type ? transaction.subarray(1) : transaction);
  const [count, toAt] = { 0: [9, 3], 1: [11, 4], 2: [12, 5] }[type] ?? [];
  if (!Array.isArray(f) || f.length !== count) return {};
  const [v, r, s] = f.slice(-3).map(number);
  let unsigned, parity, chain;
  if (type === 0) {
    if (v < 35n) return {};
    chain = (v - 35n) / 2n;
    parity = Number((v - 35n) % 2n);
    unsigned = encode([...f.slice(0, 6), quantity(chain), Buffer.alloc(0), Buffer.alloc(0)]);
  } else {
    chain = number(f[0]);
    parity = Number(v);
    unsigned = Buffer.concat([Buffer.from([type]), encode(f.slice(0, -3))]);
  }
  // EIP-2: the lower of the two values of s.
  if (chain !== BigInt(chainId) || parity > 1 || s > secp256k1.n / 2n) return {};
  const key = secp256k1.recover(keccak256(unsigned), r, s, parity);
  if (!key) return {};
  const point = Buffer.from(key.map((c) => c.toString(16).padStart(64, '0')).join(''), 'hex');
  return { to: `0x${hex(f[toAt])}`, signer: `0x${hex(keccak256(point).subarray(12))}` };
}
