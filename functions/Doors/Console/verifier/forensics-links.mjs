// A recording's chain, its events and its report, line by line (docs/forensics-format.md §2, §3, §4, §6).
import { Bytes } from './bytes.mjs';
import { utf8 } from './der.mjs';
import { hash } from './forensics-ladder.mjs';
import { Bad, base64url, canonical, is, members, need, time } from './json.mjs';
import { uuid } from './manifest.mjs';

export const MAX_CHAIN = 64 * 1024 * 1024, MAX_LINKS = 50_000, MAX_FRAMES = 1000, MAX_CLEANLINESS = 4 * 1024 * 1024;
export const MAX_VIDEO = 128 * 1024 * 1024, MAX_LIST = MAX_FRAMES * 120, MAX_EVENTS = 16 * 1024 * 1024;
const MAX_LINE = 256 * 1024, MAX_EVENT = 64 * 1024, NAME = 255, TEXT = 4096, ADDRESS = 8192, CODE = 'malformed';
/** SubjectPublicKeyInfo of P-256 with an uncompressed point, up to the point (RFC 5480). */
const KEY_HEAD = Bytes.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex'), KEY_BYTES = 91;

export const eight = (n) => String(n).padStart(8, '0');
export const three = (n) => ['mp4', 'frames', 'events'].map((e) => `segments/${eight(n)}.${e}`);
export const moment = (text) => time(text, 3, true);

const whole = (v) => Number.isSafeInteger(v) && v >= 0 && !Object.is(v, -0), upTo = (most) => (v) => whole(v) && v <= most;
const name = is.text(1, NAME), text = is.text(1, TEXT), address = is.text(1, ADDRESS), when = (v) => moment(v) !== null;
const shape = (checks) => (v) => { try { return !!members(v, CODE, checks); } catch (e) { if (e instanceof Bad) return false; throw e; } };
export const plain = (part) => part.length > 0 && part[0] !== '.' && /^[A-Za-z0-9._-]+$/.test(part);
const path = (folder) => (v) => name(v) && v.split('/').length >= 2 && v.split('/').length <= 4 && v.startsWith(`${folder}/`) && v.split('/').every(plain);
const part = (most = Number.MAX_SAFE_INTEGER) => ({ size: upTo(most), digest: is.hex(32) });
const key = (v) => {
  const b = typeof v === 'string' ? base64url(v) : null;
  return b?.length === KEY_BYTES && b.subarray(0, KEY_HEAD.length).equals(KEY_HEAD);
};
const tools = (v) => v !== null && typeof v === 'object' && !Array.isArray(v) && Object.keys(v).length <= 32
  && Object.entries(v).every(([k, t]) => name(k) && name(t));

const COMMON = { n: upTo(MAX_LINKS - 1), previous: is.hex(32), kind: is.text(1, NAME), at: when, elapsed: whole };
const KINDS = {
  open: () => ({ format: is.one('notary-forensics/1'), session: is.match(uuid), key, encoder: text, tools,
    screen: shape({ width: upTo(16384), height: upTo(16384), framesPerSecond: (v) => upTo(60)(v) && v > 0 }) }),
  cleanliness: () => ({ ...part(MAX_CLEANLINESS), verdict: is.one('clean', 'refused') }),
  input: () => ({ connected: (v) => typeof v === 'boolean' }),
  segment: () => ({ segment: upTo(MAX_LINKS), video: shape(part(MAX_VIDEO)), events: shape({ count: whole, ...part(MAX_EVENTS) }),
    frames: shape({ count: upTo(MAX_FRAMES), ...part(MAX_LIST), first: whole, last: whole }),
    firstAt: when, firstElapsed: whole, lastAt: when, lastElapsed: whole }),
  gap: () => ({ reason: is.one('paused', 'restarted', 'frames-dropped', 'clock-jump'), from: whole, to: whole, length: Number.isSafeInteger }),
  mark: (v) => ({ note: text, ...('picture' in v ? { picture: shape({ name: (n) => name(n) && plain(n), ...part() }) } : {}) }),
  file: (v) => ({ name, path: path('files'), ...part(), origin: is.one('download', 'upload'), ...('address' in v ? { address } : {}) }),
  capture: () => ({ number: whole, address, files: is.list(0, 100, shape({ path: path('captures'), ...part() })) }),
  close: () => ({ reason: is.one('exit', 'idle', 'longest', 'aborted', 'broken'), segments: whole, frames: whole, gaps: whole }),
};

