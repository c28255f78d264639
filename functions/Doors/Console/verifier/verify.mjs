// The verdict ladder of docs/evidence-format.md, from its words alone; offline.
import { Bytes } from './bytes.mjs';
import { sha256 } from './hash.mjs';
import { readZip, sameLayout } from './zip.mjs';
import { parseManifest } from './manifest.mjs';
import { judgeItem } from './item.mjs';
import { judgeCheckpoint, judgeInclusion, readProof } from './log.mjs';
import { checkResponse } from './tokens.mjs';
import { parseAnchor, judgeAnchor } from './anchor.mjs';
import { judgeLetter, looksLikeLetter } from './letter.mjs';
import { compareFacts } from './facts.mjs';
import { judgeOrder } from './order.mjs';
import { Lists, readList } from './revocation.mjs';
import { parseTrust, pemFiles, shared } from './trust.mjs';
import { Bad, hex, time } from './json.mjs';

const K = 1024;
const FIXED = ['manifest.json', 'inclusion.tlog-proof', 'checkpoint', 'anchor.json', 'letter.pdf', 'trust.json', 'trust/letters.pem', 'trust/log.pem',
  'VERIFY.txt'];
const LIMITS = { 'manifest.json': 512 * K, 'item.json': 16 * K, 'item.proof': K, 'inclusion.tlog-proof': 256 * K, checkpoint: 128 * K,
    'anchor.json': 8 * K * K, 'letter.pdf': 16 * K * K,
  'trust.json': 256 * K, 'VERIFY.txt': 256 * K };
const TOKEN = /^tokens\/(checkpoint|manifest)-([a-z0-9][a-z0-9-]{0,39})\.tsr$/, PEM = /^trust\/tsa-([a-z0-9][a-z0-9-]{0,39})\.pem$/,
  ORIGINAL = /^original\/(0|[1-9]\d?)$/;
const RECIPES = { 2: 'd70ddfeab1f8a8d0526f53f0fbed18a5e186b035061b1a4603157eeb8297ea1e',
  3: '9db0ef1709f348ab67b54d8f6e990a580321ec7c0af8ed0ca7e011b87c7318ac',
  4: 'd8730d9264bb711d38ef1839078f65fc14e01fa940627ed2695bba1ee58d78da' };
const ITEM = { 'item.json': '00', 'item.proof': '01' };

/** The member's place in the bundle; null when no member has this name. */
export function rank(name) {
  if (TOKEN.test(name)) return `3 ${name}`;
  if (PEM.test(name)) return `8 ${name}`;
  if (ORIGINAL.test(name)) return `z ${name.slice(9).padStart(3, '0')}`;
  if (Object.hasOwn(ITEM, name)) return ITEM[name];
  const at = FIXED.indexOf(name);
  return at < 0 ? null : { 0: '0', 1: '1', 2: '2', 3: '4', 4: '5', 5: '6', 6: '7', 7: '70', 8: '9' }[at];
}

const tooLarge = (m) => m.bytes && m.bytes.length > (LIMITS[m.name] ?? (TOKEN.test(m.name) ? 68 * K : Infinity));

class Ladder {
  verdicts = [];
  add(rung, subject, mark, code, why) { this.verdicts.push({ rung, subject, mark, code, ...(why && why !== code ? { why } : {}) }); }
  pass(rung, subject) { this.add(rung, subject, 'pass', 'ok'); }
  fail(rung, subject, code, why) { this.add(rung, subject, 'fail', code, why); }
  /** Holds, and yet its reader has to know this first; changes no outcome. */
  warn(rung, subject, code) { this.add(rung, subject, 'warn', code); }
  unknown(rung, subject, code) { this.add(rung, subject, 'unknown', code); }
  /** Runs the check; what it throws is the verdict. */
  try(rung, subject, check) {
    try { check(); this.pass(rung, subject); } catch (e) { if (!(e instanceof Bad)) throw e; this.fail(rung, subject, e.code, e.message); }
  }
}

