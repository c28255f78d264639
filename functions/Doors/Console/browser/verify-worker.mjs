// Judges one file, away from the page: the file comes in, the verdict goes out, and nothing goes anywhere else.
import { sha256 } from '@noble/hashes/sha2.js';
import { Bytes } from '../verifier/bytes.mjs';
import { Bad } from '../verifier/json.mjs';
import { CHAIN, judgeRecording } from '../verifier/forensics.mjs';
import { openZip } from '../verifier/forensics-zip.mjs';
import { parseTrust } from '../verifier/trust.mjs';
import { isBundle, isLetter, verify, verifyLetter } from '../verifier/verify.mjs';

const MAX_WHOLE = 512 * 1024 * 1024; // bytes of a bundle: it is judged in memory
const BUNDLE = '.evidence.zip', PEM = /-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]+)-----END \1-----/;

const bytesOf = async (file) => Bytes.over(new Uint8Array(await file.arrayBuffer()));

async function digestOf(file, tell) {
  const hash = sha256.create(), reader = file.stream().getReader();
  for (let done = 0; ;) {
    const { value, done: end } = await reader.read();
    if (end) return Bytes.over(hash.digest()).toString('hex');
    hash.update(value);
    tell((done += value.length) / file.size);
  }
}

/** DER, also of a list that came as PEM. */
async function listOf(file) {
  const bytes = await bytesOf(file), pem = PEM.exec(bytes.toString('latin1'));
  return (pem && Bytes.from(pem[2].replace(/\s/g, ''), 'base64')) ?? bytes;
}

/** A recording's package, read piece by piece: it may be larger than memory. Null when the file is none. */
async function recordingOf(file) {
  try {
    const found = await openZip({ size: file.size, read: async (from, to) => new Uint8Array(await file.slice(from, to).arrayBuffer()) });
    return found.has(CHAIN) ? found : null;
  } catch (e) {
    if (e instanceof Bad) return null;
    throw e;
  }
}

async function judge({ file, trust, lists, now }, tell) {
  let reader = null;
  try { reader = trust ? parseTrust(await bytesOf(trust)) : null; } catch (e) { if (e instanceof Bad) return { kind: 'trust' }; throw e; }
  const options = { reader, now, lists: await Promise.all(lists.map(listOf)) };
  const head = Bytes.over(new Uint8Array(await file.slice(0, 5).arrayBuffer())).toString('latin1');
  const recording = head.startsWith('PK') && !file.name.endsWith(BUNDLE) ? await recordingOf(file) : null;
  if (recording) return { kind: 'recording', ...await judgeRecording(recording, reader, tell) };
  if (file.name.endsWith(BUNDLE) || head.startsWith('PK')) {
    if (file.size > MAX_WHOLE) return { kind: 'too-large' };
    const bytes = await bytesOf(file);
    if (file.name.endsWith(BUNDLE) || isBundle(bytes)) return { kind: 'bundle', ...verify(bytes, options) };
  } else if (head === '%PDF-' && file.size <= MAX_WHOLE) {
    const bytes = await bytesOf(file);
    if (isLetter(bytes)) return { kind: 'letter', ...verifyLetter(bytes, options) };
  }
  return { kind: 'original', name: file.name, size: file.size, digest: await digestOf(file, tell) };
}

self.onmessage = async ({ data }) => {
  try {
    self.postMessage({ result: await judge(data, (part) => self.postMessage({ part })) });
  } catch (e) {
    self.postMessage({ result: { kind: 'broken', why: String(e) } });
  }
};
