// The order of times (docs/evidence-format.md, Verdict ladder, Order). Each time that is known is judged.
const SLACK = 120_000, APART = 7 * 24 * 3600_000;

/** @param t received, checkpoint (list), manifest (list), block, letter, archive: milliseconds, null where not known; now. */
export function judgeOrder({ received, checkpoint, manifest, block, letter, archive, now }) {
  const after = (a, b) => a === null || b === null || a - b <= SLACK; // a ≤ b, within the slack
  const all = [...checkpoint, ...manifest];
  const order = all.every((g) => after(received, g) && after(g, letter)) && checkpoint.every((g) => after(g, block)) && after(block, letter);
  const future = [received, ...all, block, letter, archive].every((x) => after(x, now));
  const near = [...checkpoint, ...(received === null ? [] : [received])];
  return order && future && near.every((a) => near.every((b) => Math.abs(a - b) <= APART));
}
