// Certificates, right ones and wrong ones.
import { createHash } from 'node:crypto';
import { bits, boolean, certificateTime, context, integer, octets, oidOf, seq, tlv, utf8String } from './asn1.mjs';

const YEAR = 365 * 24 * 3600_000;
export const name = (cn, o) => seq(...[['2.5.4.3', cn], ['2.5.4.10', o]].filter(([, v]) => v !== null && v !== undefined)
  .flatMap(([id, v]) => [v].flat().map((t) => tlv(0x31, seq(oidOf(id), utf8String(t))))));

export const extension = (id, critical, value) => seq(oidOf(id), ...(critical ? [boolean(true)] : []), octets(value));

const keyUsage = (flags) => {
  let value = 0;
  for (const f of flags) value |= 0x80 >> f;
  let unused = 0;
  while (unused < 7 && !(value & (1 << unused))) unused++;
  return bits(Buffer.from([value]), unused);
};

/**
 * @param o subject (DER), key, issuer ({ subject, key }), from, to (ms), ca, pathLength, usage (bit numbers or null), purposes, purposesCritical,
 *          extra (extensions), serial, algorithm
 */
export function certify(o) {
  const id = createHash('sha1').update(o.key.spki).digest(), extensions = [extension('2.5.29.14', false, octets(id))];
  if (o.ca !== undefined) extensions.push(extension('2.5.29.19', true, seq(...(o.ca ? [boolean(true)] : []),
    ...(o.pathLength === undefined ? [] : [integer(o.pathLength)]))));
  if (o.usage) extensions.push(extension('2.5.29.15', true, keyUsage(o.usage)));
  if (o.purposes) extensions.push(extension('2.5.29.37', o.purposesCritical ?? false, seq(...o.purposes.map(oidOf))));
  extensions.push(...(o.extra ?? []));
  const algorithm = o.algorithm ?? o.issuer.key.algorithm;
  const serial = o.serial ?? createHash('sha256').update(o.key.spki).update(o.subject).digest().readUIntBE(0, 6) + 1;
  const tbs = seq(context(0, integer(2)), integer(serial), algorithm, o.issuer.subject,
    seq(certificateTime(o.from), certificateTime(o.to)), o.subject, o.key.spki, context(3, seq(...extensions)));
  return { raw: seq(tbs, algorithm, bits(o.issuer.key.sign(tbs))), subject: o.subject, issuer: o.issuer.subject, serial: integer(serial), key: o.key };
}

export function root(subject, key, now, more = {}) {
  return certify({ subject, key, issuer: { subject, key }, from: now - YEAR, to: now + 20 * YEAR, ca: true, usage: [5, 6], ...more });
}

export function leaf(subject, key, issuer, now, more = {}) {
  return certify({ subject, key, issuer, from: now - YEAR, to: now + 5 * YEAR, ca: false, usage: [0], ...more });
}
