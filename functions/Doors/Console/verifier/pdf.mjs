// The strict subset of PDF 1.7 (ISO 32000-1) that a letter is: one body, one classic cross-reference table, one trailer.
import { Bytes } from './bytes.mjs';
import { inflate } from './inflate.mjs';
import { need } from './json.mjs';

const CODE = 'malformed';
const bad = (why) => need(false, CODE, why);
const MAX_OBJECTS = 20_000, MAX_STREAM = 32 * 1024 * 1024;
const SPACE = new Set([0, 9, 10, 12, 13, 32]), DELIMITER = new Set([...'()<>[]{}/%'].map((c) => c.charCodeAt(0)));

export class Name { constructor(text) { this.text = text; } }
export class Ref { constructor(id) { this.id = id; } }
/** A string, with where its token began and ended. */
export class Text { constructor(bytes, from, to) { Object.assign(this, { bytes, from, to }); } }
/** A word of a content stream that is no value. */
export class Operator { constructor(text) { this.text = text; } }

/** Reads values and words one after the other. */
export class Reader {
  constructor(buf, at = 0, end = buf.length) { Object.assign(this, { buf, at, end }); }

  skip() { while (this.at < this.end && SPACE.has(this.buf[this.at])) this.at++; }

  /** The next value or operator; undefined at the end. */
  next(depth = 0) {
    this.skip();
    if (this.at >= this.end) return undefined;
    if (depth > 24) bad('nested too deep');
    const c = String.fromCharCode(this.buf[this.at]);
    if (c === '/') return new Name(this.name());
    if (c === '(') return this.literal();
    if (c === '[') { this.at++; return this.list(']', depth); }
    if (c === '<') return this.buf[this.at + 1] === 60 ? this.dictionary(depth) : this.hexString();
    const word = this.word();
    if (!word) bad('a stray delimiter');
    if (/^[+-]?(\d+\.?\d*|\.\d+)$/.test(word)) return this.maybeRef(word);
    return word === 'true' ? true : word === 'false' ? false : word === 'null' ? null : new Operator(word);
  }

  word() {
    const from = this.at;
    while (this.at < this.end && !SPACE.has(this.buf[this.at]) && !DELIMITER.has(this.buf[this.at])) this.at++;
    return this.buf.toString('latin1', from, this.at);
  }

