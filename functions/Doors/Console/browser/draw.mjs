// notary-draw/1 in the browser (docs/draw-format.md): its files, its texts, and what a single candidate computes. The whole draw is in draw-list
// and draw-rounds.
import { sha256 } from '@noble/hashes/sha2.js';

/** What a file or a text must be and is not. */
export class Malformed extends Error {}

export const utf8 = text => new TextEncoder().encode(text);
export const hexOf = bytes => Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
export const bytesOf = hex => Uint8Array.from(hex.match(/../g) ?? [], pair => parseInt(pair, 16));
export const u32 = n => new Uint8Array([n >>> 24, n >>> 16, n >>> 8, n]);
export const domain = what => utf8(`notary-draw/1 ${what}\0`);

export function joined(...parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => { all.set(part, at); return at + part.length; }, 0);
  return all;
}

export const digest = (...parts) => sha256(joined(...parts));

function order(a, b) {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}

// ---- Files: canonical JSON (RFC 8785) of exactly these members

/** Of what these files hold: strings, whole numbers, booleans, null. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  return `{${Object.keys(value).sort().map(key => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
}

const hex = digits => value => typeof value === 'string' && value.length === digits && /^[0-9a-f]*$/.test(value);
const hash = hex(64), number = hex(32);
const whole = (least = 0, most = Number.MAX_SAFE_INTEGER) => value => Number.isSafeInteger(value) && value >= least && value <= most;
const exactly = (...values) => value => values.includes(value);
const text = value => typeof value === 'string';
const either = (...shapes) => value => shapes.some(shape => shape(value));
const optional = shape => value => value === null || shape(value);
const list = (of, least, most) => value => Array.isArray(value) && value.length >= least && value.length <= most && value.every(one => of(one));
const object = shape => value => value !== null && typeof value === 'object' && !Array.isArray(value)
  && Object.keys(value).length === Object.keys(shape).length && Object.keys(shape).every(key => Object.hasOwn(value, key) && shape[key](value[key]));

const most = { candidates: 50_000_000, groups: 1000, rounds: 100, parties: 64 };
const address = value => text(value) && value.startsWith('0x') && hex(40)(value.slice(2));
const kind = exactly('draw', 'rehearsal'), spec = exactly('notary-draw/1');
const beacon = object({ kind: exactly('drand', 'block'), value: hash });
const counted = whole(0, most.candidates);
const shapes = {
  'draw.json': object({
    beacon: either(object({ chainHash: hash, kind: exactly('drand'), round: whole() }),
      object({ chainId: whole(), confirmations: whole(), deadlineBlock: whole(), kind: exactly('block') })),
    chainId: whole(), drawId: hash, kind, list: object({ candidates: whole(1, most.candidates), root: hash, tickets: whole(1) }),
    registry: address, revealDeadline: whole(), rules: object({
      groups: list(text, 0, most.groups),
      rounds: list(object({ quota: whole(1, most.candidates), reserves: counted, groups: list(text, 0, most.groups),
        earlierWinners: exactly(true, false), weights: exactly(true, false) }), 1, most.rounds),
    }), spec, specDigest: hash,
  }),
  'reveals.json': object({ beacon, commits: list(object({ commitment: hash, party: address, secret: optional(hash) }), 0, most.parties) }),
  'result.json': object({
    beacon, commitment: hash, drawId: hash, kind, reveals: list(object({ index: whole(0, most.parties - 1), secret: hash }), 0, most.parties),
    rounds: list(object({ eligible: counted, lastReserve: optional(number), lastWinner: optional(number), reserves: counted, tickets: whole(),
      winners: counted }), 1, most.rounds), seed: hash, spec, winners: object({ rows: whole(), sha256: hash }),
  }),
};

/** Reads a file, or throws. */
export function read(name, bytes) {
  let value, spelled;
  try {
    spelled = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(spelled);
  } catch {
    throw new Malformed(name);
  }
  if (!shapes[name](value) || canonical(value) !== spelled || (name === 'draw.json' && !lawful(value.rules))) throw new Malformed(name);
  return value;
}

/** §3 */
function lawful({ groups, rounds }) {
  const ordered = names => names.every((name, i) => i === 0 || order(utf8(names[i - 1]), utf8(name)) < 0);
  return ordered(groups) && groups.every(group => group !== '' && normal('group', group) === group)
    && rounds.every(round => ordered(round.groups) && round.groups.every(group => groups.includes(group)));
}

// ---- Texts (§1)

