// The bundle's container: read leniently, so that a repacked bundle's members can be judged, then written again and compared.
import { Bytes } from './bytes.mjs';
import { inflate } from './inflate.mjs';
import { Bad, need } from './json.mjs';

const TABLE = Int32Array.from({ length: 256 }, (_, n) => { let c = n; for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1; return c; });

export function crc32(b) {
  let c = -1;
  for (let i = 0; i < b.length; i++) c = TABLE[(c ^ b[i]) & 0xff] ^ (c >>> 8);
  return (c ^ -1) >>> 0;
}

const LOCAL = 0x04034b50, CENTRAL = 0x02014b50, END = 0x06054b50, DESCRIPTOR = 0x08074b50;
const MAX_MEMBERS = 4096, MAX_SIZE = 64 * 1024 * 1024;

/** The members in the central directory's order: { name, bytes, crc, flags, damaged }. */
export function readZip(zip) {
  let end = -1;
  for (let at = zip.length - 22; at >= Math.max(0, zip.length - 22 - 0xffff); at--) {
    if (zip.readUIntLE(at, 4) === END && at + 22 + zip.readUIntLE(at + 20, 2) === zip.length) { end = at; break; }
  }
  need(end >= 0, 'not-a-bundle', 'no end of central directory');
  const count = zip.readUIntLE(end + 10, 2), size = zip.readUIntLE(end + 12, 4), start = zip.readUIntLE(end + 16, 4);
  need(count <= MAX_MEMBERS && start + size <= end, 'not-a-bundle', 'central directory');
  const list = [];
  for (let at = start, i = 0; i < count; i++) {
    need(at + 46 <= end && zip.readUIntLE(at, 4) === CENTRAL, 'not-a-bundle', 'central header');
    const [n, e, c] = [28, 30, 32].map((o) => zip.readUIntLE(at + o, 2));
    need(at + 46 + n + e + c <= end, 'not-a-bundle', 'central header');
    list.push(member(zip, {
      name: zip.toString('utf8', at + 46, at + 46 + n), flags: zip.readUIntLE(at + 8, 2), method: zip.readUIntLE(at + 10, 2), crc: zip.readUIntLE(at + 16, 4),
      packed: zip.readUIntLE(at + 20, 4), size: zip.readUIntLE(at + 24, 4), offset: zip.readUIntLE(at + 42, 4),
    }));
    at += 46 + n + e + c;
  }
  return list;
}

function member(zip, m) {
  need(m.offset + 30 <= zip.length && zip.readUIntLE(m.offset, 4) === LOCAL, 'not-a-bundle', 'local header');
  const from = m.offset + 30 + zip.readUIntLE(m.offset + 26, 2) + zip.readUIntLE(m.offset + 28, 2);
  need(from + m.packed <= zip.length, 'not-a-bundle', 'a member is cut');
  const packed = zip.subarray(from, from + m.packed);
  try {
    m.bytes = m.method === 0 ? packed : m.method === 8 ? inflate(packed, { raw: true, most: MAX_SIZE }).bytes : null;
  } catch { m.bytes = null; }
  m.damaged = !m.bytes || m.bytes.length !== m.size || crc32(m.bytes) !== m.crc;
  return m;
}

const utf = (s) => Bytes.from(s, 'utf8');

function fields(...pairs) {
  const b = Bytes.alloc(pairs.reduce((n, [size]) => n + size, 0));
  let at = 0;
  for (const [size, value] of pairs) { b.writeUIntLE(value, at, size); at += size; }
  return b;
}

/** The one layout that the document allows, of members with what their headers say. `trailing`: the checksum stands behind the data. */
export function writeZip(list) {
  const parts = [], central = [];
  let offset = 0;
  for (const { name, bytes, trailing = false, crc = crc32(bytes) } of list) {
    const n = utf(name), flags = trailing ? 0x0808 : 0x0800, size = bytes.length;
    const common = (c, s) => [[2, 20], [2, flags], [2, 0], [2, 0], [2, 0x21], [4, c], [4, s], [4, s], [2, n.length], [2, 0]];
    const head = Bytes.concat([fields([4, LOCAL], ...(trailing ? common(0, 0) : common(crc, size))), n]);
    const tail = trailing ? fields([4, DESCRIPTOR], [4, crc], [4, size], [4, size]) : Bytes.alloc(0);
    central.push(fields([4, CENTRAL], [2, 3 * 256 + 45], ...common(crc, size), [2, 0], [2, 0], [2, 0], [4, 0x81a40000], [4, offset]), n);
    parts.push(head, bytes, tail);
    offset += head.length + size + tail.length;
  }
  const directory = Bytes.concat(central);
  return Bytes.concat([...parts, directory, fields([4, END], [2, 0], [2, 0], [2, list.length], [2, list.length], [4, directory.length], [4, offset], [2, 0])]);
}

/** Whether the container is the one that these members have. */
export function sameLayout(zip, list) {
  if (list.some((m) => m.damaged)) return true; // that is said of the member
  return writeZip(list.map((m) => ({ ...m, trailing: m.name.startsWith('original/') && (m.flags & 8) !== 0 }))).equals(zip);
}
