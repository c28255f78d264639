// SHA-256's constants (FIPS 180-4), and WebAssembly's instructions as bytes, for the kernels that are put together here.

const primes = [];
for (let n = 2; primes.length < 64; n++) if (primes.every(prime => n % prime !== 0)) primes.push(n);
const fraction = root => Math.floor((root % 1) * 2 ** 32) | 0;
/** §4.2.2 and §5.3.3 */
export const constants = primes.map(prime => fraction(Math.cbrt(prime)));
export const initial = primes.slice(0, 8).map(prime => fraction(Math.sqrt(prime)));

// WebAssembly Core 2.0, binary format (§5): numbers, then the instructions that are used.
export const unsigned = n => (n < 128 ? [n] : [(n & 127) | 128, ...unsigned(n >>> 7)]);
export const signed = n => (n >= -64 && n < 64 ? [n & 127] : [(n & 127) | 128, ...signed(n >> 7)]);
export const sized = bytes => [...unsigned(bytes.length), ...bytes];
export const section = (id, ...bytes) => [id, ...sized(bytes)];
export const get = local => [0x20, ...unsigned(local)];
export const set = local => [0x21, ...unsigned(local)];
export const tee = local => [0x22, ...unsigned(local)];
export const number = n => [0x41, ...signed(n)];
export const load = offset => [0x28, 2, ...unsigned(offset)];
export const store = offset => [0x36, 2, ...unsigned(offset)];
export const [add, sub, multiply, and, xor, rotr, lessThan, select] = [[0x6a], [0x6b], [0x6c], [0x71], [0x73], [0x78], [0x48], [0x1b]];
export const vector = (opcode, ...rest) => [0xfd, ...unsigned(opcode), ...rest];
export const vectorLoad = offset => vector(0, 4, ...unsigned(offset));
export const vectorStore = offset => vector(11, 4, ...unsigned(offset));
export const shuffle = lanes => vector(13, ...lanes);
export const [vectorXor, vectorShl, vectorShr, vectorAdd] = [vector(81), vector(171), vector(173), vector(174)];
export const every = n => vector(12, ...[0, 1, 2, 3].flatMap(() => [n & 255, (n >>> 8) & 255, (n >>> 16) & 255, n >>> 24]));
export const words = lanes => shuffle(lanes.flatMap(lane => [0, 1, 2, 3].map(byte => lane * 4 + byte)));
export const bigEndian = shuffle([3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12]);
export const vectorAnd = vector(78);

/** A module of one function with `parameters` numbers: memory `m`, function `f`. `body` begins with its locals. */
export const assembled = (parameters, pages, body) => new Uint8Array([
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
  ...section(1, 1, 0x60, ...unsigned(parameters), ...Array(parameters).fill(0x7f), 0), ...section(3, 1, 0), ...section(5, 1, 0, ...unsigned(pages)),
  ...section(7, 2, 1, 0x6d, 2, 0, 1, 0x66, 0, 0), ...section(10, 1, ...sized(body)),
]);
