// What may follow a letter's signed revision (docs/evidence-format.md, Archive): read, written again from what was read, and compared.
import { Bytes } from './bytes.mjs';
import { DerError, der } from './der.mjs';
import { need } from './json.mjs';

const ROOM = 12_288, MAX = 64;
const malformed = (ok, why) => need(ok, 'malformed', why);
const pad = (n) => String(n).padStart(10, '0');

/** Where the first revision ends, as the last trailer's way back says. */
export function firstRevision(bytes) {
  const at = bytes.lastIndexOf('\ntrailer\n'), previous = at < 0 ? null : / \/Prev (\d+) >>\nstartxref\n/.exec(bytes.toString('latin1', at));
  if (!previous) return bytes.length;
  const mark = `\nstartxref\n${previous[1]}\n%%EOF\n`, end = bytes.indexOf(mark, Number(previous[1]));
  return end < 0 ? bytes.length : end + mark.length;
}

/** The update's bytes, with room for the time-stamp: { bytes, from, to }, the latter offsets of Contents in the whole file. */
export function writeArchive(pdf, { certificates, lists, tokens }) {
  const n = pdf.offsets.size + 1, c = pdf.trailer.get('Root')?.id, base = pdf.bytes.length, text = (from, to) => pdf.bytes.toString('latin1', from, to);
  malformed(pdf.trailer.get('Size') === n && pdf.offsets.has(c), 'trailer');
  const begin = pdf.offsets.get(c) + `${c} 0 obj\n`.length, catalog = text(begin, pdf.bytes.indexOf('\nendobj\n', begin));
  const fields = catalog.indexOf(' /Fields ['), close = catalog.indexOf(']', fields);
  malformed(fields >= 0 && close > fields && catalog.lastIndexOf(' /Fields [') === fields && catalog.endsWith(' >>'), 'catalog');
  const out = [], offsets = new Map();
  let at = base;
  const put = (...parts) => { for (const p of parts) { const b = typeof p === 'string' ? Bytes.from(p, 'latin1') : p; out.push(b); at += b.length; } };
  const object = (id, ...parts) => { offsets.set(id, at); put(`${id} 0 obj\n`, ...parts, '\nendobj\n'); };
  const all = [...certificates, ...lists], refs = (from, list) => list.map((_, i) => `${from + i} 0 R`).join(' ');
  object(c, `${catalog.slice(0, close)} ${n + 1} 0 R${catalog.slice(close, -3)} /DSS ${n} 0 R >>`);
  object(n, `<< /Type /DSS /Certs [${refs(n + 3, certificates)}] /CRLs [${refs(n + 3 + certificates.length, lists)}] /XXTokens [${
    tokens.map((t) => `<${t}>`).join(' ')}] >>`);
  for (const [i, raw] of all.entries()) object(n + 3 + i, `<< /Length ${raw.length} >>\nstream\n`, raw, '\nendstream');
  object(n + 1, `<< /Type /Annot /Subtype /Widget /FT /Sig /T (Timestamp1) /F 132 /Rect [0 0 0 0] /V ${n + 2} 0 R >>`);
  const range = '<< /Type /DocTimeStamp /Filter /Adobe.PPKLite /SubFilter /ETSI.RFC3161 /ByteRange [', four = pad(0).length * 4 + 3;
  const from = at + `${n + 2} 0 obj\n${range}] /Contents `.length + four, to = from + 2 * ROOM + 2, where = out.length + 1;
  object(n + 2, range, ' '.repeat(four), '] /Contents <', '0'.repeat(2 * ROOM), '> >>');
  const table = at, ids = [...offsets.keys()].filter((id) => id !== c).sort((a, b) => a - b), entry = (id) => `${pad(offsets.get(id))} 00000 n \n`;
  put(`xref\n0 1\n0000000000 65535 f \n${c} 1\n${entry(c)}${n} ${ids.length}\n${ids.map(entry).join('')}`);
  const end = text(pdf.bytes.lastIndexOf('trailer\n') + 8, pdf.bytes.lastIndexOf('\nstartxref\n')),
    first = /\nstartxref\n(\d+)\n%%EOF\n$/.exec(text(base - 64, base))[1];
  malformed(end.startsWith(`<< /Size ${n} /`) && end.endsWith(' >>'), 'trailer');
  put(`trailer\n${end.replace(`/Size ${n}`, `/Size ${n + ids.length}`).slice(0, -3)} /Prev ${first} >>\nstartxref\n${table}\n%%EOF\n`);
  out[where + 1] = Bytes.from([0, from, to, at - to].map(pad).join(' '));
  return { bytes: Bytes.concat(out), from, to };
}

/** What follows the first revision: { certificates, lists, tokens, covered, digits }, the last as they stand in the room for the time-stamp. */
export function readArchive(pdf, bytes) {
  const base = pdf.bytes.length, tail = bytes.subarray(base), text = tail.toString('latin1');
  const store = /\n<< \/Type \/DSS \/Certs \[([^\]]*)\] \/CRLs \[([^\]]*)\] \/XXTokens \[([^\]]*)\] >>\nendobj\n/.exec(text);
  malformed(store, 'no security store');
  const [certificates, lists] = [store[1], store[2]].map((t) => (t ? t.split(' 0 R').length - 1 : 0)), tokens = store[3].match(/[0-9a-f]+/g) ?? [];
  malformed(certificates <= MAX && lists <= MAX && tokens.length <= MAX && tokens.every((t) => t.length === 64), 'too many parts');
  const streams = [], head = /\d+ 0 obj\n<< \/Length (\d{1,8}) >>\nstream\n/y;
  head.lastIndex = store.index + store[0].length;
  while (streams.length < certificates + lists) {
    const m = head.exec(text);
    malformed(m, 'a stream is missing');
    const from = m.index + m[0].length, to = from + Number(m[1]);
    streams.push(tail.subarray(from, to));
    head.lastIndex = to + '\nendstream\nendobj\n'.length;
  }
  const found = { certificates: streams.slice(0, certificates), lists: streams.slice(certificates), tokens }, again = writeArchive(pdf, found);
  const [from, to] = [again.from + 1 - base, again.to - 1 - base];
  malformed(again.bytes.length === tail.length && again.bytes.subarray(0, from).equals(tail.subarray(0, from))
    && again.bytes.subarray(to).equals(tail.subarray(to)),
    'a later revision that is no archive');
  return { ...found, digits: text.slice(from, to), covered: Bytes.concat([bytes.subarray(0, again.from), bytes.subarray(again.to)]) };
}

/** The time-stamp in its room: null where there is none, undefined where there is a value that is none. */
export function roomToken(digits) {
  malformed(/^[0-9a-f]*$/.test(digits), 'Contents');
  if (/^0*$/.test(digits)) return null;
  const b = Bytes.from(digits, 'hex'), long = b[1] & 0x80 ? b[1] & 0x7f : 0, size = long ? b.readUIntBE(2, Math.min(long, 4)) : b[1], length = 2 + long + size;
  malformed(!(b[1] & 0x80) || (long > 0 && long <= 4 && size >= (long === 1 ? 128 : 256 ** (long - 1))), 'Contents');
  malformed(length <= b.length && b.subarray(length).every((x) => x === 0), 'Contents');
  try { return der(b.subarray(0, length), { anyTime: true }); } catch (e) { if (e instanceof DerError) return undefined; throw e; }
}
