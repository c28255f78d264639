// The log: signed notes, checkpoints, proofs (C2SP signed-note, tlog-checkpoint, tlog-proof; RFC 9162 section 2.1.3.2).
import { Bytes } from './bytes.mjs';
import { sha256 } from './hash.mjs';
import { signed } from './x509.mjs';
import { base64, need, Bad } from './json.mjs';
import { utf8 } from './der.mjs';

const MAX_NOTE = 128 * 1024, MAX_INDEX = 2n ** 63n - 1n;

/** A note's text and signature lines, whoever signed. Null when it is no note. */
export function readNote(bytes) {
  const note = bytes.length <= MAX_NOTE ? utf8(bytes) : null;
  if (note === null || /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/.test(note) || !note.endsWith('\n')) return null;
  const cut = note.lastIndexOf('\n\n');
  if (cut < 0) return null;
  const signatures = [];
  for (const line of note.slice(cut + 2, -1).split('\n')) {
    const m = /^\u2014 ([^\s+]+) (\S+)$/u.exec(line), raw = m && base64(m[2]);
    if (!raw || raw.length <= 4) return null;
    signatures.push({ name: m[1], id: raw.subarray(0, 4), value: raw.subarray(4) });
  }
  return { text: note.slice(0, cut + 1), signatures };
}

/** Whether the log's key signed the note: at least one line under its name and id, and each of them good. */
export function signedByLog(note, trust) {
  const id = sha256(trust.spki).subarray(0, 4);
  const own = note.signatures.filter((s) => s.name === trust.origin && s.id.equals(id));
  return own.length > 0 && own.every((s) => signed(trust.logKey, { type: 'ec', hash: 'sha256' }, Bytes.from(note.text), s.value));
}

/** Origin, size and root of a note's text; throws Bad. */
export function readCheckpoint(text) {
  const lines = text.slice(0, -1).split('\n');
  need(lines.length >= 3, 'checkpoint-malformed');
  const [origin, count, hash] = lines, root = base64(hash);
  need(origin && /^(0|[1-9]\d{0,18})$/.test(count) && BigInt(count) <= MAX_INDEX && root?.length === 32 && !lines.includes(''), 'checkpoint-malformed');
  const size = BigInt(count);
  return { origin, size, root, extended: lines.length > 3 };
}

/** Throws Bad; `keep` gets the checkpoint that the log signed, whatever is wrong with it besides. */
export function judgeCheckpoint(bytes, trust, keep) {
  need(bytes && bytes.length <= MAX_NOTE && utf8(bytes) !== null, 'checkpoint-malformed');
  const note = readNote(bytes);
  need(note && signedByLog(note, trust), 'signature');
  const checkpoint = readCheckpoint(note.text);
  keep(checkpoint);
  need(checkpoint.origin === trust.origin, 'origin');
  need(!checkpoint.extended, 'extension');
}

const node = (l, r) => sha256(Bytes.concat([[1], l, r]));
export const leaf = (data) => sha256(Bytes.concat([[0], data]));

/** Reads inclusion.tlog-proof; throws Bad. */
export function readProof(bytes) {
  const text = utf8(bytes), code = 'proof-malformed';
  need(text !== null, code);
  const cut = text.indexOf('\n\n'), lines = text.slice(0, cut).split('\n');
  need(cut >= 0 && lines[0] === 'c2sp.org/tlog-proof@v1', code);
  const extra = lines[1]?.startsWith('extra ') ? lines.splice(1, 1)[0].slice(6) : null;
  const m = /^index (0|[1-9]\d{0,18})$/.exec(lines[1] ?? '');
  const path = lines.slice(2).map((l) => base64(l));
  need((extra === null || base64(extra)) && m && BigInt(m[1]) <= MAX_INDEX && path.length <= 63 && path.every((h) => h?.length === 32), code);
  return { index: BigInt(m[1]), path, extra, note: Bytes.from(text.slice(cut + 2)) };
}

export function judgeInclusion(proofBytes, checkpointBytes, manifestDigest) {
  const proof = readProof(proofBytes);
  need(proof.extra === null, 'proof-extra');
  need(checkpointBytes?.equals(proof.note), 'proof-checkpoint');
  let checkpoint;
  const text = proof.note.toString('utf8'), cut = text.indexOf('\n\n');
  need(cut >= 0, 'proof-checkpoint');
  try { checkpoint = readCheckpoint(text.slice(0, cut + 1)); } catch { throw new Bad('proof-checkpoint'); }
  need(included(proof.index, checkpoint.size, leaf(manifestDigest), proof.path, checkpoint.root), 'not-included');
}

export function included(index, size, hash, path, root) {
  if (index >= size) return false;
  let fn = index, sn = size - 1n, r = hash;
  for (const p of path) {
    if (sn === 0n) return false;
    if (fn & 1n || fn === sn) {
      r = node(p, r);
      while (!(fn & 1n) && fn !== 0n) { fn >>= 1n; sn >>= 1n; }
    } else r = node(r, p);
    fn >>= 1n;
    sn >>= 1n;
  }
  return sn === 0n && r.equals(root);
}