const BEFORE = '{"link":', BETWEEN = ',"signature":"', AFTER = '"}', SIGNATURE = 86;

/** A line without its LF: the link, with the bytes that were signed and the signature. Throws Bad. */
function readLine(line) {
  const length = line.length - BEFORE.length - BETWEEN.length - SIGNATURE - AFTER.length;
  need(length > 0 && line.length <= MAX_LINE, CODE, 'not a link and its signature');
  const bytes = line.subarray(BEFORE.length, BEFORE.length + length), rest = line.toString('latin1', BEFORE.length + length);
  const signature = base64url(rest.slice(BETWEEN.length, -AFTER.length));
  need(line.toString('latin1', 0, BEFORE.length) === BEFORE && rest.startsWith(BETWEEN) && rest.endsWith(AFTER) && signature?.length === 64, CODE,
    'not a link and its signature');
  const link = canonical(bytes, CODE);
  need(link && typeof link === 'object' && Object.hasOwn(KINDS, link.kind), CODE, 'kind');
  members(link, CODE, { ...COMMON, ...KINDS[link.kind](link) });
  return { ...link, bytes, signature };
}

/** The chain as far as it can be read: { links, torn }. Each link has its head. */
export async function readChain(file, ladder) {
  const links = [];
  let line = 0;
  for (let end; (end = file.indexOf(10)) >= 0; file = file.subarray(end + 1), line++) {
    if (line === MAX_LINKS) {
      ladder.fail('chain', { link: line }, 'too-long');
      return { links, torn: false };
    }
    try {
      const link = readLine(file.subarray(0, end));
      links.push({ ...link, head: await hash(link.bytes) });
    } catch (e) {
      if (!(e instanceof Bad)) throw e;
      ladder.fail('chain', { link: line }, CODE, { why: e.message });
    }
  }
  return { links, torn: file.length > 0 };
}

/** A segment's events, each with its moment. Throws Bad. */
export function* readEvents(bytes) {
  for (let end; (end = bytes.indexOf(10)) >= 0; bytes = bytes.subarray(end + 1)) {
    const event = canonical(bytes.subarray(0, end), CODE, MAX_EVENT);
    need(event && typeof event === 'object' && when(event.at) && whole(event.elapsed) && name(event.type), CODE, 'an event lacks its moment or type');
    need(event.type !== 'key' || (Object.keys(event).length === 4 && typeof event.down === 'boolean'), CODE, 'it says more of a key');
    yield event;
  }
  return bytes.length;
}

/** The report on the desktop. Throws Bad. */
export function readReport(bytes) {
  const said = (v) => typeof v === 'string' && v.length <= TEXT, report = canonical(bytes, CODE, MAX_CLEANLINESS);
  members(report, CODE, { format: is.one('notary-cleanliness/1'), session: is.match(uuid), at: when, verdict: is.one('clean', 'refused'),
    checks: is.list(0, 200, shape({ name, expected: said, found: said, verdict: is.one('pass', 'fail', 'unknown') })) });
  const clean = report.checks.length > 0 && report.checks.every((c) => c.verdict === 'pass');
  need(clean === (report.verdict === 'clean'), CODE, 'the verdict is not what the checks give');
  return { ...report, clean };
}

/** The lines of a segment's list of frames, as they must be spelt; a line that is not stops it with null. */
export function* readList(bytes) {
  const text = utf8(bytes) ?? '';
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\n', at);
    const m = end < 0 ? null : /^(0|[1-9]\d{0,18}) (0|[1-9]\d{0,18}) (0|[1-9]\d{0,9}) ([0-9a-f]{64})$/.exec(text.slice(at, end));
    if (!m) return null;
    at = end + 1;
    yield { line: m[0], index: Number(m[1]), time: Number(m[2]), size: Number(m[3]), digest: m[4] };
  }
  return null;
}
