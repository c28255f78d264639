// Judgements of a recording while they are made (docs/forensics-format.md §8).
import { Bytes } from './bytes.mjs';

export const RUNGS = ['package', 'chain', 'signatures', 'segments', 'frames', 'continuity', 'cleanliness', 'heads', 'times', 'files', 'captures', 'close'];
/** Judgements of a rung that are listed: a list of thousands tells nobody more. */
const MOST = 100;

/** SHA-256 in hexadecimal, by the browser's own. */
export const hash = async (bytes) => Bytes.over(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))).toString('hex');

export class Ladder {
  #all = [];
  #listed = {};
  #more = {};

  /** place: what is known of { link, segment, frame, file }; about: numbers and words for the sentence. */
  add(rung, place, mark, code, about = {}) {
    const full = (this.#listed[rung] ?? 0) >= MOST && (mark !== 'fail' || this.failed(rung)), counted = full ? this.#more : this.#listed;
    counted[rung] = (counted[rung] ?? 0) + 1;
    if (!full) this.#all.push({ rung, place, mark, code, about });
  }

  /** say: which sentence; what passed has one code. */
  pass(rung, place, say, about = {}) { this.add(rung, place, 'pass', 'ok', { say, ...about }); }

  fail(rung, place, code, about) { this.add(rung, place, 'fail', code, about); }

  /** Holds, and yet its reader has to know this first; changes no outcome. */
  warn(rung, place, code, about) { this.add(rung, place, 'warn', code, about); }

  unknown(rung, place, code, about) { this.add(rung, place, 'unknown', code, about); }

  failed(rung) { return this.#all.some((f) => f.rung === rung && f.mark === 'fail'); }

  /** Whether nothing of the rung is failed or unknown. */
  clear(rung) { return this.#all.every((f) => f.rung !== rung || f.mark === 'pass' || f.mark === 'warn'); }

  inOrder() {
    const more = Object.entries(this.#more).map(([rung, count]) => (
      { rung, place: {}, mark: this.failed(rung) ? 'fail' : 'unknown', code: 'more', about: { count } }));
    const all = [...this.#all, ...more];
    const warned = all.filter((f) => f.mark === 'warn');
    return [...warned, ...RUNGS.flatMap((rung) => all.filter((f) => f.rung === rung && f.mark !== 'warn'))];
  }
}
