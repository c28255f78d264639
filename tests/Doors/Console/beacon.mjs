// The browser's judgement of drand rounds: node beacon.mjs QUICKNET URL. QUICKNET is a file of published rounds, URL a local chain of another key that
// can be told to lie. One line for each: what was asked, mark and code.
import fs from 'node:fs';
import { createHash } from 'node:crypto';
import { bls12_381 as bls } from '../../../functions/Doors/Console/node_modules/@noble/curves/bls12-381.js';
import { judgeRound } from '../../../functions/Doors/Console/browser/draw-beacon.mjs';

const [file, url] = process.argv.slice(2), { info, rounds } = JSON.parse(fs.readFileSync(file, 'utf8'));
const say = (name, judged) => console.log(`${name}: ${judged.join(' ').trim()}`);
const valueOf = signature => createHash('sha256').update(Buffer.from(signature, 'hex')).digest('hex');

const quicknet = { kind: 'drand', chainHash: info.hash, round: rounds[0].round }, { signature, randomness } = rounds[0];
say('published', judgeRound(quicknet, randomness, signature, null));
say('x and y', judgeRound(quicknet, randomness, Buffer.from(bls.G1.Point.fromHex(signature).toBytes(false)).toString('hex'), null));
say('next round', judgeRound({ ...quicknet, round: quicknet.round + 1 }, randomness, signature, null));
say('other value', judgeRound(quicknet, valueOf(signature.replace(/.$/, digit => (digit === '0' ? '1' : '0'))), signature, null));
say('no signature', judgeRound(quicknet, randomness, null, null));

const get = async path => (await fetch(new URL(path, url))).json();
const local = await get('info'), plan = { kind: 'drand', chainHash: local.hash, round: 1 };
const first = await get('public/1');
say('local', judgeRound(plan, first.randomness, first.signature, local));
say('unknown chain', judgeRound(plan, first.randomness, first.signature, null));
say('another key', judgeRound(plan, first.randomness, first.signature, { ...local, public_key: info.public_key }));
for (const lie of ['other-round', 'other-key', 'negated', 'not-a-point', 'infinity', 'small-order', 'beyond-the-prime', 'randomness', 'truncated']) {
  await fetch(new URL('tell', url), { method: 'POST', body: JSON.stringify({ lie }) });
  const told = await get('public/1');
  say(lie, judgeRound(plan, lie === 'randomness' ? told.randomness : valueOf(told.signature), told.signature, local));
}
