// A draw's page: counts down, takes what has changed when the platform says so, and computes the whole draw again in a worker.
import { element, notice, t } from './dom.mjs';
import { MARKS, OUTCOMES, PASSED, REASONS, RUNGS } from './draw-words.mjs';

const live = document.querySelector('[data-live]');
const parts = from => new Map([...from.querySelectorAll('[data-part]')].map(part => [part.dataset.part, part]));
const served = new Map([...parts(document)].map(([name, part]) => [name, part.innerHTML]));

// ---- Countdown, by the platform's clock

let ahead = Date.parse(live.dataset.now) - Date.now();

function tick() {
  const count = document.querySelector('.stage-count');
  if (count) {
    const left = Math.max(0, Math.ceil((Date.parse(count.dataset.until) - Date.now() - ahead) / 1000));
    const [days, hours, minutes, seconds] = [Math.floor(left / 86_400), Math.floor(left / 3600) % 24, Math.floor(left / 60) % 60, left % 60];
    const clock = [hours, minutes, seconds].map(n => String(n).padStart(2, '0')).join(':');
    count.textContent = left === 0 ? t(['已到时间', 'time is up']) : days > 0 ? `${t([`${days} 天`, `${days} d`])} ${clock}` : clock;
    count.hidden = false;
  }
  setTimeout(tick, 1000 - (Date.now() % 1000));
}
tick();

// ---- Live: an event is the whole state, so whatever was missed does not matter

/** Milliseconds that a lost line is not worth a word: the server ends streams by itself. */
const patience = 3000;
/** Milliseconds over which the visitors of a hall spread what they ask for, so that they do not all ask at once. */
const spread = 1000;
/** Milliseconds until the next try where a stream was refused, and at most: then the page is fetched instead, late but right. */
const [again, seldom] = [3000, 60_000];

const [lost, said] = ['lost', 'said'].map(id => document.getElementById(id));
let [source, missing, fetching, wanted, state, refused] = [null, null, false, '', null, 0];

/** As the page writes it: the chain's newest block changes all the time and is worth no look. */
const markOf = ({ version, chain, rounds }) => [version, chain?.parties.length ?? 0, chain?.parties.filter(p => p.secret !== null).length ?? 0,
  chain?.closed ? 1 : 0, rounds.length].join('/');

function listen() {
  source?.close();
  if (live.dataset.events === undefined) return;
  source = new EventSource(live.dataset.events);
  source.onopen = () => {
    clearTimeout(missing);
    [missing, lost.hidden, refused] = [null, true, 0];
  };
  source.onerror = () => {
    missing ??= setTimeout(() => { lost.hidden = false; }, patience);
    // A refusal ends it for good (HTML, 9.2.2); a line that broke is mended by the browser.
    if (source.readyState !== EventSource.CLOSED) return;
    setTimeout(listen, Math.min(again * 2 ** refused++, seldom));
    if (!fetching && refused > 1) refresh();
  };
  source.addEventListener('draw', ({ data }) => {
    const now = JSON.parse(data);
    tell(now);
    pace(now);
    wanted = markOf(now);
    if (!fetching && wanted !== live.dataset.mark) refresh();
  });
}

/** A deadline is a block: its time follows the chain's pace. */
function pace({ state: stage, chain, commitment }) {
  const count = document.querySelector('.stage-count'), block = { committed: commitment?.commitDeadline, revealing: commitment?.revealDeadline }[stage];
  if (!count || !chain || chain.closed || !block) return;
  count.dataset.until = new Date(Date.parse(chain.headAt) + (block - chain.head) * chain.secondsPerBlock * 1000).toISOString();
}

/** Says in a sentence what has come, to whoever does not see the page. */
function tell(now) {
  const count = of => of.chain?.parties ?? [], open = of => count(of).filter(p => p.secret !== null).length;
  if (state !== null) {
    const news = [];
    if (count(now).length > count(state).length) news.push(t([`收到承诺，共 ${count(now).length} 份。`, `A commit has come: ${count(now).length} now.`]));
    if (open(now) > open(state)) news.push(t([`公开了秘密数，共 ${open(now)} 份。`, `A secret was opened: ${open(now)} now.`]));
    if (now.rounds.length > state.rounds.length) news.push(t([`第 ${now.rounds.length} 轮已摇出。`, `Round ${now.rounds.length} is drawn.`]));
    if (now.state !== state.state) news.push(t(['阶段已变。', 'The draw has moved on.']));
    if (news.length > 0) said.textContent = news.join(' ');
  }
  state = now;
}

async function refresh() {
  fetching = true;
  await new Promise(resolve => { setTimeout(resolve, Math.random() * spread); });
  const asked = wanted;
  try {
    const answer = await fetch(location.href, { redirect: 'error' });
    if (answer.ok) take(new DOMParser().parseFromString(await answer.text(), 'text/html'));
  } catch {
    // No network: the stream comes back and says all of it again.
  }
  fetching = false;
  if (wanted !== asked) refresh();
}

