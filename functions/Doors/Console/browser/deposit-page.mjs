// Dropped files become deposits: hashed one after the other, then handed in; every request may be repeated (Idempotency-Key).
import { sha256 } from './hashing.mjs';
import { notes } from './notes.mjs';
import { hand, handWhole, Refused } from './handing.mjs';

const itemsEach = 100;
const maxName = 255;
const form = document.querySelector('[data-deposit]');
const list = document.querySelector('[data-list]');
const texts = Object.fromEntries([...document.querySelectorAll('[data-texts] dt')].map(key => [key.textContent, key.nextElementSibling.textContent]));
let [all, received] = [0, 0];
let queue = Promise.resolve();

form.hidden = false;
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
zone.addEventListener('drop', async event => {
  const entries = [...event.dataTransfer.items].map(item => item.webkitGetAsEntry?.()).filter(Boolean);
  add((await Promise.all(entries.map(entry => walk(entry)))).flat());
});
window.addEventListener('beforeunload', event => { if (received < all) event.preventDefault(); });

/** Every file below a dropped entry, with its path. */
async function walk(entry) {
  if (entry.isFile) return [{ file: await new Promise((resolve, reject) => entry.file(resolve, reject)), name: entry.fullPath.slice(1) }];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) break;
    found.push(...some);
  }
  return (await Promise.all(found.map(each => walk(each)))).flat();
}

function add(files) {
  const fields = new FormData(form);
  const said = notes();
  if (!said) return;
  const wish = {
    notes: said,
    previous: fields.get('previous').trim() || undefined,
    antiforgery: form.dataset.antiforgery,
    bodyBytes: Number(form.dataset.bodyBytes) || Infinity,
  };
  list.hidden = false;
  const rows = files.map(({ file, name }) => row(file, name));
  all += rows.length;
  summary();
  const each = fields.get('what') === 'files' ? 1 : itemsEach;
  for (let at = 0; at < rows.length; at += each) {
    const some = rows.slice(at, at + each);
    queue = queue.then(() => run(some, wish, each === 1));
  }
}

async function run(rows, wish, withFiles) {
  const good = [];
  for (const one of rows) {
    try {
      if (one.name.length > maxName) throw new Refused('longName');
      one.say('hashing');
      one.digest ??= await sha256(one.file, done => one.progress(done)).catch(() => { throw new Refused('unreadable'); });
      good.push(one);
    } catch (refused) {
      one.end(refused.says, '', null);
    }
  }
  if (good.length === 0) return;
  const tell = (says, done) => good.forEach(one => { one.say(says); if (done !== undefined) one.progress(done); });
  try {
    tell('sending', 0);
    const id = withFiles ? await handWhole(good[0], wish, tell) : await hand(good, wish, tell);
    received += good.length;
    good.forEach(one => one.end('done', '', null, `/deposits/${id}`));
  } catch (error) {
    const says = error instanceof Refused ? error.says : 'failed';
    good.forEach((one, i) => one.end(says, error.detail ?? '', i > 0 ? null : () => { queue = queue.then(() => run(good, wish, withFiles)); }));
  }
  summary();
}

function summary() {
  document.querySelector('[data-summary]').textContent = texts.summary.replace('{done}', received).replace('{all}', all);
}

function row(file, name) {
  const made = document.querySelector('[data-row]').content.firstElementChild.cloneNode(true);
  const part = what => made.querySelector(`[data-part="${what}"]`);
  const bar = made.querySelector('progress');
  part('name').textContent = name;
  part('size').textContent = `${file.size.toLocaleString()} B`;
  list.querySelector('tbody').append(made);
  const one = {
    file,
    name,
    say: what => { part('says').textContent = texts[what]; },
    progress: done => { bar.value = done; },
    end(what, detail, again, link) {
      part('says').textContent = detail ? `${texts[what]}: ${detail}` : texts[what];
      bar.hidden = true;
      if (link) { part('link').href = link; part('link').hidden = false; }
      part('again').hidden = !again;
      part('again').onclick = () => { bar.hidden = false; part('again').hidden = true; again(); };
    },
  };
  one.say('waiting');
  return one;
}
