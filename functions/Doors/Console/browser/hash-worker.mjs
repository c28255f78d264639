// Hashes one file at a time. What fits into memory easily goes to the browser's own digest; the rest is read in pieces.
import { createSHA256 } from 'hash-wasm';

const wholeBytes = 64 * 2 ** 20;
const pieceBytes = 4 * 2 ** 20;

self.onmessage = async ({ data: file }) => {
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
  const hash = await createSHA256();
  for (let at = 0; at < file.size; at += pieceBytes) {
    hash.update(new Uint8Array(await file.slice(at, at + pieceBytes).arrayBuffer()));
    self.postMessage({ done: Math.min(1, (at + pieceBytes) / file.size) });
  }
  return hash.digest('hex');
}
