// Tokens of every wrong kind, under a letter that states what they say.
import { createHash } from 'node:crypto';
import { boolean, context, integer, nil, octets, oidOf, seq, setOf, tlv, utf8String } from '../mint/asn1.mjs';
import { extension, leaf, name, root } from '../mint/certificates.mjs';
import { SHA256, attribute, essV2 } from '../mint/cms.mjs';
import { PURPOSE, TST } from '../mint/authority.mjs';
import { EcKey } from '../mint/keys.mjs';
import { NOW, sha256 } from '../mint/evidence.mjs';

const CT = '1.2.840.113549.1.9.3', MD = '1.2.840.113549.1.9.4', ESS1 = '1.2.840.113549.1.9.16.2.12', ESS2 = '1.2.840.113549.1.9.16.2.47',
  PROTECT = '1.2.840.113549.1.9.52';
const SHA1 = seq(oidOf('1.3.14.3.2.26')), SHA384 = seq(oidOf('2.16.840.1.101.3.4.2.2')), SHA512 = seq(oidOf('2.16.840.1.101.3.4.2.3'));
const time = (t, tag = 0x18) => tlv(tag, Buffer.from(t));
const has = (a, id) => a.includes(oidOf(id));
const without = (id) => (list) => list.filter((a) => !has(a, id));
const instead = (id, a) => (list) => [...list.filter((x) => !has(x, id)), a];
const also = (a) => (list) => [...list, a];
const general = (cert) => seq(seq(context(4, cert.issuer)), cert.serial);
const sha1 = (b) => createHash('sha1').update(b).digest();