const quiet = (read) => { try { return read(); } catch (e) { if (e instanceof Bad) return null; throw e; } };

/**
 * Judges a bundle.
 * @param zip its bytes
 * @param reader the reader's own trust file, parsed; null to judge by the bundle's
 * @param now milliseconds; acceptOwn: the reader accepts the bundle's own trust; lists: the reader's own revocation lists
 */
export function verify(zip, { reader = null, now = Date.now(), acceptOwn = false, lists = [] } = {}) {
  const l = new Ladder(), whole = Bytes.over(zip);
  let list;
  try { list = readZip(whole); } catch (e) {
    if (!(e instanceof Bad)) throw e;
    l.fail('bytes', 'bundle', e.code, e.message);
    return report(l);
  }
  const files = new Map();
  for (const m of list) if (!files.has(m.name) && m.bytes && !tooLarge(m)) files.set(m.name, m.bytes);
  const own = files.has('trust.json') ? quiet(() => parseTrust(files.get('trust.json'))) : null;
  const trust = reader ?? own, e = { files, trust, lists: new Lists(lists.map(Bytes.over)), links: [], digests: new Set() };
  e.manifest = files.has('manifest.json') ? quiet(() => parseManifest(files.get('manifest.json'))) : null;
  if (e.manifest?.test) l.warn('manifest', 'manifest.json', 'test-deposit');
  bytesRung(l, whole, list, files, own, reader, e);
  logRungs(l, e);
  readLetter(e);
  timeRung(l, e);
  chainRung(l, e);
  letterRung(l, e);
  statusRung(l, e, { reader, now, acceptOwn });
  return { ...report(l), ...evidence(e) };
}

/** What of the evidence could be read, for showing: nothing here is a judgement. */
function evidence({ manifest: whole, item, manifestDigest, index, checkpoint, tokens, anchor, letter }) {
  // A bundle about an item of a batch shows the item, not the file of all items.
  const manifest = whole && item ? { ...whole, items: [{ name: '', mediaType: '', size: null, ...item }] } : whole;
  return {
    manifest, manifestDigest: manifestDigest && hex(manifestDigest), index, tokens, anchor, facts: letter?.facts,
    checkpoint: checkpoint && { origin: checkpoint.origin, size: `${checkpoint.size}` },
  };
}

/**
 * Judges a letter without its bundle: signature, pages, archive and revocation. That its facts are those of the evidence is left open.
 * Options as for verify; without a reader's trust file nothing can be said.
 */
export function verifyLetter(pdf, { reader = null, now = Date.now(), lists = [] } = {}) {
  const l = new Ladder(), e = { files: new Map([['letter.pdf', Bytes.over(pdf)]]), trust: reader, lists: new Lists(lists.map(Bytes.over)) };
  readLetter(e);
  if (!reader) l.unknown('letter', 'letter.pdf', 'trust-unreadable');
  else if (e.bad) l.fail('letter', 'letter.pdf', e.bad.code, e.bad.message);
  else {
    if (e.letter.facts.test) l.warn('letter', 'letter.pdf', 'test-deposit');
    l.unknown('letter', 'letter.pdf', 'letter-alone');
    const { letter: { stamp }, archived: archive } = e, none = { received: null, checkpoint: [], manifest: [], block: null };
    if (judgeOrder({ ...none, letter: stamp, archive, now })) l.unknown('status', 'order', 'order-unjudged');
    else l.fail('status', 'order', 'order');
  }
  for (const i of e.lists.unused) l.unknown('letter', `list ${i}`, 'list-unused');
  return { ...report(l), ...evidence(e) };
}

/** Whether a file is meant to be a bundle: a zip with a bundle's own members. */
export function isBundle(zip) {
  const list = quiet(() => readZip(Bytes.over(zip)));
  return list !== null && ['manifest.json', 'VERIFY.txt'].some((name) => list.some((m) => m.name === name));
}

