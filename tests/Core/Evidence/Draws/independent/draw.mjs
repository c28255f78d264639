// notary-draw/1 once more, written from docs/draw-format.md alone, with nothing but Node. Its bytes must be those of the product.
// As a program: one question a line (JSON), one answer a line. As a module: see the exports.
import { createHash, createHmac } from 'node:crypto';
import fs from 'node:fs';

const SPEC = 'notary-draw/1';
const utf8 = (text) => Buffer.from(text, 'utf8');
const hex = (text) => Buffer.from(text, 'hex');
const sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const u8 = (n) => Buffer.from([n]);
const u32 = (n) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(n);
  return bytes;
};
const sized = (bytes) => Buffer.concat([u8(bytes.length), bytes]);
const domain = (what) => utf8(`${SPEC} ${what}\0`);

// RFC 8785 for what the files hold: objects, arrays, strings, whole numbers, booleans, null.
export const jcs = (value) => {
  if (Array.isArray(value)) return `[${value.map(jcs).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${jcs(value[key])}`).join(',')}}`;
};

// ---- 1. The candidate list

export class Refused extends Error {}

const BLANK = '\\u0009\\u0020\\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000';
const LAST_TWO = Array.from({ length: 16 }, (_, i) => `\\u{${(i + 1).toString(16)}fffe}\\u{${(i + 1).toString(16)}ffff}`).join('');
const COMMON = '\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufdd0-\\ufdef\\ufeff'
  + `\\ufff9-\\uffff\\u{e0000}-\\u{e007f}${LAST_TWO}`;
const ENDS = new RegExp(`^[${BLANK}]+|[${BLANK}]+$`, 'gu');
const FIELDS = {
  id: { least: 1, most: 64, refused: new RegExp(`[${COMMON}${BLANK}\\u200c\\u200d\\uff00-\\uffef]`, 'u') },
  name: { least: 0, most: 200, refused: new RegExp(`[${COMMON}]`, 'u') },
  group: { least: 0, most: 32, refused: new RegExp(`[${COMMON}",]`, 'u') },
};

const normalise = (field, text) => {
  const { least, most, refused } = FIELDS[field];
  if (!text.isWellFormed()) throw new Refused(`${field}: lone surrogate`);
  const normal = text.normalize('NFC').replace(ENDS, '');
  const length = utf8(normal).length;
  if (refused.test(normal) || length < least || length > most) throw new Refused(field);
  return normal;
};

const text = (bytes) => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refused('not UTF-8');
  }
};

// Rows as bytes: a line feed within quotes ends none where quotes count.
const rows = (bytes, quotes) => {
  const found = [];
  let [start, inside] = [0, false];
  for (let at = 0; at < bytes.length; at++) {
    if (quotes && bytes[at] === 0x22) inside = !inside;
    if (bytes[at] !== 0x0a || inside) continue;
    found.push(bytes.subarray(start, at));
    start = at + 1;
  }
  if (start < bytes.length) found.push(bytes.subarray(start));
  return found.map((row) => (row.at(-1) === 0x0d ? row.subarray(0, -1) : row));
};

const csvFields = (row) => {
  const fields = [];
  for (let at = 0; ;) {
    if (row[at] === '"') {
      let field = '';
      for (at++; ; at++) {
        if (at >= row.length) throw new Refused('quotes');
        if (row[at] === '"' && row[++at] !== '"') break;
        field += row[at];
      }
      fields.push(field);
      if (at < row.length && row[at] !== ',') throw new Refused('quotes');
    } else {
      const comma = row.indexOf(',', at);
      const end = comma < 0 ? row.length : comma;
      fields.push(row.slice(at, end));
      if (fields.at(-1).includes('"')) throw new Refused('quotes');
      at = end;
    }
    if (at >= row.length) return fields;
    at++;
  }
};

const STRING = '"(?:[^"\\\\\\u0000-\\u001f]|\\\\(?:["\\\\/bfnrt]|u[0-9a-fA-F]{4}))*"';
const NUMBER = '-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?';
const MEMBER = new RegExp(`[ \\t\\r\\n]*(${STRING})[ \\t\\r\\n]*:[ \\t\\r\\n]*(${STRING}|${NUMBER})[ \\t\\r\\n]*`, 'y');

const jsonMembers = (row) => {
  const inner = /^[ \t\r\n]*\{([\s\S]*)\}[ \t\r\n]*$/.exec(row)?.[1];
  if (inner === undefined) throw new Refused('no object');
  const members = new Map();
  for (let at = 0; ; at++) {
    MEMBER.lastIndex = at;
    const found = MEMBER.exec(inner);
    if (!found) throw new Refused('no member');
    const [name, value] = [JSON.parse(found[1]), JSON.parse(found[2])];
    if (members.has(name) || !['id', 'name', 'group', 'weight'].includes(name)) throw new Refused('member');
    if ((name === 'weight') !== (typeof value === 'number')) throw new Refused('type');
    members.set(name, value);
    at = MEMBER.lastIndex;
    if (at === inner.length) return members;
    if (inner[at] !== ',') throw new Refused('comma');
  }
};

