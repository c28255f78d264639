// One request and its answer, with the patience of whoever sends over a bad line.
const pauses = [1, 2, 4, 8, 15];
/** A line on which nothing moves for so long is dead, as after a closed lid: milliseconds. */
const silence = 60_000;

/** A "no" that sending again does not change. */
export class Refused extends Error {
  constructor(says, detail) {
    super(says);
    Object.assign(this, { says, detail });
  }
}

/** Its sender has called it off. */
export class Cancelled extends Error {}

/** Sends once. Status 0: no answer, or none within `patience` of the last sign of life. Not fetch: it does not tell how much of a body has gone. */
export function exchange(method, url, { headers = {}, body, progress, signal, patience = silence } = {}) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(new Cancelled());
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    let watch;
    const alive = () => {
      clearTimeout(watch);
      watch = setTimeout(stop, patience);
    };
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = event => {
      alive();
      if (event.lengthComputable) progress?.(event.loaded / event.total);
    };
    request.onprogress = alive;
    request.onloadend = () => {
      clearTimeout(watch);
      signal?.removeEventListener('abort', stop);
      if (signal?.aborted) reject(new Cancelled());
      else resolve({ status: request.status, text: request.responseText, code: request.getResponseHeader('x-ms-error-code') });
    };
    signal?.addEventListener('abort', stop);
    alive();
    request.send(body);
  });
}

/** Sends to the platform until there is an answer that means something. Returns its text; whatever is in `takes` is an answer too. */
export async function send(method, url, { tell, takes = [], ...rest }) {
  for (let attempt = 0; ; attempt++) {
    const answer = await exchange(method, url, { ...rest, headers: { accept: 'application/json', ...rest.headers } });
    if ((answer.status >= 200 && answer.status < 300) || takes.includes(answer.status)) return answer;
    if (answer.status === 401) throw new Refused('signedOut');
    if (answer.status !== 0 && answer.status !== 408 && answer.status !== 429 && answer.status < 500) throw new Refused('refused', detail(answer.text));
    tell?.(answer.status === 0 ? 'offline' : 'busy');
    await pause(attempt, rest.signal);
  }
}

/** Longer with every attempt; over at once when the network is back or the sender has enough. */
export async function pause(attempt, signal) {
  await new Promise(resolve => {
    const timer = setTimeout(resolve, 1000 * pauses[Math.min(attempt, pauses.length - 1)]);
    const end = () => { clearTimeout(timer); resolve(); };
    addEventListener('online', end, { once: true });
    signal?.addEventListener('abort', end, { once: true });
  });
  if (signal?.aborted) throw new Cancelled();
}

function detail(text) {
  try {
    return JSON.parse(text).detail;
  } catch {
    return '';
  }
}
