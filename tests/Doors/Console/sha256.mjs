// The console's own SHA-256 against Node's, at every length around its blocks and groups of blocks, in pieces of every size.
import { createHash, randomBytes } from 'node:crypto';
import { pieceBytes, sha256 } from '../../../functions/Doors/Console/browser/sha256.mjs';

const lengths = [...Array(600).keys(), 1000, 65_535, pieceBytes - 1, pieceBytes, pieceBytes + 1, 2 * pieceBytes + 77];
for (const length of lengths) {
  const bytes = randomBytes(length);
  const digest = await sha256();
  const most = length < 100_000 ? 1 + (length * 7) % 301 : pieceBytes;
  for (let at = 0; at < length; at += most) digest.update(bytes.subarray(at, at + most));
  if (digest.hex() !== createHash('sha256').update(bytes).digest('hex')) throw new Error(`wrong at ${length} bytes in pieces of ${most}`);
}
console.log(lengths.length);
