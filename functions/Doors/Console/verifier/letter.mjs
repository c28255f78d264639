// letter.pdf: the checks of docs/evidence-format.md, Letter, in their order, each with its code.
import { Bytes } from './bytes.mjs';
import { DerError, der, expect, oid } from './der.mjs';
import { sha256 } from './hash.mjs';
import { CMS, readable, signedData, signerCertificate } from './cms.mjs';
import { chain, positivePair, publicKey, signatureAlgorithm, signed } from './x509.mjs';
import { Bad, need } from './json.mjs';
import { Pdf, Ref, Text } from './pdf.mjs';
import { checkToken, judged } from './tokens.mjs';
import { parseFacts } from './facts.mjs';
import { judgePages } from './pages.mjs';
import { firstRevision, readArchive, roomToken } from './archive.mjs';

const MAX = 16 * 1024 * 1024;
const PURPOSES = ['1.3.6.1.5.5.7.3.4', '1.3.6.1.5.5.7.3.36', '1.3.6.1.4.1.311.10.3.12', '1.2.840.113583.1.1.5', '2.5.29.37.0'];
const SHA256 = '2.16.840.1.101.3.4.2.1';
const shaped = (code, read) => { try { return read(); } catch (e) { throw e instanceof DerError || e instanceof TypeError ? new Bad(code, e.message) : e; } };

/**
 * Judges all but revocation and what the evidence says; throws Bad. Tells `out` what it found: archive, facts, signer and stamper (chains), stamp (ms), and of
 * the archive archiver and archived.
 */
export function judgeLetter(bytes, trust, out) {
  need(bytes.length <= MAX, 'malformed');
  const pdf = shaped('malformed', () => new Pdf(bytes.subarray(0, firstRevision(bytes))));
  const { signature, attachment } = shaped('malformed', () => structure(pdf));
  out.archive = pdf.bytes.length < bytes.length ? shaped('malformed', () => readArchive(pdf, bytes)) : null;
  const { cms, s, covered, named, digest } = shaped('malformed', () => signedBytes(pdf, signature));
  need(sha256(covered).equals(digest), 'digest');

  const carried = readable(cms.certificates), cert = shaped('malformed', () => signerCertificate(s, carried));
  need(cert, 'certificate');
  need(sha256(cert.raw).equals(named), 'certificate');

  const stamp = stampOf(s.unsigned[0].values[0], sha256(s.signature), trust);
  need(stamp, 'time-stamp');

  const at = Math.floor(stamp.ms / 1000), found = chain(cert, carried, trust.letterRoots, at);
  need(found.chain && carried.every((c) => found.chain.some((x) => x.raw.equals(c.raw))), 'untrusted');
  need(!cert.ca && cert.usage && (cert.usage.has(0) || cert.usage.has(1)) && (!cert.purposes || cert.purposes.some((p) => PURPOSES.includes(p))),
    'certificate');
  need(!trust.signer || isSigner(cert, trust.signer), 'signer-unknown');

  const key = publicKey(cert.spki.raw);
  need(key?.curve === 'P-256' && positivePair(s.signature) && signed(key, { type: 'ec', hash: 'sha256' }, s.signedBytes, s.signature), 'signature');
  const facts = parseFacts(attachment);
  shaped('malformed', () => judgePages(pdf, facts));
  Object.assign(out, { facts, signer: found.chain, stamper: stamp.chain, stamp: stamp.ms });
  if (!out.archive) return;
  const token = roomToken(out.archive.digits), archived = token && stampOf(token, sha256(out.archive.covered), trust);
  need(archived && stamp.ms - archived.ms <= 120_000, 'archive');
  Object.assign(out, { archiver: archived.chain, archived: archived.ms });
}

/** Whether it has a letter's parts, whatever they are worth. */
export function looksLikeLetter(bytes) {
  try { structure(new Pdf(bytes.subarray(0, firstRevision(bytes)))); return true; } catch (e) {
    if (e instanceof Bad || e instanceof DerError || e instanceof TypeError) return false;
    throw e;
  }
}

/** The token as a trusted authority's, with nothing in it that no signature covers; undefined when it is none. */
function stampOf(token, imprint, trust) {
  const stamp = trust.authorities.map((a) => judged(() => checkToken(token, imprint, a.roots, a.policy))).find((t) => t.code === 'ok');
  const whole = stamp && !stamp.extras && stamp.carried.length === stamp.certificates
    && stamp.carried.every((c) => stamp.chain.some((x) => x.raw.equals(c.raw)));
  return whole ? stamp : undefined;
}