/** Options of Authority.token by name: what one authority did wrong. */
export function variants(mint, who, random) {
  const signer = who.signer, key = signer.key, mine = (more) => who.certify(key, more);
  const deep = (path) => {
    const k = [new EcKey(random), new EcKey(random)];
    const one = leaf(name('Issuer 1', 'Forge'), k[0], who.root, NOW, { ca: true, usage: [5], ...path });
    const two = leaf(name('Issuer 2', 'Forge'), k[1], one, NOW, { ca: true, usage: [5] });
    return { one, two, leaf: leaf(name('Deep Signer', 'Forge'), key, two, NOW, { purposes: [PURPOSE], purposesCritical: true }) };
  };
  const d = deep({}), narrow = deep({ pathLength: 0 }), wide = deep({ pathLength: 1 }), notCa = deep({ ca: false }), noSign = deep({ usage: [0] }),
    stale = deep({ to: NOW - 1000 });
  const bySki = { sid: tlv(0x80, sha1(key.spki)), signerVersion: 3 };
  const protect = (digest, algorithm) => attribute(PROTECT, seq(digest, Buffer.concat([Buffer.from([0xa1]), algorithm.subarray(1)])));
  const crl = seq(seq(integer(1)), key.algorithm, tlv(0x03, Buffer.from([0, 1])));
  const chainOf = (c) => ({ signer: c.leaf, certificates: [c.leaf.raw, c.two.raw, c.one.raw] });
  const cert = (more) => { const c = mine(more); return { signer: c, certificates: [c.raw] }; };
  return {
    'as it is': {}, 'status 1': { status: 1 }, 'status 2': { status: 2 }, 'status -1': { status: -1 }, 'no token': { noToken: true },
      'status 2 and no token': { status: 2, noToken: true },
    'over something else': { over: sha256(Buffer.from('x')) }, 'over nothing': { over: Buffer.alloc(0) },
      'over 20 bytes': { over: Buffer.alloc(20), imprintAlgorithm: SHA1 },
    'imprint sha-512': { imprintAlgorithm: SHA512 }, 'imprint with null': { imprintAlgorithm: seq(oidOf('2.16.840.1.101.3.4.2.1'), nil) },
      'imprint with more': { imprintAlgorithm: seq(oidOf('2.16.840.1.101.3.4.2.1'), integer(1)) },
    'another policy': { policy: '1.2.3' }, 'no nonce': { nonce: null }, 'negative nonce': { nonce: -5n }, accuracy: { accuracy: true },
      ordering: { ordering: true }, 'accuracy and ordering': { accuracy: true, ordering: true },
    'ordering false': { tst: (m) => [...m.slice(0, 5), boolean(false), ...m.slice(5)] }, 'tst cut': { tst: (m) => m.slice(0, 4) },
      'tst more': { tst: (m) => [...m, integer(1), integer(2)] },
    'tst version 2': { tstVersion: 2 }, 'tst version 0': { tstVersion: 0 }, 'version 1': { version: 1 }, 'version 4': { version: 4 },
      'version 5': { version: 5 }, 'version 5 with lists': { version: 5, crls: [crl] },
    'version 3 with lists': { crls: [crl] }, 'signer version 2': { signerVersion: 2 }, 'signer version 3': { signerVersion: 3 }, 'key identifier': bySki,
      'key identifier, version 1': { ...bySki, signerVersion: 1 },
    'another key identifier': { sid: tlv(0x80, Buffer.alloc(20)), signerVersion: 3 }, 'serial 0': { serial: 0n }, 'serial negative': { serial: -77n },
      'serial of 160 bits': { serial: (1n << 160n) - 3n },
    'serial of 161 bits': { serial: (1n << 160n) + 3n }, 'serial of 167 bits': { serial: (1n << 167n) - 3n },
      'serial of 168 bits': { serial: (1n << 168n) - 3n }, 'serial of 159 bits': { serial: (1n << 159n) - 3n },
    'serial padded': { serialDer: tlv(0x02, Buffer.from([0, 1])) }, 'serial of one digit': { serial: 5n }, 'serial 128': { serial: 128n },
    'time as UTCTime': { genTime: time('261129030000Z', 0x17) }, 'time without seconds': { genTime: time('202611290300Z') },
      'time with offset': { genTime: time('20261129110000+0800') },
    'time with zeros': { genTime: time('20261129030000.500Z') }, 'time with point': { genTime: time('20261129030000.Z') },
      'time with comma': { genTime: time('20261129030000,5Z') }, 'time of no day': { genTime: time('20261131030000Z') },
    'time 24:00': { genTime: time('20261129240000Z') }, 'time 60': { genTime: time('20261129030060Z') },
      'time with 7 digits': { genTime: time('20261129030000.1234567Z') }, 'time with 9 digits': { genTime: time('20261129030000.123456789Z') },
    'time local': { genTime: time('20261129030000') }, 'time empty': { genTime: time('') }, 'year 0': { genTime: time('00001129030000Z') },
    'critical extension': { extensions: [seq(oidOf('1.2.3.4'), boolean(true), octets(nil))] },
      extension: { extensions: [seq(oidOf('1.2.3.4'), octets(nil))] }, 'extension critical false': { extensions: [seq(oidOf('1.2.3.4'), boolean(false),
      octets(nil))] },
    'no extensions in the list': { extensions: [] }, 'name of the signer': { tsa: context(4, signer.subject) },
      'name of another': { tsa: context(4, who.root.subject) }, 'name by DNS': { tsa: tlv(0x82, Buffer.from('tsa.example')) },
    'alternative name': { ...cert({ extra: [extension('2.5.29.17', false, seq(tlv(0x82, Buffer.from('tsa.example'))))] }),
      tsa: tlv(0x82, Buffer.from('tsa.example')) },
    'no attributes': { attributes: () => [] }, 'no content type': { attributes: without(CT) }, 'no digest': { attributes: without(MD) },
      'no ess': { attributes: without(ESS2) }, 'wrong content type': { attributeType: '1.2.840.113549.1.7.1' },
    'wrong digest': { digest: Buffer.alloc(32) }, 'short digest': { digest: Buffer.alloc(20) }, 'attribute twice': { attributes: (l) => [...l, l[0]] },
      'digest twice': { attributes: (l) => [...l, l[1]] },
    'two values': { attributes: instead(CT, attribute(CT, oidOf(TST), oidOf('1.2.3'))) }, 'no values': { attributes: instead(CT, seq(oidOf(CT), setOf())) },
      'unknown attribute': { attributes: also(attribute('1.2.3.4', nil)) },
    'unknown attribute, two values': { attributes: also(attribute('1.2.3.4', nil, integer(1))) },
      'signing time': { attributes: also(attribute('1.2.840.113549.1.9.5', time('261129030000Z', 0x17))) },
      unsorted: { attributes: (l) => [...l].sort(Buffer.compare).reverse(), unsorted: true },
    'ess v1': { attributes: instead(ESS2, attribute(ESS1, seq(seq(seq(octets(sha1(signer.raw))))))) },
      'ess v1 wrong': { attributes: instead(ESS2, attribute(ESS1, seq(seq(seq(octets(Buffer.alloc(20))))))) },
    'ess v1 and v2': { attributes: also(attribute(ESS1, seq(seq(seq(octets(sha1(signer.raw))))))) },
      'ess v1 wrong beside v2': { attributes: also(attribute(ESS1, seq(seq(seq(octets(Buffer.alloc(20))))))) },
    'ess v2 wrong': { ess: essV2(signer, { hash: Buffer.alloc(32) }) }, 'ess named': { ess: essV2(signer, { named: true }) },
      'ess wrongly named': { ess: seq(seq(seq(octets(sha256(signer.raw)), seq(seq(context(4, signer.subject)), signer.serial)))) },
    'ess wrong serial': { ess: seq(seq(seq(octets(sha256(signer.raw)), seq(seq(context(4, signer.issuer)), integer(1))))) },
      'ess sha-512': { ess: essV2(signer, { hash: createHash('sha512').update(signer.raw).digest(), algorithm: SHA512 }) },
    'ess sha-1 in v2': { ess: essV2(signer, { hash: sha1(signer.raw), algorithm: SHA1 }) },
      'ess default spelt out': { ess: essV2(signer, { algorithm: SHA256 }) }, 'ess empty': { ess: seq(seq()) },
      'ess of the root first': { ess: seq(seq(seq(octets(sha256(who.root.raw))), seq(octets(sha256(signer.raw))))) },
    'ess of signer and root': { ess: seq(seq(seq(octets(sha256(signer.raw))), seq(octets(sha256(who.root.raw))))) },
      'ess with policies': { ess: seq(seq(seq(octets(sha256(signer.raw)))), seq(seq(oidOf('1.2.3')))) },
    'no certificates': { certificates: [] }, 'root only': { certificates: [who.root.raw] }, 'signer and root': { certificates: [signer.raw, who.root.raw] },
      'root first': { certificates: [who.root.raw, signer.raw] }, 'signer twice': { certificates: [signer.raw, signer.raw] },
    '16 certificates': { certificates: Array(16).fill(signer.raw) }, '17 certificates': { certificates: Array(17).fill(signer.raw) },
      'garbage beside': { certificates: [signer.raw, seq(integer(1))] }, 'attribute certificate beside': { certificates: [signer.raw, context(2, integer(1))] },
    'unsigned attribute': { unsigned: () => [attribute('1.2.3.4', nil)] }, 'two signers': { signers: (s) => [s, s] }, 'no signers': { signers: () => [] },
    'content type data': { type: '1.2.840.113549.1.7.1' }, 'not signed data': { contentType: '1.2.840.113549.1.7.3' }, detached: { detached: true },
      'no digests': { digests: setOf() }, 'other digests': { digests: setOf(SHA512) },
    'digest sha-512': { digestAlgorithm: SHA512, hash: 'sha512' }, 'digest sha-384 named': { digestAlgorithm: SHA384 },
      'digest sha-1': { digestAlgorithm: SHA1, hash: 'sha1' }, 'digest with null': { withNull: true },
    'rsaEncryption': { algorithm: seq(oidOf('1.2.840.113549.1.1.1'), nil) }, 'algorithm without null': { algorithm: seq(oidOf('1.2.840.113549.1.1.11')) },
      'ecdsa with null': { algorithm: seq(oidOf('1.2.840.10045.4.3.2'), nil) }, 'ecdsa sha-512': { algorithm: seq(oidOf('1.2.840.10045.4.3.4')) },
    'rsa sha-512': { algorithm: seq(oidOf('1.2.840.113549.1.1.13'), nil) }, 'algorithm unknown': { algorithm: seq(oidOf('1.2.3.4')) },
      'algorithm ed25519': { algorithm: seq(oidOf('1.3.101.112')) },
    protected: { attributes: also(protect(SHA256, key.algorithm)) }, 'protected, another digest': { attributes: also(protect(SHA512, key.algorithm)) },
      'protected, another algorithm': { attributes: also(protect(SHA256, seq(oidOf('1.2.840.113549.1.1.1'), nil))) },
    'protected by a mac': { attributes: also(attribute(PROTECT, seq(SHA256, Buffer.concat([Buffer.from([0xa2]), key.algorithm.subarray(1)])))) },
    'another key': { key: mint.otherKey, algorithm: key.algorithm }, 'signature bit': { tamper: (s) => { const t = Buffer.from(s); t[t.length - 1] ^= 1;
      return t; } }, 'signature empty': { tamper: () => Buffer.alloc(0) }, 'signature longer': { tamper: (s) => Buffer.concat([s, Buffer.from([0])]) },
    'the other s': { high: true }, 'signature negative': { tamper: () => seq(integer(5), tlv(0x02, Buffer.from([0x85]))) },
      'signature zero': { tamper: () => seq(integer(0), integer(0)) },
    'by another authority': { by: 'gamma' }, 'by the log': { signer: leaf(name('Log', 'Forge'), mint.logKey, mint.gamma.root, NOW,
      { purposes: [PURPOSE], purposesCritical: true }) },
    'no purpose': cert({ purposes: null }), 'purpose not critical': cert({ purposesCritical: false }),
      'two purposes': cert({ purposes: [PURPOSE, '1.3.6.1.5.5.7.3.4'] }), 'any purpose': cert({ purposes: ['2.5.29.37.0'] }),
      'no key usage': cert({ usage: null }),
    'key usage encipherment': cert({ usage: [2] }), 'key usage both': cert({ usage: [0, 1] }), 'key usage non-repudiation': cert({ usage: [1] }),
      'key usage more': cert({ usage: [0, 3] }), 'key usage signs certificates': cert({ usage: [0, 5] }), 'an authority': cert({ ca: true }),
    'no basic constraints': cert({ ca: undefined }), expired: cert({ to: NOW - 86_400_000 }), 'not yet valid': cert({ from: NOW + 86_400_000 }),
      'valid for seconds': cert({ from: NOW, to: NOW + 2000 }), 'expired since': cert({ to: NOW + 60_000 }),
    'unknown critical extension': cert({ extra: [extension('1.2.3.4', true, nil)] }),
      'unknown extension': cert({ extra: [extension('1.2.3.4', false, nil)] }), 'policies critical': cert({ extra: [extension('2.5.29.32', true,
      seq(seq(oidOf('1.2.3'))))] }),
    'own root': (() => { const r = root(who.root.subject, mint.otherKey, NOW), c = leaf(signer.subject, key, r, NOW,
      { purposes: [PURPOSE], purposesCritical: true }); return { signer: c, certificates: [c.raw, r.raw] }; })(),
    'self-signed': (() => { const c = root(name('Self', 'Forge'), key, NOW, { ca: false, usage: [0], purposes: [PURPOSE], purposesCritical: true });
      return { signer: c, certificates: [c.raw] }; })(),
    'two between': chainOf(d), 'two between, one missing': { signer: d.leaf, certificates: [d.leaf.raw, d.two.raw] }, 'path too long': chainOf(narrow),
      'path just right': chainOf(wide), 'between no authority': chainOf(notCa), 'between may not sign': chainOf(noSign), 'between expired': chainOf(stale),
    'trailing byte': { after: (b) => Buffer.concat([b, Buffer.from([0])]) }, cut: { after: (b) => b.subarray(0, -1) },
      empty: { after: () => Buffer.alloc(0) }, 'token alone': { after: (b, o, imprint, ms) => who.token(imprint, ms, o) },
    'length spelt long': { after: (b) => Buffer.concat([Buffer.from([0x30, 0x83, 0]), b.subarray(2)]) },
      indefinite: { after: (b) => Buffer.concat([Buffer.from([0x30, 0x80]), b.subarray(4), Buffer.alloc(2)]) },
    'status text': { after: (b) => b, statusMore: [seq(utf8String('granted'))] }, 'status failure': { statusMore: [tlv(0x03, Buffer.from([5, 0x20]))] },
      'a large one': { extensions: [seq(oidOf('1.2.3.4'), octets(Buffer.alloc(66_000)))] },
  };
}