export const readList = (bytes, format, groups) => {
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
  let all = rows(start, format === 'csv');
  let columns = null;
  if (format === 'csv') {
    columns = text(all.shift() ?? Buffer.alloc(0)).split(',');
    const known = columns.every((c, i) => ['id', 'name', 'group', 'weight'].includes(c) && columns.indexOf(c) === i);
    if (!known || !columns.includes('id')) throw new Refused('columns');
  }
  const seen = new Set();
  const candidates = [];
  for (const row of all) {
    if (row.length === 0) continue;
    if (row.length > 65536) throw new Refused('row');
    let members;
    if (columns) {
      const fields = csvFields(text(row));
      if (fields.length !== columns.length) throw new Refused('fields');
      members = new Map(columns.map((c, i) => [c, fields[i]]));
      if (members.has('weight')) {
        if (!/^(?:[1-9][0-9]?|100)$/.test(members.get('weight'))) throw new Refused('weight');
        members.set('weight', Number(members.get('weight')));
      }
    } else {
      members = jsonMembers(text(row));
      if (!members.has('id')) throw new Refused('id');
    }
    const weight = members.get('weight') ?? 1;
    if (!Number.isInteger(weight) || weight < 1 || weight > 100) throw new Refused('weight');
    const id = normalise('id', members.get('id'));
    const name = normalise('name', members.get('name') ?? '');
    const group = normalise('group', members.get('group') ?? '');
    if (groups.length === 0 ? group !== '' : !groups.includes(group)) throw new Refused('group');
    const folded = fold(id);
    if (seen.has(folded)) throw new Refused('twice');
    seen.add(folded);
    candidates.push({ id, name, group, weight });
  }
  if (candidates.length === 0) throw new Refused('empty');
  return candidates;
};

// ---- 2. The public list

const fold = (id) => id.replace(/[a-z]/g, (c) => c.toUpperCase());

export const saltOf = (secret, id) => createHmac('sha256', secret).update(domain('salt')).update(utf8(fold(id))).digest();

export const handleOf = (salt, id, name) => sha256(domain('candidate'), salt, sized(utf8(id)), sized(utf8(name)));

export const mask = (name) => {
  const points = [...name];
  if (points.length === 0) return '';
  const hidden = points.length === 1 || /^[\x00-\x7f]$/.test(points[0]) && !/^[A-Za-z0-9]$/.test(points[0]);
  return (hidden ? '*' : points[0]) + '*'.repeat(Math.min(points.length - 1, 3));
};

const leafOf = ({ handle, weight, group, masked }) => Buffer.concat([handle, u8(weight), sized(utf8(group)), sized(utf8(masked))]);
const leafHash = (candidate) => sha256(u8(0), leafOf(candidate));
const nodeHash = (left, right) => sha256(u8(1), left, right);

const split = (size) => {
  let k = 1;
  while (k * 2 < size) k *= 2;
  return k;
};

const rootOf = (hashes) => (hashes.length === 1 ? hashes[0]
  : nodeHash(rootOf(hashes.slice(0, split(hashes.length))), rootOf(hashes.slice(split(hashes.length)))));

const pathOf = (index, hashes) => {
  if (hashes.length === 1) return [];
  const k = split(hashes.length);
  const [left, right] = [hashes.slice(0, k), hashes.slice(k)];
  return index < k ? [...pathOf(index, left), rootOf(right)] : [...pathOf(index - k, right), rootOf(left)];
};

export const publish = (candidates, secret) => candidates.map(({ id, name, group, weight }) => {
  const salt = saltOf(secret, id);
  return { id, name, group, weight, salt, handle: handleOf(salt, id, name), masked: mask(name) };
}).sort((a, b) => Buffer.compare(a.handle, b.handle));

export const publicCsv = (list) => ['handle,weight,group,name',
  ...list.map((c) => [c.handle.toString('hex'), c.weight, c.group, c.masked].join(','))].map((line) => `${line}\n`).join('');

export const listCommitment = (list) => ({
  root: rootOf(list.map(leafHash)).toString('hex'),
  candidates: list.length,
  tickets: list.reduce((sum, c) => sum + c.weight, 0),
});

// ---- 4. The seed

export const seedOf = (commitment, reveals) => {
  const revealed = reveals.commits.map((c, index) => ({ index, secret: c.secret })).filter((r) => r.secret !== null);
  return sha256(domain('seed'), commitment, u32(revealed.length), ...revealed.flatMap((r) => [u32(r.index), hex(r.secret)]),
    u8(reveals.beacon.kind === 'drand' ? 1 : 2), hex(reveals.beacon.value));
};

// ---- 5 and 6. Tickets and rounds

const prefixOf = (seed, round) => Buffer.concat([utf8(`${SPEC} ticket`), Buffer.alloc(12), sha256(domain('round'), seed, u32(round))]);

