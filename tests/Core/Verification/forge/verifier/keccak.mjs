// Keccak-256 as Ethereum uses it (padding 0x01, not SHA-3's 0x06), on 32-bit halves. FIPS 202 sections 3.2 to 3.4.

const [RC, ROT, PI] = tables();

function tables() {
  const rc = [];
  let lfsr = 1;
  for (let round = 0; round < 24; round++) {
    const c = [0, 0];
    for (let j = 0; j < 7; j++) {
      if (lfsr & 1) {
        const bit = (1 << j) - 1;
        c[bit < 32 ? 0 : 1] |= 1 << (bit & 31);
      }
      lfsr = lfsr & 0x80 ? ((lfsr << 1) ^ 0x171) & 0xff : lfsr << 1;
    }
    rc.push(c);
  }
  const rot = new Array(25).fill(0), pi = [];
  for (let x = 1, y = 0, t = 0; t < 24; t++) {
    rot[x + 5 * y] = (((t + 1) * (t + 2)) / 2) % 64;
    [x, y] = [y, (2 * x + 3 * y) % 5];
  }
  for (let x = 0; x < 5; x++) for (let y = 0; y < 5; y++) pi[x + 5 * y] = y + 5 * ((2 * x + 3 * y) % 5);
  return [rc, rot, pi];
}

function permute(s) {
  const b = new Int32Array(50), c = new Int32Array(10);
  for (let round = 0; round < 24; round++) {
    for (let x = 0; x < 10; x++) c[x] = s[x] ^ s[x + 10] ^ s[x + 20] ^ s[x + 30] ^ s[x + 40];
    for (let x = 0; x < 5; x++) {
      const l = ((x + 4) % 5) * 2, r = ((x + 1) % 5) * 2;
      const lo = c[l] ^ ((c[r] << 1) | (c[r + 1] >>> 31)), hi = c[l + 1] ^ ((c[r + 1] << 1) | (c[r] >>> 31));
      for (let y = 0; y < 50; y += 10) { s[x * 2 + y] ^= lo; s[x * 2 + 1 + y] ^= hi; }
    }
    for (let i = 0; i < 25; i++) {
      const n = ROT[i], to = PI[i] * 2;
      let lo = s[i * 2], hi = s[i * 2 + 1];
      if (n >= 32) [lo, hi] = [hi, lo];
      const m = n % 32;
      b[to] = m ? (lo << m) | (hi >>> (32 - m)) : lo;
      b[to + 1] = m ? (hi << m) | (lo >>> (32 - m)) : hi;
    }
    for (let y = 0; y < 50; y += 10) {
      for (let x = 0; x < 10; x++) s[y + x] = b[y + x] ^ (~b[y + ((x + 2) % 10)] & b[y + ((x + 4) % 10)]);
    }
    s[0] ^= RC[round][0];
    s[1] ^= RC[round][1];
  }
}

export function keccak256(data) {
  const rate = 136, s = new Int32Array(50);
  const padded = Buffer.alloc((Math.floor(data.length / rate) + 1) * rate);
  Buffer.from(data).copy(padded);
  padded[data.length] ^= 0x01;
  padded[padded.length - 1] ^= 0x80;
  for (let at = 0; at < padded.length; at += rate) {
    for (let i = 0; i < rate / 4; i++) s[i] ^= padded.readInt32LE(at + i * 4);
    permute(s);
  }
  const out = Buffer.alloc(32);
  for (let i = 0; i < 8; i++) out.writeInt32LE(s[i], i * 4);
  return out;
}
