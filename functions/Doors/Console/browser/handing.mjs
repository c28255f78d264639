// Hands in digests or whole files by the documented API. A request whose answer was lost is sent again under the same Idempotency-Key.
const pauses = [1, 2, 4, 8, 15];

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

/** One file as one deposit. What is larger than the platform's host takes goes by the command line, straight to storage. */
export async function handWhole(one, wish, tell) {
  if (one.file.size > wish.bodyBytes) throw new Refused('tooLarge');
  const key = await keyOf([one.name, one.digest], wish.notes, wish.previous);
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
