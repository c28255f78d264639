// Digests.
import { sha256 as sha256Of, sha384, sha512 } from '@noble/hashes/sha2.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { Bytes } from './bytes.mjs';

const BY_NAME = { sha1, sha256: sha256Of, sha384, sha512 };

/** By name: sha256, sha384, sha512, and sha1 for the certificate identifiers of RFC 2634. */
export const digest = (name, bytes) => Bytes.over(BY_NAME[name](bytes));
export const sha256 = (bytes) => digest('sha256', bytes);

/** As Ethereum uses it: padding 0x01, not SHA-3's 0x06. */
export const keccak256 = (bytes) => Bytes.over(keccak_256(bytes));
