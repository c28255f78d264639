// Who was revoked, when and why, by lists in the letter and the reader's own; and lists that are none.
import { certificateTime, context, generalized, integer, nil, oidOf, seq, tlv } from '../mint/asn1.mjs';
import { extension, name, root } from '../mint/certificates.mjs';
import { EcKey, RsaKey } from '../mint/keys.mjs';
import { NOW } from '../mint/evidence.mjs';
import { INVALIDITY, REASON, crl, entry } from '../mint/lists.mjs';

const S = 1000, H = 3600 * S, DAY = 24 * H, FROM = NOW + 2 * H, UNTIL = NOW + 30 * DAY, LATER = NOW + 60 * DAY;

function* lists(mint, issuer, cert, at) {
  const good = (o = {}) => ({ from: FROM, until: UNTIL, entries: [entry({ serial: cert.serial, at, reason: 4 })], ...o }), serial = cert.serial;
  const reason = (b) => [extension(REASON, false, b)], e = (o) => [entry({ serial, at, ...o })], pss = seq(oidOf('1.2.840.113549.1.1.10'), seq());
  const swap = (i, v) => (l) => l.map((x, n) => (n === i ? v : x)), two = entry({ serial, at: UNTIL, reason: 4 });
  for (const [what, o] of Object.entries({
    'as it is': {}, 'of version 1': { version: null, extensions: [], entries: [seq(serial, certificateTime(at))] },
      'of version 1 with extensions': { version: null },
    'version 0': { version: 0 }, 'version 2': { version: 2 }, 'without extensions': { extensions: [] }, 'without nextUpdate': { until: null },
    'critical extension': { extensions: [extension('1.2.3', true, nil)] }, 'unknown extension': { extensions: [extension('1.2.3', false, nil)] },
    'delta': { extensions: [extension('2.5.29.27', true, integer(1))] }, 'distribution point': { extensions: [extension('2.5.29.28', true, seq())] },
    'distribution point, not critical': { extensions: [extension('2.5.29.28', false, seq())] }, 'extensions twice': { extensions: [extension('1.2.3', false,
      nil), extension('1.2.3', false, nil)] },
    'entry with a critical extension': { entries: e({ more: [extension('2.5.29.29', true, seq())] }) },
      'entry with an extension': { entries: e({ more: [extension('1.2.3', false, nil)] }) },
    'entry twice': { entries: [...e({}), two] }, 'entry twice, the other way': { entries: [two, ...e({})] }, 'empty entries': { entries: [], keepEmpty: true },
    'reason twice': { entries: e({ reason: 4, more: reason(tlv(0x0a, Buffer.from([1]))) }) }, 'reason of two bytes': { entries: e({ more: reason(tlv(0x0a,
      Buffer.from([1, 0]))) }) },
    'reason as integer': { entries: e({ more: reason(integer(4)) }) }, 'reason and more': { entries: e({ more: reason(Buffer.concat([tlv(0x0a,
      Buffer.from([4])), nil])) }) },
    'invalidity in UTC': { entries: e({ more: [extension(INVALIDITY, false, certificateTime(at))] }) },
      'critical reason': { entries: e({ more: [extension(REASON, true, tlv(0x0a, Buffer.from([4])))] }) },
    'serial with zeros': { entries: [entry({ serial: tlv(0x02, Buffer.from([0]), serial.subarray(2)), at })] }, 'negative serial': { entries: [...e({}),
      entry({ serial: tlv(0x02, Buffer.from([0xff])), at })] },
    'other name': { name: name('Another', 'Forge') }, 'other key': { key: mint.otherKey }, 'inner algorithm': { inner: seq(oidOf('1.2.840.10045.4.3.3')) },
    'ECDSA with null': { algorithm: seq(oidOf('1.2.840.10045.4.3.2'), nil) }, 'SHA-1': { algorithm: seq(oidOf('1.2.840.10045.4.1')) },
      'PSS': { algorithm: pss },
    'tampered': { tamper: (s) => { const t = Buffer.from(s); t[t.length - 1] ^= 1; return t; } }, 'unused bits': { unused: 1 },
      'no signature': { tamper: () => Buffer.alloc(0) },
    'garbage behind': { after: (b) => Buffer.concat([b, Buffer.from([0])]) }, 'cut': { after: (b) => b.subarray(0, -1) },
      'a certificate': { after: () => issuer.raw },
    'PEM': { after: (b) => Buffer.from(`-----BEGIN X509 CRL-----\n${b.toString('base64')}\n-----END X509 CRL-----\n`) },
      'empty': { after: () => Buffer.alloc(0) },
    'GeneralizedTime': { fromDer: generalized(FROM), untilDer: generalized(UNTIL) }, 'fractions': { fromDer: generalized(FROM + 500) },
      'no seconds': { fromDer: tlv(0x17, Buffer.from('2611290500Z')) },
    'an offset': { fromDer: tlv(0x17, Buffer.from('261129050000+0000')) }, 'times swapped': { from: UNTIL, until: FROM }, 'of the future': { from: LATER * 2,
      until: LATER * 2 + DAY },
    'something behind': { tbs: (l) => [...l, nil] }, 'no issuer': { tbs: (l) => l.filter((_, i) => i !== 2) }, 'issuer unique': { tbs: (l) => [...l,
      context(1, nil)] },
    'a long list': { entries: [...Array.from({ length: 2000 }, (_, i) => entry({ serial: integer(i + 1), at })), ...e({})] },
    'a list over a MiB': { extensions: [extension('1.2.3', false, tlv(0x04, Buffer.alloc(1024 * 1024)))] }, 'extensions empty': { tbs: swap(6, context(0,
      seq())) },
  })) yield [what, crl(issuer, good(o))];
}

