// Members swapped, dropped, doubled, cut; containers written otherwise.
import { deflateRawSync } from 'node:zlib';
import { crc32, writeZip } from '../mint/shared.mjs';

const NAMES = ['manifest.json', 'inclusion.tlog-proof', 'checkpoint', 'tokens/checkpoint-alpha.tsr', 'tokens/checkpoint-beta.tsr',
  'tokens/manifest-alpha.tsr', 'tokens/manifest-beta.tsr',
  'anchor.json', 'letter.pdf', 'trust.json', 'trust/letters.pem', 'trust/log.pem', 'trust/tsa-alpha.pem', 'trust/tsa-beta.pem', 'VERIFY.txt'];
const listed = (mint, files, relist) => (relist && files.has('VERIFY.txt') ? mint.relist(files) : files);

/** Of another mint, and of another deposit of this one. */
export function* swaps({ mint, other, trust }) {
  const foreign = other.base().files, deposit = mint.make({ manifest: (m) => ({ ...m, notes: { contractNo: 'B-99' } }), index: 55, size: 204 }).files,
    base = mint.base().files;
  for (const [whose, files] of [['foreign', foreign], ['sibling', deposit]]) {
    for (const name of NAMES) for (const relist of [true, false]) {
      yield { what: `${whose} ${name}${relist ? ', listed' : ''}`, files: listed(mint, new Map(base).set(name, files.get(name)), relist) };
    }
    for (const group of [/^tokens/, /checkpoint|inclusion/, /^trust/, /anchor|checkpoint$/, /letter\.pdf|manifest\.json/, /manifest|inclusion|^checkpoint/]) {
      const mixed = new Map([...base].map(([n, b]) => [n, group.test(n) ? files.get(n) : b]));
      yield { what: `${whose} ${group}`, files: mint.relist(mixed) };
      yield { what: `${whose} ${group}, own trust`, files: mint.relist(mixed), trust: null };
    }
  }
  yield { what: 'sibling', files: deposit, trust };
}

export function* dropped({ mint, trust }) {
  const base = mint.base().files;
  for (const name of NAMES) for (const relist of [true, false]) for (const own of [true, false]) {
    const files = new Map(base);
    files.delete(name);
    yield { what: `${name}${relist ? ', listed' : ''}${own ? ', own trust' : ''}`, files: listed(mint, files, relist), trust: own ? null : trust };
  }
  for (const name of NAMES) for (const relist of [true, false]) yield { what: `${name} empty${relist ? ', listed' : ''}`,
    files: listed(mint, new Map(base).set(name, Buffer.alloc(0)), relist) };
  for (const name of ['further.txt', 'tokens/checkpoint-gamma.tsr', 'tokens/x-alpha.tsr', 'trust/tsa-gamma.pem', 'trust/other.pem', 'Manifest.json',
    'manifest.json ', '../manifest.json', '/manifest.json',
    'original/7', 'original/00', 'original/x', 'original/0/1', 'tokens/', 'META-INF/MANIFEST.MF', 'tokens/manifest-ALPHA.tsr', 'tokens/manifest--a.tsr',
      'revocation/alpha.crl', '']) {
    for (const relist of [true, false]) yield { what: `further ${JSON.stringify(name)}${relist ? ', listed' : ''}`,
      files: listed(mint, new Map(base).set(name, base.get('tokens/checkpoint-alpha.tsr')), relist) };
  }
}

/** Bytes changed, added, taken away, in each member. */
export function* bytes({ mint, random }) {
  const base = mint.base().files;
  for (const name of NAMES) for (let i = 0; i < 14; i++) {
    const b = Buffer.from(base.get(name)), relist = name !== 'VERIFY.txt' && !random.chance(3);
    const at = random.below(b.length), how = random.below(5);
    const changed = how === 0 ? b.subarray(0, at) : how === 1 ? Buffer.concat([b, random.bytes(1 + random.below(9))])
      : how === 2 ? Buffer.concat([b.subarray(0, at), random.bytes(1), b.subarray(at)]) : how === 3 ? Buffer.concat([b.subarray(0, at), b.subarray(at + 1)])
        : b;
    if (how === 4) b[at] ^= 1 << random.below(8);
    yield { what: `${name} ${['cut', 'longer', 'inserted', 'removed', 'bit'][how]} at ${at}${relist ? ', listed' : ''}`,
      files: listed(mint, new Map(base).set(name, changed), relist), loose: 'codes' };
  }
}

