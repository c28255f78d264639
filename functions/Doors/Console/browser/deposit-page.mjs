// Dropped files become deposits: 1. hashed, as many at once as there are cores; 2. handed in, a small one as a request's body, a large one
// straight to storage. Every request may be repeated (Idempotency-Key).
import { dropped } from './dropped.mjs';
import { Refused } from './exchange.mjs';
import { hand, handWhole } from './handing.mjs';
import { sha256 } from './hashing.mjs';
import * as keptUploads from './kept.mjs';
import { lanes } from './lanes.mjs';
import { notes } from './notes.mjs';
import { Row } from './row.mjs';
import { stage } from './staging.mjs';

const itemsEach = 100;
const maxName = 255;
/** A larger file would not go on after a lost network, as a request's body: bytes. */
const wholeBytes = 64 * 2 ** 20;
const form = document.querySelector('[data-deposit]');
const list = document.querySelector('[data-list]');
const overall = document.querySelector('[data-overall]');
const texts = Object.fromEntries([...document.querySelectorAll('[data-texts] dt')].map(key => [key.textContent, key.nextElementSibling.textContent]));
const template = document.querySelector('[data-row]');
const rows = [];
const handLane = lanes(3);
let drawing = false;

keptUploads.tidy();
for (const input of form.querySelectorAll('[data-pick]')) {
  input.addEventListener('change', () => {
    add([...input.files].map(file => ({ file, name: file.webkitRelativePath || file.name })));
    input.value = '';
  });
}
form.addEventListener('submit', event => event.preventDefault());
const zone = form.querySelector('[data-drop]');
for (const kind of ['dragover', 'dragleave', 'drop']) {
  zone.addEventListener(kind, event => {
    event.preventDefault();
    zone.classList.toggle('over', kind === 'dragover');
  });
}
zone.addEventListener('drop', async event => add(await dropped(event.dataTransfer.items)));
for (const what of ['pause', 'go', 'cancel']) {
  overall.querySelector(`[data-all="${what}"]`).onclick = () => {
    rows.filter(row => !row.ended).forEach(row => row[what]());
    // The button that was pressed goes: whoever has no mouse stands on the one in its place.
    requestAnimationFrame(() => overall.querySelector('[data-all]:not([hidden])')?.focus());
  };
}
window.addEventListener('beforeunload', event => { if (rows.some(row => !row.ended)) event.preventDefault(); });

function add(files) {
  const fields = new FormData(form);
  const said = notes();
  if (!said) return;
  const wish = {
    notes: said,
    previous: fields.get('previous').trim() || undefined,
    antiforgery: form.dataset.antiforgery,
    wholeBytes: Math.min(wholeBytes, Number(form.dataset.bodyBytes) || Infinity),
  };
  const added = files.map(({ file, name }) => new Row(file, name, { template, texts, changed }));
  rows.push(...added);
  list.querySelector('tbody').append(...added.map(row => row.element));
  list.hidden = overall.hidden = rows.length === 0;
  changed();
  if (fields.get('what') === 'files') added.forEach(row => deposit(row, wish));
  else for (let at = 0; at < added.length; at += itemsEach) depositDigests(added.slice(at, at + itemsEach), wish);
}

async function deposit(row, wish) {
  try {
    await hash(row, false);
    const id = row.file.size > wish.wholeBytes ? await stage(row, wish) : await row.through(handLane, () => handWhole(row, wish));
    row.end('done', { link: `/deposits/${id}` });
  } catch (error) {
    await fail(row, error, () => deposit(row, wish));
  }
}

async function depositDigests(some, wish) {
  const good = (await Promise.all(some.map(row => hash(row, true).then(() => row, error => fail(row, error))))).filter(Boolean);
  if (good.length === 0) return;
  try {
    good.forEach(row => row.say('sending'));
    const id = await hand(good, wish, says => good.forEach(row => row.say(says)));
    good.forEach(row => row.end('done', { link: `/deposits/${id}` }));
  } catch (error) {
    good.forEach((row, i) => fail(row, error, i > 0 ? undefined : () => depositDigests(good, wish)));
  }
}

/** 1. What is known of a file that is tried again is not asked again. */
async function hash(row, whole) {
  if (row.name.length > maxName) throw new Refused('longName');
  await row.gate();
  row.digest ??= await sha256(row.file, {
    signal: row.signal,
    begin: () => row.say('hashing'),
    tell: done => row.progress(done, whole ? done : 0),
  });
  row.progress(0, whole ? 1 : 0);
}

async function fail(row, error, again) {
  if (row.signal.aborted) {
    row.say('cancelling');
    row.end(row.giveUp ? await row.giveUp().then(gone => (gone ? 'cancelled' : 'tooLate'), () => 'leftover') : 'cancelled');
  } else if (error instanceof Refused) {
    row.end(error.says, { detail: error.detail, again: error.says === 'longName' ? undefined : again });
  } else {
    row.end('failed', { again });
  }
}

/** Once a frame, however much has changed. */
function changed() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    const running = rows.filter(row => !row.ended);
    const [size, behind] = rows.reduce(([all, done], row) => [all + row.file.size, done + row.file.size * row.share], [0, 0]);
    document.querySelector('[data-summary]').textContent = texts.summary
      .replace('{done}', rows.filter(row => !row.part('link').hidden).length).replace('{all}', rows.length);
    overall.querySelector('progress').value = size === 0 ? Number(running.length === 0) : behind / size;
    overall.querySelector('[data-all="pause"]').hidden = !running.some(row => !row.paused);
    overall.querySelector('[data-all="go"]').hidden = !running.some(row => row.paused);
    overall.querySelector('[data-all="cancel"]').hidden = running.length === 0;
  });
}
