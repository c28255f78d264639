// CMS signed data with one signer, and all that can be wrong with it.
import { createHash } from 'node:crypto';
import { context, integer, octets, oidOf, seq, setOf, tlv, nil } from './asn1.mjs';

export const attribute = (id, ...values) => seq(oidOf(id), setOf(...values));
const sha256 = (b) => createHash('sha256').update(b).digest();
export const SHA256 = seq(oidOf('2.16.840.1.101.3.4.2.1'));
const SHA256_NULL = seq(oidOf('2.16.840.1.101.3.4.2.1'), nil);

export function essV2(cert, { named = false, hash = sha256(cert.raw), algorithm = null } = {}) {
  const issuer = named ? [seq(seq(context(4, cert.issuer)), cert.serial)] : [];
  return seq(seq(seq(...(algorithm ? [algorithm] : []), octets(hash), ...issuer)));
}

/**
 * @param o signer (certificate with key), type, content (bytes), detached, certificates; and for wrong ones: version, signerVersion, attributes (list → list),
 *          unsigned (signature → list of attributes), tamper (signature → signature), digestAlgorithm, algorithm, crls, signers, sid, digests
 */
export function signedData(o) {
  const digestAlgorithm = o.digestAlgorithm ?? (o.withNull ? SHA256_NULL : SHA256);
  let list = [
    attribute('1.2.840.113549.1.9.3', oidOf(o.attributeType ?? o.type)), attribute('1.2.840.113549.1.9.4',
      octets(o.digest ?? createHash(o.hash ?? 'sha256').update(o.content).digest())),
    attribute('1.2.840.113549.1.9.16.2.47', o.ess ?? essV2(o.signer)),
  ];
  list = o.attributes ? o.attributes(list) : list;
  const sorted = o.unsorted ? tlv(0x31, ...list) : setOf(...list);
  let signature = (o.key ?? o.signer.key).sign(sorted, o);
  if (o.tamper) signature = o.tamper(signature);
  const unsigned = o.unsigned ? o.unsigned(signature) : [];
  const one = seq(integer(o.signerVersion ?? 1), o.sid ?? seq(o.signer.issuer, o.signer.serial), digestAlgorithm,
    ...(list.length ? [Buffer.concat([Buffer.from([0xa0]), sorted.subarray(1)])] : []), o.algorithm ?? (o.key ?? o.signer.key).algorithm, octets(signature),
    ...(unsigned.length ? [context(1, ...[...unsigned].sort(Buffer.compare))] : []));
  const body = seq(integer(o.version ?? 3), o.digests ?? setOf(digestAlgorithm), seq(oidOf(o.type), ...(o.detached ? [] : [context(0, octets(o.content))])),
    ...(o.certificates?.length ? [context(0, ...o.certificates)] : []), ...(o.crls ? [context(1, ...o.crls)] : []),
      setOf(...(o.signers ? o.signers(one) : [one])));
  return seq(oidOf(o.contentType ?? '1.2.840.113549.1.7.2'), context(0, body));
}
