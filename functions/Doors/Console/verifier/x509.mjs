// Certificates (RFC 5280): what chains need of them, and signatures.
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { Bytes } from './bytes.mjs';
import { DerError, Walk, der, expect, int, oid } from './der.mjs';
import { digest } from './hash.mjs';
import { bitLength, verifyPkcs1, verifyPss } from './rsa.mjs';

export const OID = {
  basicConstraints: '2.5.29.19', keyUsage: '2.5.29.15', extendedKeyUsage: '2.5.29.37', alternativeName: '2.5.29.17', keyId: '2.5.29.14',
  nameConstraints: '2.5.29.30', timeStamping: '1.3.6.1.5.5.7.3.8', rsa: '1.2.840.113549.1.1.1', pss: '1.2.840.113549.1.1.10', ec: '1.2.840.10045.2.1',
};
export const HASHES = { '2.16.840.1.101.3.4.2.1': 'sha256', '2.16.840.1.101.3.4.2.2': 'sha384', '2.16.840.1.101.3.4.2.3': 'sha512' };
const RSA = { '1.2.840.113549.1.1.11': 'sha256', '1.2.840.113549.1.1.12': 'sha384', '1.2.840.113549.1.1.13': 'sha512' };
const ECDSA = { '1.2.840.10045.4.3.2': 'sha256', '1.2.840.10045.4.3.3': 'sha384', '1.2.840.10045.4.3.4': 'sha512' };
const CURVES = { '1.2.840.10045.3.1.7': 'P-256', '1.3.132.0.34': 'P-384', '1.3.132.0.35': 'P-521' };
const BY_CURVE = { 'P-256': p256, 'P-384': p384, 'P-521': p521 };
const MIN_MODULUS_BITS = 2048;
const KNOWN = new Set([OID.basicConstraints, OID.keyUsage, OID.extendedKeyUsage, OID.alternativeName, OID.keyId, '2.5.29.35', '2.5.29.32', '2.5.29.31']);

/** Seconds since 1970 of a UTCTime or GeneralizedTime (RFC 5280 section 4.1.2.5). */
export function seconds(node) {
  let t = node.body.toString('latin1');
  if (node.tag === 0x17) t = (Number(t.slice(0, 2)) >= 50 ? '19' : '20') + t;
  else if (node.tag !== 0x18 || t.length !== 15) throw new DerError('time');
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(t) ?? [];
  if (!y) throw new DerError('time');
  return Date.UTC(+y, +mo - 1, +d, +h, +mi, +s) / 1000;
}

/** Reads a certificate; throws DerError when it is none. */
export function certificate(raw) {
  const outer = new Walk(der(raw));
  const tbs = outer.take(0x30), algorithm = outer.take(0x30), signature = outer.take(0x03);
  outer.done();
  const w = new Walk(tbs);
  const version = w.maybe(0xa0);
  if (version) int(version.kids[0]);
  const serial = w.take(0x02), inner = w.take(0x30), issuer = w.take(0x30), validity = w.take(0x30), subject = w.take(0x30), spki = w.take(0x30);
  w.maybe(0x81);
  w.maybe(0x82);
  const list = w.maybe(0xa3);
  w.done();
  if (!inner.raw.equals(algorithm.raw)) throw new DerError('two algorithms');
  if (signature.body[0] !== 0) throw new DerError('signature bits');
  const c = { raw, tbs: tbs.raw, algorithm, signature: signature.body.subarray(1), serial, issuer, subject, spki, extensions: new Map() };
  [c.notBefore, c.notAfter] = validity.kids.map(seconds);
  for (const e of list ? expect(list.kids[0], 0x30).kids : []) {
    const x = new Walk(e), id = oid(x.take(0x06)), critical = x.maybe(0x01);
    const value = x.take(0x04).body;
    x.done();
    if (c.extensions.has(id)) throw new DerError('an extension twice');
    c.extensions.set(id, { critical: critical?.body[0] === 0xff, value });
  }
  const parsed = (id) => (c.extensions.has(id) ? der(c.extensions.get(id).value) : null);
  const bc = parsed(OID.basicConstraints);
  c.ca = bc?.kids[0]?.tag === 0x01 && bc.kids[0].body[0] === 0xff;
  const path = bc?.kids.find((k) => k.tag === 0x02);
  c.pathLength = path ? Number(int(path)) : Infinity;
  const ku = parsed(OID.keyUsage);
  c.usage = ku ? new Set(bits(expect(ku, 0x03).body)) : null;
  const eku = parsed(OID.extendedKeyUsage);
  c.purposes = eku ? expect(eku, 0x30).kids.map(oid) : null;
  c.purposesCritical = c.extensions.get(OID.extendedKeyUsage)?.critical ?? false;
  c.keyId = parsed(OID.keyId)?.body ?? null;
  const san = parsed(OID.alternativeName);
  c.names = san ? san.kids : [];
  return c;
}

function* bits(b) { for (let i = 0; i < (b.length - 1) * 8; i++) if (b[1 + (i >> 3)] & (0x80 >> (i & 7))) yield i; }

