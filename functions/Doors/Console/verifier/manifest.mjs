// manifest.json, format notary-manifest/1.
import { Bytes } from './bytes.mjs';
import { base64url, canonical, is, members, need, time } from './json.mjs';

const CODE = 'manifest-malformed', whole = (v) => Number.isSafeInteger(v) && v >= 0;
const kinds = ['file', 'digest', 'forensics', 'draw', 'contract', 'batch'];
export const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const did = /^did:[a-z0-9]+:[A-Za-z0-9._:%-]*[A-Za-z0-9._%-]$/;

export const digests = (v) => v !== null && typeof v === 'object' && !Array.isArray(v) && is.hex(32)(v['sha-256'])
  && Object.keys(v).every((k) => ({ 'sha-256': 32, sm3: 32, 'sha-512': 64 })[k] && is.hex({ 'sha-256': 32, sm3: 32, 'sha-512': 64 }[k])(v[k]));

export const item = (v) => {
  try { return !!members(v, CODE, { name: is.bytes(0, 255), size: is.orNull(whole), mediaType: is.bytes(0, 255), digests }); } catch { return false; }
};

export const notes = (v) => v !== null && typeof v === 'object' && !Array.isArray(v) && Object.keys(v).length <= 32
  && Object.entries(v).every(([k, t]) => is.bytes(1, 8192)(k) && is.bytes(0, 8192)(t))
  && Object.entries(v).reduce((n, [k, t]) => n + Bytes.lengthOf(k) + Bytes.lengthOf(t), 0) <= 8192;

export const depositor = (v) => typeof v === 'string' && v.length <= 512 && did.test(v);
export const kind = is.one(...kinds);

const head = (v) => {
  try { return !!members(v, CODE, { chainId: whole, block: whole, hash: is.hex0x(32) }); } catch { return false; }
};

export function parseManifest(bytes) {
  const m = canonical(bytes, CODE, 512 * 1024);
  // Of a batch, and of nothing else: how many items, and their tree's root; its own list is one thing, the file of the items.
  const batch = m?.kind === 'batch' && { itemCount: (v) => whole(v) && v >= 1 && v <= 1000000, itemsRoot: is.hex(32), items: is.list(1, 1, item) };
  members(m, CODE, {
    format: is.one('notary-manifest/1'), id: is.match(uuid), kind, depositor, receivedAt: (v) => time(v, 3, true) !== null,
    salt: (v) => typeof v === 'string' && base64url(v)?.length === 32, items: is.list(1, 100, item), notBefore: is.orNull(head),
    previous: is.orNull(is.hex(32)), notes, ...batch, ...(m?.test === undefined ? {} : { test: is.one(true) }), // of a test deposit, and of no other
  });
  need(m, CODE);
  return m;
}