function take(page) {
  const now = page.querySelector('[data-live]');
  const here = parts(document), before = new Set([...document.querySelectorAll('[data-key]')].map(row => row.dataset.key));
  for (const [name, part] of parts(page)) {
    if (served.get(name) === part.innerHTML) continue;
    served.set(name, part.innerHTML);
    const held = here.get(name).contains(document.activeElement) ? document.activeElement.id : '';
    here.get(name).replaceChildren(...part.childNodes);
    if (held) document.getElementById(held)?.focus();
    if (name === 'proof') prepare();
  }
  for (const row of document.querySelectorAll('[data-key]')) row.classList.toggle('fresh', !before.has(row.dataset.key));
  Object.assign(live.dataset, { mark: now.dataset.mark, now: now.dataset.now });
  ahead = Date.parse(now.dataset.now) - Date.now();
  if (now.dataset.events !== undefined) return;
  // It has come to its end: nothing more will be told.
  delete live.dataset.events;
  source.close();
  clearTimeout(missing);
  lost.hidden = true;
}

if (live.dataset.events) {
  listen();
  // A phone that slept may hold a line that is dead without saying so.
  addEventListener('online', () => { if (state !== null) listen(); });
}

// ---- The draw again

const fetchMs = 20_000; // for a small file; the list takes what it takes

async function bytes(url) {
  const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(fetchMs) });
  if (!answer.ok) throw new Error(url);
  return new Uint8Array(await answer.arrayBuffer());
}

/** A drand node's word, when the visitor named one. */
async function beaconOf(node, draw, signature) {
  if (!node || draw.beacon.kind !== 'drand') return { signature, info: null };
  const ask = async path => {
    const answer = await fetch(`${node.replace(/\/$/, '')}/${draw.beacon.chainHash}/${path}`,
      { credentials: 'omit', referrerPolicy: 'no-referrer', redirect: 'error', signal: AbortSignal.timeout(fetchMs) });
    if (!answer.ok) throw new Error(path);
    return answer.json();
  };
  try {
    const [info, round] = await Promise.all([ask('info'), ask(`public/${draw.beacon.round}`)]);
    return { signature: signature ?? round.signature, info };
  } catch {
    return { signature, info: null, unreachable: true };
  }
}

async function prove() {
  const { draw, commitment, result, drand } = document.getElementById('proof').dataset, base = `/v1/public/draws/${draw}`;
  const [cancel, proving] = ['cancel', 'proving'].map(id => document.getElementById(id));
  const made = new Worker(document.getElementById('proof').dataset.worker, { type: 'module' });
  const stop = new AbortController();
  const end = () => {
    stop.abort();
    made.terminate();
    [cancel.hidden, proving.hidden] = [true, true];
    document.getElementById('prove').disabled = false;
  };
  document.getElementById('prove').disabled = true;
  [cancel.hidden, proving.hidden] = [false, false];
  proving.firstElementChild.removeAttribute('value');
  document.getElementById('result').replaceChildren();
  cancel.onclick = end;
  try {
    const names = ['draw.json', 'reveals.json', 'result.json'], files = {};
    await Promise.all(names.map(async name => { files[name] = await bytes(`${base}/files/${name}`); }));
    const view = await (await fetch(base, { redirect: 'error', signal: stop.signal })).json();
    const beacon = await beaconOf(drand, JSON.parse(new TextDecoder().decode(files['draw.json'])), view.chain?.signature ?? null);
    const list = await fetch(`${base}/files/public.csv`, { redirect: 'error', signal: stop.signal });
    if (!list.ok) throw new Error('public.csv');
    const reader = list.body.getReader(), size = view.files.find(file => file.name === 'public.csv')?.bytes ?? 0;
    const found = await new Promise((resolve, reject) => {
      stop.signal.onabort = () => reject(new DOMException('stopped', 'AbortError'));
      made.onerror = () => resolve({ outcome: 'broken', rungs: [] });
      made.onmessage = async ({ data }) => {
        if (data.found) return resolve(data.found);
        if (data.part !== undefined) {
          proving.firstElementChild.value = data.part;
          return;
        }
        try {
          const { value, done } = await reader.read();
          made.postMessage({ piece: done ? null : value }, done ? [] : [value.buffer]);
        } catch (error) {
          reject(error);
        }
      };
      // What the contract has counts before what the page says.
      const onChain = view.state === 'certified' ? view.chain?.outcome : null;
      made.postMessage({ files, size, stated: { drawId: draw, commitment: commitment ?? null, result: onChain ?? result ?? null }, beacon });
    });
    if (beacon.unreachable) for (const rung of found.rungs.filter(r => r.rung === 'beacon' && r.mark === 'unknown')) rung.code = 'beacon-unreachable';
    show(found);
  } catch (error) {
    if (error.name !== 'AbortError') show({ outcome: 'broken', rungs: [{ rung: 'files', mark: 'unknown', code: 'file-missing', about: error.message }] });
  }
  end();
}

function show({ outcome, rungs, why }) {
  const result = document.getElementById('result'), [kind, title, means] = OUTCOMES[outcome];
  result.dataset.outcome = outcome;
  result.replaceChildren(notice(kind, t(title), why || t(means)), element('ol', { class: 'ladder' }, ...rungs.map(({ rung, mark, code, about }) =>
    element('li', { class: `rung rung-${mark}`, 'data-rung': rung, 'data-mark': mark, 'data-code': code },
      element('h3', {}, `${t(RUNGS[rung])} `, element('span', { class: `tag ${{ pass: 'ok', fail: 'bad', unknown: 'unknown' }[mark]}` }, t(MARKS[mark]))),
      element('p', {}, about ? `${about} ` : null, t(mark === 'pass' ? PASSED[rung] : REASONS[code]))))));
}

function prepare() { document.getElementById('prove')?.addEventListener('click', prove); }

prepare();
