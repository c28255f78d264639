// A segment's video: fragmented MP4 with a frame in each mdat (docs/forensics-format.md §4; ISO/IEC 14496-12).
import { need } from './json.mjs';

const CODE = 'video-malformed', MAX_HEAD = 64 * 1024, HEADER = 8;
const u32 = (b, at) => { need(at + 4 <= b.length, CODE, 'a box ends within a number'); return b.readUIntBE(at, 4); };

/** The box at a place: { type, body, end }. Throws Bad. */
function box(bytes, at) {
  const size = at + HEADER <= bytes.length ? u32(bytes, at) : 0;
  need(size >= HEADER && at + size <= bytes.length, CODE, 'a box ends beyond what holds it');
  return { type: bytes.toString('latin1', at + 4, at + 8), body: bytes.subarray(at + HEADER, at + size), end: at + size };
}

/** The content of the only box of that type. */
function only(bytes, type) {
  let found = null, count = 0;
  for (let at = 0; at < bytes.length;) {
    const b = box(bytes, at);
    if (b.type === type) { found = b.body; count++; }
    at = b.end;
  }
  need(count === 1, CODE, `there is not one box ${type}`);
  return found;
}

const inside = (bytes, ...types) => types.reduce(only, bytes);

/** ftyp and moov: { bytes (of both), timescale, track, width, height, defaults }. Throws Bad. */
export function readHead(video) {
  let length = 0;
  for (let i = 0; i < 2; i++) {
    const size = video.length >= length + HEADER ? u32(video, length) : 0;
    need(size > 0 && (length += size) <= Math.min(video.length, MAX_HEAD), CODE, 'it has no head');
  }
  const bytes = video.subarray(0, length), ftyp = box(bytes, 0);
  need(ftyp.type === 'ftyp', CODE, 'it does not begin with ftyp');
  const moov = box(bytes, ftyp.end);
  need(moov.type === 'moov' && moov.end === length, CODE, 'ftyp is not followed by moov alone');
  const track = only(moov.body, 'trak'), tkhd = only(track, 'tkhd'), media = only(track, 'mdia'), table = inside(media, 'minf', 'stbl');
  need(u32(only(table, 'stts'), 4) === 0 && u32(only(table, 'stsd'), 4) === 1, CODE, 'moov has samples');
  // 8.3.2, 8.4.2: in version 1 times have eight bytes.
  const longs = (full) => { const v = u32(full, 0) >>> 24; need(v <= 1, CODE, 'an unknown version'); return v === 0 ? 4 : 8; };
  const t = longs(tkhd), at = 4 + 2 * t, rest = at + 8 + t;
  need(tkhd.length === rest + 52 + 8, CODE, 'tkhd has an unknown form');
  const number = u32(tkhd, at), mdhd = only(media, 'mdhd'), timescale = u32(mdhd, 4 + 2 * (u32(mdhd, 0) >>> 24 === 0 ? 4 : 8));
  const trex = inside(moov.body, 'mvex', 'trex');
  need(u32(trex, 4) === number, CODE, 'trex is of another track');
  const defaults = { size: u32(trex, 16), flags: u32(trex, 20) };
  need(timescale > 0, CODE, 'its timescale is 0');
  return { bytes, timescale, track: number, width: u32(tkhd, rest + 52) >>> 16, height: u32(tkhd, rest + 56) >>> 16, defaults };
}

/** The fragment at a place: { time (BigInt), sync, sample, end }. Throws Bad. */
export function readFragment(head, video, at) {
  const moof = box(video, at);
  need(moof.type === 'moof', CODE, 'a fragment does not begin with moof');
  const mdat = box(video, moof.end);
  need(mdat.type === 'mdat', CODE, 'moof is not followed by mdat');
  const traf = only(moof.body, 'traf'), tfhd = only(traf, 'tfhd'), tfdt = only(traf, 'tfdt'), trun = only(traf, 'trun');
  const has = u32(tfhd, 0), s = { ...head.defaults };
  need(u32(tfhd, 4) === head.track && (has & ~0x2003a) === 0, CODE, 'a fragment is of another track, or has an unknown form');
  let p = 8 + (has & 0x2 ? 4 : 0) + (has & 0x8 ? 4 : 0);
  need(p <= tfhd.length, CODE, 'a box ends within a number');
  if (has & 0x10) { s.size = u32(tfhd, p); p += 4; }
  if (has & 0x20) s.flags = u32(tfhd, p);

  const version = u32(tfdt, 0) >>> 24;
  need(version <= 1 && tfdt.length === (version === 0 ? 8 : 12), CODE, 'tfdt has an unknown form');
  const time = version === 0 ? BigInt(u32(tfdt, 4)) : (BigInt(u32(tfdt, 4)) << 32n) | BigInt(u32(tfdt, 8));
  need(time < 2n ** 63n, CODE, 'tfdt has an unknown form');

  const runs = u32(trun, 0) & 0xffffff;
  need(u32(trun, 4) === 1, CODE, 'a fragment has not one sample');
  let offset = 0;
  p = 8;
  if (runs & 0x1) { offset = u32(trun, p); p += 4; }
  if (runs & 0x4) { s.flags = u32(trun, p); p += 4; }
  if (runs & 0x100) { u32(trun, p); p += 4; }
  if (runs & 0x200) { s.size = u32(trun, p); p += 4; }
  if (runs & 0x400) { s.flags = u32(trun, p); p += 4; }
  if (runs & 0x800) { need(u32(trun, p) === 0, CODE, 'a frame is not shown when it is decoded'); p += 4; }
  need(p === trun.length, CODE, 'trun has an unknown form');
  need(s.size === mdat.body.length && offset === moof.body.length + 2 * HEADER, CODE, 'a sample is not the whole of its mdat');
  return { time, sync: (s.flags & 0x10000) === 0, sample: mdat.body, end: mdat.end };
}

/** Microseconds from the session's first frame, rounded down as the format has it; -1 before it. */
export function timeOf(head, time, origin) {
  const micros = (time - origin) * 1_000_000n / BigInt(head.timescale);
  return micros < 0n ? -1 : Number(micros > 2n ** 53n - 1n ? 2n ** 53n - 1n : micros);
}

