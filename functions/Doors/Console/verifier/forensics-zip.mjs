// A recording's zip, read member by member from wherever it lies: nothing of it but the members' bytes is judged (docs/forensics-format.md §1).
import { Bytes } from './bytes.mjs';
import { inflate } from './inflate.mjs';
import { Bad, need } from './json.mjs';
import { utf8 } from './der.mjs';

const LOCAL = 0x04034b50, CENTRAL = 0x02014b50, END = 0x06054b50, END64 = 0x06064b50, LOCATOR64 = 0x07064b50;
/** Bytes of the directory, and members: eight for each link of the longest chain. */
const MAX_DIRECTORY = 64 * 1024 * 1024, MAX_MEMBERS = 400_000;
/** Bytes that a zip may unfold to for each of its own, and in any case: more is meant to exhaust the reader. */
const MAX_RATIO = 100, LEAST_BUDGET = 16 * 1024 * 1024;
/** Bytes read at once of a member that is only measured. */
const PIECE = 4 * 1024 * 1024;

export const CODE = 'not-a-recording';
const u16 = (b, at) => b.readUIntLE(at, 2), u32 = (b, at) => b.readUIntLE(at, 4), u64 = (b, at) => {
  const n = b.readUIntLE(at, 6) + b.readUIntLE(at + 6, 2) * 2 ** 48;
  need(Number.isSafeInteger(n), CODE, 'a number');
  return n;
};

/** @param source { size, read(from, to) }, which answers with the bytes, or rejects. */
export async function openZip(source) {
  const read = async (from, to) => {
    need(from >= 0 && from <= to && to <= source.size, CODE, 'cut');
    return Bytes.over(await source.read(from, to));
  };
  const directory = await locate(read, source.size), files = new Map(), odd = [];
  need(directory.size <= MAX_DIRECTORY && directory.count <= MAX_MEMBERS, CODE, 'too many members');
  const list = await read(directory.start, directory.start + directory.size);
  for (let at = 0, i = 0; i < directory.count; i++) {
    need(at + 46 <= list.length && u32(list, at) === CENTRAL, CODE, 'central header');
    const [n, e, c] = [28, 30, 32].map((o) => u16(list, at + o)), next = at + 46 + n + e + c;
    need(next <= list.length, CODE, 'central header');
    const name = utf8(list.subarray(at + 46, at + 46 + n)), m = { method: u16(list, at + 10), flags: u16(list, at + 8), packed: u32(list, at + 20),
      size: u32(list, at + 24), offset: u32(list, at + 42), named: n };
    need(name !== null, CODE, 'a name');
    wide(m, list.subarray(at + 46 + n, at + 46 + n + e));
    if (name.endsWith('/')) { /* a folder */ } else if (files.has(name)) odd.push({ name, why: 'twice' });
    else files.set(name, m);
    at = next;
  }
  return new Package(read, files, odd, Math.max(LEAST_BUDGET, source.size * MAX_RATIO));
}

/** What sizes and offset are in a zip of more than four gigabytes (APPNOTE 4.5.3). */
function wide(m, extra) {
  for (let at = 0; at + 4 <= extra.length; at += 4 + u16(extra, at + 2)) {
    if (u16(extra, at) !== 1) continue;
    let place = at + 4;
    for (const field of ['size', 'packed', 'offset']) {
      if (m[field] !== 0xffffffff) continue;
      need(place + 8 <= extra.length, CODE, 'zip64');
      m[field] = u64(extra, place);
      place += 8;
    }
  }
}

async function locate(read, size) {
  const from = Math.max(0, size - 22 - 0xffff), tail = await read(from, size);
  for (let at = tail.length - 22; at >= 0; at--) {
    if (u32(tail, at) !== END || at + 22 + u16(tail, at + 20) !== tail.length) continue;
    const found = { count: u16(tail, at + 10), size: u32(tail, at + 12), start: u32(tail, at + 16) };
    if (at >= 20 && u32(tail, at - 20) === LOCATOR64) {
      const end = await read(u64(tail, at - 12), u64(tail, at - 12) + 56);
      need(u32(end, 0) === END64, CODE, 'zip64');
      return { count: u64(end, 32), size: u64(end, 40), start: u64(end, 48) };
    }
    return found;
  }
  throw new Bad(CODE, 'no end of central directory');
}

/** The members of a recording. */
export class Package {
  #read; #budget;

  constructor(read, files, odd, budget) {
    this.#read = read;
    this.#budget = budget;
    this.files = files;
    this.odd = odd;
  }

  get names() { return [...this.files.keys()]; }

  has(name) { return this.files.has(name); }

  /** Its bytes; null when it is not there or longer than `most`. Throws Bad('unreadable') when it cannot be unpacked. */
  async read(name, most) {
    const m = this.files.get(name);
    if (!m) return null;
    if (m.method === 0 && m.size > most) return null;
    this.#spend(m.method === 0 ? m.size : Math.min(m.size, most));
    const packed = await this.#packed(m);
    if (m.method === 0) return packed;
    try {
      return Bytes.over(inflate(packed, { raw: true, most }).bytes);
    } catch (e) {
      if (e instanceof RangeError) return null;
      throw new Bad('unreadable', name);
    }
  }

  /** Gives a member's bytes piece by piece; whether that could be done, and there are no more than `most`. */
  async pieces(name, most, take) {
    const m = this.files.get(name);
    if (m.method !== 0) {
      const bytes = await this.read(name, Math.min(most, MAX_DIRECTORY)).catch((e) => { if (e instanceof Bad) return null; throw e; });
      if (bytes) await take(bytes);
      return bytes !== null;
    }
    if (m.size > most) return false;
    try {
      this.#spend(m.size);
      const start = await this.#start(m);
      for (let at = 0; at < m.size; at += PIECE) await take(await this.#read(start + at, start + Math.min(m.size, at + PIECE)));
      return true;
    } catch (e) { if (e instanceof Bad) return false; throw e; }
  }

  async #packed(m) {
    try {
      const length = 30 + m.named + m.packed;
      const head = await this.#read(m.offset, m.offset + length);
      const start = begins(head, m), more = start + m.packed - head.length;
      const bytes = more > 0 ? Bytes.concat([head, await this.#read(m.offset + head.length, m.offset + head.length + more)]) : head;
      return bytes.subarray(start, start + m.packed);
    } catch (e) { throw e instanceof Bad ? new Bad('unreadable', e.message) : e; }
  }

  async #start(m) { return m.offset + begins(await this.#read(m.offset, m.offset + 30), m); }

  #spend(bytes) {
    need((this.#budget -= bytes) >= 0, 'unreadable', 'it unfolds further than any recording');
  }
}

/** Where a member's bytes begin, from its local header. */
function begins(head, m) {
  need(head.length >= 30 && u32(head, 0) === LOCAL && (m.flags & 1) === 0 && (m.method === 8 || (m.method === 0 && m.packed === m.size)), 'unreadable',
    'local header');
  return 30 + u16(head, 26) + u16(head, 28);
}

