// Keys from the seed: the same seed gives the same authorities, log, office and chain account.
import { checkPrimeSync, createPrivateKey, createPublicKey, sign as nodeSign } from 'node:crypto';
import { createHash } from 'node:crypto';
import { inverse, p256, secp256k1 } from './curve.mjs';
import { keccak256 } from './shared.mjs';
import { integer, oidOf, seq, nil } from './asn1.mjs';

const big = (b) => BigInt('0x' + b.toString('hex'));
const b32 = (v) => Buffer.from(v.toString(16).padStart(64, '0'), 'hex');

export class EcKey {
  constructor(random) {
    this.d = big(random.bytes(32)) % (p256.n - 1n) + 1n;
    const [x, y] = p256.publicKey(this.d).map(b32);
    this.spki = Buffer.concat([Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex'), Buffer.from([4]), x, y]);
    this.algorithm = seq(oidOf('1.2.840.10045.4.3.2'));
  }

  /** DER of (r, s) over SHA-256. */
  sign(data, { high = false } = {}) {
    const { r, s } = p256.sign(createHash('sha256').update(data).digest(), this.d);
    return seq(integer(r), integer(high ? p256.n - s : s));
  }
}

export class RsaKey {
  constructor(random, size = 2048) {
    const prime = () => {
      const b = random.bytes(size / 16);
      b[0] |= 0xc0;
      let p = big(b) | 1n;
      while (p % 65537n === 1n || !checkPrimeSync(p)) p += 2n;
      return p;
    };
    const [p, q] = [prime(), prime()], n = p * q, d = inverse(65537n, (p - 1n) * (q - 1n));
    const u = (v) => { const h = v.toString(16); return Buffer.from(h.length % 2 ? '0' + h : h, 'hex').toString('base64url'); };
    this.key = createPrivateKey({ format: 'jwk', key: { kty: 'RSA', n: u(n), e: 'AQAB', d: u(d), p: u(p), q: u(q), dp: u(d % (p - 1n)), dq: u(d % (q - 1n)),
      qi: u(inverse(q, p)) } });
    this.spki = createPublicKey(this.key).export({ format: 'der', type: 'spki' });
    this.algorithm = seq(oidOf('1.2.840.113549.1.1.11'), nil);
  }

  sign(data) { return nodeSign('sha256', data, this.key); }
}

/** An account of the chain. */
export class Account {
  constructor(random) {
    this.d = big(random.bytes(32)) % (secp256k1.n - 1n) + 1n;
    this.address = keccak256(Buffer.concat(secp256k1.publicKey(this.d).map(b32))).subarray(12);
  }

  sign(hash, high = false) {
    const { r, s, parity } = secp256k1.sign(hash, this.d, true);
    return high ? { r, s: secp256k1.n - s, parity: parity ^ 1 } : { r, s, parity };
  }
}
