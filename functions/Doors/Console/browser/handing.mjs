// Hands in digests or whole files by the documented API. A request whose answer was lost is sent again under the same Idempotency-Key.
const pauses = [1, 2, 4, 8, 15];
const blockBytes = 8 * 2 ** 20;
const takingPause = 2000;

/** A "no" that sending again does not change. */
export class Refused extends Error {
  constructor(says, detail) {
    super(says);
    Object.assign(this, { says, detail });
  }
}

/** One deposit of digests. Returns its id. */
export async function hand(files, { notes, previous, antiforgery }, tell) {
  const items = files.map(({ file, name, digest }) => ({ name, size: file.size, mediaType: file.type || undefined, digests: { 'sha-256': digest } }));
  const headers = { 'content-type': 'application/json', 'idempotency-key': await keyOf(items, notes, previous), 'x-antiforgery': antiforgery };
  return (await json('POST', '/v1/deposits', headers, JSON.stringify({ items, notes, previous }), tell)).id;
}

/** One file as one deposit: by way of the platform, or of its storage when it is larger than the platform's host takes. */
export async function handWhole(one, wish, tell) {
  const key = await keyOf([one.name, one.digest], wish.notes, wish.previous);
  if (one.file.size > wish.bodyBytes) return handToStorage(one, wish, key, tell);
  const query = new URLSearchParams([['name', one.name], ...Object.entries(wish.notes).map(([name, value]) => [`note.${name}`, value])]);
  if (wish.previous) query.set('previous', wish.previous);
  const headers = {
    'content-type': one.file.type || 'application/octet-stream',
    'content-digest': `sha-256=:${base64(one.digest)}:`,
    'idempotency-key': key,
    'x-antiforgery': wish.antiforgery,
  };
  return (await json('POST', `/v1/deposits/file?${query}`, headers, one.file, tell)).id;
}

/** Blocks that storage has are remembered: the same file dropped again goes on where it was. */
async function handToStorage({ file, name, digest }, { notes, previous, antiforgery }, key, tell) {
  const asked = JSON.stringify({ name, mediaType: file.type || undefined, notes, previous, contentDigest: `sha-256=:${base64(digest)}:` });
  const ticket = await json('POST', '/v1/uploads', { 'content-type': 'application/json', 'idempotency-key': key, 'x-antiforgery': antiforgery }, asked, tell);
  const place = `upload ${ticket.id}`;
  const count = Math.ceil(file.size / blockBytes);
  const id = number => btoa(String(number).padStart(8, '0'));
  for (let at = Number(localStorage.getItem(place) ?? 0); at < count; at++) {
    const url = `${ticket.url}&comp=block&blockid=${encodeURIComponent(id(at))}`;
    await send('PUT', url, {}, file.slice(at * blockBytes, (at + 1) * blockBytes), (says, done) => tell(says, done === undefined ? done : (at + done) / count));
    localStorage.setItem(place, at + 1);
  }
  const blocks = `<BlockList>${Array.from({ length: count }, (_, at) => `<Latest>${id(at)}</Latest>`).join('')}</BlockList>`;
  await send('PUT', `${ticket.url}&comp=blocklist`, { 'x-ms-blob-content-type': file.type || 'application/octet-stream' }, blocks, tell);
  localStorage.removeItem(place);
  for (;;) {
    tell('taking');
    const upload = await json('GET', `/v1/uploads/${ticket.id}`, {}, null, tell);
    if (upload.state === 'deposited') return upload.depositId;
    if (upload.state === 'refused') throw new Refused('refused', upload.reason ?? upload.fault);
    await wait(takingPause);
  }
}

async function json(method, path, headers, body, tell) {
  return JSON.parse(await send(method, path, { accept: 'application/json', ...headers }, body, tell));
}

/** Sends until there is an answer that means something. */
async function send(method, url, headers, body, tell) {
  for (let attempt = 0; ; attempt++) {
    const { status, text } = await exchange(method, url, headers, body, done => tell('sending', done));
    if (status >= 200 && status < 300) return text;
    if (status === 401) throw new Refused('signedOut');
    if (status !== 0 && status !== 429 && status < 500) throw new Refused('refused', detail(text));
    tell(status === 0 ? 'offline' : 'sending');
    await wait(1000 * pauses[Math.min(attempt, pauses.length - 1)]);
  }
}

// Not fetch: it does not tell how much of a body has gone.
function exchange(method, url, headers, body, progress) {
  return new Promise(resolve => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = event => { if (event.lengthComputable) progress(event.loaded / event.total); };
    request.onloadend = () => resolve({ status: request.status, text: request.responseText });
    request.send(body);
  });
}

function detail(text) {
  try {
    return JSON.parse(text).detail;
  } catch {
    return '';
  }
}

/** The same for the same wish on the same day: a file dropped again, after a lost network or by mistake, is one deposit. */
async function keyOf(...parts) {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(JSON.stringify([new Date().toISOString().slice(0, 10), ...parts])));
  return Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, '0')).join('');
}

const base64 = hex => btoa(String.fromCharCode(...hex.match(/../g).map(pair => parseInt(pair, 16))));

const wait = milliseconds => new Promise(resolve => { setTimeout(resolve, milliseconds); });
