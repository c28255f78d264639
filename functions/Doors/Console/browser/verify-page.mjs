// The verifier's page: takes a file, hands it to a worker, and shows what came of it. No text goes in but as text.
import { askChain, isOpen } from '../verifier/online.mjs';
import { element, facts, hex, notice, t } from './dom.mjs';
import { MARKS, MEANS, OUTCOMES, RUNGS, TEST, over, reason, subject } from './reasons.mjs';
import { recording } from './recording-part.mjs';

const page = document.getElementById('verifier'), result = document.getElementById('result'), progress = document.getElementById('progress');
const file = document.getElementById('file'), own = document.getElementById('own-trust'), lists = document.getElementById('lists');
const NODE_MS = 20_000, NODE_BYTES = 4 * 1024 * 1024; // the largest answer is a block without its transactions' bodies
const drop = document.getElementById('drop');
let worker = start(), busy = false, chosen = null, manifest = null;

/** Fetched with the page, so that judging needs no network. */
function start() {
  const made = new Worker(page.dataset.worker, { type: 'module' });
  made.onmessage = async ({ data }) => {
    if (!data.result) progress.firstElementChild.value = data.part;
    else if (!page.dataset.node || data.result.kind !== 'bundle' || !isOpen(data.result)) show(data.result);
    else {
      const found = await askChain(data.result, ask);
      if (made === worker && busy) show(found);
    }
  };
  made.onerror = () => show({ kind: 'broken', why: '' });
  return made;
}

/** One question to the node that the visitor named: the only address that this page may speak to. */
async function ask(method, params) {
  const answer = await fetch(page.dataset.node, {
    method: 'POST', body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }), headers: { 'content-type': 'application/json' },
    credentials: 'omit', referrerPolicy: 'no-referrer', redirect: 'error', signal: AbortSignal.timeout(NODE_MS),
  });
  const { result } = JSON.parse(await textOf(answer));
  if (!answer.ok || result === undefined) throw new Error(method);
  return result;
}

async function textOf(answer) {
  const parts = [], reader = answer.body.getReader();
  for (let bytes = 0; ;) {
    const { value, done } = await reader.read();
    if (done) return new Blob(parts).text();
    parts.push(value);
    if ((bytes += value.length) > NODE_BYTES) throw new Error('an answer without end');
  }
}

const fraction = (text) => /\.\d+/.exec(text)?.[0] ?? '';
const local = (text) => `${new Date(Date.parse(text) + 8 * 3600_000).toISOString().slice(0, 19).replace('T', ' ')}${fraction(text)} UTC+08:00`;

/** By the office's clock and by UTC, as letters show times. */
const when = (text) => element('time', { datetime: text }, element('span', { class: 'line' }, local(text)),
  element('span', { class: 'line' }, `${text.slice(0, 19).replace('T', ' ')}${fraction(text)} UTC`));

const TAGS = { pass: 'ok', fail: 'bad', unknown: 'unknown', warn: 'unknown' };

function ladder(verdicts) {
  const worst = (list) => ['fail', 'unknown', 'warn', 'pass'].find((m) => list.some((v) => v.mark === m));
  return element('ol', { class: 'ladder' }, ...Object.keys(RUNGS).filter((rung) => verdicts.some((v) => v.rung === rung)).map((rung) => {
    const list = verdicts.filter((v) => v.rung === rung), mark = worst(list);
    return element('li', { class: `rung rung-${mark}`, 'data-rung': rung },
      element('h3', {}, `${t(RUNGS[rung])} `, element('span', { class: `tag ${TAGS[mark]}` }, t(MARKS[mark]))),
      element('ul', {}, ...list.map((v) => element('li', { 'data-mark': v.mark, 'data-code': v.code },
        element('span', { class: 'subject', title: v.subject }, t(subject(v.subject))), ` ${t(reason(v))} `,
        v.mark === 'pass' ? null : element('code', {}, v.code)))));
  }));
}

function evidence({ manifest: m, manifestDigest, index, checkpoint, tokens, anchor, facts: letter }) {
  if (!m && !letter) return [];
  return [element('h3', {}, t(['证据所载', 'What the evidence says'])), facts([
    [['存证编号', 'Deposit'], m?.id ?? letter?.id], [['存证函编号', 'Letter'], letter?.number], [['存证人', 'Depositor'], m?.depositor ?? letter?.depositor],
    [['收存时间（平台时钟）', 'Received (by the platform’s clock)'], m && when(m.receivedAt)],
    ...(m ?? letter).items.map((i, n) => [[`第 ${n + 1} 项`, `Item ${n + 1}`], element('span', {}, `${i.name || '—'}${i.size === null ? '' : ` · ${i.size} `
      + t(['字节', 'bytes'])} `, hex(i.digests['sha-256'] ?? ''))]),
    [['存证清单摘要', 'Manifest SHA-256'], manifestDigest && hex(manifestDigest)], [['日志', 'Log'], checkpoint?.origin],
    [['日志序号', 'Log index'], index?.toString()], [['检查点条目数', 'Checkpoint size'], checkpoint?.size],
    ...(tokens ?? []).map((k) => [[`可信时间，${k.authority}，${over(k.over)[0]}`, `genTime, ${k.authority}, ${over(k.over)[1]}`],
      when(k.genTime)]),
    [['交易', 'Transaction'], anchor && hex(anchor.transactionHash)], [['出块时间', 'Block time'], anchor && when(anchor.blockTime)],
  ])];
}

