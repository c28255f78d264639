// facts.json of a letter, formats notary-letter/1 and /2: its form, and each member against the evidence.
import { canonical, is, jcs, members, need, time } from './json.mjs';
import { uuid } from './manifest.mjs';

const MAX = 1024 * 1024;

export function parseFacts(bytes) {
  // Texts are any texts: what they may say is what the evidence says.
  const any = () => true, code = 'malformed', when = (v) => time(v) !== null, text = is.text(0, MAX), list = is.list(0, MAX, any);
  const map = (v) => v !== null && typeof v === 'object' && !Array.isArray(v) && Object.entries(v).every(([k, t]) => text(k) && text(t));
  const json = canonical(bytes, code, MAX), two = json?.format === 'notary-letter/2', more = (checks) => (two ? checks : {});
  const f = members(json, code, {
    format: is.one('notary-letter/1', 'notary-letter/2'), id: is.match(uuid), depositor: text, receivedAt: when, kind: text, items: list, notes: map,
      manifestDigest: is.hex(32),
    depositorName: text, number: text, office: any, times: list, log: any, chain: any,
      verifyUrl: is.match(/^(?!https?:\/\/(?:[/?#]|$))(?:[a-z][a-z0-9+.-]*:|\/)/i), issuedAt: when,
    ...more(json?.test === undefined ? {} : { test: is.one(true) }),
  });
  members(f.office, code, { zh: text, en: text, ...more({ shortName: text, address: text, operator: text }) });
  for (const i of f.items) members(i, code, { name: text, size: is.orNull(is.whole), mediaType: text, digests: map });
  for (const t of f.times) {
    members(t, code, { authority: text, over: text, genTime: when, serial: text, ...more({ legalName: text, policy: text, certificate: is.hex(32) }) });
  }
  members(f.log, code, { origin: text, size: is.whole, root: is.hex(32), index: is.whole });
  members(f.chain, code, { chainId: is.whole, contract: text, transaction: text, block: is.whole, blockHash: text, blockTime: when,
    ...more({ name: text, operator: text }) });
  return f;
}

/** What the office's clock shows: the year in UTC+08:00. */
const year = (ms) => new Date(ms + 8 * 3600_000).getUTCFullYear();
const trimmed = (t) => (t.includes('.') ? t.replace(/\.?0*Z$/, 'Z') : t);

/**
 * Compares with the evidence; throws Bad('letter-facts').
 * @param e manifest, manifestDigest (hex), tokens (authority, over, genTime, serial), checkpoint, index, anchor, trust, and stamp: ms of the letter's own.
 */
export function compareFacts(f, e) {
  const same = (a, b, what) => need(jcs(a) === jcs(b), 'letter-facts', what);
  for (const name of ['id', 'depositor', 'kind', 'items', 'notes']) same(f[name], e.manifest[name], name);
  same(f.test === true, e.manifest.test === true, 'test');
  same(f.receivedAt, trimmed(e.manifest.receivedAt), 'receivedAt');
  same(f.manifestDigest, e.manifestDigest, 'manifestDigest');
  const two = f.format === 'notary-letter/2', n = f.log.index + 1, y = year(time(f.receivedAt));
  same(f.number, two ? `〔${y}〕${f.office.shortName}电存字第${n}号` : `(${y}) 电存字第 ${String(n).padStart(8, '0')} 号`, 'number');
  for (const name of ['zh', 'en', ...(two ? ['shortName'] : [])]) if (e.trust.office?.[name] !== undefined) same(f.office[name], e.trust.office[name],
    `office ${name}`);
  const row = ({ authority, over, genTime, serial, policy, certificate }) => jcs({ authority, over, genTime, serial, ...(two ? { policy, certificate } : {}) });
  same(f.times.map(row).sort(), e.tokens.map(row).sort(), 'times');
  // What each authority is called the trust file says; one that does not leaves it to the letter, but to one name each.
  if (two) for (const t of f.times) same(t.legalName, e.trust.authorities.find((a) => a.name === t.authority)?.legalName
    ?? f.times.find((other) => other.authority === t.authority).legalName, 'legalName');
  same(f.log, { origin: e.checkpoint.origin, size: Number(e.checkpoint.size), root: e.checkpoint.root.toString('hex'), index: Number(e.index) }, 'log');
  const a = e.anchor;
  const { name, operator, ...chain } = f.chain; // the office's statements
  same(chain, { chainId: a.chainId, contract: a.contract, transaction: a.transactionHash, block: a.block, blockHash: a.blockHash, blockTime: a.blockTime },
    'chain');
  const path = `/verify/${f.manifestDigest}?index=${f.log.index}`;
  need(/^https?:\/\/[^/]/i.test(f.verifyUrl) && f.verifyUrl.endsWith(path), 'letter-facts', 'verifyUrl');
  need(a.time - time(f.issuedAt) <= 120_000 && time(f.issuedAt) - e.stamp <= 120_000, 'letter-facts', 'issuedAt');
}