/** Whether a PDF is meant to be a letter. */
export const isLetter = (pdf) => looksLikeLetter(Bytes.over(pdf));

const report = ({ verdicts }) => ({ outcome: outcomeOf(verdicts), verdicts });

/** What the verdicts come to together. */
export function outcomeOf(verdicts) {
  const failed = verdicts.some((v) => v.mark === 'fail'), open = verdicts.some((v) => v.mark === 'unknown' && v.code !== 'offline');
  return failed ? 'failed' : open ? 'unjudged' : 'verified';
}

function bytesRung(l, zip, list, files, own, reader, e) {
  const before = l.verdicts.length, fail = (subject, code) => l.fail('bytes', subject, code), seen = new Set();
  for (const m of list) {
    if (seen.has(m.name)) fail(m.name, 'member-repeated');
    else if (rank(m.name) === null || (ORIGINAL.test(m.name) && e.manifest && !e.manifest.items[Number(m.name.slice(9))])) fail(m.name, 'member-unknown');
    else if (tooLarge(m)) fail(m.name, 'member-too-large');
    else if (m.damaged) fail(m.name, 'member-damaged');
    seen.add(m.name);
  }
  for (const name of FIXED) if (!seen.has(name)) fail(name, 'member-missing');
  const order = list.map((m) => rank(m.name) ?? '').filter(Boolean);
  if (order.some((r, i) => i > 0 && order[i - 1] > r) || !sameLayout(zip, list)) fail('bundle', 'container-changed');

  if (files.has('VERIFY.txt')) recipe(l, files, e.manifest);
  if (files.has('trust.json') && !own) fail('trust.json', 'trust-malformed');
  const pem = own ?? reader ? pemFiles(own ?? reader) : null;
  const there = [...files.keys()].filter((n) => n.endsWith('.pem') && rank(n) !== null);
  if (!pem) for (const name of there) l.unknown('bytes', name, 'pem-unjudged');
  else for (const name of new Set([...there, ...pem.keys()])) {
    const missing = FIXED.includes(name) && !files.has(name); // that is said already
    if (!missing && !(files.has(name) && pem.get(name)?.equals(files.get(name)))) fail(name, 'pem-differs');
  }
  for (const [name, bytes] of files) {
    const m = ORIGINAL.exec(name);
    if (m && e.manifest?.items[Number(m[1])] && !isItem(e.manifest.items[Number(m[1])], bytes)) fail(name, 'original-differs');
  }
  if (l.verdicts.length === before) l.pass('bytes', 'bundle');
}

const isItem = (item, bytes) => item.digests['sha-256'] === hex(sha256(bytes)) && (item.size === null || item.size === bytes.length);

