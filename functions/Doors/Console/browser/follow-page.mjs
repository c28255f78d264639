// A deposit on its way: looks again until it has come to its end, and then shows the page as it is.
const pause = 3000;
const state = () => document.querySelector('[data-follow]');

async function look() {
  if (!document.hidden) {
    try {
      const answer = await fetch(location.href, { redirect: 'error' });
      const now = answer.ok ? new DOMParser().parseFromString(await answer.text(), 'text/html') : null;
      if (now && now.querySelector('[data-follow]').innerHTML !== state().innerHTML) {
        const ended = !now.querySelector('script[src*="follow"]');
        document.querySelector('main').replaceChildren(...now.querySelector('main').childNodes);
        if (ended) return;
      }
    } catch {
      // No network: the next look tells.
    }
  }
  setTimeout(look, pause);
}

setTimeout(look, pause);
