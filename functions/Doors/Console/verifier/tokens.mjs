// Time-stamp tokens (RFC 3161, RFC 5816), with the demands and codes of docs/trusted-time.md, in the order of its table.
import { DerError, Walk, der, expect, int, oid } from './der.mjs';
import { CMS, ess, readable, signedData, signerCertificate } from './cms.mjs';
import { HASHES, OID, chain, positivePair, publicKey, signatureAlgorithm, signed } from './x509.mjs';
import { digest, sha256 } from './hash.mjs';
import { Bad, hex, need } from './json.mjs';

const MAX = 64 * 1024, MAX_CERTIFICATES = 16, MAX_SERIAL_BITS = 160;
const USED = new Set([CMS.contentType, CMS.messageDigest, CMS.ess1, CMS.ess2, CMS.protection]);
const HASH_IDS = { ...HASHES, '1.3.14.3.2.26': 'sha1' };

const shaped = (read) => { try { return read(); } catch (e) { throw e instanceof DerError ? new Bad('malformed', e.message) : e; } };

/** Judges a TimeStampResp. Returns { code, genTime (text), ms, serial }. */
export function checkResponse(bytes, imprint, roots, policy) {
  return judged(() => {
    need(bytes.length <= MAX, 'too-large');
    const node = shaped(() => {
      const w = new Walk(der(bytes)), status = new Walk(w.take(0x30)), value = int(status.take(0x02));
      status.maybe(0x30);
      status.maybe(0x03);
      status.done();
      const token = w.maybe(0x30);
      w.done();
      return { value, token };
    });
    need(node.value === 0n || node.value === 1n, 'status');
    need(node.token, 'token-missing');
    return checkToken(node.token, imprint, roots, policy);
  });
}

export function judged(check) {
  try { return { code: 'ok', ...check() }; } catch (e) { if (e instanceof Bad) return { code: e.code, why: e.message }; throw e; }
}

/** Judges a TimeStampToken, a node; throws Bad. */
export function checkToken(node, imprint, roots, policy) {
  const cms = shaped(() => signedData(node));
  need(cms.type === CMS.signedData && cms.contentType === CMS.tstInfo, 'content-type');
  need(cms.content && cms.certificates.every((c) => c.tag === 0x30), 'malformed');
  need(cms.version === 3n || (cms.version === 5n && cms.revocation), 'version');
  need(cms.signers.length === 1, 'signer-count');
  const [s] = cms.signers, info = shaped(() => tstInfo(cms.content));
  need(cms.digests.some((d) => d.raw.equals(s.digest.raw)), 'malformed', 'the digest algorithm is not listed');
  const carried = readable(cms.certificates);
  need(cms.certificates.length <= MAX_CERTIFICATES, 'malformed');
  need(info.version === 1n && s.version === (s.sid.tag === 0x80 ? 3n : 1n), 'version');
  need(info.serial >= 0n && info.serialBytes.length * 8 <= MAX_SERIAL_BITS, 'malformed');
  need(info.hash === '2.16.840.1.101.3.4.2.1', 'imprint-algorithm');
  need(info.imprint.equals(imprint), 'imprint');
  need(policy === null || info.policy === policy, 'policy');
  need(info.time, 'gen-time');
  need(!info.critical, 'critical-extension');

  const attributes = once(s.attributes);
  need(attributes.has(CMS.contentType) && attributes.has(CMS.messageDigest), 'attributes');
  need(shaped(() => oid(attributes.get(CMS.contentType))) === CMS.tstInfo, 'content-type');
  const hash = HASHES[shaped(() => oid(s.digest.kids[0]))];
  const how = shaped(() => signatureAlgorithm(s.algorithm, hash));
  need(hash && how?.hash === hash, 'algorithm');
  const stated = shaped(() => expect(attributes.get(CMS.messageDigest), 0x04).body);
  need(digest(hash, cms.content).equals(stated), 'message-digest');
  const cert = shaped(() => signerCertificate(s, carried));
  need(attributes.has(CMS.ess1) || attributes.has(CMS.ess2), 'ess-missing');
  need(cert, 'certificate-missing');
  for (const [id, two] of [[CMS.ess1, false], [CMS.ess2, true]]) {
    if (attributes.has(id)) need(names(shaped(() => ess(attributes.get(id), two)), cert), 'ess-mismatch');
  }
  const usages = [...(cert.usage ?? [])];
  need(cert.purposes?.length === 1 && cert.purposes[0] === OID.timeStamping && cert.purposesCritical && usages.every((u) => u <= 1)
    && (cert.usage === null || usages.length > 0), 'key-usage');
  need(!info.tsa || named(info.tsa, cert), 'tsa-name');

  const key = shaped(() => publicKey(cert.spki.raw));
  need(key, 'algorithm');
  if (attributes.has(CMS.protection)) need(protects(attributes.get(CMS.protection), s), 'algorithm');
  need(how.type !== 'ec' || positivePair(s.signature), 'signature');
  need(signed(key, how, s.signedBytes, s.signature), 'signature');
  const found = chain(cert, carried, roots, Math.floor(info.ms / 1000));
  need(!found.code, found.code);
  return { genTime: info.time, ms: info.ms, accuracy: info.accuracy, serial: hex(info.serialBytes), policy: info.policy, certificate: hex(sha256(cert.raw)),
    token: hex(sha256(node.raw)), extras: cms.revocation || s.unsigned.length > 0 || cms.digests.length > 1, certificates: cms.certificates.length, carried,
      chain: found.chain };
}

