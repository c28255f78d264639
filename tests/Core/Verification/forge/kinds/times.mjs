// Wrong orders of times, each around its bound, all digests and statements fitting.
import { NOW } from '../mint/evidence.mjs';

const S = 1000, M = 60 * S, H = 3600 * S, D = 24 * H;

export function* times({ random }) {
  const base = { received: NOW, checkpointTimes: [NOW, NOW], manifestTimes: [NOW, NOW], block: NOW, issued: NOW, stamp: NOW };
  const shift = (s, key, ms) => {
    const [name, at] = key.split('.'), value = s[name];
    return { ...s, [name]: at === undefined ? value + ms : value.map((v, i) => (i === Number(at) ? v + ms : v)) };
  };
  const keys = ['received', 'checkpointTimes.0', 'checkpointTimes.1', 'manifestTimes.0', 'manifestTimes.1', 'block', 'issued', 'stamp'];
  for (const key of keys) {
    for (const ms of [119 * S, 120 * S, 120 * S + 1, 121 * S, 122 * S, H, 6 * D, 8 * D, 300 * D]) {
      for (const sign of [1, -1]) yield { what: `${key} ${sign * ms / S} s`, shape: shift(base, key, sign * ms), now: NOW + 400 * D };
    }
  }
  for (const ms of [-200 * S, -121 * S, -120 * S - 1, -120 * S, -119 * S, 0]) yield { what: `the clock ${ms} ms`, shape: base, now: NOW + ms };
  for (const days of [-1, 6.99, 7, 7.0001, 8]) {
    const at = NOW + days * D, now = NOW + 20 * D;
    yield { what: `beta ${days} days`, shape: { ...base, checkpointTimes: [NOW, at], block: Math.max(at, NOW), issued: Math.max(at, NOW) + S,
      stamp: Math.max(at, NOW) + 2 * S }, now };
    yield { what: `both ${days} days`, shape: { ...base, checkpointTimes: [at, at], block: Math.max(at, NOW), issued: Math.max(at, NOW) + S,
      stamp: Math.max(at, NOW) + 2 * S }, now };
  }
  for (let i = 0; i < 60; i++) {
    let s = base;
    for (let k = 1 + random.below(3); k > 0; k--) s = shift(s, random.pick(keys),
      (random.chance(2) ? 1 : -1) * random.pick([random.below(130), random.below(600), random.below(900_000)]) * S);
    yield { what: `random ${i}`, shape: s, now: NOW + random.pick([H, 30 * D]) };
  }
  for (const manifest of [{ block: 4241 }, { block: 4242 }, { block: 4243 }, { chainId: 1 }, { block: 0 }, { hash: `0x${'00'.repeat(32)}` }]) {
    yield { what: `notBefore ${JSON.stringify(manifest)}`, shape: { manifest: (m) => ({ ...m, notBefore: { ...m.notBefore, ...manifest } }) } };
  }
  yield { what: 'late by a minute', shape: { ...base, stamp: NOW + M } };
}
