// The notes of a deposit: rows of a name and a text, as many and as long as the API takes.
const block = document.querySelector('[data-notes]');
const rows = block.querySelector('[data-note-rows]');
const add = block.querySelector('[data-note-add]');
const first = rows.firstElementChild.cloneNode(true);
const most = Number(block.dataset.most);
const mostBytes = Number(block.dataset.mostBytes);

// A file's notes travel in its request's query, of which the host takes 16 KiB with the name and all.
const mostEncoded = 14_000;

rows.addEventListener('click', event => {
  const row = event.target.closest('[data-note-remove]')?.closest('[data-note]');
  if (!row) return;
  const next = row.nextElementSibling ?? row.previousElementSibling;
  if (next) row.remove();
  else row.querySelectorAll('input').forEach(input => { input.value = ''; });
  (next ?? row).querySelector('input').focus();
  bound();
});
add.addEventListener('click', () => {
  const row = first.cloneNode(true);
  rows.append(row);
  row.querySelector('input').focus();
  bound();
});
block.addEventListener('input', () => say(null));

/** The notes by name; null when they cannot be sent, which the page then says. */
export function notes() {
  const found = Object.create(null);
  let wrong = null;
  for (const row of rows.children) {
    const [name, text] = [...row.querySelectorAll('input')].map(input => input.value);
    if (!name && !text) continue;
    if (!name) wrong ??= ['unnamed', row];
    else if (Object.hasOwn(found, name)) wrong ??= ['twice', row];
    found[name] = text;
  }
  const all = Object.entries(found).flat();
  const length = measure => all.reduce((sum, part) => sum + measure(part), 0);
  if (!wrong && (length(part => new TextEncoder().encode(part).length) > mostBytes || length(part => encodeURIComponent(part).length) > mostEncoded)) {
    wrong = ['tooLong', rows.lastElementChild];
  }
  say(wrong?.[0]);
  wrong?.[1].querySelector('input').focus();
  return wrong ? null : found;
}

function say(what) {
  for (const error of block.querySelectorAll('[data-note-error]')) error.hidden = error.dataset.noteError !== what;
}

function bound() {
  add.disabled = rows.children.length >= most;
}
