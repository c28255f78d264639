// Short Weierstrass curves in BigInt: deterministic signatures for the mint.
import { createHmac } from 'node:crypto';

const h = (s) => BigInt('0x' + s);
const mod = (a, m) => { const r = a % m; return r < 0n ? r + m : r; };

export function inverse(a, m) {
  let [r0, r1, s0, s1] = [m, mod(a, m), 0n, 1n];
  while (r1) { const q = r0 / r1; [r0, r1, s0, s1] = [r1, r0 - q * r1, s1, s0 - q * s1]; }
  return mod(s0, m);
}

class Curve {
  constructor(p, a, b, n, x, y) { Object.assign(this, { p, a, b, n, g: [x, y] }); }

  // Jacobian: [X, Y, Z], with Z = 0 for infinity.
  double([X, Y, Z]) {
    const { p, a } = this;
    if (!Z || !Y) return [1n, 1n, 0n];
    const yy = (Y * Y) % p, s = (4n * X * yy) % p, zz = (Z * Z) % p, m = (3n * X * X + a * zz * zz) % p;
    const x = mod(m * m - 2n * s, p);
    return [x, mod(m * (s - x) - 8n * yy * yy, p), (2n * Y * Z) % p];
  }

  add(P, Q) {
    const { p } = this;
    if (!P[2]) return Q;
    if (!Q[2]) return P;
    const pz = (P[2] * P[2]) % p, qz = (Q[2] * Q[2]) % p;
    const u1 = (P[0] * qz) % p, u2 = (Q[0] * pz) % p, s1 = (((P[1] * qz) % p) * Q[2]) % p, s2 = (((Q[1] * pz) % p) * P[2]) % p;
    if (u1 === u2) return s1 === s2 ? this.double(P) : [1n, 1n, 0n];
    const d = mod(u2 - u1, p), r = mod(s2 - s1, p), dd = (d * d) % p, ddd = (dd * d) % p, v = (u1 * dd) % p;
    const x = mod(r * r - ddd - 2n * v, p);
    return [x, mod(r * (v - x) - s1 * ddd, p), (((P[2] * Q[2]) % p) * d) % p];
  }

  /** A multiple of the base point, by a table of its multiples, four bits at a time. */
  base(k) {
    if (!this.table) {
      this.table = [];
      for (let row = 0, p = [...this.g, 1n]; row < 64; row++) {
        const line = [[1n, 1n, 0n]];
        for (let i = 1; i < 16; i++) line.push(this.add(line[i - 1], p));
        this.table.push(line);
        p = this.add(line[15], p);
      }
    }
    let r = [1n, 1n, 0n];
    for (let row = 0; k; row++, k >>= 4n) r = this.add(r, this.table[row][Number(k & 15n)]);
    return r;
  }

  affine([X, Y, Z]) {
    if (!Z) return null;
    const i = inverse(Z, this.p), ii = (i * i) % this.p;
    return [(X * ii) % this.p, (((Y * ii) % this.p) * i) % this.p];
  }

  publicKey(d) { return this.affine(this.base(d)); }

  /** RFC 6979 with SHA-256: equal input, equal signature. */
  sign(digest, d, low = false) {
    const { n } = this, b32 = (v) => Buffer.from(v.toString(16).padStart(64, '0'), 'hex');
    const e = h(digest.toString('hex')), x = b32(d), z = b32(mod(e, n));
    const mac = (k, ...parts) => createHmac('sha256', k).update(Buffer.concat(parts)).digest();
    let K = Buffer.alloc(32), V = Buffer.alloc(32, 1);
    for (const byte of [0, 1]) { K = mac(K, V, Buffer.from([byte]), x, z); V = mac(K, V); }
    for (;;) {
      V = mac(K, V);
      const k = h(V.toString('hex'));
      if (k > 0n && k < n) {
        const R = this.affine(this.base(k)), r = R[0] % n;
        let s = (inverse(k, n) * (e + r * d)) % n, parity = Number(R[1] & 1n);
        if (low && s > n / 2n) { s = n - s; parity ^= 1; }
        if (r && s) return { r, s, parity };
      }
      K = mac(K, V, Buffer.from([0]));
      V = mac(K, V);
    }
  }
}

export const secp256k1 = new Curve(
  h('fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f'), 0n, 7n,
  h('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141'),
  h('79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798'),
  h('483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8'));

export const p256 = new Curve(
  h('ffffffff00000001000000000000000000000000ffffffffffffffffffffffff'),
  h('ffffffff00000001000000000000000000000000fffffffffffffffffffffffc'),
  h('5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b'),
  h('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'),
  h('6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296'),
  h('4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5'));
