// Files from outside into a desktop's evidence: 1. hashed here, 2. sent by the documented API, one after the other, 3. what was sealed is shown.
import { element, hex, t } from './dom.mjs';
import { dropped } from './dropped.mjs';
import { exchange } from './exchange.mjs';
import { keyOf } from './handing.mjs';
import { lanes } from './lanes.mjs';

/** Characters of a name that a link takes (docs/forensics-format.md §3). */
const maxName = 255;
const oneByOne = lanes(1);
let unsent = 0;

const size = (bytes) => (bytes < 1024 ? `${bytes} B` : bytes < 2 ** 20 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`);

document.addEventListener('change', (event) => {
  if (!event.target.matches('[data-files] input')) return;
  take(event.target.closest('[data-files]'), [...event.target.files]);
  event.target.value = '';
});
// A file that misses its place would be opened in place of the page, and the desktop with it would be gone.
for (const kind of ['dragover', 'dragleave', 'drop']) {
  document.addEventListener(kind, async (event) => {
    event.preventDefault();
    const zone = event.target.closest?.('[data-files] .drop');
    for (const each of document.querySelectorAll('[data-files] .drop')) each.classList.toggle('over', each === zone && kind === 'dragover');
    if (kind !== 'drop' || !zone) return;
    // What has no entry in a file system is a file all the same; both are there only as long as the event.
    const loose = [...event.dataTransfer.files], walked = await dropped(event.dataTransfer.items);
    take(zone.closest('[data-files]'), walked.length > 0 ? walked.map(({ file }) => file) : loose);
  });
}
window.addEventListener('beforeunload', (event) => { if (unsent > 0) event.preventDefault(); });

function take(part, files) {
  for (const file of files) {
    const line = element('li', {}, element('strong', {}, file.name), ' ', element('span', { class: 'aside' }, size(file.size)));
    part.querySelector('[data-sent]').append(line);
    if (file.size > Number(part.dataset.most)) say(line, 'bad', ['太大，没有发送。', 'Too large: not sent.']);
    else if (file.name.length > maxName) say(line, 'bad', ['文件名太长，没有发送。', 'Its name is too long: not sent.']);
    else put(line, file);
  }
}

/** What a line ends with; only the digest, the bar and the button come besides. */
function say(line, kind, words, ...more) {
  line.dataset.state = kind;
  line.querySelector('[data-now]')?.remove();
  const mark = { ok: '✓ ', bad: '✗ ' }[kind] ?? '';
  line.append(element('div', { 'data-now': '' }, element('p', { class: kind === 'bad' ? 'field-error' : null }, mark + t(words)), ...more));
}

async function put(line, file) {
  unsent++;
  try {
    say(line, 'waits', ['等待', 'Waiting']);
    await oneByOne(() => send(line, file));
  } catch {
    // Moved or changed since it was chosen.
    say(line, 'bad', ['文件读不出来：请重新选择。', 'The file cannot be read: choose it again.']);
  } finally {
    unsent--;
  }
}

async function send(line, file) {
  say(line, 'hashing', ['正在计算摘要', 'Hashing']);
  const bytes = await file.arrayBuffer(), sha256 = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const digest = Array.from(sha256, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const bar = element('progress', { max: '1', value: '0', 'aria-label': t(['已发送', 'Sent so far']) });
  say(line, 'sending', ['正在发送', 'Sending'], bar);
  const { session } = document.querySelector('[data-part=state]').dataset, { antiforgery } = document.querySelector('[data-acts]').dataset;
  const answer = await exchange('POST', `/v1/forensics/sessions/${session}/files?${new URLSearchParams({ name: file.name })}`, {
    headers: {
      accept: 'application/json', 'content-type': 'application/octet-stream', 'content-digest': `sha-256=:${btoa(String.fromCharCode(...sha256))}:`,
      // Sent again because an answer was lost, or dropped twice, it is one file.
      'idempotency-key': await keyOf(session, file.name, digest), 'x-antiforgery': antiforgery,
    },
    body: bytes,
    progress: (done) => { bar.value = done; },
  });
  if (answer.status === 201) {
    say(line, 'ok', ['已封存，SHA-256：', 'Sealed, SHA-256:'], hex(JSON.parse(answer.text).digest));
    return;
  }
  const again = element('button', { type: 'button', class: 'button quiet small' }, t(['再发一次', 'Send again']));
  again.onclick = () => put(line, file);
  say(line, 'bad', answer.status === 0 ? ['连接中断。', 'The connection was lost.'] : ['没有封存：', 'Not sealed:'],
    ...(answer.status === 0 ? [] : [element('p', {}, why(answer))]), element('p', { class: 'actions' }, again));
}

function why(answer) {
  try {
    return JSON.parse(answer.text).detail;
  } catch {
    return String(answer.status);
  }
}
