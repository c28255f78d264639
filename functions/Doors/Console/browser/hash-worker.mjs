// Hashes one file at a time. What fits into memory easily goes to the browser's own digest, which takes nothing in pieces; the rest is read
// by a second worker, two pieces ahead, while this one hashes.
import { pieceBytes, sha256 } from './sha256.mjs';

const wholeBytes = 64 * 2 ** 20;
const ahead = 2;

self.onmessage = async ({ data: { file, read } }) => {
  if (read) {
    // One after the other: pieces arrive in their order.
    giving = giving.then(() => give(read));
    return;
  }
  try {
    self.postMessage({ digest: file.size <= wholeBytes ? await whole(file) : await pieces(file) });
  } catch {
    self.postMessage({ failed: true });
  }
};

async function whole(file) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()));
  return Array.from(digest, byte => byte.toString(16).padStart(2, '0')).join('');
}

async function pieces(file) {
  const hash = await sha256();
  const reader = new Worker(self.location.href, { type: 'module' });
  let done = 0;
  try {
    await new Promise((resolve, reject) => {
      reader.onerror = reject;
      reader.onmessage = ({ data: { piece, failed } }) => {
        if (failed) return reject(new Error('the file cannot be read'));
        hash.update(new Uint8Array(piece));
        done += piece.byteLength;
        self.postMessage({ done: done / file.size });
        if (done === file.size) resolve();
        else reader.postMessage({ read: { more: true } });
      };
      reader.postMessage({ read: { file } });
    });
  } finally {
    reader.terminate();
  }
  return hash.hex();
}

// The reader's side: as many pieces as are asked for, and a few before that.
let [source, at, giving] = [null, 0, Promise.resolve()];

async function give({ file }) {
  source ??= file;
  try {
    for (let pieces = file ? ahead : 1; pieces > 0 && at < source.size; pieces--) {
      const from = at;
      at += pieceBytes;
      const piece = await source.slice(from, at).arrayBuffer();
      self.postMessage({ piece }, [piece]);
    }
  } catch {
    self.postMessage({ failed: true });
  }
}
