// A candidate's own proof. Id and name stay here; the platform is asked for the public handle that is computed from them, and for public files.
import { bytesOf, commitmentOf, digest, fatesOf, handleOf, hexOf, isIn, Malformed, masked, normal, read, seedOf } from './draw.mjs';
import { element, facts, hex, notice, t } from './dom.mjs';
import { FATES, FLAWS, WHY } from './draw-words.mjs';

const [form, looking, result] = ['mine', 'looking', 'result'].map(id => document.getElementById(id));
const [id, name, salt] = ['my-id', 'my-name', 'my-salt'].map(field => document.getElementById(field));
const { draw: drawId, commitment, result: stated, state } = form.dataset, base = `/v1/public/draws/${drawId}`;
const fetchMs = 60_000; // also for the table of winners on a phone's line
/** Bytes of winners.csv that are read for one candidate's row: some half million places. */
const mostTable = 64 * 2 ** 20;

class Missing extends Error {}

async function get(path) {
  const answer = await fetch(`${base}/${path}`, { redirect: 'error', signal: AbortSignal.timeout(fetchMs) });
  if (answer.status === 404) throw new Missing(path);
  if (!answer.ok) throw new Error(path);
  return answer;
}

const file = async path => new Uint8Array(await (await get(`files/${path}`)).arrayBuffer());

/** His rows of winners.csv, and the file's digest; null when it is too long to be read here. */
async function tableOf(handle, size) {
  if (size > mostTable) return null;
  const bytes = await file('winners.csv');
  const rows = new TextDecoder().decode(bytes).split('\n').map(row => row.split(',')).filter(row => row[4] === handle);
  const places = rows.map(row => [Number(row[0]), { fate: row[1] === 'winner' ? 'won' : 'reserve', rank: row[2], number: row[6] }]);
  return { digest: hexOf(digest(bytes)), places: new Map(places) };
}

/** Everything about one candidate: his line, his fates, and what is not as it should be. */
async function look(handle, own) {
  const view = await (await fetch(base, { redirect: 'error', signal: AbortSignal.timeout(fetchMs) })).json();
  let line;
  try { line = await (await get(`candidates/${handle}`)).json(); } catch (error) { if (error instanceof Missing) return { view }; throw error; }
  const mine = { ...line, handle }, flaws = [];
  const there = what => view.files.some(f => f.name === what);
  if (line.name !== masked(own.name)) flaws.push('handle');
  if (!there('draw.json')) {
    if (view.list && !isIn(view.list, mine)) flaws.push('list');
    return { view, mine, flaws };
  }
  const drawBytes = await file('draw.json'), draw = read('draw.json', drawBytes), fixed = hexOf(digest(drawBytes));
  if (fixed !== (commitment ?? fixed) || fixed !== (view.commitment?.digest ?? fixed) || draw.drawId !== drawId) flaws.push('commitment');
  if (!isIn(draw.list, mine)) flaws.push('list');
  if (!there('result.json')) return { view, mine, flaws };

  const resultBytes = await file('result.json'), given = read('result.json', resultBytes), reveals = read('reveals.json', await file('reveals.json'));
  const found = hexOf(digest(resultBytes));
  const onChain = view.state === 'certified' ? view.chain?.outcome : null;
  if ([stated, view.result, onChain].some(one => found !== (one ?? found))) flaws.push('result');
  if (given.commitment !== fixed || given.drawId !== drawId || given.kind !== draw.kind || given.rounds.length !== draw.rules.rounds.length) flaws.push('draw');
  if (reveals.commits.some(c => c.secret !== null && commitmentOf(drawId, c) !== c.commitment)) flaws.push('reveals');
  if (seedOf(fixed, reveals) !== given.seed) flaws.push('seed');
  if (flaws.includes('draw')) return { view, mine, flaws };
  const fates = fatesOf(draw, given, mine), table = there('winners.csv') ? await tableOf(handle, view.files.find(f => f.name === 'winners.csv').bytes) : null;
  if (table && table.digest !== given.winners.sha256) flaws.push('table');
  if (table && fates.some(({ fate, number }, i) => {
    const place = table.places.get(i + 1);
    return place ? place.fate !== fate || place.number !== number : fate === 'won' || fate === 'reserve';
  })) flaws.push('place');
  return { view, mine, flaws, compared: table !== null,
    fates: fates.map((fate, i) => ({ ...fate, rank: table?.places.get(i + 1)?.rank, given: given.rounds[i] })) };
}

function round({ fate, number, numbers, ticket, rank, given }, i) {
  const [tone, words] = FATES[fate];
  return element('li', { 'data-fate': fate },
    element('h3', {}, t([`第 ${i + 1} 轮`, `Round ${i + 1}`]), element('span', { class: `tag ${tone}` },
      t(words), rank ? t([`，第 ${rank} 名`, `, place ${rank}`]) : '')),
    number ? element('p', {}, t(WHY[fate])) : null,
    number ? facts([
      [['您的号码', 'Your number'], hex(number)],
      [['由几个号中最小的', 'The smallest of'], numbers.length > 1 ? t([`${numbers.length} 个号中的第 ${ticket} 个`, `${numbers.length}: the ${ticket}. of them`]) : null],
      [['末位中签号码', 'Last that won'], given.lastWinner ? hex(given.lastWinner) : '—'],
      [['末位候补号码', 'Last in reserve'], given.lastReserve ? hex(given.lastReserve) : null],
    ]) : null);
}

