// The page's end of the workers that hash: one for each core, each with one file at a time.
import { Cancelled, Refused } from './exchange.mjs';
import { lanes } from './lanes.mjs';

/** More would only hold memory: each may have a whole file of 64 MiB in it. */
const workers = Math.min(navigator.hardwareConcurrency || 2, 8);
const lane = lanes(workers);
const idle = [];

/** The SHA-256 of a file in hexadecimal; begin() when it is its turn, tell(0 to 1) meanwhile. */
export function sha256(file, { tell = () => {}, begin = () => {}, signal } = {}) {
  return lane(async () => {
    if (signal?.aborted) throw new Cancelled();
    begin();
    const worker = idle.pop() ?? new Worker(document.querySelector('[data-hash-worker]').dataset.hashWorker, { type: 'module' });
    return new Promise((resolve, reject) => {
      // Called off in the middle of a file, a worker is of no more use.
      const stop = () => { worker.terminate(); reject(new Cancelled()); };
      const end = () => { signal?.removeEventListener('abort', stop); idle.push(worker); };
      worker.onmessage = ({ data: { digest, done, failed } }) => {
        if (done !== undefined) return tell(done);
        end();
        if (failed) reject(new Refused('unreadable'));
        else resolve(digest);
      };
      worker.onerror = () => { worker.terminate(); reject(new Error('the worker ended')); };
      signal?.addEventListener('abort', stop);
      worker.postMessage({ file });
    });
  });
}