/** The same wrong thing in a response of the bundle, and in the stamp over a letter. */
export function* tokens({ mint, random }) {
  for (const [label, over] of [['alpha', 'checkpoint'], ['beta', 'manifest']]) {
    for (const [what, o] of Object.entries(variants(mint, mint[label], random))) {
      yield { what: `${label} ${what}`, shape: { token: { [`${over}-${label}`]: o } } };
    }
  }
}

export function* stamps({ mint, random }) {
  for (const [what, o] of Object.entries(variants(mint, mint.alpha, random))) {
    // But for what only a response has.
    if (!('status' in o || o.noToken || o.after || o.statusMore)) yield { what, shape: { stampOptions: o } };
  }
}

/** Bytes of a token turned over, signed or not. */
export function* tokenBits({ mint, random }) {
  const files = mint.base().files;
  for (const label of ['alpha', 'beta']) {
    for (let i = 0; i < 150; i++) {
      const member = `tokens/${random.pick(['checkpoint', 'manifest'])}-${label}.tsr`, bytes = Buffer.from(files.get(member)), at = random.below(bytes.length);
      bytes[at] ^= 1 << random.below(8);
      yield { what: `${member} ${at}`, files: mint.relist(new Map(files).set(member, bytes)), loose: 'codes' };
    }
  }
}