function shown({ view, mine, flaws = [], fates, compared }, handle) {
  if (!mine) {
    return [notice('bad', t(['名单上没有这个人。', 'Nobody of that id and name is in the list.']), t([
      '请核对证件号码、姓名和个人码是否与登记时完全一致（包括姓名中的点和空格）。若都无误，请在异议期内提出异议。',
      'Check that id, name and personal code are exactly as registered, dots and blanks in the name too. If they are, object while objections are taken.'])),
    facts([[['由填写的内容算出的公开标识', 'Handle computed from what you typed'], hex(handle)]])];
  }
  const about = facts([[['名单上的序号', 'Number in the list'], String(mine.position)], [['组', 'Group'], mine.group || null], [['权数', 'Weight'], String(mine.weight)],
    [['公开标识', 'Handle'], hex(handle)]]);
  if (flaws.length > 0) {
    return [notice('bad', t(['公布的内容自相矛盾，请保存本页并向本处提出。', 'What was published contradicts itself. Keep this page and tell the office.']),
      ...flaws.map(flaw => t(FLAWS[flaw]))), about, ...(fates ? [element('ol', { class: 'fates' }, ...fates.map(round))] : [])];
  }
  if (!fates) {
    const how = view.list ? t(['您的这一行确在名单的树根之下，谁也不能悄悄拿掉。', 'Your line is under the list’s root: nobody can take it out unseen.']) : '';
    return [notice('ok', t(['您在名单上。', 'You are in the list.']), how, t(state === 'aborted' ? ['这场摇号已经终止，没有结果。', 'This draw was aborted and has no result.']
      : ['还没有摇号；摇出之后在这里就能看到自己的号码。', 'Nothing is drawn yet; your numbers will be here afterwards.'])), about];
  }
  const best = ['won', 'reserve'].find(fate => fates.some(f => f.fate === fate)), at = fates.findIndex(f => f.fate === best) + 1;
  const rehearsal = view.kind === 'rehearsal' ? t(['演练：', 'Rehearsal: ']) : '';
  const title = best === 'won' ? [`您在第 ${at} 轮中签。`, `You won in round ${at}.`] : best === 'reserve' ? [`您是第 ${at} 轮的候补。`, `You are in reserve in round ${at}.`]
    : ['您没有中签。', 'You were not drawn.'];
  const table = compared ? ['，与中签名单相符。', ', and agree with the table of winners.']
    : ['。中签名单太长，没有对照。', '. The table of winners is too long to be compared here.'];
  return [notice(best === 'won' ? 'ok' : 'info', rehearsal + t(title), t([
    `您在定稿的名单上；号码是在您的浏览器里由公布的种子算出的${table[0]}`,
    `You are in the list that was fixed; your numbers were computed in your browser from the published seed${table[1]}`])),
  about, element('ol', { class: 'fates' }, ...fates.map(round))];
}

function say(...parts) {
  looking.hidden = true;
  result.replaceChildren(...parts);
}

form.addEventListener('submit', async event => {
  event.preventDefault();
  const own = { id: normal('id', id.value), name: normal('name', name.value) }, code = salt.value.trim().toLowerCase();
  delete result.dataset.outcome;
  if (own.id === null || own.name === null) return say(notice('bad', t(['证件号码或姓名里有名单不会有的字符。', 'Id or name has characters that no list can have.'])));
  if (!/^[0-9a-f]{64}$/.test(code)) return say(notice('bad', t(['个人码不对：应为 64 位数字和 a 至 f 的字母。', 'The personal code is 64 hexadecimal digits.'])));
  looking.hidden = false;
  result.replaceChildren();
  const handle = handleOf(code, own.id, own.name);
  try {
    const found = await look(handle, own);
    say(...shown(found, handle));
    result.dataset.outcome = !found.mine ? 'missing' : found.flaws.length > 0 ? 'flawed' : 'good';
  } catch (error) {
    say(error instanceof Malformed ? notice('bad', t(['公布的文件不合规定，读不懂。', 'A published file is not what the format demands.']), error.message)
      : notice('unknown', t(['此刻取不到公开的文件，请稍后再试。', 'The public files cannot be had just now; try again later.'])));
    result.dataset.outcome = error instanceof Malformed ? 'flawed' : 'unreached';
  }
});

const given = new URLSearchParams(location.hash.slice(1)).get('salt');
if (given && bytesOf(given).length === 32) {
  salt.value = given;
  document.getElementById('my-salt-field').hidden = true;
}
form.querySelector('button').disabled = false;
