// The ladder of docs/forensics-format.md §8, from its words alone: a recording's package is read piece by piece and goes nowhere.
import { sha256 as hashOf } from '@noble/hashes/sha2.js';
import { Bytes } from './bytes.mjs';
import { fileOf, judgeCaptures } from './forensics-captures.mjs';
import { judgeContinuity } from './forensics-continuity.mjs';
import { judgeHeads } from './forensics-heads.mjs';
import { hash, Ladder } from './forensics-ladder.mjs';
import { MAX_CHAIN, MAX_CLEANLINESS, eight, readChain, readReport, three } from './forensics-links.mjs';
import { judgeSegments } from './forensics-segments.mjs';
import { Bad, base64url } from './json.mjs';
import { outcomeOf } from './verify.mjs';

export const CHAIN = 'chain.ndjson', REPORT = 'cleanliness.json';

/** A member's bytes; null when it is not there, too long or damaged. */
async function quietly(pkg, name, most) {
  try { return await pkg.read(name, most); } catch (e) { if (e instanceof Bad) return null; throw e; }
}

/** The chain as far as it can be read, with its first link's and its last's. */
export async function chainOf(pkg, ladder) {
  const chain = await readChain(await quietly(pkg, CHAIN, MAX_CHAIN) ?? new Bytes(0), ladder);
  const last = chain.links.at(-1);
  return { ...chain, open: chain.links.find((l) => l.kind === 'open') ?? null, close: last?.kind === 'close' ? last : null };
}

/**
 * Judges a recording.
 * @param pkg a Package (forensics-zip)
 * @param trust the reader's own trust file, parsed; null when he has none
 * @param tell told the part that is done
 */
export async function judgeRecording(pkg, trust, tell = () => {}) {
  const ladder = new Ladder(), chain = await chainOf(pkg, ladder);
  judgeChain(chain, ladder);
  await judgeSignatures(chain, ladder);
  const segments = await judgeSegments(chain, pkg, ladder, tell);
  judgeContinuity(chain, segments, ladder);
  await judgeCleanliness(chain, pkg, ladder);
  const longest = await judgeHeads(chain, pkg, trust, ladder);
  await judgeFiles(chain, pkg, ladder);
  await judgeCaptures(chain, pkg, ladder);
  judgeNames(chain, pkg, ladder);
  judgeClose(chain, ladder);
  const verdicts = ladder.inOrder(), [first, last] = [segments[0]?.link, segments.at(-1)?.link];
  return {
    outcome: outcomeOf(verdicts), verdicts, session: chain.open?.session ?? null, segments: segments.length,
    frames: segments.reduce((n, s) => n + s.link.frames.count, 0), length: first ? last.frames.last - first.frames.first : 0, longest,
    begun: chain.open?.at ?? null, gaps: chain.links.filter((l) => l.kind === 'gap').map(({ reason, from, length }) => ({ reason, from, length })),
  };
}

function judgeChain({ links }, ladder) {
  let expected = 0, previous = '0'.repeat(64), elapsed = 0, closed = false;
  for (const l of links) {
    const place = { link: l.n };
    if (l.n > expected) ladder.fail('chain', { link: expected }, 'link-missing', { from: expected, to: l.n - 1 });
    else if (l.n < expected) ladder.fail('chain', place, 'link-order');
    else if (l.previous !== previous) ladder.fail('chain', place, 'link-differs');
    if ((l.kind === 'open') !== (l.n === 0) || closed) ladder.fail('chain', place, 'link-order');
    if (l.elapsed < elapsed || (l.n === 0 && l.elapsed !== 0)) ladder.fail('chain', place, 'time-back');
    [expected, previous, elapsed, closed] = [l.n + 1, l.head, l.elapsed, l.kind === 'close'];
  }
  if (links.length === 0) ladder.fail('chain', {}, 'missing');
  else if (ladder.clear('chain')) ladder.pass('chain', {}, 'chain', { count: links.length, head: links.at(-1).head });
}

async function judgeSignatures({ links, open }, ladder) {
  if (!open) { ladder.unknown('signatures', {}, 'no-key'); return; }
  const how = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  let key;
  try { key = await crypto.subtle.importKey('spki', base64url(open.key), how, false, ['verify']); } catch {
    ladder.fail('signatures', { link: 0 }, 'no-key');
    return;
  }
  let good = true;
  for (const l of links) {
    if (await crypto.subtle.verify(how, key, l.signature, l.bytes)) continue;
    ladder.fail('signatures', { link: l.n }, 'signature');
    good = false;
  }
  if (good) ladder.pass('signatures', {}, 'signatures', { count: links.length });
}

