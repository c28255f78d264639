// The chain's heads are in the platform's log, often enough, and dated by two authorities (docs/forensics-format.md §7).
import { Bytes } from './bytes.mjs';
import { eight, moment } from './forensics-links.mjs';
import { sha256 } from './hash.mjs';
import { Bad, hex, need } from './json.mjs';
import { included, leaf, readCheckpoint, readNote, readProof, signedByLog } from './log.mjs';
import { parseManifest, uuid } from './manifest.mjs';
import { checkResponse } from './tokens.mjs';
import { shared } from './trust.mjs';

const RUNG = 'heads', MAX_MANIFEST = 512 * 1024, MAX_PROOF = 256 * 1024, MAX_TOKEN = 68 * 1024, MAX_LINK = 50_000;
/** Microseconds without a head in the log; milliseconds from a link to the later stamp, and by which a recorder's clock may be ahead of an authority's. */
const UNLOGGED = 45e6, UNDATED = 120_000, AHEAD = 5000;

/** Returns the longest exposure: { segment, length, stamped }, or null. */
export async function judgeHeads(chain, pkg, trust, ladder) {
  const names = pkg.names.filter((n) => n.startsWith('heads/') && n.endsWith('.json')).sort();
  dated(trust, ladder);
  if (names.length === 0) {
    for (const rung of [RUNG, 'times']) ladder.unknown(rung, {}, 'no-heads');
    return null;
  }
  if (!trust) ladder.unknown(RUNG, {}, 'no-trust');
  const links = new Map();
  for (const l of chain.links) if (!links.has(l.n)) links.set(l.n, l);
  const stated = [], logged = [];
  for (const name of names) {
    const head = await judgeHead(name, { chain, links, pkg, trust, ladder, stated });
    if (head) logged.push(head);
  }
  logged.sort((a, b) => a.link.n - b.link.n);
  if (!trust) ladder.unknown('times', {}, 'no-trust');
  const longest = coverage(chain, logged, ladder);
  const measured = chain.links.find((l) => l.kind === 'cleanliness'), input = chain.links.find((l) => l.kind === 'input' && l.connected);
  // The measurement was in the log, and not only sealed, before the user could touch what was measured.
  if (measured && input && measured.n < input.n && !logged.some((h) => h.link.n >= measured.n && h.link.n < input.n)) {
    ladder.fail(RUNG, { link: input.n }, 'clean-unlogged');
  }
  // Each manifest names the one before, so that none of those in between can be left out.
  stated.sort((a, b) => a.link - b.link).forEach((s, i) => {
    if (s.previous !== (i ? stated[i - 1].digest : null)) ladder.fail(RUNG, { link: s.link }, 'head-skipped');
  });
  if (stated.some((s) => s.test)) ladder.warn(RUNG, {}, 'test-deposit');
  if (ladder.clear(RUNG)) ladder.pass(RUNG, {}, 'heads', { count: logged.length, last: logged.at(-1)?.link.n });
  if (logged.length === 0 && trust) ladder.unknown('times', {}, 'no-heads');
  else if (ladder.clear('times')) ladder.pass('times', {}, 'times', { count: logged.length });
  return longest;
}

function dated(trust, ladder) {
  if (trust && trust.authorities.length < 2) ladder.fail('times', {}, 'authority-single');
  else if (trust && shared(trust.authorities)) ladder.fail('times', {}, 'authority-shared');
}

/** What a head's manifest states. Throws Bad. */
function statement(bytes) {
  const m = parseManifest(bytes), [item] = m.items, { session, link } = m.notes;
  need(m.kind === 'digest' && m.items.length === 1 && item.size !== null && item.mediaType === 'application/json' && Object.keys(m.notes).length === 2
    && uuid.test(session) && /^(0|[1-9]\d{0,4})$/.test(link) && Number(link) < MAX_LINK && item.name === `head-${eight(link)}`, 'head-malformed');
  return { session, link: Number(link), head: item.digests['sha-256'], size: item.size, previous: m.previous, test: m.test === true };
}

async function judgeHead(name, { chain, links, pkg, trust, ladder, stated }) {
  const place = { file: name }, no = (code, about) => { ladder.fail(RUNG, { ...place }, code, about); return null; };
  let s, bytes;
  try {
    bytes = await pkg.read(name, MAX_MANIFEST) ?? new Bytes(0);
    s = statement(bytes);
  } catch (e) {
    if (!(e instanceof Bad)) throw e;
    return no('head-malformed');
  }
  const digest = sha256(bytes);
  stated.push({ link: s.link, digest: hex(digest), previous: s.previous, test: s.test });
  place.link = s.link;
  if (name !== `heads/${eight(s.link)}.json`) return no('head-misnamed');
  if (s.session !== chain.open?.session) return no('head-foreign');
  const link = links.get(s.link);
  if (!link) return no('head-beyond');
  if (link.head !== s.head || link.bytes.length !== s.size) return no('head-differs');
  const note = await judgeProof(digest, link, pkg, trust, ladder);
  return note && { link, stamped: trust ? await judgeTokens(note, link, pkg, trust, ladder) : null };
}