function judged(found) {
  const kind = { verified: 'ok', failed: 'bad', unjudged: 'unknown' }[found.outcome];
  const first = found.tokens?.map((k) => k.genTime).sort()[0];
  const test = found.verdicts.some((v) => v.code === 'test-deposit');
  return [...test ? [notice('bad', t(TEST.title), t(TEST.text))] : [],
    notice(kind, t(OUTCOMES[found.outcome]), t(MEANS[found.outcome](first && local(first)))), ladder(found.verdicts), ...evidence(found)];
}

function original({ name, size, digest }) {
  const about = facts([[['文件', 'File'], name], [['字节', 'Bytes'], String(size)], [['SHA-256', 'SHA-256'], hex(digest)]]);
  const items = manifest?.items ?? [], at = items.findIndex((i) => i.digests['sha-256'] === digest && (i.size === null || i.size === size));
  if (!manifest) {
    return [notice('info', t(['这不是证据包或存证函，按原件处理，已算出摘要。', 'This is no bundle and no letter: taken for an original, and hashed.']),
      t(['请再把证据包拖进来，就能看出它是不是当初存证的那份；或者与存证函上的摘要对照。',
        'Drop its bundle too, to see whether it is what was deposited, or compare the digest with the letter.'])), about];
  }
  return [at >= 0 ? notice('ok', t([`与刚才那个证据包的第 ${at + 1} 项逐字节相同。`, `Byte for byte item ${at + 1} of the bundle judged before.`]))
    : notice('bad', t(['与刚才那个证据包的任何一项都不同。', 'None of the items of the bundle judged before.'])), about];
}

const SHOWN = {
  bundle: (found) => { manifest = found.outcome === 'failed' ? null : found.manifest; return judged(found); },
  letter: judged, original, recording,
  trust: () => [notice('bad', t(['选定的信任文件读不懂。', 'The trust file that you chose cannot be read.']))],
  'too-large': () => [notice('unknown', t(['文件太大，浏览器里判断不了。', 'The file is too large to be judged in a browser.']),
    t(['请用命令行工具 notary verify。', 'Use the command notary verify.']))],
  broken: ({ why }) => [notice('unknown', t(['核对程序出了差错，没有结论。', 'The verifier failed: there is no verdict.']), why)],
};

function show(found) {
  progress.hidden = true;
  busy = false;
  result.replaceChildren(element('h2', { tabindex: '-1' }, chosen.name), ...SHOWN[found.kind](found));
  Object.assign(result.dataset, { kind: found.kind, outcome: found.outcome ?? '' });
  result.firstChild.focus({ preventScroll: true });
  result.scrollIntoView({ block: 'start' });
}

function trust() {
  const choice = document.querySelector('input[name=trust]:checked').value;
  if (choice === 'own') return own.files[0] ?? null;
  return choice === 'office' ? new Blob([Uint8Array.from(atob(page.dataset.trust), (c) => c.charCodeAt(0))]) : null;
}

function run() {
  document.getElementById('own-trust-field').hidden = document.querySelector('input[name=trust]:checked').value !== 'own';
  if (!chosen) return;
  if (busy) { // whoever chooses anew does not wait for the old
    worker.terminate();
    worker = start();
  }
  busy = true;
  delete result.dataset.kind;
  result.replaceChildren();
  progress.hidden = false;
  progress.firstElementChild.removeAttribute('value');
  worker.postMessage({ file: chosen, trust: trust(), lists: [...lists.files], now: Date.now() });
}

function take(files) { if (files.length) { [chosen] = files; run(); } }

file.addEventListener('change', () => { take(file.files); file.value = ''; });
for (const e of [own, lists, ...document.querySelectorAll('input[name=trust]')]) e.addEventListener('change', run);
for (const e of ['dragover', 'dragleave', 'drop']) {
  addEventListener(e, (event) => { event.preventDefault(); drop.classList.toggle('over', e === 'dragover'); });
}
addEventListener('drop', (event) => take(event.dataTransfer.files));
file.disabled = false;