async function judgeCleanliness({ links, open }, pkg, ladder) {
  const rung = 'cleanliness', input = links.find((l) => l.kind === 'input' && l.connected), [stated, ...others] = links.filter((l) => l.kind === rung);
  if (!stated) {
    if (input) ladder.fail(rung, { link: input.n }, 'input-unmeasured');
    else ladder.unknown(rung, {}, 'unmeasured');
    return;
  }
  for (const other of others) ladder.fail(rung, { link: other.n }, 'measured-twice');
  const place = { link: stated.n, file: REPORT };
  if (input && input.n < stated.n) ladder.fail(rung, { link: input.n }, 'input-before');
  if (stated.verdict !== 'clean' && input) ladder.fail(rung, { link: input.n }, 'input-refused');
  const bytes = await quietly(pkg, REPORT, MAX_CLEANLINESS);
  if (!bytes) ladder.fail(rung, place, 'report-missing');
  else if (bytes.length !== stated.size || await hash(bytes) !== stated.digest) ladder.fail(rung, place, 'report-changed');
  else {
    try {
      const report = readReport(bytes);
      if (report.session !== open?.session) ladder.fail(rung, place, 'report-foreign');
      if (report.verdict !== stated.verdict) ladder.fail(rung, place, 'verdict-differs');
      if (!report.clean) ladder.fail(rung, place, 'not-clean', { checks: report.checks.filter((c) => c.verdict !== 'pass').map((c) => c.name).join(', ') });
    } catch (e) {
      if (!(e instanceof Bad)) throw e;
      ladder.fail(rung, place, 'report-malformed');
    }
  }
  if (ladder.clear(rung)) ladder.pass(rung, place, input ? 'clean' : 'clean-untouched');
}

/** What files, captures and marks seal: [link, name, part]. */
const sealed = (links) => links.flatMap((l) => (l.kind === 'file' ? [[l.n, l.path, l]] : l.kind === 'capture' ? l.files.map((f) => [l.n, f.path, f])
  : l.kind === 'mark' && l.picture ? [[l.n, `marks/${l.picture.name}`, l.picture]] : []));

async function judgeFiles({ links }, pkg, ladder) {
  const list = sealed(links);
  for (const [link, file, part] of list) {
    if (!pkg.has(file)) { ladder.fail('files', { link, file }, 'file-missing'); continue; }
    const h = hashOf.create();
    let size = 0;
    const whole = await pkg.pieces(file, part.size, (bytes) => { h.update(bytes); size += bytes.length; });
    if (!whole || size !== part.size || Bytes.over(h.digest()).toString('hex') !== part.digest) ladder.fail('files', { link, file }, 'file-changed');
  }
  if (ladder.clear('files')) ladder.pass('files', {}, list.length === 0 ? 'no-files' : 'files', { count: list.length });
}

function judgeNames({ links, close }, pkg, ladder) {
  for (const { name } of pkg.odd) ladder.fail('package', { file: name }, 'member-odd');
  const segments = links.filter((l) => l.kind === 'segment').map((l) => l.segment), next = segments.reduce((a, b) => Math.max(a, b), -1) + 1;
  const heads = pkg.names.map((n) => /^heads\/(\d{8,})\.json$/.exec(n)?.[1]).filter((n) => n && eight(Number(n)) === n);
  const known = new Set([CHAIN, ...(links.some((l) => l.kind === 'cleanliness') ? [REPORT] : []), ...segments.flatMap(three),
    ...sealed(links).map(([, name]) => name), ...heads.flatMap((n) => ['json', 'tlog-proof', '1.tsr', '2.tsr'].map((e) => `heads/${n}.${e}`))]);
  // One segment may be written while the one before is being made durable, and a capture before its link.
  const capture = fileOf(links.filter((l) => l.kind === 'capture').length + 1, ''), broken = !close || close.reason === 'broken';
  const torn = new Set(broken ? [...three(next), ...three(next + 1)] : []);
  for (const file of pkg.names.filter((n) => !known.has(n)).sort()) {
    if (torn.has(file) || (broken && file.startsWith(capture))) ladder.unknown('package', { segment: next, file }, 'unsealed');
    else ladder.fail('package', { file }, 'member-unknown');
  }
  if (ladder.clear('package')) ladder.pass('package', {}, 'package', { count: pkg.names.length });
}

function judgeClose({ links, close, torn }, ladder) {
  const segments = links.filter((l) => l.kind === 'segment'), gaps = links.filter((l) => l.kind === 'gap').length;
  const last = links.length ? { link: links.at(-1).n, ...(segments.length ? { segment: segments.at(-1).segment } : {}) } : {};
  if (!close) { ladder.unknown('close', last, 'broken-off'); return; }
  const frames = segments.reduce((n, s) => n + s.frames.count, 0);
  if (torn) ladder.fail('close', last, 'after-end');
  if (close.segments !== segments.length || close.frames !== frames || close.gaps !== gaps) ladder.fail('close', last, 'count');
  else if (ladder.clear('close')) ladder.pass('close', last, 'close', { reason: close.reason, segments: segments.length, frames, gaps });
}