/** The checkpoint under which the statement is in the log, or null. */
async function judgeProof(digest, link, pkg, trust, ladder) {
  const file = `heads/${eight(link.n)}.tlog-proof`, no = (code) => { ladder.fail(RUNG, { link: link.n, file }, code); return null; };
  let proof, checkpoint;
  try {
    const bytes = await pkg.read(file, MAX_PROOF);
    if (!bytes) return no('proof-missing');
    proof = readProof(bytes);
    const text = proof.note.toString('utf8');
    checkpoint = readCheckpoint(text.slice(0, text.indexOf('\n\n') + 1));
  } catch (e) {
    if (!(e instanceof Bad)) throw e;
    return no('proof-malformed');
  }
  if (proof.extra !== null || checkpoint.extended) return no('proof-extra');
  if (!included(proof.index, checkpoint.size, leaf(digest), proof.path, checkpoint.root)) return no('not-included');
  if (trust) {
    const note = readNote(proof.note);
    if (!note || !signedByLog(note, trust)) return no('signature');
    if (checkpoint.origin !== trust.origin) return no('origin');
  }
  return proof.note;
}

/** When both authorities had seen the checkpoint, in milliseconds; null when that is not known. */
async function judgeTokens(note, link, pkg, trust, ladder) {
  const imprint = sha256(note), by = new Set(), at = moment(link.at);
  let stamped = -Infinity;
  for (const number of [1, 2]) {
    const place = { link: link.n, file: `heads/${eight(link.n)}.${number}.tsr` };
    let bytes;
    try { bytes = await pkg.read(place.file, MAX_TOKEN); } catch (e) { if (!(e instanceof Bad)) throw e; bytes = null; }
    if (!bytes) { ladder.fail('times', place, 'token-missing'); continue; }
    const checks = trust.authorities.map((a) => ({ name: a.name, ...checkResponse(bytes, imprint, a.roots, a.policy) }));
    const found = checks.find((c) => c.code === 'ok') ?? checks.find((c) => c.code !== 'untrusted') ?? checks[0];
    if (found?.code !== 'ok') { ladder.fail('times', place, 'token-invalid', { why: found?.code ?? 'untrusted' }); continue; }
    by.add(found.name);
    stamped = Math.max(stamped, found.ms);
    if (found.ms + found.accuracy + AHEAD < at) ladder.fail('times', place, 'time-early', { authority: found.name });
  }
  if (by.size < 2) {
    if (!ladder.failed('times')) ladder.fail('times', { link: link.n }, 'authority-single');
    return null;
  }
  if (stamped - at > UNDATED) ladder.unknown('times', { link: link.n }, 'dated-late', { length: (stamped - at) * 1000 });
  return stamped;
}

// Each segment stands alone until a head that covers it is in the log.
function coverage(chain, logged, ladder) {
  // What was broken off has no end that could have been logged.
  const uncovered = (place) => ladder.add(RUNG, place, chain.close ? 'fail' : 'unknown', 'head-missing');
  let longest = null, at = 0, reported = -1;
  for (const s of chain.links.filter((l) => l.kind === 'segment')) {
    while (at < logged.length && logged[at].link.n < s.n) at++;
    const place = { link: s.n, segment: s.segment };
    if (at === logged.length) { uncovered(place); break; }
    const { link, stamped } = logged[at], own = link.elapsed - s.firstElapsed, length = stamped === null ? own : (stamped - moment(s.firstAt)) * 1000;
    // The log was away, or a head was withheld while other pictures were sealed: whoever was not there cannot tell which.
    if (reported !== at && own > UNLOGGED) {
      reported = at;
      ladder.unknown(RUNG, place, 'head-late', { length: own, from: s.firstAt });
    }
    if (!longest || Math.max(0, length) > longest.length) longest = { segment: s.segment, length: Math.max(0, length), stamped: stamped !== null };
  }
  const end = chain.links.at(-1);
  if (chain.close && !(logged.at(-1)?.link.n >= end.n)) uncovered({ link: end.n });
  return longest;
}
