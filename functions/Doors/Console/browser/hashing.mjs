// The page's end of the worker that hashes.
let worker;
let next = 0;
const waiting = new Map();

/** The SHA-256 of a file in hexadecimal; tell(0 to 1) meanwhile. */
export function sha256(file, tell) {
  worker ??= start();
  return new Promise((resolve, reject) => {
    waiting.set(++next, { tell, resolve, reject });
    worker.postMessage({ id: next, file });
  });
}

function start() {
  const made = new Worker(document.querySelector('[data-hash-worker]').dataset.hashWorker, { type: 'module' });
  made.onmessage = ({ data: { id, digest, done, failed } }) => {
    const one = waiting.get(id);
    if (done !== undefined) return one.tell(done);
    waiting.delete(id);
    if (failed) one.reject(new Error('the file cannot be read'));
    else one.resolve(digest);
  };
  return made;
}
