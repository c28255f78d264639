// An organiser's page of a draw: sends its list by the API, and makes personal links from a file that stays here.
import { element, notice, t } from './dom.mjs';
import { linksOf } from './draw-links.mjs';
import { Cancelled, exchange } from './exchange.mjs';
import { BadRow, formatOf } from './list-rows.mjs';

const types = { csv: 'text/csv', ndjson: 'application/x-ndjson' };
/** Milliseconds that the platform may take for sorting fifty million rows after the last byte has come. */
const patience = 600_000;
/** Bytes of a list whose links are made here: as text in memory, some four times as much. The command takes any. */
const mostLinks = 256 * 2 ** 20;

const REASONS = {
  'row-fields': ['列数与首行不同，或成员缺少、多余、重复、类型不对', 'not as many fields as the first line, or a member missing, unknown, repeated or of another type'],
  'row-quotes': ['引号没有成对，或出现在没有加引号的字段里', 'a quote that is not closed, or in a field that is not quoted'],
  'row-json': ['不是一个 JSON 对象', 'not one JSON object'],
  'row-long': ['这一行太长（也可能是引号没有闭合）', 'too long; a quote that is never closed does this'],
  'row-encoding': ['不是所选的编码：请换一种编码再传', 'not in the encoding that was chosen: choose the other one'],
  'id-empty': ['id 为空', 'the id is empty'],
  'id-repeated': ['id 重复', 'the id is there twice'],
  'group-unknown': ['方案里没有这个组', 'a group that the plan does not have'],
  weight: ['权数不是 1 到 100 的整数', 'the weight is not a whole number from 1 to 100'],
  columns: ['首行没有名为 id 的列', 'the first line names no column id'],
};
const FIELDS = { id: ['id', 'the id'], name: ['name', 'the name'], group: ['group', 'the group'] };

function reason({ code, first }) {
  if (code === 'id-repeated' && first) return t([`id 与第 ${first} 行重复`, `the id of line ${first} again`]);
  if (REASONS[code]) return t(REASONS[code]);
  const [field, what] = code.split('-'), name = t(FIELDS[field] ?? [field, field]);
  return what === 'long' ? t([`${name} 太长`, `${name} is too long`]) : t([`${name} 有不允许的字符`, `${name} has a character that is not permitted`]);
}

// ---- The list

const form = document.querySelector('form[data-list]');

/** What the platform said to a list that it did not take. */
function refused({ status, text }) {
  let problem = {};
  try { problem = JSON.parse(text); } catch { /* a proxy's page */ }
  if (status === 401) return [notice('bad', t(['登录已结束，请重新登录。', 'Signed out: sign in again.']))];
  if (!problem.refusals) {
    const title = t(status === 0 ? ['连接中断，名单没有收下；请再传一次。', 'The connection was lost and the list was not taken: send it again.']
      : ['名单没有收下。', 'The list was not taken.']);
    return [notice('bad', title, problem.detail ?? '')];
  }
  const { refusals, total } = problem, cell = (name, value) => element('td', { 'data-label': name }, value);
  const [line, why] = [t(['行', 'Line']), t(['原因', 'Reason'])];
  return [
    notice('bad', t([`名单没有收下：${total} 行有问题。`, `The list was not taken: ${total} ${total === 1 ? 'row is' : 'rows are'} wrong.`]),
      t(['请改正后整份重传；此前的名单（如有）没有变。', 'Mend them and send the whole list again; a list from before, if there is one, has not changed.'])),
    element('div', { class: 'table stack' }, element('table', {},
      element('caption', {}, refusals.length < total ? t([`前 ${refusals.length} 行`, `The first ${refusals.length}`]) : t(['全部', 'All of them'])),
      element('thead', {}, element('tr', {}, element('th', {}, line), element('th', {}, why))),
      element('tbody', {}, ...refusals.map(row => element('tr', { 'data-code': row.code }, cell(line, String(row.line)), cell(why, reason(row))))))),
  ];
}

