// Anchors whose block, receipts or transaction are not what they should be, consistently.
import { keccak256 } from '../mint/shared.mjs';
import { trie } from '../mint/chain.mjs';

const hex0x = (b) => `0x${Buffer.from(b).toString('hex')}`;

export function* chains({ mint, other, trust, random }) {
  const stranger = mint.stranger.address;
  const chain = {
    'receipt failed': { status: Buffer.alloc(0) }, 'receipt of a root': { status: Buffer.alloc(32, 1) }, 'receipt status 2': { status: Buffer.from([2]) },
      'another contract': { to: Buffer.alloc(20, 3) },
    'event of another contract': { contractOfEvent: Buffer.alloc(20, 3) }, 'another topic': { topic: keccak256(Buffer.from('Anchored(uint64,bytes32)')) },
      'another size': { eventSize: 999 }, 'another root': { eventRoot: Buffer.alloc(32, 1) },
    'another sender': { sender: stranger }, 'another sender through another contract': { sender: stranger, to: Buffer.alloc(20, 3) },
      'topics more': { topics: [Buffer.alloc(32)] }, 'data more': { eventMore: true }, 'address dirty': { dirty: 1 },
    'another chain': { txChainId: 1 }, 'another chain, legacy': { txChainId: 1, type: 0 }, 'upper s': { high: true }, 'v 27': { type: 0, v: 27 },
      'v 2': { v: 2 }, 'header number': { headerNumber: 4243 }, 'header time': { headerTime: 1 },
    'header short': { header: (h) => h.slice(0, 12) }, 'header of 15': { header: (h) => h.slice(0, 15) },
      'header longer': { header: (h) => [...h, Buffer.alloc(32), Buffer.alloc(32)] },
      'header number padded': { header: (h) => h.map((x, i) => (i === 8 ? Buffer.concat([Buffer.from([0]), x]) : x)) },
    'header of 8 fields': { header: (h) => h.slice(0, 8) }, 'contract creation': { to: Buffer.alloc(0) }, 'to of 19 bytes': { to: Buffer.alloc(19, 1) },
      'alone in the block': { others: 0, index: 0 },
  };
  for (const [what, o] of Object.entries(chain)) yield { what, shape: { chain: o } };

  const wrong = {
    'transaction proof empty': { transactionProof: [] }, 'receipt proof empty': { receiptProof: [] },
      'both proofs empty': { transactionProof: [], receiptProof: [] }, 'index 0': { transactionIndex: 0 }, 'index 2': { transactionIndex: 2 },
    'log 1': { logIndex: 1 }, 'log 99': { logIndex: 99 }, 'block 1': { block: 1 }, 'block hash': { blockHash: `0x${'11'.repeat(32)}` },
      'transaction hash': { transactionHash: `0x${'11'.repeat(32)}` }, 'header empty list': { header: '0xc0' }, 'header text': { header: '0x80' },
    'transaction 01': { transaction: '0x01' }, 'transaction c0': { transaction: '0xc0' }, 'size 1': { size: 1 }, root: { root: '11'.repeat(32) },
      chain: { chainId: 1 }, contract: { contract: `0x${'11'.repeat(20)}` }, time: { blockTime: '2026-11-29T03:00:03Z' },
  };
  for (const [what, o] of Object.entries(wrong)) yield { what, shape: { anchor: (a) => ({ ...a, ...o }) } };
  yield { what: 'receipts for transactions', shape: { anchor: (a) => ({ ...a, transactionProof: a.receiptProof }) } };
  yield { what: 'transactions for receipts', shape: { anchor: (a) => ({ ...a, receiptProof: a.transactionProof }) } };
  yield { what: 'proof reversed', shape: { anchor: (a) => ({ ...a, transactionProof: [...a.transactionProof].reverse() }) } };
  yield { what: 'proof with more', shape: { anchor: (a) => ({ ...a, transactionProof: [...a.transactionProof, '0x80'] }) } };
  yield { what: 'receipt proof with more', shape: { anchor: (a) => ({ ...a, receiptProof: [...a.receiptProof, a.receiptProof[0]] }) } };
  yield { what: 'proof with a foreign node before', shape: { anchor: (a) => ({ ...a, receiptProof: ['0xc0', ...a.receiptProof] }) } };
  for (const [name, list] of [['transactionProof', 5], ['receiptProof', 5]]) for (let i = 0; i < list; i++) {
    yield { what: `${name} bit ${i}`, shape: { anchor: (a) => ({ ...a, [name]: a[name].map((n, k) => (k === i % a[name].length ? flip(n, random) : n)) }) } };
  }
  for (const name of ['header', 'transaction']) for (let i = 0; i < 25; i++) yield { what: `${name} bit ${i}`,
    shape: { anchor: (a) => ({ ...a, [name]: flip(a[name], random) }) } };
  for (let i = 0; i < 25; i++) {
    // A transaction changed with its trie: only the signature can tell.
    yield { what: `transaction bit ${i}, in its block`, shape: { chain: { others: 0, index: 0 }, anchor: (a) => inBlock(a, flip(a.transaction, random)) } };
  }
  yield { what: 'of a stranger', shape: { anchor: () => JSON.parse(other.base().files.get('anchor.json')) } };
  const t = JSON.parse(trust), senders = (list) => Buffer.from(JSON.stringify({ ...t, chain: { ...t.chain, senders: list } }));
  const own = hex0x(mint.account.address);
  for (const [what, list] of [['named', [own]], ['named with another', [hex0x(stranger), own]], ['not named', [hex0x(stranger)]], ['named twice', [own, own]],
    ['17', Array(17).fill(own)], ['upper case', [own.toUpperCase().replace('X', 'x')]]]) {
    yield { what: `sender ${what}`, zip: mint.base().zip, trust: senders(list) };
    yield { what: `sender ${what}, by another`, shape: { chain: { sender: stranger, to: Buffer.alloc(20, 3) } }, trust: senders(list) };
  }
}

function flip(text, random) {
  const b = Buffer.from(text.slice(2), 'hex');
  b[random.below(b.length)] ^= 1 << random.below(8);
  return hex0x(b);
}

function inBlock(a, transaction) {
  const raw = Buffer.from(transaction.slice(2), 'hex'), of = trie([raw]), header = Buffer.from(a.header.slice(2), 'hex'),
    before = trie([Buffer.from(a.transaction.slice(2), 'hex')]).root;
  of.root.copy(header, header.indexOf(before));
  return { ...a, transaction, transactionHash: hex0x(keccak256(raw)), transactionProof: of.proof(0).map(hex0x), header: hex0x(header),
    blockHash: hex0x(keccak256(header)) };
}
