// Numbers from a seed: SHA-256 of seed and counter, so that a run can be had again.
import { createHash } from 'node:crypto';

export class Random {
  constructor(seed) { this.seed = String(seed); this.count = 0; this.pool = Buffer.alloc(0); }

  bytes(n) {
    while (this.pool.length < n) this.pool = Buffer.concat([this.pool, createHash('sha256').update(`${this.seed}/${this.count++}`).digest()]);
    const out = Buffer.from(this.pool.subarray(0, n));
    this.pool = this.pool.subarray(n);
    return out;
  }

  /** 0 ≤ x < n, n at most 2^32: the bias is of no matter here. */
  below(n) { return Number(this.bytes(6).readUIntBE(0, 6) % n); }
  pick(list) { return list[this.below(list.length)]; }
  chance(one) { return this.below(one) === 0; }
}
