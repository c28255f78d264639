// No time is missing but what a gap says, and frames, clock and wall clock pass alike (docs/forensics-format.md §5). Times are microseconds.
import { moment } from './forensics-links.mjs';

const RUNG = 'continuity', SEGMENT = 10e6, SPEED = 2e6, CLOCK = 1e6, TAIL = 10e6;
/** By how much two clocks may run apart: 0.1 % of the time between, in whole seconds. */
const drift = (elapsed) => Math.floor(elapsed / 1e6) * 1000;
const micros = (text) => Math.round(moment(text)) * 1000;

export function judgeContinuity(chain, segments, ladder) {
  if (!chain.open) { ladder.unknown(RUNG, {}, 'no-screen'); return; }
  gaps(chain, segments, Math.floor(1e6 / chain.open.screen.framesPerSecond), ladder);
  speed(segments, ladder);
  clock(chain, segments, ladder);
  const last = segments.at(-1)?.link;
  if (last && chain.close && chain.close.reason !== 'broken' && chain.close.elapsed - last.lastElapsed > TAIL) {
    ladder.fail(RUNG, { link: last.n, segment: last.segment }, 'tail', { length: chain.close.elapsed - last.lastElapsed });
  }
  if (ladder.clear(RUNG) && segments.length > 0) ladder.pass(RUNG, {}, 'continuity');
}

function gaps(chain, segments, interval, ladder) {
  const said = chain.links.filter((l) => l.kind === 'gap' && l.reason !== 'clock-jump'), key = (from, to) => `${from} ${to}`;
  const times = new Set(said.map((g) => key(g.from, g.to))), shown = new Set();
  const leap = ({ frame, from, to }, place) => {
    if (to <= from) ladder.fail(RUNG, { ...place, frame }, 'time-back');
    else {
      const again = shown.has(key(from, to));
      shown.add(key(from, to));
      if (again || !times.has(key(from, to))) ladder.fail(RUNG, { ...place, frame }, 'gap-silent', { length: to - from });
    }
  };
  let frames = 0, before = null;
  for (const { link, leaps } of segments) {
    const place = { link: link.n, segment: link.segment }, { first, last } = link.frames;
    if (before && (first <= before.last || first - before.last > 3 * interval)) leap({ frame: frames, from: before.last, to: first }, place);
    let missing = 0;
    for (const each of leaps ?? []) {
      leap(each, place);
      missing += Math.max(0, each.to - each.from);
    }
    if (leaps && last - first - missing > SEGMENT) ladder.fail(RUNG, place, 'segment-long', { length: last - first });
    frames += link.frames.count;
    before = link.frames;
  }
  for (const gap of said) {
    const seen = shown.has(key(gap.from, gap.to));
    if (seen && gap.length === gap.to - gap.from) ladder.pass(RUNG, { link: gap.n }, 'gap', { length: gap.length, from: gap.from, reason: gap.reason });
    // Where it broke off, or ended broken, the frames after the gap were not sealed any more.
    else if ((chain.close?.reason ?? 'broken') === 'broken' && gap.from >= (before?.last ?? 0)) continue;
    // Of a segment that cannot be read nobody knows what its frames would show.
    else if (seen || !segments.some((s) => !s.leaps && gap.from >= s.link.frames.first && gap.to <= s.link.frames.last)) {
      ladder.fail(RUNG, { link: gap.n }, 'gap-invented', { length: gap.length });
    }
  }
}

// That frames come earlier than ever, or stay later, means that they pass more slowly than the clock, or faster.
function speed(segments, ladder) {
  const frames = segments.flatMap(({ link: l }) => [
    { l, time: l.frames.first, elapsed: l.firstElapsed }, { l, time: l.frames.last, elapsed: l.lastElapsed }]);
  const later = new Array(frames.length + 1).fill(Infinity);
  for (let i = frames.length - 1; i >= 0; i--) later[i] = Math.min(later[i + 1], frames[i].elapsed - frames[i].time - drift(frames[i].elapsed));
  let least = Infinity, soonest = Infinity;
  for (const [i, { l, time, elapsed }] of frames.entries()) {
    const late = elapsed - time, d = drift(elapsed);
    if (i > 0 && (soonest - late - d > SPEED || later[i] - least > SPEED)) {
      ladder.fail(RUNG, { link: l.n, segment: l.segment }, 'speed', { time, elapsed });
      least = soonest = Infinity;
    }
    least = Math.min(least, late - d);
    soonest = Math.min(soonest, late + d);
  }
}

function clock(chain, segments, ladder) {
  const jumps = chain.links.filter((l) => l.kind === 'gap' && l.reason === 'clock-jump').sort((a, b) => a.to - b.to);
  const looks = [...chain.links.map((l) => [l.n, micros(l.at), l.elapsed]),
    ...segments.flatMap(({ link: l }) => [[l.n, micros(l.firstAt), l.firstElapsed], [l.n, micros(l.lastAt), l.lastElapsed]])].sort((a, b) => a[2] - b[2]);
  let passed = 0, jumped = 0, before = null;
  for (const [n, at, elapsed] of looks) {
    for (; passed < jumps.length && jumps[passed].to <= elapsed; passed++) jumped += jumps[passed].length;
    // While a jump is on, it may have happened or not.
    const during = jumps.slice(passed).filter((j) => j.from <= elapsed).reduce((sum, j) => sum + j.length, 0);
    let offset = at - elapsed - jumped;
    if (before) {
      if (Math.abs(offset - during - before.offset) < Math.abs(offset - before.offset)) offset -= during;
      const length = offset - before.offset;
      if (Math.abs(length) > CLOCK + drift(elapsed - before.elapsed)) ladder.fail(RUNG, { link: n }, 'clock', { length });
    }
    before = { offset, elapsed };
  }
  for (const jump of jumps) ladder.pass(RUNG, {}, 'jump', { length: jump.length, from: jump.from });
}
