// Finds deposits by a file: its digest goes into the form, the file goes nowhere.
import { sha256 } from './hashing.mjs';

const label = document.querySelector('[data-digest-file]');
const progress = document.querySelector('[data-digest-progress]');
label.hidden = false;
label.querySelector('input').addEventListener('change', async event => {
  const [file] = event.target.files;
  if (!file) return;
  const form = label.closest('form');
  try {
    const digest = await sha256(file, { tell: done => { progress.textContent = `${Math.round(done * 100)} %`; } });
    for (const name of ['text', 'since', 'until']) form.elements[name].value = '';
    form.elements.digest.value = digest;
    form.requestSubmit();
  } catch {
    progress.textContent = '✗';
  }
});
