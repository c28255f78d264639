// public.csv as a stream (docs/draw-format.md §2): the candidates, and the root of the tree over them.
import { masked, Malformed, utf8 } from './draw.mjs';
import { room } from './sha256-many.mjs';

/** Candidates that a browser takes: some 100 bytes of memory each. The command has no such bound. */
export const mostCandidates = 2_000_000;

const header = 'handle,weight,group,name';
const comma = 0x2c, lineFeed = 0x0a;
// A handle, a weight, a group and a masked name, with three commas: nothing longer is a row.
const longestRow = 64 + 1 + 3 + 1 + 32 + 1 + 7;
const digits = new Int8Array(256).fill(-1);
for (let i = 0; i < 16; i++) digits[i.toString(16).charCodeAt(0)] = i;
const planes = (count, length) => Array.from({ length: count }, () => new Uint32Array(length));

/** Takes the file's bytes piece by piece, then gives the list. */
export function listReader(rules, count, sha) {
  const handles = planes(8, count), leaves = planes(8, count), [groups, names] = [new Uint16Array(count), new Uint32Array(count)];
  const weights = new Uint8Array(count), groupTexts = rules.groups.length === 0 ? [''] : rules.groups, nameTexts = [];
  const groupPlaces = new Map(groupTexts.map((group, i) => [String.fromCharCode(...utf8(group)), i]));
  const [namePlaces, tails] = [new Map(), new Map()];
  const batches = [1, 2].map(blocks => ({ blocks, size: 0, owners: new Uint32Array(room), words: planes(16 * blocks, room) }));
  let [found, tickets, carried, begun] = [0, 0, 0, false];
  const carry = new Uint8Array(longestRow + 1);

  /** What stands behind handle and weight in a leaf, as words; few different ones. */
  function tailOf(group, name) {
    const key = group * 2 ** 32 + name, known = tails.get(key);
    if (known) return known;
    const parts = [groupTexts[group], nameTexts[name]].map(part => utf8(part)), length = 36 + parts[0].length + parts[1].length;
    const bytes = new Uint8Array(length < 56 ? 64 : 128), view = new DataView(bytes.buffer);
    bytes.set([parts[0].length, ...parts[0], parts[1].length, ...parts[1], 0x80], 34);
    view.setUint32(bytes.length - 4, length * 8);
    const tail = { batch: batches[bytes.length / 64 - 1], words: Uint32Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(i * 4)) };
    tails.set(key, tail);
    return tail;
  }

  function flush({ blocks, size, owners, words }) {
    sha.from();
    for (let block = 0; block < blocks; block++) {
      for (let i = 0; i < 16; i++) sha.message[i].set(words[block * 16 + i]);
      sha.run(size);
    }
    for (let i = 0; i < 8; i++) for (let lane = 0, from = sha.state[i], to = leaves[i]; lane < size; lane++) to[owners[lane]] = from[lane];
  }

  function leaf(index) {
    const tail = tailOf(groups[index], names[index]), { batch } = tail, lane = batch.size++, { words } = batch;
    batch.owners[lane] = index;
    let before = 0;
    for (let i = 0; i < 8; i++) {
      const word = handles[i][index];
      words[i][lane] = (before << 24) | (word >>> 8);
      before = word;
    }
    words[8][lane] = (before << 24) | (weights[index] << 16) | tail.words[8];
    for (let i = 9; i < words.length; i++) words[i][lane] = tail.words[i];
    if (batch.size === room) {
      flush(batch);
      batch.size = 0;
    }
  }

  function nameAt(bytes, from, to) {
    const key = String.fromCharCode(...bytes.subarray(from, to)), known = namePlaces.get(key);
    if (known !== undefined) return known;
    let name;
    try { name = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(from, to)); } catch { throw new Malformed('public.csv'); }
    // A mask is its own mask.
    if (masked(name) !== name) throw new Malformed('public.csv');
    namePlaces.set(key, nameTexts.length);
    return nameTexts.push(name) - 1;
  }

  function row(bytes, from, to) {
    const index = found++;
    if (index >= count || to - from < 68 || bytes[from + 64] !== comma) throw new Malformed('public.csv');
    let [bad, greater] = [0, index === 0];
    for (let i = 0, at = from; i < 8; i++) {
      let word = 0;
      for (let n = 0; n < 8; n++, at++) {
        bad |= digits[bytes[at]];
        word = (word << 4) | digits[bytes[at]];
      }
      word >>>= 0;
      if (!greater && word !== handles[i][index - 1]) {
        if (word < handles[i][index - 1]) throw new Malformed('public.csv');
        greater = true;
      }
      handles[i][index] = word;
    }
    const second = bytes.indexOf(comma, from + 65), third = bytes.indexOf(comma, second + 1);
    if (bad < 0 || !greater || second < 0 || third < 0 || third >= to || second - from > 68) throw new Malformed('public.csv');
    const weight = String.fromCharCode(...bytes.subarray(from + 65, second));
    const group = groupPlaces.get(String.fromCharCode(...bytes.subarray(second + 1, third)));
    if (!/^(?:[1-9][0-9]?|100)$/.test(weight) || group === undefined) throw new Malformed('public.csv');
    [weights[index], groups[index], names[index]] = [Number(weight), group, nameAt(bytes, third + 1, to)];
    tickets += Number(weight);
    leaf(index);
  }

  function line(bytes, from, to) {
    if (begun) return row(bytes, from, to);
    begun = true;
    if (String.fromCharCode(...bytes.subarray(from, Math.min(to, from + longestRow))) !== header) throw new Malformed('public.csv');
  }

  return {
    update(bytes) {
      let from = 0;
      if (carried > 0) {
        const end = bytes.indexOf(lineFeed), part = bytes.subarray(0, end < 0 ? bytes.length : end);
        if (carried + part.length > longestRow) throw new Malformed('public.csv');
        carry.set(part, carried);
        carried += part.length;
        if (end < 0) return;
        line(carry, 0, carried);
        [carried, from] = [0, end + 1];
      }
      for (let end; (end = bytes.indexOf(lineFeed, from)) >= 0; from = end + 1) line(bytes, from, end);
      if (bytes.length - from > longestRow) throw new Malformed('public.csv');
      carry.set(bytes.subarray(from));
      carried = bytes.length - from;
    },
    finish() {
      if (carried > 0 || !begun) throw new Malformed('public.csv');
      batches.forEach(flush);
      return { count: found, tickets, root: found === count ? rootOf(leaves, count, sha) : null, handles, weights, groups, names, groupTexts, nameTexts };
    },
  };
}

