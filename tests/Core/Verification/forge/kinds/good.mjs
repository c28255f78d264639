// What must not be called a fault.
import { NOW } from '../mint/evidence.mjs';

export function* good({ mint, other, trust }) {
  yield { what: 'as it is', shape: {} };
  yield { what: 'own trust', shape: {}, trust: null };
  yield { what: 'with originals', shape: { members: (f) => f.set('original/0', mint.original) } };
  yield { what: 'notBefore null', shape: { manifest: (m) => ({ ...m, notBefore: null }) } };
  for (const previous of ['ab'.repeat(32)]) yield { what: 'previous', shape: { manifest: (m) => ({ ...m, previous }) } };
  for (const type of [0, 1, 2]) yield { what: `transaction type ${type}`, shape: { chain: { type } } };
  for (const [others, index] of [[0, 0], [1, 0], [1, 1], [20, 7], [200, 130], [300, 128], [300, 0]]) {
    yield { what: `transaction ${index} of ${others + 1}`, shape: { chain: { others, index } } };
  }
  for (const logsBefore of [1, 2, 7]) yield { what: `${logsBefore} logs before`, shape: { chain: { logsBefore } } };
  for (const [index, size] of [[0, 1], [0, 2], [1, 2], [6, 7], [255, 256], [256, 257], [511, 512]]) yield { what: `entry ${index} of ${size}`,
    shape: { index, size } };
  for (const days of [1, 6]) {
    const at = NOW + days * 86_400_000;
    yield { what: `${days} days late`, shape: { checkpointTimes: [NOW, at], block: at + 1000, issued: at + 3000, stamp: at + 4000 }, now: at + 10_000 };
  }
  yield { what: 'stranger', zip: other.base().zip, trust };
}