export function* revocations({ mint, random, trust }) {
  const base = mint.base(), bareZip = mint.make({ archive: null }).zip, loose = mint.make({ archive: { parts: (p) => ({ ...p,
    tokens: p.tokens.slice(1) }) } }).zip;
  const same = mint.make({ archive: { by: 'alpha' } }).zip, all = { archived: base.zip, 'not archived': bareZip, 'a token less': loose, 'by the same': same };
  const who = { alpha: [mint.alpha.root, mint.alpha.signer], beta: [mint.beta.root, mint.beta.signer], signer: [mint.letterRoot, base.signer] };
  const reader = (what, zip, ...own) => ({ what, zip, lists: own, now: LATER, trust });
  const inside = (what, change, more = {}) => ({ what, shape: { archive: { parts: (p) => ({ ...p, lists: change(p.lists) }) }, ...more }, now: LATER, trust });
  for (const [label, [issuer, cert]] of Object.entries(who)) {
    const list = (o, more = {}) => crl(issuer, { from: FROM, until: UNTIL, entries: [entry({ serial: cert.serial, ...o })], ...more });
    for (const at of [-DAY, 0, S, 2 * S, 4 * S, 5 * S, 6 * S, H]) {
      for (const reason of [null, 0, 1, 2, 3, 4, 5, 6, 8, 9, 10]) {
        const say = `${label} at ${at} for ${reason}`;
        for (const [which, zip] of Object.entries(all)) if (random.chance(3) || at === H) yield reader(`${say}, ${which}`, zip, list({ at: NOW + at, reason }));
        if (random.chance(3)) yield inside(`${say}, inside`, (l) => [...l, list({ at: NOW + at, reason })]);
      }
    }
    for (const [at, invalid] of [[H, -DAY], [H, 3 * S], [H, 5 * S], [H, 2 * H], [-DAY, H], [H, 5500]]) {
      for (const reason of [null, 1, 4]) yield reader(`${label} at ${at}, invalid since ${invalid} for ${reason}`, base.zip, list({ at: NOW + at,
        invalid: NOW + invalid, reason }));
    }
    const clean = crl(issuer, { from: FROM + H, until: UNTIL });
    for (const at of [-DAY, H]) {
      yield reader(`${label} at ${at}, then not`, base.zip, list({ at: NOW + at, reason: 1 }), clean);
      yield reader(`not, then ${label} at ${at}`, base.zip, clean, list({ at: NOW + at, reason: 1 }));
      yield reader(`${label} twice`, base.zip, list({ at: NOW + at, reason: 4 }), list({ at: NOW + at, reason: 4 }));
      yield reader(`${label} over before`, base.zip, list({ at: NOW + at, reason: 1 }, { from: NOW - 9 * DAY, until: NOW - 8 * DAY }));
    }
    const order = [...lists(mint, issuer, cert, NOW - DAY)];
    for (const [what, raw] of order) yield reader(`list of ${label}: ${what}`, base.zip, raw);
    if (label !== 'beta') for (const [what, raw] of order) if (random.chance(2)) yield inside(`list of ${label} inside: ${what}`, (l) => [...l, raw]);
    yield inside(`${label} in place of the letter's own`, (l) => [list({ at: NOW - DAY, reason: 1 }), ...l.slice(1)]);
    for (const what of ['archive', 'letter-pages', 'digest', 'malformed']) {
      const own = { archive: { over: Buffer.alloc(32) }, malformed: { fill: (t) => `${t}01` } }[what] ?? {},
        shape = what === 'letter-pages' ? { shown: (f) => ({ ...f, depositor: 'x' }) }
        : what === 'digest' ? { letter: { cms: { digest: Buffer.alloc(32) } } } : {};
      yield { what: `${label} inside a letter that fails: ${what}`, shape: { ...shape, archive: { ...own, parts: (p) => ({ ...p, lists: [list({ at: NOW - DAY,
        reason: 1 })] }) } }, now: LATER, trust };
      yield { what: `${label} later, covered by a letter that fails: ${what}`, shape: { ...shape, archive: own }, lists: [list({ at: NOW + H, reason: 1 })],
        now: LATER, trust };
    }
  }
  const strange = root(name('Stranger', 'Forge'), new EcKey(random), NOW), theirs = crl(strange, { from: FROM, until: UNTIL });
  yield reader('list of a stranger', base.zip, theirs);
  yield reader('list of a stranger and one of alpha', base.zip, theirs, crl(mint.alpha.root, { from: FROM, until: UNTIL }));
  yield reader('list of gamma', base.zip, crl(mint.gamma.root, { from: FROM, until: UNTIL }));
  yield reader('list by the signer', base.zip, crl(base.signer, { from: FROM, until: UNTIL }));
  yield { ...reader('a list, own trust', base.zip, crl(mint.alpha.root, { from: FROM, until: UNTIL })), trust: null };

  // With an issuer between, which may be revoked itself, and may sign lists or not.
  for (const [what, usage] of Object.entries({ 'may sign lists': [5, 6], 'may not sign lists': [5], 'without usage': null })) {
    const between = mint.letterIntermediate({ usage }), signer = mint.letterSigner({ issuer: between }), shape = { signer, certificates: () => [signer.raw,
      between.raw] };
    const parts = (more) => (p) => ({ ...p, certificates: [...p.certificates, between.raw], lists: [...p.lists, ...more] });
    const low = (at, reason) => crl(between, { from: FROM, until: UNTIL, entries: [entry({ serial: signer.serial, at: NOW + at, reason })] });
    const high = (at, reason) => crl(mint.letterRoot, { from: FROM, until: UNTIL, entries: [entry({ serial: between.serial, at: NOW + at, reason })] });
    for (const [name, list] of Object.entries({ 'none revoked': crl(between, { from: FROM, until: UNTIL }), 'signer before': low(-DAY, 1),
      'signer after': low(H, 1), 'between before': high(-DAY, 2),
      'between after': high(H, 2), 'between after, superseded': high(H, 4) })) {
      yield { what: `between ${what}: ${name}`, shape: { ...shape, archive: { parts: parts([list]) } }, now: LATER, trust };
      yield { what: `between ${what}: ${name}, the reader's`, shape: { ...shape, archive: null }, lists: [list], now: LATER, trust };
    }
  }

  // An archive by another certificate of the authority that was revoked; a key of RSA.
  const second = mint.alpha.certify(new EcKey(random)), alpha = (at, reason) => crl(mint.alpha.root, { from: FROM, until: UNTIL,
    entries: [entry({ serial: mint.alpha.signer.serial, at: NOW + at, reason })] });
  for (const [at, reason] of [[-DAY, 1], [H, 1], [H, 4]]) yield { what: `archived by a second certificate of alpha, the first revoked at ${at} for ${reason}`,
    shape: { archive: { by: 'alpha', signer: second } }, lists: [alpha(at, reason)], now: LATER, trust };
  const wrong = new RsaKey(random);
  yield reader('list by an RSA key of another', base.zip, crl(mint.beta.root, { from: FROM, until: UNTIL, key: wrong }));
  yield inside('the responses\' digests', (l) => l, { token: { 'manifest-beta': { status: 1 } } });
}