function recipe(l, files, manifest) {
  const text = files.get('VERIFY.txt').toString('latin1'), version = /^# notary-recipe\/(\d+): /.exec(text)?.[1];
  const end = '\n# MEMBERS\n', cut = text.indexOf(end);
  // What an original's digest is, the manifest says.
  const item = (name) => (ORIGINAL.test(name) ? manifest?.items[Number(name.slice(9))] : null), originals = [...files.keys()].filter((n) => ORIGINAL.test(n));
  const digest = (name) => item(name)?.digests['sha-256'] ?? hex(sha256(files.get(name)));
  const known = [...files.keys()].filter((n) => n !== 'VERIFY.txt' && rank(n) !== null && (!ORIGINAL.test(n) || item(n))).sort((a, b) =>
    (rank(a) < rank(b) ? -1 : 1));
  const script = cut < 0 ? null : text.slice(0, cut + end.length);
  const lines = known.map((name) => `# ${digest(name)}  ${name}\n`).join('');
  const judged = originals.every(item), right = RECIPES[version] && script !== null && hex(sha256(Bytes.from(script, 'latin1'))) === RECIPES[version];
  if (judged && right && text === script + lines) return;
  const stated = new Set(text.split('\n').map((t) => t.replace(/^[# ]+/, '')));
  for (const name of known) if (!stated.has(`${digest(name)}  ${name}`)) l.fail('bytes', name, 'digest-differs');
  if (!judged) l.unknown('bytes', 'VERIFY.txt', 'recipe-unjudged');
  else l.fail('bytes', 'VERIFY.txt', RECIPES[version] ? 'recipe-differs' : 'recipe-version');
}

function logRungs(l, e) {
  const { files, trust } = e, manifest = files.get('manifest.json'), proof = files.get('inclusion.tlog-proof'), note = files.get('checkpoint');
  if (manifest) { e.manifestDigest = sha256(manifest); l.try('manifest', 'manifest.json', () => { parseManifest(manifest); }); }
  else l.fail('manifest', 'manifest.json', 'manifest-malformed');
  e.item = judgeItem(l, files, e.manifest, quiet);
  if (!proof || !manifest) l.fail('inclusion', 'inclusion.tlog-proof', 'proof-malformed');
  else l.try('inclusion', 'inclusion.tlog-proof', () => judgeInclusion(proof, note, e.manifestDigest));
  e.index = proof ? quiet(() => readProof(proof).index) : null;
  e.checkpoint = null; // until the log's key is seen to have signed it
  if (!trust) l.unknown('checkpoint', 'checkpoint', 'trust-unreadable');
  else l.try('checkpoint', 'checkpoint', () => judgeCheckpoint(note, trust, (c) => { e.checkpoint = c; }));
}

function timeRung(l, e) {
  const { files, trust } = e;
  e.tokens = [];
  if (!trust) { l.unknown('time', 'tokens', 'trust-unreadable'); return; }
  if (trust.authorities.length < 2) l.fail('time', 'authorities', 'authority-single');
  if (shared(trust.authorities)) l.fail('time', 'authorities', 'authority-shared');
  const imprints = { checkpoint: files.has('checkpoint') ? sha256(files.get('checkpoint')) : null, manifest: e.manifestDigest ?? null };
  for (const [name, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const m = TOKEN.exec(name);
    if (!m) continue;
    const [, over, authority] = m, who = trust.authorities.find((a) => a.name === authority);
    if (!who) { l.fail('time', name, 'authority-unknown'); continue; }
    if (!imprints[over]) { l.fail('time', name, 'imprint'); continue; }
    const found = checkResponse(bytes, imprints[over], who.roots, who.policy);
    if (found.code === 'ok') {
      e.links.push(found.chain);
      e.digests.add(found.token);
      if (!e.lists.stands(found.chain, found.ms, e.covered.has(found.token) ? e.archived : null)) found.code = 'revoked';
    }
    l.add('time', name, found.code === 'ok' ? 'pass' : 'fail', found.code, found.why);
    if (found.code === 'ok') e.tokens.push({ authority, over, genTime: found.genTime, serial: found.serial, policy: found.policy,
      certificate: found.certificate, ms: found.ms });
  }
  for (const a of trust.authorities) for (const over of ['checkpoint', 'manifest']) {
    if (!files.has(`tokens/${over}-${a.name}.tsr`)) l.fail('time', `tokens/${over}-${a.name}.tsr`, 'token-missing');
  }
  for (const i of e.lists.unused) l.unknown('time', `list ${i}`, 'list-unused');
}

function chainRung(l, e) {
  const bytes = e.files.get('anchor.json');
  e.anchor = bytes ? quiet(() => parseAnchor(bytes)) : null;
  if (!e.trust) { l.unknown('chain', 'anchor.json', 'trust-unreadable'); return; }
  if (!bytes) { l.fail('chain', 'anchor.json', 'anchor-malformed'); return; }
  try {
    const anchor = parseAnchor(bytes);
    judgeAnchor(anchor, e.trust.chain, e.checkpoint);
    l.unknown('chain', 'anchor.json', 'offline');
  } catch (x) {
    if (!(x instanceof Bad)) throw x;
    l.fail('chain', 'anchor.json', x.code, x.message);
  }
  const head = e.manifest?.notBefore;
  if (head && e.anchor && !(head.chainId === e.trust.chain.chainId && (head.block < e.anchor.block
    || (head.block === e.anchor.block && head.hash === e.anchor.blockHash)))) {
    l.fail('chain', 'manifest.json', 'not-before');
  }
}

const letters = new WeakMap();

/** Letters are judged once per trust: most forgeries leave them as they are. */
function letterOf(bytes, trust) {
  const known = letters.get(trust) ?? new Map(), key = hex(sha256(bytes));
  letters.set(trust, known);
  if (!known.has(key)) {
    const found = {};
    try { judgeLetter(bytes, trust, found); } catch (x) { if (!(x instanceof Bad)) throw x; found.bad = x; }
    known.set(key, found);
  }
  return known.get(key);
}

/** Before the tokens: the lists in the letter are about them too, and its archive may cover them. */
function readLetter(e) {
  e.covered = new Set();
  e.archived = null;
  const bytes = e.files.get('letter.pdf');
  if (!bytes || !e.trust) return;
  const found = letterOf(bytes, e.trust);
  e.letter = found;
  e.bad = found.bad;
  e.lists.add(found.archive?.lists ?? []);
  if (e.bad) return;
  // A document time-stamp that was revoked itself does not count.
  const archived = found.archiver && e.lists.stands(found.archiver, found.archived, null) ? found.archived : null;
  if (!e.lists.stands(found.stamper, found.stamp, archived) || !e.lists.stands(found.signer, found.stamp, found.stamp)) e.bad = new Bad('revoked');
  else Object.assign(e, { archived, covered: new Set(found.archive?.tokens ?? []) });
}

function letterRung(l, e) {
  const bytes = e.files.get('letter.pdf');
  if (!bytes) { l.fail('letter', 'letter.pdf', 'member-missing'); return; }
  if (!e.trust) { l.unknown('letter', 'letter.pdf', 'trust-unreadable'); return; }
  l.try('letter', 'letter.pdf', () => {
    const found = e.letter;
    if (e.bad) throw e.bad;
    e.stamp = found.stamp;
    if (!e.manifest || !e.checkpoint || e.index === null || !e.anchor) throw new Bad('letter-facts');
    compareFacts(found.facts, { ...e, manifestDigest: hex(e.manifestDigest), stamp: found.stamp });
    if (found.archive) judgeStore(found, e);
  });
}

/** The archive has nothing that nobody in this evidence needs. */
function judgeStore({ archive, signer, stamper, archiver }, e) {
  const chains = [...e.links, signer, stamper, archiver], known = new Set(chains.flat().map((c) => hex(c.raw)));
  if (!archive.tokens.every((t) => e.digests.has(t)) || !archive.certificates.every((c) => known.has(hex(c)))
    || !archive.lists.every((raw) => chains.some((chain) => chain.slice(1).some((issuer) => readList(raw, issuer))))) throw new Bad('letter-archive');
}

function statusRung(l, e, { reader, now, acceptOwn }) {
  if (!e.trust) { l.fail('status', 'trust.json', 'trust-unreadable'); return; }
  const of = (over) => e.tokens.filter((t) => t.over === over).map((t) => t.ms);
  const times = { received: e.manifest ? time(e.manifest.receivedAt, 3, true) : null, checkpoint: of('checkpoint'), manifest: of('manifest'),
    block: e.anchor?.time ?? null, letter: e.stamp ?? null, archive: e.archived, now };
  const whole = times.received !== null && times.block !== null && times.letter !== null && e.tokens.length === 2 * e.trust.authorities.length;
  if (!judgeOrder(times)) l.fail('status', 'order', 'order');
  else if (whole) l.pass('status', 'order');
  else l.unknown('status', 'order', 'order-unjudged');
  if (reader || acceptOwn) l.pass('status', 'trust.json');
  else l.unknown('status', 'trust.json', 'own-trust');
}
