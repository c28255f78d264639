// Writes DER, and what is not quite DER when told so.
export function tlv(tag, ...parts) {
  const body = Buffer.concat(parts.map((p) => Buffer.from(p)));
  if (body.length < 128) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const n = body.length < 256 ? 1 : body.length < 65536 ? 2 : 3, head = Buffer.alloc(2 + n);
  head[0] = tag;
  head[1] = 0x80 | n;
  head.writeUIntBE(body.length, 2, n);
  return Buffer.concat([head, body]);
}

export const seq = (...parts) => tlv(0x30, ...parts);
export const setOf = (...parts) => tlv(0x31, ...[...parts].sort(Buffer.compare));
export const octets = (b) => tlv(0x04, b);
export const bits = (b, unused = 0) => tlv(0x03, Buffer.from([unused]), b);
export const utf8String = (t) => tlv(0x0c, Buffer.from(t));
export const nil = tlv(0x05);
export const boolean = (v) => tlv(0x01, Buffer.from([v ? 0xff : 0]));
export const context = (n, ...parts) => tlv(0xa0 + n, ...parts);

export function integer(v) {
  if (typeof v !== 'bigint') v = BigInt(v);
  let h = v.toString(16);
  if (h.length % 2) h = '0' + h;
  const b = Buffer.from(h, 'hex');
  return tlv(0x02, b[0] & 0x80 ? Buffer.concat([Buffer.from([0]), b]) : b);
}

export function oidOf(text) {
  const [a, b, ...rest] = text.split('.').map(BigInt), out = [];
  for (let v of [a * 40n + b, ...rest]) {
    const part = [Number(v & 127n)];
    while ((v >>= 7n)) part.unshift(Number(v & 127n) | 128);
    out.push(...part);
  }
  return tlv(0x06, Buffer.from(out));
}

const pad = (n, w = 2) => String(n).padStart(w, '0');

/** GeneralizedTime, the fraction as DER wants it. */
export function generalized(ms) {
  const d = new Date(ms), f = ms % 1000 ? `.${pad(d.getUTCMilliseconds(), 3).replace(/0+$/, '')}` : '';
  const parts = [d.getUTCMonth() + 1, d.getUTCDate(), d.getUTCHours(), d.getUTCMinutes(), d.getUTCSeconds()];
  return tlv(0x18, Buffer.from(`${d.getUTCFullYear()}${parts.map((n) => pad(n)).join('')}${f}Z`));
}

/** RFC 5280 section 4.1.2.5: UTCTime until 2049. */
export function certificateTime(ms) {
  const g = generalized(Math.floor(ms / 1000) * 1000);
  return new Date(ms).getUTCFullYear() < 2050 ? tlv(0x17, g.subarray(4)) : g;
}
