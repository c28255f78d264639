// Personal links of a list's candidates (docs/draw-format.md, section 2), where secret and list are and nowhere else.
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesOf, domain, hexOf, joined, normal, utf8 } from './draw.mjs';
import { BadRow, idsOf } from './list-rows.mjs';

/** Rows between two breaths of the page. */
const atOnce = 2000;

const fold = id => id.replace(/[a-z]/g, letter => letter.toUpperCase());

/** RFC 4180. */
const field = id => (/[",]/.test(id) ? `"${id.replaceAll('"', '""')}"` : id);

/**
 * @param secret of the list, 64 hexadecimal digits
 * @param before what stands before the salt in a link
 * @returns the table as pieces of text, and how many links it has
 */
export async function linksOf(file, encoding, secret, before, tell) {
  const keyed = hmac.create(sha256, bytesOf(secret)), salt = domain('salt'), pieces = ['id,link\n'];
  let [count, piece] = [0, ''];
  for await (const [line, typed] of idsOf(file, encoding, tell)) {
    const id = normal('id', typed);
    if (id === null) throw new BadRow(line, 'id-character');
    piece += `${field(id)},${before}${hexOf(keyed.clone().update(joined(salt, utf8(fold(id)))).digest())}\n`;
    if (++count % atOnce !== 0) continue;
    pieces.push(piece);
    piece = '';
    await new Promise(resolve => { setTimeout(resolve); });
  }
  return { count, pieces: [...pieces, piece] };
}
