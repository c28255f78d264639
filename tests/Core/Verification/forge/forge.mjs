// node forge.mjs --seed N [--kinds a,b]: makes forgeries, judges each, and hands both out as frames (see NodeForge.cs); the letters' pages come from whoever
// started it. Kinds are in kinds/: each gives its cases one after the other.
import { readSync, writeSync } from 'node:fs';
import { Mint, NOW, readScript } from './mint/evidence.mjs';
import { NoRoom } from './mint/letter.mjs';
import { Random } from './mint/random.mjs';
import { verify } from '../../../../functions/Doors/Console/verifier/verify.mjs';
import { parseTrust } from '../../../../functions/Doors/Console/verifier/trust.mjs';
import { Bad } from '../../../../functions/Doors/Console/verifier/json.mjs';
import * as kinds from './kinds/all.mjs';

const option = (name, otherwise) => { const at = process.argv.indexOf(`--${name}`); return at < 0 ? otherwise : process.argv[at + 1]; };
// One in how many is made; of what was found, all.
const seed = option('seed', '1'), oneIn = Number(option('one-in', '1')), only = option('kinds', null)?.split(',');

function put(buffer) { for (let at = 0; at < buffer.length;) at += writeSync(1, buffer, at); }

function frame(json, ...blobs) {
  const text = Buffer.from(JSON.stringify({ ...json, sizes: blobs.map((b) => b.length) })), head = Buffer.alloc(4);
  head.writeUInt32BE(text.length);
  put(Buffer.concat([head, text, ...blobs]));
}

function take(n) {
  const out = Buffer.alloc(n);
  for (let at = 0; at < n;) {
    const got = readSync(0, out, at, n - at);
    if (got === 0) throw new Error('nobody answers');
    at += got;
  }
  return out;
}

function render(facts) {
  frame({ type: 'render' }, facts);
  const pdf = take(take(4).readUInt32BE());
  return pdf.length ? pdf : null;
}

const parsed = new Map();
function reader(trust) {
  const key = trust.toString('latin1');
  if (!parsed.has(key)) {
    try { parsed.set(key, parseTrust(trust)); } catch (e) { if (!(e instanceof Bad)) throw e; parsed.set(key, null); }
  }
  return parsed.get(key);
}

/** By rung: all that did not pass. */
function byRung(verdicts) {
  const rungs = {};
  for (const v of verdicts) {
    rungs[v.rung] ??= new Set();
    if (v.mark !== 'pass') rungs[v.rung].add(`${v.mark} ${v.code}`);
  }
  return Object.fromEntries(Object.entries(rungs).map(([k, set]) => [k, [...set].sort().join(', ')]));
}

/** `loose`: what two verifiers need not agree in (see NodeForge.cs). */
function judge(kind, { zip, trust, loose = 'nothing', now = NOW + 3600_000, lists = [] }) {
  const own = trust ? reader(trust) : null;
  const found = trust && !own ? { outcome: 'trust', verdicts: [] } : verify(zip, { reader: own, now, lists });
  const detail = found.verdicts.filter((v) => v.mark !== 'pass').map((v) =>
    `${v.rung} ${v.subject} ${v.mark} ${v.code}${v.why ? ` (${v.why})` : ''}`).join('; ');
  frame({ type: 'case', kind, now, loose, lists: lists.length, outcome: found.outcome, rungs: byRung(found.verdicts), detail }, zip, ...(trust ? [trust] : []),
    ...lists);
}

const recipe = (version) => readScript(new URL(`../../../../functions/Core/Verification/Bundles/recipe-${version}.sh`, import.meta.url));
const script = recipe(2);
const mint = new Mint(`${seed}/a`, script, render), other = new Mint(`${seed}/b`, script, render);
const first = new Mint(`${seed}/a`, script, render, { old: true }), tried = new Mint(`${seed}/a`, recipe(4), render);
const trust = mint.base().files.get('trust.json');
let count = 0;
for (const [name, kind] of Object.entries(kinds)) {
  if (only && !only.includes(name)) continue;
  const random = new Random(`${seed}/${name}`);
  for (const { what, shape, zip, files, by = mint, ...rest } of kind({ mint, other, first, tried, random, trust })) {
    if (name !== 'found' && count++ % oneIn) continue;
    let made;
    try { made = zip ?? (files ? by.lay(files) : by.make(shape).zip); } catch (e) {
      if (!(e instanceof NoRoom)) throw e; // a letter has 16 KiB for its signature
      continue;
    }
    judge(`${name} ${what}`, { trust, ...rest, zip: made });
  }
}
