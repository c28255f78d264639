// Every member of every JSON file changed, dropped, doubled, given another type or another spelling; all that follows from it made anew, so that nothing
// else is wrong.

const clone = (v) => structuredClone(v);

/** All paths of an object: lists by their first entry. */
export function paths(v, at = []) {
  if (Array.isArray(v)) return [at, ...(v.length ? paths(v[0], [...at, 0]) : [])];
  if (v && typeof v === 'object') return [at, ...Object.keys(v).flatMap((k) => paths(v[k], [...at, k]))];
  return [at];
}

const get = (v, path) => path.reduce((x, k) => x[k], v);
export function put(v, path, value) {
  const out = clone(v);
  if (path.length === 0) return value;
  get(out, path.slice(0, -1))[path.at(-1)] = value;
  return out;
}
function drop(v, path) {
  const out = clone(v), holder = get(out, path.slice(0, -1));
  if (Array.isArray(holder)) holder.splice(path.at(-1), 1);
  else delete holder[path.at(-1)];
  return out;
}

const text = (v) => {
  const sort = (x) => (Array.isArray(x) ? x.map(sort) : x && typeof x === 'object' ? Object.fromEntries(Object.keys(x).sort().map((k) => [k, sort(x[k])])) : x);
  return JSON.stringify(sort(v));
};

/** Changed values of the same type. */
function others(v) {
  if (typeof v === 'number') return [v + 1, -v - 1, v + 0.5, 2 ** 53, 0];
  if (typeof v === 'string') {
    return [`${v} `, '', v.toUpperCase() === v ? v.toLowerCase() : v.toUpperCase(), v.replace(/[0-9a-z](?=[^0-9a-z]*$)/i, (c) => (c === '1' ? '2' : '1')),
      'x'.repeat(9000), `${v}\ud800`, `0x${v}`];
  }
  if (Array.isArray(v)) return [[], [...v, ...v], [...v, null], Array.from({ length: 101 }, () => v[0] ?? 1)];
  if (v && typeof v === 'object') return [{}, { ...v, zz: 1 }, { '': 'x', ...v }];
  return ['x', 1];
}

const TYPES = [null, true, 7, 'text', [], {}];
const type = (v) => (v === null ? 'null' : Array.isArray(v) ? 'list' : typeof v);

/** Every change of a value as { what, value }, where value is the new value or bytes that no writer makes. */
export function* changes(v, only = () => true) {
  for (const path of paths(v)) {
    const name = path.join('.') || 'all', now = get(v, path);
    if (!only(path)) continue;
    if (path.length) yield { what: `${name} dropped`, value: drop(v, path) };
    for (const t of TYPES) if (type(t) !== type(now)) yield { what: `${name} as ${type(t)}`, value: put(v, path, t) };
    for (const [i, o] of others(now).entries()) if (text(o) !== text(now)) yield { what: `${name} changed ${i}`, value: put(v, path, o) };
  }
  for (const { what, bytes } of spellings(v)) yield { what, value: bytes };
}

/** Bytes that a lenient reader takes for the same. */
export function* spellings(v) {
  const t = text(v), b = (s) => Buffer.from(s);
  yield { what: 'blank', bytes: b(t.replace(':', ': ')) };
  yield { what: 'newline', bytes: b(`${t}\n`) };
  yield { what: 'byte order mark', bytes: b(`\ufeff${t}`) };
  yield { what: 'escape', bytes: b(t.replace(/"([a-z])/, (_, c) => `"\\u00${c.charCodeAt(0).toString(16)}`)) };
  yield { what: 'unsorted', bytes: b(JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(t)).reverse()))) };
  yield { what: 'doubled', bytes: b(t.replace('{', `{${JSON.stringify(Object.keys(JSON.parse(t))[0])}:1,`)) };
  yield { what: 'doubled last', bytes: b(t.replace(/}$/, `,${t.slice(1)}`)) };
  yield { what: 'cut', bytes: b(t.slice(0, -1)) };
  yield { what: 'empty', bytes: b('') };
  yield { what: 'twice', bytes: b(t + t) };
  yield { what: 'number spelt', bytes: b(t.replace(/:(\d+)([,}])/, ':$1.0$2')) };
  yield { what: 'exponent', bytes: b(t.replace(/:(\d+)([,}])/, ':$1e0$2')) };
  yield { what: 'minus zero', bytes: b(t.replace(/:(\d+)([,}])/, ':-0$2')) };
  yield { what: 'bad utf-8', bytes: Buffer.concat([b(t.slice(0, -2)), Buffer.from([0xff]), b(t.slice(-2))]) };
  yield { what: 'utf-16', bytes: Buffer.from(t, 'utf16le') };
  yield { what: 'deep', bytes: b(t.replace('{', `{"a":${'['.repeat(200)}${']'.repeat(200)},`)) };
}

export function* manifestFields({ mint }) {
  const base = mint.manifestOf({ received: Date.UTC(2026, 10, 29, 3) });
  for (const { what, value } of changes(base)) yield { what, shape: { manifest: () => value } };
}

export function* anchorFields({ mint }) {
  const base = JSON.parse(mint.base().files.get('anchor.json'));
  for (const { what, value } of changes(base)) yield { what, shape: { anchor: () => value } };
}

export function* trustFields({ mint, trust }) {
  const base = JSON.parse(trust);
  for (const { what, value } of changes(base)) {
    const bytes = Buffer.isBuffer(value) ? value : Buffer.from(text(value));
    yield { what: `${what}, in the bundle`, shape: { trust: () => value } };
    yield { what: `${what}, the reader's`, zip: mint.base().zip, trust: bytes };
  }
}

export function* factFields({ mint }) {
  const base = JSON.parse(JSON.stringify(mint.base().facts));
  for (const { what, value } of changes(base, (path) => path[0] !== 'items' || path.length < 4 || path[1] === 0)) {
    yield { what, shape: { facts: () => value } };
  }
}
