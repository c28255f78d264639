// Revocation lists (RFC 5280 section 5), right ones and wrong ones.
import { bits, certificateTime, context, generalized, integer, seq, tlv } from './asn1.mjs';
import { extension } from './certificates.mjs';

export const REASON = '2.5.29.21', INVALIDITY = '2.5.29.24';

/** An entry. @param e serial (DER), at (ms), reason (number or null), invalid (ms or null), more (extensions) */
export function entry({ serial, at, reason = null, invalid = null, more = [] }) {
  const list = [...(reason === null ? [] : [extension(REASON, false, tlv(0x0a, Buffer.from([reason])))]),
    ...(invalid === null ? [] : [extension(INVALIDITY, false, generalized(invalid))]), ...more];
  return seq(serial, certificateTime(at), ...(list.length ? [seq(...list)] : []));
}

/**
 * A list by an issuer (a certificate with its key). `o`: from, until (ms; until null for no nextUpdate), entries, and for wrong ones: version (null for none),
 * name, key, algorithm, inner, extensions, tbs (list → list), unused, tamper, after.
 */
export function crl(issuer, { from, until, entries = [], extensions = [extension('2.5.29.20', false, integer(7))], ...o }) {
  const key = o.key ?? issuer.key, algorithm = o.algorithm ?? key.algorithm, version = o.version === undefined ? 1 : o.version;
  let members = [...(version === null ? [] : [integer(version)]), o.inner ?? algorithm, o.name ?? issuer.subject, o.fromDer ?? certificateTime(from),
    ...(until === null ? [] : [o.untilDer ?? certificateTime(until)]), ...(entries.length || o.keepEmpty ? [seq(...entries)] : []),
    ...(extensions.length ? [context(0, seq(...extensions))] : [])];
  if (o.tbs) members = o.tbs(members);
  const tbs = seq(...members), signature = key.sign(tbs);
  const list = seq(tbs, algorithm, bits(o.tamper ? o.tamper(signature) : signature, o.unused ?? 0));
  return o.after ? o.after(list) : list;
}
