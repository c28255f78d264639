// RSA signatures (RFC 8017): RSASSA-PKCS1-v1_5 (section 8.2.2) and RSASSA-PSS (section 8.1.2), verification alone.
import { Bytes } from './bytes.mjs';
import { digest } from './hash.mjs';

// DigestInfo up to the digest (RFC 8017 section 9.2, note 1).
const PREFIX = {
  sha256: '3031300d060960864801650304020105000420', sha384: '3041300d060960864801650304020205000430', sha512: '3051300d060960864801650304020305000440',
};
const MAX_BITS = 16_384, MAX_EXPONENT_BITS = 64; // more is meant to keep a verifier busy

export const bitLength = (n) => n.toString(2).length;
const number = (b) => (b.length ? BigInt(`0x${b.toString('hex')}`) : 0n);

function power(base, exponent, modulus) {
  let out = 1n;
  for (let b = base % modulus, e = exponent; e; e >>= 1n, b = (b * b) % modulus) if (e & 1n) out = (out * b) % modulus;
  return out;
}

/** The encoded message that a signature opens to, as long as the modulus; null when it is none of this key. */
function opened({ n, e }, signature) {
  const bits = bitLength(n), k = (bits + 7) >> 3;
  if (!(n & 1n) || !(e & 1n) || e < 3n || e >= n || bits > MAX_BITS || bitLength(e) > MAX_EXPONENT_BITS || signature.length !== k) return null;
  const s = number(signature);
  return s < n ? Bytes.from(power(s, e, n).toString(16).padStart(k * 2, '0'), 'hex') : null;
}

export function verifyPkcs1(key, hash, data, signature) {
  const message = opened(key, signature), info = Bytes.from(PREFIX[hash] + digest(hash, data).toString('hex'), 'hex');
  if (!message || message.length < info.length + 11) return false;
  return message.equals(Bytes.concat([[0, 1], Bytes.alloc(message.length - info.length - 3, 0xff), [0], info]));
}

/** The mask by the same hash, the salt as long as the hash. */
export function verifyPss(key, hash, data, signature) {
  const whole = opened(key, signature), digested = digest(hash, data), h = digested.length, bits = bitLength(key.n) - 1;
  if (!whole) return false;
  // Of a modulus of 8k + 1 bits the encoded message is a byte shorter (section 8.1.2, step 2c).
  const length = (bits + 7) >> 3, message = whole.subarray(whole.length - length), unused = 8 * length - bits;
  if (whole.length !== length && whole[0] !== 0) return false;
  if (length < 2 * h + 2 || message[length - 1] !== 0xbc || message[0] >> (8 - unused)) return false;
  const masked = message.subarray(0, length - h - 1), seed = message.subarray(length - h - 1, length - 1), mask = [];
  for (let i = 0, made = 0; made < masked.length; i++, made += h) mask.push(digest(hash, Bytes.concat([seed, [0, 0, i >> 8, i & 255]])));
  const db = Bytes.concat(mask).subarray(0, masked.length).map((b, i) => b ^ masked[i]);
  db[0] &= 0xff >> unused;
  const padding = db.length - h - 1;
  if (db.subarray(0, padding).some((b) => b !== 0) || db[padding] !== 1) return false;
  return digest(hash, Bytes.concat([Bytes.alloc(8), digested, db.subarray(padding + 1)])).equals(seed);
}
