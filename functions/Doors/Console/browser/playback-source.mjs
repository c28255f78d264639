// A deposited recording, read by ranges (RFC 9110 §14): never more of it in memory than is looked at.
import { Bytes } from '../verifier/bytes.mjs';
import { MAX_CHAIN, readChain, three } from '../verifier/forensics-links.mjs';
import { hash, Ladder } from '../verifier/forensics-ladder.mjs';
import { openZip } from '../verifier/forensics-zip.mjs';

/** Milliseconds before a request that failed is sent again, each time. */
const PAUSES = [500, 1000, 2000, 4000, 8000];
const AGAIN = new Set([408, 429, 500, 502, 503, 504]);

/** It cannot be had: the words say why. */
export class Unreadable extends Error {}

async function ask(url, range) {
  for (let attempt = 0; ; attempt++) {
    const answer = await fetch(url, { headers: { range: `bytes=${range}` }, redirect: 'error' }).catch(() => null);
    if (answer?.status === 206) return answer;
    if ((answer && !AGAIN.has(answer.status)) || attempt === PAUSES.length) throw new Unreadable(String(answer?.status ?? 0));
    await new Promise((resolve) => { setTimeout(resolve, PAUSES[attempt]); });
  }
}

/** The recording behind an address. */
export async function openRecording(url) {
  const first = await ask(url, '0-0'), size = Number(/\/(\d+)$/.exec(first.headers.get('content-range'))?.[1]);
  const pkg = await openZip({ size, read: async (from, to) => (from === to ? new Bytes(0)
    : new Uint8Array(await (await ask(url, `${from}-${to - 1}`)).arrayBuffer())) });
  const { links } = await readChain(await pkg.read('chain.ndjson', MAX_CHAIN) ?? new Bytes(0), new Ladder());
  return new Recorded(pkg, links);
}

/** What a recording has, on its own time: microseconds since its first frame. */
class Recorded {
  constructor(pkg, links) {
    this.pkg = pkg;
    this.links = links;
    this.open = links.find((l) => l.kind === 'open');
    this.segments = links.filter((l) => l.kind === 'segment');
    this.gaps = links.filter((l) => l.kind === 'gap');
    this.interval = Math.floor(1e6 / (this.open?.screen.framesPerSecond ?? 10));
    this.length = (this.segments.at(-1)?.frames.last ?? 0) + this.interval;
  }

  /** The segment on the screen at a time: the last that has begun. */
  at(time) {
    let [from, to] = [0, this.segments.length - 1];
    while (from < to) {
      const middle = (from + to + 1) >> 1;
      if (this.segments[middle].frames.first <= time) from = middle; else to = middle - 1;
    }
    return from;
  }

  /** When something happened that has an elapsed time only: as its nearest segment has the two together. */
  timeOf(elapsed) {
    const s = this.segments.findLast((each) => each.firstElapsed <= elapsed) ?? this.segments[0];
    return s ? Math.min(this.length, Math.max(0, s.frames.first + elapsed - s.firstElapsed)) : 0;
  }

  /** One of a segment's three files, if it is what was sealed: mp4, frames or events. */
  async part(segment, extension) {
    const name = three(segment.segment).find((file) => file.endsWith(extension));
    return this.sealed(name, segment[{ mp4: 'video', frames: 'frames', events: 'events' }[extension]]);
  }

  /** A file's bytes; null when it is not the one that was sealed. */
  async sealed(name, part) {
    const bytes = await this.pkg.read(name, part.size).catch((e) => { if (e instanceof Unreadable) throw e; return null; });
    return bytes && bytes.length === part.size && await hash(bytes) === part.digest ? bytes : null;
  }
}
