// What is on its way, a deposit or a process: looks again until it has come to its end, and then shows the page as it is.
// Where somebody is about to send a form, only what is followed is shown anew.
const pause = 3000;
const state = () => document.querySelector('[data-follow]');

async function look() {
  if (!document.hidden) {
    try {
      const answer = await fetch(location.href, { redirect: 'error' });
      const now = answer.ok ? new DOMParser().parseFromString(await answer.text(), 'text/html') : null;
      if (now && now.querySelector('[data-follow]').innerHTML !== state().innerHTML) {
        const ended = !now.querySelector('script[src*="follow"]');
        const busy = document.querySelector('main details[open] form');
        const part = busy ? '[data-follow]' : 'main';
        document.querySelector(part).replaceChildren(...now.querySelector(part).childNodes);
        if (ended) return;
      }
    } catch {
      // No network: the next look tells.
    }
  }
  setTimeout(look, pause);
}

setTimeout(look, pause);