export function* originals({ mint }) {
  const at = (n, b) => ({ members: (f) => f.set(`original/${n}`, b) }), good = mint.original, second = Buffer.from('second');
  yield { what: 'right', shape: at(0, good) };
  yield { what: 'both, one of wrong size', shape: { members: (f) => f.set('original/0', good).set('original/1', second) } };
  yield { what: 'wrong', shape: at(0, Buffer.from('x')) };
  yield { what: 'changed', shape: at(0, Buffer.concat([good.subarray(1), Buffer.from([0])])) };
  yield { what: 'cut', shape: at(0, good.subarray(1)) };
  yield { what: 'empty', shape: at(0, Buffer.alloc(0)) };
  yield { what: 'of no item', shape: at(9, good) };
  yield { what: 'as another item', shape: at(1, good) };
  yield { what: 'unlisted', shape: { ...at(0, good), relist: false, members: (f) => { f.set('original/0', good).set('VERIFY.txt',
    mint.base().files.get('VERIFY.txt')); } } };
  yield { what: 'with size null', shape: { ...at(0, good), manifest: (m) => ({ ...m, items: [{ ...m.items[0], size: null }] }) } };
  yield { what: 'of a manifest that cannot be read', shape: { ...at(0, good), manifest: (m) => ({ ...m, kind: 'x' }) } };
  const list = (files) => mint.sorted(files).map(([name, b]) => ({ name, bytes: b, trailing: name.startsWith('original/') }));
  const with0 = mint.make({ members: (f) => f.set('original/0', good) }).files;
  yield { what: 'checksum behind', zip: writeZip(list(with0)) };
  yield { what: 'checksum wrong', zip: writeZip(list(with0).map((m) => (m.trailing ? { ...m, trailing: false, crc: 5 } : m))) };
  yield { what: 'checksum behind, wrong', zip: writeZip(list(with0).map((m) => (m.trailing ? { ...m, crc: 5 } : m))) };
  yield { what: 'checksum behind a member', zip: writeZip(list(with0).map((m) => ({ ...m, trailing: m.name === 'checkpoint' }))) };
}

/** Containers. */
export function* zips({ mint, random }) {
  const files = mint.base().files, list = mint.sorted(files).map(([name, b]) => ({ name, bytes: b })), zip = writeZip(list);
  const end = zip.length - 22, start = zip.readUInt32LE(end + 16);
  const edit = (at, byte) => { const z = Buffer.from(zip); z[at] ^= byte; return z; };
  yield { what: 'stub', zip: Buffer.from('PK'), loose: 'rungs' };
  yield { what: 'nothing', zip: Buffer.alloc(0), loose: 'rungs' };
  yield { what: 'no members', zip: writeZip([]), loose: 'rungs' };
  yield { what: 'text', zip: Buffer.from('not a zip'.repeat(50)), loose: 'rungs' };
  for (const at of [1, 100, 5000, end - 1, end, end + 10, zip.length - 1]) yield { what: `cut at ${at}`, zip: zip.subarray(0, at), loose: 'rungs' };
  for (const n of [1, 22, 100]) {
    yield { what: `${n} bytes before`, zip: Buffer.concat([Buffer.alloc(n), zip]), loose: 'rungs' };
    yield { what: `${n} bytes behind`, zip: Buffer.concat([zip, Buffer.alloc(n)]), loose: 'rungs' };
  }
  const comment = Buffer.concat([zip, Buffer.from('hello')]);
  comment.writeUInt16LE(5, zip.length - 2);
  yield { what: 'comment', zip: comment, loose: 'rungs' };
  yield { what: 'zip twice', zip: Buffer.concat([zip, zip]), loose: 'rungs' };
  for (let i = 0; i < list.length; i++) {
    yield { what: `doubled ${list[i].name}`, zip: writeZip([...list, list[i]]) };
    yield { what: `doubled and changed ${list[i].name}`, zip: writeZip([...list.slice(0, i + 1), { ...list[i], bytes: Buffer.from('x') },
      ...list.slice(i + 1)]) };
    yield { what: `moved ${list[i].name}`, zip: writeZip([...list.filter((_, k) => k !== i), list[i]]) };
    yield { what: `checksum of ${list[i].name}`, zip: writeZip(list.map((m, k) => (k === i ? { ...m, crc: 1 } : m))) };
  }
  yield { what: 'reversed', zip: writeZip([...list].reverse()) };
  // Every byte of a local header, of a central one and of the end.
  const third = zip.readUInt32LE(start + 42);
  for (let at = 0; at < 30; at++) yield { what: `local header ${at}`, zip: edit(third + at, 1 << random.below(8)), loose: 'rungs' };
  for (let at = 0; at < 46; at++) yield { what: `central header ${at}`, zip: edit(start + at, 1 << random.below(8)), loose: 'rungs' };
  for (let at = 0; at < 22; at++) yield { what: `end ${at}`, zip: edit(end + at, 1 << random.below(8)), loose: 'rungs' };
  // As another program packs it.
  yield { what: 'deflated', zip: deflated(list) };
}

