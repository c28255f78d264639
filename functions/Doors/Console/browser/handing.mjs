// Hands in digests, or a small file as one request's body. What is sent again after a lost answer has the same Idempotency-Key.
import { send } from './exchange.mjs';

/** One deposit of digests. Returns its id. */
export async function hand(files, wish, tell) {
  const { notes, previous, antiforgery } = wish;
  const items = files.map(({ file, name, digest }) => ({ name, size: file.size, mediaType: file.type || undefined, digests: { 'sha-256': digest } }));
  const headers = { 'content-type': 'application/json', 'idempotency-key': await keyOf(today(), items, notes, previous), 'x-antiforgery': antiforgery };
  const answer = await send('POST', '/v1/deposits', { headers, body: JSON.stringify({ items, notes, previous }), tell });
  return JSON.parse(answer.text).id;
}

/** One file as one deposit. */
export async function handWhole(one, wish) {
  const query = new URLSearchParams([['name', one.name], ...Object.entries(wish.notes).map(([name, value]) => [`note.${name}`, value])]);
  if (wish.previous) query.set('previous', wish.previous);
  const headers = {
    'content-type': one.file.type || 'application/octet-stream',
    'content-digest': `sha-256=:${base64(one.digest)}:`,
    'idempotency-key': await keyOf(today(), [one.name, one.digest], wish.notes, wish.previous),
    'x-antiforgery': wish.antiforgery,
  };
  one.say('sending');
  const progress = done => { one.say('sending'); one.progress(done); };
  const answer = await send('POST', `/v1/deposits/file?${query}`, { headers, body: one.file, tell: one.say, progress, signal: one.signal });
  return JSON.parse(answer.text).id;
}

/** The same for the same parts. With the day among them a file dropped again, after a lost network or by mistake, is one deposit. */
export async function keyOf(...parts) {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(JSON.stringify(parts)));
  return Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, '0')).join('');
}

export const today = () => new Date().toISOString().slice(0, 10);

const base64 = hex => btoa(String.fromCharCode(...hex.match(/../g).map(pair => parseInt(pair, 16))));
