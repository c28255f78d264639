// The letter as pictures on its deposit's page, once the reader asks for them.
document.addEventListener('click', async event => {
  const button = event.target.closest('[data-letter-view]');
  if (!button) return;
  const { letterView, letterWorker, letter, name } = button.dataset;
  const block = button.closest('[data-letter-block]');
  const say = what => { for (const text of block.querySelectorAll('[data-says]')) text.hidden = text.dataset.says !== what; };
  button.disabled = true;
  say('loading');
  try {
    const [{ draw }, answer] = await Promise.all([import(letterView), fetch(letter, { headers: { accept: 'application/pdf' }, redirect: 'error' })]);
    if (!answer.ok) throw new Error(answer.status);
    const { pages, shown } = await draw(new Uint8Array(await answer.arrayBuffer()), letterWorker, block.querySelector('[data-pages]'), name);
    button.hidden = true;
    say(shown < pages ? 'more' : null);
  } catch (error) {
    console.warn(error);
    button.disabled = false;
    say('failed');
  }
});