const smallest = (prefix, handle, tickets) => {
  let best = null;
  for (let t = 1; t <= tickets; t++) {
    const number = sha256(prefix, handle, u8(t)).subarray(0, 16);
    if (best === null || Buffer.compare(number, best.number) < 0) best = { number, ticket: t };
  }
  return best;
};

export const drawRounds = (rules, list, seed) => {
  const won = new Set();
  return rules.rounds.map((round, i) => {
    const prefix = prefixOf(seed, i + 1);
    const eligible = list.map((c, at) => ({ c, at }))
      .filter(({ c, at }) => (round.groups.length === 0 || round.groups.includes(c.group)) && (round.earlierWinners || !won.has(at)));
    const tickets = ({ c }) => (round.weights ? c.weight : 1);
    const order = eligible.map((e) => ({ ...e, ...smallest(prefix, e.c.handle, tickets(e)) }))
      .sort((a, b) => Buffer.compare(a.number, b.number) || Buffer.compare(a.c.handle, b.c.handle));
    const winners = order.slice(0, round.quota);
    for (const { at } of winners) won.add(at);
    const reserves = order.slice(round.quota, round.quota + round.reserves);
    return { round: i + 1, eligible: eligible.length, tickets: eligible.reduce((sum, e) => sum + tickets(e), 0), winners, reserves };
  });
};

// ---- 7. winners.csv and result.json

export const winnersCsv = (rounds) => {
  const row = (round, place) => (w, i) =>
    [round.round, place, i + 1, w.at + 1, w.c.handle.toString('hex'), w.ticket, w.number.toString('hex'), w.c.group, w.c.weight, w.c.masked].join(',');
  return ['round,place,rank,position,handle,ticket,number,group,weight,name',
    ...rounds.flatMap((r) => [...r.winners.map(row(r, 'winner')), ...r.reserves.map(row(r, 'reserve'))])].map((line) => `${line}\n`).join('');
};

export const resultOf = (draw, commitment, reveals, seed, rounds, winners) => ({
  spec: SPEC,
  drawId: draw.drawId,
  kind: draw.kind,
  commitment: commitment.toString('hex'),
  seed: seed.toString('hex'),
  reveals: reveals.commits.map((c, index) => ({ index, secret: c.secret })).filter((r) => r.secret !== null),
  beacon: reveals.beacon,
  rounds: rounds.map((r) => ({
    eligible: r.eligible,
    tickets: r.tickets,
    winners: r.winners.length,
    reserves: r.reserves.length,
    lastWinner: r.winners.at(-1)?.number.toString('hex') ?? null,
    lastReserve: r.reserves.at(-1)?.number.toString('hex') ?? null,
  })),
  winners: { rows: rounds.reduce((sum, r) => sum + r.winners.length + r.reserves.length, 0), sha256: sha256(utf8(winners)).toString('hex') },
});

// ---- 8. One candidate's proof

export const ticketOf = (draw, list, index) => ({
  spec: SPEC,
  drawId: draw.drawId,
  id: list[index].id,
  name: list[index].name,
  group: list[index].group,
  weight: list[index].weight,
  salt: list[index].salt.toString('hex'),
  position: index + 1,
  path: pathOf(index, list.map(leafHash)).map((p) => p.toString('hex')),
});

export const party = (drawId, address, secret) => sha256(domain('secret'), hex(drawId), hex(address.slice(2)), hex(secret)).toString('hex');

/** Everything: from the organiser's list, the draw without its list, and the reveals, to the files. */
export const whole = ({ list: bytes, format, secret, draw: planned, reveals }) => {
  const list = publish(readList(bytes, format, planned.rules.groups), hex(secret));
  const draw = { ...planned, list: listCommitment(list) };
  const drawJson = jcs(draw);
  const commitment = sha256(utf8(drawJson));
  const seed = seedOf(commitment, reveals);
  const rounds = drawRounds(draw.rules, list, seed);
  const winners = winnersCsv(rounds);
  return { list, draw, drawJson, winners, result: jcs(resultOf(draw, commitment, reveals, seed, rounds, winners)) };
};

const modes = {
  // One whole draw, and the proof of one candidate.
  draws: (question) => {
    const { file, list, candidate } = question;
    const done = whole({ ...question, list: file ? fs.readFileSync(file) : Buffer.from(list, 'base64') });
    const ticket = jcs(ticketOf(done.draw, done.list, candidate % done.list.length));
    return { public: sha256(utf8(publicCsv(done.list))).toString('hex'), draw: done.drawJson, result: done.result, winners: done.winners, ticket };
  },
  // Whether a list is taken: its candidates, or nothing.
  lists: ({ list, format, groups }) => readList(Buffer.from(list, 'base64'), format, groups),
  nfc: ({ text: t }) => t.normalize('NFC'),
};

if (process.argv[1] === import.meta.filename) {
  const answers = fs.readFileSync(0, 'utf8').split('\n').map((line) => {
    try {
      return JSON.stringify(modes[process.argv[2]](JSON.parse(line)));
    } catch (e) {
      if (e instanceof Refused) return '!';
      throw e;
    }
  });
  process.stdout.write(answers.map((a) => `${a}\n`).join(''));
}
