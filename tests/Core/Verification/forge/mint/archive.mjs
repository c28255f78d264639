// The archive behind a letter: lists of whoever signed something, the tokens' digests, and a document time-stamp by the other authority.
import { createHash } from 'node:crypto';
import { der, Pdf, writeArchive } from './shared.mjs';
import { NoRoom } from './letter.mjs';
import { crl } from './lists.mjs';

const sha256 = (b) => createHash('sha256').update(b).digest(), DAY = 86_400_000;

/** SHA-256 of a response's token; nothing for what has none. */
export function bare(response) {
  try { return [sha256(der(response, { anyTime: true }).kids[1].raw).toString('hex')]; } catch { return []; }
}

/** What an archive of this evidence has. */
export function partsOf(mint, s, e) {
  const authorities = [mint.alpha, mint.beta], issuers = [mint.letterRoot, ...authorities.map((a) => a.root)];
  return {
    certificates: [e.signer.raw, mint.letterRoot.raw, ...authorities.flatMap((a) => [a.signer.raw, a.root.raw])],
    lists: issuers.map((i) => crl(i, { from: s.stamp + 400, until: s.stamp + 30 * DAY })), tokens: [...e.tokens.values()].flatMap(bare),
  };
}

/**
 * The letter with its archive. `o`: parts (change them), update (text → text, changes what is written), by, at (ms), over, token (DER), fill (hex digits),
 * file (bytes → bytes, after all), and what Authority.token takes.
 */
export function archived(mint, s, e, letter, o) {
  const pdf = new Pdf(letter), parts = partsOf(mint, s, e), written = writeArchive(pdf, o.parts ? o.parts(parts, e) : parts);
  let update = written.bytes;
  if (o.update) update = Buffer.from(o.update(update.toString('latin1'), parts), 'latin1');
  const out = Buffer.concat([o.signed ? o.signed(letter) : letter, update]);
  const at = out.lastIndexOf('/Contents <') + 11, end = out.indexOf('>', at);
  const over = sha256(Buffer.concat([out.subarray(0, at - 1), out.subarray(end + 1)]));
  const token = o.empty ? Buffer.alloc(0) : o.raw ?? mint.authority(o.by ?? 'beta').token(o.over ?? over, o.at ?? s.stamp + 600, { nonce: null, ...o });
  if (token.length * 2 > end - at) throw new NoRoom();
  out.write(o.fill ? o.fill(token.toString('hex')) : token.toString('hex'), at, 'latin1');
  return o.file ? o.file(out, letter) : out;
}
