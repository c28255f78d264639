// A time-stamp authority with its own issuer.
import { createHash } from 'node:crypto';
import { context, generalized, integer, octets, oidOf, seq, boolean } from './asn1.mjs';
import { leaf, name, root } from './certificates.mjs';
import { SHA256, signedData } from './cms.mjs';

export const TST = '1.2.840.113549.1.9.16.1.4', PURPOSE = '1.3.6.1.5.5.7.3.8';

export class Authority {
  constructor(label, key, rootKey, now, policy = '1.3.6.1.4.1.99999.1') {
    Object.assign(this, { label, now, policy });
    this.root = root(name(`${label} Root`, 'Forge'), rootKey, now);
    this.signer = this.certify(key);
  }

  certify(key, more = {}) {
    return leaf(name(`${this.label} Signer`, 'Forge'), key, this.root, this.now, { purposes: [PURPOSE], purposesCritical: true, ...more });
  }

  /** A TimeStampToken over an imprint. `o`: see signedData; and tst (list of DER members → list), serial, policy, accuracy, tsa, extensions. */
  token(imprint, ms, o = {}) {
    const signer = o.signer ?? this.signer;
    const serial = o.serial ?? BigInt('0x' + createHash('sha256').update(imprint).update(this.label).update(String(ms)).digest('hex').slice(0, 24)) | 1n;
    let members = [
      integer(o.tstVersion ?? 1), oidOf(o.policy ?? this.policy), o.imprint ?? seq(o.imprintAlgorithm ?? SHA256, octets(imprint)),
        o.serialDer ?? integer(serial), o.genTime ?? generalized(ms),
      ...(o.accuracy ? [seq(integer(1))] : []), ...(o.ordering ? [boolean(true)] : []), ...(o.nonce === null ? [] : [integer(o.nonce ?? 0x123456789n)]),
      ...(o.tsa ? [context(0, o.tsa)] : []), ...(o.extensions ? [context(1, ...o.extensions)] : []),
    ];
    if (o.tst) members = o.tst(members);
    return signedData({ signer, type: TST, content: seq(...members), certificates: [signer.raw], ...o });
  }

  /** A TimeStampResp. */
  response(imprint, ms, o = {}) {
    const bytes = seq(seq(integer(o.status ?? 0), ...(o.statusMore ?? [])), ...(o.noToken ? [] : [this.token(imprint, ms, o)]));
    return o.after ? o.after(bytes, o, imprint, ms) : bytes;
  }
}
