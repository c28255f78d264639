// The browser's draw against what others computed: node draw.mjs EXAMPLE [FOLDER…]. EXAMPLE is docs/draw-format.md, each FOLDER holds a draw's files
// as the platform wrote them, with the ticket.json of one candidate. One line of JSON for each.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { canonical, commitmentOf, fatesOf, handleOf, isIn, masked, normal, read, seedOf } from '../../../functions/Doors/Console/browser/draw.mjs';
import { checkDraw } from '../../../functions/Doors/Console/browser/draw-check.mjs';

const [example, ...folders] = process.argv.slice(2);
const names = ['draw.json', 'reveals.json', 'result.json', 'public.csv', 'ticket.json'];

function exampleFiles() {
  const text = fs.readFileSync(example, 'utf8'), files = {};
  for (const [, name, body] of text.matchAll(/`([a-z.]+)`(?: of the first row of the list)?:\n\n```text\n([\s\S]*?)```/g)) {
    files[name] = Buffer.from(name.endsWith('.json') ? body.replaceAll('\n', '') : body);
  }
  return files;
}

const filesOf = folder => Object.fromEntries(names.map(name => [name, fs.readFileSync(path.join(folder, name))]));

/** In pieces of odd sizes, so that rows are cut everywhere. */
async function* cut(bytes) {
  for (let at = 0, size = 1; at < bytes.length; at += size, size = Math.min(size * 3 % 700_001 + 1, 4_000_000)) yield bytes.subarray(at, at + size);
}

async function judge(files, change = {}) {
  const all = { ...files, ...change };
  const stated = { drawId: null, commitment: null, result: null };
  return checkDraw({ files: all, pieces: cut(all['public.csv']), size: all['public.csv'].length, stated, beacon: { signature: null, info: null } });
}

/** Each damage, and the rungs that fail by it. */
async function damaged(files) {
  const [draw, result, reveals] = ['draw.json', 'result.json', 'reveals.json'].map(name => JSON.parse(files[name]));
  const bytes = value => Buffer.from(canonical(value)), csv = files['public.csv'].toString();
  const other = hex => (hex[0] === '0' ? '1' : '0') + hex.slice(1), row = csv.split('\n')[1];
  const damages = {
    quota: { 'draw.json': bytes({ ...draw, rules: { ...draw.rules, rounds: draw.rules.rounds.map(r => ({ ...r, quota: r.quota + 1 })) } }) },
    weight: { 'public.csv': Buffer.from(csv.replace(row, row.replace(/^([^,]+),(\d+),/, (_, h, w) => `${h},${w === '1' ? 2 : 1},`))) },
    removed: { 'public.csv': Buffer.from(csv.replace(`${row}\n`, '')) },
    secret: { 'reveals.json': bytes({ ...reveals, commits: reveals.commits.map(c => ({ ...c, secret: c.secret && other(c.secret) })) }) },
    beacon: { 'reveals.json': bytes({ ...reveals, beacon: { ...reveals.beacon, value: other(reveals.beacon.value) } }) },
    last: { 'result.json': bytes({ ...result, rounds: result.rounds.map(r => ({ ...r, lastWinner: r.lastWinner && other(r.lastWinner) })) }) },
    table: { 'result.json': bytes({ ...result, winners: { ...result.winners, sha256: other(result.winners.sha256) } }) },
    spelled: { 'result.json': Buffer.from(` ${files['result.json']}`) },
    unknown: { 'result.json': bytes({ ...result, more: 1 }) },
  };
  const found = {};
  for (const [name, change] of Object.entries(damages)) {
    found[name] = (await judge(files, change)).rungs.filter(r => r.mark === 'fail').map(r => r.code).join(' ');
  }
  return found;
}

for (const folder of [null, ...folders]) {
  const files = folder ? filesOf(folder) : exampleFiles();
  const [draw, reveals, result] = ['draw.json', 'reveals.json', 'result.json'].map(name => read(name, files[name])), ticket = JSON.parse(files['ticket.json']);
  const handle = handleOf(ticket.salt, ticket.id, ticket.name), mine = { ...ticket, handle, name: masked(ticket.name) };
  const started = performance.now(), { outcome, rungs } = await judge(files);
  console.log(JSON.stringify({
    outcome, marks: rungs.map(r => `${r.rung} ${r.mark}`).join(', '), milliseconds: Math.round(performance.now() - started), handle,
    normal: normal('id', ` ${ticket.id}\u3000`) === ticket.id && normal('id', '\uff11') === null && normal('name', 'e\u0301') === 'é',
    isIn: isIn(draw.list, mine), elsewhere: isIn(draw.list, { ...mine, weight: ticket.weight + 1 }),
    fates: fatesOf(draw, result, mine).map(f => `${f.fate} ${f.number ?? ''}`.trim()).join(', '),
    seed: seedOf(createHash('sha256').update(files['draw.json']).digest('hex'), reveals) === result.seed,
    opened: reveals.commits.filter(c => c.secret && commitmentOf(draw.drawId, c) === c.commitment).length,
    damaged: folder ? null : await damaged(files),
  }));
}
