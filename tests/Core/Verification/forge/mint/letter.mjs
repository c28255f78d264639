// Letters: pages from the renderer given, everything else from here: attachment, structure, signature.
import { inflateSync, deflateSync } from 'node:zlib';
import { Pdf } from './shared.mjs';
import { attribute, signedData } from './cms.mjs';
import { createHash } from 'node:crypto';

const sha256 = (b) => createHash('sha256').update(b).digest();
export class NoRoom extends Error {}
export const LETTER = '1.2.840.113549.1.7.1';

/** Parts of a PDF by object number, to be changed and laid out again. */
export class PdfFile {
  constructor(bytes) {
    const pdf = new Pdf(bytes), offsets = [...pdf.offsets].sort((a, b) => a[1] - b[1]), xref = Number(/startxref\n(\d+)/.exec(bytes.toString('latin1'))[1]);
    this.head = bytes.subarray(0, offsets[0][1]);
    this.parts = new Map(offsets.map(([id, from], i) => [id, bytes.subarray(from, offsets[i + 1]?.[1] ?? xref)]));
    const tail = bytes.toString('latin1', xref);
    this.trailer = tail.slice(tail.indexOf('trailer'), tail.indexOf('startxref'));
    this.pdf = pdf;
  }

  find(test) { return [...this.parts].find(([, raw]) => test(raw.toString('latin1')))[0]; }
  text(id) { return this.parts.get(id).toString('latin1'); }
  set(id, text) { this.parts.set(id, Buffer.from(text, 'latin1')); return this; }
  replace(id, from, to) {
    const text = this.text(id), changed = text.replace(from, to);
    if (changed === text) throw new Error(`nothing to replace in object ${id}`);
    return this.set(id, changed);
  }

  /** A further object, at the end of the body but before the signature, which stays last. */
  add(text) {
    const id = Math.max(...this.parts.keys()) + 1, list = [...this.parts], last = list.pop();
    this.parts = new Map([...list, [id, Buffer.from(`${id} 0 obj\n${text}\nendobj\n`, 'latin1')], last]);
    return id;
  }

  /** The content of a stream, changed. */
  stream(id, change) {
    const raw = this.parts.get(id), at = raw.indexOf('stream\n') + 7, length = Number(/\/Length (\d+)/.exec(raw.toString('latin1', 0, at))[1]);
    const packed = raw.includes('/FlateDecode') && raw.indexOf('/FlateDecode') < at, body = raw.subarray(at, at + length);
    const content = Buffer.from(change(packed ? inflateSync(body) : Buffer.from(body))), out = packed ? deflateSync(content) : content;
    const head = raw.toString('latin1', 0, at).replace(/\/Length \d+/, `/Length ${out.length}`).replace(/\/Size \d+/, `/Size ${out.length}`);
    this.parts.set(id, Buffer.concat([Buffer.from(head, 'latin1'), out, raw.subarray(at + length)]));
    return this;
  }

  get catalog() { return this.find((t) => t.includes('/Type /Catalog')); }
  get page() { return this.find((t) => t.includes('/Type /Page ')); }
  get content() { return Number(/\/Contents (\d+) 0 R/.exec(this.text(this.page))[1]); }
  get field() { return this.find((t) => t.includes('/FT /Sig')); }
  get signature() { return this.find((t) => t.includes('/Type /Sig ')); }
  get attachment() { return this.find((t) => t.includes('/Type /EmbeddedFile')); }
  get specification() { return this.find((t) => t.includes('/Type /Filespec')); }

  bytes() {
    const out = [this.head], ids = [...this.parts.keys()], offsets = new Map();
    let at = this.head.length;
    for (const id of ids) { offsets.set(id, at); out.push(this.parts.get(id)); at += this.parts.get(id).length; }
    const size = Math.max(...ids) + 1, pad = (n) => String(n).padStart(10, '0');
    let tail = `xref\n0 ${size}\n0000000000 65535 f \n`;
    for (let id = 1; id < size; id++) tail += `${pad(offsets.get(id) ?? 0)} 00000 n \n`;
    tail += `${this.trailer.replace(/\/Size \d+/, `/Size ${size}`)}startxref\n${at}\n%%EOF\n`;
    return Buffer.concat([...out, Buffer.from(tail, 'latin1')]);
  }
}

export const withFacts = (pdf, json) => { const file = new PdfFile(pdf); return file.stream(file.attachment, () => json).bytes(); };

/** Fills the signature's room. `cms` changes the CMS (see signedData), `range` the ByteRange, `stamp` makes the time-stamp over the signature's value. */
export function signPdf(pdf, { signer, certificates = [signer.raw], stamp, cms = {}, range = (r) => r, pad = null, contents = (c) => c, keepOrder = false }) {
  const out = Buffer.from(pdf), from = out.lastIndexOf('/Contents <') + 10, room = { from, to: out.indexOf('>', from) + 1 };
  const values = range([0, room.from, room.to, pdf.length - room.to]);
  const at = out.lastIndexOf('/ByteRange [', room.from) + 12, end = out.indexOf(']', at);
  out.write(values.map((v) => String(v).padStart(10, '0')).join(' ').padEnd(end - at).slice(0, end - at), at, 'latin1');
  const covered = Buffer.concat([out.subarray(0, room.from), out.subarray(room.to)]);
  const value = contents(signedData({
    signer, type: LETTER, detached: true, content: covered, version: 1, certificates: keepOrder ? certificates : [...certificates].sort(Buffer.compare),
    unsigned: (s) => [attribute('1.2.840.113549.1.9.16.2.14', stamp(sha256(s)))], ...cms,
  }));
  if (value.length * 2 + 2 > room.to - room.from) throw new NoRoom();
  out.write(value.toString('hex').padEnd(room.to - room.from - 2, '0'), room.from + 1, 'latin1');
  if (pad) out.write(pad, room.to - 1 - pad.length, 'latin1');
  return out;
}
