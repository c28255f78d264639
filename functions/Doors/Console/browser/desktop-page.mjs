// A recorded desktop's page: looks again how far it is, marks, captures and takes files without leaving the desktop that stands in the page.
import './desktop-files.mjs';
import { element, notice, t } from './dom.mjs';

/** Milliseconds between two looks: a session's own steps take seconds. */
const pause = 2000;
const state = () => document.querySelector('[data-part=state]');
const own = `/desktops/${state().dataset.session}`;

/** Whether somebody is at work in there. */
const busy = (part) => part.querySelector('details[open]') || (part.contains(document.activeElement) && document.activeElement.matches('input'))
  || [...part.querySelectorAll('input:not([type=hidden])')].some((field) => field.value && field.type !== 'checkbox');

async function look() {
  if (!document.hidden) {
    try {
      const answer = await fetch(own, { redirect: 'error' });
      if (answer.ok) {
        const now = new DOMParser().parseFromString(await answer.text(), 'text/html'), next = now.querySelector('[data-part=state]').dataset;
        // The desktop has gone, or can be entered: then the page is another one.
        if (document.querySelector('iframe.desktop') && !next.usable) return location.replace(own);
        for (const part of document.querySelectorAll('[data-part]')) {
          const other = now.querySelector(`[data-part=${part.dataset.part}]`), same = next.usable && part.dataset.part === 'acts' && state().dataset.usable;
          if (!same && other.innerHTML !== part.innerHTML && (!busy(part) || !next.usable)) part.replaceChildren(...other.childNodes);
        }
        for (const name of ['state', 'usable']) {
          if (next[name] === undefined) delete state().dataset[name];
          else state().dataset[name] = next[name];
        }
        if (!now.querySelector('script[src*="desktop-page"]')) return;
      }
    } catch {
      // No network: the next look tells.
    }
  }
  setTimeout(look, pause);
}

/** A request to the documented API; what it says. */
async function ask(path, body, key = crypto.randomUUID()) {
  const { antiforgery } = document.querySelector('[data-acts]').dataset;
  try {
    const answer = await fetch(`/v1/forensics/sessions/${state().dataset.session}/${path}`, {
      method: 'POST', body: JSON.stringify(body), redirect: 'error',
      headers: { 'content-type': 'application/json', accept: 'application/json', 'x-antiforgery': antiforgery, 'idempotency-key': key },
    });
    return answer.ok ? null : (await answer.json()).detail ?? String(answer.status);
  } catch {
    return t(['连接中断，请再试一次。', 'The connection was lost: try again.']);
  }
}

// Sent twice because an answer was lost, a mark is one.
let key = crypto.randomUUID();

document.addEventListener('submit', async (event) => {
  if (!event.target.matches('[data-capture]')) return;
  event.preventDefault();
  const said = event.target.querySelector('[data-said]'), button = event.target.querySelector('button');
  button.disabled = true;
  const why = await ask('captures');
  button.disabled = false;
  said.replaceChildren(why ? notice('bad', t(['没有固化。', 'Not captured.']), why) : notice('ok', t(['正在固化。', 'It is being captured.'])));
});

document.addEventListener('submit', async (event) => {
  if (!event.target.matches('[data-mark]')) return;
  event.preventDefault();
  const form = event.target, said = form.querySelector('[data-said]'), field = form.querySelector('input[name=note]'), note = field.value;
  const button = form.querySelector('button');
  button.disabled = true;
  const why = await ask('marks', { note }, key);
  button.disabled = false;
  if (!why) {
    key = crypto.randomUUID();
    field.value = '';
  }
  said.replaceChildren(why ? notice('bad', t(['没有标记。', 'Not marked.']), why)
    : notice('ok', t(['已标记：', 'Marked: ']), element('q', {}, note)));
});

setTimeout(look, pause);
