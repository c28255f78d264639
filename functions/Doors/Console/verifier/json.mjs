// JSON as RFC 8785 wants it: parse, write again, compare. Strict: also no doubled member, which writing again shows.
import { Bytes } from './bytes.mjs';
import { utf8 } from './der.mjs';

export const hex = (b) => Bytes.over(b).toString('hex');

/** A finding with the code of the document. */
export class Bad extends Error {
  constructor(code, why = code) { super(why); this.code = code; }
}

export const need = (ok, code, why) => { if (!ok) throw new Bad(code, why); };

export function jcs(v) {
  if (Array.isArray(v)) return `[${v.map(jcs).join(',')}]`;
  if (v && typeof v === 'object') return `{${Object.keys(v).sort().map((k) => `${JSON.stringify(k)}:${jcs(v[k])}`).join(',')}}`;
  return JSON.stringify(v); // numbers and text are ECMAScript's own, which is what RFC 8785 section 3.2.2 asks for
}

export function canonical(bytes, code, max = Infinity) {
  need(bytes.length <= max, code, 'too long');
  const text = utf8(bytes);
  need(text !== null, code, 'not UTF-8');
  let value;
  try { value = JSON.parse(text); } catch { throw new Bad(code, 'not JSON'); }
  // ECMAScript writes half a surrogate pair as an escape, which RFC 8785 section 3.2.2.2 refuses.
  need(jcs(value) === text && !/(?<!\\)(\\\\)*\\ud[89a-f]/.test(text), code, 'not canonical');
  return value;
}

/** An object with exactly these members, each of which its check takes. */
export function members(value, code, checks) {
  need(value && typeof value === 'object' && !Array.isArray(value), code, 'not an object');
  need(Object.keys(value).length === Object.keys(checks).length, code, 'other members');
  for (const [name, check] of Object.entries(checks)) need(Object.hasOwn(value, name) && check(value[name]), code, name);
  return value;
}

export const wellFormed = (t) => !/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(t);
export const is = {
  text: (min, max) => (v) => typeof v === 'string' && wellFormed(v) && v.length >= min && v.length <= max,
  bytes: (min, max) => (v) => typeof v === 'string' && wellFormed(v) && Bytes.lengthOf(v) >= min && Bytes.lengthOf(v) <= max,
  match: (re) => (v) => typeof v === 'string' && re.test(v),
  whole: (v) => Number.isInteger(v) && v >= 0 && v <= 2 ** 53,
  list: (min, max, each) => (v) => Array.isArray(v) && v.length >= min && v.length <= max && v.every(each),
  orNull: (check) => (v) => v === null || check(v),
  one: (...values) => (v) => values.includes(v),
  hex: (bytes) => (v) => typeof v === 'string' && new RegExp(`^[0-9a-f]{${bytes * 2}}$`).test(v),
  hex0x: (bytes) => (v) => typeof v === 'string' && new RegExp(`^0x[0-9a-f]{${bytes * 2}}$`).test(v),
  blob: (v) => typeof v === 'string' && /^0x([0-9a-f]{2})+$/.test(v),
};

/** RFC 3339 in UTC with at most `digits` digits of fraction, the last of them not zero (or exactly three with `exact`). Null if it is no such time. */
export function time(text, digits = 7, exact = false) {
  if (typeof text !== 'string') return null;
  const m = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?Z$/.exec(text);
  if (!m) return null;
  const f = m[7] ?? '';
  if (exact ? f.length !== 3 : f.length > digits || f.endsWith('0') || (m[7] === undefined) !== (f === '')) return null;
  const ms = Date.UTC(+m[1], +m[2] - 1, +m[3], +m[4], +m[5], +m[6]);
  const d = new Date(ms);
  if (+m[1] < 1 || d.getUTCFullYear() !== +m[1] || d.toISOString().slice(0, 19) !== text.slice(0, 19)) return null;
  return ms + Number(`0.${f || 0}`) * 1000;
}

export const base64 = (text) => {
  const b = Bytes.from(text, 'base64');
  return b?.toString('base64') === text ? b : null;
};
export const base64url = (text) => {
  const b = Bytes.from(text, 'base64url');
  return b?.toString('base64url') === text ? b : null;
};