  name() { this.at++; return this.word().replace(/#([0-9a-fA-F]{2})/g, (_, h) => String.fromCharCode(parseInt(h, 16))); }

  maybeRef(word) {
    const m = /^\d+$/.test(word) && /^ 0 R(?=[\s\/\[\]<>()]|$)/.exec(this.buf.toString('latin1', this.at, Math.min(this.at + 5, this.end)));
    if (!m) return Number(word);
    this.at += 4;
    return new Ref(Number(word));
  }

  list(close, depth) {
    const out = [];
    for (;;) {
      this.skip();
      if (this.at >= this.end) bad('not closed');
      if (this.buf[this.at] === close.charCodeAt(0)) { this.at++; return out; }
      const v = this.next(depth + 1);
      if (v instanceof Operator) bad('a word in a list');
      out.push(v);
    }
  }

  dictionary(depth) {
    this.at += 2;
    const out = new Map();
    for (;;) {
      this.skip();
      if (this.buf[this.at] === 62 && this.buf[this.at + 1] === 62) { this.at += 2; return out; }
      const key = this.next(depth + 1);
      if (!(key instanceof Name) || out.has(key.text)) bad('a dictionary key');
      const value = this.next(depth + 1);
      if (value === undefined || value instanceof Operator) bad('a dictionary value');
      out.set(key.text, value);
    }
  }

  hexString() {
    const from = this.at, close = this.buf.indexOf(62, from);
    if (close < 0 || close >= this.end) bad('not closed');
    const digits = this.buf.toString('latin1', from + 1, close);
    if (!/^([0-9a-fA-F]{2})*$/.test(digits)) bad('a hex string');
    this.at = close + 1;
    return new Text(Bytes.from(digits, 'hex'), from, this.at);
  }

  // No letter has an escape that is longer than two characters.
  literal() {
    const from = this.at++, out = [];
    for (let depth = 1; ;) {
      if (this.at >= this.end) bad('not closed');
      let c = this.buf[this.at++];
      if (c === 92) c = this.buf[this.at++];
      else if (c === 40) depth++;
      else if (c === 41 && --depth === 0) return new Text(Bytes.from(out), from, this.at);
      out.push(c);
    }
  }
}

/** The whole file. Throws Bad('malformed'). */
export class Pdf {
  constructor(bytes) {
    this.bytes = bytes;
    const latin = (from, to) => bytes.toString('latin1', from, to);
    if (latin(0, 9) !== '%PDF-1.7\n' || bytes[9] !== 37) bad('header');
    const tail = /startxref\n(\d+)\n%%EOF\n$/.exec(latin(Math.max(0, bytes.length - 64)));
    if (!tail) bad('end');
    const xref = Number(tail[1]), head = /^xref\n0 (\d+)\n/.exec(latin(xref, xref + 32));
    if (!head || Number(head[1]) > MAX_OBJECTS) bad('xref');
    const count = Number(head[1]), table = xref + head[0].length;
    this.offsets = new Map();
    for (let i = 0; i < count; i++) {
      const entry = /^(\d{10}) (\d{5}) ([nf]) \n$/.exec(latin(table + i * 20, table + i * 20 + 20));
      if (!entry || (entry[3] === 'n') !== (i > 0) || (i > 0 && entry[2] !== '00000')) bad('xref entry');
      if (i) this.offsets.set(i, Number(entry[1]));
    }
    const reader = new Reader(bytes, table + count * 20, bytes.length - tail[0].length);
    if (!(reader.next() instanceof Operator)) bad('trailer');
    this.trailer = reader.next();
    reader.skip();
    if (!(this.trailer instanceof Map) || reader.at !== reader.end || this.trailer.has('Prev') || this.trailer.has('Encrypt')
      || this.trailer.has('XRefStm')) bad('trailer');
    this.objects = new Map();
    let at = bytes.indexOf(10, 9) + 1;
    for (const [id, offset] of [...this.offsets].sort((a, b) => a[1] - b[1])) {
      if (offset < at) bad('objects in each other');
      at = this.object(id, offset);
    }
    if (at > xref) bad('an object in the table');
  }

  object(id, offset) {
    const head = `${id} 0 obj\n`;
    if (this.bytes.toString('latin1', offset, offset + head.length) !== head) bad('object');
    const reader = new Reader(this.bytes, offset + head.length), value = reader.next();
    let stream = null;
    if (this.bytes.toString('latin1', reader.at, reader.at + 8) === '\nstream\n') {
      const from = reader.at + 8, length = value instanceof Map ? value.get('Length') : null;
      if (!Number.isSafeInteger(length)) bad('stream length');
      stream = this.bytes.subarray(from, from + length);
      const end = this.bytes.toString('latin1', from + length, from + length + 10);
      reader.at = from + length + (end.startsWith('\nendstream') ? 10 : end.startsWith('endstream') ? 9 : bad('endstream'));
    }
    if (this.bytes.toString('latin1', reader.at, reader.at + 8) !== '\nendobj\n') bad('endobj');
    this.objects.set(id, { value, stream });
    return reader.at + 8;
  }

  /** The value behind a reference, or the value itself. */
  get(v) {
    if (!(v instanceof Ref)) return v;
    if (!this.objects.has(v.id)) bad('a reference to nothing');
    return this.objects.get(v.id).value;
  }

  dictionary(v) { const d = this.get(v); return d instanceof Map ? d : bad('a dictionary was expected'); }

  list(v) { const l = this.get(v); return Array.isArray(l) ? l : bad('a list was expected'); }

  /** The decoded content of a stream. */
  stream(v) {
    if (!(v instanceof Ref) || !this.objects.get(v.id)?.stream) bad('a stream was expected');
    const { value, stream } = this.objects.get(v.id), filter = value.get('Filter');
    if (filter === undefined) return stream;
    if (!(filter instanceof Name) || filter.text !== 'FlateDecode' || value.has('DecodeParms')) bad('filter');
    try {
      const { bytes, used } = inflate(stream, { most: MAX_STREAM });
      if (used !== stream.length) bad('bytes after the compressed data');
      return bytes;
    } catch (e) { if (e.code === CODE) throw e; return bad('compression'); }
  }

  text(v) { const t = this.get(v); return t instanceof Text ? t.bytes.toString('latin1') : bad('a string was expected'); }
}
