// One item of a batch: item.json, format notary-item/1, and item.proof, the path from it to the batch's root.
import { base64, base64url, canonical, is, need } from './json.mjs';
import { utf8 } from './der.mjs';
import { included, leaf } from './log.mjs';
import { Bytes } from './bytes.mjs';
import { notes } from './manifest.mjs';

const MAX_NOTES = 1024; // bytes of an item's notes together
const REQUIRED = {
  format: is.one('notary-item/1'), salt: (v) => typeof v === 'string' && base64url(v)?.length === 32,
  digests: (v) => v !== null && typeof v === 'object' && !Array.isArray(v) && Object.keys(v).length === 1 && is.hex(32)(v['sha-256']),
};
const OPTIONAL = {
  name: is.text(0, 255), size: (v) => Number.isSafeInteger(v) && v >= 0, mediaType: is.bytes(0, 255), reference: is.text(1, 255),
  notes: (v) => notes(v) && Object.keys(v).length > 0
    && Object.entries(v).reduce((n, [k, t]) => n + Bytes.lengthOf(k) + Bytes.lengthOf(t), 0) <= MAX_NOTES,
};

/** Throws Bad. */
export function parseItem(bytes) {
  const code = 'item-malformed', item = canonical(bytes, code, 16 * 1024);
  need(item && typeof item === 'object' && !Array.isArray(item), code, 'not an object');
  for (const [name, check] of Object.entries(REQUIRED)) need(Object.hasOwn(item, name) && check(item[name]), code, name);
  for (const name of Object.keys(item)) need(Object.hasOwn(REQUIRED, name) || (Object.hasOwn(OPTIONAL, name) && OPTIONAL[name](item[name])), code, name);
  return item;
}

/** Throws Bad. */
function parsePath(bytes) {
  const text = bytes.length <= 1024 ? utf8(bytes) : null, code = 'item-proof-malformed';
  need(text?.endsWith('\n'), code);
  const [format, index, ...lines] = text.slice(0, -1).split('\n'), m = /^index (0|[1-9]\d{0,9})$/.exec(index ?? ''), path = lines.map((l) => base64(l));
  need(format === 'notary-item-proof/1' && m && Number(m[1]) < 2 ** 31 && path.length <= 20 && path.every((h) => h?.length === 32), code);
  return { index: BigInt(m[1]), path };
}

/** Adds the rung, when the bundle is about an item; gives the item. */
export function judgeItem(l, files, manifest, quiet) {
  const bytes = files.get('item.json'), proof = files.get('item.proof');
  if (!bytes && !proof) return null;
  const item = bytes ? quiet(() => parseItem(bytes)) : null, path = proof ? quiet(() => parsePath(proof)) : null;
  if (!item) l.fail('item', 'item.json', 'item-malformed');
  else if (!path) l.fail('item', 'item.proof', 'item-proof-malformed');
  else if (!manifest?.itemsRoot) l.fail('item', 'item.json', 'item-of-no-batch');
  else if (!included(path.index, BigInt(manifest.itemCount), leaf(bytes), path.path, Bytes.from(manifest.itemsRoot, 'hex'))) {
    l.fail('item', 'item.proof', 'item-not-included');
  } else l.pass('item', 'item.json');
  return item;
}
