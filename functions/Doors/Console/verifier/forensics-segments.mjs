// Segments whole: their three files are what was sealed, and every frame is the one in the list (docs/forensics-format.md §4).
import { hash } from './forensics-ladder.mjs';
import { MAX_EVENTS, MAX_LIST, MAX_VIDEO, readEvents, readList, three } from './forensics-links.mjs';
import { readFragment, readHead, timeOf } from './forensics-video.mjs';
import { Bad } from './json.mjs';

/** Judgements about one segment's frames: where a whole segment was exchanged, each frame is another. */
const MOST = 4;
const PARTS = [['video', MAX_VIDEO], ['frames', MAX_LIST], ['events', MAX_EVENTS]];

/** Judges all of them; each then has `leaps`, null where its frames could not be read. */
export async function judgeSegments(chain, pkg, ladder, tell) {
  const segments = chain.links.filter((l) => l.kind === 'segment').map((link) => ({ link, leaps: null }));
  if (!chain.open || segments.length === 0) {
    for (const rung of ['segments', 'frames']) ladder.unknown(rung, {}, 'no-segments');
    return [];
  }
  const session = { screen: chain.open.screen, apart: 3 * Math.floor(1e6 / chain.open.screen.framesPerSecond), origin: null, timescale: null };
  let index = 0;
  const wrong = segments.findIndex((s, i) => s.link.segment !== i);
  if (wrong >= 0) ladder.fail('segments', { link: segments[wrong].link.n, segment: segments[wrong].link.segment }, 'segment-order', { expected: wrong });
  for (const [i, s] of segments.entries()) {
    s.leaps = await judgeSegment(s.link, index, i === 0, session, pkg, ladder);
    index += s.link.frames.count;
    tell((i + 1) / segments.length);
  }
  const sound = segments.every((s) => s.leaps) && ladder.clear('frames'), bytes = segments.reduce((n, s) => n + s.link.video.size, 0);
  if (!chain.close) await judgeUnsealed(segments.at(-1).link.segment + 1, index, pkg, ladder);
  if (ladder.clear('segments')) ladder.pass('segments', {}, 'segments', { count: segments.length, bytes });
  if (sound) ladder.pass('frames', {}, 'frames', { count: index });
  else if (ladder.clear('frames')) ladder.unknown('frames', {}, 'not-read');
  return segments;
}

async function judgeSegment(link, index, first, session, pkg, ladder) {
  const place = { link: link.n, segment: link.segment }, files = {};
  for (const [i, [what, most]] of PARTS.entries()) {
    const file = three(link.segment)[i], at = { ...place, file };
    try {
      files[what] = await pkg.read(file, most);
    } catch (e) {
      if (!(e instanceof Bad)) throw e;
      ladder.fail('segments', at, `${what}-changed`);
      continue;
    }
    if (!files[what]) ladder.fail('segments', at, `${what}-missing`);
    else if (files[what].length !== link[what].size || await hash(files[what]) !== link[what].digest) ladder.fail('segments', at, `${what}-changed`);
  }
  if (files.events) judgeEvents(files.events, link, place, ladder);
  if (!files.video || !files.frames) return null;
  try {
    return await judgeFrames(files, link, index, first, session, place, ladder);
  } catch (e) {
    if (!(e instanceof Bad)) throw e;
    ladder.fail('frames', place, 'video-malformed', { why: e.message });
    return null;
  }
}

function judgeEvents(bytes, link, place, ladder) {
  let count = 0;
  try {
    const events = readEvents(bytes);
    for (let next; !(next = events.next()).done; count++) {
      if (next.value.elapsed > link.elapsed) throw new Bad('malformed', 'it happened after it was sealed');
    }
    if (count !== link.events.count || bytes.length > 0 && bytes[bytes.length - 1] !== 10) {
      ladder.fail('segments', place, 'events-differ', { count, sealed: link.events.count });
    }
  } catch (e) {
    if (!(e instanceof Bad)) throw e;
    ladder.fail('segments', place, 'event-malformed', { number: count, why: e.message });
  }
}

async function judgeFrames({ video, frames: list }, link, index, first, session, place, ladder) {
  const head = readHead(video), { screen } = session;
  if (head.width !== screen.width || head.height !== screen.height || (!first && session.timescale !== null && session.timescale !== head.timescale)) {
    ladder.fail('frames', place, 'video-differs');
  }
  const lines = readList(list), leaps = [], found = [];
  let frame = index, begin = -1, last = -1, wrong = 0, listed = 0, origin = session.origin;
  for (let at = head.bytes.length; at < video.length; frame++) {
    const sample = readFragment(head, video, at);
    at = sample.end;
    origin ??= sample.time;
    const time = timeOf(head, sample.time, origin);
    if (frame === index) begin = time;
    else if (time <= last || time - last > session.apart) leaps.push({ frame, from: last, to: time });
    last = time;
    found.push({ time, size: sample.sample.length, digest: hash(sample.sample), sync: sample.sync });
  }
  for (const [i, f] of found.entries()) {
    const line = lines.next().value ?? null, digest = await f.digest, number = index + i;
    if (line) listed += line.line.length + 1;
    if ((!line || line.index !== number || line.time !== f.time || line.size !== f.size || line.digest !== digest) && wrong++ < MOST) {
      ladder.fail('frames', { ...place, frame: number }, 'frame-differs', { why: !line ? 'list' : line.digest !== digest ? 'picture' : 'time' });
    }
    if (i === 0 && !f.sync) ladder.fail('frames', { ...place, frame: number }, 'no-key-frame');
  }
  if (wrong > MOST) ladder.fail('frames', place, 'frame-differs', { why: 'many', count: wrong });
  if (listed !== list.length || found.length !== link.frames.count || begin !== link.frames.first || last !== link.frames.last) {
    ladder.fail('frames', place, 'frames-differ', { count: found.length, sealed: link.frames.count });
  }
  if (first) [session.origin, session.timescale] = [origin, origin === null ? null : head.timescale];
  return leaps;
}

/** What was being written when the recording broke off: whole frames, which nothing seals. */
async function judgeUnsealed(segment, index, pkg, ladder) {
  const [file, list] = three(segment), place = { segment, file };
  let count = 0;
  try {
    const video = await pkg.read(file, MAX_VIDEO), lines = readList(await pkg.read(list, MAX_LIST) ?? new Uint8Array());
    if (!video) return;
    const head = readHead(video);
    for (let at = head.bytes.length; at < video.length; count++) {
      const line = lines.next().value;
      if (!line) break;
      const { sample, end } = readFragment(head, video, at);
      at = end;
      if (line.index !== index + count || line.size !== sample.length || line.digest !== await hash(sample)) {
        ladder.fail('frames', { ...place, frame: index + count }, 'frame-differs', { why: 'picture' });
        return;
      }
    }
  } catch (e) {
    if (!(e instanceof Bad)) throw e; // torn where the writing ended
  }
  ladder.unknown('frames', place, 'unsealed', { count });
}