function deflated(list) {
  const parts = [], central = [];
  let offset = 0;
  for (const { name, bytes: b } of list) {
    const n = Buffer.from(name), packed = deflateRawSync(b), h = Buffer.alloc(30), c = Buffer.alloc(46);
    h.writeUInt32LE(0x04034b50, 0);
    h.writeUInt16LE(20, 4);
    h.writeUInt16LE(8, 8);
    h.writeUInt32LE(crc32(b), 14);
    h.writeUInt32LE(packed.length, 18);
    h.writeUInt32LE(b.length, 22);
    h.writeUInt16LE(n.length, 26);
    c.writeUInt32LE(0x02014b50, 0);
    c.writeUInt16LE(20, 4);
    h.copy(c, 6, 4, 30);
    c.writeUInt32LE(offset, 42);
    parts.push(h, n, packed);
    central.push(c, n);
    offset += 30 + n.length + packed.length;
  }
  const d = Buffer.concat(central), e = Buffer.alloc(22);
  e.writeUInt32LE(0x06054b50, 0);
  e.writeUInt16LE(list.length, 8);
  e.writeUInt16LE(list.length, 10);
  e.writeUInt32LE(d.length, 12);
  e.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, d, e]);
}

/** The recipe: other scripts, other lists. */
export function* recipes({ mint, random }) {
  const base = mint.base().files;
  const change = (what, recipe) => ({ what, shape: { recipe } });
  yield change('a blank more', (t) => t.replace('\n', ' \n'));
  yield { ...change('version 1', (t) => t.replace('notary-recipe/2', 'notary-recipe/1')), loose: 'codes' }; // what that one said is not in the document
  for (const n of [3, 4, 5]) yield change(`version ${n}`, (t) => t.replace('notary-recipe/2', `notary-recipe/${n}`));
  yield change('version 02', (t) => t.replace('notary-recipe/2', 'notary-recipe/02'));
  yield change('version -2', (t) => t.replace('notary-recipe/2', 'notary-recipe/-2'));
  yield change('version 99999999', (t) => t.replace('notary-recipe/2', 'notary-recipe/99999999'));
  yield change('no version', (t) => t.replace('# notary-recipe/2: ', '# '));
  yield change('version in the second line', (t) => `#!/bin/sh\n${t}`);
  yield change('byte order mark', (t) => `\ufeff${t}`);
  yield change('CRLF', (t) => t.replaceAll('\n', '\r\n'));
  yield change('no list', (t) => t.slice(0, t.indexOf('# MEMBERS\n') + 10));
  yield change('list twice', (t) => t + t.slice(t.indexOf('# MEMBERS\n') + 10));
  yield change('list reversed', (t) => { const at = t.indexOf('# MEMBERS\n') + 10;
    return `${t.slice(0, at)}${t.slice(at).trimEnd().split('\n').reverse().join('\n')}\n`; });
  yield change('a line more', (t) => `${t}# ${'0'.repeat(64)}  further\n`);
  yield change('no last newline', (t) => t.trimEnd());
  yield change('upper case', (t) => t.replace(/# ([0-9a-f]{64})  letter/, (l, d) => l.replace(d, d.toUpperCase())));
  yield change('a digit', (t) => t.replace(/# (.)([0-9a-f]{63})  letter/, (_, a, b) => `# ${a === '0' ? '1' : '0'}${b}  letter`));
  yield change('exit 0', (t) => t.replace('\n', '\nexit 0\n'));
  yield change('nothing', () => '');
  for (let i = 0; i < 20; i++) {
    const b = Buffer.from(base.get('VERIFY.txt'));
    b[random.below(b.length)] ^= 1 << random.below(7);
    yield { what: `bit ${i}`, files: new Map(base).set('VERIFY.txt', b) };
  }
}
