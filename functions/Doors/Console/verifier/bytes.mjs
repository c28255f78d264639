// Bytes as this verifier handles them, the same in a browser and in Node: what a Uint8Array lacks.
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const CHUNK = 8192; // characters made at once: an argument list has an end
const DIGITS = Array.from({ length: 256 }, (_, b) => b.toString(16).padStart(2, '0'));

export class Bytes extends Uint8Array {
  /** Of text in an encoding (utf8, latin1, hex, base64, base64url), or a copy of bytes. What is no hex or base64 gives null. */
  static from(what, encoding = 'utf8') {
    if (typeof what !== 'string') return super.from(what);
    switch (encoding) {
      case 'utf8': return Bytes.over(new TextEncoder().encode(what));
      case 'latin1': return super.from(what, (c) => c.charCodeAt(0));
      case 'hex': {
        if (!/^(?:[0-9a-f]{2})*$/i.test(what)) return null;
        const out = new Bytes(what.length / 2);
        for (let i = 0; i < out.length; i++) out[i] = parseInt(what.slice(i * 2, i * 2 + 2), 16);
        return out;
      }
      case 'base64': return BASE64.test(what) ? Bytes.from(atob(what), 'latin1') : null;
      case 'base64url': {
        if (!/^[\w-]*$/.test(what)) return null;
        return Bytes.from(what.replaceAll('-', '+').replaceAll('_', '/').padEnd(Math.ceil(what.length / 4) * 4, '='), 'base64');
      }
      default: throw new TypeError(encoding);
    }
  }

  /** The same memory, seen as Bytes. */
  static over(u8) { return new Bytes(u8.buffer, u8.byteOffset, u8.length); }

  static alloc(n, fill = 0) { return new Bytes(n).fill(fill); }

  static concat(list) {
    const out = new Bytes(list.reduce((n, b) => n + b.length, 0));
    let at = 0;
    for (const b of list) { out.set(b, at); at += b.length; }
    return out;
  }

  static compare(a, b) {
    const n = Math.min(a.length, b.length);
    for (let i = 0; i < n; i++) if (a[i] !== b[i]) return a[i] < b[i] ? -1 : 1;
    return Math.sign(a.length - b.length);
  }

  /** How many bytes a text has in UTF-8. */
  static lengthOf(text) { return new TextEncoder().encode(text).length; }

  equals(other) { return Bytes.compare(this, other) === 0; }

  toString(encoding = 'utf8', from = 0, to = this.length) {
    const part = this.subarray(from, to);
    switch (encoding) {
      case 'utf8': return new TextDecoder('utf-8', { ignoreBOM: true }).decode(part);
      case 'hex': return Array.from(part, (b) => DIGITS[b]).join('');
      case 'latin1': {
        let out = '';
        for (let at = 0; at < part.length; at += CHUNK) out += String.fromCharCode.apply(null, part.subarray(at, at + CHUNK));
        return out;
      }
      case 'base64': return btoa(part.toString('latin1'));
      case 'base64url': return part.toString('base64').replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
      // Unit by unit: a decoder would replace half a surrogate pair.
      case 'utf16be': return Array.from({ length: part.length >> 1 }, (_, i) => String.fromCharCode(part.readUIntBE(i * 2, 2))).join('');
      default: throw new TypeError(encoding);
    }
  }

  /** Where a byte, or text of one byte a character, is next; -1 when nowhere. */
  indexOf(what, from = 0) {
    if (typeof what === 'number') return super.indexOf(what, from);
    for (let at = super.indexOf(what.charCodeAt(0), from); at >= 0; at = super.indexOf(what.charCodeAt(0), at + 1)) if (this.#has(what, at)) return at;
    return -1;
  }

  lastIndexOf(what, from = this.length - 1) {
    for (let at = super.lastIndexOf(what.charCodeAt(0), from); at >= 0; at = at > 0 ? super.lastIndexOf(what.charCodeAt(0), at - 1) : -1) {
      if (this.#has(what, at)) return at;
    }
    return -1;
  }

  #has(text, at) {
    for (let i = 0; i < text.length; i++) if (this[at + i] !== text.charCodeAt(i)) return false;
    return true;
  }

  readUIntBE(at, n) {
    if (at + n > this.length) throw new RangeError('beyond the end');
    let out = 0;
    for (let i = 0; i < n; i++) out = out * 256 + this[at + i];
    return out;
  }

  readUIntLE(at, n) {
    if (at < 0 || at + n > this.length) throw new RangeError('beyond the end');
    let out = 0;
    for (let i = n - 1; i >= 0; i--) out = out * 256 + this[at + i];
    return out;
  }

  writeUIntLE(value, at, n) {
    for (let i = 0; i < n; i++, value = Math.floor(value / 256)) this[at + i] = value % 256;
  }
}