function once(list) {
  need(list, 'attributes');
  const map = new Map();
  for (const { id, values } of list) {
    need(!map.has(id) && (values.length === 1 || !USED.has(id)), 'attributes');
    map.set(id, values[0]);
  }
  return map;
}

function names({ algorithm, hash, issuer }, cert) {
  const name = HASH_IDS[algorithm];
  if (!name || !digest(name, cert.raw).equals(hash)) return false;
  if (!issuer) return true;
  const [general, serial] = issuer.kids;
  return general.kids.length === 1 && general.kids[0].tag === 0xa4 && general.kids[0].kids[0].raw.equals(cert.issuer.raw) && serial.raw.equals(cert.serial.raw);
}

const named = (name, cert) => (name.tag === 0xa4 && name.kids[0].raw.equals(cert.subject.raw)) || cert.names.some((n) => n.raw.equals(name.raw));

/** Milliseconds (RFC 3161 section 2.4.2: seconds, [0] milliseconds, [1] microseconds, each perhaps not there). */
function accuracy(node) {
  const part = (tag) => Number(`0x${node?.kids?.find((k) => k.tag === tag)?.body.toString('hex') || 0}`);
  return part(0x02) * 1000 + part(0x80) + part(0x81) / 1000;
}

// RFC 6211: digest algorithm, [1] signature algorithm.
function protects(value, s) {
  const [digest, algorithm] = value.kids ?? [];
  return value.kids?.length === 2 && digest.raw.equals(s.digest.raw) && algorithm.tag === 0xa1 && algorithm.body.equals(s.algorithm.body);
}

function tstInfo(bytes) {
  const w = new Walk(der(bytes, { anyTime: true }));
  const info = { version: int(w.take(0x02)), policy: oid(w.take(0x06)) };
  const imprint = w.take(0x30);
  const algorithm = new Walk(imprint.kids[0]);
  info.hash = oid(algorithm.take(0x06));
  algorithm.maybe(0x05);
  algorithm.done();
  info.imprint = expect(imprint.kids[1], 0x04).body;
  const serial = w.take(0x02);
  info.serial = int(serial);
  // Without the sign byte (docs/evidence-format.md, Tokens).
  info.serialBytes = serial.body.length > 1 && serial.body[0] === 0 ? serial.body.subarray(1) : serial.body;
  const when = w.at < w.kids.length ? w.any() : null, time = when?.tag === 0x18 ? when.body.toString('latin1') : '';
  info.accuracy = accuracy(w.maybe(0x30));
  if (w.maybe(0x01)?.body[0] === 0) throw new DerError('a default spelt out');
  w.maybe(0x02);
  info.tsa = w.maybe(0xa0)?.kids[0] ?? null;
  const extensions = w.maybe(0xa1);
  w.done();
  info.critical = extensions?.kids.some((e) => e.kids.some((k) => k.tag === 0x01 && k.body[0] === 0xff)) ?? false;
  const m = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d*[1-9]))?Z$/.exec(time);
  if (m) {
    const [, y, mo, d, h, mi, sec, f] = m;
    const ms = Date.UTC(+y, +mo - 1, +d, +h, +mi, +sec), text = `${y}-${mo}-${d}T${h}:${mi}:${sec}`;
    if (new Date(ms).toISOString().startsWith(text)) {
      const digits = (f ?? '').slice(0, 7).replace(/0+$/, '');
      info.time = `${text}${digits ? '.' + digits : ''}Z`;
      info.ms = ms + Number(`0.${digits || 0}`) * 1000;
    }
  }
  return info;
}