/** The one signature field's dictionary and the one attachment. */
function structure(pdf) {
  const ok = (test, why) => need(test, 'malformed', why);
  const root = pdf.dictionary(pdf.trailer.get('Root'));
  const allowed = ['Type', 'Pages', 'Lang', 'MarkInfo', 'ViewerPreferences', 'StructTreeRoot', 'Metadata', 'AcroForm', 'Perms', 'AF', 'Names'];
  ok([...root.keys()].every((k) => allowed.includes(k)), 'catalog');
  const form = pdf.dictionary(root.get('AcroForm')), fields = pdf.list(form.get('Fields'));
  ok(fields.length === 1, 'fields');
  const field = pdf.dictionary(fields[0]);
  ok(field.get('FT')?.text === 'Sig', 'field');
  const files = pdf.list(pdf.dictionary(pdf.dictionary(root.get('Names')).get('EmbeddedFiles')).get('Names'));
  ok(files.length === 2 && pdf.text(files[0]) === 'facts.json', 'attachment');
  const streams = [...pdf.objects.values()].filter((o) => o.value instanceof Map && o.value.get('Type')?.text === 'EmbeddedFile');
  ok(streams.length === 1 && field.get('V') instanceof Ref, 'one of each');
  const attachment = pdf.dictionary(pdf.dictionary(files[1]).get('EF')).get('F');
  return { signature: field.get('V'), attachment: pdf.stream(attachment) };
}

function signedBytes(pdf, ref) {
  const ok = (test, why) => need(test, 'malformed', why);
  const d = pdf.dictionary(ref), range = d.get('ByteRange'), contents = d.get('Contents');
  ok(d.get('SubFilter')?.text === 'ETSI.CAdES.detached' && contents instanceof Text && Array.isArray(range), 'signature dictionary');
  need(contents.bytes.some((b) => b !== 0), 'unsigned');
  const [zero, first, second, rest] = range;
  ok(range.length === 4 && zero === 0 && first === contents.from && second === contents.to && second + rest === pdf.bytes.length, 'ByteRange');
  // The CMS, then zeros up to the room that was kept.
  const b = contents.bytes, long = b[1] & 0x80 ? b[1] & 0x7f : 0;
  const length = 2 + long + (long ? b.readUIntBE(2, Math.min(long, 4)) : b[1]);
  ok(length <= b.length && b.subarray(length).every((x) => x === 0), 'Contents');
  const cms = signedData(der(b.subarray(0, length)));
  ok(cms.type === CMS.signedData && cms.contentType === CMS.data && cms.content === null && cms.signers.length === 1 && !cms.revocation, 'CMS');
  const [s] = cms.signers, how = signatureAlgorithm(s.algorithm);
  ok(cms.digests.length === 1 && oid(cms.digests[0].kids[0]) === SHA256 && oid(s.digest.kids[0]) === SHA256 && how?.type === 'ec' && how.hash === 'sha256',
    'algorithms');
  ok(cms.version === 1n && s.version === 1n && s.sid.tag === 0x30, 'versions');
  const raw = cms.certificates.map((c) => c.raw);
  ok(raw.length > 0 && raw.every((r, i) => i === 0 || Bytes.compare(raw[i - 1], r) <= 0) && readable(cms.certificates).length === raw.length, 'certificates');
  const ids = (list) => list.map((a) => (a.values.length === 1 ? a.id : 'several')).sort().join();
  ok(s.attributes && ids(s.attributes) === [CMS.contentType, CMS.messageDigest, CMS.ess2].sort().join() && ids(s.unsigned) === CMS.stamp, 'attributes');
  ok(oid(s.attributes.find((a) => a.id === CMS.contentType).values[0]) === CMS.data, 'content type');
  // One way to write each: identifiers without parameters, one ESSCertIDv2 with nothing but SHA-256 of the certificate.
  const value = (id) => s.attributes.find((a) => a.id === id).values[0], entry = expect(value(CMS.ess2), 0x30).kids[0],
    digest = expect(value(CMS.messageDigest), 0x04).body;
  const named = expect(entry.kids[0].kids[0], 0x04).body;
  ok(value(CMS.ess2).kids.length === 1 && entry.kids.length === 1 && entry.kids[0].kids.length === 1 && named.length === 32 && digest.length === 32
    && cms.digests[0].kids.length === 1 && s.digest.kids.length === 1, 'attribute values');
  return { cms, s, named, digest, covered: Bytes.concat([pdf.bytes.subarray(0, first), pdf.bytes.subarray(second)]) };
}

const NAMES = { '2.5.4.3': 'commonName', '2.5.4.10': 'organization' };

/** Exactly the one common name and the one organization, or none. */
function isSigner(cert, signer) {
  const values = { commonName: [], organization: [] };
  for (const set of cert.subject.kids) for (const pair of set.kids) {
    const to = NAMES[oid(pair.kids[0])], v = pair.kids[1];
    if (to) values[to].push(v.tag === 0x1e ? v.body.toString('utf16be') : v.body.toString(v.tag === 0x0c ? 'utf8' : 'latin1'));
  }
  const one = (list, wanted) => (wanted === null ? list.length === 0 : list.length === 1 && list[0] === wanted);
  return one(values.commonName, signer.commonName) && one(values.organization, signer.organization);
}