/** RFC 6962, 2.1, level by level: a node that has no neighbour goes up as it is. Leaves nothing of the leaves. */
function rootOf(nodes, count, sha) {
  for (let width = count; width > 1;) {
    const pairs = width >>> 1;
    for (let from = 0; from < pairs; from += room) {
      const size = Math.min(room, pairs - from);
      sha.from();
      const last = join(nodes, from, size, sha.message);
      sha.run(size);
      sha.message[0].set(last);
      for (let i = 1; i < 15; i++) sha.message[i].fill(0);
      sha.message[15].fill(65 * 8);
      sha.run(size);
      for (let i = 0; i < 8; i++) nodes[i].set(sha.state[i].subarray(0, size), from);
    }
    if (width % 2 === 1) for (const plane of nodes) plane[pairs] = plane[width - 1];
    width -= pairs;
  }
  return nodes.map(plane => plane[0].toString(16).padStart(8, '0')).join('');
}

/** 0x01 ‖ left ‖ right, 65 bytes: the first block into the planes; the second's first word is given back. */
function join(nodes, from, size, message) {
  const last = new Uint32Array(size);
  for (let lane = 0; lane < size; lane++) {
    let before = 1;
    for (let i = 0; i < 16; i++) {
      const word = nodes[i & 7][2 * (from + lane) + (i >>> 3)];
      message[i][lane] = (before << 24) | (word >>> 8);
      before = word;
    }
    last[lane] = (before << 24) | 0x800000;
  }
  return last;
}