async function upload() {
  const [button, cancel, progress, outcome] = ['.button', '[data-cancel]', '[data-progress]', '[data-outcome]'].map(part => form.querySelector(part));
  const file = form.querySelector('input[type=file]').files[0], stop = new AbortController();
  const leaving = event => event.preventDefault();
  addEventListener('beforeunload', leaving);
  [button.disabled, cancel.hidden, progress.hidden] = [true, false, false];
  cancel.onclick = () => stop.abort();
  outcome.replaceChildren();
  const says = progress.lastElementChild;
  says.textContent = t(['正在上传', 'uploading']);
  try {
    const answer = await exchange('PUT', `/v1/draws/${form.dataset.draw}/list`, {
      headers: { 'content-type': `${types[formatOf(file.name)]}; charset=${form.querySelector('select').value}`, 'x-antiforgery': form.dataset.antiforgery,
        accept: 'application/json' },
      body: file, signal: stop.signal, patience,
      progress: part => {
        progress.firstElementChild.value = part;
        if (part >= 1) says.textContent = t(['正在核对和排序', 'being checked and sorted']);
      },
    });
    removeEventListener('beforeunload', leaving);
    if (answer.status === 200) return location.reload();
    outcome.replaceChildren(...refused(answer));
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
    outcome.replaceChildren(notice('info', t(['已停止，没有收下任何内容。', 'Stopped: nothing was taken.'])));
  } finally {
    removeEventListener('beforeunload', leaving);
    [button.disabled, cancel.hidden, progress.hidden] = [false, true, true];
  }
}

if (form) {
  form.addEventListener('submit', event => { event.preventDefault(); upload(); });
  form.querySelector('.button').disabled = false;
}

// ---- Personal links

const links = document.querySelector('[data-links]');

function save(name, pieces, type) {
  const address = URL.createObjectURL(new Blob(pieces, { type }));
  element('a', { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), patience);
}

async function secretOf() {
  const answer = await exchange('GET', `/v1/draws/${links.dataset.draw}/list-secret`, { headers: { accept: 'application/json' } });
  if (answer.status !== 200) throw new Error(String(answer.status));
  return JSON.parse(answer.text).secret;
}

async function makeLinks(made) {
  const file = made.querySelector('input[type=file]').files[0], { draw, address, candidates } = links.dataset;
  if (file.size > mostLinks) {
    return notice('bad', t(['名单太大，浏览器里生成不了；请用下面的命令。', 'The list is too large for a browser: use the command below.']));
  }
  const bar = made.querySelector('progress');
  try {
    const before = `${address}/draws/${draw}/mine#salt=`;
    const { count, pieces } = await linksOf(file, made.querySelector('select').value, await secretOf(), before, part => { bar.value = part; });
    if (String(count) !== candidates) {
      return notice('bad', t([`这不是上传的那份名单：文件里有 ${count} 人，名单上有 ${candidates} 人。`,
        `This is not the list that was uploaded: the file has ${count} candidates, the list ${candidates}.`]));
    }
    save('links.csv', pieces, 'text/csv');
    return notice('ok', t([`已生成 ${count} 个链接，存为 links.csv。`, `${count} ${count === 1 ? 'link was' : 'links were'} made and saved as links.csv.`]),
      t(['文件没有离开这台设备。', 'Your file did not leave this device.']));
  } catch (error) {
    if (error instanceof BadRow) {
      return notice('bad', t([`第 ${error.line} 行读不懂：`, `Line ${error.line}: `]) + reason(error));
    }
    return notice('bad', t(['没有成功：文件读不出来，或取不到名单密钥。', 'Not done: the file cannot be read, or the list’s secret cannot be had.']));
  }
}

if (links) {
  const made = links.querySelector('form'), [outcome, progress] = ['[data-outcome]', '[data-progress]'].map(part => made.querySelector(part));
  made.addEventListener('submit', async event => {
    event.preventDefault();
    const button = made.querySelector('.button');
    [button.disabled, progress.hidden] = [true, false];
    outcome.replaceChildren();
    outcome.replaceChildren(await makeLinks(made));
    [button.disabled, progress.hidden] = [false, true];
  });
  made.querySelector('[data-secret]').addEventListener('click', async () => {
    try {
      save('list-secret.txt', [`${await secretOf()}\n`], 'text/plain');
      outcome.replaceChildren(notice('ok', t(['已存为 list-secret.txt。请像名单一样保管。', 'Saved as list-secret.txt. Keep it as you keep the list.'])));
    } catch {
      outcome.replaceChildren(notice('bad', t(['此刻取不到名单密钥。', 'The list’s secret cannot be had just now.'])));
    }
  });
  made.querySelector('.button').disabled = false;
}
