// Shows a recording's segments in a video (Media Source Extensions). Frames stand until the next one comes, through gaps too: what a gap is
// the page says. Only what is near is loaded.
import { Bytes } from '../verifier/bytes.mjs';
import { readFragment, readHead } from '../verifier/forensics-video.mjs';

/** Seconds that are loaded ahead, and kept behind. */
const AHEAD = 30, BEHIND = 30;

/** The codec as RFC 6381 names it, from the avcC box (ISO/IEC 14496-15 §5.3.3.1): profile, constraints, level. */
function codecOf(head) {
  const at = head.indexOf('avcC');
  return at < 0 ? null : `video/mp4; codecs="avc1.${head.toString('hex', at + 5, at + 8)}"`;
}

/** Each frame's duration is the time to the next: encoders say what they planned, and a browser drops frames after a hole. */
function lengthen(video, head, origin, next) {
  const frames = [];
  for (let at = head.bytes.length; at < video.length;) {
    const frame = readFragment(head, video, at);
    frames.push({ ...frame, at });
    at = frame.end;
  }
  frames.forEach((frame, i) => {
    const until = frames[i + 1]?.time ?? (next === null ? null : origin + BigInt(Math.ceil(next * head.timescale / 1e6)));
    if (until !== null && until > frame.time) setDuration(video, frame.at, Number(until - frame.time));
  });
}

/** Writes the duration where tfhd or trun has it (ISO/IEC 14496-12 §8.8.7, §8.8.8). */
function setDuration(video, at, ticks) {
  const moof = video.subarray(at, at + video.readUIntBE(at, 4)), u32 = (from) => moof.readUIntBE(from, 4);
  const write = (from) => { for (let i = 0; i < 4; i++) moof[from + i] = (ticks / 2 ** (24 - 8 * i)) & 0xff; };
  const tfhd = moof.indexOf('tfhd') + 4, trun = moof.indexOf('trun') + 4;
  if (u32(tfhd) & 0x8) write(tfhd + 8 + (u32(tfhd) & 0x2 ? 4 : 0));
  if (u32(trun) & 0x100) write(trun + 8 + (u32(trun) & 0x1 ? 4 : 0) + (u32(trun) & 0x4 ? 4 : 0));
}

/** Fills a video as it is watched. `tell` is told of segments that are not what was sealed. */
export class Player {
  #source = new MediaSource();
  #loaded = new Set();
  #buffer = null;
  #busy = false;
  #origin = null;

  constructor(video, recording, tell) {
    Object.assign(this, { video, recording, tell });
    video.src = URL.createObjectURL(this.#source);
    this.ready = new Promise((resolve) => { this.#source.addEventListener('sourceopen', resolve, { once: true }); });
    for (const event of ['timeupdate', 'seeking', 'waiting']) video.addEventListener(event, () => this.fill());
  }

  /** Whether this browser shows such a video. */
  async start() {
    await this.ready;
    const { recording } = this, first = await recording.part(recording.segments[0], 'mp4');
    if (!first) return false;
    const head = readHead(first), codec = codecOf(head.bytes);
    if (!codec || !MediaSource.isTypeSupported(codec)) return false;
    this.#origin = readFragment(head, first, head.bytes.length).time;
    this.#buffer = this.#source.addSourceBuffer(codec);
    this.#buffer.timestampOffset = -Number(this.#origin) / head.timescale;
    this.#source.duration = recording.length / 1e6;
    await this.fill();
    return true;
  }

  /** Loads what is near and not there; forgets what is far. */
  async fill() {
    if (this.#busy || !this.#buffer) return;
    this.#busy = true;
    try {
      for (let next; (next = this.#wanted()) !== null;) {
        this.#loaded.add(next);
        await this.#append(next);
        await this.#forget();
      }
    } finally { this.#busy = false; }
  }

  #wanted() {
    const { recording, video } = this, now = video.currentTime * 1e6, from = recording.at(now);
    for (let i = from; i < recording.segments.length && (i === from || recording.segments[i].frames.first < now + AHEAD * 1e6); i++) {
      if (!this.#loaded.has(i)) return i;
    }
    return null;
  }

  async #append(i) {
    const { recording } = this, segment = recording.segments[i], bytes = await recording.part(segment, 'mp4');
    if (!bytes) { this.tell(segment); return; }
    const video = Bytes.from(bytes), head = readHead(video);
    lengthen(video, head, this.#origin, recording.segments[i + 1]?.frames.first ?? null);
    await this.#do(() => this.#buffer.appendBuffer(video));
  }

  async #forget() {
    const { recording, video } = this, now = video.currentTime, near = (i) => {
      const { first, last } = recording.segments[i].frames;
      return last / 1e6 > now - BEHIND && first / 1e6 < now + 2 * AHEAD;
    };
    for (const i of [...this.#loaded].filter((each) => !near(each))) {
      this.#loaded.delete(i);
      const until = recording.segments[i + 1]?.frames.first ?? recording.length;
      await this.#do(() => this.#buffer.remove(recording.segments[i].frames.first / 1e6, until / 1e6));
    }
  }

  async #do(act) {
    const done = new Promise((resolve) => { this.#buffer.addEventListener('updateend', resolve, { once: true }); });
    act();
    await done;
  }
}
