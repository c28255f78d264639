// trust.json, formats notary-trust/1 to /3, and the PEM files that say the same for openssl.
import { Bytes } from './bytes.mjs';
import { DerError } from './der.mjs';
import { certificate, publicKey } from './x509.mjs';
import { Bad, base64, canonical, is, members, need } from './json.mjs';

const CODE = 'trust-malformed', MAX = 256 * 1024, ENTRIES = 16, NAME = 200;
const oidText = /^[0-2](\.(0|[1-9]\d*))+$/;

function roots(list) {
  need(is.list(1, ENTRIES, (v) => typeof v === 'string')(list), CODE, 'roots');
  return list.map((text) => {
    const raw = base64(text);
    need(raw, CODE, 'base64');
    try { return certificate(raw); } catch (e) { if (e instanceof DerError) throw new Bad(CODE, 'a root is no certificate'); throw e; }
  });
}

export function parseTrust(bytes) {
  const t = canonical(bytes, CODE, MAX), any = () => true, three = t?.format === 'notary-trust/3', two = three || t?.format === 'notary-trust/2',
    name = is.text(1, NAME);
  members(t, CODE, { format: is.one('notary-trust/1', 'notary-trust/2', 'notary-trust/3'), log: any, authorities: is.list(0, ENTRIES, any),
    [two ? 'letters' : 'letterRoots']: any, chain: any });
  members(t.log, CODE, { origin: is.match(/^[^\s\p{Cc}+]{1,255}$/u), key: is.text(1, 4096) });
  const spki = base64(t.log.key);
  need(spki, CODE, 'log key');
  let key = null;
  try { key = publicKey(spki); } catch (e) { if (!(e instanceof DerError)) throw e; }
  need(key?.curve === 'P-256', CODE, 'log key');
  const authorities = t.authorities.map((a) => {
    members(a, CODE, { name: is.match(/^[a-z0-9][a-z0-9-]{0,39}$/), roots: any, policy: is.orNull(is.match(oidText)), ...(three ? { legalName: name } : {}) });
    return { name: a.name, legalName: a.legalName ?? null, roots: roots(a.roots), policy: a.policy };
  });
  need(new Set(authorities.map((a) => a.name)).size === authorities.length, CODE, 'an authority twice');
  let signer = null, office = null;
  if (two) {
    members(t.letters, CODE, { roots: any, signer: any, office: any });
    signer = members(t.letters.signer, CODE, { commonName: name, organization: is.orNull(name) });
    office = members(t.letters.office, CODE, { zh: name, en: name, ...(three ? { shortName: name } : {}) });
  }
  const letterRoots = roots(two ? t.letters.roots : t.letterRoots);
  const former = t.chain?.formerContracts === undefined ? {} : { formerContracts: is.list(1, ENTRIES, is.hex0x(20)) };
  const chain = members(t.chain, CODE,
    { chainId: (v) => is.whole(v) && v > 0, contract: is.hex0x(20), senders: is.list(0, ENTRIES, is.hex0x(20)), ...former });
  const contracts = [chain.contract, ...chain.formerContracts ?? []];
  need(new Set(contracts).size === contracts.length, CODE, 'a contract twice');
  return { origin: t.log.origin, spki, logKey: key, authorities, letterRoots, signer, office, chain };
}

const pem = (label, raw) => `-----BEGIN ${label}-----\n${raw.toString('base64').replace(/(.{64})(?=.)/g, '$1\n')}\n-----END ${label}-----\n`;

export function pemFiles(trust) {
  const certificates = (list) => Bytes.from(list.map((c) => pem('CERTIFICATE', c.raw)).join(''));
  return new Map([
    ['trust/letters.pem', certificates(trust.letterRoots)], ['trust/log.pem', Bytes.from(pem('PUBLIC KEY', trust.spki))],
    ...trust.authorities.map((a) => [`trust/tsa-${a.name}.pem`, certificates(a.roots)]),
  ]);
}

/** Whether two authorities share the key of a root. */
export function shared(authorities) {
  const keys = authorities.map((a) => new Set(a.roots.map((r) => r.spki.raw.toString('hex'))));
  return keys.some((k, i) => keys.slice(i + 1).some((other) => [...k].some((x) => other.has(x))));
}
