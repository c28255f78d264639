// CMS signed data (RFC 5652), as tokens and letters use it: one signer with signed attributes.
import { Bytes } from './bytes.mjs';
import { DerError, Walk, expect, int, oid } from './der.mjs';
import { certificate } from './x509.mjs';

export const CMS = {
  signedData: '1.2.840.113549.1.7.2', data: '1.2.840.113549.1.7.1', contentType: '1.2.840.113549.1.9.3', messageDigest: '1.2.840.113549.1.9.4',
  ess1: '1.2.840.113549.1.9.16.2.12', ess2: '1.2.840.113549.1.9.16.2.47', stamp: '1.2.840.113549.1.9.16.2.14', protection: '1.2.840.113549.1.9.52',
  tstInfo: '1.2.840.113549.1.9.16.1.4',
};

/** Reads the structure; judges nothing but it. Throws DerError. */
export function signedData(node) {
  const outer = new Walk(node);
  const type = oid(outer.take(0x06)), box = outer.take(0xa0);
  outer.done();
  if (box.kids.length !== 1) throw new DerError('content');
  if (type !== CMS.signedData) return { type };
  const w = new Walk(box.kids[0]);
  const cms = { type, version: int(w.take(0x02)), digests: w.take(0x31).kids };
  const content = new Walk(w.take(0x30));
  cms.contentType = oid(content.take(0x06));
  const inside = content.maybe(0xa0);
  content.done();
  if (inside && inside.kids.length !== 1) throw new DerError('content');
  cms.content = inside ? expect(inside.kids[0], 0x04).body : null;
  const certificates = w.maybe(0xa0), lists = w.maybe(0xa1);
  cms.certificates = certificates?.kids ?? [];
  cms.revocation = lists !== null;
  const signers = w.take(0x31).kids;
  w.done();
  cms.signers = signers.map(signer);
  return cms;
}

function signer(node) {
  const w = new Walk(node);
  const s = { version: int(w.take(0x02)), sid: w.any(), digest: w.take(0x30) };
  const attributes = w.maybe(0xa0);
  s.algorithm = w.take(0x30);
  s.signature = w.take(0x04).body;
  const unsigned = w.maybe(0xa1);
  w.done();
  if (attributes) {
    // RFC 5652 section 5.4: what is signed has SET OF's tag in place of [0].
    s.signedBytes = Bytes.from(attributes.raw);
    s.signedBytes[0] = 0x31;
    for (let i = 1; i < attributes.kids.length; i++) {
      if (Bytes.compare(attributes.kids[i - 1].raw, attributes.kids[i].raw) > 0) throw new DerError('attributes out of order');
    }
  }
  s.attributes = attributes?.kids.map(attribute) ?? null;
  s.unsigned = unsigned?.kids.map(attribute) ?? [];
  return s;
}

function attribute(node) {
  const w = new Walk(node), id = oid(w.take(0x06)), values = w.take(0x31).kids;
  w.done();
  if (values.length === 0) throw new DerError('an attribute without a value');
  return { id, values };
}

/** The certificate that the signer identifier names, among those carried. */
export function signerCertificate(s, certificates) {
  if (s.sid.tag === 0x80) return certificates.find((c) => c.keyId?.equals(s.sid.body)) ?? null;
  const [issuer, serial] = expect(s.sid, 0x30).kids;
  return certificates.find((c) => c.issuer.raw.equals(issuer.raw) && c.serial.raw.equals(expect(serial, 0x02).raw)) ?? null;
}

export function readable(nodes) {
  return nodes.flatMap((n) => { try { return [certificate(n.raw)]; } catch (e) { if (e instanceof DerError) return []; throw e; } });
}

/** The first entry of a signing-certificate attribute: its hash (RFC 2634 section 5.4, RFC 5035 section 4), and issuer and serial if named. */
export function ess(value, two) {
  const first = expect(expect(expect(value, 0x30).kids[0], 0x30).kids[0], 0x30), w = new Walk(first);
  const algorithm = two ? w.maybe(0x30) : null;
  const hash = w.take(0x04).body, rest = w.maybe(0x30);
  w.done();
  return { algorithm: algorithm ? oid(algorithm.kids[0]) : two ? '2.16.840.1.101.3.4.2.1' : '1.3.14.3.2.26', hash, issuer: rest };
}
