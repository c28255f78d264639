// Hashes one file at a time. What fits into memory easily goes to the browser's own digest, which takes nothing in pieces; the rest is read
// by a second worker, two pieces ahead, while this one hashes. The pieces go round: no memory is left behind for the collector.
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
  let [done, told] = [0, 0];
  try {
    await new Promise((resolve, reject) => {
      reader.onerror = reject;
      reader.onmessage = ({ data: { piece, length, failed } }) => {
        if (failed) return reject(new Error('the file cannot be read'));
        hash.update(new Uint8Array(piece, 0, length));
        done += length;
        // A reader sees no more than hundredths.
        if (done - told >= file.size / 100) self.postMessage({ done: (told = done) / file.size });
        if (done === file.size) resolve();
        else reader.postMessage({ read: { piece } }, [piece]);
      };
      for (let i = 0; i < ahead; i++) reader.postMessage({ read: { file, piece: new ArrayBuffer(pieceBytes) } });
    });
  } finally {
    reader.terminate();
  }
  return hash.hex();
}

// The reader's side: a piece filled for each that comes.
let [source, bytes, at, giving] = [null, null, 0, Promise.resolve()];

async function give({ file, piece }) {
  if (file && !source) [source, bytes] = [file, intoPieces(file)];
  if (at === source.size) return;
  try {
    const [full, length] = await fill(piece);
    if (length === 0) throw new Error('the file has become shorter');
    at += length;
    self.postMessage({ piece: full, length }, [full]);
  } catch {
    self.postMessage({ failed: true });
  }
}

/** Where the browser can read into memory that is there already. */
function intoPieces(file) {
  try {
    return file.stream().getReader({ mode: 'byob' });
  } catch {
    return null;
  }
}

async function fill(piece) {
  if (!bytes) {
    const read = await source.slice(at, at + pieceBytes).arrayBuffer();
    return [read, read.byteLength];
  }
  let [buffer, length] = [piece, 0];
  while (length < pieceBytes) {
    const { value, done } = await bytes.read(new Uint8Array(buffer, length));
    buffer = value?.buffer ?? buffer;
    if (done) break;
    length += value.length;
  }
  return [buffer, length];
}