const blank = '\\u0009\\u0020\\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000';
const beyond = Array.from({ length: 16 }, (_, i) => `\\u{${i + 1}fffe}\\u{${i + 1}ffff}`.replace(/\d+/g, n => Number(n).toString(16))).join('');
const common = '\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufdd0-\\ufdef\\ufeff'
  + `\\ufff9-\\uffff\\u{e0000}-\\u{e007f}${beyond}`;
const ends = new RegExp(`^[${blank}]+|[${blank}]+$`, 'gu');
const fields = {
  id: [1, 64, new RegExp(`[${common}${blank}\\u200c\\u200d\\uff00-\\uffef]`, 'u')],
  name: [0, 200, new RegExp(`[${common}]`, 'u')],
  group: [0, 32, new RegExp(`[${common}",]`, 'u')],
};

/** The text as the list has it, or null when no list has such a one. */
export function normal(field, typed) {
  const [least, longest, refused] = fields[field];
  if (!typed.isWellFormed()) return null;
  const found = typed.normalize('NFC').replace(ends, ''), length = utf8(found).length;
  return refused.test(found) || length < least || length > longest ? null : found;
}

/** §2 */
export function masked(name) {
  const [first, ...rest] = name;
  if (first === undefined) return '';
  const hidden = rest.length === 0 || (first < '\u0080' && !/[A-Za-z0-9]/.test(first));
  return (hidden ? '*' : first) + '*'.repeat(Math.min(rest.length, 3));
}

const sized = bytes => joined(new Uint8Array([bytes.length]), bytes);

/** A candidate's name in public, from his salt and his normal id and name. */
export const handleOf = (salt, id, name) => hexOf(digest(domain('candidate'), bytesOf(salt), sized(utf8(id)), sized(utf8(name))));

/** Whether the path leads from a candidate to the list's root (RFC 6962, 2.1.1). */
export function isIn({ root, candidates }, { handle, weight, group, name, position, path }) {
  let [at, last] = [position - 1, candidates - 1];
  if (!whole(1, candidates)(position) || !path.every(hash)) return false;
  let node = digest([0], bytesOf(handle), [weight], sized(utf8(group)), sized(utf8(name)));
  for (const step of path.map(bytesOf)) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      node = digest([1], step, node);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else {
      node = digest([1], node, step);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 && hexOf(node) === root;
}

// ---- Seed and numbers (§4, §5)

export const commitmentOf = (drawId, { party, secret }) => hexOf(digest(domain('secret'), bytesOf(drawId), bytesOf(party.slice(2)), bytesOf(secret)));

export const revealsOf = commits => commits.flatMap(({ secret }, index) => (secret === null ? [] : [{ index, secret }]));

export function seedOf(commitment, reveals) {
  const revealed = revealsOf(reveals.commits);
  return hexOf(digest(domain('seed'), bytesOf(commitment), u32(revealed.length), ...revealed.flatMap(r => [u32(r.index), bytesOf(r.secret)]),
    [{ drand: 1, block: 2 }[reveals.beacon.kind]], bytesOf(reveals.beacon.value)));
}

/** The block of SHA-256 that stands before each ticket of a round. */
export const prefixOf = (seed, round) => joined(utf8('notary-draw/1 ticket'), new Uint8Array(12), digest(domain('round'), bytesOf(seed), u32(round)));

/** All of a candidate's numbers in a round, by plain means. */
export function numbersOf(seed, round, handle, tickets) {
  const prefix = prefixOf(seed, round), own = bytesOf(handle);
  return Array.from({ length: tickets }, (_, i) => hexOf(digest(prefix, own, [i + 1]).subarray(0, 16)));
}

/** A candidate's way through the rounds (§8). */
export function fatesOf({ rules }, { seed, rounds }, { handle, group, weight }) {
  let won = false;
  return rules.rounds.map((rule, i) => {
    if (rule.groups.length > 0 && !rule.groups.includes(group)) return { fate: 'other-group' };
    if (won && !rule.earlierWinners) return { fate: 'won-before' };
    const numbers = numbersOf(seed, i + 1, handle, rule.weights ? weight : 1), smallest = [...numbers].sort()[0];
    const { lastWinner, lastReserve } = rounds[i];
    const fate = lastWinner !== null && smallest <= lastWinner ? 'won' : lastReserve !== null && smallest <= lastReserve ? 'reserve' : 'lost';
    won ||= fate === 'won';
    return { fate, number: smallest, ticket: numbers.indexOf(smallest) + 1, numbers };
  });
}
