// A block of a chain that nobody runs: transactions, receipts, their tries and the header, consistent with each other.
import { encode, keccak256, quantity } from './shared.mjs';

const TOPIC = keccak256(Buffer.from('Anchored(uint64,bytes32,address)'));
const SELECTOR = keccak256(Buffer.from('anchor(uint64,bytes32)')).subarray(0, 4);
const nibbles = (b) => [...b].flatMap((x) => [x >> 4, x & 15]);
const word = (n) => Buffer.from(BigInt(n).toString(16).padStart(64, '0'), 'hex');
const hex0x = (b) => `0x${Buffer.from(b).toString('hex')}`;

function compact(path, leaf) {
  const flag = (leaf ? 2 : 0) + (path.length % 2), full = path.length % 2 ? [flag, ...path] : [flag, 0, ...path];
  return Buffer.from(full.flatMap((n, i) => (i % 2 ? [] : [n * 16 + full[i + 1]])));
}

/** The trie of these values by rlp(index): its root, and the proof of a key. */
export function trie(values) {
  const pairs = values.map((v, i) => [nibbles(encode(quantity(i))), v]);
  const build = (list, depth) => {
    if (list.length === 0) return Buffer.alloc(0);
    if (list.length === 1) return [compact(list[0][0].slice(depth), true), list[0][1]];
    let common = 0;
    while (list.every(([k]) => k.length > depth + common && k[depth + common] === list[0][0][depth + common])) common++;
    if (common) return [compact(list[0][0].slice(depth, depth + common), false), embed(build(list, depth + common))];
    const node = [];
    for (let n = 0; n < 16; n++) node.push(embed(build(list.filter(([k]) => k[depth] === n), depth + 1)));
    node.push(list.find(([k]) => k.length === depth)?.[1] ?? Buffer.alloc(0));
    return node;
  };
  const embed = (node) => {
    if (!Array.isArray(node)) return node;
    const raw = encode(node);
    return raw.length < 32 ? node : Object.assign(keccak256(raw), { node });
  };
  const top = build(pairs, 0);
  return {
    root: keccak256(encode(top)),
    proof(index) {
      const key = nibbles(encode(quantity(index))), out = [encode(top)];
      for (let node = top, depth = 0; ;) {
        let next;
        if (node.length === 17) { if (depth === key.length) return out; next = node[key[depth++]]; }
        else {
          const n = nibbles(node[0]);
          if (n[0] & 2) return out;
          depth += n.length - (n[0] & 1 ? 1 : 2);
          next = node[1];
        }
        if (next.node) { out.push(encode(next.node)); node = next.node; }
        else if (Array.isArray(next)) node = next;
        else return out;
      }
    },
  };
}

/** A signed transaction of type 0 (EIP-155), 1 or 2. */
export function transaction(account, { type = 2, chainId, nonce = 0, to, data, value = 0, high = false, v = null }) {
  const common = [quantity(100_000), to, quantity(value), data];
  const fields = type === 2 ? [quantity(chainId), quantity(nonce), quantity(1), quantity(100), ...common, []]
    : type === 1 ? [quantity(chainId), quantity(nonce), quantity(100), ...common, []] : [quantity(nonce), quantity(100), ...common];
  const unsigned = type ? Buffer.concat([Buffer.from([type]), encode(fields)]) : encode([...fields, quantity(chainId), Buffer.alloc(0), Buffer.alloc(0)]);
  const { r, s, parity } = account.sign(keccak256(unsigned), high);
  const full = encode([...fields, quantity(v ?? (type ? parity : chainId * 2 + 35 + parity)), quantity(r), quantity(s)]);
  return type ? Buffer.concat([Buffer.from([type]), full]) : full;
}

/**
 * The anchor of a root. `o` says what is unusual: type, txChainId, to, sender (of the event), topic, contractOfEvent, logsBefore, status, others (how many
 * transactions beside), index, headerNumber, headerTime, header (list → list), high.
 */
export function anchor({ chainId, contract, size, root, block, ms, account, stranger }, o = {}) {
  const to = o.to ?? contract, count = o.others ?? 3, index = o.index ?? 1;
  const data = Buffer.concat([SELECTOR, word(size), root]);
  const own = transaction(account, { type: o.type, chainId: o.txChainId ?? chainId, to, data, nonce: 7, high: o.high, v: o.v });
  const event = [
    Buffer.from(o.contractOfEvent ?? contract), [o.topic ?? TOPIC, word(o.eventSize ?? size), ...(o.topics ?? [])],
    Buffer.concat([o.eventRoot ?? root, Buffer.alloc(12, o.dirty ?? 0), o.sender ?? account.address, ...(o.eventMore ? [Buffer.alloc(32)] : [])]),
  ];
  const other = (n) => [Buffer.alloc(20, n + 1), [Buffer.alloc(32, n)], Buffer.from([n])];
  const logs = [...Array.from({ length: o.logsBefore ?? 0 }, (_, n) => other(n)), event];
  const receipt = (status, list) => {
    const body = encode([status, quantity(50_000), Buffer.alloc(256), list]), type = o.type ?? 2;
    return type ? Buffer.concat([Buffer.from([type]), body]) : body;
  };
  const transactions = [], receipts = [];
  for (let i = 0; i <= count; i++) {
    const mine = i === index;
    transactions.push(mine ? own : transaction(stranger, { chainId, to: Buffer.alloc(20, 9), data: Buffer.alloc(4, i), nonce: i }));
    receipts.push(receipt(mine ? o.status ?? Buffer.from([1]) : Buffer.from([1]), mine ? logs : [other(i)]));
  }
  const [tt, rt] = [trie(transactions), trie(receipts)], seconds = Math.floor(ms / 1000);
  let header = [
    Buffer.alloc(32, 1), keccak256(encode([])), Buffer.alloc(20), Buffer.alloc(32, 2), tt.root, rt.root, Buffer.alloc(256), Buffer.alloc(0),
      quantity(o.headerNumber ?? block),
    quantity(30_000_000), quantity(50_000), quantity(o.headerTime ?? seconds), Buffer.alloc(0), Buffer.alloc(32), Buffer.alloc(8), quantity(7),
  ];
  if (o.header) header = o.header(header);
  const raw = encode(header);
  return {
    block, blockHash: hex0x(keccak256(raw)), blockTime: `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`, chainId, contract: hex0x(contract),
      format: 'notary-anchor/1',
    header: hex0x(raw), logIndex: o.logsBefore ?? 0, receiptProof: rt.proof(index).map(hex0x), root: root.toString('hex'), size, transaction: hex0x(own),
    transactionHash: hex0x(keccak256(own)), transactionIndex: index, transactionProof: tt.proof(index).map(hex0x),
  };
}