/** The public key with what of it matters here: null when it is none that is allowed. */
export function publicKey(spki) {
  const [algorithm, bits] = expect(der(spki), 0x30).kids, id = oid(algorithm.kids[0]);
  if (bits?.tag !== 0x03 || bits.body[0] !== 0) return null;
  const value = bits.body.subarray(1);
  try {
    if (id === OID.rsa) {
      const w = new Walk(der(value)), key = { n: int(w.take(0x02)), e: int(w.take(0x02)) };
      w.done();
      return key.n > 0n && bitLength(key.n) >= MIN_MODULUS_BITS ? { key, type: 'rsa' } : null;
    }
    const curve = id === OID.ec && algorithm.kids[1]?.tag === 0x06 ? CURVES[oid(algorithm.kids[1])] : null;
    if (!curve) return null;
    BY_CURVE[curve].Point.fromBytes(value).assertValidity();
    return { key: value, type: 'ec', curve };
  } catch { return null; }
}

/** What a signature algorithm says: { type, hash, pss } or null when it is not one of those allowed. `digest` stands in for rsaEncryption. */
export function signatureAlgorithm(node, digest = null) {
  const id = oid(expect(node, 0x30).kids[0]), rest = node.kids.slice(1);
  const nullOrNone = rest.length === 0 || (rest.length === 1 && rest[0].tag === 0x05);
  if (ECDSA[id]) return rest.length === 0 ? { type: 'ec', hash: ECDSA[id] } : null; // RFC 5758 section 3.2
  if (RSA[id]) return nullOrNone ? { type: 'rsa', hash: RSA[id] } : null;
  if (id === OID.rsa && digest) return nullOrNone ? { type: 'rsa', hash: digest } : null;
  if (id !== OID.pss || rest.length !== 1) return null;
  // RFC 4055: the hash, MGF1 with the same hash, and a salt of the hash's length.
  const part = (tag) => rest[0].kids.find((k) => k.tag === tag)?.kids[0];
  const hash = part(0xa0) && HASHES[oid(part(0xa0).kids[0])], mask = part(0xa1), salt = part(0xa2);
  if (!hash || !mask || !salt || oid(mask.kids[0]) !== '1.2.840.113549.1.1.8' || HASHES[oid(mask.kids[1].kids[0])] !== hash) return null;
  return Number(int(salt)) === Number(hash.slice(3)) / 8 ? { type: 'rsa', hash, pss: true } : null;
}

/** r and s of an ECDSA signature; null when it is not the DER of two positive numbers. */
function pair(signature) {
  try {
    const s = der(signature), [r, t] = s.tag === 0x30 && s.kids.length === 2 ? s.kids.map(int) : [];
    return r > 0n && t > 0n ? [r, t] : null;
  } catch { return null; }
}

export const positivePair = (signature) => pair(signature) !== null;

export function signed(key, how, data, signature) {
  if (key.type !== how.type) return false;
  if (how.type === 'rsa') return (how.pss ? verifyPss : verifyPkcs1)(key.key, how.hash, data, signature);
  const curve = BY_CURVE[key.curve], { n } = curve.Point.CURVE(), width = (bitLength(n) + 7) >> 3, two = pair(signature);
  if (!two || two.some((v) => v >= n)) return false;
  const compact = Bytes.from(two.map((v) => v.toString(16).padStart(width * 2, '0')).join(''), 'hex');
  // Both (r, s) and (r, n - s) are valid (docs/trusted-time.md, what nothing in a token signs).
  try { return curve.verify(compact, digest(how.hash, data), key.key, { prehash: false, lowS: false }); } catch { return false; }
}

const signs = (issuer, cert) => {
  const key = publicKey(issuer.spki.raw), how = signatureAlgorithm(cert.algorithm);
  return key && how && signed(key, how, cert.tbs, cert.signature);
};

/**
 * The chain from a certificate to a root, RFC 5280 section 6 without policies and revocation:
 * names link, keys sign, issuers are authorities that may sign certificates, path lengths hold, no critical extension is unknown.
 * Returns { chain } or { code }: untrusted, or expired when all holds but a time.
 */
export function chain(leaf, carried, roots, at) {
  let expired = null;
  const walk = (path) => {
    const last = path[path.length - 1];
    if (roots.some((r) => r.raw.equals(last.raw))) return finish(path);
    if (path.length > 8) return null;
    for (const issuer of [...roots, ...carried]) {
      if (path.some((p) => p.raw.equals(issuer.raw)) || !issuer.subject.raw.equals(last.issuer.raw)) continue;
      const below = path.length - 1; // intermediates under this issuer
      if (!issuer.ca || (issuer.usage && !issuer.usage.has(5)) || issuer.pathLength < below || !signs(issuer, last)) continue;
      const found = walk([...path, issuer]);
      if (found) return found;
    }
    return null;
  };
  const finish = (path) => {
    if (path.some((c) => [...c.extensions].some(([id, e]) => e.critical && !KNOWN.has(id)))) return null;
    if (path.every((c) => c.notBefore <= at && at <= c.notAfter)) return path;
    expired = path;
    return null;
  };
  const found = walk([leaf]);
  return found ? { chain: found } : { code: expired ? 'expired' : 'untrusted' };
}
